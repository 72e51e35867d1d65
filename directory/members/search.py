"""Lists of members and of offerings: ask the index, load the rows, name the facets and their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from directory.i18n.collation import sort_key
from directory.initiative.queries import categories, sectors
from directory.members.facets import Facets
from directory.members.labels import FACET_TITLES, unknown_text, value_label
from directory.members.models import Member, Offering
from directory.members.queries import load_cards, load_offerings
from directory.search.engine import FACETS, NOT_STATED, Answer, Engine, Kind, Request
from directory.web.paging import PER_PAGE, Page

OFFERINGS_SHOWN = 3
CHOICES_SHOWN = 6
UNKNOWN_TOLD = 5
Row = TypeVar("Row")


@dataclass(frozen=True)
class Choice:
    """One value of a facet. count: how many there would be with it, the facet's other choices apart."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class FacetGroup:
    """One facet with the values that find something, and those chosen."""

    name: str
    title: str
    choices: tuple[Choice, ...]

    @property
    def first(self) -> tuple[Choice, ...]:
        """The values that are seen at once."""
        return self.choices if len(self.choices) <= CHOICES_SHOWN + 1 else self.choices[:CHOICES_SHOWN]

    @property
    def further(self) -> tuple[Choice, ...]:
        """The values behind “more”."""
        return self.choices[len(self.first) :]


@dataclass(frozen=True)
class Chip:
    """One choice that can be taken back. without: the same question without it."""

    title: str
    label: str
    without: Facets


@dataclass(frozen=True)
class Card:
    """A member on a list. offerings: the first few, those that meet all chosen values in front; more: how many others."""

    member: Member
    offerings: tuple[Offering, ...]
    more: int


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list with all that stands around it. told: sentences about values that are not known.

    shows_demonstration: whether a row of this page is invented.
    """

    facets: Facets
    page: Page[Row]
    groups: tuple[FacetGroup, ...]
    chips: tuple[Chip, ...]
    told: tuple[str, ...]
    shows_demonstration: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether the address names a page that is none."""
        return self.facets.page is None or self.page.is_past_end

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return HTTPStatus.NOT_FOUND if self.is_missing else HTTPStatus.OK


def search_members(session: Session, engine: Engine, facets: Facets, *, locale: str, today: date) -> Listing[Card]:
    """Find the public members that fit. locale: one of LOCALES.

    Raises SearchUnavailable while there is no index to ask.
    """
    answer = _ask(engine, "member", facets, locale)
    cards = [_card(member, facets) for member in load_cards(session, answer.ids, today=today)]
    return _listing(facets, answer, cards, locale, invented=any(card.member.demonstration for card in cards))


def search_offerings(session: Session, engine: Engine, facets: Facets, *, locale: str, today: date) -> Listing[Offering]:
    """Find the offerings of public members that fit. locale: one of LOCALES.

    Raises SearchUnavailable while there is no index to ask.
    """
    answer = _ask(engine, "offering", facets, locale)
    rows = load_offerings(session, answer.ids, today=today)
    return _listing(facets, answer, rows, locale, invented=any(row.member.demonstration for row in rows))


def meets(offering: Offering, facets: Facets) -> bool:
    """Say whether this one offering has a value of each facet in which something is chosen.

    What it shares with its member (kind, type, seat, zone) is not asked again: the member is on the list.
    """
    own = {
        "serves": offering.serves,
        "category": [offering.category],
        "sector": offering.sectors,
        "language": offering.languages or offering.member.languages,
    }
    return all(set(values) & set(own.get(name, values)) for name, values in facets.chosen.items())


def _ask(engine: Engine, kind: Kind, facets: Facets, locale: str) -> Answer:
    return engine.search(
        Request(
            kind=kind,
            locale=locale,
            text=facets.q,
            facets=facets.chosen,
            sort=facets.sort.value,
            page=facets.page or 1,
            per_page=PER_PAGE,
        )
    )


def _card(member: Member, facets: Facets) -> Card:
    ordered = sorted(member.offerings, key=lambda offering: not meets(offering, facets)) if facets.chosen else member.offerings
    return Card(member, tuple(ordered[:OFFERINGS_SHOWN]), max(0, len(ordered) - OFFERINGS_SHOWN))


def _listing(facets: Facets, answer: Answer, rows: Sequence[Row], locale: str, *, invented: bool) -> Listing[Row]:
    shown = rows if facets.page is not None else ()
    groups = (_group(name, answer.counts.get(name, {}), facets, locale) for name in FACETS)
    return Listing(
        facets,
        Page(shown, facets.page or 1, answer.total),
        tuple(group for group in groups if group.choices),
        _chips(facets, locale),
        tuple(unknown_text(unknown) for unknown in facets.unknown[:UNKNOWN_TOLD]),
        invented and bool(shown),
    )


def _group(name: str, counts: Mapping[str, int], facets: Facets, locale: str) -> FacetGroup:
    """Make a facet's values: those that find something, and the chosen ones that the directory knows."""
    strange = {unknown.value for unknown in facets.unknown if unknown.parameter == name}
    chosen = set(facets.values(name)) - strange
    values = {value for value, count in counts.items() if count} | chosen
    choices = [Choice(v, value_label(name, v, locale), counts.get(v, 0), v in chosen) for v in values]
    order = {slug: place for place, slug in enumerate(_taxonomy(name))}
    choices.sort(
        key=lambda c: (order.get(c.value, len(order)), c.value == NOT_STATED, -c.count, sort_key(c.label, locale), c.value)
    )
    return FacetGroup(name, str(FACET_TITLES[name]), tuple(choices))


def _taxonomy(name: str) -> Sequence[str]:
    """Return the values of a facet whose order is its taxonomy's; nothing for the others, which go by count and name."""
    match name:
        case "category":
            return tuple(categories().terms)
        case "sector":
            return tuple(sectors().terms)
        case _:
            return ()


def _chips(facets: Facets, locale: str) -> tuple[Chip, ...]:
    return tuple(
        Chip(str(FACET_TITLES[name]), value_label(name, value, locale), facets.without_value(name, value))
        for name, values in facets.chosen.items()
        for value in values
    )
