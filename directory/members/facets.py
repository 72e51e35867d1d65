"""What a visitor asks of a list: text, chosen values, sort and page, read from an address and written back into one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from directory.i18n.formats import COUNTRIES, LANGUAGES
from directory.i18n.locales import plain_tag, usual_spelling
from directory.initiative.models import Taxonomy
from directory.initiative.queries import categories, sectors, zones
from directory.members.vocab import Kind, OrganisationType
from directory.search.engine import FACETS, NOT_STATED
from directory.web.forms import one_line
from directory.web.paging import parse_page

TEXT_MAX = 200
VALUE_MAX = 60
VALUES_MAX = 300


class Sort(StrEnum):
    """The orders of a list."""

    RELEVANCE = "relevance"
    NAME = "name"
    NEWEST = "newest"


@dataclass(frozen=True)
class Unknown:
    """A value that the directory does not know. parameter: a facet's name, or `sort`."""

    parameter: str
    value: str


@dataclass(frozen=True)
class Facets:
    """One question to a list. q: at most TEXT_MAX characters; page: from 1, None where the address had no page number.

    Unknown values stay among the chosen ones, where they match nothing, and are listed in `unknown` to be told.
    """

    q: str = ""
    kind: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    sector: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    zone: tuple[str, ...] = ()
    sort: Sort = Sort.NAME
    page: int | None = 1
    unknown: tuple[Unknown, ...] = field(default=(), compare=False)

    @property
    def default_sort(self) -> Sort:
        """The order taken when none is asked for."""
        return Sort.RELEVANCE if self.q else Sort.NAME

    @cached_property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """{facet: values} of the facets in which something is chosen."""
        return {name: values for name in FACETS if (values := self.values(name))}

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing narrows the list."""
        return not self.q and not self.chosen

    def values(self, name: str) -> tuple[str, ...]:
        """Return the chosen values of one facet."""
        found: tuple[str, ...] = getattr(self, name)
        return found

    def with_value(self, name: str, value: str) -> "Facets":
        """Choose one value more, and start on the first page."""
        return self._change(name, tuple(dict.fromkeys((*self.values(name), value))))

    def without_value(self, name: str, value: str) -> "Facets":
        """Drop one chosen value, and start on the first page."""
        return self._change(name, tuple(v for v in self.values(name) if v != value))

    def without_facet(self, name: str) -> "Facets":
        """Drop all chosen values of one facet, and start on the first page."""
        return self._change(name, ())

    def without_choices(self) -> "Facets":
        """Drop all chosen values and keep the text, on the first page."""
        return Facets(q=self.q, sort=self.sort)

    def without_text(self) -> "Facets":
        """Drop the text, and the order by relevance with it."""
        return replace(self, q="", sort=Sort.NAME if self.sort is Sort.RELEVANCE else self.sort, page=1)

    def with_page(self, number: int) -> "Facets":
        """Turn to another page."""
        return replace(self, page=number)

    def cleared(self) -> "Facets":
        """Drop text and all choices; the order by name or date stays."""
        return Facets(sort=Sort.NAME if self.sort is Sort.RELEVANCE else self.sort)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that say the same, in one fixed order; what is the default is left out."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name in FACETS for value in self.values(name)]
        if self.sort is not self.default_sort:
            pairs.append(("sort", self.sort))
        if self.page not in {None, 1}:
            pairs.append(("page", str(self.page)))
        return pairs

    @property
    def suffix(self) -> str:
        """The same as the end of an address: empty, or from the question mark on."""
        return "?" + urlencode(self.pairs) if self.pairs else ""

    def sort_suffix(self) -> Callable[[Sort], str]:
        """Return what makes the end of the address of the same list in any order."""
        usual = replace(self, sort=self.default_sort, page=1).suffix
        more = f"{usual}&sort=" if usual else "?sort="
        return lambda sort: usual if sort is self.default_sort else f"{more}{sort.value}"

    def page_suffix(self) -> Callable[[int], str]:
        """Return what makes the end of the address of any page of the same list."""
        first = replace(self, page=1).suffix
        more = f"{first}&page=" if first else "?page="
        return lambda number: first if number == 1 else f"{more}{number}"

    def _change(self, name: str, values: tuple[str, ...]) -> "Facets":
        changes: dict[str, Any] = {name: values}
        return replace(self, page=1, **changes)


def parse_facets(parameters: Mapping[str, Sequence[str]]) -> Facets:
    """Read a question from an address. parameters: {name: values}; whatever stands in it, this does not fail."""
    q = (one_line(_first(parameters, "q")) or "")[:TEXT_MAX].strip()
    chosen: dict[str, Any] = {name: _values(name, parameters.get(name, ())) for name in FACETS}
    unknown = [Unknown(name, value) for name, values in chosen.items() for value in values if not is_known(name, value)]
    wish = one_line(_first(parameters, "sort"))
    if wish and wish not in set(Sort):
        unknown.append(Unknown("sort", wish[:VALUE_MAX]))
    asked = Facets(q=q, page=parse_page(_first(parameters, "page")), unknown=tuple(unknown), **chosen)
    sort = Sort(wish) if wish in set(Sort) else asked.default_sort
    return replace(asked, sort=Sort.NAME if sort is Sort.RELEVANCE and not q else sort)


TAXONOMY_OF: dict[str, Callable[[], Taxonomy]] = {"category": categories, "sector": sectors, "zone": zones}
"""{facet: its taxonomy}"""
_KNOWN: dict[str, Callable[[str], bool]] = {
    "kind": lambda value: value in set(Kind),
    "type": lambda value: value in set(OrganisationType),
    "country": lambda value: value == NOT_STATED or value in COUNTRIES,
    "serves": lambda value: value in COUNTRIES,
    "category": lambda value: value in categories(),
    "sector": lambda value: value in sectors(),
    "language": lambda value: value in LANGUAGES or plain_tag(value),
    "zone": lambda value: value in zones(),
}


def is_known(name: str, value: str) -> bool:
    """Say whether the facet `name` could have this value at all."""
    return _KNOWN[name](value)


def _first(parameters: Mapping[str, Sequence[str]], name: str) -> str | None:
    return next(iter(parameters.get(name, ())), None)


def _values(name: str, raw: Sequence[str]) -> tuple[str, ...]:
    """Clean the values of one facet: each once, in the order of the address, codes in their usual spelling.

    A retired term is asked for as its successor, which has all that it had.
    """
    found = (_usual(name, (one_line(value) or "")[:VALUE_MAX]) for value in raw[:VALUES_MAX])
    return tuple(dict.fromkeys(value for value in found if value))


def _usual(name: str, value: str) -> str:
    if name in {"country", "serves"}:
        return NOT_STATED if value.lower() == NOT_STATED and name == "country" else value.upper()
    if name in TAXONOMY_OF:
        return TAXONOMY_OF[name]().resolve(value.lower())
    return usual_spelling(value) if name == "language" else value.lower()
