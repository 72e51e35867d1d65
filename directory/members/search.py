"""Lists of members and of offerings: ask the index, load the entries, name the facets and their values."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from sqlalchemy.orm import Session

from directory.initiative.queries import categories, sectors
from directory.members.facets import Facets
from directory.members.found_in import FoundIn, found_in_member, found_in_service
from directory.members.labels import FACET_TITLES, facet_title, unknown_text, value_label
from directory.members.published import Published, PublishedOffering, confirm_published, is_unchanged, read_shown
from directory.search.engine import ALL_CHOICES, TEXT, Answer, Engine, Found, Kind, Request, Where
from directory.search.marking import Marker
from directory.web.fragments import digest_of
from directory.web.paging import PER_PAGE, Page

OFFERINGS_SHOWN = 3
UNKNOWN_TOLD = 5
OWN_FACETS = ("serves", "category", "sector", "language")
"""facets of which an offering has values of its own"""
Shown = TypeVar("Shown")
Sessions: TypeAlias = Callable[[], Session]


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


_Make: TypeAlias = Callable[[Published, int, Where, Marker | None], Shown]
"""Makes what a row shows. Takes the member, the row's number, where the words stand in it, and what finds them in texts."""


class Row(NamedTuple, Generic[Shown]):
    """A row of a list, made where it is not kept. key: of all that it shows, but for the locale; None: not to be kept."""

    key: Hashable | None
    make: Callable[[], Shown]


@dataclass(frozen=True)
class Way:
    """A way out of an empty list: what to leave out, and how many there are then."""

    title: str
    without: Facets
    count: int


@dataclass(frozen=True)
class Listing(Generic[Shown]):
    """One page of a list with all that stands around it. told: sentences about values that are not known.

    marker: finds the words in texts, none where nothing was asked for in words. ways: ways out of an empty list.
    """

    facets: Facets
    page: Page[Row[Shown]]
    answer: Answer
    locale: str
    kind: Kind
    chips: tuple[Chip, ...]
    told: tuple[str, ...]
    marker: Marker | None = None
    ways: tuple[Way, ...] = ()

    @property
    def found(self) -> Found:
        """How the words are met."""
        return self.answer.found

    @property
    def is_missing(self) -> bool:
        """Whether the address names a page that is none."""
        return self.facets.page is None or self.page.is_past_end

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return HTTPStatus.NOT_FOUND if self.is_missing else HTTPStatus.OK


def search_members(sessions: Sessions, engine: Engine, facets: Facets, *, locale: str, today: date) -> Listing[Card]:
    """Find the public members that fit. sessions: gives one where the database has to be asked; locale: one of LOCALES.

    Raises SearchUnavailable while there is no index to ask.
    """

    def make(member: Published, _id: int, where: Where, marker: Marker | None) -> Card:
        return make_card(member, facets, found_in_member(member, marker, locale, where) if marker else None, where)

    return _list("member", sessions, engine, facets, locale, today, make)


def search_offerings(sessions: Sessions, engine: Engine, facets: Facets, *, locale: str, today: date) -> Listing[Service]:
    """Find the offerings of public members that fit. sessions, locale: as for members.

    Raises SearchUnavailable while there is no index to ask.
    """

    def make(member: Published, id_: int, where: Where, marker: Marker | None) -> Service:
        offering = next(one for one in member.offerings if one.id == id_)
        return Service(member, offering, found_in_service(member, offering, marker, locale, where) if marker else None, where)

    return _list("offering", sessions, engine, facets, locale, today, make)


def make_card(member: Published, facets: Facets, found: FoundIn | None = None, where: Where | None = None) -> Card:
    """Make the card of a member for a list that shows what was asked for. found, where: as on the card."""
    ordered = member.offerings
    if facets.chosen:
        ordered = tuple(sorted(ordered, key=lambda offering: not meets(offering, member, facets)))
    return Card(member, ordered[:OFFERINGS_SHOWN], max(0, len(ordered) - OFFERINGS_SHOWN), found, where or {})


def meets(offering: PublishedOffering, member: Published, facets: Facets) -> bool:
    """Say whether this one offering has a value of each facet in which something is chosen.

    What it shares with its member (kind, type, seat, zone) is not asked again: the member is on the list.
    """
    own: dict[str, Sequence[str]] = {
        "serves": offering.serves,
        "category": (categories().resolve(offering.category),),
        "sector": [sectors().resolve(slug) for slug in offering.sectors],
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


def _list(
    kind: Kind, sessions: Sessions, engine: Engine, facets: Facets, locale: str, today: date, make: _Make[Shown]
) -> Listing[Shown]:
    """Ask the index and put one page of a list together."""
    answer = _ask(engine, kind, facets, locale)
    marker = Marker(facets.q, near=answer.found is not Found.ALL) if facets.q else None
    marker = marker if marker and marker.words else None
    if is_unchanged(answer.version, today):
        rows = _unchanged_rows(kind, answer, facets, marker, make)
    else:
        rows = _confirmed_rows(sessions(), kind, answer, today, marker, make)
    return Listing(
        facets,
        Page(rows if facets.page is not None else (), facets.page or 1, answer.total),
        answer,
        locale,
        kind,
        _chips(facets, locale),
        tuple(unknown_text(unknown) for unknown in facets.unknown[:UNKNOWN_TOLD]),
        marker,
        _ways(answer, facets),
    )


def _unchanged_rows(kind: Kind, answer: Answer, facets: Facets, marker: Marker | None, make: _Make[Shown]) -> list[Row[Shown]]:
    """Return the rows as the index has them. Their keys are of all that they are made of, so that they may be kept."""
    choices = [(name, values) for name, values in facets.chosen.items() if name in OWN_FACETS]
    asked = digest_of(kind, choices, (facets.q, marker.near) if marker else None)

    def row(id_: int, digest: str, text: bytes, where: Where) -> Row[Shown]:
        key = (asked, id_, digest, tuple(sorted(where.items())))
        return Row(key, lambda: make(read_shown(text), id_, where, marker))

    found = zip(answer.ids, answer.shown, _places(answer), strict=True)
    return [row(id_, *shown, where) for id_, shown, where in found if shown.text]


def _confirmed_rows(
    session: Session, kind: Kind, answer: Answer, today: date, marker: Marker | None, make: _Make[Shown]
) -> list[Row[Shown]]:
    """Return the rows of those that are still public, as they are now: something has changed since the index was read."""
    known = (read_shown(shown.text) for shown in dict.fromkeys(answer.shown) if shown.text)
    found = confirm_published(session, known, today=today)
    if kind == "offering":
        found = {offering.id: member for member in found.values() for offering in member.offerings}
    rows = zip(answer.ids, _places(answer), strict=True)
    return [Row(None, partial(make, found[id_], id_, where, marker)) for id_, where in rows if id_ in found]


def _places(answer: Answer) -> Sequence[Where]:
    return answer.where or ({},) * len(answer.ids)


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
