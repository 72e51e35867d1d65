"""Where in a text a visitor's words are found: what a list marks, and which piece of a long text it shows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from directory.search.matching import is_near
from directory.search.text import ANY_UNSPACED, STRETCH, document_forms, is_unspaced, pieces
from directory.search.words import Word, query_words

BEFORE = 60
LENGTH = 180
"""characters of a piece"""
_TO_SPACE = 20
"""characters in which a piece looks for a space to begin or end at"""

_LETTERED = re.compile("[A-Za-z0-9\u00c0-\u05ff\u0600-\u06ff\u0900-\u0dff\uff10-\uff5a]")
"""letters of scripts with spaces"""

Span = tuple[int, int, int]
"""(start, end, which of the words)."""


@dataclass(frozen=True)
class Marked:
    """A text in parts: (text, whether it is what was looked for). words: how many of the words are in it."""

    parts: tuple[tuple[str, bool], ...]
    words: int


class Marker:
    """Finds a visitor's words in texts. near: with a typing mistake looked past, too."""

    def __init__(self, text: str, *, near: bool = False) -> None:
        self.words = query_words(text)
        self.near = near
        self._parts = [
            [(part, is_unspaced(part[0])) for form in (*word.forms, *word.alike) for part in form.parts] for word in self.words
        ]
        self._has_runs = any(is_run for parts in self._parts for _, is_run in parts)
        self._has_words = any(not is_run for parts in self._parts for _, is_run in parts)
        self._plain, self._plain_words = _pattern(self.words, self._parts)
        self._forms = {part for parts in self._parts for part, is_run in parts if not is_run}
        self._beginnings = tuple(
            part for word, parts in zip(self.words, self._parts, strict=True) if word.prefix for part, _ in parts
        )
        self._pieces: dict[str, Marked | None] = {}
        self._stretches: dict[str, tuple[Span, ...]] = {}  # a page has many words many times

    def mark(self, text: str) -> Marked | None:
        """Mark the words in a whole text; None where none is in it."""
        spans = self._spans(text)
        return Marked(tuple(_parts(text, spans, 0, len(text))), _count(spans)) if spans else None

    def piece(self, text: str) -> Marked | None:
        """Mark the words in the piece of a text in which most of them stand; None where none is in it."""
        if text not in self._pieces:  # rows of one page share many labels
            self._pieces[text] = self._piece(text)
        return self._pieces[text]

    def _piece(self, text: str) -> Marked | None:
        spans = self._spans(text)
        if not spans:
            return None
        if len(text) <= LENGTH:
            return Marked(tuple(_parts(text, spans, 0, len(text))), _count(spans))
        start = max((max(0, span[0] - BEFORE) for span in spans), key=lambda place: (_count(_inside(spans, place)), -place))
        inside = _inside(spans, start)
        first, last = _at_space(text, start, 1), _at_space(text, min(len(text), start + LENGTH), -1)
        first, last = min(first, inside[0][0]), max(last, inside[-1][1])
        parts = list(_parts(text, inside, first, last))
        opening = (("… ", False),) if first else ()
        ending = ((" …", False),) if last < len(text) else ()
        return Marked((*opening, *parts, *ending), _count(inside))

    def _spans(self, text: str) -> list[Span]:
        if not self._may_hold(text):
            return []
        if text.isascii() and not self.near:
            numbers = self._plain_words
            return [(m.start(), m.end(), numbers[(m.lastindex or 0) - 1]) for m in self._plain.finditer(text)]
        found: list[Span] = []
        for match in STRETCH.finditer(text):
            raw = match.group()
            spans = self._stretches.get(raw)
            if spans is None:
                spans = self._stretches[raw] = self._spans_of(raw)
            if spans:
                at = match.start()
                found += [(at + start, at + end, number) for start, end, number in spans]
        return _apart(found) if found else []

    def _spans_of(self, raw: str) -> tuple[Span, ...]:
        """Find words in one stretch of letters by itself."""
        reading = _read(raw)
        if reading.run and reading.forms:
            parts = _by_script(raw)
            return tuple(span for at, part in parts for span in self._spans_in(_read(part), at, at + len(part)))
        if reading.run or self.near or not self._forms.isdisjoint(reading.forms) or self._begins_any(reading.forms):
            return tuple(self._spans_in(reading, 0, len(raw)))
        return ()

    def _begins_any(self, forms: Iterable[str]) -> bool:
        return bool(self._beginnings) and any(form.startswith(self._beginnings) for form in forms)

    def _may_hold(self, text: str) -> bool:
        """Say at little cost whether any word can be in a text at all, by the scripts in it."""
        if text.isascii():
            return bool(self._plain_words)
        return (self._has_words and _LETTERED.search(text) is not None) or (
            self._has_runs and ANY_UNSPACED.search(text) is not None
        )

    def _spans_in(self, reading: "_Reading", start: int, end: int) -> Iterator[Span]:
        """Find words in one stretch of letters: whole words as they are, unspaced ones anywhere within."""
        for number, parts in enumerate(self._parts):
            for part, is_run in parts:
                if not is_run:
                    if any(self._fits(self.words[number], part, form) for form in reading.forms):
                        yield start, end, number
                elif reading.run:
                    at = reading.run.find(part)
                    while at >= 0:
                        yield start + reading.places[at], start + reading.places[at + len(part) - 1] + 1, number
                        at = reading.run.find(part, at + len(part))

    def _fits(self, word: Word, part: str, form: str) -> bool:
        if part == form or (word.prefix and form.startswith(part)):
            return True
        return self.near and word.may_be_near and is_near(part, form, prefix=word.prefix)


