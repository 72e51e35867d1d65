"""What was typed and not saved: where the application was not open, or on a page that was left or lost with its browser.

It is kept for a while, offered beside the answers to whoever opens the application properly, and never becomes one by itself.
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
    _add(session, application, page, typed, kept, by=Actor("visitor"), now=now)


def keep_typing(
    session: Session, application: Application, step: Step, fields: Fields, *, number: int | None, by: Actor, now: datetime
) -> Unsaved:
    """Keep what is being typed in a step, in the place of what the same page had typed before.

    number: of what that page kept before, if it did. by: whoever types, of the people who work on the application.
    """
    typed = {name: list(values) for name, values in fields.items()}
    before = find(session, application, number, step=step, now=now)
    if before is None:
        return _add(session, application, step, typed, find_all(session, application, now=now), by=by, now=now)
    before.fields, before.at = typed, now
    return before


def find_all(session: Session, application: Application, *, now: datetime) -> list[Unsaved]:
    """Return what is kept for an application, oldest first."""
    kept = select(Unsaved).where(Unsaved.application_id == application.id, Unsaved.at > now - KEPT)
    return list(session.scalars(kept.order_by(Unsaved.id)))


def find(session: Session, application: Application, id_: int | None, *, step: Step, now: datetime) -> Unsaved | None:
    """Return the one with this number, if it belongs to this step of this application."""
    return next((one for one in find_all(session, application, now=now) if one.id == id_ and one.page == step), None)


def settle(session: Session, application: Application, step: Step, fields: Fields, *, number: int | None, now: datetime) -> None:
    """Delete what was taken over into the answers: what the page had kept under this number, and the same words without one."""
    for one in find_all(session, application, now=now):
        if one.page == step and (one.id == number or one.fields == fields):
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


def _add(
    session: Session, application: Application, page: str, fields: Fields, kept: Sequence[Unsaved], *, by: Actor, now: datetime
) -> Unsaved:
    """Add one to those that are kept already; the oldest makes room."""
    for old in kept[: max(0, len(kept) - MOST + 1)]:
        session.delete(old)
    fresh = Unsaved(application_id=application.id, page=page, fields=fields, at=now)
    session.add(fresh)
    session.flush()
    subject = ("application", application.reference)
    audit.record(session, "application.keep_unsaved", by=by, subject=subject, now=now, changes={"step": (None, page)})
    return fresh
