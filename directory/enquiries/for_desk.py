"""Notices as the members' desk reads and settles them (members.notices.Notices)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.audit import Actor
from directory.enquiries.models import NOTICE_LABELS, Notice, NoticeKind
from directory.enquiries.queries import get_notice, open_notices
from directory.enquiries.services import settle_notice
from directory.members.models import Member


@dataclass
class OpenNotice:
    """One notice that waits to be settled."""

    public_id: str
    kind_label: Any
    locale: str
    name: str
    role: str
    email: str
    words: str
    at: datetime


class DeskNotices:
    """Reads and settles notices for the desk."""

    def count_open(self, session: Session) -> Mapping[int, int]:
        """Return {row number of a member: open notices}, of those that have any."""
        statement = select(Notice.member_id, func.count()).where(Notice.settled_at.is_(None)).group_by(Notice.member_id)
        return {row[0]: row[1] for row in session.execute(statement)}

    def list_open(self, session: Session, member: Member) -> Sequence[OpenNotice]:
        """Return the open notices about a member's entry, oldest first."""
        return [
            OpenNotice(n.public_id, NOTICE_LABELS[NoticeKind(n.kind)], n.locale, n.name, n.role, n.email, n.words, n.at)
            for n in open_notices(session, member)
        ]

    def settle(self, session: Session, public_id: str, *, member: Member, by: Actor, by_id: int, now: datetime) -> bool:
        """Record that a notice was dealt with; False where the member has no such notice."""
        notice = get_notice(session, public_id)
        if notice is None or notice.member_id != member.id:
            return False
        settle_notice(session, notice, by=by, by_id=by_id, now=now)
        return True
