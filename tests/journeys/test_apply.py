"""From the start page to the receipt, as an applicant without script goes, with CSRF on."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from directory.mail import OutboxLetter
from tests.page import Page, Visitor

FORM = "main form[novalidate]"
pytestmark = pytest.mark.csrf


def _fill(browser: Visitor, address: str, *, action: str = "continue", **values: object) -> Page:
    answered = browser.submit(browser.get(address), values | {"action": action}, css=FORM)
    assert answered.status == 200, answered.errors
    return answered


def test_apply_from_start_to_receipt(app: Flask, letters: Callable[[], list[OutboxLetter]]) -> None:
    browser = Visitor(app)
    begun = browser.submit(browser.get("/en/apply/"))
    home = str(begun.response.request.path)

    _fill(
        browser, home + "organisation", name="Привредни савез Проба", name_language="sr-Cyrl", kind="institution",
        type="association", languages=["sr-Cyrl", "en"], sectors=["fintech"], summary="We help.", summary_language="en",
    )  # fmt: skip
    _fill(
        browser, home + "seat", country="RS", city="Београд", **{"registrations-0-scheme": "RS-MB", "registrations-0-value": "07012345"}
    )  # fmt: skip
    _fill(browser, home + "contact", name="Ana Probić", email="ana@proba.example")
    _fill(
        browser, home + "offerings", action="add-offerings",
        **{"offerings-0-title": "Market entry", "offerings-0-description": "First steps.", "offerings-0-category": "market-entry-advisory"},
    )  # fmt: skip
    _fill(
        browser, home + "offerings",
        **{"offerings-1-title": "Certificates", "offerings-1-description": "On paper.", "offerings-1-category": "trade-documents"},
    )  # fmt: skip
    _fill(browser, home + "documents", registration_later="y")
    check = _fill(browser, home + "statement", accepted="y", signatory="Petar", capacity="President", listed="y", abroad="y")

    assert browser.submit(check).errors == {"prove": "Proof of the e-mail address: use the link that we mailed to it"}

    (proof,) = letters()
    link = re.search(r"http://[^/]+(/\S+)", proof.body)
    assert link is not None
    browser.submit(browser.get(link[1]))
    sent = browser.submit(browser.get(home + "check"))

    assert "Received, waiting for a reviewer" in sent.text
    receipt = next(x for x in letters() if x.template == "application_received")
    assert receipt.recipient == "ana@proba.example"
    for words in ("Привредни савез Проба", "07012345", "Market entry", "Certificates"):
        assert words in receipt.body


def test_step_without_token_of_the_form_keeps_the_input(app: Flask) -> None:
    browser = Visitor(app)
    home = str(browser.submit(browser.get("/en/apply/")).response.request.path)

    lost = browser.post(home + "seat", {"city": "Niš"})

    assert lost.status == 400
    assert lost.form(FORM)["city"] == "Niš"
    assert "Your session had ended" in lost.texts("#error-summary")[0]
    assert browser.submit(lost, css=FORM).status == 200


@pytest.mark.parametrize("page", ["", "check", "answers", "withdraw", "again", "prove", "link", "open/key"])
def test_post_without_token_of_the_form_changes_nothing(app: Flask, letters: Callable[[], list[OutboxLetter]], page: str) -> None:
    browser = Visitor(app)
    home = str(browser.submit(browser.get("/en/apply/")).response.request.path)

    answer = browser.post(home + page, {}, follow=True)

    assert answer.status in {200, 400, 404, 405}
    assert "Not begun" in browser.get(home).text
    assert letters() == []
