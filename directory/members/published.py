"""Public entries as lists, cards and the search read them: the published revision whole, without a row for each part.

A revision keeps its entry in the interchange format, so that one query brings what six would put together.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

import orjson
from sqlalchemy import BindParameter, Date, String, and_, bindparam, cast, func, literal_column, select
from sqlalchemy.orm import Session

from directory.db import read_ledger
from directory.members.interchange import Record
from directory.members.models import EntryRevision, Member, Offering
from directory.members.queries import visible_between
from directory.members.terms import oldest_public_end
from directory.search.engine import Tagged

Texts: TypeAlias = dict[str, str]
"""{tag: text}, the owner's language first."""


class OfficialName(NamedTuple):
    """The name in the organisation's own language."""

    tag: str
    name: str


class PublishedOffering(NamedTuple):
    """One offering of a published entry."""

    id: int
    number: int
    titles: Texts
    descriptions: Texts
    category: str
    sectors: list[str]
    serves: list[str]
    languages: list[str]
    delivery: list[str]
    fee: str | None
    direction: str | None
    data: Record | None = None


class Published(NamedTuple):
    """A public entry. name_texts: the official one first; other_names: short, former and other-script ones."""

    id: int
    slug: str
    version: int
    kind: str
    type: str | None
    country: str | None
    city: str | None
    zones: list[str]
    sectors: list[str]
    languages: list[str]
    name_texts: Texts
    other_names: Tagged
    summary_texts: Texts
    demonstration: bool
    joined_on: date | None
    named_on: date | None
    confirmed_on: date | None
    offerings: tuple[PublishedOffering, ...]

    @property
    def official_name(self) -> OfficialName:
        """The name in the organisation's own language."""
        return OfficialName(*next(iter(self.name_texts.items())))


def load_published(session: Session, ids: Sequence[int], *, today: date) -> dict[int, Published]:
    """Return those of these members that are public on `today`, by row number and in this order; one query."""
    if not ids:
        return {}
    rows = {row.id: row for row in session.connection().execute(_ENTRIES_OF, {"ids": list(ids), **visible_values(today)})}
    return {id_: published_of(rows[id_]) for id_ in ids if id_ in rows}


def confirm_published(
    session: Session, known: Iterable[Published], *, today: date, of: tuple[str, int] | None = None
) -> dict[int, Published]:
    """Return those of some entries read before that are public on `today`, by row number, as they are now.

    of: version of the directory that the entries are all of; where the ledger still has that version, and the calendar of
    `today` was heeded, nothing has changed since. Otherwise one query says who is public and in which version; an entry of
    another version is loaded anew.
    """
    of_member = {member.id: member for member in known}
    if not of_member or (of and is_unchanged(of, today)):
        return of_member
    versions = {
        row.id: row.version for row in session.execute(_VERSIONS, {"ids": list(of_member), **visible_values(today)}).all()
    }
    changed = [id_ for id_, version in versions.items() if of_member[id_].version != version]
    newer = load_published(session, changed, today=today)
    return {id_: newer.get(id_, of_member[id_]) for id_ in of_member if id_ in versions and (id_ in newer or id_ not in changed)}


def is_unchanged(of: tuple[str, int], today: date) -> bool:
    """Say whether the directory still has this version, as the ledger has it now, and the calendar of `today` was heeded.

    The ledger is asked again even where an answer began with asking it: what was removed since must not be in it.
    """
    state = read_ledger()
    return state is not None and (state.epoch, state.sequence, state.swept_on) == (*of, today.isoformat())


def as_shown(member: Published) -> bytes:
    """Write an entry down for lists that show it."""
    *parts, joined_on, named_on, confirmed_on, offerings = member
    days = [day.isoformat() if day else None for day in (joined_on, named_on, confirmed_on)]
    return orjson.dumps([parts, days, list(map(tuple, offerings))])


def read_shown(text: bytes) -> Published:
    """Read back what `as_shown` wrote."""
    parts, days, offerings = orjson.loads(text)
    joined_on, named_on, confirmed_on = (date.fromisoformat(day) if day else None for day in days)
    return Published._make([*parts, joined_on, named_on, confirmed_on, tuple(PublishedOffering(*one) for one in offerings)])


def visible_values(today: date) -> dict[str, date]:
    """Return what statements made once want to know of the day."""
    return {"today": today, "oldest_end": oldest_public_end(today)}


def _text(column: Any) -> Any:
    return cast(column, String)


_COLUMNS = ("kind", "type", "country", "city", "zones", "sectors", "languages", "demonstration")
_member = Member.__table__.c
_revision = EntryRevision.__table__.c
_offering = Offering.__table__.c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_IS_PUBLIC = visible_between(bindparam("today", type_=Date()), bindparam("oldest_end", type_=Date()))
_SPACE: Any = literal_column("' '")
"""so written that the statement need not be put together anew each time"""
_NUMBERS = (
    select(func.aggregate_strings(_text(_offering.position) + ":" + _text(_offering.id) + ":" + _text(_offering.number), _SPACE))
    .where(_offering.member_id == _member.id)
    .scalar_subquery()
)
"""An entry's offerings as `position:id:number`, in any order."""
ALL_ENTRIES = (
    select(
        _member.id,
        _member.slug,
        _member.version,
        *(_member[name] for name in _COLUMNS),
        _member.joined_on,
        _member.named_on,
        _member.confirmed_on,
        _revision.content,
        _NUMBERS.label("numbers"),
    )
    .select_from(Member.__table__)
    .join(EntryRevision.__table__, and_(_revision.member_id == _member.id, _revision.number == _member.published_revision))
)
"""Entries of any standing; to be narrowed."""
ENTRIES = ALL_ENTRIES.where(_IS_PUBLIC)
"""All public entries; to be narrowed."""
_ENTRIES_OF = ENTRIES.where(_member.id.in_(_IDS))
_VERSIONS = select(_member.id, _member.version).where(_member.id.in_(_IDS), _IS_PUBLIC)
"""Statements made once, over plain tables: putting one together takes as long as running it."""


def published_of(row: Any) -> Published:
    """Put an entry together from a row of ENTRIES."""
    content: Record = row.content
    numbers = sorted(tuple(map(int, one.split(":"))) for one in (row.numbers or "").split())
    return Published(
        id=row.id,
        slug=row.slug,
        version=row.version,
        **{name: getattr(row, name) for name in _COLUMNS},
        name_texts=content["names"],
        other_names=tuple((name["tag"], name["name"]) for name in content.get("alternate_names", ())),
        summary_texts=content["summaries"],
        joined_on=row.joined_on,
        named_on=row.named_on,
        confirmed_on=row.confirmed_on,
        offerings=tuple(_offering_of(id_, n, raw) for (_, id_, n), raw in zip(numbers, content["offerings"], strict=True)),
    )


def _offering_of(id_: int, number: int, raw: Record) -> PublishedOffering:
    return PublishedOffering(
        id=id_,
        number=number,
        titles=raw["title"],
        descriptions=raw["description"],
        category=raw["category"],
        sectors=raw["sectors"],
        serves=raw["serves"],
        languages=raw["languages"],
        delivery=raw["delivery"],
        fee=raw["fee"],
        direction=raw["direction"],
        data=raw.get("data"),
    )
