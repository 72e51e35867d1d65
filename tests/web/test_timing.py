"""Forms that come too soon, too late or forged come back whole; networks are counted, too."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from directory.app import create_app
from directory.applications.models import Application
from directory.config import Settings
from directory.db import db
from directory.enquiries.models import Enquiry
from directory.web.limits import limiter
from directory.web.network import network_of
from tests.conftest import give_up, let_through
from tests.factories import add_member
from tests.page import Visitor

START, ASK = "/en/apply/", "/en/members/alpha/enquiry"
ASKED = {"name": "Ana", "email": "ana@cocoa.example", "words": "Which papers do we need for cocoa?", "country": "RS"}
ONCE_MORE = "Please send it once more: that tells us that no program sent it. Nothing you entered is lost."
BEGIN = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def timed(settings: Settings) -> Iterator[Flask]:
    """Give an application that looks at the time, as in production, but does not count."""
    application = create_app(dataclasses.replace(settings, testing=False))
    let_through(application)
    limiter.enabled = False
    with application.app_context():
        add_member(db.session(), slug="alpha")
    yield application
    give_up(application)


def _count(app: Flask, table: type[Application | Enquiry]) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(days=1, seconds=1)])
def test_question_sent_too_soon_or_too_late_comes_back_whole(timed: Flask, after: timedelta) -> None:
    visitor = Visitor(timed)
    with time_machine.travel(BEGIN, tick=False) as clock:
        form = visitor.get(ASK)
        clock.shift(after)
        returned = visitor.submit(form, ASKED)
        clock.shift(timedelta(seconds=3))
        sent = visitor.submit(returned, follow=False)

    assert (returned.status, returned.errors) == (422, {"form": ONCE_MORE})
    assert {name: str(returned.form()[name]).strip() for name in ASKED} == ASKED
    assert (sent.status, _count(timed, Enquiry)) == (303, 1)


@pytest.mark.parametrize("mark", [None, "", "forged", "text.YWJj.c2lnbmVk", "ü"])
def test_question_with_a_forged_mark_comes_back_whole(timed: Flask, mark: str | None) -> None:
    returned = Visitor(timed).post(ASK, ASKED | ({} if mark is None else {"opened": mark}))

    assert (returned.status, returned.errors) == (422, {"form": ONCE_MORE})
    assert {name: str(returned.form()[name]).strip() for name in ASKED} == ASKED
    assert _count(timed, Enquiry) == 0


def test_start_pressed_at_once_asks_to_press_again_and_does_not_wait_anew(timed: Flask) -> None:
    visitor = Visitor(timed)
    with time_machine.travel(BEGIN, tick=False) as clock:
        page = visitor.get(START)
        clock.shift(2)
        returned = visitor.submit(page)
        before = _count(timed, Application)
        clock.shift(1)
        begun = visitor.submit(returned)

    assert (returned.status, returned.errors, before) == (422, {"form": ONCE_MORE}, 0)
    assert (begun.texts("h1"), _count(timed, Application)) == (["Your application"], 1)


@pytest.mark.parametrize("path", [START, ASK])
def test_form_that_went_out_often_comes_back_to_be_sent_once_more(settings: Settings, session: Session, path: str) -> None:
    application = create_app(dataclasses.replace(settings, testing=False))
    let_through(application)
    add_member(session, slug="alpha")
    limiter.reset()
    visitor = Visitor(application)
    with time_machine.travel(BEGIN, tick=False) as clock:
        page = visitor.get(path)
        clock.shift(10)
        sent = [visitor.submit(page, ASKED | {"words": f"Question number {n}, please?"}, follow=False) for n in range(4)]
        clock.shift(10)
        again = visitor.submit(sent[-1], follow=False)
    limiter.reset()
    limiter.enabled = False
    give_up(application)

    assert [answer.status for answer in sent] == [303, 303, 303, 422]
    assert sent[-1].errors == {"form": ONCE_MORE}
    assert (again.status, sent[-1].form().get("words", "").strip()) == (303, "Question number 3, please?" if path == ASK else "")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3::1", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("unix", None),
    ],
)
def test_network_of_an_address(address: str, network: str | None) -> None:
    assert network_of(address) == network


def test_many_addresses_of_one_network_wait_while_others_do_not(settings: Settings, session: Session) -> None:
    application = create_app(dataclasses.replace(settings, testing=False))
    application.config["FORM_TIMES_CHECKED"] = False
    let_through(application)
    limiter.reset()
    client = application.test_client()

    def start(address: str) -> int:
        return client.post(START, environ_base={"REMOTE_ADDR": address}).status_code

    statuses = [start(f"198.51.100.{n % 250}") for n in range(241)]
    other = start("198.51.101.1")
    limiter.reset()
    limiter.enabled = False
    give_up(application)

    assert (statuses, other) == ([303] * 240 + [429], 303)
