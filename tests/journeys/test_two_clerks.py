"""Two clerks decide at once: two processes over HTTP, many rounds; one wins, the other is told by whom and when."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, build_opener, urlopen

import pyotp
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.credentials import hash_password, new_totp_secret
from directory.accounts.models import Role
from directory.applications.models import Application
from directory.applications.states import State
from directory.audit import AuditEvent, verify
from directory.config import ROOT
from directory.mail import OutboxLetter
from directory.members.models import Member
from tests.review.cases import add_account, add_ready
from tests.running.test_delivery import free_port

ROUNDS = int(os.environ.get("TWO_CLERKS_ROUNDS", "50"))
PATIENCE = 60
PASSWORD = "correct horse battery staple"  # noqa: S105 (of accounts that live for one test)
REASON = "The register knows no such number."
Answer = tuple[int, str]


class Stay(HTTPRedirectHandler):
    """Does not follow redirects: the test wants to see them."""

    def redirect_request(self, *_args: Any) -> None:
        return None


class Clerk:
    """A browser of a clerk who has signed in by the form."""

    def __init__(self, site: str, email: str, secret: str) -> None:
        self.site, self.email = site, email
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), Stay())
        page = self.ask("/en/staff/sign-in")[1]
        values = _values(page) | {"email": email, "password": PASSWORD, "code": pyotp.TOTP(secret).now()}
        status, page = self.ask("/en/staff/sign-in", values)
        assert status == 303, page

    def ask(self, path: str, values: dict[str, str] | None = None) -> Answer:
        """Fetch a page, or send a form."""
        try:
            answer: HTTPResponse = self.opener.open(self.site + path, urlencode(values).encode() if values else None, PATIENCE)
        except HTTPError as error:
            return error.code, error.read().decode()
        return answer.status, answer.read().decode()


def _values(page: str) -> dict[str, str]:
    """The values of the page's own form, without what is chosen from a list."""
    form = BeautifulSoup(page, "html5lib").select("main form")[0]
    lines = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden], input[type=text]")}
    return lines | {str(field["name"]): field.get_text() for field in form.select("textarea")}


@contextmanager
def _served(instance: Path, database_url: str, key: str) -> Iterator[str]:
    """Serve the site with two worker processes."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url, "INSTANCE_PATH": str(instance), "SECRET_KEY": key, "PORT": str(port), "WEB_CONCURRENCY": "2",
        "APP_ENV": "development",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603 (our own command)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(address, timeout=5).close()  # noqa: S310 (our own site)
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the site did not start")


def _at_once(clerks: list[Clerk], path: str, forms: list[dict[str, str]]) -> list[Answer]:
    """Send both forms at the same moment."""
    answers: list[Answer] = [(0, ""), (0, "")]
    barrier = threading.Barrier(2)

    def send(number: int) -> None:
        barrier.wait(PATIENCE)
        answers[number] = clerks[number].ask(path, forms[number])

    threads = [threading.Thread(target=send, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    return answers


def _decision(page: str, outcome: str) -> dict[str, str]:
    words = {"decision-code": "not_verifiable", "decision-message": REASON} if outcome == "reject" else {"decision-message": ""}
    return _values(page) | {"decision-outcome": outcome} | words


def _shown(clerk: Clerk, path: str, outcome: str) -> dict[str, str]:
    """Let a clerk look at the letter; return what their page then sends to confirm it."""
    page = clerk.ask(path, _decision(clerk.ask(path)[1], outcome) | {"do": "preview"})[1]
    return _decision(page, outcome) | {"do": "confirm"}


def _add_clerk(session: Session, name: str) -> tuple[str, str]:
    secret = new_totp_secret()
    account = add_account(
        session, Role.APPROVER, email=f"{name}@staff.example", name=name.title(), password_hash=hash_password(PASSWORD),
        totp_secret=secret,
    )  # fmt: skip
    return account.email, secret


@pytest.mark.csrf
def test_one_wins_and_the_other_is_told(session: Session, settings: Any, tmp_path: Path) -> None:
    people = [_add_clerk(session, "ada"), _add_clerk(session, "bo")]
    reviewer = add_account(session, Role.REVIEWER)
    references = [add_ready(session, by=reviewer).reference for _ in range(ROUNDS)]
    told = {}

    with _served(tmp_path / "served", settings.database_url, settings.secret_key) as site:
        clerks = [Clerk(site, *person) for person in people]
        for number, reference in enumerate(references):
            path = f"/en/staff/applications/{reference}/decision"
            outcomes = ("approve", "approve") if number % 2 else ("approve", "reject")
            forms = [_shown(clerk, path, outcome) for clerk, outcome in zip(clerks, outcomes, strict=True)]
            told[reference] = _at_once(clerks, path, forms)

    session.rollback()
    names = {0: "Ada", 1: "Bo"}
    approved = 0
    for reference, answers in told.items():
        assert sorted(status for status, _page in answers) == [303, 409], (reference, answers)
        winner = next(number for number, (status, _page) in enumerate(answers) if status == 303)
        row = session.scalars(select(Application).where(Application.reference == reference)).one()
        assert row.decided_by is not None
        assert row.decided_at is not None
        assert row.decided_by.name == names[winner]
        loser = " ".join(BeautifulSoup(answers[1 - winner][1], "html5lib").get_text(" ").split())
        assert f"{names[winner]} changed application {reference} on " in loser
        assert re.search(rf"{row.decided_at:%Y}.*{row.decided_at:%H:%M} UTC", loser)
        about = (AuditEvent.subject_kind == "application", AuditEvent.subject_id == reference)
        events = session.scalars(select(AuditEvent.action).where(*about)).all()
        letters = session.scalars(select(OutboxLetter.template).where(OutboxLetter.subject_id == reference)).all()
        word = "approve" if row.state == State.APPROVED else "reject"
        assert (events, letters) == ([f"application.{word}"], [f"{word}d" if word == "approve" else "rejected"])
        assert (row.member_id is not None) == (row.state == State.APPROVED)
        approved += row.state == State.APPROVED
    assert session.scalar(select(func.count()).select_from(Member)) == approved
    assert verify(session).broken is None