class _Reading(NamedTuple):
    """A stretch of letters as the search reads it. forms: of its spaced words.

    run: the whole stretch folded, where it holds unspaced letters; places: where each letter of it comes from.
    """

    forms: frozenset[str]
    run: str
    places: tuple[int, ...]


@lru_cache(maxsize=32768)
def _read(raw: str) -> _Reading:
    folded = pieces(raw)
    forms = frozenset(form for piece in folded if not is_unspaced(piece[0]) for form in document_forms(piece))
    if all(not is_unspaced(piece[0]) for piece in folded):
        return _Reading(forms, "", ())
    letters = [(letter, place) for place, character in enumerate(raw) for letter in _folded(character)]
    return _Reading(forms, "".join(letter for letter, _ in letters), tuple(place for _, place in letters))


def _by_script(raw: str) -> Iterator[tuple[int, str]]:
    """Part a stretch where words with spaces and without them meet; yield (place, part)."""
    start = 0
    for place in range(1, len(raw) + 1):
        if place == len(raw) or is_unspaced(raw[place]) != is_unspaced(raw[start]):
            yield start, raw[start:place]
            start = place


@lru_cache(maxsize=16384)
def _folded(character: str) -> str:
    return "".join(pieces(character))


def _pattern(words: Sequence[Word], parts: Sequence[Sequence[tuple[str, bool]]]) -> tuple[re.Pattern[str], list[int]]:
    """Return what finds any of some words in a text of plain letters, and which word each of its groups is of."""
    groups, numbers = [], []
    for number, (word, of_word) in enumerate(zip(words, parts, strict=True)):
        if plain := [re.escape(part) for part, _ in of_word if part.isascii()]:
            rest = "[a-z0-9]*" if word.prefix else ""
            groups.append(f"((?:{'|'.join(plain)}){rest})")
            numbers.append(number)
    return re.compile(f"(?<![a-z0-9])(?:{'|'.join(groups)})(?![a-z0-9])", re.IGNORECASE | re.ASCII), numbers


def _apart(spans: list[Span]) -> list[Span]:
    """Return spans in order that do not overlap, the longest of those that begin together."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one[0], -one[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _inside(spans: Sequence[Span], start: int) -> list[Span]:
    return [span for span in spans if start <= span[0] and span[1] <= start + LENGTH] or [
        next(span for span in spans if span[0] >= start)
    ]


def _count(spans: Iterable[Span]) -> int:
    return len({number for _, _, number in spans})


def _at_space(text: str, place: int, step: int) -> int:
    """Move a place to where a word begins (step 1) or ends (step -1), unless that is far or at an end of the text."""
    if place in {0, len(text)}:
        return place
    for moved in range(place, place + step * _TO_SPACE, step):
        if text[moved - 1 : moved].isspace() if step > 0 else text[moved : moved + 1].isspace():
            return moved
    return place


def _parts(text: str, spans: Iterable[Span], start: int, end: int) -> Iterator[tuple[str, bool]]:
    at = start
    for first, last, _ in spans:
        if first > at:
            yield text[at:first], False
        yield text[first:last], True
        at = last
    if at < end:
        yield text[at:end], False
