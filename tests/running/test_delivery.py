"""The outbox, from the row to a real SMTP server or a file."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from flask import Flask
from sqlalchemy.orm import Session

from directory.config import Settings
from directory.db import db
from directory.mail import (
    LEASE,
    Delivered,
    FolderTransport,
    Letter,
    LetterState,
    OutboxLetter,
    SmtpTransport,
    claim_due,
    deliver_due,
    make_transport,
    queue,
)


class Postbox:
    """Keeps what arrives; `answers` are given first, one a letter."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.kept: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.answers:
            return self.answers.pop(0)
        self.kept.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@contextmanager
def running(postbox: Postbox, port: int = 0) -> Iterator[int]:
    controller = Controller(postbox, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def put(session: Session, now: datetime, *, to: str = "ana@firma.example", subject: str = "Примљено") -> OutboxLetter:
    row = queue(session, Letter("application_received", "sr-Cyrl", subject, "Хвала.\n"), to=to, now=now)
    session.commit()
    return row


def state(session: Session) -> list[tuple[str, int]]:
    session.rollback()
    return [(row.state, row.attempts) for row in session.scalars(sa.select(OutboxLetter).order_by(OutboxLetter.id))]


def deliver(session: Session, port: int, settings: Settings, now: datetime) -> Delivered:
    return deliver_due(session, SmtpTransport(f"smtp://127.0.0.1:{port}"), settings=settings, clock=lambda: now)


def test_letter_goes_out_over_smtp(session: Session, settings: Settings, now: datetime) -> None:
    row = put(session, now)
    postbox = Postbox()

    with running(postbox) as port:
        done = deliver(session, port, settings, now)
        again = deliver(session, port, settings, now + timedelta(days=1))

    (letter,) = postbox.kept
    assert (done, again) == (Delivered(sent=1), Delivered())
    assert (letter["To"], letter["From"], letter["Subject"], letter.get_content().strip()) == (
        "ana@firma.example",
        "directory@initiative.example",
        "Примљено",
        "Хвала.",
    )
    assert (letter["Message-ID"], letter["Content-Language"]) == (f"<{row.public_id}@127.0.0.1>", "sr-Cyrl")
    assert (state(session), row.sent_at) == ([("sent", 1)], now)


def test_address_with_a_domain_in_another_script_is_one_that_servers_know(
    session: Session, settings: Settings, now: datetime
) -> None:
    put(session, now, to="ana@привреда.срб")
    postbox = Postbox()

    with running(postbox) as port:
        done = deliver(session, port, settings, now)

    assert done == Delivered(sent=1)
    assert [letter["To"] for letter in postbox.kept] == ["ana@xn--80adgdn5bhc.xn--90a3ac"]


def test_server_down_then_up_delivers_once(session: Session, settings: Settings, now: datetime) -> None:
    row = put(session, now)
    port, postbox = free_port(), Postbox()

    down = deliver(session, port, settings, now)
    error, due = row.error, row.next_attempt_at
    with running(postbox, port):
        early = deliver(session, port, settings, now + timedelta(seconds=29))
        later = deliver(session, port, settings, now + timedelta(seconds=30))
        after = deliver(session, port, settings, now + timedelta(days=1))

    assert [down, early, later, after] == [Delivered(failed=1), Delivered(), Delivered(sent=1), Delivered()]
    assert ("ConnectionRefusedError" in error, due) == (True, now + timedelta(seconds=30))
    assert (len(postbox.kept), state(session)) == (1, [("sent", 2)])


def test_refused_letter_stops_no_other(session: Session, settings: Settings, now: datetime) -> None:
    put(session, now, to="full@firma.example")
    put(session, now, to="good@firma.example")
    postbox = Postbox("452 mailbox full")

    with running(postbox) as port:
        done = deliver(session, port, settings, now)

    assert (done, [letter["To"] for letter in postbox.kept]) == (Delivered(sent=1, failed=1), ["good@firma.example"])
    assert state(session) == [("queued", 1), ("sent", 1)]


def test_server_that_hangs_up_after_taking_the_letter_gets_it_once(session: Session, settings: Settings, now: datetime) -> None:
    put(session, now)

    class Rude(Postbox):
        async def handle_QUIT(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
            return "421 gone"

    postbox = Rude()
    with running(postbox) as port:
        done = [deliver(session, port, settings, now + timedelta(days=n)) for n in range(2)]

    assert (done, len(postbox.kept)) == ([Delivered(sent=1), Delivered()], 1)


def test_waits_grow_and_end(session: Session, settings: Settings, now: datetime) -> None:
    row = put(session, now)
    port, waits = free_port(), []

    while row.state != LetterState.FAILED:
        at = row.next_attempt_at
        deliver(session, port, settings, at)
        session.rollback()
        waits.append(int((row.next_attempt_at - at).total_seconds()))

    assert waits[:-1] == [30, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200, 7200]
    assert deliver(session, port, settings, now + timedelta(days=30)) == Delivered()


def test_letter_whose_sender_died_is_due_after_its_lease(session: Session, settings: Settings, now: datetime) -> None:
    put(session, now)
    claim_due(session, now=now)
    session.commit()
    postbox = Postbox()

    with running(postbox) as port:
        early = deliver(session, port, settings, now + LEASE - timedelta(seconds=1))
        later = deliver(session, port, settings, now + LEASE)

    assert (early, later, len(postbox.kept)) == (Delivered(), Delivered(sent=1), 1)


def test_letter_is_claimed_while_it_is_sent(session: Session, settings: Settings, now: datetime, app: Flask) -> None:
    put(session, now)
    found = []

    class Looking(FolderTransport):
        def send(self, message: EmailMessage, *, name: str) -> None:
            with app.app_context():
                found.append(state(db.session()))
                found.append(deliver_due(db.session(), self, settings=settings, clock=lambda: now))
            super().send(message, name=name)

    done = deliver_due(session, Looking(settings.mail_folder), settings=settings, clock=lambda: now)

    assert (done, found) == (Delivered(sent=1), [[("sending", 1)], Delivered()])


def test_letter_that_cannot_be_made_stops_no_other(session: Session, settings: Settings, now: datetime) -> None:
    bad = put(session, now)
    bad.subject = "two\nlines"
    session.commit()
    put(session, now)

    done = deliver_due(session, FolderTransport(settings.mail_folder), settings=settings, clock=lambda: now)

    assert (done, state(session)) == (Delivered(sent=1, failed=1), [("failed", 1), ("sent", 1)])


class Choosy(Postbox):
    """Refuses a recipient with the reply that its address begins with, such as 550_5.7.1."""

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address[:3].isdigit():
            return f"{address.partition('-')[0].replace('_', ' ')} not taken"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_an_address_that_the_server_refuses_for_good_is_not_tried_again(
    session: Session, settings: Settings, now: datetime
) -> None:
    for name in ("550-gone", "550_5.1.1-gone", "450-greylisted", "554-relay", "550_5.7.1-relay", "530_5.7.0-sign-in", "ana"):
        put(session, now, to=f"{name}@firma.example")

    with running(Choosy()) as port:
        transport = make_transport(replace(settings, smtp_url=f"smtp://127.0.0.1:{port}"))
        deliver_due(session, transport, settings=settings, clock=lambda: now)

    assert [name for name, _attempts in state(session)] == ["failed", "failed", "queued", "queued", "queued", "queued", "sent"]


def test_without_smtp_letters_are_files(session: Session, settings: Settings, now: datetime) -> None:
    row = put(session, now)

    deliver_due(session, make_transport(settings), settings=settings, clock=lambda: now)

    (file,) = settings.mail_folder.iterdir()
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (file.name, letter["Subject"]) == (f"{row.public_id}.eml", "Примљено")


@pytest.mark.parametrize(("url", "kind"), [(None, FolderTransport), ("smtp://mail.example", SmtpTransport)])
def test_settings_choose_the_transport(url: str | None, kind: type, settings: Settings) -> None:
    assert type(make_transport(replace(settings, smtp_url=url))) is kind
