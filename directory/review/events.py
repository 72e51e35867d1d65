"""Reading the audit: a page of it, or all that fits, with the names of who acted."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, union
from sqlalchemy.orm import Session, selectinload

from directory.accounts.models import Account
from directory.audit import AuditEvent, AuditValue
from directory.members.models import Member, MemberName, OldSlug
from directory.web.paging import Page

EVENTS_PER_PAGE = 50
BATCH = 500


@dataclass(frozen=True)
class EventFilters:
    """Which events are meant; blank or none: all.

    subject: a public id, reference or slug; accounts, members: public ids and addresses of those whom it names; action: how
    it begins; who: public id of an account, or a kind of actor; first, last: days in UTC, both included.
    """

    subject: str = ""
    accounts: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    action: str = ""
    who: str = ""
    first: date | None = None
    last: date | None = None


class Event(NamedTuple):
    """What a page of the audit shows of one event. values: (field, old, new), by field; erased: fields whose values are gone."""

    sequence: int
    at: datetime
    actor_kind: str
    actor_id: str | None
    network: str | None
    action: str
    subject_kind: str
    subject_id: str
    values: tuple[tuple[str, str, str], ...]
    erased: tuple[str, ...] = ()


def find_page(session: Session, filters: EventFilters, *, page: int) -> Page[int]:
    """Return the numbers of the events on one page of the audit, newest first."""
    where = list(_conditions(filters))
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(*where)) or 0
    chosen = select(AuditEvent.sequence).where(*where).order_by(AuditEvent.sequence.desc())
    rows = session.scalars(chosen.offset((page - 1) * EVENTS_PER_PAGE).limit(EVENTS_PER_PAGE))
    return Page(rows.all(), page, total, EVENTS_PER_PAGE)


def get_events(session: Session, sequences: Sequence[int]) -> list[Event]:
    """Return events of these numbers, newest first, with what is left of their values."""
    of, value = AuditEvent, AuditValue
    shown = (of.sequence, of.at, of.actor_kind, of.actor_id, of.network, of.action, of.subject_kind, of.subject_id)
    digests = cast(of.digests, Text).label("digests")  # read here: somebody may have put anything there behind the program
    rows = select(*shown, digests, value.field, value.old, value.new).outerjoin(of.values)
    ordered = session.execute(rows.where(of.sequence.in_(sequences)).order_by(of.sequence.desc(), value.field))
    return [_event([*rows]) for _sequence, rows in groupby(ordered, key=lambda row: row.sequence)]


def _event(rows: Sequence[Any]) -> Event:
    """Make one event of its rows, of which each has one of its values."""
    *shown, digests, _field, _old, _new = rows[0]
    values = tuple((row.field, row.old, row.new) for row in rows if row.field)
    return Event._make((*shown, values, tuple(sorted(_fields(digests) - {field for field, _old, _new in values}))))


def _fields(digests: str) -> set[str]:
    """Return the fields that an event had values of; none where that cannot be read any more."""
    try:
        found = json.loads(digests)
    except ValueError:
        return set()
    return set(found) if isinstance(found, dict) else set()


def all_events(session: Session, filters: EventFilters) -> Iterator[AuditEvent]:
    """Yield all events that fit, oldest first; some are loaded at a time."""
    where, after = list(_conditions(filters)), 0
    while True:
        statement = select(AuditEvent).where(*where, AuditEvent.sequence > after).options(selectinload(AuditEvent.values))
        batch = session.scalars(statement.order_by(AuditEvent.sequence).limit(BATCH)).all()
        if not batch:
            return
        yield from batch
        after = batch[-1].sequence
        session.expunge_all()


def actor_names(session: Session) -> tuple[tuple[str, str], ...]:
    """Return (public id, shown name) of all staff, those disabled included, by name."""
    rows = session.scalars(select(Account))
    return tuple((row.public_id, row.shown_name) for row in sorted(rows, key=lambda row: row.shown_name.casefold()))


def find_accounts(session: Session, text: str) -> tuple[str, ...]:
    """Return the public ids of all staff who have this name or mail address, in any case."""
    names, wanted = select(Account.public_id, Account.name, Account.email), _folded(text)
    return tuple(id_ for id_, *called in session.execute(names) if wanted and wanted in map(_folded, called))


def find_members(session: Session, text: str) -> tuple[str, ...]:
    """Return every address that a member has or had, of those that have this address or name, or had it."""
    wanted = text.strip()
    named = select(MemberName.member_id).where(MemberName.name == wanted)
    slugs = (
        select(Member.id).where(Member.slug == wanted.lower()),
        select(OldSlug.member_id).where(OldSlug.slug == wanted.lower()),
    )
    ids = set(session.scalars(union(named, *slugs)))
    now, before = select(Member.slug).where(Member.id.in_(ids)), select(OldSlug.slug).where(OldSlug.member_id.in_(ids))
    return tuple(session.scalars(union(now, before))) if ids else ()


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _conditions(filters: EventFilters) -> Iterable[ColumnElement[bool]]:
    if filters.subject:
        meant: list[ColumnElement[bool]] = [AuditEvent.subject_id.in_(sorted({filters.subject, filters.subject.upper()}))]
        for kind, ids in (("account", filters.accounts), ("member", filters.members)):
            meant += [(AuditEvent.subject_kind == kind) & AuditEvent.subject_id.in_(ids)] if ids else []
        yield or_(*meant)
    if filters.action:
        yield AuditEvent.action.startswith(filters.action, autoescape=True)
    if filters.who:
        yield or_(AuditEvent.actor_id == filters.who, AuditEvent.actor_kind == filters.who)
    if filters.first:
        yield AuditEvent.at >= datetime.combine(filters.first, time(), UTC)
    if filters.last:
        yield AuditEvent.at < datetime.combine(filters.last + timedelta(days=1), time(), UTC)
