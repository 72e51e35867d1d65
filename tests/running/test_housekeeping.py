"""What is kept no longer: expired drafts, closed applications, letters, enquiries; and what stays of them."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import audit
from directory.applications import services
from directory.applications.models import AccessKey, Application, Submission
from directory.applications.states import RejectionCode, State
from directory.audit import AuditEvent, AuditValue
from directory.background import status_url
from directory.enquiries.models import Enquiry, Notice, NoticeKind
from directory.housekeeping import Task, run
from directory.mail import Letter, LetterState, OutboxLetter, queue
from tests.conftest import NOW
from tests.factories import add_application, add_member, full_answers

NAME = "Привредни савез Проба"


def keep_house(app: Flask, session: Session, number: float) -> dict[str, int]:
    session.commit()
    done = run(session, now=NOW + timedelta(days=number), status_url=status_url(app), place=app.extensions["uploads"])
    session.expire_all()
    return {str(task): count for task, count in done.items() if count}


def traces(session: Session, word: str) -> list[str]:
    """Return the tables in which a word stands anywhere."""
    found = []
    for table in Application.metadata.sorted_tables:
        rows = session.execute(sa.select(table)).all()
        if any(word in repr(row) for row in rows):
            found.append(table.name)
    return sorted(found)


def begin(session: Session, state: State, when: datetime = NOW) -> Application:
    """Store an application with traces of its contact everywhere."""
    application = services.start(session, locale="en", now=when)
    answers = full_answers()
    for step in services.Step:
        values = answers[str(step)]
        services.save_step(session, application, step, values, seen="", locale="en", now=when)
    application.email_proved = application.email
    application.state, application.state_since = state, when
    application.rejection_code = RejectionCode.OUT_OF_SCOPE if state is State.REJECTED else None
    application.appeal = application.decision_message = application.hold_reason = "Ana Probić wrote"
    application.sponsor = add_member(session)
    application.submissions.append(Submission(number=1, answers=answers, at=when))
    session.add(AccessKey(application_id=application.id, email="ana@proba.example", digest=f"{application.id}", expires_at=when))
    changes = {"state": ("draft", str(state)), "reason": (None, "Ana Probić wrote")}
    subject = ("application", application.reference)
    audit.record(session, "application.appeal", by=audit.SYSTEM, subject=subject, now=when, changes=changes)
    letter = Letter("withdrawn", "en", "Subject", "Dear Ana Probić\n")
    queue(session, letter, to="ana@proba.example", now=when, about=("application", application.reference))
    session.commit()
    return application


def test_a_rejected_application_keeps_name_dates_and_decision(app: Flask, session: Session) -> None:
    application = begin(session, State.REJECTED)
    assert len(traces(session, "ana@proba.example")) == 3

    early, due = keep_house(app, session, 364.9), keep_house(app, session, 365)

    assert (early, due) == ({}, {Task.REDUCE: 1})
    assert traces(session, "ana@proba.example") == traces(session, "Ana Prob") == traces(session, "Ogledni") == []
    assert application.answers == {"organisation": {"name": NAME, "name_language": "sr-Cyrl"}}
    assert (application.state, application.rejection_code) == (State.REJECTED, RejectionCode.OUT_OF_SCOPE)
    assert (application.reduced_at, application.sponsor_id) == (NOW + timedelta(days=365), None)
    verdict = audit.verify(session)
    assert (verdict.broken, verdict.erased > 0) == (None, True)
    own = AuditEvent.subject_id == application.reference
    kept = session.scalars(sa.select(AuditValue.field).join(AuditValue.event).where(own)).all()
    assert set(kept) <= {"step", "state", "code"}


def test_an_expired_draft_goes_whole_after_thirty_days(app: Flask, session: Session) -> None:
    other = begin(session, State.SUBMITTED)
    reference = begin(session, State.EXPIRED).reference

    assert keep_house(app, session, 29.9) == {}
    assert keep_house(app, session, 30) == {Task.REMOVE: 1}

    assert session.scalars(sa.select(Application.reference)).all() == [other.reference]
    assert audit.verify(session).broken is None
    events = sa.select(AuditEvent.action).where(AuditEvent.subject_id == reference).order_by(AuditEvent.sequence)
    assert session.scalars(events).all()[-1] == "application.remove"
    assert session.scalars(sa.select(OutboxLetter.subject_id)).all() == [other.reference]


def test_an_application_that_was_reopened_meanwhile_stays(app: Flask, session: Session) -> None:
    application = begin(session, State.REJECTED)
    application.state, application.rejection_code = State.IN_REVIEW, None
    session.commit()

    assert Task.REDUCE not in keep_house(app, session, 400)
    assert application.answers["contact"]["name"] == "Ana Probić"


def test_letters_go_after_ninety_days_and_those_that_open_something_after_four(app: Flask, session: Session) -> None:
    for template in ("approved", "application_key", "account_reset", "withdrawn"):
        row = queue(session, Letter(template, "en", "S", "B\n"), to="a@b.example", now=NOW)
        row.state = {"withdrawn": LetterState.QUEUED, "approved": LetterState.FAILED}.get(template, LetterState.SENT)
    session.commit()

    def left() -> list[str]:
        return list(session.scalars(sa.select(OutboxLetter.template).order_by(OutboxLetter.id)))

    found = [(keep_house(app, session, number), left()) for number in (3.9, 4, 89.9, 90)]

    assert found == [
        ({}, ["approved", "application_key", "account_reset", "withdrawn"]),
        ({Task.LETTERS: 2}, ["approved", "withdrawn"]),
        ({}, ["approved", "withdrawn"]),
        ({Task.LETTERS: 1}, ["withdrawn"]),  # what still waits to go out is not taken away
    ]


def test_enquiries_and_settled_notices_go_after_a_year(app: Flask, session: Session) -> None:
    member = add_member(session)
    asked = {"member_id": member.id, "locale": "en", "name": "Visitor", "email": "v@v.example", "at": NOW}
    session.add(Enquiry(**asked, words="What do you do?", relayed_to_staff=False))
    session.add(Notice(**asked, kind=NoticeKind.CONFIRM, settled_at=NOW))
    session.add(Notice(**asked, kind=NoticeKind.REMOVE))
    session.commit()

    assert keep_house(app, session, 364.9) == {}
    assert keep_house(app, session, 365) == {Task.ENQUIRIES: 2}
    assert session.scalars(sa.select(Notice.kind)).all() == [NoticeKind.REMOVE]
    assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 0


def test_command_says_what_it_did(app: Flask, session: Session) -> None:
    add_application(session, state=State.EXPIRED, state_since=datetime.now(NOW.tzinfo) - timedelta(days=31))
    runner = app.test_cli_runner()

    dry, wet, again = (runner.invoke(args=["housekeeping", *options]) for options in (["--dry-run"], [], []))

    assert [one.exit_code for one in (dry, wet, again)] == [0, 0, 0]
    assert dry.output.startswith("Nothing was changed. What would be done:\n")
    assert ["Expired drafts deleted: 1" in one.output for one in (dry, wet, again)] == [True, True, False]
    assert len(again.output.splitlines()) == len(Task)
