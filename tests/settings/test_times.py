"""Terms of time count everywhere, and pages and letters tell them."""

from datetime import timedelta

from sqlalchemy.orm import Session

from directory.applications import clock, letters, retention, rules
from directory.applications.clock import Deed
from directory.applications.sent import due_on, keep_facts
from directory.applications.states import RejectionCode, State
from directory.figures.measures import age_bands
from directory.initiative.holding import refresh
from directory.initiative.vocab import Subject
from tests.conftest import NOW
from tests.factories import add_application
from tests.initiative.setting import data_of, set_anew
from tests.page import Visitor


def _set(session: Session, **days: int) -> None:
    set_anew(session, Subject.TIMES, data_of(session, Subject.TIMES) | days)
    refresh()


def test_the_promised_time_is_told_and_kept(session: Session, page: Visitor) -> None:
    _set(session, promised=15)
    application = add_application(session, state=State.SUBMITTED)

    assert "within 15 working days" in page.get("/en/apply/").text
    assert "within 15 working days" in letters.received(application, status_url="https://x.example/").body
    assert rules.promised_by(application) == NOW.date() + timedelta(days=21)
    assert age_bands() == (2, 5, 15)


def test_days_that_are_due_follow_the_promised_time(session: Session) -> None:
    waiting = add_application(session, state=State.SUBMITTED, reference="A-WAITS1")
    draft = add_application(session)
    keep_facts(waiting)
    session.commit()

    _set(session, promised=15)

    session.expire_all()
    assert (waiting.due_on, draft.due_on) == (NOW.date() + timedelta(days=21), None)
    assert waiting.due_on == due_on(waiting)


def test_one_day_is_told_as_one(session: Session, page: Visitor) -> None:
    _set(session, promised=1)

    assert "within one working day" in page.get("/en/apply/").text
    assert age_bands() == (2, 5, 6)


def test_reminders_and_ends_go_by_the_days_that_are_set(session: Session) -> None:
    _set(session, first_reminder=3, second_reminder=12, end=20)
    draft = add_application(session)
    unproved = add_application(session, email_proved=None)

    assert clock.due(draft, now=NOW + timedelta(days=2)) is None
    assert clock.due(draft, now=NOW + timedelta(days=3)) == Deed.REMIND_DRAFT
    assert clock.waiting(session, now=NOW + timedelta(days=3)) == [draft.id, unproved.id]
    assert clock.due(unproved, now=NOW + timedelta(days=19)) is None
    assert clock.due(unproved, now=NOW + timedelta(days=20)) == Deed.EXPIRE


def test_what_is_kept_goes_by_the_days_that_are_set(session: Session, page: Visitor) -> None:
    _set(session, expired_kept=5, closed_kept=60, documents_kept=45)
    expired = add_application(session, state=State.EXPIRED)
    rejected = add_application(session, state=State.REJECTED)

    assert retention.over(session, now=NOW + timedelta(days=5)) == [expired.id]
    assert retention.due(rejected, now=NOW + timedelta(days=59)) is None
    assert retention.due(rejected, now=NOW + timedelta(days=60)) == retention.Deed.REDUCE
    told = page.get("/en/privacy").text
    assert "It is deleted 5 days after it was closed." in told
    assert "only the organisation’s name, the dates and the decision stay after 60 days." in told
    assert "Documents of an application are deleted 45 days after the decision" in told


def test_the_time_of_an_appeal_is_told_and_kept(session: Session, page: Visitor) -> None:
    _set(session, appeal=14)
    rejected = add_application(session, state=State.REJECTED)
    letter = letters.rejected(rejected, code=RejectionCode.OUT_OF_SCOPE, message="No.", status_url="https://x.example/")

    assert "write to us within 14 days; the address" in letter.body
    assert "\n\nIf you think" in letter.body
    assert rules.may_appeal(rejected, now=NOW + timedelta(days=14))
    assert not rules.may_appeal(rejected, now=NOW + timedelta(days=15))


def test_what_came_with_the_program_is_told_as_before(page: Visitor) -> None:
    told = page.get("/en/privacy").text

    assert "A draft that is not sent is closed 30 days after its last change." in told
    assert "within 10 working days" in page.get("/en/apply/").text
