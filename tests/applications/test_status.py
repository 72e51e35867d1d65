"""The status page: what the applicant reads and can do in each state."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications.models import Application, MoveMade, Point
from directory.applications.states import OPEN, POINT_LABELS, PUBLIC_LABELS, PointCode, RejectionCode, State
from directory.mail import OutboxLetter
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, add_member, full_answers
from tests.page import Page


def _status(app: Flask, application: Application) -> Page:
    return open_browser(app, application).get(address_of(application, "status"))


def _ask(session: Session, application: Application) -> Point:
    clerk = Account(email="clerk@staff.example", created_at=NOW)
    session.add(clerk)
    session.flush()
    point = Point(step="seat", code=PointCode.DIFFERENT_REGISTER, words="Which <number>?", asked_by_id=clerk.id, asked_at=NOW)
    application.points.append(point)
    session.commit()
    return point


@pytest.mark.parametrize("state", list(State))
def test_status_shows_label_and_fitting_actions(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)

    shown = _status(app, application)

    assert shown.texts("dd")[:2] == [application.reference, str(PUBLIC_LABELS[state])]
    assert bool(shown.select(f"a[href='{address_of(application, 'withdraw')}']")) == (state in OPEN)
    again = bool(shown.select(f"form[action='{address_of(application, 'again')}']"))
    assert again == (state in {State.REJECTED, State.WITHDRAWN, State.LAPSED})
    assert ("We decide by December 8, 2026" in shown.text or "We decide by 8 December 2026" in shown.text) == (
        state in {State.SUBMITTED, State.IN_REVIEW, State.ON_HOLD, State.READY_FOR_DECISION}
    )


def test_status_tells_the_history_in_the_applicants_words(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    application.moves = [
        MoveMade(name="submit", source=State.DRAFT, target=State.SUBMITTED, at=NOW),
        MoveMade(name="take", source=State.SUBMITTED, target=State.IN_REVIEW, at=NOW),
    ]
    session.commit()

    lines = [line.split(": ")[1] for line in _status(app, application).texts("ol.plain li")]

    assert lines == ["You began the application.", "You sent the application.", "We began to check it."]


def test_status_shows_the_reason_of_a_rejection(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.REJECTED, decision_message="Try <again> later.")

    shown = _status(app, application)

    assert "What the organisation offers lies outside the initiative." in shown.text
    assert "Try <again> later." in shown.text


def test_status_says_nothing_of_spam(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.REJECTED, rejection_code=RejectionCode.SPAM, decision_message="bot")

    shown = _status(app, application)

    assert "spam" not in shown.text.lower()
    assert "bot" not in shown.text


def test_status_links_to_the_entry_once_approved(app: Flask, session: Session) -> None:
    member = add_member(session, slug="proba")
    application = add_application(session, state=State.APPROVED, member_id=member.id)

    assert [a["href"] for a in _status(app, application).select("main p a[href*=members]")] == ["/en/members/proba"]


def test_status_asks_each_point_with_its_answer_box(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = _ask(session, application)

    shown = _status(app, application)

    (asked,) = shown.texts(f"#point-{point.id}-asked")
    assert asked == f"{POINT_LABELS[point.code]} · Seat and registration Which <number>? Your answer to point 1"
    assert address_of(application, "seat") in [a["href"] for a in shown.select(f"#point-{point.id}-asked a")]


def test_answer_is_kept_until_it_is_sent(app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = _ask(session, application)
    browser = open_browser(app, application)
    shown = browser.get(address_of(application, "status"))

    kept = browser.submit(shown, {f"point-{point.id}": "This one."})

    assert kept.form()[f"point-{point.id}"] == "This one."
    assert letters() == []
    session.rollback()
    assert (point.answer, point.answered_at, application.state) == ("This one.", None, State.CHANGES_REQUESTED)
    sent = browser.submit(kept, {"action": "send"})
    assert "Received, waiting for a reviewer" in sent.text
    session.rollback()
    assert (application.state, len(application.submissions)) == (State.SUBMITTED, 2)
    assert sorted(x.template for x in letters()) == ["application_arrived", "application_received"]
    assert browser.submit(kept, {"action": "send"}).status == 200
    assert len(letters()) == 2


def test_send_again_without_an_answer_is_refused(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    _ask(session, application)
    browser = open_browser(app, application)

    refused = browser.submit(browser.get(address_of(application, "status")), {"action": "send"})

    assert refused.status == 422
    assert refused.texts("#error-summary li") == ["Please answer this point, be it in a few words."]
    assert refused.select("#error-summary a")[0]["href"] == f"#{refused.select('textarea')[0]['id']}"
    assert list(refused.errors) == [str(refused.select("textarea")[0]["name"])]
    session.rollback()
    assert application.state == State.CHANGES_REQUESTED


def test_answer_of_another_window_is_not_lost(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = _ask(session, application)
    browser = open_browser(app, application)
    older = browser.get(address_of(application, "status"))
    browser.submit(older, {f"point-{point.id}": "Said first.", "action": "save"}, css="form[action$=answers]")

    told = browser.submit(older, {f"point-{point.id}": "Said otherwise.", "action": "send"}, css="form[action$=answers]")

    assert "Your answers were changed in another window meanwhile." in told.soup.get_text()
    assert told.texts("#unsaved .quote") == ["Said otherwise."]
    session.expire_all()
    assert (point.answer, application.state) == ("Said first.", State.CHANGES_REQUESTED)


def test_send_again_after_a_change_in_another_window_asks_to_look(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = _ask(session, application)
    browser = open_browser(app, application)
    old = browser.get(address_of(application, "status"))
    browser.submit(browser.get(address_of(application, "seat")), {"city": "Niš"})

    told = browser.submit(old, {f"point-{point.id}": "This one.", "action": "send"})

    assert told.status == 409
    assert told.form()[f"point-{point.id}"] == "This one."
    session.rollback()
    assert (application.state, point.answer) == (State.CHANGES_REQUESTED, "This one.")


def test_answer_that_is_too_long_is_refused_and_kept(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = _ask(session, application)
    browser = open_browser(app, application)

    refused = browser.submit(browser.get(address_of(application, "status")), {f"point-{point.id}": "x" * 4001, "action": "send"})

    assert refused.status == 422
    assert list(refused.errors) == [f"point-{point.id}"]
    assert refused.form()[f"point-{point.id}"] == "x" * 4001


@pytest.mark.parametrize("state", sorted(OPEN))
def test_withdraw_from_each_open_state(
    app: Flask, session: Session, state: State, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session, state=state)
    browser = open_browser(app, application)

    done = browser.submit(browser.get(address_of(application, "withdraw")))

    assert "Withdrawn by you" in done.text
    assert [(x.template, x.subject) for x in letters()] == [("withdrawn", f"Application {application.reference} is withdrawn")]
    assert browser.post(address_of(application, "withdraw"), {}).status == 303
    assert len(letters()) == 1


@pytest.mark.parametrize("state", sorted(set(State) - OPEN))
def test_withdraw_from_a_closed_state_changes_nothing(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)

    open_browser(app, application).post(address_of(application, "withdraw"), {})

    session.rollback()
    assert application.state == state


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN, State.LAPSED])
def test_start_again_carries_answers_but_no_signature(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)
    browser = open_browser(app, application)

    begun = browser.submit(browser.get(address_of(application, "status")), css="form[action$='/again']")

    fresh = session.scalars(sa.select(Application).where(Application.carried_from_id == application.id)).one()
    assert fresh.reference in begun.text
    assert fresh.answers == full_answers(statement={"signatory": "Petar Ogledni", "capacity": "President"})
    assert (fresh.state, fresh.statement_version, fresh.email_is_proved) == (State.DRAFT, None, True)
    assert application.state == state


@pytest.mark.parametrize("state", sorted(set(State) - {State.REJECTED, State.WITHDRAWN, State.LAPSED}))
def test_start_again_from_another_state_is_refused(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)

    assert open_browser(app, application).post(address_of(application, "again"), {}).status == 409
    assert len(session.scalars(sa.select(Application)).all()) == 1


def test_a_changed_part_leads_back_to_the_points(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    _ask(session, application)
    browser = open_browser(app, application)
    step = browser.get(address_of(application, "seat"))

    saved = browser.submit(step, {"city": "Niš", "action": "continue"}, follow=False)

    assert "Which <number>?" in step.texts(".notice-warning")[0]
    assert saved.location == address_of(application, "status") + "#points"


def test_a_point_on_the_whole_application_leads_to_its_answers(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    _ask(session, application).step = ""
    session.commit()
    browser = open_browser(app, application)

    status = browser.get(address_of(application, "status"))
    [link] = status.select(f"#point-{application.points[0].id}-asked a")

    assert browser.get(str(link["href"])).select("ol.tasks")
    assert status.select(f"main a.btn[href='{link['href']}']")


def test_address_of_a_form_opened_as_a_page_leads_to_what_it_is_about(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    browser = open_browser(app, application)

    led = browser.get(address_of(application, "answers"))

    assert led.location == address_of(application, "answers").rpartition("/")[0]
    assert browser.get(led.location, follow=True).status == 200
