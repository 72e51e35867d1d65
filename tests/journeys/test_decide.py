"""From the application to the listed member, as applicant and two clerks go, with CSRF on and letters over SMTP."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import AuditEvent, verify
from directory.config import Settings
from directory.i18n.locales import SOURCE
from directory.mail import OutboxLetter, SmtpTransport, deliver_due
from tests.page import Page, Visitor
from tests.review.cases import TICKED
from tests.running.test_delivery import Postbox, running

FORM = "main form[novalidate]"
NAME = "Привредни савез Проба"
pytestmark = pytest.mark.csrf


@pytest.fixture(params=["first", "other"])
def locale(request: pytest.FixtureRequest, app: Flask) -> str:
    """English, and another locale that is offered."""
    others = [tag for tag in app.config["OFFERED_LOCALES"] if tag != SOURCE]
    if request.param == "other" and not others:
        pytest.skip("English only is offered")
    return others[0] if request.param == "other" else SOURCE


def _fill(browser: Visitor, address: str, **values: object) -> Page:
    page = browser.submit(browser.get(address), values | {"action": "continue"}, css=FORM)
    assert page.status == 200, page.errors
    return page


def _apply(browser: Visitor, locale: str, letters: Callable[[], list[OutboxLetter]]) -> tuple[str, str]:
    """Fill in everything, prove the address, send. Gives the address of the application and its reference."""
    home = str(browser.submit(browser.get(f"/{locale}/apply/")).response.request.path)
    _fill(
        browser, home + "organisation", name=NAME, name_language="sr-Cyrl", kind="institution", type="association",
        languages=["sr-Cyrl", "en"], sectors=["fintech"], summary="We help.", summary_language="en",
    )  # fmt: skip
    _fill(
        browser, home + "seat", country="RS", city="Београд",
        **{"registrations-0-scheme": "RS-MB", "registrations-0-value": "07012345"},
    )  # fmt: skip
    _fill(browser, home + "contact", name="Ana Probić", email="ana@proba.example")
    _fill(
        browser, home + "offerings",
        **{"offerings-0-title": "Market entry", "offerings-0-description": "First steps.", "offerings-0-language": "en",
           "offerings-0-category": "market-entry-advisory"},
    )  # fmt: skip
    _fill(browser, home + "documents", registration_later="y")
    check = _fill(browser, home + "statement", accepted="y", signatory="Petar", capacity="President", listed="y", abroad="y")
    browser.submit(check)
    [proof] = letters()
    link = re.search(r"http://[^/]+(/\S+)", proof.body)
    assert link
    browser.submit(browser.get(link[1]))
    browser.submit(browser.get(home + "check"))
    receipt = next(letter for letter in letters() if letter.template == "application_received")
    return home, receipt.subject_id


def _received(session: Session, settings: Settings) -> list[EmailMessage]:
    """Deliver the outbox over SMTP and give what arrived at the applicant."""
    postbox = Postbox()
    with running(postbox) as port:
        later = datetime.now(UTC) + timedelta(minutes=1)
        deliver_due(session, SmtpTransport(f"smtp://127.0.0.1:{port}"), settings=settings, clock=lambda: later)
    return [message for message in postbox.kept if message["To"] == "ana@proba.example"]


def test_apply_ask_resubmit_recommend_approve(
    app: Flask,
    session: Session,
    settings: Settings,
    page: Visitor,
    sign_in: Callable[..., Visitor],
    letters: Callable[[], list[OutboxLetter]],
    follow: Callable[[], None],
    locale: str,
) -> None:
    applicant, reviewer, approver = Visitor(app), sign_in(Role.REVIEWER), sign_in(Role.APPROVER, email="second@staff.example")
    home, reference = _apply(applicant, locale, letters)
    case = f"/en/staff/applications/{reference}"
    follow()
    nowhere = {tag: page.get(f"/{tag}/members/?q=Проба").slugs for tag in app.config["OFFERED_LOCALES"]}

    reviewer.submit(reviewer.get(case), css="form[action$='/take']")
    ask = reviewer.get(f"{case}/changes")
    asked = {"ask-step_1": "seat", "ask-code_1": "different_register", "ask-words_1": "Novi Sad?", "do": "preview"}
    reviewer.submit(reviewer.submit(ask, asked), {"do": "confirm"})

    _fill(applicant, home + "seat", city="Нови Сад")
    status = applicant.get(home + "status")
    [point] = [name for name in status.form("form[action$='/answers']") if name.startswith("point-")]
    applicant.submit(status, {point: "We moved.", "action": "send"}, css="form[action$='/answers']")

    changed = reviewer.get(case)
    reviewer.submit(changed, css="form[action$='/take']")
    recommendation = {"recommend-recommendation": "approve", "recommend-words": "All is well now.", **TICKED}
    reviewer.submit(reviewer.get(case), recommendation, css="form[action$='/recommend']")
    decision = approver.get(f"{case}/decision")
    preview = approver.submit(decision, {"decision-outcome": "approve", "decision-message": "Добро дошли!", "do": "preview"})
    approved = approver.submit(preview, {"do": "confirm"})
    follow()

    assert nowhere == {tag: [] for tag in app.config["OFFERED_LOCALES"]}
    assert [row for row in changed.texts("tbody tr") if "Београд" in row and "Нови Сад" in row]
    assert "We moved." in changed.text
    assert "Approved. The organisation is in the directory" in approved.text
    for tag in app.config["OFFERED_LOCALES"]:
        found = page.get(f"/{tag}/members/?q=Проба")
        assert len(found.slugs) == 1
        assert NAME in found.text
        assert page.get(f"/{tag}/members/{found.slugs[0]}").status == 200
    received = _received(session, settings)
    assert {message["Content-Language"] for message in received} == {locale}
    rows = [row for row in letters() if row.recipient == "ana@proba.example"]
    assert [row.template for row in rows] == [
        "application_key", "application_received", "changes_requested", "application_received", "approved",
    ]  # fmt: skip
    assert [message["Subject"] for message in received] == [row.subject for row in rows]
    welcome = received[-1].get_content()
    assert preview.select(".letter")[0].get_text().split() == welcome.split()
    assert f"/{locale}/members/" in welcome
    assert "Добро дошли!" in welcome
    assert "Novi Sad?" in received[2].get_content()
    desk = session.scalars(select(AuditEvent.action).where(AuditEvent.actor_kind == "staff").order_by(AuditEvent.sequence))
    assert list(desk) == [
        "application.take", "application.ask_for_changes", "application.take", "application.recommend", "member.admit",
        "application.approve",
    ]  # fmt: skip
    assert verify(session).broken is None


def test_applicant_reads_the_rejection_in_their_language(
    app: Flask,
    session: Session,
    settings: Settings,
    sign_in: Callable[..., Visitor],
    letters: Callable[[], list[OutboxLetter]],
    locale: str,
) -> None:
    applicant, reviewer, approver = Visitor(app), sign_in(Role.REVIEWER), sign_in(Role.APPROVER)
    home, reference = _apply(applicant, locale, letters)
    case = f"/en/staff/applications/{reference}"
    reviewer.submit(reviewer.get(case), css="form[action$='/take']")
    recommendation = {"recommend-recommendation": "reject", "recommend-words": "Not in the register."}
    reviewer.submit(reviewer.get(case), recommendation, css="form[action$='/recommend']")

    words = {"decision-code": "not_verifiable", "decision-message": "The register knows no such number.", "do": "preview"}
    preview = approver.submit(approver.get(f"{case}/decision"), words)
    done = approver.submit(preview, {"do": "confirm"})

    letter = _received(session, settings)[-1]
    content = " ".join(letter.get_content().split())
    assert "Rejected. The applicant is told by mail." in done.text
    assert letter["Content-Language"] == locale
    assert preview.select(".letter")[0].get_text().split() == content.split()
    english = "We could not verify the organisation"
    assert (english in content) == (locale == SOURCE)
    assert "The register knows no such number." in content
    assert "The register knows no such number." in applicant.get(home + "status").text
    assert "Not in the register." not in applicant.get(home + "status").text
