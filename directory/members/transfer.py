"""Members in and out as JSON Lines, a batch at a time, so that size does not matter and stopping does no harm."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.audit import SYSTEM, record
from directory.db import take_turn
from directory.errors import Invalid
from directory.members.entry import NewContact, NewMember
from directory.members.interchange import as_new_member, as_record, differences, parse_record
from directory.members.lines import Line, as_line, read_lines
from directory.members.models import Member
from directory.members.numbering import match_offerings
from directory.members.queries import visible, whole
from directory.members.rows import Entry
from directory.members.services import admit_prepared, correct, prepare
from directory.members.slugs import slug_from, taken_slugs

BATCH = 200
NOTE = "Import"


class Mode(StrEnum):
    """What an import does with a file that has bad lines, or with any file."""

    GOOD_LINES = "good lines"
    ALL_OR_NOTHING = "all or nothing"
    DRY_RUN = "dry run"


@dataclass(frozen=True)
class Fault:
    """A line that was refused, and why."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        """Say it as the command line does."""
        return f"line {self.line}: {self.reason}" if self.field == "line" else f"line {self.line}: {self.field}: {self.reason}"


@dataclass
class Step:
    """What a batch came to. read: bytes of the file behind it."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_members(session: Session, file: IO[bytes], *, mode: Mode, now: datetime) -> Iterator[Step]:
    """Read members from a file and yield what each batch of lines came to.

    A line whose slug a member has corrects that member's entry where it says something else; any other line is a new
    member. GOOD_LINES commits each batch; ALL_OR_NOTHING commits at the end if every line was good; DRY_RUN never.
    """
    importer = _Importer(session, now, is_dry=mode is Mode.DRY_RUN)
    good = True
    for lines in _batches(read_lines(file)):
        step = importer.take(lines)
        good = good and not step.faults
        if mode is Mode.ALL_OR_NOTHING and not good:
            importer.is_dry = True
        if mode is Mode.GOOD_LINES:
            session.commit()
            session.expunge_all()
        yield step
    if mode is Mode.ALL_OR_NOTHING and good:
        session.commit()
    else:
        session.rollback()


def export_members(session: Session, *, today: date) -> Iterator[tuple[str, str]]:
    """Yield (line without contact, line with contact) of each public member, in the order they were admitted."""
    after = 0
    while True:
        statement = select(Member).where(visible(today), Member.id > after).options(*whole()).order_by(Member.id).limit(BATCH)
        batch = session.scalars(statement).all()
        if not batch:
            return
        for member in batch:
            new = as_new_member(member)
            yield as_line(as_record(new)), as_line(as_record(new, contact=True))
        after = batch[-1].id
        session.expunge_all()


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    for line in lines:
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _Importer:
    """Takes batches of lines and remembers what earlier lines of the file have used."""

    def __init__(self, session: Session, now: datetime, *, is_dry: bool) -> None:
        self.session = session
        self.now = now
        self.is_dry = is_dry
        self.slugs: dict[str, int] = {}
        self.certificates: dict[str, int] = {}
        self.waiting: list[Entry] = []

    def take(self, lines: list[Line]) -> Step:
        """Bring a batch in, or only look at it when dry."""
        if not self.is_dry:
            take_turn(self.session)
        step = Step(read=sum(line.size for line in lines))
        parsed: list[tuple[int, NewMember]] = []
        for line in lines:
            try:
                parsed.append((line.number, parse_record(line.value())))
            except Invalid as error:
                step.faults.append(Fault(line.number, error.field, error.reason))
        there = self._members([new.slug for _, new in parsed if new.slug])
        for number, new in parsed:
            try:
                self._one(number, new, there.get(new.slug or ""), step)
            except Invalid as error:
                step.faults.append(Fault(number, error.field, error.reason))
        self._store()
        step.faults.sort(key=lambda fault: fault.line)
        return step

    def _members(self, slugs: list[str]) -> dict[str, Member]:
        found = self.session.scalars(select(Member).where(Member.slug.in_(slugs)).options(*whole()))
        return {member.slug: member for member in found}

    def _one(self, number: int, new: NewMember, member: Member | None, step: Step) -> None:
        self._use(number, new)
        if new.slug is None and self._same(new):
            step.unchanged += 1
        elif member is None:
            entry = prepare(self.session, new, now=self.now)
            self.slugs.setdefault(entry.new.slug or "", number)
            self.waiting.append(entry)
            step.added += 1
        elif self._correct(member, new):
            step.changed += 1
        else:
            step.unchanged += 1

    def _use(self, number: int, new: NewMember) -> None:
        """Refuse what an earlier line of the file has used, and remember what this one uses."""
        certificate = new.signature.certificate if new.signature else None
        for name, value, used in (("slug", new.slug, self.slugs), ("signature.certificate", certificate, self.certificates)):
            if value is not None and value in used:
                raise Invalid(name, f"stands on line {used[value]} too")
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

    def _correct(self, member: Member, new: NewMember) -> bool:
        old = as_new_member(member)
        new = match_offerings(_with_kept(new, old), old.offerings, used=member.offerings_used)
        if not differences(as_record(old, contact=True), as_record(new, contact=True)):
            return False
        if not self.is_dry:
            correct(self.session, member, new, by=SYSTEM, note=NOTE, seen_version=member.version, now=self.now)
        return True

    def _store(self) -> None:
        """Write the new members that wait, each with its event."""
        waiting, self.waiting = self.waiting, []
        if self.is_dry or not waiting:
            return
        admit_prepared(self.session, waiting, by=SYSTEM, now=self.now, note=NOTE)
        for entry in waiting:
            changes = {"entry": (None, as_record(entry.new, contact=True)), "note": (None, NOTE)}
            subject = ("member", entry.new.slug or "")
            record(self.session, "member.admit", by=SYSTEM, subject=subject, now=self.now, changes=changes)


def _with_kept(new: NewMember, old: NewMember) -> NewMember:
    """Return an entry read from a line with what a line does not say: how a contact may be used, and a certificate."""
    contact, signature = new.contact or old.contact, new.signature or old.signature
    if new.contact and old.contact:
        is_same = replace(old.contact, locale=None, shown=False) == new.contact
        contact = old.contact if is_same else NewContact(**{**vars(new.contact), "locale": old.contact.locale})
    if new.signature and old.signature and new.signature.certificate is None:
        signature = replace(new.signature, certificate=old.signature.certificate)
    return replace(new, contact=contact, signature=signature)
