"""From documents to what the index keeps of them: postings by token, bitmaps by value, keys of order."""

import gc
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, repeat
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from pyroaring import BitMap

from directory.search.engine import FACETS, KINDS, LABELS, NAMES, ORDER_FALLBACK, PROSE, RELATED, Document, Kind, facet_values
from directory.search.postings import level
from directory.search.text import Terms, plain, terms

VALUE_MAX = 200
KEY_MAX = 400
"""bytes"""
SETTLE_EVERY = 4000
"""documents"""
LONG = 50
"""slots; a shorter list takes less room than a bitmap"""

Docs: TypeAlias = tuple[tuple[Kind, int], ...]
"""(kind, slot) of each document of a subject."""


class Subject(NamedTuple):
    """What the index keeps of a subject. shown: what a list shows of it."""

    digest: str
    docs: Docs
    shown: bytes


Subjects: TypeAlias = dict[int, Subject]
Few: TypeAlias = BitMap | list[int]
T = TypeVar("T", str, int)
_append, _exhaust = list.append, deque[None]


class Row(NamedTuple):
    """What the index keeps of one document. keys: by locale, in the order of the index's locales."""

    id: int
    subject_id: int
    keys: tuple[bytes, ...]
    values: tuple[tuple[str, str], ...]
    newest: str


class Slots(Generic[T]):
    """Slots by key, added in rising order.

    Newly added ones stand in a small dictionary, which a processor's cache holds, until they are settled: adding each to
    one of a million lists takes several times as long. Few slots are kept as a list, many as a bitmap.
    """

    def __init__(self) -> None:
        self.new: defaultdict[T, list[int]] = defaultdict(list)
        self._kept: dict[T, Few] = {}

    def add(self, keys: Iterable[T], slot: int) -> None:
        """Add a slot to each of some keys, without a step of Python's own for each."""
        _exhaust(map(_append, map(self.new.__getitem__, keys), repeat(slot)), maxlen=0)

    def settle(self) -> None:
        """Put what was added to what is kept."""
        kept = self._kept
        for key, slots in self.new.items():
            known = kept.get(key)
            if isinstance(known, BitMap):
                known.update(slots)
            elif known is None:
                kept[key] = slots
            else:
                known += slots
                if len(known) >= LONG:
                    kept[key] = BitMap(known)
        self.new.clear()

    def items(self, *, later: int) -> Iterator[tuple[T, Few]]:
        """Yield (key, slots) of all that is settled. later: how many slots to move them by."""
        for key, slots in self._kept.items():
            if not later:
                yield key, slots
            elif isinstance(slots, BitMap):
                yield key, slots.shift(later)
            else:
                yield key, [slot + later for slot in slots]


@dataclass
class Gathered:
    """Everything gathered for one kind. first: slot of the first row, the others follow; tokens: by level."""

    first: int = 0
    rows: list[Row] = field(default_factory=list)
    tokens: defaultdict[int, Slots[str]] = field(default_factory=lambda: defaultdict(Slots[str]))
    pairs: Slots[int] = field(default_factory=Slots[int])

    def postings(self, *, later: int = 0) -> Iterator[tuple[str, list[tuple[int, Few]]]]:
        """Yield (token, its slots by level) in the order of tokens. later: how many slots to move all by."""
        found: defaultdict[str, list[tuple[int, Few]]] = defaultdict(list)
        for number, of_level in self.tokens.items():
            for token, slots in of_level.items(later=later):
                found[token].append((number, slots))
        for token in sorted(found):
            yield token, found[token]

    def beside(self, *, later: int = 0) -> Iterator[tuple[int, list[tuple[int, Few]]]]:
        """Yield (number of a fact about neighbours, its slots as if they were of one level) in order."""
        found: defaultdict[int, list[tuple[int, Few]]] = defaultdict(list)
        for number, slots in self.pairs.items(later=later):
            found[number].append((0, slots))
        for number in sorted(found):
            yield number, found[number]


class Gatherer:
    """Takes documents in, subject by subject. locales: those that have an order; first: the next free slot by kind."""

    def __init__(self, locales: Sequence[str], first: Mapping[Kind, int] | None = None) -> None:
        self.locales = tuple(locales)
        self.gathered = {kind: Gathered((first or {}).get(kind, 0)) for kind in KINDS}
        self.subjects: Subjects = {}
        self._texts: dict[str, Terms] = {}
        self._unsettled = 0

    def add(self, subject_id: int, documents: Iterable[Document]) -> None:
        """Take in all documents of a subject."""
        documents = list(documents)
        self._texts.clear()  # one subject's documents share many texts
        slots = tuple((document.kind, self._add(document)) for document in documents)
        self.subjects[subject_id] = Subject(digest(documents), slots, documents[0].shown if documents else b"")
        self._unsettled += len(documents)
        if self._unsettled >= SETTLE_EVERY:
            self.settle()

    def settle(self) -> None:
        """Put what was added to what is kept; to be called before terms are read."""
        for gathered in self.gathered.values():
            for of_level in gathered.tokens.values():
                of_level.settle()
            gathered.pairs.settle()
        self._unsettled = 0

    def _add(self, document: Document) -> int:
        gathered = self.gathered[document.kind]
        slot = gathered.first + len(gathered.rows)
        gathered.rows.append(
            Row(document.id, document.subject_id, order_keys(document, self.locales), values_of(document), plain(document.newest))
        )
        beside: set[int] = set()
        for number, texts in _texts_by_level(document).items():
            tokens: set[str] = set()
            for text in texts:
                found = self._texts.get(text)
                if found is None:
                    found = self._texts[text] = terms(text)
                tokens |= found.tokens
                beside |= found.pairs
            gathered.tokens[number].add(tokens, slot)
        gathered.pairs.add(beside, slot)
        return slot


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


def _texts_by_level(document: Document) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for place, tagged in ((NAMES, document.names), (RELATED, document.related), (PROSE, document.prose)):
        for tag, text in tagged:
            found.setdefault(level(place, tag), []).append(text)
    if document.labels:
        found[level(LABELS, "")] = list(document.labels)
    return found


def values_of(document: Document) -> tuple[tuple[str, str], ...]:
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
    """Pack the keys of a document; locales that share one share its room."""
    distinct = list(dict.fromkeys(keys))
    head = bytes([len(distinct), *map(distinct.index, keys)])
    return head + b"".join(len(key).to_bytes(2, "big") + key for key in distinct)


def unpack_keys(blob: bytes, locales: int) -> Iterator[bytes]:
    """Yield the keys of a document by locale. locales: how many there are."""
    distinct, start = [], 1 + locales
    for _ in range(blob[0]):
        end = start + 2 + int.from_bytes(blob[start : start + 2], "big")
        distinct.append(blob[start + 2 : end])
        start = end
    for place in blob[1 : 1 + locales]:
        yield distinct[place]


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
