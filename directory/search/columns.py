"""What a process keeps in memory of the index: bitmaps of values and orders of names, one set for each kind."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pyroaring import BitMap

from directory.search.engine import FACETS

Part: TypeAlias = tuple[str, str, bytes]
"""(name, value, data): one piece of the columns as the index file keeps it."""
NEWEST = "newest"
_IDS, _SUBJECTS, _LIVE, _ORDER = "ids", "subjects", "live", "order"


@dataclass(frozen=True)
class Late:
    """A document that came after the columns were written. ranks: its place in each locale's order at that moment."""

    id: int
    subject: int
    values: Sequence[Sequence[str]]
    newest: str
    ranks: Sequence[int]

    def as_text(self) -> str:
        """Write it down."""
        return json.dumps([self.id, self.subject, self.values, self.newest, self.ranks])

    @classmethod
    def of(cls, text: str) -> "Late":
        """Read it back."""
        return cls(*json.loads(text))


@dataclass
class Columns:
    """One kind of documents by slot. Never changed once in use: `with_late` makes the next.

    ids: row number by slot; subjects: row number of its subject. live: slots of what is public. values: {facet: {value: slots}};
    newest: {date: slots}.
    order: {locale: slots by name}. Slots no longer live may stand in all but `live`.
    """

    ids: "array[int]"
    subjects: "array[int]"
    live: BitMap
    values: dict[str, dict[str, BitMap]]
    newest: dict[str, BitMap]
    order: dict[str, "array[int]"]
    _places: dict[str, "array[int]"] = field(default_factory=dict, repr=False)
    _live_orders: dict[str, "array[int]"] = field(default_factory=dict, repr=False)
    _counts: dict[str, dict[str, int]] | None = field(default=None, repr=False)

    @classmethod
    def empty(cls, locales: Iterable[str]) -> "Columns":
        """Return columns without documents."""
        orders = {locale: array("I") for locale in locales}
        return cls(array("I"), array("I"), BitMap(), {name: {} for name in FACETS}, {}, orders)

    @classmethod
    def read(cls, parts: Iterable[Part], locales: Iterable[str]) -> "Columns":
        """Put the columns together from the pieces of the index file."""
        made = cls.empty(locales)
        for name, value, data in parts:
            if name == _IDS:
                made.ids.frombytes(data)
            elif name == _SUBJECTS:
                made.subjects.frombytes(data)
            elif name == _LIVE:
                made.live = BitMap.deserialize(data)
            elif name == _ORDER:
                made.order[value].frombytes(data)
            elif name == NEWEST:
                made.newest[value] = BitMap.deserialize(data)
            else:
                made.values[name][value] = BitMap.deserialize(data)
        return made

    def parts(self) -> Iterator[Part]:
        """Yield the pieces that the index file keeps."""
        yield _IDS, "", self.ids.tobytes()
        yield _SUBJECTS, "", self.subjects.tobytes()
        yield self.live_part()
        for locale, slots in self.order.items():
            yield _ORDER, locale, slots.tobytes()
        for name, values in (*self.values.items(), (NEWEST, self.newest)):
            for value, found in values.items():
                yield name, value, found.serialize()

    def live_part(self) -> Part:
        """Return the piece that every change writes."""
        return _LIVE, "", self.live.serialize()

    def with_late(self, late: Iterable[Late], live: BitMap) -> "Columns":
        """Return the columns after documents came and went. live: slots of what is public then."""
        values = {name: dict(of_facet) for name, of_facet in self.values.items()}
        made = Columns(self.ids[:], self.subjects[:], live, values, dict(self.newest), dict(self.order))
        late = list(late)
        first = len(made.ids)
        made.ids.extend(one.id for one in late)
        made.subjects.extend(one.subject for one in late)
        added: dict[tuple[str, str], list[int]] = {}
        for slot, one in enumerate(late, first):
            for name, value in one.values:
                added.setdefault((name, value), []).append(slot)
            added.setdefault((NEWEST, one.newest), []).append(slot)
        for (name, value), slots in added.items():
            place = made.newest if name == NEWEST else made.values[name]
            place[value] = place[value] | BitMap(slots) if value in place else BitMap(slots)
        if late:
            for number, (locale, order) in enumerate(self.order.items()):
                made.order[locale] = changed = order[:]
                for slot, one in enumerate(late, first):
                    changed.insert(one.ranks[number], slot)
        return made

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many public documents each value has, of those that have any."""
        if self._counts is None:
            self._counts = {name: self.count(name, self.live) for name in FACETS}
        return self._counts

    def count(self, facet: str, slots: BitMap) -> dict[str, int]:
        """Count the values of a facet among some slots; those without any are left out."""
        inside = slots.intersection_cardinality
        return {value: n for value, found in self.values[facet].items() if (n := inside(found))}

    def cross(self, first: str, second: str, values: Iterable[str]) -> dict[str, dict[str, int]]:
        """Count what has a value of one facet and one of these values of another, of each pair that there is."""
        among = {value: self.live & found for value in values if (found := self.values[second].get(value))}
        counted = {}
        for value, found in self.values[first].items():
            counted[value] = {other: n for other, slots in among.items() if (n := slots.intersection_cardinality(found))}
        return counted

    def having(self, facet: str, values: Iterable[str]) -> BitMap:
        """Return the slots that have any of these values."""
        known = self.values.get(facet, {})
        found = [known[value] for value in values if value in known]
        return found[0] if len(found) == 1 else BitMap.union(*found) if found else BitMap()

    def live_order(self, locale: str) -> "array[int]":
        """Return what is public in the order of names of a locale, made when first wanted."""
        known = self._live_orders.get(locale)
        if known is None:
            whole = self.order[locale]
            known = whole if len(whole) == len(self.live) else array("I", filter(self.live.__contains__, whole))
            self._live_orders[locale] = known
        return known

    def place(self, locale: str) -> "array[int]":
        """Return {slot: place in the order of names} of a locale, made when first wanted."""
        known = self._places.get(locale)
        if known is None:
            known = array("I", bytes(4 * len(self.ids)))
            for place, slot in enumerate(self.order[locale]):
                known[slot] = place
            self._places[locale] = known
        return known
