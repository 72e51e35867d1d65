"""The audit: a chain of events of who did what to which row, old and new, when and why.

The chain hashes a salted digest of each value; the values stand in a table of their own, which erasure may empty:
`verify` then says erased, not altered.
"""

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from directory.db import NETWORK, Ledger, Model, take_turn

ERASING = frozenset({"application.remove", "application.reduce"})
"""actions that say that values in the events before them, and in themselves, were erased"""
NOT_PERSONAL = frozenset({"state", "code", "duplicate_of", "step", "reminder", "person"})
"""fields whose values say nothing of a person and are never erased"""
GENESIS = "0" * 64
VERIFY_BATCH = 1000
UNREADABLE = (ValueError, TypeError, DBAPIError)
"""what reading a row raises in which somebody put what is no JSON or no time"""
STAFF = "staff"


@dataclass(frozen=True)
class Actor:
    """Who acts. kind: staff, applicant, member, visitor, system. id: the account's or application's public id, if any."""

    kind: str
    id: str | None = None


SYSTEM = Actor("system")


class AuditEvent(Model):
    """One link of the chain."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject_kind", "subject_id"),)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str | None] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(160))
    digests: Mapped[dict[str, Any]]
    """{field: [digest of old, digest of new]}"""
    network: Mapped[str | None] = mapped_column(String(48))
    """where staff acted from, as far as a network; kept of nobody else"""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    values: Mapped[list["AuditValue"]] = relationship(back_populates="event", order_by="AuditValue.field")


class AuditValue(Model):
    """A field's old and new value as JSON text, with the salt that its digests were made with."""

    __tablename__ = "audit_value"

    sequence: Mapped[int] = mapped_column(ForeignKey("audit_event.sequence"), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)

    event: Mapped[AuditEvent] = relationship(back_populates="values")


