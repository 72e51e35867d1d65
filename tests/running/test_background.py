"""The background process: one owner, tasks that survive errors."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import background
from directory.background import Task, own_lock, repeat, run_background
from directory.config import Settings
from directory.mail import Letter, LetterState, OutboxLetter, queue
from tests.conftest import NOW


def wait_for(happened: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = monotonic() + seconds
    while not happened() and monotonic() < deadline:
        sleep(0.05)
    return happened()


def test_lock_has_one_owner_at_a_time(tmp_path: Path) -> None:
    file, first_stop, second_stop, owners = tmp_path / "lock", Event(), Event(), []

    def second() -> None:
        with own_lock(file, stop=second_stop) as is_owner:
            owners.append(is_owner)

    with ExitStack() as stack:
        first = stack.enter_context(own_lock(file, stop=first_stop))
        waiting = Thread(target=second)
        waiting.start()
        waiting.join(1.2)
        while_first_owned = (first, list(owners), file.read_text())
    waiting.join(10)

    assert while_first_owned == (True, [], str(os.getpid()))
    assert owners == [True]


def test_waiting_for_the_lock_can_be_stopped(tmp_path: Path) -> None:
    stop = Event()
    stop.set()

    with own_lock(tmp_path / "lock", stop=Event()), own_lock(tmp_path / "lock", stop=stop) as is_owner:
        assert is_owner is False


def test_task_survives_errors() -> None:
    stop, rounds = Event(), []

    def act() -> None:
        rounds.append(len(rounds))
        if len(rounds) < 3:
            raise OSError("the database is away")
        stop.set()

    repeat(Task("test", act, 0.01), stop=stop)

    assert rounds == [0, 1, 2]


def test_background_delivers_follows_and_stops(app: Flask, session: Session, settings: Settings) -> None:
    queue(session, Letter("application_received", "en", "Received", "Thank you.\n"), to="ana@firma.example", now=NOW)
    session.execute(sa.update(OutboxLetter).values(next_attempt_at=NOW.replace(year=2020)))
    session.commit()
    stop = Event()
    process = Thread(target=run_background, args=(app,), kwargs={"stop": stop})

    def is_done() -> bool:
        session.rollback()
        sent = session.scalars(sa.select(OutboxLetter.state)).all() == [LetterState.SENT]
        return sent and app.extensions["search"].ready()

    process.start()
    done = wait_for(is_done)
    stop.set()
    process.join(20)

    assert (done, process.is_alive()) == (True, False)
    assert [file.suffix for file in settings.mail_folder.iterdir()] == [".eml"]


def test_all_tasks_are_there(app: Flask) -> None:
    assert [task.name for task in background.make_tasks(app, stop=Event())] == ["outbox", "search", "terms", "housekeeping"]
