"""How long questions to members and notices about entries are kept."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from directory.enquiries.models import Enquiry, Notice
from directory.initiative.queries import times


def old_enquiries(now: datetime) -> ColumnElement[bool]:
    """Say which enquiries are not kept any longer."""
    return Enquiry.at <= now - _kept()


def old_notices(now: datetime) -> ColumnElement[bool]:
    """Say which notices are not kept any longer: settled ones, so long after that."""
    return Notice.settled_at <= now - _kept()


def count(session: Session, *, now: datetime) -> int:
    """Count what `remove` would delete."""
    enquiries = session.scalar(select(func.count()).select_from(Enquiry).where(old_enquiries(now))) or 0
    return enquiries + (session.scalar(select(func.count()).select_from(Notice).where(old_notices(now))) or 0)


def remove(session: Session, *, now: datetime) -> int:
    """Delete old enquiries and settled notices; return how many."""
    number = count(session, now=now)
    session.execute(delete(Enquiry).where(old_enquiries(now)))
    session.execute(delete(Notice).where(old_notices(now)))
    return number


def _kept() -> timedelta:
    return timedelta(days=times().enquiries_kept)
