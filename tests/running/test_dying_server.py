"""A mail server that dies in the middle of a letter, or is away for an hour: no letter is lost, none is sent twice for nothing."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.config import Settings
from directory.mail import ATTEMPTS_MAX, LEASE, LetterState, OutboxLetter
from tests.running.test_delivery import Postbox, deliver, free_port, put, running, state

DAY = timedelta(days=1)
STEP = timedelta(seconds=30)
HOUR = timedelta(hours=1)


class FrailServer:
    """Speaks SMTP and hangs up for good at one place of each of its first conversations. deaths: those places."""

    def __init__(self, *deaths: str) -> None:
        self.deaths = list(deaths)
        self.arrived: list[str] = []
        self.acknowledged: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])

    def serve(self) -> None:
        """Take one conversation after another, until the listener is shut."""
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines, self.deaths.pop(0) if self.deaths else "")

    def _talk(self, connection: socket.socket, lines: Iterator[bytes], death: str) -> None:
        if death == "before the greeting":
            return
        connection.sendall(b"220 frail.example\r\n")
        for line in lines:
            word = line.split()[0].upper()
            if word == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            if word != b"DATA":
                connection.sendall(b"250 OK\r\n")
                continue
            connection.sendall(b"354 go on\r\n")
            if death == "in the middle of the letter":
                next(lines)
                return
            whole = b"".join(iter(lambda: next(lines), b".\r\n"))
            name = str(message_from_bytes(whole)["Message-ID"])
            self.arrived.append(name)
            if death == "before its answer":
                return
            self.acknowledged.append(name)
            connection.sendall(b"250 OK\r\n")
            if death == "after its answer":
                return


@contextmanager
def frail(*deaths: str) -> Iterator[FrailServer]:
    server = FrailServer(*deaths)
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()


@pytest.mark.parametrize(
    ("death", "attempts", "arrivals"),
    [
        ("before the greeting", 2, 1),
        ("in the middle of the letter", 2, 1),
        ("before its answer", 2, 2),
        ("after its answer", 1, 1),
    ],
)
def test_server_that_dies_gets_the_letter_again_unless_it_had_said_yes(
    session: Session, settings: Settings, now: datetime, death: str, attempts: int, arrivals: int
) -> None:
    row = put(session, now)

    with frail(death) as server:
        for days in range(3):
            deliver(session, server.port, settings, now + days * DAY)

    name = f"<{row.public_id}@127.0.0.1>"
    assert state(session) == [("sent", attempts)]
    assert (server.arrived, server.acknowledged) == ([name] * arrivals, [name])


def test_server_that_dies_at_one_letter_gets_the_others_once(session: Session, settings: Settings, now: datetime) -> None:
    rows = [put(session, now, to=f"ana{number}@firma.example") for number in range(4)]

    with frail("after its answer", "before its answer", "in the middle of the letter") as server:
        for days in range(3):
            deliver(session, server.port, settings, now + days * DAY)

    names = [f"<{row.public_id}@127.0.0.1>" for row in rows]
    assert [one for one, _attempts in state(session)] == ["sent"] * 4
    assert sorted(server.acknowledged) == sorted(names)
    assert {name: server.arrived.count(name) for name in names} == dict(zip(names, [1, 2, 1, 1], strict=True))


def test_hour_without_a_server_loses_no_letter_and_doubles_none(session: Session, settings: Settings, now: datetime) -> None:
    port, postbox, at = free_port(), Postbox(), now
    rows = []

    while at < now + HOUR:
        if len(rows) < 5:
            rows.append(put(session, at, to=f"ana{len(rows)}@firma.example"))
        deliver(session, port, settings, at)
        at += STEP
    down = state(session)
    with running(postbox, port):
        while at < now + 3 * HOUR:
            deliver(session, port, settings, at)
            at += STEP

    assert {one for one, _attempts in down} == {"queued"}
    assert max(attempts for _one, attempts in down) < ATTEMPTS_MAX
    assert [one for one, _attempts in state(session)] == ["sent"] * 5
    assert sorted(str(message["To"]) for message in postbox.kept) == [row.recipient for row in rows]


def test_letter_whose_sender_died_after_the_answer_goes_again_under_its_name(
    session: Session, settings: Settings, now: datetime
) -> None:
    row = put(session, now)

    with frail() as server:
        deliver(session, server.port, settings, now)
        again = session.scalars(select(OutboxLetter)).one()
        again.state, again.sent_at, again.next_attempt_at = LetterState.SENDING, None, now + LEASE  # as if it was not noted
        session.commit()
        early = deliver(session, server.port, settings, now + LEASE - STEP)
        deliver(session, server.port, settings, now + LEASE)

    assert early.sent == 0
    assert server.acknowledged == [f"<{row.public_id}@127.0.0.1>"] * 2
    assert state(session) == [("sent", 2)]
