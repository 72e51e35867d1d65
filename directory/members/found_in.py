"""Where in an entry a visitor's words were found: the piece of text that a list shows, in its own language."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from directory.i18n.locales import site_language
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


_Source: TypeAlias = tuple[int, Place, Iterable[tuple[str, str]]]
"""Texts of one kind: (field of the row's document, place, (tag, text) pairs)."""


def found_in_member(member: Published, marker: Marker, locale: str, where: Where) -> FoundIn | None:
    """Return where in a member's entry the words were found; names first. None: nowhere that a reader could be shown.

    where: what the index says of it; other texts are not looked at.
    """
    sources: list[_Source] = [
        (NAMES, Place.NAME, (*member.name_texts.items(), *member.other_names)),
        (RELATED, Place.TITLE, [pair for o in member.offerings for pair in o.titles.items()]),
        (PROSE, Place.SUMMARY, member.summary_texts.items()),
        (PROSE, Place.DESCRIPTION, [pair for o in member.offerings for pair in o.descriptions.items()]),
    ]
    return _best([*sources, *_labels(member, member.offerings, where)], marker, locale, where)


def found_in_service(member: Published, offering: PublishedOffering, marker: Marker, locale: str, where: Where) -> FoundIn | None:
    """Return the same for one offering; its title first."""
    sources: list[_Source] = [
        (NAMES, Place.TITLE, offering.titles.items()),
        (RELATED, Place.NAME, (*member.name_texts.items(), *member.other_names)),
        (PROSE, Place.DESCRIPTION, offering.descriptions.items()),
    ]
    return _best([*sources, *_labels(member, (offering,), where)], marker, locale, where)


def _labels(member: Published, offerings: Sequence[PublishedOffering], where: Where) -> list[_Source]:
    return [(LABELS, Place.TOPIC, list(_topics(member, offerings)))] if any(field == LABELS for field, _ in where) else []


def _best(sources: Sequence[_Source], marker: Marker, locale: str, where: Where) -> FoundIn | None:
    """Return the piece with the most of the words; of equals the first in the reader's own language, else the heaviest."""
    best: FoundIn | None = None
    words = 0
    most = max((held.bit_count() for held in where.values()), default=0)
    for held, place, tag, text in _promising(sources, locale, where):
        if held.bit_count() > words and (marked := marker.piece(text, held.bit_count())) and marked.words > words:
            best, words = FoundIn(place, tag, marked), marked.words
            if words >= most:
                break
    return best


def _promising(sources: Sequence[_Source], locale: str, where: Where) -> Iterator[tuple[int, Place, str, str]]:
    """Yield (words it may have, place, tag, text) of the texts that may have any, those in the reader's language first."""
    for is_own in (True, False):
        for field, place, pairs in sources:
            for tag, text in pairs:
                if (tag == locale) is is_own and (held := _held(where, field, tag)):
                    yield held, place, tag, text


def stands(where: Where, field: int, tag: str) -> bool:
    """Say whether any of the words may stand in a text of some field and language."""
    return bool(_held(where, field, tag))


def _held(where: Where, field: int, tag: str) -> int:
    return where.get((field, "" if field == LABELS else site_language(tag)), 0)


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
