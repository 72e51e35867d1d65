"""How long letters are kept after they went out, or could not."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from directory.mail.models import LetterState, OutboxLetter

SECRET_KEPT = timedelta(days=4)
"""letters whose text opens something: a day longer than their links work"""
_DONE = OutboxLetter.state.in_([LetterState.SENT, LetterState.FAILED])


def count_old(session: Session, *, secret: Collection[str], kept: int, now: datetime) -> int:
    """Count the letters that `remove_old` would delete. secret: templates whose letters open something; kept: days for others."""
    return session.scalar(select(func.count()).select_from(OutboxLetter).where(_old(secret, kept, now))) or 0


def remove_old(session: Session, *, secret: Collection[str], kept: int, now: datetime) -> int:
    """Delete letters that are done with; return how many."""
    number = count_old(session, secret=secret, kept=kept, now=now)
    session.execute(delete(OutboxLetter).where(_old(secret, kept, now)))
    return number


def forget_about(session: Session, subject: tuple[str, str]) -> None:
    """Delete all letters about something, those that still wait included. subject: (kind, public id)."""
    session.execute(delete(OutboxLetter).where(OutboxLetter.subject_kind == subject[0], OutboxLetter.subject_id == subject[1]))


def _old(secret: Collection[str], kept: int, now: datetime) -> ColumnElement[bool]:
    opens = and_(OutboxLetter.template.in_(secret), OutboxLetter.created_at <= now - SECRET_KEPT)
    return and_(_DONE, or_(OutboxLetter.created_at <= now - timedelta(days=kept), opens))
