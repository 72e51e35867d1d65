"""Where in an entry a visitor's words were found: the piece of text that a list shows, in its own language."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from directory.i18n.locales import language_of
from directory.members.labels import tagged_cities, tagged_labels
from directory.members.published import Published, PublishedOffering
from directory.search.engine import LABELS, NAMES, PROSE, RELATED, Where
from directory.search.marking import Marked, Marker


class Place(StrEnum):
    """Where a visitor's words were found."""

    NAME = "name"
    TITLE = "title"
    SUMMARY = "summary"
    DESCRIPTION = "description"
    TOPIC = "topic"


@dataclass(frozen=True)
class FoundIn:
    """The piece of text that a visitor's words were found in, with its language."""

    place: Place
    tag: str
    marked: Marked


class _Text(NamedTuple):
    """A text in which a row may have been found. field: of the row's document, as the index has it."""

    field: int
    place: Place
    tag: str
    text: str


def found_in_member(member: Published, marker: Marker, locale: str, where: Where) -> FoundIn | None:
    """Return where in a member's entry the words were found; names first. None: nowhere that a reader could be shown.

    where: what the index says of it; other texts are not looked at.
    """
    return _best(_texts(member, member.offerings, where, names=NAMES, titles=RELATED), marker, locale, where)


def found_in_service(member: Published, offering: PublishedOffering, marker: Marker, locale: str, where: Where) -> FoundIn | None:
    """Return the same for one offering; its title first."""
    return _best(_texts(member, (offering,), where, names=RELATED, titles=NAMES), marker, locale, where)


def _texts(
    member: Published, offerings: Sequence[PublishedOffering], where: Where, *, names: int, titles: int
) -> Iterator[_Text]:
    """Yield the texts of some fields. names, titles: the fields that have the member's names and titles of services."""
    fields = {field for field, _ in where}
    if names in fields:
        yield from (_Text(names, Place.NAME, tag, text) for tag, text in (*member.name_texts.items(), *member.other_names))
    if titles in fields:
        yield from (_Text(titles, Place.TITLE, tag, text) for o in offerings for tag, text in o.titles.items())
    if PROSE in fields:
        if names == NAMES:
            yield from (_Text(PROSE, Place.SUMMARY, tag, text) for tag, text in member.summary_texts.items())
        yield from (_Text(PROSE, Place.DESCRIPTION, tag, text) for o in offerings for tag, text in o.descriptions.items())
    if LABELS in fields:
        yield from (_Text(LABELS, Place.TOPIC, tag, text) for tag, text in _topics(member, offerings))


def _best(texts: Iterable[_Text], marker: Marker, locale: str, where: Where) -> FoundIn | None:
    """Return the piece with the most of the words; of equals the first in the reader's own language, else the heaviest."""
    best: FoundIn | None = None
    wanted = [one for one in texts if stands(where, one.field, one.tag, locale)]
    for _, place, tag, text in sorted(wanted, key=lambda one: (one.tag != locale, one.field)):
        marked = marker.piece(text)
        if marked and (best is None or marked.words > best.marked.words):
            best = FoundIn(place, tag, marked)
            if marked.words == len(marker.words):
                break
    return best


def stands(where: Where, field: int, tag: str, locale: str) -> bool:
    """Say whether any of the words may stand in a text of some field and language, read in `locale`."""
    return (field, field == LABELS or language_of(tag) == language_of(locale)) in where


def _topics(member: Published, offerings: Sequence[PublishedOffering]) -> Iterator[tuple[str, str]]:
    """Yield the labels that lead to a member or an offering without standing in its texts, as (tag, text)."""
    values = [("type", member.type), ("country", member.country), *(("zone", zone) for zone in member.zones)]
    values += [("sector", sector) for sector in member.sectors]
    values += [pair for o in offerings for pair in (("category", o.category), *(("sector", sector) for sector in o.sectors))]
    for facet, value in dict.fromkeys(values):
        if value:
            yield from tagged_labels(facet, value)
    if member.city:
        yield from tagged_cities(member.city, member.country)
