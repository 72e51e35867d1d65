"""What the desk does: row, event, letter; and who may not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications.models import Application
from directory.applications.states import OPEN, PointCode, RejectionCode, State
from directory.audit import AuditEvent
from directory.config import load_settings
from directory.errors import Conflict, Invalid, NotAllowed, SettingError, WrongStatus
from directory.mail import OutboxLetter
from directory.members.models import Member
from directory.review import closing, conversation, rules, services
from directory.review.services import NewPoint
from directory.review.together import Chosen, Deed, Order, foresee
from directory.review.vocab import CheckItem, CheckResult, Recommendation
from tests.factories import add_member
from tests.review.cases import ALL_FINE, STATUS_URL, add_account, add_application, add_ready, answers

MESSAGE = "Leider finden wir keinen Eintrag im Register."


def _actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))


def _letters(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(OutboxLetter).order_by(OutboxLetter.id))
    return [(row.template, row.locale, row.recipient) for row in rows]


def _changes(session: Session) -> dict[str, tuple[str, str]]:
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    return {value.field: (value.old, value.new) for value in event.values}


def _approve(session: Session, application: Application, by: Account, now: datetime, **changes: Any) -> Member:
    values = {
        "message": "",
        "profile_link": lambda slug: f"http://x/{slug}",
        "second_person": True,
        "seen_version": application.version,
    }
    return closing.approve(session, application, by=by, now=now, **values | changes)


def _reject(session: Session, application: Application, by: Account, now: datetime, **changes: Any) -> None:
    values = {
        "code": RejectionCode.NOT_VERIFIABLE, "message": MESSAGE, "status_url": STATUS_URL, "second_person": True,
        "seen_version": application.version,
    }  # fmt: skip
    closing.reject(session, application, by=by, now=now, **values | changes)


def test_take_makes_it_ones_own(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)

    services.take(session, application, by=by, seen_version=application.version, now=now)
    session.commit()

    assert (application.state, application.assignee) == (State.IN_REVIEW, by)
    assert [(m.name, m.by) for m in application.moves] == [("take", by)]
    assert (_actions(session), _letters(session)) == (["application.take"], [])


def test_note_is_kept_without_a_version(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.APPROVER), add_application(session)

    conversation.note(session, application, by=by, words="Telefonat geführt.", now=now)
    session.commit()

    assert [(n.words, n.by) for n in application.notes] == [("Telefonat geführt.", by)]
    assert (_actions(session), _letters(session)) == (["application.note"], [])


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_note_is_for_who_takes_part(session: Session, now: datetime, role: Role) -> None:
    by, application = add_account(session, role), add_application(session)

    with pytest.raises(NotAllowed):
        conversation.note(session, application, by=by, words="Hm.", now=now)


def test_assign_to_another_is_for_coordinators(session: Session, now: datetime) -> None:
    reviewer, other = add_account(session, Role.REVIEWER), add_account(session, Role.REVIEWER)
    coordinator, application = add_account(session, Role.COORDINATOR), add_application(session)
    seen = application.version

    with pytest.raises(NotAllowed):
        services.assign(session, application, by=reviewer, to=other, seen_version=seen, now=now)
    services.assign(session, application, by=coordinator, to=other, seen_version=seen, now=now)
    session.commit()

    assert application.assignee == other
    assert _changes(session) == {"assignee": ("null", f'"{other.public_id}"')}


def test_assign_refuses_who_takes_no_part(session: Session, now: datetime) -> None:
    coordinator, auditor = add_account(session, Role.COORDINATOR), add_account(session, Role.AUDITOR)
    application = add_application(session)

    with pytest.raises(Invalid):
        services.assign(session, application, by=coordinator, to=auditor, seen_version=application.version, now=now)


@pytest.mark.parametrize("state", [state for state in State if state is not State.DRAFT])
def test_assign_is_for_what_is_open(session: Session, now: datetime, state: State) -> None:
    by, application = add_account(session, Role.COORDINATOR), add_application(session, state=state)
    chosen, order = [Chosen(application.reference, application.version)], Order(Deed.ASSIGN, to=by)

    [outlook] = foresee(session, chosen, order, by=by, status_url=lambda _application: STATUS_URL)
    if state in OPEN:
        services.assign(session, application, by=by, to=by, seen_version=application.version, now=now)
    else:
        with pytest.raises(WrongStatus):
            services.assign(session, application, by=by, to=by, seen_version=application.version, now=now)

    assert (outlook.why_not, application.assignee) == (("", by) if state in OPEN else ("state", None))


def test_ask_for_changes_writes_point_by_point_in_the_applicants_language(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW, locale="en")
    points = [NewPoint("seat", PointCode.DIFFERENT_REGISTER, "The register says Hamburg."), NewPoint("", PointCode.UNCLEAR)]

    services.ask_for_changes(
        session, application, by=by, points=points, answer_by=date(2026, 12, 15), status_url=STATUS_URL,
        seen_version=application.version, now=now,
    )  # fmt: skip
    session.commit()

    assert (application.state, application.answer_by) == (State.CHANGES_REQUESTED, date(2026, 12, 15))
    assert [(p.step, p.code, p.words, p.asked_by) for p in application.open_points] == [
        ("seat", "different_register", "The register says Hamburg.", by),
        ("", "unclear", "", by),
    ]
    assert _actions(session) == ["application.ask_for_changes"]
    body = session.scalars(select(OutboxLetter.body)).one()
    for text in ("Seat and registration", "This differs from what the public register says.", "The register says Hamburg.",
                 "Please explain this more clearly.", "15 December 2026", STATUS_URL, application.reference):  # fmt: skip
        assert text in body


@pytest.mark.parametrize("number", [0, rules.POINTS_AT_ONCE + 1])
def test_ask_for_changes_needs_points(session: Session, now: datetime, number: int) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)

    with pytest.raises(Invalid):
        services.ask_for_changes(
            session, application, by=by, points=[NewPoint("", PointCode.UNCLEAR)] * number, answer_by=date(2026, 12, 15),
            status_url=STATUS_URL, seen_version=application.version, now=now,
        )  # fmt: skip


def test_hold_and_resume(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)
    until = date(2026, 12, 1)

    services.hold(session, application, by=by, until=until, reason="Register answers.", seen_version=application.version, now=now)
    session.commit()
    held = (application.state, application.hold_until, application.hold_reason)
    services.resume(session, application, by=by, seen_version=application.version, now=now)
    session.commit()

    assert held == (State.ON_HOLD, until, "Register answers.")
    assert (application.state, application.hold_until, application.hold_reason) == (State.IN_REVIEW, None, "")
    assert (_actions(session), _letters(session)) == (["application.hold", "application.resume"], [])


@pytest.mark.parametrize("days", [-1, 0, rules.ANSWER_DAYS_MAX + 1])
def test_ask_for_changes_names_a_day_to_come(session: Session, now: datetime, days: int) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)

    with pytest.raises(Invalid, match="answer_by"):
        services.ask_for_changes(
            session, application, by=by, points=[NewPoint("", PointCode.UNCLEAR)], answer_by=now.date() + timedelta(days=days),
            status_url=STATUS_URL, seen_version=application.version, now=now,
        )  # fmt: skip


@pytest.mark.parametrize("days", [0, rules.HOLD_DAYS_MAX + 1])
def test_hold_refuses_a_day_that_is_over_or_far_away(session: Session, now: datetime, days: int) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)
    until = now.date() + timedelta(days=days)

    with pytest.raises(Invalid):
        services.hold(session, application, by=by, until=until, reason="x", seen_version=application.version, now=now)


def test_recommend_and_send_back(session: Session, now: datetime) -> None:
    reviewer, approver = add_account(session, Role.REVIEWER), add_account(session, Role.APPROVER)
    application = add_application(session, state=State.IN_REVIEW)

    services.recommend(
        session, application, by=reviewer, recommendation=Recommendation.APPROVE, checklist=ALL_FINE, words="Good.",
        seen_version=application.version, now=now,
    )  # fmt: skip
    session.commit()
    recommended = (application.state, application.recommended_by, application.recommendation, application.recommendation_note)
    looked_at = application.checklist
    services.send_back(session, application, by=approver, reason="Look again.", seen_version=application.version, now=now)
    session.commit()

    assert recommended == (State.READY_FOR_DECISION, reviewer, "approve", "Good.")
    assert looked_at == {str(item): "fine" for item in CheckItem}
    assert (application.state, application.recommended_by, application.recommendation) == (State.IN_REVIEW, None, None)
    assert application.checklist == {}
    assert (_actions(session), _letters(session)) == (["application.recommend", "application.send_back"], [])
    assert _changes(session)["reason"] == ("null", '"Look again."')


@pytest.mark.parametrize("found", [None, CheckResult.DOUBT])
def test_approval_is_recommended_only_where_all_is_looked_at_and_in_order(
    session: Session, now: datetime, found: CheckResult | None
) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)
    checklist = {item: result for item, result in {**ALL_FINE, CheckItem.SCOPE: found}.items() if result}
    seen = application.version

    def recommend(choice: Recommendation) -> None:
        services.recommend(
            session, application, by=by, recommendation=choice, checklist=checklist, words="So it is.", seen_version=seen, now=now
        )

    with pytest.raises(Invalid, match="scope"):
        recommend(Recommendation.APPROVE)
    session.rollback()
    recommend(Recommendation.REJECT)

    assert application.state == State.READY_FOR_DECISION


def test_approve_makes_a_member_an_event_and_a_letter(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.APPROVER), add_ready(session, locale="en")

    member = _approve(session, application, by, now, message="Welcome aboard.")
    session.commit()

    assert (application.state, application.member, application.decided_by, application.decided_at) == (
        State.APPROVED, member, by, now,
    )  # fmt: skip
    assert member.official_name.name == application.answers["organisation"]["name"]
    assert member.contact is not None
    assert member.contact.shown is False
    assert member.contact.email == application.email
    assert member.signature is not None
    assert (member.signature.signed_by, member.signature.capacity, member.signature.tag) == ("Max Muster", "Vorstand", "en")
    assert member.signature.signed_on == date(2026, 11, 23)
    assert _actions(session) == ["member.admit", "application.approve"]
    assert _letters(session) == [("approved", "en", application.email)]
    body = session.scalars(select(OutboxLetter.body)).one()
    assert f"http://x/{member.slug}" in body
    assert "Welcome aboard." in body


def test_reject_tells_the_reason(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.APPROVER), add_ready(session, locale="en")

    _reject(session, application, by, now)
    session.commit()

    assert (application.state, application.rejection_code, application.decision_message) == (
        State.REJECTED, RejectionCode.NOT_VERIFIABLE, MESSAGE,
    )  # fmt: skip
    assert (application.decided_by, application.decided_at) == (by, now)
    assert _actions(session) == ["application.reject"]
    assert _letters(session) == [("rejected", "en", application.email)]
    body = session.scalars(select(OutboxLetter.body)).one()
    assert MESSAGE in body
    assert "We could not verify the organisation" in body
    assert session.scalar(select(func.count()).select_from(Member)) == 0


@pytest.mark.parametrize("message", ["", "Too short.", "x" * 2001])
def test_reject_needs_a_reason(session: Session, now: datetime, message: str) -> None:
    by, application = add_account(session, Role.APPROVER), add_ready(session)

    with pytest.raises(Invalid):
        _reject(session, application, by, now, message=message)


def test_reject_as_spam_is_not_a_decision(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.APPROVER), add_ready(session)

    with pytest.raises(Invalid):
        _reject(session, application, by, now, code=RejectionCode.SPAM)


@pytest.mark.parametrize("decide", [_approve, _reject])
def test_whoever_recommended_does_not_decide(session: Session, now: datetime, decide: Callable[..., Any]) -> None:
    by = add_account(session, Role.REVIEWER, Role.APPROVER)
    application = add_ready(session, by=by)

    with pytest.raises(NotAllowed, match="second_person"):
        decide(session, application, by, now)

    session.rollback()
    assert (application.state, session.scalar(select(func.count()).select_from(Member))) == (State.READY_FOR_DECISION, 0)
    decide(session, application, by, now, second_person=False)


@pytest.mark.parametrize("decide", [_approve, _reject])
@pytest.mark.parametrize("email", ["a@sponsor.example", "a@berlin.sponsor.example", "a@mail.example"])
def test_staff_of_the_sponsor_does_not_decide(session: Session, now: datetime, decide: Callable[..., Any], email: str) -> None:
    from directory.members.entry import NewContact

    sponsor = add_member(session, website="https://www.sponsor.example/", contact=NewContact(email="office@mail.example"))
    by = add_account(session, Role.APPROVER, email=email)
    application = add_ready(session, sponsor_id=sponsor.id)

    with pytest.raises(NotAllowed, match="not_sponsor"):
        decide(session, application, by, now)


def test_a_shared_mail_provider_is_no_sponsor(session: Session, now: datetime) -> None:
    from directory.members.entry import NewContact

    sponsor = add_member(session, contact=NewContact(email="sponsor@gmail.com"))
    by = add_account(session, Role.APPROVER, email="clerk@gmail.com")
    application = add_ready(session, sponsor_id=sponsor.id)

    _approve(session, application, by, now)

    assert application.state == State.APPROVED


def test_the_second_decision_conflicts(session: Session, now: datetime) -> None:
    first, second = add_account(session, Role.APPROVER), add_account(session, Role.APPROVER)
    application = add_ready(session)
    seen = application.version
    _approve(session, application, first, now)
    session.commit()

    with pytest.raises(Conflict):
        _reject(session, application, second, now, seen_version=seen)
    session.rollback()
    with pytest.raises(WrongStatus):
        _reject(session, application, second, now, seen_version=application.version)


def test_spam_is_put_aside_without_a_word(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.COORDINATOR), add_application(session)

    closing.put_aside_as_spam(session, application, by=by, seen_version=application.version, now=now)
    session.commit()

    assert (application.state, application.rejection_code) == (State.REJECTED, RejectionCode.SPAM)
    assert (_actions(session), _letters(session)) == (["application.put_aside_as_spam"], [])


def test_duplicate_of_a_member_or_an_application(session: Session, now: datetime) -> None:
    by, member, other = add_account(session, Role.REVIEWER), add_member(session), add_application(session)

    for of in (member.slug, other.reference):
        application = add_application(session, state=State.IN_REVIEW, locale="en")
        closing.mark_duplicate(
            session, application, by=by, of=of, message="", status_url=STATUS_URL, seen_version=application.version, now=now
        )
        session.commit()
        assert (application.state, application.duplicate_of) == (State.DUPLICATE, of)

    assert [template for template, *_ in _letters(session)] == ["duplicate", "duplicate"]


@pytest.mark.parametrize("of", ["no-such-member", "A-NOPE00", "itself"])
def test_duplicate_of_nothing_is_refused(session: Session, now: datetime, of: str) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)

    with pytest.raises(Invalid):
        closing.mark_duplicate(
            session, application, by=by, of=application.reference if of == "itself" else of, message="", status_url=STATUS_URL,
            seen_version=application.version, now=now,
        )  # fmt: skip


@pytest.mark.parametrize("state", [State.REJECTED, State.DUPLICATE])
def test_reopen(session: Session, now: datetime, state: State) -> None:
    by, application = add_account(session, Role.COORDINATOR), add_application(session, state=state, locale="en")

    closing.reopen(
        session, application, by=by, reason="New papers.", message="We look again.", status_url=STATUS_URL,
        seen_version=application.version, now=now,
    )  # fmt: skip
    session.commit()

    assert (application.state, application.rejection_code, application.decided_by) == (State.IN_REVIEW, None, None)
    assert (_actions(session), _letters(session)) == (["application.reopen"], [("reopened", "en", application.email)])


def test_every_role_and_move(session: Session) -> None:
    """Which moves the desk offers to whom, in every state."""
    offered: dict[tuple[str, str], tuple[str, ...]] = {}
    accounts = {role: add_account(session, role) for role in Role}

    for state in State:
        application = add_application(session, state=state)
        for role, account in accounts.items():
            if moves := rules.possible_moves(application, account):
                offered[state, role] = moves

    checks = ("ask_for_changes", "hold", "recommend", "mark_duplicate")
    assert offered == {
        ("submitted", "reviewer"): ("take",),
        ("submitted", "coordinator"): ("take", "put_aside_as_spam"),
        ("in_review", "reviewer"): checks,
        ("in_review", "coordinator"): ("ask_for_changes", "hold", "recommend", "put_aside_as_spam", "mark_duplicate"),
        ("on_hold", "reviewer"): ("resume",),
        ("on_hold", "coordinator"): ("resume",),
        ("ready_for_decision", "approver"): ("send_back", "approve", "reject"),
        ("ready_for_decision", "coordinator"): ("send_back",),
        ("rejected", "coordinator"): ("reopen",),
        ("duplicate", "coordinator"): ("reopen",),
        ("lapsed", "coordinator"): ("revive",),
    }


def test_answers_are_complete() -> None:
    from directory.applications.rules import missing_answers

    assert missing_answers(answers()) == ()


@pytest.mark.parametrize(("text", "is_on"), [("", True), ("on", True), ("off", False)])
def test_the_second_person_is_a_setting(tmp_path: Path, text: str, is_on: bool) -> None:
    settings = load_settings({"INSTANCE_PATH": str(tmp_path), "SECOND_PERSON": text})

    assert settings.second_person is is_on


def test_the_second_person_is_on_or_off(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SECOND_PERSON must be on or off"):
        load_settings({"INSTANCE_PATH": str(tmp_path), "SECOND_PERSON": "maybe"})
