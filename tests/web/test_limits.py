"""Each form that a stranger can send is counted by network address."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from directory.app import create_app
from directory.applications.states import State
from directory.config import Settings
from directory.db import db
from directory.web.limits import limiter
from tests.applications.browsers import open_browser
from tests.conftest import give_up, let_through
from tests.factories import add_application, add_named
from tests.page import Visitor

TOKEN = "a-token-of-nobody"
NOTICE = {"kind": "confirm", "name": "Ana", "role": "Head", "email": "ana@named.example", "words": ""}


@pytest.fixture
def limited(settings: Settings) -> Iterator[Flask]:
    """Give an application that counts, as in production."""
    application = create_app(dataclasses.replace(settings, testing=False))
    application.config["FORM_TIMES_CHECKED"] = False
    let_through(application)
    limiter.reset()
    yield application
    limiter.reset()
    limiter.enabled = False
    give_up(application)


@pytest.mark.parametrize(
    ("path", "values", "most"),
    [
        ("/en/staff/sign-in", {"email": "a@b.example", "password": "", "code": ""}, 20),
        ("/en/staff/reset", {"email": "a@b.example"}, 30),
        ("/en/staff/set-up/nobodys-key", {}, 20),
        ("/en/apply/", {}, 60),
        (f"/en/apply/{TOKEN}/link", {}, 30),
        ("/en/apply/link", {}, 30),
        (f"/en/apply/{TOKEN}/open/nobodys-key", {}, 60),
        ("/en/members/named/notice", NOTICE, 20),
    ],
)
def test_one_more_than_the_limit_waits(limited: Flask, path: str, values: dict[str, str], most: int) -> None:
    with limited.app_context():
        add_named(db.session(), slug="named")
    client = limited.test_client()

    statuses = [client.post(path, data=values).status_code for _ in range(most + 1)]

    assert 429 not in statuses[:-1]
    assert statuses[-1] == 429
    assert Visitor(limited).get("/en/").status == 200


@pytest.mark.parametrize(("page", "state", "most"), [("again", State.WITHDRAWN, 30), ("prove", State.DRAFT, 20)])
def test_own_buttons_are_counted_too(limited: Flask, page: str, state: State, most: int) -> None:
    with limited.app_context():
        application = add_application(db.session(), state=state)
        browser, path = open_browser(limited, application), f"/en/apply/{application.token}/{page}"

    statuses = [browser.client.post(path).status_code for _ in range(most + 1)]

    assert statuses[0] == 303
    assert 429 not in statuses[:-1]
    assert statuses[-1] == 429
