"""Terms of time count everywhere, and pages and letters tell them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from directory import mail
from directory.accounts.models import Role
from directory.applications import clock, letters, retention, rules
from directory.applications.clock import Deed
from directory.applications.sent import due_on, keep_facts
from directory.applications.states import RejectionCode, State
from directory.db import take_turn
from directory.enquiries import retention as enquiries
from directory.enquiries.models import Enquiry
from directory.figures.measures import age_bands
from directory.initiative.holding import refresh
from directory.initiative.models import Edition
from directory.initiative.queries import times
from directory.initiative.vocab import Subject
from directory.mail import LetterState
from directory.settings import services
from tests.conftest import NOW
from tests.factories import add_application, add_member
from tests.initiative.setting import administrator, data_of, set_anew
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
    assert age_bands() == (1,)


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


def test_questions_and_letters_are_kept_for_the_days_that_are_set(session: Session, page: Visitor) -> None:
    _set(session, enquiries_kept=40, letters_kept=20)
    letter = letters.withdrawn(add_application(session), status_url="https://x.example/")
    mail.queue(session, letter, to="ana@proba.example", now=NOW).state = LetterState.SENT
    member = add_member(session)
    asked = {
        "name": "Ana",
        "organisation": "Proba",
        "email": "ana@proba.example",
        "words": "Hello?",
        "locale": "en",
        "relayed_to_staff": True,
    }
    session.add(Enquiry(member_id=member.id, at=NOW, **asked))
    session.flush()

    counts = [
        (
            enquiries.count(session, now=NOW + timedelta(days=days)),
            mail.count_old(session, secret=(), kept=20, now=NOW + timedelta(days=days)),
        )
        for days in (19, 20, 39, 40)
    ]

    assert counts == [(0, 0), (0, 1), (0, 1), (1, 1)]
    told = page.get("/en/privacy").text
    assert "notices about entries that are settled, are deleted after 40 days." in told
    assert "Letters are deleted 20 days after they were written" in told


def test_times_that_an_older_program_set_have_the_newer_ones_as_they_come(
    session: Session, sign_in: Callable[..., Visitor]
) -> None:
    data = data_of(session, Subject.TIMES)
    older = {name: days for name, days in data.items() if name not in {"enquiries_kept", "letters_kept"}} | {"promised": 12}
    by, now = administrator(session), datetime.now(UTC)
    session.add(Edition(id=1, subject=Subject.TIMES, number=1, data=older, note="Before.", by=by, at=now))
    take_turn(session).editions = 1
    session.commit()
    set_anew(session, Subject.TIMES, {**data, "promised": 15})
    refresh()
    clerk = sign_in(Role.ADMINISTRATOR)

    taken = services.take_up(session, Subject.TIMES, 1, by=by, note="As it was.", seen_number=2, now=now)
    session.commit()
    refresh()

    assert (taken.data["promised"], taken.data["letters_kept"]) == (12, 90)
    assert times().enquiries_kept == 365
    assert clerk.get("/en/staff/settings/times/edit").form("main form[novalidate]")["letters_kept"] == "90"


def test_the_time_of_an_appeal_is_told_and_kept(session: Session, page: Visitor) -> None:
    _set(session, appeal=14)
    rejected = add_application(session, state=State.REJECTED)
    letter = letters.rejected(rejected, code=RejectionCode.OUT_OF_SCOPE, message="No.", status_url="https://x.example/")

    assert "you can ask us on that page within 14 days to look at the decision again." in letter.body
    assert "\n\nIf you think" in letter.body
    assert rules.may_appeal(rejected, now=NOW + timedelta(days=14))
    assert not rules.may_appeal(rejected, now=NOW + timedelta(days=15))


def test_what_came_with_the_program_is_told_as_before(page: Visitor) -> None:
    told = page.get("/en/privacy").text

    assert "A draft that is not sent is closed 30 days after its last change." in told
    assert "within 10 working days" in page.get("/en/apply/").text
