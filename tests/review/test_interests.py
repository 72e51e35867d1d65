"""Whom something binds to an organisation makes no move on its application, whatever the page shows."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications.models import Application
from directory.applications.states import State
from directory.audit import AuditEvent
from directory.errors import NotAllowed, WrongStatus
from directory.review import conversation, interests, rules, services
from tests.page import Visitor
from tests.review.cases import STATUS_URL, add_account, add_application, add_ready

SignIn = Callable[..., Visitor]


def _declare(session: Session, application: Application, by: Account, now: datetime) -> None:
    interests.declare_interest(
        session, application, by=by, words="I sat on its board.", seen_version=application.version, now=now
    )
    session.commit()


def _path(application: Application, action: str = "") -> str:
    return f"/en/staff/applications/{application.reference}{'/' + action if action else ''}"


def test_whoever_is_bound_moves_nothing_and_gives_the_work_back(session: Session, now: datetime) -> None:
    by, other = add_account(session, Role.COORDINATOR), add_account(session, Role.COORDINATOR)
    application = add_application(session, assignee=by)

    _declare(session, application, by, now)

    assert application.assignee is None
    assert rules.possible_moves(application, by) == ()
    for refused in (
        lambda: services.take(session, application, by=by, seen_version=application.version, now=now),
        lambda: services.assign(session, application, by=by, to=other, seen_version=application.version, now=now),
        lambda: services.assign(session, application, by=other, to=by, seen_version=application.version, now=now),
    ):
        with pytest.raises(NotAllowed, match="interest"):
            refused()
        session.rollback()
    services.take(session, application, by=other, seen_version=application.version, now=now)
    assert application.state == State.IN_REVIEW


def test_nobody_decides_on_an_applicant_of_their_own_house(session: Session, now: datetime, sign_in: SignIn) -> None:
    application = add_ready(session)
    domain = application.email.partition("@")[2] if application.email else ""
    clerk = sign_in(Role.APPROVER, email=f"somebody@mail.{domain}")
    session.commit()
    account = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()

    page = clerk.get(_path(application))
    sent = clerk.post(_path(application, "decision"), {"decision-outcome": "approve", "decision-seen_version": application.version,
                                                       "do": "confirm"})  # fmt: skip

    assert rules.interest_of(application, account)
    assert "Something binds you to this organisation, so that a colleague must do this." in page.text
    assert page.select("main a.btn") == []
    assert sent.status == 403
    session.expire_all()
    assert application.state == State.READY_FOR_DECISION


def test_common_mail_houses_bind_nobody(session: Session) -> None:
    application = add_application(session, email="ana@gmail.com", email_proved="ana@gmail.com")

    assert not rules.interest_of(application, add_account(session, Role.REVIEWER, email="mei@gmail.com"))


def test_declared_and_lifted_on_the_page_with_a_record(session: Session, sign_in: SignIn) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    reviewer, coordinator = sign_in(Role.REVIEWER), sign_in(Role.COORDINATOR)
    page = reviewer.get(_path(application))

    bound = reviewer.submit(page, {"declare_interest-words": "My sister works there."}, css="form[action$='/interest']")
    offered = [str(form["action"]).rpartition("/")[2] for form in bound.select("main form")]
    seen = coordinator.get(_path(application))
    coordinator.submit(seen, {f"lift-{reviewer.account}-reason": "She left in May."}, css="form[action$='/lift']")
    free = reviewer.get(_path(application))

    assert offered == ["note"]
    assert "My sister works there." in seen.text
    assert "recommend" in [str(form["action"]).rpartition("/")[2] for form in free.select("main form")]
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()
    assert list(actions) == ["application.declare_interest", "application.lift_interest"]


def test_nobody_lifts_their_own_and_nothing_is_said_twice(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.COORDINATOR), add_application(session)
    _declare(session, application, by, now)

    with pytest.raises(WrongStatus):
        _declare(session, application, by, now)
    session.rollback()
    with pytest.raises(NotAllowed):
        interests.lift_interest(
            session, application, of=by, by=by, reason="Never mind.", seen_version=application.version, now=now
        )
    session.rollback()

    assert [row.stands for row in application.interests] == [True]


def test_two_who_are_bound_do_not_free_each_other_nor_write_to_the_applicant(session: Session, now: datetime) -> None:
    one, other = add_account(session, Role.COORDINATOR), add_account(session, Role.COORDINATOR)
    application = add_application(session)
    for by in (one, other):
        _declare(session, application, by, now)

    with pytest.raises(NotAllowed, match="interest"):
        interests.lift_interest(
            session, application, of=other, by=one, reason="For you.", seen_version=application.version, now=now
        )
    with pytest.raises(NotAllowed, match="interest"):
        conversation.send(session, application, by=one, words="You are in.", status_url=STATUS_URL, seen="1.0", now=now)

    assert [row.stands for row in application.interests] == [True, True]


def test_lapsed_is_opened_again_by_a_coordinator(session: Session, sign_in: SignIn) -> None:
    application = add_application(session, state=State.LAPSED)
    clerk = sign_in(Role.COORDINATOR)

    clerk.submit(clerk.get(_path(application)), css="form[action$='/revive']")

    session.expire_all()
    assert application.state == State.CHANGES_REQUESTED
