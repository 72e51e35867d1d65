"""Reading for the desk: cases, letters, colleagues. Each list costs a constant number of queries."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, selectinload

from directory.accounts.models import Account, AccountRole
from directory.accounts.queries import LastEvent, last_event
from directory.applications.models import Application
from directory.mail import LetterState, OutboxLetter
from directory.members.models import Member
from directory.review.vocab import MAY_WRITE

LETTERS_PER_PAGE = 50
UNMOVED = tuple(f"application.{verb}" for verb in ("note", "download", "preview", "message", "write", "translate"))
"""events after which an application is as it was before"""


def get_case(session: Session, reference: str) -> Application | None:
    """Return an application that was once submitted, to act on it; drafts are private. `dossier` has all there is to read."""
    chosen = select(Application).where(Application.reference == reference, Application.submitted_at.is_not(None))
    return session.scalar(chosen)


def get_last_event(session: Session, application: Application) -> LastEvent | None:
    """Return the last event that changed an application, to tell a second clerk what happened meanwhile."""
    return last_event(session, ("application", application.reference), but=UNMOVED)


def get_colleagues(session: Session) -> list[Account]:
    """Return accounts that take part in the work, by name."""
    working = select(AccountRole.account_id).where(AccountRole.role.in_(sorted(MAY_WRITE)))
    rows = session.scalars(
        select(Account).where(Account.id.in_(working), Account.disabled_at.is_(None)).options(selectinload(Account.role_rows))
    )
    return sorted(rows, key=lambda row: row.shown_name.casefold())


def list_colleagues(session: Session) -> tuple[tuple[str, str], ...]:
    """Return (public id, shown name) of the same accounts, by name."""
    return tuple((one.public_id, one.shown_name) for one in get_colleagues(session))


def get_account(session: Session, public_id: str) -> Account | None:
    """Return the account with this public id."""
    return session.scalar(select(Account).where(Account.public_id == public_id))


def original_exists(session: Session, of: str) -> bool:
    """Say whether `of` is the slug of a member or the reference of a submitted application."""
    member = select(Member.id).where(Member.slug == of)
    application = select(Application.id).where(Application.reference == of, Application.submitted_at.is_not(None))
    return session.scalar(member) is not None or session.scalar(application) is not None


class LetterRow(NamedTuple):
    """What the list of letters shows of one."""

    public_id: str
    locale: str
    recipient: str
    subject: str
    state: LetterState
    attempts: int
    next_attempt_at: datetime
    error: str
    created_at: datetime


_letter = OutboxLetter.__table__.c
_LETTERS = (
    select(*(_letter[name] for name in LetterRow._fields))
    .order_by(_letter.id.desc())
    .offset(bindparam("start", type_=Integer))
    .limit(LETTERS_PER_PAGE)
)
_LETTERS_IN_STATE = _LETTERS.where(_letter.state == bindparam("state"))
"""Statements put together once: that takes as long as running one."""


def list_letters(session: Session, *, state: LetterState | None, page: int) -> list[LetterRow]:
    """Return one page of the outbox, newest first. state: none for all."""
    asked = _LETTERS if state is None else _LETTERS_IN_STATE
    rows = session.connection().execute(asked, {"start": (page - 1) * LETTERS_PER_PAGE, "state": state})
    return list(map(LetterRow._make, rows))


def get_letter(session: Session, public_id: str, *, for_update: bool = False) -> OutboxLetter | None:
    """Return the letter with this public id."""
    statement = select(OutboxLetter).where(OutboxLetter.public_id == public_id)
    return session.scalar(statement.with_for_update() if for_update else statement)
