"""Reading notices."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from directory.enquiries.models import Notice
from directory.members.models import Member


def open_notices(session: Session, member: Member) -> Sequence[Notice]:
    """Return the notices about a member's entry that staff have not settled, oldest first."""
    statement = select(Notice).where(Notice.member_id == member.id, Notice.settled_at.is_(None))
    return session.scalars(statement.order_by(Notice.at, Notice.id)).all()


def all_open_notices(session: Session) -> Sequence[Notice]:
    """Return all notices that staff have not settled, oldest first, each with its member's names."""
    statement = select(Notice).where(Notice.settled_at.is_(None)).order_by(Notice.at, Notice.id)
    return session.scalars(statement.options(selectinload(Notice.member).selectinload(Member.names))).all()


def count_open_notices(session: Session) -> int:
    """Count the notices that staff have not settled."""
    return session.scalar(select(func.count()).select_from(Notice).where(Notice.settled_at.is_(None))) or 0


def get_notice(session: Session, public_id: str) -> Notice | None:
    """Return a notice by its public name; its row is locked until commit."""
    return session.scalar(select(Notice).where(Notice.public_id == public_id).with_for_update())
