"""A request put to a snapshot of the index: what matches, in which order, and what each facet counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import nsmallest
from itertools import islice

from pyroaring import BitMap

from directory.search.columns import Columns
from directory.search.engine import ALL_CHOICES, FACETS, ORDER_FALLBACK, TEXT, Found, Request, chosen_values
from directory.search.matching import Matches

SORT_COST = 2
"""what sorting one slot costs, against looking at one place of the list"""


class Asking:
    """One request. matches: what its text matches; none: it has no text."""

    def __init__(self, columns: Columns, request: Request, matches: Matches | None) -> None:
        self.columns = columns
        self.request = request
        self.matches = matches
        self.locale = request.locale if request.locale in columns.order else ORDER_FALLBACK
        self.chosen = chosen_values(request.facets)

    @property
    def found(self) -> Found:
        """How the text is met."""
        return self.matches.found if self.matches else Found.ALL

    @cached_property
    def slots(self) -> BitMap:
        """Everything that meets text and choices."""
        return self._narrowed(self.chosen)

    def page(self) -> list[int]:
        """Return the slots of the page asked for, in order."""
        number, size = self.request.page, self.request.per_page
        first = (number - 1) * size
        if number < 1 or size < 1 or first >= len(self.slots):
            return []
        return self._ordered(first, first + size)

    def counts(self) -> dict[str, dict[str, int]]:
        """Count each facet's values with that facet's own choice lifted; chosen values stay, be it with 0."""
        if not self.chosen and self.matches is None:
            return {name: dict(values) for name, values in self.columns.counts().items()}
        found = {}
        for name in FACETS:
            slots = self._narrowed({n: v for n, v in self.chosen.items() if n != name}) if name in self.chosen else self.slots
            found[name] = {**dict.fromkeys(self.chosen.get(name, ()), 0), **self.columns.count(name, slots)}
        return found

    def without(self) -> dict[str, int]:
        """Return how many there would be without one of the choices, of those that then find something."""
        found = {name: len(self._narrowed({n: v for n, v in self.chosen.items() if n != name})) for name in self.chosen}
        if self.matches is not None and self.chosen:
            found[TEXT] = len(self._filtered(self.columns.live, self.chosen))
            if len(self.chosen) > 1 and not any(found.values()):
                found[ALL_CHOICES] = len(self._narrowed({}))
        return {name: number for name, number in found.items() if number}

    def _narrowed(self, chosen: Mapping[str, Sequence[str]]) -> BitMap:
        return self._filtered(self.columns.live if self.matches is None else self.matches.slots, chosen)

    def _filtered(self, slots: BitMap, chosen: Mapping[str, Sequence[str]]) -> BitMap:
        """Return those of some slots that meet choices: within a facet any value, across facets all."""
        for name, values in chosen.items():
            slots = slots & self.columns.having(name, values)
        return slots

    def _ordered(self, first: int, end: int) -> list[int]:
        """Return the slots from `first` to before `end` of the whole order."""
        found: list[int] = []
        for tier in self._tiers():
            size = len(tier)
            if first < size:
                found += self._by_name(tier, first, min(end, size))
            first, end = max(0, first - size), end - size
            if end <= 0:
                break
        return found

    def _tiers(self) -> Iterable[BitMap]:
        """Part what was found by what counts before the name."""
        if self.request.sort == "newest":
            return self._by_time()
        if self.request.sort == "relevance" and self.matches is not None:
            return self.matches.tiers(self.slots)
        return (self.slots,)

    def _by_time(self) -> Iterator[BitMap]:
        for day in sorted(self.columns.newest, reverse=True):
            if part := self.slots & self.columns.newest[day]:
                yield part

    def _by_name(self, slots: BitMap, first: int, end: int) -> list[int]:
        """Return some slots in the order of names: picked out of all, or sorted where they are few."""
        order = self.columns.live_order(self.locale)
        if len(slots) == len(order):
            return list(order[first:end])
        if SORT_COST * len(slots) * len(slots) <= end * len(order):
            place = self.columns.place(self.locale)
            return nsmallest(end, slots, key=place.__getitem__)[first:]
        return list(islice(filter(slots.__contains__, order), first, end))
