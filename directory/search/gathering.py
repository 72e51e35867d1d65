"""From documents to what the index keeps of them: terms with their slots, bitmaps by value, keys of order."""

import gc
import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, count
from struct import Struct
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from pyroaring import BitMap

from directory.search.columns import NEWEST
from directory.search.engine import FACETS, KINDS, LABELS, NAMES, ORDER_FALLBACK, PROSE, RELATED, Document, Kind, facet_values
from directory.search.postings import level
from directory.search.text import Terms, plain, terms

VALUE_MAX = 200
KEY_MAX = 400
"""bytes"""

Token: TypeAlias = tuple[str, int]
"""A form of a word, and the level at which it stands."""
Value: TypeAlias = tuple[str, str]
"""A facet and one of its values, or NEWEST and a date."""
Subject: TypeAlias = tuple[int, str, str, bytes]
"""(number, digest, [[kind, slot]] of its documents as JSON, what a list shows of it): a row of the index."""
T = TypeVar("T")
_BOUNDS = Struct("<HH")


class Row(NamedTuple):
    """What the index keeps of one document but for its terms. keys: by locale, in the order of the index's locales."""

    id: int
    subject_id: int
    keys: tuple[bytes, ...]
    values: tuple[Value, ...]
    newest: str


class Entries(Generic[T]):
    """Which terms each document has: one array of numbers, document by document. first: slot of the first; step: to the next.

    Bringing them together by term is left to a sort at the end: to add each slot to one of a million lists takes several
    times as long.
    """

    def __init__(self, first: int, step: int) -> None:
        self.first, self.step = first, step
        self.numbers, self.sizes = array("I"), array("I")

    def add(self, numbers: Iterable[int]) -> None:
        """Take in the terms of the next document."""
        before = len(self.numbers)
        self.numbers.extend(numbers)
        self.sizes.append(len(self.numbers) - before)

    def slots_by_term(self, names: Sequence[T] | None = None) -> Iterator[tuple[T, bytes]]:
        """Yield (term, its slots in order, as 32-bit numbers), in the order of terms. names: of the terms, by number."""
        from directory.search.sorting import by_number  # noqa: PLC0415 (numpy takes 20 MB, and only who writes needs it)

        return by_number(self, names)


