"""What the clock does to applications that wait for their applicant, and what the applicant can do afterwards."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications import clock, queries, rules, services
from directory.applications.models import Application, MoveMade, Point
from directory.applications.states import MOVES, PointCode, RejectionCode, State
from directory.audit import SYSTEM, AuditEvent
from directory.background import status_url
from directory.config import Settings
from directory.db import db
from directory.errors import NotAllowed, WrongStatus
from directory.housekeeping import Task, run
from directory.i18n.formats import date_text
from directory.mail import OutboxLetter
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, full_answers


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def keep_house(app: Flask, session: Session, number: float, *, dry_run: bool = False) -> dict[str, int]:
    """Run housekeeping on a day; return what was done."""
    session.commit()
    done = run(session, now=day(number), status_url=status_url(app), place=app.extensions["uploads"], dry_run=dry_run)
    session.expire_all()
    return {str(task): count for task, count in done.items() if count}


def templates(session: Session) -> list[str]:
    return list(session.scalars(sa.select(OutboxLetter.template).order_by(OutboxLetter.id)))


def ask(session: Session, application: Application) -> Point:
    clerk = Account(email="clerk@staff.example", created_at=NOW)
    session.add(clerk)
    session.flush()
    point = Point(code=PointCode.UNCLEAR, words="Which register?", asked_by_id=clerk.id, asked_at=NOW)
    application.points.append(point)
    session.commit()
    return point


@pytest.mark.parametrize(
    ("state", "remind", "end", "ended", "last"),
    [
        (State.DRAFT, Task.REMIND_DRAFT, Task.EXPIRE, State.EXPIRED, ["reminder", "reminder"]),
        (State.CHANGES_REQUESTED, Task.REMIND_OF_POINTS, Task.LAPSE, State.LAPSED, ["reminder", "reminder", "lapsed"]),
    ],
)
def test_two_reminders_then_the_end(
    app: Flask, session: Session, state: State, remind: Task, end: Task, ended: State, last: list[str]
) -> None:
    application = add_application(session, state=state)

    found = {number: keep_house(app, session, number) for number in (6.9, 7, 7.1, 20.9, 21, 29.9, 30, 31)}

    assert found == {6.9: {}, 7: {remind: 1}, 7.1: {}, 20.9: {}, 21: {remind: 1}, 29.9: {}, 30: {end: 1}, 31: {}}
    assert (application.state, templates(session)) == (ended, last)
    made = session.scalars(sa.select(MoveMade)).one()
    assert (made.name, made.by_id) == (str(end), None)
    actions = session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.sequence)).all()
    assert actions == ["application.remind", "application.remind", f"application.{end}"]


def test_a_late_clock_still_reminds_twice_with_a_week_between(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)

    found = {number: keep_house(app, session, number) for number in (90, 90.5, 97, 103, 104)}

    reminded = {Task.REMIND_OF_POINTS: 1}
    assert found == {90: reminded, 90.5: {}, 97: reminded, 103: {}, 104: {Task.LAPSE: 1}}
    assert application.state == State.LAPSED


def test_nothing_lapses_before_the_day_that_the_applicant_was_told(app: Flask, session: Session) -> None:
    add_application(session, state=State.CHANGES_REQUESTED, answer_by=day(45).date(), locale="en")

    found = {number: keep_house(app, session, number) for number in (7, 21, 30, 45, 46)}

    bodies = session.scalars(sa.select(OutboxLetter.body).order_by(OutboxLetter.id)).all()
    reminded = {Task.REMIND_OF_POINTS: 1}
    assert found == {7: reminded, 21: reminded, 30: {}, 45: {}, 46: {Task.LAPSE: 1}}
    assert all(date_text(day(46).date(), "en") in body for body in bodies[:2])


def test_letters_name_the_day_on_which_it_ends(app: Flask, session: Session) -> None:
    add_application(session, state=State.DRAFT, locale="en")
    keep_house(app, session, 7)
    keep_house(app, session, 40)

    bodies = session.scalars(sa.select(OutboxLetter.body).order_by(OutboxLetter.id)).all()
    assert len(bodies) == 2

    assert date_text(day(30).date(), "en") in bodies[0]  # thirty days after the last change
    assert date_text(day(47).date(), "en") in bodies[1]  # a week after a reminder that came late
    assert keep_house(app, session, 46.9) == {}
    assert keep_house(app, session, 47) == {Task.EXPIRE: 1}


def test_a_first_letter_that_comes_late_names_the_day_that_it_comes_to(app: Flask, session: Session) -> None:
    add_application(session, state=State.DRAFT)

    found = {number: keep_house(app, session, number) for number in (25, 32, 38.9, 39)}

    bodies = session.scalars(sa.select(OutboxLetter.body).order_by(OutboxLetter.id)).all()
    assert found == {25: {Task.REMIND_DRAFT: 1}, 32: {Task.REMIND_DRAFT: 1}, 38.9: {}, 39: {Task.EXPIRE: 1}}
    assert all(date_text(day(39).date(), "en") in body for body in bodies)


def test_a_reminder_leaves_an_open_page_valid(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    ask(session, application)
    version = application.version
    keep_house(app, session, 7)

    assert (application.reminders, application.version, application.updated_at) == (1, version, NOW)


def test_one_application_that_fails_keeps_no_other_waiting(app: Flask, session: Session) -> None:
    broken = add_application(session, state=State.DRAFT, locale="xx")
    sound = add_application(session, state=State.DRAFT)

    first, second = keep_house(app, session, 7), keep_house(app, session, 7)

    assert (first, second) == ({Task.REMIND_DRAFT: 1, Task.FAILED: 1}, {Task.FAILED: 1})
    assert (broken.reminders, sound.reminders) == (0, 1)


def test_an_applicant_who_saves_meanwhile_is_seen(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another transaction ends between the list of what is due and the first deed."""
    application = add_application(session, state=State.DRAFT)
    listed = clock.waiting

    def waiting(session: Session, *, now: datetime) -> list[int]:
        found = listed(session, now=now)
        with db.engine.begin() as other:
            table = Application.__table__
            other.execute(sa.update(table).where(table.c.id == application.id).values(updated_at=day(29)))
        return found

    monkeypatch.setattr(clock, "waiting", waiting)

    assert keep_house(app, session, 30) == {}
    assert (application.state, templates(session)) == (State.DRAFT, [])


