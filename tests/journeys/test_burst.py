"""A thousand posts of robots, while one applicant applies."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts import sessions
from directory.accounts.models import Account, Role
from directory.app import create_app
from directory.applications.models import Application
from directory.applications.states import State
from directory.config import Settings
from directory.db import db
from directory.enquiries.models import Enquiry
from directory.mail import OutboxLetter
from directory.web.limits import limiter
from tests.conftest import give_up
from tests.factories import add_member
from tests.page import Page, Visitor
from tests.review.cases import add_account

START, ASK, FORM = "/en/apply/", "/en/members/alpha/enquiry", "main form[novalidate]"
ROUNDS = 100
"""of ten posts each"""
ROBOT = {"email_again": "x@spam.example", "homepage": "https://spam.example", "name": "Buy", "email": "victim@people.example"}
ASKED = {"name": "Buy now", "email": "victim@people.example", "words": "Buy our pills, they are cheap and good. "}
pytestmark = pytest.mark.csrf


@pytest.fixture
def site(settings: Settings, session: Session) -> Iterator[Flask]:
    """Give the site as in production: it counts, and looks at the time. session: first, since its site counts nothing."""
    application = create_app(dataclasses.replace(settings, testing=False))
    limiter.reset()
    with application.app_context():
        add_member(db.session(), slug="alpha")
    yield application
    limiter.reset()
    limiter.enabled = False
    give_up(application)


class Robots:
    """Programs of several kinds, from one network and from many."""

    def __init__(self, site: Flask, clock: Any) -> None:
        self.site, self.clock = site, clock
        self.patient = self._client()
        self.handed_out = {START: self._form(self.patient, START), ASK: self._form(self.patient, ASK)}
        clock.shift(10)
        self.statuses: Counter[int] = Counter()

    def attack(self, number: int) -> None:
        """Send ten posts."""
        near, far = f"203.0.113.{number % 250}", f"10.{number % 250}.{number // 250}.9"
        for path in (START, ASK):
            words = {**ASKED, "words": ASKED["words"] + str(number)}
            self._post(self.patient, path, self.handed_out[path] | words, near)
            self._post(self.patient, path, self.handed_out[path] | words, far)
            self._post(self._client(), path, ROBOT | words, far)
            quick = self._client()
            self._post(quick, path, self._form(quick, path) | words, far)
            greedy = self._client()
            form = self._form(greedy, path)
            self.clock.shift(0.2)
            self._post(greedy, path, form | words | ROBOT, near)

    def _client(self) -> Any:
        return self.site.test_client()

    def _form(self, client: Any, path: str) -> dict[str, Any]:
        return Page(client.get(path)).form()

    def _post(self, client: Any, path: str, values: dict[str, Any], address: str) -> None:
        answer = client.post(path, data=values, environ_base={"REMOTE_ADDR": address})
        self.statuses[answer.status_code] += 1


def _apply(browser: Visitor, clock: Any) -> Iterator[None]:
    """Apply as a person does, a stretch between two waves of robots at a time."""
    start = browser.get(START)
    clock.shift(20)
    home = str(browser.submit(start).response.request.path)
    answers: dict[str, dict[str, object]] = {
        "organisation": {
            "name": "Привредни савез Проба", "name_language": "sr-Cyrl", "kind": "institution", "type": "association",
            "languages": ["sr-Cyrl"], "sectors": ["fintech"], "summary": "We help.", "summary_language": "en",
        },
        "seat": {"country": "RS", "city": "Београд"},
        "contact": {"name": "Ana Probić", "email": "ana@proba.example"},
        "offerings": {
            "offerings-0-title": "Market entry", "offerings-0-description": "First steps.",
            "offerings-0-category": "market-entry-advisory",
        },
        "documents": {"registration_later": "y"},
        "statement": {"accepted": "y", "signatory": "Petar", "capacity": "President", "listed": "y", "abroad": "y"},
    }  # fmt: skip
    for step, values in answers.items():
        yield
        assert browser.submit(browser.get(home + step), {**values, "action": "continue"}, css=FORM).status == 200
    yield
    with browser.app.app_context():
        body = db.session.scalars(sa.select(OutboxLetter.body).where(OutboxLetter.template == "application_key")).one()
    link = re.search(r"http://[^/]+(/\S+)", body)
    assert link
    browser.submit(browser.get(link[1]))
    browser.submit(browser.get(home + "check"))


def test_burst_of_robots_reaches_nobody_and_hinders_nobody(site: Flask, session: Session, settings: Settings) -> None:
    clerk: Account = add_account(session, Role.REVIEWER)
    desk, applicant = Visitor(site, account=clerk.public_id), Visitor(site)
    key = sessions.begin(session, clerk, network=None, browser="", now=datetime.now(UTC))
    session.commit()
    with desk.client.session_transaction() as cookie:
        cookie |= {"_user_id": key, "_fresh": True}
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        robots, real = Robots(site, clock), _apply(applicant, clock)
        for number in range(ROUNDS):
            robots.attack(number)
            if number % 12 == 11:
                next(real, None)
        assert next(real, None) is None
        queue = desk.get("/en/staff/applications/?state=all")

    session.rollback()  # to see what came meanwhile
    drafts = session.scalars(sa.select(Application).where(Application.state == State.DRAFT)).all()
    sent = session.scalars(sa.select(Application).where(Application.state != State.DRAFT)).all()
    to = Counter(session.scalars(sa.select(OutboxLetter.recipient)))
    assert sum(robots.statuses.values()) == 10 * ROUNDS
    assert set(robots.statuses) <= {200, 303, 400, 422, 429}
    assert [application.answers["contact"]["email"] for application in sent] == ["ana@proba.example"]
    assert [row for row in queue.texts("tbody tr") if re.search(r"A-[0-9A-Z]{6}", row)] == queue.texts("tbody tr")
    assert (len(queue.texts("tbody tr")), sent[0].reference in queue.text) == (1, True)
    assert len(drafts) <= 3
    assert len(session.scalars(sa.select(Enquiry)).all()) <= 3
    assert to["ana@proba.example"] == 2
    assert to.keys() <= {"ana@proba.example", settings.staff_mail, "victim@people.example"}
    assert to["victim@people.example"] <= 3
