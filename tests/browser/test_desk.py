"""The desk in a real browser: nobody is shut out, nothing sticks out, no rule of the pages is broken."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications.models import Document, Message, Note, Point, Submission, Translation
from directory.applications.states import PointCode, State
from directory.applications.vocab import DocumentState, Purpose, Visibility
from tests.browser.test_public_pages import WIDTH
from tests.page import Visitor
from tests.review.cases import add_account, add_application
from tests.uploads import paged_pdf

DOCUMENT = "a-document-to-look-at"
PATHS = (
    "/",
    "/applications/",
    "/applications/A-CASE01",
    "/applications/A-CASE01/decision",
    "/applications/A-CASE01/changes",
    "/applications/A-CASE01/mark_duplicate",
    "/applications/A-CASE01/message",
    "/applications/A-CASE01/translations",
    f"/applications/A-CASE01/documents/{DOCUMENT}/preview?page=2",
    "/members/",
    "/members/pks-serbia",
    "/members/pks-serbia/correct",
    "/accounts/",
    "/account",
    "/account/recovery-codes",
    "/account/password/new",
    "/outbox",
    "/letters/",
    "/letters/rejected/zh-Hans",
    "/audit",
    "/settings/",
    "/settings/categories",
    "/settings/categories/terms/trade-documents",
    "/settings/initiative",
    "/settings/statement/edit",
    "/settings/consents",
    "/settings/consents/edit",
    "/settings/zones/history/0",
)


def fill_case(app: Flask, session: Session) -> None:
    """Store a case about which everything was said that can be, with a document of two pages."""
    now = datetime.now(UTC)
    application = add_application(session, reference="A-CASE01", state=State.IN_REVIEW, now=now)
    clerk, data = add_account(session, Role.APPROVER, name="Anna Approver"), paged_pdf(2)
    listed = {"files": [{"id": DOCUMENT, "name": "proof.pdf", "purpose": "registration"}]}
    later = deepcopy(application.answers) | {"documents": listed}
    later["organisation"]["summary"] = "Wir helfen kleinen Unternehmen."
    application.answers, application.appeal = later, "Bitte sehen Sie noch einmal nach."
    application.submissions.append(Submission(number=2, answers=later, at=now))
    application.documents.append(
        Document(
            public_id=DOCUMENT,
            purpose=Purpose.REGISTRATION,
            name="proof.pdf",
            type="application/pdf",
            size=len(data),
            sha256="0" * 64,
            storage_name=app.extensions["uploads"].keep(data),
            state=DocumentState.CLEAN,
            uploaded_at=now,
        )  # fmt: skip
    )
    application.points.append(
        Point(
            step="seat",
            code=PointCode.MISSING,
            words="Welches Register?",
            asked_by_id=clerk.id,
            asked_at=now,
            answer="Bremen.",
            answered_at=now,
        )  # fmt: skip
    )
    application.messages = [Message(by_id=clerk.id, at=now, words="Danke."), Message(person=1, at=now, words="Gern geschehen.")]
    for visibility in Visibility:
        application.notes.append(Note(by_id=clerk.id, at=now, words=f"Note for {visibility}", visibility=visibility))
    application.translations = [
        Translation(place="organisation.summary", tag="en", text="We help firms.", source_digest="0", by_id=clerk.id, at=now)
    ]
    session.commit()


@pytest.fixture
def desk(
    app: Flask, site: str, session: Session, browser: Browser, sign_in: Callable[..., Visitor]
) -> Iterator[Callable[[int], Page]]:
    """Give a way to open the desk, with one case on it, in a window of some width."""
    fill_case(app, session)
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


def test_keys_walk_the_list_and_lead_to_the_same_forms(desk: Callable[[int], Page], session: Session) -> None:
    second = add_application(session, reference="A-CASE02", state=State.IN_REVIEW, now=datetime.now(UTC))
    page = desk(1280)
    page.goto("./applications/")
    links = page.locator("tbody th a")

    def focused() -> str:
        return str(page.evaluate("document.activeElement.closest('tr')?.dataset.reference ?? document.activeElement.id"))

    walked = []
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
        walked.append(focused())
    page.keyboard.press("?")
    help_shown = page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    search = focused()
    page.keyboard.type("jk")
    typed = page.locator("#q").input_value()
    links.nth(1).focus()
    page.keyboard.press("a")
    page.wait_for_url("**/together")
    chosen = page.locator("input[name=chosen]").evaluate_all("boxes => boxes.map(box => box.value)")

    assert walked == ["A-CASE01", "A-CASE02", "A-CASE02", "A-CASE01"]
    assert (help_shown, search, typed) == (True, "q", "jk")
    assert chosen == [f"A-CASE02:{second.version}"]
    assert page.locator("h1").inner_text() == "Assign: several applications"
    assert Axe().run(page).response["violations"] == []


def test_keys_can_be_switched_off(desk: Callable[[int], Page]) -> None:
    page = desk(1280)
    page.goto("./applications/")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Keys work in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()

    page.keyboard.press("j")

    assert page.evaluate("document.activeElement.tagName") != "A"


def test_keys_can_be_switched_on_again_where_nothing_is_listed(desk: Callable[[int], Page]) -> None:
    page = desk(1280)
    page.goto("./applications/?view=mine")
    page.keyboard.press("?")
    shown = page.locator("#keys").is_visible()
    page.get_by_label("Keys work in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Keys work in this browser").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    page.keyboard.press("/")

    assert (shown, page.evaluate("document.activeElement.id")) == (True, "q")