def test_a_change_begins_the_time_anew(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.DRAFT)
    keep_house(app, session, 7)
    step = full_answers()["contact"] | {"name": "Ana Nova"}
    seen = services.stamp(application, services.Step.CONTACT)
    services.save_step(session, application, services.Step.CONTACT, step, seen=seen, locale="en", now=day(8))
    session.commit()

    found = {number: keep_house(app, session, number) for number in (14.9, 15, 29, 38)}

    once = {Task.REMIND_DRAFT: 1}
    assert found == {14.9: {}, 15: once, 29: once, 38: {Task.EXPIRE: 1}}


def test_an_address_that_was_not_proved_is_never_written_to(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.DRAFT, email_proved=None)

    found = [keep_house(app, session, number) for number in (7, 21, 29.9, 30)]

    assert found == [{}, {}, {}, {Task.EXPIRE: 1}]
    assert (application.state, templates(session)) == (State.EXPIRED, [])


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT, State.CHANGES_REQUESTED}))
def test_what_waits_for_staff_or_is_closed_is_left_alone(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)

    assert keep_house(app, session, 29) == {}
    assert application.state == state


def test_a_dry_run_says_the_same_and_changes_nothing(app: Flask, session: Session) -> None:
    draft = add_application(session, state=State.DRAFT)
    asked = add_application(session, state=State.CHANGES_REQUESTED, reminders=2, reminded_at=day(21))
    add_application(session, state=State.EXPIRED)
    add_application(session, state=State.WITHDRAWN, state_since=day(-340))
    before = session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))

    dry = keep_house(app, session, 30, dry_run=True)

    assert (draft.state, asked.state, draft.reminders) == (State.DRAFT, State.CHANGES_REQUESTED, 0)
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == before
    assert templates(session) == []
    assert dry == {Task.REMIND_DRAFT: 1, Task.LAPSE: 1, Task.REMOVE: 1, Task.REDUCE: 1}
    assert keep_house(app, session, 30) == dry
    assert keep_house(app, session, 30) == {}


def test_the_clock_ends_nothing_before_it_reminded(session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)

    with pytest.raises(NotAllowed, match="not_reminded"):
        clock._move(session, application, "lapse", day(99))


