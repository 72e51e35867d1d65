"""The background process: delivers the outbox, lets the search index follow, and sweeps terms that lapse by the calendar.

One process of a host owns the work by a lock; others wait to take over. Each task has a thread of its own, so that a slow
mail server does not hold the index back.
"""

import fcntl
import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from flask import Flask

from directory import housekeeping
from directory.applications.models import Application
from directory.applications.scans import scan_waiting
from directory.config import Settings
from directory.db import db, writing
from directory.initiative.holding import refresh
from directory.mail import deliver_due, make_transport
from directory.members.lapses import sweep_terms
from directory.search.embedded import EmbeddedEngine

LOCK = "background.lock"
LOCK_PAUSE_SECONDS = 0.5
SCAN_SECONDS = 5.0
LOOK_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """Something done again and again. pause: seconds between two rounds."""

    name: str
    act: Callable[[], object]
    pause: float


def work(app: Flask, *, parent: int | None = None) -> None:
    """Do the background work until SIGTERM or Ctrl-C, or until `parent` (a process number) has died."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    worker = Thread(target=run_background, args=(app,), kwargs={"stop": stop}, name="background")
    worker.start()
    while worker.is_alive():
        worker.join(LOOK_SECONDS)  # a signal that another thread took is handled when this one wakes
        if parent is not None and os.getppid() != parent:
            stop.set()


def run_background(app: Flask, *, stop: Event) -> None:
    """Do the background work until `stop` is set; wait before it while another process of this host does it."""
    settings: Settings = app.extensions["settings"]
    with own_lock(settings.instance_path / LOCK, stop=stop) as is_owner:
        if not is_owner:
            return
        log.info("background work begins")
        threads = [
            Thread(target=repeat, args=(task,), kwargs={"stop": stop}, name=task.name) for task in make_tasks(app, stop=stop)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log.info("background work ends")


def make_tasks(app: Flask, *, stop: Event) -> list[Task]:
    """Return the tasks of this application."""
    settings: Settings = app.extensions["settings"]
    engine: EmbeddedEngine = app.extensions["search"]
    transport = make_transport(settings)

    def deliver() -> None:
        with app.app_context():
            refresh()
            deliver_due(db.session(), transport, settings=settings, clock=_now, keep_on=lambda: not stop.is_set())

    def sweep() -> None:
        with app.app_context(), writing():
            sweep_terms(db.session(), today=_now().date())
            db.session.commit()

    def keep_house() -> None:
        with app.app_context():
            refresh()
            housekeeping.run(db.session(), now=_now(), status_url=status_url(app), place=app.extensions["uploads"])

    def scan() -> None:
        with app.app_context():
            refresh()
            scan_waiting(
                db.session(), app.extensions["uploads"], app.extensions["scanner"], status_url=status_url(app), clock=_now
            )

    scans = [Task("scans", scan, SCAN_SECONDS)] if app.extensions["scanner"] else []
    return [
        *scans,
        Task("outbox", deliver, 0.5),
        Task("search", engine.follow, 0.5),
        Task("terms", sweep, 60.0),
        Task("housekeeping", keep_house, 3600.0),
    ]


def status_url(app: Flask) -> Callable[[Application], str]:
    """Return what makes the absolute address of an application's status page outside any request."""
    settings: Settings = app.extensions["settings"]
    routes = app.url_map.bind("")

    def address(application: Application) -> str:
        values = {"locale": application.locale, "token": application.token}
        return f"{settings.public_url}{routes.build('applications.status', values)}"

    return address


def repeat(task: Task, *, stop: Event) -> None:
    """Run a task again and again until `stop` is set; after an error, wait twice as long each time."""
    pause, troubles = 0.0, 0
    while not stop.wait(pause):
        try:
            task.act()
        except Exception:  # whatever fails now may work later, and the site needs this loop
            troubles += 1
            log.exception("%s failed %s times", task.name, troubles)
        else:
            troubles = 0
        pause = min(task.pause * 2 ** min(troubles, 10), max(task.pause, LONGEST_PAUSE_SECONDS))


@contextmanager
def own_lock(file: Path, *, stop: Event) -> Iterator[bool]:
    """Hold the lock of `file` inside the block; yield False where `stop` was set before it was free.

    The file names the owner's process. The system frees the lock when its owner dies, however that happens.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        is_told = False
        while not _try_lock(handle.fileno()):
            if not is_told:
                log.info("another process does the background work; waiting to take over")
                is_told = True
            if stop.wait(LOCK_PAUSE_SECONDS):
                yield False
                return
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield True


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _now() -> datetime:
    return datetime.now(UTC)
