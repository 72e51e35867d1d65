"""Reading for the desk: cases, letters, colleagues. Each list costs a constant number of queries."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, selectinload

from directory.accounts.models import Account, AccountRole
from directory.accounts.queries import LastEvent, last_event
from directory.applications.models import Application
from directory.mail import LetterState, OutboxLetter
from directory.members.models import Member, MemberName
from directory.members.vocab import NameKind
from directory.review.vocab import MAY_WRITE

LETTERS_PER_PAGE = 50
UNMOVED = tuple(f"application.{verb}" for verb in ("note", "download", "preview", "message", "write", "translate"))
"""events after which an application is as it was before"""


def get_case(session: Session, reference: str) -> Application | None:
    """Return an application that was once submitted, to act on it; drafts are private. `dossier` has all there is to read.

    reference: in any case, as people type it.
    """
    chosen = select(Application).where(Application.reference == reference.upper(), Application.submitted_at.is_not(None))
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


class Original(NamedTuple):
    """What an application may repeat. of: slug of a member, or reference of a submitted application."""

    of: str
    name: str


def find_original(session: Session, typed: str) -> Original | None:
    """Return what somebody means who typed a slug, a reference in any case, or the address of either's page; or None."""
    last = typed.strip().rstrip("/").rpartition("/")[2].partition("?")[0].partition("#")[0]
    names = select(MemberName.name).where(MemberName.member_id == Member.id, MemberName.kind == NameKind.OFFICIAL)
    member = select(Member.slug, names.limit(1).scalar_subquery()).where(Member.slug == last.lower())
    sent = Application.submitted_at.is_not(None)
    application = select(Application.reference, Application.sent_name).where(Application.reference == last.upper(), sent)
    found = session.execute(member).first() or session.execute(application).first()
    return Original(found[0], found[1] or found[0]) if found else None


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
    subject_kind: str
    subject_id: str


_letter = OutboxLetter.__table__.c


def _is_about(reference: Any) -> Any:
    """Ask for the letters about an application, in the way that an index knows."""
    return and_(_letter.subject_kind == "application", _letter.subject_id == reference)


_LETTERS = (
    select(*(_letter[name] for name in LetterRow._fields))
    .order_by(_letter.id.desc())
    .offset(bindparam("start", type_=Integer))
    .limit(LETTERS_PER_PAGE)
)
_LETTERS_IN_STATE = _LETTERS.where(_letter.state == bindparam("state"))
_LETTERS_OF = {
    asked: asked.where(or_(_letter.recipient == bindparam("recipient"), _is_about(bindparam("subject"))))
    for asked in (_LETTERS, _LETTERS_IN_STATE)
}
"""Statements put together once: that takes as long as running one."""


def list_letters(session: Session, *, state: LetterState | None, page: int, q: str = "") -> list[LetterRow]:
    """Return one page of the outbox, newest first. state: none for all; q: a recipient, or a reference; blank: any."""
    asked = _LETTERS if state is None else _LETTERS_IN_STATE
    values: dict[str, Any] = {"start": (page - 1) * LETTERS_PER_PAGE, "state": state}
    if q:
        asked, values = _LETTERS_OF[asked], values | _meant(q)
    return list(map(LetterRow._make, session.connection().execute(asked, values)))


def count_letters_of(session: Session, q: str) -> dict[LetterState, int]:
    """Count the letters to a recipient, or about a reference, in each state."""
    meant = _meant(q)
    where = or_(_letter.recipient == meant["recipient"], _is_about(meant["subject"]))
    rows = session.execute(select(_letter.state, func.count()).where(where).group_by(_letter.state))
    return dict.fromkeys(LetterState, 0) | {LetterState(state): number for state, number in rows}


def _meant(q: str) -> dict[str, str]:
    return {"recipient": q.casefold(), "subject": q.upper()}


def get_letter(session: Session, public_id: str, *, for_update: bool = False) -> OutboxLetter | None:
    """Return the letter with this public id."""
    statement = select(OutboxLetter).where(OutboxLetter.public_id == public_id)
    return session.scalar(statement.with_for_update() if for_update else statement)
