"""What every service of the desk does: lock the row, make the move as a clerk, record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory import audit
from directory.accounts.models import Account
from directory.applications import services as applications
from directory.applications.models import Application
from directory.applications.queries import get_by_reference
from directory.audit import Actor
from directory.mail import Letter
from directory.review import rules

Changes = Mapping[str, tuple[Any, Any]]


def lock(session: Session, application: Application, seen_version: int) -> None:
    """Read the row again under a lock, so that of two clerks the second sees what the first did."""
    get_by_reference(session, application.reference, with_for_update=True)
    rules.require_seen(application, seen_version)


def make_move(
    session: Session,
    application: Application,
    name: str,
    *,
    by: Account,
    now: datetime,
    reason: str | None = None,
    letter: Letter | None = None,
    guards: Mapping[str, rules.Guard] | None = None,
    changes: Changes | None = None,
) -> None:
    """Make a move of the table as this clerk, in the roles that they have."""
    applications.move(
        session,
        application,
        name,
        by=staff_actor(by),
        by_account=by,
        who=rules.roles_as_who(by),
        guards={"no_interest": lambda: rules.require_no_interest(application, by), **(guards or {})},
        now=now,
        reason=reason,
        letter=letter,
        changes=changes,
    )


def record(session: Session, application: Application, verb: str, by: Account, now: datetime, changes: Changes) -> None:
    """Record what a clerk did that is no move."""
    subject = ("application", application.reference)
    audit.record(session, f"application.{verb}", by=staff_actor(by), subject=subject, now=now, changes=changes)


def forget_recommendation(application: Application) -> None:
    """Let a recommendation count no longer."""
    application.recommended_by, application.recommendation, application.recommendation_note = None, None, ""
    application.checklist = {}


def staff_actor(account: Account) -> Actor:
    """The clerk, for the audit."""
    return Actor("staff", account.public_id)
