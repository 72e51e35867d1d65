"""Bringing in members line by line: what each line comes to, and doing it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.audit import SYSTEM, Actor, record
from directory.db import take_turn
from directory.members import rules
from directory.members.changing import Changes
from directory.members.entry import NewContact, NewMember
from directory.members.flaws import Flaw, Flawed
from directory.members.interchange import as_new_member, as_record, differences, parse_record
from directory.members.models import Member
from directory.members.numbering import match_offerings
from directory.members.queries import whole
from directory.members.rows import Entry
from directory.members.services import admit_prepared, correct, prepare
from directory.members.slugs import check_slug, slug_from, taken_slugs

BATCH = 200
NOTE = "Import"


class Source(Protocol):
    """A line of a file, whatever its format. number: from 1; size: its bytes.

    value: what stands there; whole: the record that it comes to with what is kept of the member that is there;
    place: where in the line a field of that record stands.
    """

    @property
    def number(self) -> int: ...  # noqa: D102 (above)
    @property
    def size(self) -> int: ...  # noqa: D102
    def value(self) -> Any: ...  # noqa: D102
    def whole(self, value: Any, old: NewMember | None, /) -> Any: ...  # noqa: D102
    def place(self, field: str, /) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Fault:
    """A line that was refused, and why. reason: as the command line says it; values: what the flaw's text has places for."""

    line: int
    field: str
    reason: str
    flaw: Flaw
    values: Mapping[str, str]

    def __str__(self) -> str:
        """Say it as the command line does."""
        return f"line {self.line}: {self.reason}" if self.field == "line" else f"line {self.line}: {self.field}: {self.reason}"


class OutcomeKind(StrEnum):
    """What a good line comes to."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Outcome:
    """What one good line comes to. slug: that of the member, as far as there is one; changes: {key: (old, new)}."""

    line: int
    kind: OutcomeKind
    slug: str
    name: str
    changes: Changes


@dataclass
class Step:
    """What lines came to. read: bytes of the file behind them; left_out: how many stayed out by a clerk's choice."""

    read: int = 0
    left_out: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def added(self) -> int:
        """How many are new members."""
        return self._count(OutcomeKind.NEW)

    @property
    def changed(self) -> int:
        """How many say something else than their member."""
        return self._count(OutcomeKind.CHANGED)

    @property
    def unchanged(self) -> int:
        """How many say what is there."""
        return self._count(OutcomeKind.SAME)

    def _count(self, kind: OutcomeKind) -> int:
        return sum(outcome.kind is kind for outcome in self.outcomes)


