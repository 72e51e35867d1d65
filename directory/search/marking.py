"""Where in a text a visitor's words are found: what a list marks, and which piece of a long text it shows."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from directory.search.letters import CONTRACTED, SERBIAN, SPELLED
from directory.search.matching import is_near
from directory.search.text import ANY_UNSPACED, STRETCH, asked_forms, document_forms, is_unspaced, pieces
from directory.search.words import Word, query_words

BEFORE = 60
LENGTH = 180
"""characters of a piece"""
_TO_SPACE = 20
"""characters in which a piece looks for a space to begin or end at"""

_LETTERED = re.compile(rf"(?!{ANY_UNSPACED.pattern})[^\W_]")
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
        self._plain = [
            (number, part, word.prefix)
            for number, (word, parts) in enumerate(zip(self.words, self._parts, strict=True))
            for part, _ in parts
            if part.isascii()
        ]
        self._forms = {part for parts in self._parts for part, is_run in parts if not is_run}
        self._beginnings = tuple(
            part for word, parts in zip(self.words, self._parts, strict=True) if word.prefix for part, _ in parts
        )
        self._pieces: dict[tuple[str, int], Marked | None] = {}
        self._stretches: dict[str, tuple[Span, ...]] = {}  # a page has many words many times

    def mark(self, text: str) -> Marked | None:
        """Mark the words in a whole text; None where none is in it."""
        spans = self._spans(text)
        return Marked(tuple(_parts(text, spans, 0, len(text))), _count(spans)) if spans else None

    def piece(self, text: str, enough: int = 0) -> Marked | None:
        """Mark the words in the piece of a text in which most of them stand; None where none is in it.

        enough: so many words at most are known to stand in it, so that the text is not read further; 0: not known.
        """
        if (text, enough) not in self._pieces:  # rows of one page share many labels
            self._pieces[text, enough] = self._piece(text, enough)
        return self._pieces[text, enough]

    def _piece(self, text: str, enough: int) -> Marked | None:
        if len(text) <= LENGTH:
            return self.mark(text)
        spans = self._spans(text, enough)
        if not spans:
            return None
        start = max((max(0, span[0] - BEFORE) for span in spans), key=lambda place: (_count(_inside(spans, place)), -place))
        inside = _inside(spans, start)
        first, last = _at_space(text, start, 1), _at_space(text, min(len(text), start + LENGTH), -1)
        first, last = min(first, inside[0][0]), max(last, inside[-1][1])
        parts = list(_parts(text, inside, first, last))
        opening = (("… ", False),) if first else ()
        ending = ((" …", False),) if last < len(text) else ()
        return Marked((*opening, *parts, *ending), _count(inside))

    def _spans(self, text: str, enough: int = 0) -> list[Span]:
        """Find the words in a text; up to the end of the first piece that has `enough` of them, unless that is 0."""
        if not self._may_hold(text):
            return []
        if not self.near:
            plain = text.lower() if text.isascii() else text.translate(_PLAIN)
            if _NOT_PLAIN not in plain:
                found = self._spans_in_plain(plain)
                if not self._may_be_spelled(plain, found) and (found or text.isascii()):
                    return _placed(found, text) if len(plain) > len(text) else found
        return _apart(self._spans_by_stretches(text, enough))

    def _may_be_spelled(self, plain: str, found: Iterable[Span]) -> bool:
        """Say whether a word that was not found may stand in a text in a longer spelling: `Muenchen` for `munchen`."""
        for long, short in CONTRACTED.items():
            plain = plain.replace(long, short)
        missing = {number for number, _, _ in self._plain}.difference(number for _, _, number in found)
        return any(number in missing and part in plain for number, part, _ in self._plain)

    def _spans_by_stretches(self, text: str, enough: int) -> list[Span]:
        found: list[Span] = []
        end = len(text)
        for match in STRETCH.finditer(text):
            if match.start() >= end:
                break
            raw = match.group()
            spans = self._stretches.get(raw)
            if spans is None:
                spans = self._stretches[raw] = self._spans_of(raw)
            if spans:
                at = match.start()
                found += [(at + first, at + last, number) for first, last, number in spans]
                if enough and end == len(text):
                    near = [span for span in found if span[0] >= match.end() - LENGTH + BEFORE]
                    if _count(near) >= enough:
                        end = max(0, near[0][0] - BEFORE) + LENGTH
        return found

    def _spans_in_plain(self, plain: str) -> list[Span]:
        """Find words in a text of small ASCII letters."""
        found: list[Span] = []
        for number, part, prefix in self._plain:
            at = plain.find(part)
            while at >= 0:
                end = at + len(part)
                if prefix:
                    while plain[end : end + 1].isalnum():
                        end += 1
                if not plain[at - 1 : at].isalnum() and not plain[end : end + 1].isalnum():
                    found.append((at, end, number))
                at = plain.find(part, end)
        return _apart(found)

    def _spans_of(self, raw: str) -> tuple[Span, ...]:
        """Find words in one stretch of letters by itself."""
        reading = _read(raw)
        forms = reading.forms
        if reading.run and forms:
            parts = _by_script(raw)
            return tuple(span for at, part in parts for span in self._spans_in(_read(part), at, at + len(part)))
        if not reading.run and not self.near and self._forms.isdisjoint(forms):
            for form in forms:
                if form.startswith(self._beginnings):
                    break
            else:
                return ()
        return tuple(self._spans_in(reading, 0, len(raw)))

    def _may_hold(self, text: str) -> bool:
        """Say at little cost whether any word can be in a text at all, by the scripts in it."""
        if text.isascii():
            return bool(self._plain)
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
    if len(folded) == 1 and len(folded[0]) == len(raw) and unicodedata.is_normalized("NFKC", raw):
        return _Reading(forms, folded[0], tuple(range(len(raw))))
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


class _Plain(dict[int, str]):
    """{character: the small ASCII letters or the digit that it stands for}, filled as characters are met.

    A space for what is no letter; a mark for other scripts, and for what few letters are spelled like.
    """

    def __missing__(self, code: int) -> str:
        """Work one character out and keep it."""
        self[code] = found = _plain_letter(chr(code))
        return found


_PLAIN = _Plain()
_NOT_PLAIN = "\0"


def _plain_letter(character: str) -> str:
    if not STRETCH.match(character):
        return " "
    letter = _spelled(character)
    is_plain = letter.isascii() and (len(letter) == 1 or character in _DIGRAPHS)
    return letter if is_plain else _NOT_PLAIN


def _spelled(character: str) -> str:
    """Return the fewest letters that a letter of a script with spaces is spelled with; empty: it is none."""
    found = pieces(character)
    return min(asked_forms(found[0]), key=len, default="") if len(found) == 1 and not is_unspaced(found[0][0]) else ""


_TWO = 2
_SMALL = (*SERBIAN, *SPELLED, "ß")
_DIGRAPHS = "".join(c for c in (*_SMALL, *(c.upper() for c in _SMALL if c != "ß")) if len(_spelled(c)) == _TWO)
"""Letters that are spelled with two."""
_DIGRAPH = re.compile(f"[{_DIGRAPHS}]")


def _placed(spans: Iterable[Span], text: str) -> list[Span]:
    """Move places from the plain letters of a text to the text itself, where a letter that is spelled with two is one."""
    second = [match.start() + number for number, match in enumerate(_DIGRAPH.finditer(text), start=1)]
    return [(start - bisect_right(second, start), end - bisect_right(second, end - 1), number) for start, end, number in spans]


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
