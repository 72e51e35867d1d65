"""Reading members for staff: all of them, whatever their standing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from directory.accounts.models import Account
from directory.audit import AuditEvent
from directory.members.models import EntryRevision, Member, MemberName
from directory.members.vocab import Standing
from directory.web.paging import Page

PER_PAGE = 50


@dataclass(frozen=True)
class DeskFilters:
    """Which members the desk lists. standing: blank for all; ids: only these, none for all."""

    q: str = ""
    standing: str = ""
    ids: Collection[int] | None = None


def list_for_desk(session: Session, filters: DeskFilters, *, page: int) -> Page[Member]:
    """Return one page of members by address, suspended, resigned and ended ones too."""
    where = _conditions(filters)
    total = session.scalar(select(func.count()).select_from(Member).where(*where)) or 0
    rows = session.scalars(
        select(Member)
        .where(*where)
        .options(selectinload(Member.names), selectinload(Member.terms))
        .order_by(Member.slug)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    )
    return Page(rows.all(), page, total, PER_PAGE)


def get_revisions(session: Session, member: Member) -> list[EntryRevision]:
    """Return the published states of an entry, newest first."""
    statement = select(EntryRevision).where(EntryRevision.member_id == member.id).order_by(EntryRevision.number.desc())
    return list(session.scalars(statement))


@dataclass(frozen=True)
class LastEvent:
    """The last thing that was done to a member. by: shown name, blank where no clerk did it."""

    action: str
    by: str
    at: datetime


def get_last_event(session: Session, member: Member) -> LastEvent | None:
    """Return the last event about a member, to tell a second clerk what happened meanwhile."""
    about = (AuditEvent.subject_kind == "member", AuditEvent.subject_id == member.slug)
    event = session.scalar(select(AuditEvent).where(*about).order_by(AuditEvent.sequence.desc()).limit(1))
    if event is None:
        return None
    by = session.scalar(select(Account).where(Account.public_id == event.actor_id)) if event.actor_id else None
    return LastEvent(event.action, by.shown_name if by else "", event.at)


def _conditions(filters: DeskFilters) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filters.q:
        spellings = {filters.q, filters.q.lower(), filters.q.upper(), filters.q.title()}
        names = [func.lower(MemberName.name).contains(filters.q.lower(), autoescape=True)]
        names += [MemberName.name.contains(text, autoescape=True) for text in sorted(spellings)]
        by_name = exists().where(MemberName.member_id == Member.id, or_(*names))
        where.append(or_(Member.slug.contains(filters.q.lower(), autoescape=True), by_name))
    if filters.standing in set(Standing):
        where.append(Member.standing == Standing(filters.standing))
    if filters.ids is not None:
        where.append(Member.id.in_(filters.ids))
    return where
