"""Who carries a term of a taxonomy, and moving them to its successor."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.audit import Actor
from directory.db import take_turn
from directory.errors import Invalid
from directory.initiative.models import Taxonomy
from directory.members.entry import NewMember
from directory.members.interchange import as_new_member
from directory.members.models import Member, Merge, Offering
from directory.members.services import correct
from directory.search.changes import note_changes

MOVED_AT_ONCE = 200
"""members that one press of the button moves: more would keep others from writing for too long"""


@dataclass(frozen=True)
class Uses:
    """How many entries carry a term, of any standing. members: in themselves; offerings: services."""

    members: int = 0
    offerings: int = 0


def count_uses(session: Session, facet: str, slugs: Collection[str]) -> Mapping[str, Uses]:
    """Count who carries each of some terms of a facet's taxonomy; two queries, however many there are.

    What was merged into another member is history and carries nothing, here and in `carriers`.
    """
    if not slugs:
        return {}
    of_members = _count(session, Member, Member.id, {slug: _member_has(facet, slug) for slug in slugs})
    of_offerings = _count(session, Offering, Offering.member_id, {slug: _offering_has(facet, slug) for slug in slugs})
    return {slug: Uses(of_members.get(slug, 0), of_offerings.get(slug, 0)) for slug in slugs}


def carriers(session: Session, facet: str, slugs: Collection[str], *, most: int | None = None) -> Sequence[int]:
    """Return the row numbers of the members that carry any of some terms, in themselves or in a service; `most` of them."""
    of_members = [has for slug in slugs if (has := _member_has(facet, slug)) is not None]
    of_offerings = [has for slug in slugs if (has := _offering_has(facet, slug)) is not None]
    found = [*of_members, *(exists().where(Offering.member_id == Member.id, has) for has in of_offerings)]
    if not found:
        return []
    statement = select(Member.id).where(or_(*found), _not_merged(Member.id))
    return session.scalars(statement.order_by(Member.id).limit(most)).all()


def note_carriers(session: Session, facet: str, slugs: Collection[str]) -> None:
    """Say that whoever carries one of some terms is found otherwise than before, in the caller's transaction."""
    if ids := carriers(session, facet, slugs):
        note_changes(session, ids)


def move_to_successor(
    session: Session,
    facet: str,
    slug: str,
    taxonomy: Taxonomy,
    *,
    by: Actor,
    note: str,
    now: datetime,
    most: int = MOVED_AT_ONCE,
) -> int:
    """Let entries that carry a retired term carry its successor: each a new published revision with its own event.

    note: kept with each revision. most: how many members at most. Returns how many there were.
    Raises Invalid where the term is not retired.
    """
    if taxonomy.resolve(slug) == slug:
        raise Invalid("slug", "in_force")
    take_turn(session)
    ids = carriers(session, facet, [slug], most=most)
    for id_ in ids:
        member = session.get_one(Member, id_)
        new = _moved(as_new_member(member), facet, slug, taxonomy.resolve(slug))
        correct(session, member, new, by=by, note=note, seen_version=member.version, now=now)
    return len(ids)


def _moved(entry: NewMember, facet: str, slug: str, successor: str) -> NewMember:
    def of(slugs: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(successor if one == slug else one for one in slugs))

    if facet == "zone":
        return replace(entry, zones=of(entry.zones))
    if facet == "sector":
        offerings = tuple(replace(one, sectors=of(one.sectors)) for one in entry.offerings)
        return replace(entry, sectors=of(entry.sectors), offerings=offerings)
    return replace(entry, offerings=tuple(replace(one, category=of((one.category,))[0]) for one in entry.offerings))


def _not_merged(owner: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return owner.not_in(select(Merge.member_id))


def _count(
    session: Session, table: type[Any], owner: InstrumentedAttribute[int], having: Mapping[str, ColumnElement[bool] | None]
) -> dict[str, int]:
    """Count the rows that have each of some things; slugs that no row can have are left out."""
    asked = {slug: has for slug, has in having.items() if has is not None}
    if not asked:
        return {}
    columns = (func.count(case((has, 1))) for has in asked.values())
    counts = session.execute(select(*columns).select_from(table).where(_not_merged(owner))).one()
    return dict(zip(asked, counts, strict=True))


def _member_has(facet: str, slug: str) -> ColumnElement[bool] | None:
    column = {"sector": Member.sectors, "zone": Member.zones}.get(facet)
    return None if column is None else _has(column, slug)


def _offering_has(facet: str, slug: str) -> ColumnElement[bool] | None:
    if facet == "category":
        return Offering.category == slug
    return _has(Offering.sectors, slug) if facet == "sector" else None


def _has(column: Any, slug: str) -> ColumnElement[bool]:
    """Say whether a list that is kept as JSON names a slug: slugs are plain letters, so that their text is enough."""
    return and_(column.is_not(None), cast(column, String).contains(f'"{slug}"', autoescape=True))