def batches(lines: Iterator[Source]) -> Iterator[list[Source]]:
    """Give lines BATCH at a time."""
    batch: list[Source] = []
    for line in lines:
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class Importer:
    """Takes batches of lines and remembers what earlier lines of the file have used.

    without: numbers of lines that stay out by a clerk's choice. fresh: {line: entry} of the new members.
    """

    def __init__(
        self, session: Session, now: datetime, *, is_dry: bool, by: Actor = SYSTEM, without: Collection[int] = ()
    ) -> None:
        self.session = session
        self.by = by
        self.now = now
        self.is_dry = is_dry
        self.slugs: dict[str, int] = {}
        self.certificates: dict[str, int] = {}
        self.waiting: list[Entry] = []
        self.without = without
        self.fresh: dict[int, NewMember] = {}

    def take(self, lines: Sequence[Source]) -> Step:
        """Bring a batch in, or only look at it when dry."""
        if not self.is_dry:
            take_turn(self.session)
        step = Step(read=sum(line.size for line in lines), left_out=sum(line.number in self.without for line in lines))
        found: list[tuple[Source, Any]] = []
        for line in lines:
            try:
                found += [(line, line.value())] if line.number not in self.without else []
            except Flawed as error:
                step.faults.append(_fault(line, error))
        there = self._members([slug for _, value in found if (slug := _slug_of(value))])
        for line, value in found:
            try:
                member = there.get(_slug_of(value) or "")
                new = parse_record(line.whole(value, as_new_member(member) if member else None))
                self._one(line.number, new, member, step)
            except Flawed as error:
                step.faults.append(_fault(line, error))
        self._store()
        step.faults.sort(key=lambda fault: fault.line)
        return step

    def _members(self, slugs: list[str]) -> dict[str, Member]:
        found = self.session.scalars(select(Member).where(Member.slug.in_(slugs)).options(*whole()))
        return {member.slug: member for member in found}

    def _one(self, number: int, new: NewMember, member: Member | None, step: Step) -> None:
        self._use(number, new)
        changes: Changes = {}
        if new.slug is None and self._same(new):
            kind = OutcomeKind.SAME
        elif member is None:
            rules.require_past(new, today=self.now.date())
            entry = prepare(self.session, new, now=self.now)
            self.slugs.setdefault(entry.new.slug or "", number)
            self.waiting.append(entry)
            self.fresh[number] = entry.new
            new, kind = entry.new, OutcomeKind.NEW
        elif member.is_merged:
            raise Flawed("slug", Flaw.OF_MERGED)
        else:
            changes = self._correct(member, new)
            kind = OutcomeKind.CHANGED if changes else OutcomeKind.SAME
        step.outcomes.append(Outcome(number, kind, new.slug or "", next(iter(new.names.values())), changes))

    def _use(self, number: int, new: NewMember) -> None:
        """Refuse what an earlier line of the file has used, and remember what this one uses."""
        certificate = new.signature.certificate if new.signature else None
        for name, value, used in (("slug", new.slug, self.slugs), ("signature.certificate", certificate, self.certificates)):
            if value is not None and value in used:
                raise Flawed(name, Flaw.ON_LINE, line=used[value])
        if new.slug is not None:
            self.slugs[new.slug] = number
        if certificate is not None:
            self.certificates[certificate] = number

    def _same(self, new: NewMember) -> bool:
        """Say whether a line without slug describes a member that is there, so that reading a file twice adds nothing."""
        self._store()
        for slug, member in self._members(sorted(taken_slugs(self.session, slug_from(new.names)))).items():
            old = as_new_member(member)
            if not differences(as_record(old, contact=True), as_record(replace(_with_kept(new, old), slug=slug), contact=True)):
                return True
        return False

    def _correct(self, member: Member, new: NewMember) -> Changes:
        """Correct a member where the line says something else; return what."""
        old = as_new_member(member)
        new = match_offerings(_with_kept(new, old), old.offerings, used=member.offerings_used)
        rules.require_past(new, old, today=self.now.date())
        rules.require_first_term(member, new)
        changes = differences(as_record(old, contact=True), as_record(new, contact=True))
        if changes and not self.is_dry:
            correct(self.session, member, new, by=self.by, note=NOTE, seen_version=member.version, now=self.now)
        return changes

    def _store(self) -> None:
        """Write the new members that wait, each with its event."""
        waiting, self.waiting = self.waiting, []
        if self.is_dry or not waiting:
            return
        admit_prepared(self.session, waiting, by=self.by, now=self.now, note=NOTE)
        for entry in waiting:
            changes = {"entry": (None, as_record(entry.new, contact=True)), "note": (None, NOTE)}
            subject = ("member", entry.new.slug or "")
            record(self.session, "member.admit", by=self.by, subject=subject, now=self.now, changes=changes)


def _fault(line: Source, error: Flawed) -> Fault:
    return Fault(line.number, line.place(error.field), error.reason, error.flaw, error.values)


def _slug_of(value: Any) -> str | None:
    """Return the address that a line names, if it is one."""
    with suppress(Flawed):
        return check_slug(value["slug"]) if isinstance(value, Mapping) and value.get("slug") else None
    return None


def _with_kept(new: NewMember, old: NewMember) -> NewMember:
    """Return an entry read from a line with what a line does not say: how a contact may be used, and a certificate."""
    contact, signature = new.contact or old.contact, new.signature or old.signature
    if new.contact and old.contact:
        is_same = replace(old.contact, locale=None, shown=False) == new.contact
        contact = old.contact if is_same else NewContact(**{**vars(new.contact), "locale": old.contact.locale})
    if new.signature and old.signature and new.signature.certificate is None:
        signature = replace(new.signature, certificate=old.signature.certificate)
    return replace(new, contact=contact, signature=signature)
