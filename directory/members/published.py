"""Public entries as lists, cards and the search read them: the published revision whole, without a row for each part.

A revision keeps its entry in the interchange format, so that one query brings what six would put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from directory.members.interchange import Record
from directory.members.models import EntryRevision, Member, Offering
from directory.members.queries import visible
from directory.search.engine import Tagged

Texts = dict[str, str]


@dataclass(frozen=True)
class PublishedOffering:
    """One offering of a published entry. languages: those it names itself, else its member's."""

    id: int
    number: int
    titles: Texts
    descriptions: Texts
    category: str
    sectors: list[str]
    serves: list[str]
    languages: list[str]
    own_languages: bool
    delivery: list[str]
    fee: str | None
    direction: str | None


@dataclass(frozen=True)
class Published:
    """A public entry. names: {tag: name}, the official one first; other_names: short, former and other-script ones."""

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
    names: Texts
    other_names: Tagged
    summaries: Texts
    joined_on: date | None
    named_on: date | None
    is_confirmed: bool
    demonstration: bool
    offerings: tuple[PublishedOffering, ...]

    @property
    def official_tag(self) -> str:
        """The language of the official name."""
        return next(iter(self.names))

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the entry rests on the announcement alone."""
        return self.named_on is not None and not self.is_confirmed


def load_published(session: Session, ids: Sequence[int], *, today: date) -> dict[int, Published]:
    """Return those of these members that are public on `today`, by row number; two queries."""
    if not ids:
        return {}
    offerings: dict[int, list[tuple[int, int]]] = {}
    numbers = (
        select(Offering.member_id, Offering.id, Offering.number)
        .where(Offering.member_id.in_(ids))
        .order_by(Offering.member_id, Offering.position)
    )
    rows = session.execute(_entries(today).where(Member.id.in_(ids))).all()
    for member_id, id_, number in session.execute(numbers):
        offerings.setdefault(member_id, []).append((id_, number))
    return {row.id: _published(row, offerings.get(row.id, ())) for row in rows}


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
        names=content["names"],
        other_names=tuple((name["tag"], name["name"]) for name in content.get("alternate_names", ())),
        summaries=content["summaries"],
        joined_on=row.joined_on,
        named_on=row.named_on,
        is_confirmed=row.confirmed_on is not None,
        demonstration=content.get("demonstration", False),
        offerings=tuple(
            _offering(*of_row, raw, content["languages"]) for of_row, raw in zip(numbers, content["offerings"], strict=True)
        ),
    )


def _offering(id_: int, number: int, raw: Record, languages: list[str]) -> PublishedOffering:
    return PublishedOffering(
        id=id_,
        number=number,
        titles=raw["title"],
        descriptions=raw["description"],
        category=raw["category"],
        sectors=raw["sectors"],
        serves=raw["serves"],
        languages=raw["languages"] or languages,
        own_languages=bool(raw["languages"]),
        delivery=raw["delivery"],
        fee=raw["fee"],
        direction=raw["direction"],
    )
