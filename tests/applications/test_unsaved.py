"""What is typed and not saved, because the session or the browser ended: kept for two days, offered to whoever opens the application."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import audit
from directory.accounts.models import Account
from directory.applications import unsaved
from directory.applications.models import Application, Point, Unsaved
from directory.applications.states import PointCode, State
from directory.applications.vocab import Step
from directory.audit import AuditEvent
from directory.housekeeping import Task, run
from directory.mail import OutboxLetter
from tests.applications.browsers import address_of, open_browser
from tests.applications.test_access import _link_in
from tests.conftest import NOW
from tests.factories import add_application, full_answers
from tests.page import Page, Visitor

SENTENCE = (
    "This was typed but not saved: the page was left before that, the application was not open in that browser, or it was "
    "changed or sent meanwhile. We keep it for two days."
)


def _kept(session: Session) -> list[tuple[str, dict[str, list[str]]]]:
    session.rollback()
    return [(one.page, one.fields) for one in session.scalars(sa.select(Unsaved).order_by(Unsaved.id))]


def _ask(session: Session, application: Application) -> Point:
    clerk = Account(email="clerk@staff.example", created_at=NOW)
    session.add(clerk)
    session.flush()
    application.points.append(point := Point(code=PointCode.UNCLEAR, asked_by_id=clerk.id, asked_at=NOW))
    session.commit()
    return point


def _offered(page: Page) -> list[str]:
    return page.texts("#unsaved li")


def test_step_of_an_ended_session_is_offered_on_another_device_and_saved(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session)
    desk, phone = open_browser(app, application), Visitor(app)
    filled = desk.get(address_of(application, "seat"))
    desk.client.delete_cookie("session")
    desk.submit(filled, {"city": "Niš", "country": "XX"}, css="main form[novalidate]")
    phone.submit(phone.get(address_of(application)))

    home = phone.submit(phone.get(_link_in(letters()[-1])))
    address = str(home.select("#unsaved a")[0]["href"])
    form = phone.get(address)
    saved = phone.post(address, form.form("main form[novalidate]") | {"country": "DE", "action": "save"})

    assert SENTENCE in home.text
    assert [text.partition(": ")[2] for text in _offered(home)] == ["Seat and registration · Put it into the form"]
    assert form.form("main form[novalidate]")["city"] == "Niš"
    assert "Београд" in form.texts("#stored")[0]
    assert saved.status == 303
    session.expire_all()
    assert application.answers["seat"] | {"registrations": []} == {"country": "DE", "city": "Niš", "registrations": []}
    assert application.answers["seat"]["registrations"] == full_answers()["seat"]["registrations"]
    assert (_kept(session), _offered(phone.get(address_of(application)))) == ([], [])


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.DOCUMENTS])  # a file that was not sent cannot be kept
def test_every_step_comes_back_as_it_was_typed(app: Flask, session: Session, step: Step) -> None:
    application = add_application(session)
    browser, other = open_browser(app, application), Visitor(app)
    typed = browser.get(address_of(application, step)).form("main form[novalidate]")

    other.post(address_of(application, step), typed)
    kept = session.scalars(sa.select(Unsaved)).one()
    shown = browser.get(address_of(application, f"{step}?unsaved={kept.id}")).form("main form[novalidate]")

    del shown["csrf_token"], typed["csrf_token"]
    assert shown == typed  # ticks as they are stored


def test_answer_to_a_point_is_shown_and_kept(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    field = f"point-{_ask(session, application).id}"

    lost = Visitor(app).post(address_of(application, "answers"), {field: "In the <b>register</b>.", "action": "send"})

    assert (lost.status, lost.texts(".quote")) == (404, ["In the <b>register</b>."])
    assert _kept(session) == [("answers", {field: ["In the <b>register</b>."]})]
    status = open_browser(app, application).get(address_of(application, "status"))
    assert status.texts("#unsaved .quote") == ["In the <b>register</b>."]


def test_appeal_is_shown_and_kept(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.REJECTED)

    lost = Visitor(app).post(address_of(application, "appeal"), {"words": "You overlooked the register."})

    assert lost.texts(".quote") == ["You overlooked the register."]
    assert _kept(session) == [("appeal", {"words": ["You overlooked the register."]})]
    assert application.state == State.REJECTED


def test_answer_that_comes_too_late_is_kept(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.LAPSED)
    field = f"point-{_ask(session, application).id}"

    told = open_browser(app, application).post(address_of(application, "answers"), {field: "At last."}, follow=True)

    assert told.texts("#unsaved .quote") == ["At last."]


def test_what_is_sent_twice_is_not_called_unsaved(app: Flask, session: Session) -> None:
    asked, rejected = add_application(session, state=State.CHANGES_REQUESTED), add_application(session, state=State.REJECTED)
    rejected.state_since = datetime.now(UTC)
    field = f"point-{_ask(session, asked).id}"

    for _ in range(2):
        sent = {field: "At last.", "action": "send", "seen_version": str(asked.version)}
        open_browser(app, asked).post(address_of(asked, "answers"), sent)
        open_browser(app, rejected).post(address_of(rejected, "appeal"), {"words": "Look again."})
        session.expire_all()

    assert _kept(session) == []
    assert (asked.state, rejected.state) == (State.SUBMITTED, State.IN_REVIEW)


def test_appeal_that_comes_too_late_is_kept(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.APPROVED)

    told = open_browser(app, application).post(address_of(application, "appeal"), {"words": "Look again."}, follow=True)

    assert told.texts("#unsaved .quote") == ["Look again."]


@pytest.mark.parametrize("page", ["seat", "answers", "appeal"])
def test_page_tells_nothing_of_whether_the_application_exists(app: Flask, session: Session, page: str) -> None:
    application = add_application(session)

    known = Visitor(app).post(address_of(application, page), {"city": "Niš", "words": "Look"})
    guessed = Visitor(app).post(f"/en/apply/guessed/{page}", {"city": "Niš", "words": "Look"})

    assert (known.status, known.html.replace(application.token, "guessed")) == (guessed.status, guessed.html)
    assert [where for where, _fields in _kept(session)] == [page]


def test_keeping_is_recorded_once_and_empty_pages_are_not_kept(app: Flask, session: Session) -> None:
    application = add_application(session)

    for city in ("Niš", "Niš", "", " "):
        Visitor(app).post(address_of(application, "seat"), {"city": city, "seen": "x", "action": "save"})

    assert _kept(session) == [("seat", {"city": ["Niš"]})]
    events = session.execute(sa.select(AuditEvent.action, AuditEvent.actor_kind)).all()
    assert [tuple(event) for event in events] == [("application.keep_unsaved", "visitor")]
    assert audit.verify(session).why == ""


def test_what_another_application_has_kept_is_not_shown(app: Flask, session: Session) -> None:
    mine, other = add_application(session), add_application(session)
    Visitor(app).post(address_of(other, "seat"), {"city": "Niš"})
    kept = session.scalars(sa.select(Unsaved)).one()

    page = open_browser(app, mine).get(address_of(mine, f"seat?unsaved={kept.id}"))

    assert (page.form("main form[novalidate]")["city"], "Niš" in page.html) == ("Београд", False)


def test_newest_are_kept_where_there_are_many(session: Session) -> None:
    application = add_application(session)

    for number in range(unsaved.MOST + 3):
        unsaved.keep(session, application, "seat", {"city": [f"{number}"]}, now=NOW)
    session.commit()

    assert [fields["city"] for _page, fields in _kept(session)] == [[f"{n}"] for n in range(3, unsaved.MOST + 3)]


def test_it_is_deleted_after_two_days_and_by_a_button(app: Flask, session: Session) -> None:
    old, new = add_application(session), add_application(session)
    now = datetime.now(UTC)
    unsaved.keep(session, old, "seat", {"city": ["Old"]}, now=now - timedelta(days=2))
    unsaved.keep(session, new, "seat", {"city": ["New"]}, now=now)
    session.commit()

    assert _offered(open_browser(app, old).get(address_of(old))) == []
    assert run(session, now=now, status_url=lambda _application: "", place=app.extensions["uploads"])[Task.UNSAVED] == 1
    assert _kept(session) == [("seat", {"city": ["New"]})]
    browser = open_browser(app, new)
    done = browser.submit(browser.get(address_of(new)), css="form[action$=unsaved]")
    assert "What was not saved is deleted." in done.soup.get_text()
    assert _kept(session) == []


def test_it_goes_with_what_is_erased_and_stands_in_the_export(app: Flask, session: Session) -> None:
    application = add_application(session)
    Visitor(app).post(address_of(application, "seat"), {"city": "Niš"})
    browser = open_browser(app, application)

    exported = browser.client.get(address_of(application, "export")).json
    browser.submit(browser.get(address_of(application, "erase")))

    assert [(one["page"], one["fields"]) for one in exported["unsaved"]] == [("seat", {"city": ["Niš"]})]
    assert _kept(session) == []


def test_choice_of_the_documents_page_is_offered_and_taken_over(app: Flask, session: Session) -> None:
    application = add_application(session)
    Visitor(app).post(address_of(application, "documents"), {"logo_crop": "centre", "action": "save"})
    browser = open_browser(app, application)
    address = str(browser.get(address_of(application)).select("#unsaved a")[0]["href"])

    form = browser.get(address)
    browser.post(address, form.form("main form[novalidate]") | {"action": "save"})

    assert "This form shows what was typed" in form.text
    assert _kept(session) == []


def _typing(browser: Visitor, application: Application, step: str, number: int | None = None, **changes: object) -> Any:
    """Send what the script sends when a field is left; give the number that it is told."""
    form = browser.get(address_of(application, step)).form("main form[novalidate]") | changes
    query = f"?unsaved={number}" if number else ""
    return json.loads(browser.client.post(address_of(application, f"{step}/typed{query}"), data=form).data)["kept"]


def test_what_was_typed_when_the_browser_died_is_offered_in_another_one(app: Flask, session: Session) -> None:
    application = add_application(session)
    version, answers = application.version, application.answers
    dying, other = open_browser(app, application), open_browser(app, application)

    number = _typing(dying, application, "seat", city="Ni", country="DE")
    again = _typing(dying, application, "seat", number, city="Niš", country="DE")

    shown = other.get(address_of(application, "seat"))
    assert number == again
    assert [fields["city"] for _page, fields in _kept(session)] == [["Niš"]]
    assert (application.version, application.answers) == (version, answers)
    assert SENTENCE in shown.text
    assert shown.form("main form[novalidate]")["city"] == "Београд"
    filled = other.get(str(shown.select("#unsaved a")[0]["href"])).form("main form[novalidate]")
    assert (filled["city"], filled["country"]) == ("Niš", "DE")
    events = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "application.keep_unsaved")).all()
    assert [(event.actor_kind, event.actor_id) for event in events] == [("applicant", application.reference)]


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.DOCUMENTS])
def test_what_was_typed_is_kept_no_longer_once_it_is_saved(app: Flask, session: Session, step: Step) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    form = browser.get(address_of(application, step)).form("main form[novalidate]")
    field = next(name for name in ("name", "names-0-name", "city", "offerings-0-title", "signatory") if name in form)
    form = form | {field: "Proba"}
    half = _typing(browser, application, step, **{field: "Pro"})

    browser.post(address_of(application, f"{step}?unsaved={half}"), form)
    late = browser.client.post(address_of(application, f"{step}/typed"), data=form)

    assert json.loads(late.data) == {"kept": None}
    assert _kept(session) == []


def test_what_was_typed_before_the_page_knew_its_number_goes_with_the_saving(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    form = browser.get(address_of(application, "statement")).form("main form[novalidate]") | {"signatory": "Petra"}
    _typing(browser, application, "statement", signatory="Petra")

    browser.post(address_of(application, "statement"), form)

    assert _kept(session) == []


def test_ticks_are_not_kept_before_they_are_saved(app: Flask, session: Session) -> None:
    application = add_application(session)
    before = [(one.kind, one.given_at, one.revoked_at) for one in application.consents]

    _typing(
        open_browser(app, application),
        application,
        "statement",
        contact_shared="y",
        listed="y",
        abroad="y",
        accepted="y",
        capacity="Chair",
    )

    ((page, fields),) = _kept(session)
    assert (page, fields["capacity"]) == ("statement", ["Chair"])
    assert fields.keys().isdisjoint({"listed", "abroad", "contact_shared", "accepted", "csrf_token"})
    assert [(one.kind, one.given_at, one.revoked_at) for one in application.consents] == before


def test_nothing_is_kept_for_who_has_not_opened_it_or_once_it_was_sent(app: Flask, session: Session) -> None:
    application, sent = add_application(session), add_application(session, state=State.SUBMITTED)

    stranger = Visitor(app).post(address_of(application, "seat/typed"), {"city": "Niš"})
    late = open_browser(app, sent).client.post(address_of(sent, "seat/typed"), data={"city": "Niš"})

    assert (stranger.status, late.status_code, _kept(session)) == (404, 409, [])


def test_a_year_that_is_none_is_shown_again(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)

    number = _typing(browser, application, "organisation", founded="last year")

    shown = browser.get(address_of(application, f"organisation?unsaved={number}"))
    assert shown.form("main form[novalidate]")["founded"] == "last year"
    assert "last year" in shown.texts("#stored")[0]


def test_what_was_typed_in_a_step_is_named_once_the_application_was_sent(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    _typing(browser, application, "seat", city="Niš", country="DE")
    application.state = State.SUBMITTED
    session.commit()

    status = browser.get(address_of(application, "status"))

    assert status.texts("#unsaved .quote") == ["Country or region: Germany", "City: Niš"]
