"""How often a stranger may write, and that nothing typed is lost by it."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from directory.app import create_app
from directory.config import Settings
from directory.db import db
from directory.enquiries.models import Enquiry
from directory.web.limits import limiter
from tests.conftest import give_up, let_through
from tests.factories import add_member
from tests.page import Visitor

ADDRESS = "/en/members/alpha/enquiry"
SENT = {"name": "Ana", "email": "ana@cocoa.example", "words": "Which papers do we need for cocoa?"}


@pytest.fixture
def limited(settings: Settings) -> Iterator[Flask]:
    """Give an application that counts, as in production."""
    application = create_app(dataclasses.replace(settings, testing=False))
    application.config["FORM_TIMES_CHECKED"] = False
    let_through(application)
    limiter.reset()
    with application.app_context():
        add_member(db.session(), slug="alpha")
    yield application
    limiter.reset()
    limiter.enabled = False
    give_up(application)


def test_twenty_first_question_within_an_hour_waits(limited: Flask) -> None:
    page = Visitor(limited)

    mistakes = [page.post(ADDRESS, SENT | {"name": ""}).status for _ in range(21)]
    sent = [page.post(ADDRESS, SENT | {"words": f"{SENT['words']} {n}"}).status for n in range(20)]
    last = page.post(ADDRESS, SENT)

    assert (mistakes, sent, last.status) == ([422] * 21, [303] * 20, 429)
    assert "Too much was sent from your connection within an hour. Nothing is lost: please send it again later." in last.text
    assert last.form()["words"].strip() == SENT["words"]
    assert page.get(ADDRESS).status == 200
    with limited.app_context():
        assert db.session.scalar(select(func.count()).select_from(Enquiry)) == 20
