"""From documents to what the index keeps of them: postings by token, bitmaps by value, keys of order."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from pyroaring import BitMap

from directory.search.engine import FACETS, KINDS, ORDER_FALLBACK, Document, Kind, facet_values
from directory.search.postings import LABELS, NAMES, PROSE, RELATED, bucket, level
from directory.search.text import plain, terms

VALUE_MAX = 200
KEY_MAX = 400
"""bytes"""
SETTLE_EVERY = 4000
"""documents after which lists of slots become bitmaps, which take less room"""
BUCKETS_KNOWN_MAX = 500_000

Lists: TypeAlias = defaultdict[str, list[int]]


@dataclass(frozen=True)
class Row:
    """What the index keeps of one document. keys: by locale, in the order of the index's locales."""

    id: int
    subject_id: int
    keys: tuple[bytes, ...]
    values: tuple[tuple[str, str], ...]
    newest: str


@dataclass
class Gathered:
    """Everything gathered for one kind. first: slot of the first row; the others follow in order."""

    first: int = 0
    rows: list[Row] = field(default_factory=list)
    tokens: dict[str, dict[int, BitMap]] = field(default_factory=dict)
    pairs: dict[int, BitMap] = field(default_factory=dict)

    def shifted(self, by: int) -> "Gathered":
        """Return the same with all slots later by so many."""
        tokens = {token: {n: slots.shift(by) for n, slots in levels.items()} for token, levels in self.tokens.items()}
        return Gathered(self.first + by, self.rows, tokens, {key: slots.shift(by) for key, slots in self.pairs.items()})

    def take(self, other: "Gathered") -> None:
        """Take in what was gathered for later slots."""
        self.rows += other.rows
        for token, levels in other.tokens.items():
            kept = self.tokens.setdefault(token, {})
            for number, slots in levels.items():
                kept[number] = kept[number] | slots if number in kept else slots
        for key, slots in other.pairs.items():
            self.pairs[key] = self.pairs[key] | slots if key in self.pairs else slots


class Gatherer:
    """Takes documents in, subject by subject. locales: those that have an order; first: the next free slot by kind."""

    def __init__(self, locales: Sequence[str], first: Mapping[Kind, int] | None = None) -> None:
        self.locales = tuple(locales)
        self.gathered = {kind: Gathered((first or {}).get(kind, 0)) for kind in KINDS}
        self.subjects: dict[int, tuple[str, tuple[tuple[Kind, int], ...]]] = {}
        """{subject: (digest, its (kind, slot) pairs)}"""
        self._lists: dict[Kind, dict[int, Lists]] = {kind: defaultdict(lambda: defaultdict(list)) for kind in KINDS}
        self._pairs: dict[Kind, defaultdict[int, list[int]]] = {kind: defaultdict(list) for kind in KINDS}
        self._texts: dict[str, tuple[frozenset[str], tuple[int, ...]]] = {}
        self._buckets: dict[str, int] = {}
        self._unsettled = 0

    def add(self, subject_id: int, documents: Iterable[Document]) -> None:
        """Take in all documents of a subject."""
        documents = list(documents)
        self._texts.clear()
        slots = tuple((document.kind, self._add(document)) for document in documents)
        self.subjects[subject_id] = (digest(documents), slots)
        self._unsettled += len(documents)
        if self._unsettled >= SETTLE_EVERY:
            self.settle()

    def settle(self) -> None:
        """Turn lists of slots into bitmaps; to be called once more at the end."""
        for kind, gathered in self.gathered.items():
            for number, lists in self._lists[kind].items():
                for token, slots in lists.items():
                    levels = gathered.tokens.setdefault(token, {})
                    levels[number] = levels[number] | BitMap(slots) if number in levels else BitMap(slots)
                lists.clear()
            for key, slots in self._pairs[kind].items():
                known = gathered.pairs.get(key)
                gathered.pairs[key] = BitMap(slots) if known is None else known | BitMap(slots)
            self._pairs[kind].clear()
        self._unsettled = 0

    def _add(self, document: Document) -> int:
        gathered = self.gathered[document.kind]
        slot = gathered.first + len(gathered.rows)
        gathered.rows.append(
            Row(document.id, document.subject_id, order_keys(document, self.locales), values_of(document), plain(document.newest))
        )
        lists, near = self._lists[document.kind], set()
        for number, texts in _texts_by_level(document).items():
            tokens: set[str] = set()
            for text in texts:
                found, pairs = self._terms(text)
                tokens |= found
                near.update(pairs)
            place = lists[number]
            for token in tokens:
                place[token].append(slot)
        beside = self._pairs[document.kind]
        for key in near:
            beside[key].append(slot)
        return slot

    def _terms(self, text: str) -> tuple[frozenset[str], tuple[int, ...]]:
        """Return tokens and pairs of a text; one subject's documents share many texts."""
        known = self._texts.get(text)
        if known is None:
            tokens, pairs = terms(text)
            known = self._texts[text] = (tokens, tuple(map(self._bucket, pairs)))
        return known

    def _bucket(self, pair: str) -> int:
        number = self._buckets.get(pair)
        if number is None:
            if len(self._buckets) >= BUCKETS_KNOWN_MAX:
                self._buckets.clear()
            number = self._buckets[pair] = bucket(pair)
        return number


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
    said = [
        (d.id, d.kind, d.slug, d.newest, d.names, d.related, d.prose, d.labels, sorted(d.facets.items()), _hex(d.order))
        for d in documents
    ]
    return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()


def _hex(order: Mapping[str, bytes]) -> list[tuple[str, str]]:
    return [(locale, key.hex()) for locale, key in sorted(order.items())]