def record(
    session: Session,
    action: str,
    *,
    by: Actor,
    subject: tuple[str, str],
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> AuditEvent:
    """Append an event in the caller's transaction.

    action: `<subject>.<verb>`, for example application.approve. subject: (kind, public id or slug).
    changes: {field: (old, new)} of JSON values; a reason or message goes in as (None, text).
    now: aware UTC time.
    """
    ledger = take_turn(session)
    values = []
    digests: dict[str, Any] = {}
    for field, (old, new) in sorted((changes or {}).items()):
        value = AuditValue(field=field, salt=secrets.token_hex(16), old=_canonical(old), new=_canonical(new))
        digests[field] = [_digest(value.salt, value.old), _digest(value.salt, value.new)]
        values.append(value)
    event = AuditEvent(
        sequence=ledger.audit_sequence + 1,
        at=now,
        actor_kind=by.kind,
        actor_id=by.id,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        digests=digests,
        network=session.info.get(NETWORK) if by.kind == STAFF else None,
        previous_hash=ledger.audit_head,
        values=values,
    )
    event.hash = _link(event)
    ledger.audit_sequence = event.sequence
    ledger.audit_head = event.hash
    session.add(event)
    session.flush()
    return event


def erase(session: Session, subject: tuple[str, str]) -> None:
    """Erase the values in all events about a subject but those that say nothing of a person.

    The digests stay, so that the chain still stands. An event of ERASING about the subject is recorded before: `verify` takes
    a value that is not there for erased only where such an event says so.
    """
    events = select(AuditEvent.sequence).where(AuditEvent.subject_kind == subject[0], AuditEvent.subject_id == subject[1])
    session.flush()
    session.execute(delete(AuditValue).where(AuditValue.sequence.in_(events), AuditValue.field.not_in(NOT_PERSONAL)))
    session.expire_all()


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. broken: sequence of the first entry that does not fit, with why; erased: emptied values.

    head: hash of the newest entry, where all stand; who keeps it elsewhere can tell later that the chain still has it.
    """

    entries: int
    erased: int
    broken: int | None = None
    why: str = ""
    head: str = ""


def verify(session: Session) -> Verdict:
    """Walk the whole chain and say whether it stands, and whether the ledger names its newest entry.

    What others record meanwhile is walked, too: it stands in the ledger when that is read again at the end.
    """
    first_head = _read_head(session)
    expected, previous, erased, gaps = 1, GENESIS, 0, _Gaps()
    for event in _all_events(session):
        why = _what_is_wrong(event, expected, previous) if event else "cannot be read"
        if event is None or why:
            return Verdict(expected - 1, erased, expected, why)
        if event.sequence == first_head.sequence and event.hash != first_head.hash:
            return Verdict(expected - 1, erased, expected, "not the one that the ledger names")
        erased += gaps.look(event, event.digests.keys() - {value.field for value in event.values})
        previous = event.hash
        expected += 1
    head = _read_head(session)
    if expected <= first_head.sequence:
        return Verdict(expected - 1, erased, expected, "missing at the end")
    if expected - 1 > head.sequence:
        why = "not in the ledger" if head.is_kept else "not in the ledger, which is missing"
        return Verdict(head.sequence, erased, head.sequence + 1, why)
    if first := gaps.first_unsaid():
        return Verdict(first - 1, erased, first, "a value is missing")
    return Verdict(expected - 1, erased, head=previous)


class _Head(NamedTuple):
    """The newest entry as the ledger names it. is_kept: there is a ledger."""

    sequence: int
    hash: str
    is_kept: bool


def _read_head(session: Session) -> _Head:
    row = session.execute(select(Ledger.audit_sequence, Ledger.audit_head).where(Ledger.id == 1)).first()
    return _Head(*row, is_kept=True) if row else _Head(0, GENESIS, is_kept=False)


def _what_is_wrong(event: AuditEvent, sequence: int, previous: str) -> str:
    """Say why an event does not stand where it is, or nothing. sequence, previous: its number and the hash before it."""
    if event.sequence != sequence:
        return "missing"
    digests: Any = event.digests  # somebody may have put any JSON there
    if not isinstance(digests, dict):
        return "cannot be read"
    if event.previous_hash != previous:
        return "does not follow the entry before it"
    if event.hash != _link(event):
        return "altered"
    if not {value.field for value in event.values} <= digests.keys():
        return "a value was added"
    for value in event.values:
        if digests[value.field] != [_digest(value.salt, value.old), _digest(value.salt, value.new)]:
            return f"the value of {value.field} was altered"
    return ""


@dataclass(frozen=True)
class Said:
    """What an event says of a row that is written once. entry: number of the event; facts: {what, in words: value}."""

    entry: int
    facts: Mapping[str, Any]


def get_events(session: Session, *actions: str) -> Sequence[AuditEvent]:
    """Return the events of these actions with their values, oldest first."""
    chosen = select(AuditEvent).where(AuditEvent.action.in_(actions)).order_by(AuditEvent.sequence)
    return session.scalars(chosen.options(selectinload(AuditEvent.values)), execution_options={"populate_existing": True}).all()


def new_values(event: AuditEvent) -> dict[str, Any]:
    """Return {field: new value} of an event."""
    return {value.field: json.loads(value.new) for value in event.values}


def first_difference(said: Callable[[], Mapping[str, Said]], kept: Callable[[], Mapping[str, Mapping[str, Any] | None]]) -> str:
    """Name the first row that is not as its event says, that is missing, or that has no event; blank where there is none.

    said, kept: read what events say and what rows hold, by the rows' names in their order; none: a row that cannot be read.
    Events are read again after the rows, so that what is set meanwhile is no difference.
    """
    before, rows = said(), kept()
    for name, told in before.items():
        if name not in rows:
            return f"{name} is missing, which entry {told.entry} tells of"
        facts = rows[name]
        if facts is None:
            return f"{name} cannot be read"
        for what, value in told.facts.items():
            if facts[what] != value:
                return f"{name} is not as entry {told.entry} says ({what})"
    after = said()
    return next((f"{name} is there, of which no entry tells" for name in rows if name not in after), "")


class _Gaps:
    """Values that are not there, and whether an event says that they were erased."""

    def __init__(self) -> None:
        self._missing: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._said: dict[tuple[str, str], int] = {}
        self._never: list[int] = []

    def look(self, event: AuditEvent, missing: Collection[str]) -> int:
        """Take note of an event and of the fields whose values are not there; return how many these are."""
        subject = (event.subject_kind, event.subject_id)
        if event.action in ERASING:
            self._said[subject] = event.sequence
        if missing:
            self._missing[subject].append(event.sequence)
        if not NOT_PERSONAL.isdisjoint(missing):
            self._never.append(event.sequence)
        return len(missing)

    def first_unsaid(self) -> int | None:
        """Return the first event that lacks a value which nothing says was erased."""
        found = [one for subject, of in self._missing.items() for one in of if one > self._said.get(subject, 0)]
        return min((*found, *self._never), default=None)


def _all_events(session: Session) -> Iterator[AuditEvent | None]:
    """Yield every event in its order; none in the place of the first that can no longer be read, and nothing after it."""
    after, most = 0, VERIFY_BATCH
    while True:
        chosen = select(AuditEvent).where(AuditEvent.sequence > after).order_by(AuditEvent.sequence).limit(most)
        try:
            batch = session.scalars(chosen.options(selectinload(AuditEvent.values))).all()
        except UNREADABLE:
            session.scalars(chosen.with_only_columns(AuditEvent.sequence)).all()  # it is no row's fault where this fails, too
            if most == 1:
                yield None
                return
            most = 1  # one by one up to the row
            continue
        if not batch:
            return
        yield from batch
        after = batch[-1].sequence
        session.expunge_all()


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()


def _link(event: AuditEvent) -> str:
    parts = [
        event.sequence,
        event.at.isoformat(timespec="microseconds"),
        event.actor_kind,
        event.actor_id,
        event.action,
        event.subject_kind,
        event.subject_id,
        event.digests,
        event.previous_hash,
        *([event.network] if event.network else []),
    ]
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()
