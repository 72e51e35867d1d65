"""What binds staff to an organisation that applies: said by themselves, lifted by a coordinator, both on record."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications.models import Application, Interest
from directory.errors import NotAllowed, WrongStatus
from directory.review import rules
from directory.review.moving import lock, record


def declare_interest(
    session: Session, application: Application, *, by: Account, words: str, seen_version: int, now: datetime
) -> Interest:
    """Note that something binds `by` to the organisation: from then on they make no move, and it is given to nobody of them.

    words: what it is, for colleagues. Raises WrongStatus where it was said already.
    """
    rules.require_may_write(by)
    lock(session, application, seen_version)
    row = next((row for row in application.interests if row.account_id == by.id), None)
    if row is not None and row.stands:
        raise WrongStatus(str(application.state), "declare_interest")
    if row is None:
        row = Interest(account_id=by.id, words=words, declared_at=now)
        application.interests.append(row)
    row.words, row.declared_at, row.lifted_at = words, now, None
    if application.assignee_id == by.id:
        application.assignee = None
    application.updated_at = now
    record(session, application, "declare_interest", by, now, {"interest": (None, words)})
    return row


def lift_interest(
    session: Session, application: Application, *, of: Account, by: Account, reason: str, seen_version: int, now: datetime
) -> None:
    """Let what bound `of` to the organisation count no longer. reason: for colleagues.

    Raises NotAllowed unless another person than `of` coordinates whom nothing binds, WrongStatus where nothing stands.
    """
    lock(session, application, seen_version)
    rules.require_no_interest(application, by)
    row = next((row for row in application.interests if row.account_id == of.id), None)
    if row is None or not row.stands:
        raise WrongStatus(str(application.state), "lift_interest")
    if not rules.may_lift(row, by):
        raise NotAllowed("role")
    row.lifted_at = now
    application.updated_at = now
    record(session, application, "lift_interest", by, now, {"interest": (of.public_id, None), "reason": (None, reason)})
