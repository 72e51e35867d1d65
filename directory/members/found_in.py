"""Where in an entry a visitor's words were found: the piece of text that a list shows, in its own language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from directory.members.labels import tagged_cities, tagged_labels
from directory.members.published import Published, PublishedOffering
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


_Placed: TypeAlias = "tuple[Place, str, str]"
"""(place, tag, text)."""


def found_in_member(member: Published, marker: Marker, locale: str) -> FoundIn | None:
    """Return where in a member's entry the words were found; names first. None: nowhere that a reader could be shown."""
    return _best(marker, _texts(member, member.offerings, Place.NAME, Place.TITLE), locale)


def found_in_service(member: Published, offering: PublishedOffering, marker: Marker, locale: str) -> FoundIn | None:
    """Return the same for one offering; its title first."""
    return _best(marker, _texts(member, (offering,), Place.TITLE, Place.NAME), locale)


def _texts(member: Published, offerings: Sequence[PublishedOffering], *first: Place) -> list[_Placed]:
    """Return the texts in which a row may have been found, as (place, tag, text): by weight, labels last."""
    placed = {
        Place.NAME: [*member.name_texts.items(), *member.other_names],
        Place.TITLE: [pair for offering in offerings for pair in offering.titles.items()],
        Place.SUMMARY: [*member.summary_texts.items()] if first[0] is Place.NAME else [],
        Place.DESCRIPTION: [pair for offering in offerings for pair in offering.descriptions.items()],
        Place.TOPIC: list(_topics(member, offerings)),
    }
    order = (*first, Place.SUMMARY, Place.DESCRIPTION, Place.TOPIC)
    return [(place, tag, text) for place in order for tag, text in placed[place]]


def _best(marker: Marker, texts: list[_Placed], locale: str) -> FoundIn | None:
    """Return the piece with the most of the words; of equals the first in the reader's own language, else the first."""
    best: FoundIn | None = None
    for place, tag, text in sorted(texts, key=lambda placed: placed[1] != locale):
        marked = marker.piece(text)
        if marked and (best is None or marked.words > best.marked.words):
            best = FoundIn(place, tag, marked)
            if marked.words == len(marker.words):
                break
    return best


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