@dataclass
class Documents:
    """Documents of one kind but for their terms. first: slot of the first; step: from one slot to the next.

    ids: row numbers; subjects: of whom they are; keys: packed; values: {(facet, value): slots}.
    """

    first: int = 0
    step: int = 1
    ids: "array[int]" = field(default_factory=lambda: array("I"))
    subjects: "array[int]" = field(default_factory=lambda: array("I"))
    keys: list[bytes] = field(default_factory=list)
    values: dict[Value, BitMap] = field(default_factory=dict)

    @property
    def slots(self) -> range:
        """The slots of all of them."""
        return range(self.first, self.first + self.step * len(self.ids), self.step)

    def rows(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield (slot, row number, packed keys) in the order of slots."""
        return zip(self.slots, self.ids, self.keys, strict=True)


class Gathered:
    """Everything gathered for one kind: documents, and those of their terms that are held."""

    def __init__(self, first: int, step: int) -> None:
        self.documents = Documents(first, step)
        self._hold_nothing()

    def _hold_nothing(self) -> None:
        first, step = self.documents.slots.stop, self.documents.step
        self._tokens: Entries[Token] = Entries(first, step)
        self._pairs: Entries[int] = Entries(first, step)
        self._values: Entries[Value] = Entries(first, step)
        number = count().__next__
        self._numbers: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(number))
        self._value_numbers: defaultdict[Value, int] = defaultdict(count().__next__)

    def add(self, row: Row, tokens: Iterable[tuple[int, set[str]]], pairs: set[int]) -> int:
        """Take in a document. tokens: by level. Return its slot."""
        documents = self.documents
        slot = documents.slots.stop
        documents.ids.append(row.id)
        documents.subjects.append(row.subject_id)
        documents.keys.append(pack_keys(row.keys))
        self._values.add(map(self._value_numbers.__getitem__, (*row.values, (NEWEST, row.newest))))
        self._tokens.add(chain.from_iterable(map(self._numbers[number].__getitem__, found) for number, found in tokens))
        self._pairs.add(pairs)
        return slot

    def tokens(self) -> Iterator[tuple[Token, bytes]]:
        """Yield (token with its level, slots) of the terms that are held, in order."""
        names: list[Token] = [("", 0)] * sum(map(len, self._numbers.values()))
        for number, of_level in self._numbers.items():
            for token, place in of_level.items():
                names[place] = (token, number)
        return self._tokens.slots_by_term(names)

    def pairs(self) -> Iterator[tuple[int, bytes]]:
        """Yield (number of a fact about neighbours, slots) of the terms that are held, in order."""
        return self._pairs.slots_by_term()

    def settle(self) -> None:
        """Put the values of what was added to those of all documents."""
        values = self.documents.values
        for value, slots in self._values.slots_by_term(list(self._value_numbers)):
            found = BitMap(array("I", slots))
            values[value] = values[value] | found if value in values else found
        self._values = Entries(self.documents.slots.stop, self.documents.step)
        self._value_numbers.clear()

    def let_go(self) -> None:
        """Hold no terms any more; they were written elsewhere."""
        self.settle()
        self._hold_nothing()


class Gatherer:
    """Takes documents in, subject by subject.

    locales: those that have an order. first: the next free slot by kind; step: from one slot to the next, so that two who
    gather at once take turns with slots and need not wait for each other.
    """

    def __init__(self, locales: Sequence[str], *, first: Mapping[Kind, int], step: int = 1) -> None:
        self.locales = tuple(locales)
        self.gathered = {kind: Gathered(first[kind], step) for kind in KINDS}
        self.subjects: list[Subject] = []
        self.held = 0
        """documents whose terms are held"""
        self._texts: dict[str, Terms] = {}

    def add(self, subject_id: int, documents: Iterable[Document]) -> None:
        """Take in all documents of a subject."""
        documents = list(documents)
        self._texts.clear()  # one subject's documents share many texts
        slots = [(document.kind, self._add(document)) for document in documents]
        self.subjects.append((subject_id, digest(documents), json.dumps(slots), documents[0].shown if documents else b""))
        self.held += len(documents)

    def documents(self) -> dict[Kind, Documents]:
        """Return all documents by kind."""
        for gathered in self.gathered.values():
            gathered.settle()
        return {kind: gathered.documents for kind, gathered in self.gathered.items()}

    def let_go(self) -> None:
        """Hold neither subjects nor terms any more; they were written elsewhere."""
        for gathered in self.gathered.values():
            gathered.let_go()
        self.subjects.clear()
        self.held = 0

    def _add(self, document: Document) -> int:
        tokens: list[tuple[int, set[str]]] = []
        pairs: set[int] = set()
        for number, texts in _texts_by_level(document).items():
            of_level: set[str] = set()
            for text in texts:
                found = self._texts.get(text)
                if found is None:
                    found = self._texts[text] = terms(text)
                of_level |= found.tokens
                pairs |= found.pairs
            tokens.append((number, of_level))
        return self.gathered[document.kind].add(row_of(document, self.locales), tokens, pairs)


@contextmanager
def many_objects() -> Iterator[None]:
    """Spare Python from looking for garbage among millions of objects that all stay in use."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def row_of(document: Document, locales: Sequence[str]) -> Row:
    """Return what the index keeps of a document but for its terms."""
    return Row(document.id, document.subject_id, order_keys(document, locales), values_of(document), plain(document.newest))


def _texts_by_level(document: Document) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for place, tagged in ((NAMES, document.names), (RELATED, document.related), (PROSE, document.prose)):
        for tag, text in tagged:
            found.setdefault(level(place, tag), []).append(text)
    if document.labels:
        found[level(LABELS, "")] = list(document.labels)
    return found


def values_of(document: Document) -> tuple[Value, ...]:
    """Return the (facet, value) pairs by which a document is found."""
    return tuple((name, value) for name in FACETS for value in dict.fromkeys(facet_values(document, name)) if may_be_value(value))


@lru_cache(maxsize=4096)
def may_be_value(value: str) -> bool:
    """Say whether a facet's value can stand in the index at all."""
    return 0 < len(value) <= VALUE_MAX and plain(value) == value and "\0" not in value


def order_keys(document: Document, locales: Sequence[str]) -> tuple[bytes, ...]:
    """Return the keys of the name in each locale."""
    order = document.order
    fallback = order.get(ORDER_FALLBACK) or plain(document.slug).encode()
    return tuple((order.get(locale) or fallback)[:KEY_MAX] for locale in locales)


def pack_keys(keys: Sequence[bytes]) -> bytes:
    """Pack the keys of a document: where each locale's begins and ends, then the keys; locales that share one share its room."""
    places: dict[bytes, bytes] = {}
    start = _BOUNDS.size * len(keys)
    for key in dict.fromkeys(keys):
        places[key] = _BOUNDS.pack(start, start + len(key))
        start += len(key)
    return b"".join(chain(map(places.__getitem__, keys), places))


def key_of(packed: bytes, number: int) -> bytes:
    """Return the key of one locale. number: its place among the index's locales."""
    start, end = _BOUNDS.unpack_from(packed, _BOUNDS.size * number)
    return packed[start:end]


def digest(documents: Iterable[Document]) -> str:
    """Return a digest of everything that the documents of a subject say."""
    made = blake2b(digest_size=12)
    for d in documents:
        said = [str(d.id), d.kind, d.slug, d.newest, *d.labels]
        for tagged in (d.names, d.related, d.prose):
            said += chain(("",), *tagged)
        for facet, values in sorted(d.facets.items()):
            said += (facet, *values)
        made.update("\0".join(said).encode("utf-8", "surrogatepass"))
        made.update(b"\1".join((*(key for _, key in sorted(d.order.items())), d.shown)))
    return made.hexdigest()
