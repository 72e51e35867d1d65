"""Which documents a visitor's words match, and how well: sets of slots, the best first.

A match is as good as its field, then as the language of the text, then as the word itself: exact, alike, beginning, near.
Several words match as well as the weakest of them; among equals, the strongest decides, then forms of companies.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from operator import and_, or_
from typing import TypeAlias

from pyroaring import BitMap
from rapidfuzz.distance import OSA

from directory.search.columns import Columns
from directory.search.engine import LABELS, NAMES, Found, Kind, Where
from directory.search.index import IndexFile
from directory.search.labels import Labels
from directory.search.postings import FIELDS, by_level, field_and_language, language, union
from directory.search.words import Form, Word

EXACT, ALIKE, BEGINNING, NEAR = range(4)
_LANGUAGE_STEP = 4
_FIELD_STEP = 2 * _LANGUAGE_STEP
RANKS = FIELDS * _FIELD_STEP
SPELLED_MAX = 50
"""so many words one typing mistake away are looked at"""

Graded: TypeAlias = dict[int, list[BitMap]]
"""Slots by rank; a lower rank is a better match."""


class Matcher:
    """Matches words against one kind of documents of one snapshot. locale: whose language comes first."""

    def __init__(self, file: IndexFile, kind: Kind, columns: Columns, labels: Labels, *, locale: str, names_only: bool) -> None:
        self.file = file
        self.kind = kind
        self.columns = columns
        self.labels = labels
        self.own = language(locale)
        self.fields = (NAMES,) if names_only else range(FIELDS)
        self.by_labels = LABELS in self.fields

    def match(self, words: Sequence[Word]) -> "Matches":
        """Match all words; where nothing has them, with a typing mistake; then as many of them as anything has."""
        needed = [word for word in words if not word.weak]
        weak = [union(_by_rank(self._graded(word)).values()) for word in words if word.weak]
        graded = [self._graded(word) for word in needed]
        found = self._matches(graded, weak, Found.ALL)
        if found.slots:
            return found
        looser = [
            self._with_near(word, of_word) if word.may_be_near else of_word for word, of_word in zip(needed, graded, strict=True)
        ]
        found = self._matches(looser, weak, Found.NEAR)
        if found.slots or len(needed) == 1:
            return found
        return self._partial(looser, weak)

    def _matches(self, graded: Sequence[Graded], weak: Sequence[BitMap], found: Found) -> "Matches":
        ranks = [_by_rank(one) for one in graded]
        of_words = [_cumulative(one) for one in ranks]
        weakest = _across(of_words, self._all)
        strongest = _across(of_words, union) if len(of_words) > 1 else []
        return Matches(weakest, strongest, weak, found, ranks)

    def _partial(self, graded: Sequence[Graded], weak: Sequence[BitMap]) -> "Matches":
        """Match what has the most of the words."""
        ranks = [_by_rank(one) for one in graded]
        whole = [_cumulative(one) for one in ranks]
        at_least = [BitMap() for _ in range(len(whole) + 1)]
        for sets in whole:
            for n in range(len(whole), 1, -1):
                at_least[n] |= at_least[n - 1] & sets[-1]
            at_least[1] |= sets[-1]
        at_least = [slots & self.columns.live for slots in at_least]
        most = max((n for n in range(1, len(at_least)) if at_least[n]), default=0)
        best = _across(whole, lambda sets: union(sets) & at_least[most])
        return Matches(best, [], weak, Found.PARTIAL, ranks)

    def _all(self, sets: Sequence[BitMap]) -> BitMap:
        slots = self.columns.live
        for one in sets:
            slots = slots & one
        return slots

    def _graded(self, word: Word) -> Graded:
        """Match a word as it is typed, as it may be meant, and as the beginning of longer ones."""
        graded: Graded = {}
        for how, forms in ((EXACT, word.forms), (ALIKE, word.alike)):
            for form in forms:
                self._grade(graded, self._form_levels(form), how)
                if self.by_labels:
                    _add(graded, LABELS * _FIELD_STEP + how, self.labels.having(self.columns, form))
        if word.prefix:
            for form in (*word.forms, *word.alike):
                start = form.tokens[0]
                self._grade(graded, self.file.beginning(self.kind, start), BEGINNING)
                if self.by_labels:
                    _add(graded, LABELS * _FIELD_STEP + BEGINNING, self.labels.beginning(self.columns, start))
        return graded

    def _with_near(self, word: Word, graded: Graded) -> Graded:
        """Return what a word matches with one typing mistake as well."""
        more: Graded = {rank: list(sets) for rank, sets in graded.items()}
        for form in word.forms:
            for token in self._near_tokens(form.tokens[0], prefix=word.prefix):
                self._grade(more, self.file.levels(self.kind, token), NEAR)
            if self.by_labels:
                near = partial(is_near, form.tokens[0])
                _add(more, LABELS * _FIELD_STEP + NEAR, self.labels.where(self.columns, near))
        return more

    def _near_tokens(self, typed: str, *, prefix: bool) -> list[str]:
        """Return known tokens one mistake away: one half of the word is right, so those that share it are looked at."""
        half = len(typed) // 2
        found = {t for t in self.file.spelled(self.kind, start=typed[:half]) if is_near(typed, t, prefix=prefix)}
        found |= {t for t in self.file.spelled(self.kind, end=typed[half:]) if is_near(typed, t)}
        return sorted(found, key=lambda token: (abs(len(token) - len(typed)), token))[:SPELLED_MAX]

    def _form_levels(self, form: Form) -> Iterator[tuple[int, BitMap]]:
        """Yield (level, slots) of texts that have all tokens of a form, those that belong together side by side."""
        if len(form.tokens) == 1:
            yield from self.file.levels(self.kind, form.tokens[0])
            return
        of_tokens = [by_level(self.file.levels(self.kind, token)) for token in dict.fromkeys(form.tokens)]
        beside = [self.file.beside(self.kind, pair) for pair in dict.fromkeys(form.pairs)]
        for number, slots in of_tokens[0].items():
            if all(number in levels for levels in of_tokens[1:]):
                sets = [*(levels[number] for levels in of_tokens[1:]), *beside]
                yield number, list(accumulate((slots, *sets), and_))[-1]

    def _grade(self, graded: Graded, levels: Iterable[tuple[int, BitMap]], how: int) -> None:
        for number, slots in levels:
            place, spoken = field_and_language(number)
            if place in self.fields:
                foreign = place != LABELS and spoken != self.own
                _add(graded, place * _FIELD_STEP + foreign * _LANGUAGE_STEP + how, slots)


class Matches:
    """What was matched. slots: all of it; `tiers` parts it by how well."""

    def __init__(
        self,
        weakest: list[BitMap],
        strongest: list[BitMap],
        weak: Sequence[BitMap],
        found: Found,
        ranks: Sequence[Mapping[int, BitMap]],
    ) -> None:
        self.slots = weakest[-1]
        self.found = found
        self._weakest, self._strongest, self._weak = weakest, strongest, weak
        self._ranks = ranks

    def tiers(self, slots: BitMap) -> Iterator[BitMap]:
        """Part some of the matched slots by how well they match, the best first; empty parts are left out."""
        for tier in _steps(self._weakest, slots):
            for part in _steps(self._strongest, tier) if self._strongest else (tier,):
                yield from self._by_weak_words(part)

    def where(self, slot: int) -> Where:
        """Say in which texts of a document any of the words stand."""
        ranks = {rank for of_word in self._ranks for rank, slots in of_word.items() if slot in slots}
        return frozenset((rank // _FIELD_STEP, rank % _FIELD_STEP < _LANGUAGE_STEP) for rank in ranks)

    def _by_weak_words(self, slots: BitMap) -> Iterator[BitMap]:
        parts = [slots]
        for has in self._weak:
            parts = [half for part in parts for half in (part & has, part - has) if half]
        yield from parts


def is_near(typed: str, token: str, *, prefix: bool = False) -> bool:
    """Say whether a token is one mistake away: a letter wrong, missing, too many, or two of them swapped.

    prefix: also where the beginning of the token is.
    """
    if OSA.distance(typed, token, score_cutoff=1) <= 1:
        return True
    return prefix and any(OSA.distance(typed, token[: len(typed) + n], score_cutoff=1) <= 1 for n in (-1, 0, 1))


def _add(graded: Graded, rank: int, slots: BitMap) -> None:
    if slots:
        graded.setdefault(rank, []).append(slots)


def _by_rank(graded: Graded) -> dict[int, BitMap]:
    """Bring together what is of one rank."""
    return {rank: union(sets) for rank, sets in graded.items()}


def _cumulative(of_rank: Mapping[int, BitMap]) -> list[BitMap]:
    """Return for each rank the slots of that rank or a better one."""
    empty = BitMap()
    return list(accumulate((of_rank.get(rank, empty) for rank in range(RANKS)), _or))


def _across(of_words: Sequence[Sequence[BitMap]], combine: Callable[[Sequence[BitMap]], BitMap]) -> list[BitMap]:
    """Combine what each word matches, rank by rank; ranks at which no word gains anything are not combined again."""
    found: list[BitMap] = []
    before: Sequence[BitMap] = ()
    for sets in zip(*of_words, strict=True):
        is_same = bool(found) and all(one is other for one, other in zip(sets, before, strict=True))
        found.append(found[-1] if is_same else combine(sets))
        before = sets
    return found


def _steps(cumulative: Sequence[BitMap], slots: BitMap) -> Iterator[BitMap]:
    """Yield what each set adds to those before it, of some slots."""
    before: BitMap | None = None
    left = slots
    for one in cumulative:
        if one is before or not left:
            continue
        before = one
        if part := left & one:
            yield part
            left = left - part
    if left:
        yield left


def _or(one: BitMap, other: BitMap) -> BitMap:
    return or_(one, other) if one and other else (one or other)