def test_a_lapsed_application_is_opened_again_by_the_applicant(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = ask(session, application)
    for number in (7, 21, 30):
        keep_house(app, session, number)
    browser = open_browser(app, application)

    closed = browser.get(address_of(application, "status"))
    opened = browser.post(address_of(application, "revive"), follow=True)

    session.expire_all()
    assert "Open it again and answer" in closed.text
    assert opened.select(f"[name='point-{point.id}']")
    assert (application.state, application.reminders) == (State.CHANGES_REQUESTED, 0)
    assert browser.post(address_of(application, "revive")).status == 409


def test_what_is_looked_at_again_has_its_promised_time_anew(session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    application.moves = [
        MoveMade(name="recommend", source=State.IN_REVIEW, target=State.READY_FOR_DECISION, at=day(1)),
        MoveMade(name="reject", source=State.READY_FOR_DECISION, target=State.REJECTED, at=day(20)),
        MoveMade(name="appeal", source=State.REJECTED, target=State.IN_REVIEW, at=day(40)),
    ]

    assert rules.stretches_with_staff(application) == [(day(40), None)]
    assert rules.promised_by(application) == date(2027, 1, 15)  # ten working days after Sunday, 3 January


def _rejected(session: Session, state: State = State.REJECTED) -> Application:
    code = RejectionCode.OUT_OF_SCOPE if state is State.REJECTED else None
    return add_application(
        session, state=state, state_since=datetime.now(NOW.tzinfo), rejection_code=code, decision_message="No <services>.",
        duplicate_of="alpha" if state is State.DUPLICATE else None, recommendation="reject", recommendation_note="No.",
    )  # fmt: skip


@pytest.mark.parametrize("state", [State.REJECTED, State.DUPLICATE])
def test_an_appeal_takes_the_application_back_into_review(app: Flask, session: Session, settings: Settings, state: State) -> None:
    application = _rejected(session, state)
    browser = open_browser(app, application)
    link = browser.get(address_of(application, "status")).select(f"a[href='{address_of(application, 'appeal')}']")

    empty = browser.post(address_of(application, "appeal"), {"words": " "})
    browser.post(address_of(application, "appeal"), {"words": "You read the <old> register."})

    session.expire_all()
    letter = session.scalars(sa.select(OutboxLetter)).one()
    assert (len(link), empty.status) == (1, 422)
    assert (application.state, application.appeal) == (State.IN_REVIEW, "You read the <old> register.")
    assert (application.rejection_code, application.duplicate_of, application.decision_message) == (None, None, "")
    assert (application.recommendation, application.recommendation_note, application.decided_at) == (None, "", None)
    assert (letter.recipient, "You read the <old> register." in letter.body) == (settings.staff_mail, True)
    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "application.appeal")).one()
    assert (event.actor_kind, {value.field for value in event.values} >= {"reason", "state"}) == ("applicant", True)


def test_an_appeal_is_too_late_after_thirty_days(app: Flask, session: Session) -> None:
    application = _rejected(session)
    application.state_since -= timedelta(days=31)
    session.commit()
    browser = open_browser(app, application)

    assert "Ask to look again" not in browser.get(address_of(application, "status")).text
    assert browser.post(address_of(application, "appeal"), {"words": "But"}).status == 303
    with pytest.raises(NotAllowed, match="appeal_over"):
        services.appeal(session, application, words="But", desk_url="x", staff_mail="s@s.example", now=datetime.now(NOW.tzinfo))
    assert application.state == State.REJECTED


def test_status_tells_the_usual_time_from_five_decisions_on(app: Flask, session: Session) -> None:
    waiting = add_application(session, state=State.SUBMITTED)
    status = open_browser(app, waiting)
    for days in (3, 9, 4, 30):
        add_application(session, state=State.APPROVED, decided_at=day(days))
    spam = {"state": State.REJECTED, "rejection_code": RejectionCode.SPAM}
    add_application(session, **spam, decided_at=day(1))
    add_application(session, state=State.APPROVED, decided_at=None)
    before = status.get(address_of(waiting, "status")).text
    add_application(session, state=State.REJECTED, decided_at=day(6))

    after = status.get(address_of(waiting, "status")).text

    assert "Lately a decision took" not in before
    assert "Lately a decision took 6 days." in after
    for days in range(60, 80):  # the last twenty count, however many went before
        add_application(session, state=State.APPROVED, submitted_at=day(days - 2), decided_at=day(days))
    assert queries.usual_days(session) == 2


def test_reduced_applications_can_be_neither_revived_nor_carried_over(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.LAPSED)
    keep_house(app, session, 365)

    shown = open_browser(app, application).get(address_of(application, "status"))

    assert (application.reduced_at, application.email) == (day(365), None)
    assert f"deleted on {date_text(day(365).date(), 'en')}" in shown.text.replace("\u00a0", " ")
    assert "Open it again" not in shown.text
    assert "with these answers" not in shown.text
    for move in MOVES.values():
        with pytest.raises(WrongStatus):
            services.move(
                session, application, move.name, by=SYSTEM, by_account=None, who=move.who, now=day(366),
                guards=dict.fromkeys(move.guards, lambda: None),
            )  # fmt: skip
    with pytest.raises(WrongStatus):
        services.revive(session, application, now=day(366))
    with pytest.raises(WrongStatus):
        services.start_again(session, application, locale="en", now=day(366))
