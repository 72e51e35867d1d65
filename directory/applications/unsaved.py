"""What was typed in a browser in which the application was not open: kept for a while, for whoever opens it properly.

It is offered beside the answers and never becomes one by itself, since the address of an application proves nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory import audit
from directory.applications.models import Application, Unsaved
from directory.applications.vocab import Step
from directory.audit import Actor

KEPT = timedelta(hours=48)
"""as long as a mailed link opens the application"""
MOST = 20
"""of one application; the oldest makes room"""
Fields = Mapping[str, Sequence[str]]


def keep(session: Session, application: Application, page: str, fields: Fields, *, now: datetime) -> None:
    """Keep what was typed on a page, unless it is kept already or nothing was typed.

    page: a step, `answers`, `appeal` or `message`. fields: all values of each field, as they were typed.
    """
    kept = find_all(session, application, now=now)
    typed = {name: list(values) for name, values in fields.items()}
    if not any(text for values in typed.values() for text in values):
        return
    if any(one.page == page and one.fields == typed for one in kept):
        return
    for old in kept[: max(0, len(kept) - MOST + 1)]:
        session.delete(old)
    session.add(Unsaved(application_id=application.id, page=page, fields=typed, at=now))
    subject = ("application", application.reference)
    audit.record(
        session, "application.keep_unsaved", by=Actor("visitor"), subject=subject, now=now, changes={"step": (None, page)}
    )


def find_all(session: Session, application: Application, *, now: datetime) -> list[Unsaved]:
    """Return what is kept for an application, oldest first."""
    kept = select(Unsaved).where(Unsaved.application_id == application.id, Unsaved.at > now - KEPT)
    return list(session.scalars(kept.order_by(Unsaved.id)))


def find(session: Session, application: Application, id_: int | None, *, step: Step, now: datetime) -> Unsaved | None:
    """Return the one with this number, if it belongs to this step of this application."""
    return next((one for one in find_all(session, application, now=now) if one.id == id_ and one.page == step), None)


def forget(session: Session, one: Unsaved) -> None:
    """Delete what was taken over into the answers."""
    session.delete(one)
    session.flush()


def drop(session: Session, application: Application) -> None:
    """Delete all that is kept for an application."""
    session.execute(delete(Unsaved).where(Unsaved.application_id == application.id))


def count_old(session: Session, *, now: datetime) -> int:
    """Count what `remove_old` would delete."""
    return session.scalar(select(func.count()).select_from(Unsaved).where(Unsaved.at <= now - KEPT)) or 0


def remove_old(session: Session, *, now: datetime) -> int:
    """Delete what is kept no longer; return how much."""
    number = count_old(session, now=now)
    session.execute(delete(Unsaved).where(Unsaved.at <= now - KEPT))
    return number
