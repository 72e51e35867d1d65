"""What any search engine of the directory must do: plain documents in, a request, an answer of row numbers out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple, Protocol, TypeAlias

from directory.errors import DirectoryError

Kind: TypeAlias = Literal["member", "offering"]
Sort: TypeAlias = Literal["relevance", "name", "newest"]
Tagged: TypeAlias = tuple[tuple[str, str], ...]
"""Texts with their languages: ((BCP 47 tag, text), …)."""

KINDS: tuple[Kind, ...] = ("member", "offering")
NAMES, RELATED, PROSE, LABELS = range(4)
"""Fields of text, heaviest first."""
Where: TypeAlias = Mapping[tuple[int, str], int]
"""In which texts words stand: {(field, language): a bit for each of the words}. Labels, and texts in a language that the
site is not in, have the language ``""``."""
Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""{facet: {value: documents}}"""
FACETS = ("kind", "type", "country", "serves", "category", "sector", "language", "zone")
NOT_STATED = "none"
"""The value of `country` where no seat is known."""
PER_PAGE = 20
ORDER_FALLBACK = "en"
TEXT = "q"
"""How `Answer.without` names the text."""
ALL_CHOICES = "facets"
"""How it names all facets at once, where leaving out one does not help."""


class SearchUnavailable(DirectoryError):
    """The index cannot serve at this moment and is being made again; asking again in a few seconds helps."""


class Found(StrEnum):
    """How the answer meets the text: all words as typed, with a typing mistake looked past, or only some of the words."""

    ALL = "all"
    NEAR = "near"
    PARTIAL = "partial"


@dataclass(frozen=True)
class Document:
    """One thing that can be found.

    id: row number of the member or offering, unique within its kind. subject_id: row number of the member it belongs
    to; documents of a subject come and go together. names, related, prose: texts by weight, heaviest first: what it is
    called; what a member offers, or who has the offering; everything else. labels: words in any language that lead here
    without standing in the entry. facets: values by facet name. order: sort key of the name by locale; `en` for every
    other one. newest: text that sorts with time (`2026-05-06`); empty: not known, listed last. shown: what a list shows
    of the subject, given back as it is; that of a subject's first document counts.
    """

    id: int
    subject_id: int
    kind: Kind
    slug: str
    names: Tagged
    related: Tagged = ()
    prose: Tagged = ()
    labels: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: Mapping[str, bytes] = field(default_factory=dict)
    newest: str = ""
    shown: bytes = b""


@dataclass(frozen=True)
class Request:
    """What a visitor asks for.

    locale: one of LOCALES; decides the order of names and which language comes first. text: as typed; without a letter
    or digit it asks for everything. facets: chosen values by facet name; unknown facets and values are allowed and find
    nothing. page: from 1; any other number gives an empty page. sort: `relevance` without text means `name`.
    names_only: look for the text in names alone.
    """

    kind: Kind
    locale: str
    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "name"
    page: int = 1
    per_page: int = PER_PAGE
    names_only: bool = False


class Shown(NamedTuple):
    """What a list shows of a document. digest: names everything that the document's subject says; text: as it was handed in.

    Both are empty where the subject is no longer there.
    """

    digest: str = ""
    text: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What was found.

    ids: row numbers of this page, in order. total: how many on all pages. count: counts the facets, see `counts`.
    version: (epoch, sequence) of the directory it speaks of. shown: what a list shows of each. found: how the text is met.
    without: where nothing was found, how many there would be without one of the choices:
    {facet, TEXT or ALL_CHOICES: documents}. where: for each of the ids, where the words stand; empty without text.
    """

    ids: tuple[int, ...]
    total: int
    count: Callable[[], Counts]
    version: tuple[str, int]
    shown: tuple[Shown, ...] = ()
    found: Found = Found.ALL
    without: Mapping[str, int] = field(default_factory=dict)
    where: tuple[Where, ...] = ()

    @cached_property
    def counts(self) -> Counts:
        """{facet: {value: documents}} of every value that finds something, and of every chosen one; counted when wanted."""
        return self.count()


class Engine(Protocol):
    """Anything that answers requests."""

    def search(self, request: Request) -> Answer:
        """Answer a request. Raises SearchUnavailable while there is no index to ask."""
        ...

    def cross(self, kind: Kind, first: str, second: str, values: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Count what has both a value of the facet `first` and one of these values of the facet `second`.

        Returns {value of first: {value of second: documents}}, nothing where there are none. Raises SearchUnavailable.
        """
        ...

    def version(self) -> tuple[str, int] | None:
        """Return the directory's version that an answer would speak of now; None where that is not known."""
        ...

    def ready(self) -> bool:
        """Say whether a request would be answered now."""
        ...


def chosen_values(facets: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the facets that have a choice, each value once."""
    return {name: tuple(dict.fromkeys(values)) for name, values in facets.items() if values}


def facet_values(document: Document, facet: str) -> Iterable[str]:
    """Return a document's values of one facet; a member or offering without a seat has `none` as its country."""
    values = document.facets.get(facet, ())
    return values or ((NOT_STATED,) if facet == "country" else ())
