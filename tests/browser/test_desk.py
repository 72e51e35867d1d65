"""The desk in a real browser: nobody is shut out, nothing sticks out, no rule of the pages is broken."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications.states import State
from tests.browser.test_public_pages import WIDTH
from tests.page import Visitor
from tests.review.cases import add_application

PATHS = (
    "/",
    "/applications/",
    "/applications/A-CASE01",
    "/applications/A-CASE01/decision",
    "/applications/A-CASE01/changes",
    "/applications/A-CASE01/message",
    "/applications/A-CASE01/translations",
    "/members/",
    "/members/pks-serbia",
    "/members/pks-serbia/correct",
    "/accounts/",
    "/account",
    "/outbox",
    "/audit",
)


@pytest.fixture
def desk(
    app: Flask, site: str, session: Session, browser: Browser, sign_in: Callable[..., Visitor]
) -> Iterator[Callable[[int], Page]]:
    """Give a way to open the desk, with one case on it, in a window of some width."""
    add_application(session, reference="A-CASE01", state=State.IN_REVIEW, now=datetime.now(UTC))
    cookie = sign_in(*Role).client.get_cookie("session")
    contexts = []

    def open_window(width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True, base_url=f"{site}/en/staff/")
        context.add_cookies([{"name": "session", "value": cookie.value, "url": site}])
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()


def test_no_page_of_the_desk_shuts_anybody_out(desk: Callable[[int], Page]) -> None:
    page = desk(1280)
    found = {}

    for path in PATHS:
        answer = page.goto("." + path)
        assert answer.status == 200, path
        if violations := Axe().run(page).response["violations"]:
            found[path] = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in violations]

    assert found == {}


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_of_the_desk_is_wider_than_its_window(desk: Callable[[int], Page], width: int) -> None:
    page = desk(width)
    too_wide = {}

    for path in PATHS:
        page.goto("." + path)
        if over := page.evaluate(WIDTH):
            too_wide[path] = over

    assert too_wide == {}
