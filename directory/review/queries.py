"""Reading for the desk: cases, letters, colleagues. Each list costs a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.accounts.models import Account, AccountRole
from directory.applications.models import Application, Interest, Message, MoveMade, Note, Point
from directory.audit import AuditEvent
from directory.mail import LetterState, OutboxLetter
from directory.members.models import Member
from directory.review.vocab import MAY_WRITE, readable_notes

LETTERS_PER_PAGE = 50
UNMOVED = tuple(f"application.{verb}" for verb in ("note", "download", "preview", "message", "write", "translate"))
"""events after which an application is as it was before"""


@dataclass(frozen=True)
class LastEvent:
    """What last happened to an application, by whom and when. verb: as in the audit; by: none for the applicant or the clock."""

    verb: str
    by: Account | None
    at: datetime


def get_case(session: Session, reference: str) -> Application | None:
    """Return an application that was once submitted with all that its page shows; drafts are private."""
    return session.scalar(
        select(Application)
        .where(Application.reference == reference, Application.submitted_at.is_not(None))
        .options(
            joinedload(Application.assignee),
            joinedload(Application.recommended_by),
            joinedload(Application.decided_by),
            joinedload(Application.member),
            selectinload(Application.points).joinedload(Point.asked_by),
            selectinload(Application.messages).joinedload(Message.by),
            selectinload(Application.submissions),
            selectinload(Application.moves).joinedload(MoveMade.by),
            selectinload(Application.documents),
            selectinload(Application.interests).joinedload(Interest.account),
        )
    )


def get_notes(session: Session, application: Application, account: Account) -> list[Note]:
    """Return the notes on an application that the account may read, oldest first."""
    readable = Note.visibility.in_(sorted(readable_notes(account.roles)))
    notes = select(Note).where(Note.application_id == application.id, readable).options(joinedload(Note.by))
    return list(session.scalars(notes.order_by(Note.id)))


def get_letters_about(session: Session, kind: str, public_id: str) -> list[OutboxLetter]:
    """Return the letters about a subject, oldest first."""
    about = (OutboxLetter.subject_kind == kind, OutboxLetter.subject_id == public_id)
    return list(session.scalars(select(OutboxLetter).where(*about).order_by(OutboxLetter.id)))


def get_last_event(session: Session, application: Application) -> LastEvent | None:
    """Return the last event that changed an application, to tell a second clerk what happened meanwhile."""
    about = (AuditEvent.subject_kind == "application", AuditEvent.subject_id == application.reference)
    events = select(AuditEvent).where(*about, AuditEvent.action.not_in(UNMOVED))
    event = session.scalar(events.order_by(AuditEvent.sequence.desc()).limit(1))
    if event is None:
        return None
    by = session.scalar(select(Account).where(Account.public_id == event.actor_id)) if event.actor_kind == "staff" else None
    return LastEvent(event.action.partition(".")[2], by, event.at)


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


def list_letters(session: Session, *, state: LetterState | None, page: int) -> list[LetterRow]:
    """Return one page of the outbox, newest first. state: none for all."""
    shown = select(*(getattr(OutboxLetter, name) for name in LetterRow._fields))
    chosen = shown.where(*([OutboxLetter.state == state] if state else [])).order_by(OutboxLetter.id.desc())
    rows = session.execute(chosen.offset((page - 1) * LETTERS_PER_PAGE).limit(LETTERS_PER_PAGE))
    return list(map(LetterRow._make, rows))


def get_letter(session: Session, public_id: str, *, for_update: bool = False) -> OutboxLetter | None:
    """Return the letter with this public id."""
    statement = select(OutboxLetter).where(OutboxLetter.public_id == public_id)
    return session.scalar(statement.with_for_update() if for_update else statement)
