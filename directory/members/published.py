"""Public entries as lists, cards and the search read them: the published revision whole, without a row for each part.

A revision keeps its entry in the interchange format, so that one query brings what six would put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from directory.members.interchange import Record
from directory.members.models import EntryRevision, Member, Offering
from directory.members.queries import visible
from directory.search.engine import Tagged

Texts: TypeAlias = dict[str, str]
"""{tag: text}, the owner's language first."""


class OfficialName(NamedTuple):
    """The name in the organisation's own language."""

    tag: str
    name: str


@dataclass(frozen=True)
class PublishedOffering:
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


@dataclass(frozen=True)
class Published:
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
    joined_on: date | None
    named_on: date | None
    confirmed_on: date | None
    demonstration: bool
    offerings: tuple[PublishedOffering, ...]

    @property
    def official_name(self) -> OfficialName:
        """The name in the organisation's own language."""
        return OfficialName(*next(iter(self.name_texts.items())))


def load_published(session: Session, ids: Sequence[int], *, today: date) -> dict[int, Published]:
    """Return those of these members that are public on `today`, by row number and in this order; two queries."""
    if not ids:
        return {}
    offerings: dict[int, list[tuple[int, int]]] = {}
    numbers = (
        select(Offering.member_id, Offering.id, Offering.number)
        .where(Offering.member_id.in_(ids))
        .order_by(Offering.member_id, Offering.position)
    )
    rows = {row.id: row for row in session.execute(_entries(today).where(Member.id.in_(ids)))}
    for member_id, id_, number in session.execute(numbers):
        offerings.setdefault(member_id, []).append((id_, number))
    return {id_: _published(rows[id_], offerings.get(id_, ())) for id_ in ids if id_ in rows}


def load_services(
    session: Session, offering_ids: Sequence[int], *, today: date
) -> list[tuple[Published, PublishedOffering]]:
    """Return those of these offerings whose member is public on `today`, in this order, each with its member."""
    pairs = session.execute(select(Offering.id, Offering.member_id).where(Offering.id.in_(offering_ids)))
    of_offering = {id_: member_id for id_, member_id in pairs}  # noqa: C416 (a row is not typed as a pair)
    members = load_published(session, list(dict.fromkeys(of_offering.values())), today=today)
    found = {offering.id: (member, offering) for member in members.values() for offering in member.offerings}
    return [found[id_] for id_ in offering_ids if id_ in found]


def _entries(today: date) -> Select[Any]:
    revision = and_(EntryRevision.member_id == Member.id, EntryRevision.number == Member.published_revision)
    columns = (Member.id, Member.slug, Member.version, Member.joined_on, Member.named_on, Member.confirmed_on)
    return select(*columns, EntryRevision.content).join(EntryRevision, revision).where(visible(today))


def _published(row: Any, numbers: Iterable[tuple[int, int]]) -> Published:
    content: Record = row.content
    return Published(
        id=row.id,
        slug=row.slug,
        version=row.version,
        kind=content["kind"],
        type=content["type"],
        country=content["country"],
        city=content["city"],
        zones=content["zones"],
        sectors=content.get("sectors", []),
        languages=content["languages"],
        name_texts=content["names"],
        other_names=tuple((name["tag"], name["name"]) for name in content.get("alternate_names", ())),
        summary_texts=content["summaries"],
        joined_on=row.joined_on,
        named_on=row.named_on,
        confirmed_on=row.confirmed_on,
        demonstration=content.get("demonstration", False),
        offerings=tuple(_offering(*of_row, raw) for of_row, raw in zip(numbers, content["offerings"], strict=True)),
    )


def _offering(id_: int, number: int, raw: Record) -> PublishedOffering:
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
    )
