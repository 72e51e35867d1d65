"""Lists of members and of offerings: ask the index, load the entries, name the facets and their values."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from directory.members.facets import Facets
from directory.members.found_in import FoundIn, found_in_member, found_in_service
from directory.members.labels import FACET_TITLES, facet_title, unknown_text, value_label
from directory.members.published import Published, PublishedOffering, confirm_published, read_shown
from directory.search.engine import ALL_CHOICES, TEXT, Answer, Engine, Found, Kind, Request, Where
from directory.search.marking import Marker
from directory.web.paging import PER_PAGE, Page

OFFERINGS_SHOWN = 3
UNKNOWN_TOLD = 5
Row = TypeVar("Row")


@dataclass(frozen=True)
class Chip:
    """One choice that can be taken back. without: the same question without it."""

    title: str
    label: str
    without: Facets


@dataclass(frozen=True)
class Card:
    """A member on a list. offerings: the first few, those that meet all chosen values in front; more: how many others.

    found: where the words were found; where: in which of its texts any of them stand.
    """

    member: Published
    offerings: tuple[PublishedOffering, ...]
    more: int
    found: FoundIn | None = None
    where: Where = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """An offering on a list, with its member. found, where: as on a card."""

    member: Published
    offering: PublishedOffering
    found: FoundIn | None = None
    where: Where = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """A way out of an empty list: what to leave out, and how many there are then."""

    title: str
    without: Facets
    count: int


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list with all that stands around it. told: sentences about values that are not known.

    shows_demonstration: whether a row of this page is invented. marker: finds the words in texts, none where nothing was
    asked for in words. ways: ways out of an empty list.
    """

    facets: Facets
    page: Page[Row]
    answer: Answer
    locale: str
    kind: Kind
    chips: tuple[Chip, ...]
    told: tuple[str, ...]
    shows_demonstration: bool = False
    marker: Marker | None = None
    ways: tuple[Way, ...] = ()

    @property
    def found(self) -> Found:
        """How the words are met."""
        return self.answer.found

    @property
    def filters_key(self) -> tuple[Hashable, ...]:
        """What the form of facets depends on; None in it where that is too much to keep it: a choice or words."""
        return ("filters", self.kind, self.answer.version) if self.facets.is_plain else (None,)

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
    marker = _marker(answer, facets)
    found = confirm_published(session, _known(answer), today=today, of=answer.version)
    cards = [make_card(found[id_], facets) for id_ in answer.ids if id_ in found]
    if marker:
        of_id = dict(zip(answer.ids, answer.where, strict=True))
        places = [of_id[card.member.id] for card in cards]
        cards = [
            replace(card, found=found_in_member(card.member, marker, locale, where), where=where)
            for card, where in zip(cards, places, strict=True)
        ]
    return _listing("member", facets, answer, cards, locale, marker)


def search_offerings(session: Session, engine: Engine, facets: Facets, *, locale: str, today: date) -> Listing[Service]:
    """Find the offerings of public members that fit. locale: one of LOCALES.

    Raises SearchUnavailable while there is no index to ask.
    """
    answer = _ask(engine, "offering", facets, locale)
    marker = _marker(answer, facets)
    members = confirm_published(session, _known(answer), today=today, of=answer.version)
    of_offering = {offering.id: (member, offering) for member in members.values() for offering in member.offerings}
    services = [Service(*of_offering[id_]) for id_ in answer.ids if id_ in of_offering]
    if marker:
        of_id = dict(zip(answer.ids, answer.where, strict=True))
        places = [of_id[service.offering.id] for service in services]
        services = [
            replace(one, found=found_in_service(one.member, one.offering, marker, locale, where), where=where)
            for one, where in zip(services, places, strict=True)
        ]
    return _listing("offering", facets, answer, services, locale, marker)


def make_card(member: Published, facets: Facets) -> Card:
    """Make the card of a member for a list that shows what was asked for."""
    ordered = member.offerings
    if facets.chosen:
        ordered = tuple(sorted(ordered, key=lambda offering: not meets(offering, member, facets)))
    return Card(member, ordered[:OFFERINGS_SHOWN], max(0, len(ordered) - OFFERINGS_SHOWN))


def meets(offering: PublishedOffering, member: Published, facets: Facets) -> bool:
    """Say whether this one offering has a value of each facet in which something is chosen.

    What it shares with its member (kind, type, seat, zone) is not asked again: the member is on the list.
    """
    own: dict[str, Sequence[str]] = {
        "serves": offering.serves,
        "category": (offering.category,),
        "sector": offering.sectors,
        "language": offering.languages or member.languages,
    }
    return all(not set(values).isdisjoint(own[name]) for name, values in facets.chosen.items() if name in own)


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


def _known(answer: Answer) -> Iterator[Published]:
    """Yield the entries that the index has of an answer's members; they may have changed since, or not be public any more."""
    return (read_shown(text) for text in dict.fromkeys(answer.shown) if text)


def _marker(answer: Answer, facets: Facets) -> Marker | None:
    marker = Marker(facets.q, near=answer.found is not Found.ALL) if facets.q else None
    return marker if marker and marker.words else None


def _listing(kind: Kind, facets: Facets, answer: Answer, rows: Sequence[Row], locale: str, marker: Marker | None) -> Listing[Row]:
    shown = rows if facets.page is not None else ()
    return Listing(
        facets,
        Page(shown, facets.page or 1, answer.total),
        answer,
        locale,
        kind,
        _chips(facets, locale),
        tuple(unknown_text(unknown) for unknown in facets.unknown[:UNKNOWN_TOLD]),
        any(row.member.demonstration for row in shown),  # type: ignore[attr-defined]  # rows are cards or services
        marker,
        _ways(answer, facets),
    )


def _ways(answer: Answer, facets: Facets) -> tuple[Way, ...]:
    """Say what to leave out of a question that nothing answers, the best first."""
    return tuple(_way(name, number, facets) for name, number in sorted(answer.without.items(), key=lambda pair: -pair[1]))


def _way(name: str, number: int, facets: Facets) -> Way:
    if name == TEXT:
        return Way("", facets.without_text(), number)
    if name == ALL_CHOICES:
        titles = [str(FACET_TITLES[facet]) for facet in facets.chosen]
        return Way(" · ".join(titles), facets.without_choices(), number)
    return Way(str(FACET_TITLES[name]), facets.without_facet(name), number)


def _chips(facets: Facets, locale: str) -> tuple[Chip, ...]:
    return tuple(
        Chip(facet_title(name, locale), value_label(name, value, locale), facets.without_value(name, value))
        for name, values in facets.chosen.items()
        for value in values
    )
