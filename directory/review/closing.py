"""How an application ends, and how a closed one is taken up again: each in one transaction with its event and its letter.

Every function locks the row, refuses a clerk who saw an older version, and leaves the commit to its caller.
amendment, where one is taken: the letter as the clerk changed it for this case; Invalid where it lacks what it must hold.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications import letters
from directory.applications.answers import as_new_member
from directory.applications.models import Application
from directory.applications.services import decision, forget_decision
from directory.applications.states import RejectionCode
from directory.errors import Invalid
from directory.members import services as members
from directory.members.models import Member
from directory.review import rules
from directory.review.amending import Amendment, amended, changes_of
from directory.review.moving import lock, make_move, staff_actor
from directory.review.queries import find_original


def approve(
    session: Session,
    application: Application,
    *,
    by: Account,
    message: str,
    profile_link: Callable[[str], str],
    second_person: bool,
    seen_version: int,
    now: datetime,
    amendment: Amendment | None = None,
) -> Member:
    """Approve an application: make the member, tell the applicant.

    message: plain text that the letter carries, may be blank. profile_link: makes the address of the entry of a slug,
    in the applicant's locale. second_person: whether whoever recommended is refused (a setting, on by default).
    Raises NotAllowed by role or rule, WrongStatus where it is not ready, Conflict where it changed since it was seen.
    """
    lock(session, application, seen_version)
    guards = rules.require_may_decide(application, "approve", by, second_person=second_person)
    member = members.admit(session, as_new_member(application, today=now.date()), by=staff_actor(by), now=now)
    application.member = member
    for consent in application.consents:
        consent.member_id = member.id
    application.decided_by, application.decided_at = by, now
    application.decision_message = message
    written = letters.approved(application, message=message, profile_url=profile_link(member.slug))
    letter = amended(written, amendment)
    make_move(session, application, "approve", by=by, now=now, letter=letter, reason=message or None, guards=guards,
          changes={"member": (None, member.slug), **changes_of(written, letter)})  # fmt: skip
    return member


def reject(
    session: Session,
    application: Application,
    *,
    by: Account,
    code: RejectionCode,
    message: str,
    status_url: str,
    second_person: bool,
    seen_version: int,
    now: datetime,
    amendment: Amendment | None = None,
) -> None:
    """Reject an application with a reason that the applicant reads.

    message: plain text of MESSAGE_MIN to MESSAGE_MAX characters. Raises as `approve` does, and Invalid without a reason.
    """
    lock(session, application, seen_version)
    guards = rules.require_may_decide(application, "reject", by, second_person=second_person)
    if code == RejectionCode.SPAM:
        raise Invalid("code", "spam")
    application.rejection_code, application.decision_message = code, message
    application.decided_by, application.decided_at = by, now
    written = letters.rejected(application, code=code, message=message, status_url=status_url)
    letter = amended(written, amendment)
    make_move(session, application, "reject", by=by, now=now, letter=letter, reason=message,
          changes={"code": (None, str(code)), **changes_of(written, letter)},
          guards={**guards, "has_reason": lambda: rules.require_message(message)})  # fmt: skip


def put_aside_as_spam(session: Session, application: Application, *, by: Account, seen_version: int, now: datetime) -> None:
    """Put an application aside as spam; nobody is written to."""
    lock(session, application, seen_version)
    application.rejection_code = RejectionCode.SPAM
    application.decided_by, application.decided_at = by, now
    make_move(session, application, "put_aside_as_spam", by=by, now=now)


def mark_duplicate(
    session: Session,
    application: Application,
    *,
    by: Account,
    of: str,
    message: str,
    status_url: str,
    seen_version: int,
    now: datetime,
    amendment: Amendment | None = None,
) -> None:
    """Close an application because it repeats a member or another application, and tell the applicant.

    of: slug of the member or reference of the application; message: what the applicant reads, may be blank.
    Raises Invalid where there is no such member or application.
    """
    lock(session, application, seen_version)
    application.duplicate_of = of
    application.decision_message = message
    written = letters.duplicate(application, message=message, status_url=status_url)
    letter = amended(written, amendment)
    make_move(session, application, "mark_duplicate", by=by, now=now, letter=letter, reason=message or None,
          changes={"duplicate_of": (None, of), **changes_of(written, letter)},
          guards={"has_original": lambda: require_original(session, application, of)})  # fmt: skip


def require_original(session: Session, application: Application, of: str) -> None:
    """Raise Invalid unless `of` is the slug of a member, or the reference of another application that was submitted."""
    if of == application.reference:
        raise Invalid("of", "itself")
    found = find_original(session, of)
    if found is None or found.of != of:
        raise Invalid("of", "unknown")


def reopen(
    session: Session,
    application: Application,
    *,
    by: Account,
    reason: str,
    message: str,
    status_url: str,
    seen_version: int,
    now: datetime,
    amendment: Amendment | None = None,
) -> None:
    """Take a rejected or duplicate application back into review, and tell the applicant.

    reason: for colleagues; message: what the applicant reads, may be blank.
    """
    lock(session, application, seen_version)
    rules.require_move(application, "reopen", by)
    written = letters.reopened(application, message=message, status_url=status_url)
    letter = amended(written, amendment)
    changes = {**decision(application), **changes_of(written, letter)}
    make_move(session, application, "reopen", by=by, now=now, letter=letter, reason=reason, changes=changes)
    forget_decision(application)
    session.flush()
