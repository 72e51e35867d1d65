"""What an applicant may have: everything that is kept of the application, and its deletion."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import audit
from directory.applications import retention
from directory.applications.models import SECRET_LETTERS, Application, Note, Submission
from directory.applications.states import State
from directory.audit import AuditEvent
from directory.errors import WrongStatus
from directory.mail import Letter, OutboxLetter, queue
from tests.applications.browsers import address_of, open_browser
from tests.applications.test_clock import ask
from tests.conftest import NOW
from tests.factories import add_application, full_answers
from tests.page import Visitor

ERASABLE = {State.DRAFT, State.EXPIRED, State.REJECTED, State.WITHDRAWN, State.LAPSED, State.DUPLICATE}


def _letters(session: Session, application: Application) -> None:
    about = ("application", application.reference)
    for template, to in (("withdrawn", "ana@proba.example"), ("application_key", "ana@proba.example"), ("x", "staff@s.example")):
        queue(session, Letter(template, "en", template, f"text of {template}\n"), to=to, now=NOW, about=about)
    session.commit()


def test_export_has_everything_of_the_applicant_and_nothing_of_staff(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED, appeal="Look again")
    point = ask(session, application)
    application.notes.append(Note(by_id=point.asked_by_id, at=NOW, words="between us"))
    _letters(session, application)

    answer = open_browser(app, application).client.get(address_of(application, "export"))

    kept = json.loads(answer.data)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-store")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={application.reference}.json"
    assert (kept["answers"], kept["email"], kept["appeal"]) == (full_answers(), "ana@proba.example", "Look again")
    assert kept["submissions"][0]["answers"] == full_answers()
    assert [(one["words"], one["reason"]) for one in kept["points"]] == [("Which register?", "unclear")]
    assert [(one["subject"], one["text"]) for one in kept["letters"]] == [
        ("withdrawn", "text of withdrawn\n"),
        ("application_key", None),  # its text opens the application
    ]
    text = answer.get_data(as_text=True)
    assert not any(word in text for word in ("between us", "clerk@staff.example", "staff@s.example", application.token))
    assert "application_key" in SECRET_LETTERS


@pytest.mark.parametrize("what", ["export", "erase"])
def test_another_browser_gets_nothing(session: Session, page: Visitor, what: str) -> None:
    application = add_application(session)

    asked = page.get(address_of(application, what))
    if what == "erase":
        assert page.post(address_of(application, what)).status == 404

    assert (asked.status, "proba" in asked.text.lower()) == (404, False)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Application)) == 1


@pytest.mark.parametrize("state", list(State))
def test_what_nobody_works_on_is_erased_at_once(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)
    _letters(session, application)
    number, reference = application.id, application.reference
    status, erase = address_of(application, "status"), address_of(application, "erase")
    browser = open_browser(app, application)
    link = browser.get(status).select(f"a[href='{erase}']")

    shown, done = browser.get(erase), browser.post(erase)

    session.expire_all()
    left = session.get(Application, number)
    assert bool(link) == (state in ERASABLE)
    assert (shown.status, done.status) == ((200, 303) if state in ERASABLE else (303, 303))
    if state in {State.DRAFT, State.EXPIRED}:
        assert left is None
        assert browser.get(status).status == 404
    elif state in ERASABLE:
        assert left is not None
        assert (left.email, left.answers.keys(), left.state) == (None, {"organisation"}, state)
        assert "deleted on" in browser.get(status).text
    else:
        assert left is not None
        assert (left.email, left.answers) == ("ana@proba.example", full_answers())
        with pytest.raises(WrongStatus):
            retention.erase(session, left, by=audit.SYSTEM, now=NOW)
    if state in ERASABLE:
        assert session.scalars(sa.select(OutboxLetter.template).where(OutboxLetter.subject_id == reference)).all() == []
        event = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
        assert event is not None
        assert event.actor_kind == "applicant"
    assert audit.verify(session).broken is None


def test_a_draft_that_others_began_from_can_be_deleted(app: Flask, session: Session) -> None:
    first = add_application(session, state=State.EXPIRED)
    second = add_application(session, carried_from_id=first.id)

    done = open_browser(app, first).post(address_of(first, "erase"))

    session.expire_all()
    assert (done.status, second.carried_from_id) == (303, None)
    assert session.scalars(sa.select(Submission)).all() == []


@pytest.mark.parametrize(("state", "erasable"), [(State.DRAFT, True), (State.CHANGES_REQUESTED, False)])
def test_task_list_leads_to_own_data(app: Flask, session: Session, state: State, erasable: bool) -> None:
    application = add_application(session, state=state)

    tasks = open_browser(app, application).get(address_of(application))

    assert [bool(tasks.select(f"a[href='{address_of(application, what)}']")) for what in ("export", "erase")] == [True, erasable]
