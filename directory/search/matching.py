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
from directory.search.postings import FIELDS, LANGUAGES, by_level, field_and_language, language, level, union
from directory.search.words import Form, Word

EXACT, ALIKE, BEGINNING, NEAR = range(4)
_LANGUAGE_STEP = 4
_FIELD_STEP = 2 * _LANGUAGE_STEP
RANKS = FIELDS * _FIELD_STEP
SPELLED_MAX = 50
"""so many words one typing mistake away are looked at"""

Graded: TypeAlias = list[tuple[int, int, BitMap]]
"""What one word matches: (level of texts, how well, slots)."""
_LABELS = level(LABELS, "")
_NO_LABELS = Labels(lambda _facet, _value: ())


class Matcher:
    """Matches words against one kind of documents of one snapshot. locale: whose language comes first."""

    def __init__(self, file: IndexFile, kind: Kind, columns: Columns, labels: Labels, *, locale: str, names_only: bool) -> None:
        self.file = file
        self.kind = kind
        self.columns = columns
        self.labels = _NO_LABELS if names_only else labels
        self.own = language(locale)
        self.fields = (NAMES,) if names_only else range(FIELDS)

    def match(self, words: Sequence[Word]) -> "Matches":
        """Match all words; where nothing has them, with a typing mistake; then as many of them as anything has."""
        graded = [self._graded(word) for word in words]
        found = self._matches(words, graded, Found.ALL)
        if found.slots:
            return found
        graded = [[*one, *self._near(word)] if word.may_be_near else one for word, one in zip(words, graded, strict=True)]
        found = self._matches(words, graded, Found.NEAR)
        if found.slots or sum(not word.weak for word in words) == 1:
            return found
        return self._matches(words, graded, Found.PARTIAL)

    def _matches(self, words: Sequence[Word], graded: Sequence[Graded], found: Found) -> "Matches":
        of_words = [_cumulative(self._by_rank(one)) for word, one in zip(words, graded, strict=True) if not word.weak]
        weak = [union(slots for _, _, slots in one) for word, one in zip(words, graded, strict=True) if word.weak]
        if found is Found.PARTIAL:
            return Matches(self._most(of_words), [], weak, found, graded)
        strongest = _across(of_words, union) if len(of_words) > 1 else []
        return Matches(_across(of_words, self._all), strongest, weak, found, graded)

    def _most(self, of_words: Sequence[Sequence[BitMap]]) -> list[BitMap]:
        """Return, for each rank, what has the most of the words."""
        at_least = [BitMap() for _ in range(len(of_words) + 1)]
        for sets in of_words:
            for n in range(len(of_words), 1, -1):
                at_least[n] |= at_least[n - 1] & sets[-1]
            at_least[1] |= sets[-1]
        at_least = [slots & self.columns.live for slots in at_least]
        most = max((n for n in range(1, len(at_least)) if at_least[n]), default=0)
        return _across(of_words, lambda sets: union(sets) & at_least[most])

    def _by_rank(self, graded: Graded) -> dict[int, BitMap]:
        """Bring together what matches equally well."""
        found: dict[int, list[BitMap]] = {}
        for number, how, slots in graded:
            place, spoken = field_and_language(number)
            foreign = place != LABELS and spoken != self.own
            found.setdefault(place * _FIELD_STEP + foreign * _LANGUAGE_STEP + how, []).append(slots)
        return {rank: union(sets) for rank, sets in found.items()}

    def _all(self, sets: Sequence[BitMap]) -> BitMap:
        slots = self.columns.live
        for one in sets:
            slots = slots & one
        return slots

    def _graded(self, word: Word) -> Graded:
        """Match a word as it is typed, as it may be meant, and as the beginning of longer ones."""
        graded: Graded = []
        for how, forms in ((EXACT, word.forms), (ALIKE, word.alike)):
            for form in forms:
                graded += self._in_texts(self._form_levels(form), how)
                graded += _in_labels(self.labels.having(self.columns, form), how)
        if word.prefix:
            for form in (*word.forms, *word.alike):
                start = form.tokens[0]
                graded += self._in_texts(self.file.beginning(self.kind, start), BEGINNING)
                graded += _in_labels(self.labels.beginning(self.columns, start), BEGINNING)
        return graded

    def _near(self, word: Word) -> Graded:
        """Match what is one typing mistake away from a word."""
        graded: Graded = []
        for form in word.forms:
            typed = form.tokens[0]
            for token in self._near_tokens(typed, prefix=word.prefix):
                graded += self._in_texts(self.file.levels(self.kind, token), NEAR)
            graded += _in_labels(self.labels.where(self.columns, partial(is_near, typed)), NEAR)
        return graded

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

    def _in_texts(self, levels: Iterable[tuple[int, BitMap]], how: int) -> Graded:
        return [(number, how, slots) for number, slots in levels if field_and_language(number)[0] in self.fields]


class Matches:
    """What was matched. slots: all of it; `tiers` parts it by how well."""

    def __init__(
        self,
        weakest: list[BitMap],
        strongest: list[BitMap],
        weak: Sequence[BitMap],
        found: Found,
        graded: Sequence[Graded],
    ) -> None:
        self.slots = weakest[-1]
        self.found = found
        self._weakest, self._strongest, self._weak = weakest, strongest, weak
        self._graded = graded

    def tiers(self, slots: BitMap) -> Iterator[BitMap]:
        """Part some of the matched slots by how well they match, the best first; empty parts are left out."""
        for tier in _steps(self._weakest, slots):
            for part in _steps(self._strongest, tier) if self._strongest else (tier,):
                yield from self._by_weak_words(part)

    def where(self, slots: Iterable[int]) -> list[Where]:
        """Say of some documents in which of their texts which words stand."""
        found: dict[int, dict[tuple[int, str], int]] = {slot: {} for slot in slots}
        wanted = BitMap(found)
        for number, graded in enumerate(self._graded):
            for of_level, _, having in graded:
                if wanted.intersect(having):
                    place, spoken = field_and_language(of_level)
                    text = (place, LANGUAGES[spoken])
                    for slot in wanted & having:
                        found[slot][text] = found[slot].get(text, 0) | 1 << number
        return list(found.values())

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


def _in_labels(slots: BitMap, how: int) -> Graded:
    return [(_LABELS, how, slots)] if slots else []


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
