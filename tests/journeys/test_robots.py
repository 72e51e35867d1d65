"""A burst of robots: staff's queue stays clean, nobody is flooded, and a real applicant gets through meanwhile."""

import dataclasses
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from time_machine import travel

from directory.accounts.models import Role
from directory.app import create_app
from directory.applications.models import Application
from directory.config import Settings
from directory.db import db
from directory.enquiries.models import Enquiry
from directory.mail import OutboxLetter
from directory.web.limits import limiter
from tests.factories import add_member, full_answers
from tests.page import Visitor

pytestmark = pytest.mark.csrf
ROBOTS = 1000
ENQUIRY = {"name": "Robot", "email": "victim@mail.example", "words": "Buy now and buy cheap, buy everything today."}


@pytest.fixture
def site(settings: Settings, app: Flask) -> Iterator[Flask]:
    """Give an application with all its traps and limits, beside the one of the test, on the same database."""
    application = create_app(dataclasses.replace(settings, testing=False))
    application.test_client_class = app.test_client_class
    limiter.reset()
    yield application
    limiter.reset()
    limiter.enabled = False
    application.extensions["search"].close()
    with application.app_context():
        db.engine.dispose()


class Robot:
    """Posts a form in one of the ways that robots have. address: where it comes from."""

    def __init__(self, site: Flask, chance: random.Random, address: str) -> None:
        self.visitor, self.chance = Visitor(site), chance
        self.visitor.client.environ_base["REMOTE_ADDR"] = address

    def post(self, path: str, values: dict[str, str], known: dict[str, str]) -> None:
        """Answer at once, fill in all there is, or send again what somebody else was given. known: an older form."""
        way = self.chance.choice(("at once", "everything", "replay", "forged", "nothing"))
        form = self.visitor.get(path).form("main form[method=post]:last-of-type") if way in {"at once", "everything"} else {}
        if way == "everything":
            form = {name: value or "x@y.example" for name, value in form.items()}
        if way == "replay":
            form = known
        if way == "forged":
            form = {"since": f"shown.{self.chance.getrandbits(40):x}.{self.chance.getrandbits(80):x}"}
        self.visitor.client.post(path, data=form | values)


def test_a_thousand_robots_leave_the_queue_clean(
    site: Flask,
    session: Session,
    sign_in: Callable[..., Visitor],
    letters: Callable[[], list[OutboxLetter]],
    follow: Callable[[], None],
) -> None:
    member = add_member(session)
    follow()
    asking, chance = f"/en/members/{member.slug}/enquiry", random.Random(7)
    with travel(datetime.now(UTC), tick=False) as clock:
        real = Visitor(site)
        real.client.environ_base["REMOTE_ADDR"] = "198.51.100.9"
        begun = real.get("/en/apply/")
        old = {path: Visitor(site).get(path).form("main form[method=post]:last-of-type") for path in ("/en/apply/", asking)}
        for number in range(ROBOTS):
            address = f"203.0.113.{number % 250}" if number % 2 else f"{11 + number % 90}.{number % 200}.7.{number % 250}"
            path = chance.choice(("/en/apply/", asking))
            Robot(site, chance, address).post(path, ENQUIRY if path == asking else {}, old[path])
        clock.shift(timedelta(seconds=4))
        home = str(real.submit(begun).response.request.path)
        for step, values in full_answers().items():
            _answer(real, home + step, values)
        [proof] = [letter for letter in letters() if letter.template == "application_key"]
        real.submit(real.get(str(re.search(r"http://[^/]+(/\S+)", proof.body)[1])))  # type: ignore[index]
        sent = real.submit(real.get(home + "check"))

    assert "Received, waiting for a reviewer" in sent.text
    queue = sign_in(Role.REVIEWER).get("/en/staff/applications/")
    assert queue.texts("tbody th") == [full_answers()["organisation"]["name"]]
    assert session.scalar(sa.select(sa.func.count()).select_from(Application)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 0
    assert {letter.recipient for letter in letters()} == {"ana@proba.example", site.extensions["settings"].staff_mail}


def _answer(browser: Visitor, address: str, values: dict[str, object]) -> None:
    """Fill a step's form with answers as they are stored."""
    flat: dict[str, object] = {}
    for name, value in values.items():
        rows = value if isinstance(value, list) and value and isinstance(value[0], dict) else []
        for place, row in enumerate(rows):
            flat |= {f"{name}-{place}-{column}": cell for column, cell in row.items()}
        if not rows:
            flat[name] = "y" if value is True else value
    answered = browser.submit(browser.get(address), flat | {"action": "continue"}, css="main form[novalidate]")
    assert answered.status == 200, answered.errors


def test_person_who_is_too_fast_loses_nothing(site: Flask, session: Session, follow: Callable[[], None]) -> None:
    member = add_member(session)
    follow()
    visitor, path = Visitor(site), f"/en/members/{member.slug}/enquiry"
    with travel(datetime.now(UTC), tick=False) as clock:
        early = visitor.submit(visitor.get(path), ENQUIRY, css="main form[method=post]:last-of-type")
        clock.shift(timedelta(seconds=3))
        done = visitor.submit(early, css="main form[method=post]:last-of-type")
        clock.shift(timedelta(hours=25))
        late = visitor.submit(early, css="main form[method=post]:last-of-type")

    assert (early.status, early.form("main form[method=post]:last-of-type")["words"]) == (422, ENQUIRY["words"])
    assert "please send it once more" in early.texts("#error-summary")[0]
    assert done.status == 200
    assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 1
    assert (late.status, late.form("main form[method=post]:last-of-type")["words"]) == (422, ENQUIRY["words"])
