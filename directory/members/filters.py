"""The form that narrows a list: facets, their values, and how many there would be with each."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup

from directory.i18n import ngettext
from directory.i18n.collation import sort_key
from directory.i18n.formats import number_text
from directory.initiative.holding import stamp
from directory.members.facets import TAXONOMY_OF
from directory.members.labels import facet_title, value_label
from directory.members.search import Listing
from directory.search.engine import FACETS, NOT_STATED
from directory.web.fragments import digest_of, keep, keep_packed
from directory.web.patterns import Fill, Patterns

CHOICES_SHOWN = 6
_GAP = "\x1e"
_PATTERNS = Patterns("members/_filters.html")


class _Choice(NamedTuple):
    """A value to tick. place: what decides the order before the count; key: what decides after it.

    before, between, after: its row but for its two numbers, which alone change from visit to visit.
    """

    place: int
    key: bytes
    before: str
    between: str
    after: str
    is_chosen: bool


_Counted = tuple[_Choice, int]


def facet_form(listing: Listing[Any]) -> Markup:
    """Return the form of a list: nothing where there is nothing to choose.

    It is kept for all pages and orders of a question, but not of one with values that nothing can have: of these there is no end.
    """
    facets, of = listing.facets, ("filters", listing.kind, listing.answer.version)
    if facets.is_plain:
        return keep(*of, caller=lambda: _form(listing))
    if facets.unknown:
        return _form(listing)
    return keep_packed(*of, digest_of(facets.q, facets.chosen), caller=lambda: _form(listing))


def _form(listing: Listing[Any]) -> Markup:
    fill = _PATTERNS.here()
    of_facets = ((name, _choices(name, listing.answer.counts.get(name, {}), listing)) for name in FACETS)
    facets = [_facet(fill, name, choices, listing.locale) for name, choices in of_facets if choices]
    number = len(listing.chips)
    chosen = ngettext("%(num)s chosen", "%(num)s chosen", number)
    return fill("filters", chosen=f" ({chosen})" if number else "", facets=Markup("\n").join(facets)) if facets else Markup()


def _choices(name: str, counts: Mapping[str, int], listing: Listing[Any]) -> list[_Counted]:
    """Return a facet's values in order, counted: those that find something, and the chosen ones that the directory knows."""
    strange = {unknown.value for unknown in listing.facets.unknown if unknown.parameter == name}
    chosen = set(listing.facets.values(name)) - strange
    state, locale = stamp(), listing.locale
    retired = _retired(name, state)
    found = [
        (_choice(name, value, locale, state, is_chosen=False), n)
        for value, n in counts.items()
        if n and value not in chosen and value not in retired
    ]
    found += [(_choice(name, value, locale, state, is_chosen=True), counts.get(value, 0)) for value in chosen]
    found.sort(key=_in_order)
    return found


def _in_order(counted: _Counted) -> tuple[int, int, bytes]:
    choice, count = counted
    return (choice.place, -count, choice.key)


def _facet(fill: Fill, name: str, choices: Sequence[_Counted], locale: str) -> Markup:
    """Write a facet: what is seen at once, and the rest behind “more”."""
    shown = len(choices) if len(choices) <= CHOICES_SHOWN + 1 else CHOICES_SHOWN
    further, rest = choices[shown:], Markup()
    if further:
        block = "open_rest" if any(choice.is_chosen for choice, _ in further) else "rest"
        rest = fill(block, text=_more(len(further), locale), choices=_rows(further, locale))
    return fill("facet", title=facet_title(name, locale), first=_rows(choices[:shown], locale), rest=rest)


def _rows(choices: Iterable[_Counted], locale: str) -> Markup:
    rows = [f"{one.before}{n}{one.between}{number_text(n, locale)}{one.after}" for one, n in choices]
    return Markup("\n".join(rows))  # noqa: S704 (made of filled patterns and numbers)


@lru_cache(maxsize=1024)
def _more(number: int, locale: str) -> str:
    return ngettext("%(number)s more choice", "%(number)s more choices", number, number=number_text(number, locale))


@lru_cache(maxsize=16384)
def _choice(facet: str, value: str, locale: str, stamp: str, *, is_chosen: bool) -> _Choice:
    label = value_label(facet, value, locale)
    row = _PATTERNS.here()("chosen" if is_chosen else "choice", facet=facet, value=value, count=_GAP, label=label, number=_GAP)
    before, between, after = str(row).split(_GAP)
    order = _taxonomy_order(facet, stamp)
    place = len(order) + 1 if value == NOT_STATED else order.get(value, len(order))
    return _Choice(place, sort_key(label, locale) + value.encode("utf-8", "replace"), before, between, after, is_chosen)


@lru_cache(maxsize=64)
def _taxonomy_order(name: str, _stamp: str) -> dict[str, int]:
    """Return the order of a facet that goes by its taxonomy's; nothing for the others, which go by count and name."""
    return {slug: place for place, slug in enumerate(TAXONOMY_OF[name]().terms)} if name in {"category", "sector"} else {}


@lru_cache(maxsize=64)
def _retired(name: str, _stamp: str) -> frozenset[str]:
    """Return the values of a facet that are offered no more; an index that has not followed yet may still count them."""
    terms = TAXONOMY_OF[name]().terms.values() if name in TAXONOMY_OF else ()
    return frozenset(term.slug for term in terms if term.successor)
