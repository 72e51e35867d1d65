"""Filling a directory with invented members, fast: batches of plain inserts, one audit event for each batch."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import CompoundSelect, select, union_all
from sqlalchemy.orm import Session

from directory.audit import SYSTEM, record
from directory.db import take_turn
from directory.members.interchange import Record, parse_record
from directory.members.invented import FIRST_DAY, invented_member
from directory.members.models import Member, OldSlug
from directory.members.rows import Entry
from directory.members.services import admit_prepared

BATCH = 500


def add_invented(session: Session, number: int, *, seed: int, now: datetime) -> Iterator[tuple[int, int]]:
    """Add the members 1 to `number` of a seed; those that are there already are left as they are.

    Commits after each batch and yields (how many were looked at, how many of them are new), so that it can be stopped
    at any time and begun again.
    """
    for first in range(1, number + 1, BATCH):
        numbers = range(first, min(first + BATCH, number + 1))
        records = [invented_member(seed, i) for i in numbers]
        take_turn(session)
        taken = set(session.scalars(_those_taken([r["slug"] for r in records])))
        missing = [_entry(r) for r in records if r["slug"] not in taken]
        if missing:
            admit_prepared(session, missing, by=SYSTEM, now=now)
            added = {"seed": seed, "first": first, "last": numbers[-1], "members": len(missing)}
            record(session, "member.demo", by=SYSTEM, subject=("demo", f"{seed}"), now=now, changes={"added": (None, added)})
        session.commit()
        session.expunge_all()
        yield len(numbers), len(missing)


def _entry(raw: Record) -> Entry:
    new = parse_record(raw)
    kept = {key: value for key, value in raw.items() if key != "contact"}
    return Entry(new, kept, starts_on=new.joined_on or FIRST_DAY)


def _those_taken(slugs: list[str]) -> CompoundSelect[str]:
    return union_all(select(Member.slug).where(Member.slug.in_(slugs)), select(OldSlug.slug).where(OldSlug.slug.in_(slugs)))
