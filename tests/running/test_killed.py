"""A site that is killed with `kill -9` while people save: what was said to be saved is there, whole."""

import os
import random
import re
import signal
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from http.cookiejar import CookieJar
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import sleep
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, build_opener

import pytest
import sqlalchemy as sa

from directory.app import create_app
from directory.applications.models import Application
from directory.audit import AuditEvent, verify
from directory.db import db
from directory.web.timing import SOONEST
from tests.conftest import give_up, make_settings
from tests.running.test_serve import Served, wait_for

APPLICANTS = 3
PATIENCE = 10
LONG = "Words that fill more than a page of the database. " * 30


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


class Applicant:
    """A browser that goes on saving one step, and remembers what it was told. attempts: numbers that it may have saved."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()), _NoRedirect())
        self.numbers = count(1)
        self.saved = 0
        self.attempts: list[int] = []
        self.answers: Counter[int | str] = Counter()
        page = self._ask("/en/apply/")[1]
        sleep(SOONEST.total_seconds())
        values = {name: _value(page, name) for name in ("csrf_token", "opened")}
        _status, _page, self.home = self._ask("/en/apply/", values)

    @property
    def token(self) -> str:
        """The token in the application's addresses."""
        return self.home.rstrip("/").rpartition("/")[2]

    def save_until(self, over: Event) -> None:
        """Save again and again, with one number in two fields."""
        while not over.is_set():
            try:
                self._save()
            except (OSError, HTTPException) as error:
                self.answers[type(error).__name__] += 1
                sleep(0.05)

    def _save(self) -> None:
        status, page, _location = self._ask(f"{self.home}organisation")
        if status != 200:
            self.answers[status] += 1
            return
        number = next(self.numbers)
        values = {"name": f"Number {number}", "summary": f"{LONG}{number}", "action": "save"}
        values |= {"csrf_token": _value(page, "csrf_token"), "seen": _value(page, "seen")}
        self.attempts.append(number)
        status, _page, _location = self._ask(f"{self.home}organisation", values)
        self.answers[status] += 1
        if status == 303:
            self.saved, self.attempts = number, []

    def _ask(self, path: str, values: dict[str, str] | None = None) -> tuple[int, str, str]:
        data = urlencode(values).encode() if values else None
        address = f"http://127.0.0.1:{self.port}{path}"
        try:
            with self.browser.open(address, data, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), ""
        except HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode(), str(answer.headers.get("Location") or "")


def _value(page: str, name: str) -> str:
    field = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag)
    found = re.search(r'value="([^"]*)"', field)
    return found[1] if found else ""


def _children(process: int) -> list[int]:
    """Give all processes below one, the nearest first."""
    found = [int(n) for file in Path(f"/proc/{process}/task").glob("*/children") for n in file.read_text().split()]
    return found + [below for child in found for below in _children(child)]


def _kill_all(served: Served) -> None:
    """Kill the supervisor and everything below it, as a machine that goes down does."""
    assert served.process is not None
    for number in [served.process.pid, *_children(served.process.pid)]:
        os.kill(number, signal.SIGKILL)
    served.process.wait()
    if served.process.stdout is not None:
        served.process.stdout.close()
    assert wait_for(lambda: not served.is_port_taken())


def _kill_workers(served: Served) -> None:
    """Kill those processes that have none below them, but not the one in the background."""
    assert served.process is not None
    for number in _children(served.process.pid):
        if number != served.background and not _children(number):
            os.kill(number, signal.SIGKILL)


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[Served]:
    """Give a site with two workers, not started."""
    found = Served(tmp_path / "instance", database_url)
    found.environment["WEB_CONCURRENCY"] = "2"
    yield found
    if found.process is not None and found.process.poll() is None:
        _kill_all(found)


def test_whatever_was_said_to_be_saved_is_there_after_kill_9(served: Served, database_url: str, tmp_path: Path) -> None:
    chance = random.Random(9)  # noqa: S311 (no secret)
    served.start()
    applicants = [Applicant(served.port) for _ in range(APPLICANTS)]
    over = Event()
    threads = [Thread(target=one.save_until, args=(over,), daemon=True) for one in applicants]
    for thread in threads:
        thread.start()

    for kill in (_kill_workers, _kill_all, _kill_workers, _kill_all):
        before = [one.saved for one in applicants]
        assert wait_for(lambda before=before: all(one.saved > was for one, was in zip(applicants, before, strict=True)))  # type: ignore[misc]
        sleep(chance.uniform(0.0, 0.3))
        kill(served)
        if kill is _kill_all:
            served.start()
    _kill_all(served)
    over.set()
    for thread in threads:
        thread.join()

    assert sum(one.answers["RemoteDisconnected"] + one.answers["ConnectionResetError"] for one in applicants) > 0
    reader = create_app(make_settings(tmp_path / "reader", database_url))
    with reader.app_context():
        assert verify(db.session()).why == ""
        for one in applicants:
            _check(one)
        db.session.remove()
    give_up(reader)


def _check(applicant: Applicant) -> None:
    """See that the last number it was told of is there, or a later one whose answer never came, in both fields."""
    stored = db.session.scalars(sa.select(Application).where(Application.token == applicant.token)).one()
    own = stored.answers["organisation"]
    number = int(own["name"].removeprefix("Number "))
    assert number in {applicant.saved, *applicant.attempts}
    assert own["summary"] == f"{LONG}{number}"
    of_it = sa.select(AuditEvent.action).where(AuditEvent.subject_id == stored.reference).order_by(AuditEvent.sequence)
    events = list(db.session.scalars(of_it))
    assert events == ["application.start"] + ["application.save"] * (stored.version - 1)
    assert applicant.answers[303] <= stored.version - 1 <= applicant.answers.total()
