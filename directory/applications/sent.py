"""What the lists of the desk show and filter of an application as it was last sent, kept beside its answers."""

from datetime import date, datetime
from typing import Any, cast

from anyascii import anyascii
from sqlalchemy import ColumnElement, Table, and_, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from directory.applications import rules
from directory.applications.answers import organisation_name, part
from directory.applications.models import Application, Submission
from directory.applications.states import WITH_STAFF
from directory.applications.twins import names_of
from directory.applications.vocab import Step
from directory.audit import SYSTEM, record
from directory.members.models import NAME_MAX
from directory.search.text import pieces

BATCH = 500
"""applications that are loaded at a time"""
FILLED_IN = ("housekeeping", "facts")
"""what the audit says that facts were filled in of, since that concerns many applications at once"""


def folded(text: str) -> str:
    """Bring a name, or a part of one that somebody looks for, into one spelling: without case, accents and marks."""
    return " ".join(pieces(text))


def spellings(text: str) -> tuple[str, ...]:
    """Return the folded text, and after it the same in Latin letters where that is another one."""
    plain = folded(text)
    return tuple(dict.fromkeys((plain, anyascii(plain).lower())))


def keep_facts(application: Application) -> None:
    """Keep names, kind, country and promised day as last sent, in the transaction that sends them."""
    for field, value in _facts(application).items():
        setattr(application, field, value)
    application.due_on = due_on(application)


def forget_facts(application: Application) -> None:
    """Leave of these the name, where retention leaves no more of the application."""
    application.sent_names = "\n".join(spellings(application.sent_name or ""))
    application.sent_kind = application.sent_country = None


def due_on(application: Application) -> date | None:
    """Return the last day of the promised time, where staff have the next word."""
    is_waiting = application.state in WITH_STAFF and application.submitted_at is not None
    return rules.promised_by(application) if is_waiting else None


def renew_days(session: Session, *, promised: int) -> None:
    """Work the promised day out anew where staff have the next word. promised: working days that count from now on.

    No version changes: no page is outdated.
    """
    table, last = cast("Table", Application.__table__), 0
    waiting = select(Application).where(Application.state.in_(sorted(WITH_STAFF)), Application.submitted_at.is_not(None))
    loaded = waiting.options(selectinload(Application.moves)).order_by(Application.id).limit(BATCH)
    while rows := session.scalars(loaded.where(Application.id > last)).all():
        for application in rows:
            day = rules.promised_by(application, promised=promised)
            session.execute(update(table).where(table.c.id == application.id).values(due_on=day))
        last = rows[-1].id


def count_missing(session: Session) -> int:
    """Count the applications whose facts or promised day are missing or of an earlier submission: an older program sent them."""
    return session.scalar(select(func.count()).select_from(Application).where(_is_missing())) or 0


def fill_missing(session: Session, *, now: datetime) -> int:
    """Give so many as are loaded at a time their facts and their promised day; return how many there were.

    No version changes: no page is outdated. It is recorded, for lists of the desk are kept until anything is.
    """
    table = cast("Table", Application.__table__)
    loaded = select(Application).options(selectinload(Application.submissions), selectinload(Application.moves))
    missing = loaded.where(_is_missing()).order_by(Application.id).limit(BATCH).with_for_update(of=Application)
    rows = session.scalars(missing).all()
    for application in rows:
        values = {**_facts(application), "due_on": due_on(application)}
        session.execute(update(table).where(table.c.id == application.id).values(values))
    session.expire_all()
    if rows:
        record(session, "application.fill_in", by=SYSTEM, subject=FILLED_IN, now=now, changes={"applications": (None, len(rows))})
    return len(rows)


def _facts(application: Application) -> dict[str, Any]:
    answers = application.sent_answers
    return {
        "sent_name": organisation_name(answers)[:NAME_MAX] or application.reference,
        "sent_names": "\n".join(spelling for name in names_of(answers) for spelling in spellings(name)),
        "sent_kind": part(answers, Step.ORGANISATION).get("kind") or None,
        "sent_country": part(answers, Step.SEAT).get("country") or None,
        "sent_number": max((one.number for one in application.submissions), default=0),
    }


def _is_missing() -> ColumnElement[bool]:
    no_day = and_(Application.state.in_(sorted(WITH_STAFF)), Application.due_on.is_(None))
    is_older = Application.submissions.any(Submission.number > Application.sent_number)
    return and_(Application.submitted_at.is_not(None), or_(Application.sent_name.is_(None), is_older, no_day))
