"""Finding organisations that may be one, by what they can be told by; a constant number of questions to the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.members.marks import Mark, halves, is_near
from directory.members.models import MarkColumns
from directory.members.vocab import MarkKind

MOST = 2000
"""rows looked at for each way of finding; more have too little to tell them by"""


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


_OF_KIND = {MarkKind.NAME: Match.NAME, MarkKind.WEBSITE: Match.WEBSITE, MarkKind.REGISTRATION: Match.REGISTRATION}


def degree_of(reasons: Collection[Match]) -> Degree:
    """Weigh the reasons: a registration number is one organisation's own, as are name and website together."""
    if Match.REGISTRATION in reasons or len(reasons) > 1:
        return Degree.VERY_LIKELY
    return Degree.POSSIBLE if Match.NEAR_NAME in reasons else Degree.LIKELY


def find_alike(
    session: Session, table: type[MarkColumns], owner: InstrumentedAttribute[int], marks: Collection[Mark]
) -> Mapping[int, tuple[Match, ...]]:
    """Return the row numbers of owners that share marks, or have a name that is nearly equal, with the reasons.

    table: where marks of the owners are kept; owner: its column of row numbers.
    """
    known = {(mark.kind, mark.value) for mark in marks}
    names = {mark.value for mark in marks if mark.kind is MarkKind.NAME}
    found: dict[int, set[Match]] = defaultdict(set)
    rows = session.execute(_statement(table, owner, {mark.value for mark in marks}, names))
    for id_, kind, value in rows:
        if (kind, value) in known:
            found[id_].add(_OF_KIND[MarkKind(kind)])
        elif kind == MarkKind.NAME and any(is_near(value, name) for name in names):
            found[id_].add(Match.NEAR_NAME)
    return {id_: _in_order(reasons) for id_, reasons in sorted(found.items())}


def _statement(
    table: type[MarkColumns], owner: InstrumentedAttribute[int], values: Collection[str], names: Collection[str]
) -> Select[Any]:
    """Ask by whole values, by beginnings and by ends of names: one statement, each part by an index of its own."""
    heads = {head for name in names for head in halves(name)[0]}
    tails = {tail for name in names for tail in halves(name)[1]}
    lengths = [len(name) for name in names] or [0]
    near = func.length(table.value).between(min(lengths) - 1, max(lengths) + 1)
    columns = (owner, table.kind, table.value)
    parts = (
        select(*columns).where(table.value.in_(sorted(values))),
        select(*columns).where(table.head.in_(sorted(heads)), near),
        select(*columns).where(table.tail.in_(sorted(tails)), near),
    )
    every = union_all(*(select(part.limit(MOST).subquery()) for part in parts)).subquery()
    return select(*every.c)


def _in_order(reasons: set[Match]) -> tuple[Match, ...]:
    kept = reasons - {Match.NEAR_NAME} if Match.NAME in reasons else reasons
    return tuple(match for match in Match if match in kept)
