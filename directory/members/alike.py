"""Finding organisations that may be one, by what they can be told by; a constant number of questions to the database."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import CompoundSelect, Integer, Select, bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.members.marks import Mark, halves, is_near
from directory.members.vocab import MarkKind

MOST = 2000
"""rows looked at for each way of finding; more have too little to tell them by"""
TOGETHER = 20
"""organisations that one question is about; more of them could share too many rows"""


class Match(StrEnum):
    """Why two organisations may be one."""

    NAME = "name"
    NEAR_NAME = "near_name"
    WEBSITE = "website"
    REGISTRATION = "registration"


class Degree(StrEnum):
    """How much speaks for it, the most first."""

    VERY_LIKELY = "very_likely"
    LIKELY = "likely"
    POSSIBLE = "possible"


Alike: TypeAlias = Mapping[int, tuple[Match, ...]]
"""{row number of an owner: why it may be the same}"""
_OF_KIND = {MarkKind.NAME: Match.NAME, MarkKind.WEBSITE: Match.WEBSITE, MarkKind.REGISTRATION: Match.REGISTRATION}


def degree_of(reasons: Collection[Match]) -> Degree:
    """Weigh the reasons: a registration number is one organisation's own, as are name and website together."""
    if Match.REGISTRATION in reasons or len(reasons) > 1:
        return Degree.VERY_LIKELY
    return Degree.POSSIBLE if Match.NEAR_NAME in reasons else Degree.LIKELY


def find_alike(session: Session, owner: InstrumentedAttribute[int], marks: Collection[Mark]) -> Alike:
    """Return the row numbers of owners that share marks, or have a name that is nearly equal, with the reasons.

    owner: the column of row numbers in the table where marks of the owners are kept.
    """
    return find_alike_in(session, (owner,), marks)[0]


def find_alike_in(session: Session, owners: tuple[InstrumentedAttribute[int], ...], marks: Collection[Mark]) -> list[Alike]:
    """Return the same for owners of several kinds, in their order, by one question; what is not flushed yet is not seen."""
    found: list[dict[int, set[Match]]] = [defaultdict(set) for _ in owners]
    for place, id_, kind, value in session.connection().execute(_statement(owners), _asked(marks, _names(marks))):
        if match := match_of(Mark(MarkKind(kind), value), marks):
            found[place][id_].add(match)
    return [_as_alike(of_owner) for of_owner in found]


def find_alike_each(
    session: Session, owner: InstrumentedAttribute[int], marks_of_each: Sequence[Collection[Mark]]
) -> list[Alike]:
    """Return the same as `find_alike` for several organisations, in their order, by one question for TOGETHER of them."""
    found: list[Alike] = []
    for start in range(0, len(marks_of_each), TOGETHER):
        asked = marks_of_each[start : start + TOGETHER]
        all_marks = frozenset(mark for marks in asked for mark in marks)
        of_each: list[dict[int, set[Match]]] = [defaultdict(set) for _ in asked]
        for _place, id_, kind, value in session.connection().execute(
            _statement((owner,), TOGETHER), _asked(all_marks, _names(all_marks))
        ):
            for of_one, marks in zip(of_each, asked, strict=True):
                if match := match_of(Mark(MarkKind(kind), value), marks):
                    of_one[id_].add(match)
        found += map(_as_alike, of_each)
    return found


def match_of(mark: Mark, marks: Collection[Mark]) -> Match | None:
    """Say why somebody with this mark may be the organisation with these, if so."""
    if mark in marks:
        return _OF_KIND[mark.kind]
    if mark.kind is MarkKind.NAME and any(is_near(mark.value, name) for name in _names(marks)):
        return Match.NEAR_NAME
    return None


def _names(marks: Collection[Mark]) -> set[str]:
    return {mark.value for mark in marks if mark.kind is MarkKind.NAME}


def _as_alike(found: Mapping[int, set[Match]]) -> Alike:
    return {id_: _in_order(reasons) for id_, reasons in sorted(found.items())}


@cache
def _statement(owners: tuple[InstrumentedAttribute[int], ...], number: int = 1) -> CompoundSelect[int, int, str, str]:
    """Ask by whole values, by beginnings and by ends of names: one statement, each part by an index of its own.

    number: of organisations that are asked about at once; each has its room.
    """
    parts = (part for place, owner in enumerate(owners) for part in _parts(place, owner))
    return union_all(*(select(part.limit(MOST * number).subquery()) for part in parts))


def _parts(place: int, owner: InstrumentedAttribute[int]) -> Iterator[Select[int, int, str, str]]:
    kept: Any = owner.class_.__table__.c
    near = func.length(kept.value).between(bindparam("shortest"), bindparam("longest"))
    columns = (literal_column(str(place), Integer).label("place"), kept[owner.key].label("owner"), kept.kind, kept.value)
    yield select(*columns).where(kept.value.in_(bindparam("values", expanding=True)))
    yield select(*columns).where(kept.head.in_(bindparam("heads", expanding=True)), near)
    yield select(*columns).where(kept.tail.in_(bindparam("tails", expanding=True)), near)


def _asked(marks: Collection[Mark], names: Collection[str]) -> Mapping[str, Any]:
    """Return what the statement is asked with."""
    ends, lengths = [halves(name) for name in names], [len(name) for name in names] or [0]
    return {
        "values": sorted({mark.value for mark in marks}),
        "heads": sorted({head for heads, _tails in ends for head in heads}),
        "tails": sorted({tail for _heads, tails in ends for tail in tails}),
        "shortest": min(lengths) - 1,
        "longest": max(lengths) + 1,
    }


def _in_order(reasons: set[Match]) -> tuple[Match, ...]:
    kept = reasons - {Match.NEAR_NAME} if Match.NAME in reasons else reasons
    return tuple(match for match in Match if match in kept)
