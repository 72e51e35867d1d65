"""What differs between two texts, word by word; scripts that part no words by spaces are compared character by character."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from rapidfuzz.distance import Indel

ALIKE = 0.5
"""share of the words from which on two values are the same one reworded, rather than two"""
_NO_SPACES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3040, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Thai and Lao, Burmese, Khmer, Hangul, Han, kana and bopomofo"""
_PLACEHOLDER = re.compile(r"(\{\w+\})")


class Kind(StrEnum):
    """Whether a piece stands in both texts, in the old one alone, or in the new one alone."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """Some words in a row."""

    kind: Kind
    text: str


Line = tuple[Piece, ...]
"""one value of an answer"""


@dataclass(frozen=True)
class Sides:
    """The old and the new values of an answer, each cut into pieces; a value that came or went is one piece."""

    old: tuple[Line, ...]
    new: tuple[Line, ...]


def compare_values(old: Sequence[str], new: Sequence[str]) -> Sides:
    """Compare two lists of values: those that are in both stay whole, those that are alike are compared word by word."""
    before: dict[int, Line] = {}
    after: dict[int, Line] = {}
    left, right = list(enumerate(old)), list(enumerate(new))
    for equal in (True, False):
        for place, text in tuple(left):
            partner = _partner(text, right, is_equal=equal, is_only=len(old) == len(new) == 1)
            if partner is not None:
                left.remove((place, text))
                right.remove(partner)
                before[place], after[partner[0]] = compare_texts(text, partner[1])
    before |= {place: (Piece(Kind.REMOVED, text),) for place, text in left}
    after |= {place: (Piece(Kind.ADDED, text),) for place, text in right}
    return Sides(tuple(before[n] for n in range(len(old))), tuple(after[n] for n in range(len(new))))


def compare_texts(old: str, new: str) -> tuple[Line, Line]:
    """Cut two texts into what stayed and what came or went; all of each text is in its pieces."""
    steps = list(_steps(words_of(old), words_of(new)))
    old_cuts = [(is_same, "".join(before)) for is_same, before, _after in steps]
    new_cuts = [(is_same, "".join(after)) for is_same, _before, after in steps]
    return _pieces(old_cuts, Kind.REMOVED), _pieces(new_cuts, Kind.ADDED)


def in_one(old: str, new: str) -> Line:
    """Cut two texts into what stayed, what went and what came, in the order of reading."""
    found: list[Piece] = []
    for is_same, before, after in _steps(words_of(old), words_of(new)):
        found.append(Piece(Kind.SAME if is_same else Kind.REMOVED, "".join(before)))
        found += [] if is_same else [Piece(Kind.ADDED, "".join(after))]
    return tuple(piece for piece in found if piece.text)


def changed_lines(old: str, new: str) -> tuple[str, str]:
    """Return of two texts the lines that differ."""
    steps = [step for step in _steps(old.splitlines(), new.splitlines()) if not step[0]]
    before = "\n".join(line for _same, lines, _lines in steps for line in lines)
    return before, "\n".join(line for _same, _lines, lines in steps for line in lines)


def words_of(text: str) -> list[str]:
    """Cut a text into words, placeholders, runs of white space, and single signs; a mark stays with its letter."""
    cuts = _PLACEHOLDER.split(text)
    return [word for place, cut in enumerate(cuts) for word in ([cut] if place % 2 else _plain_words(cut))]


def _plain_words(text: str) -> list[str]:
    found: list[str] = []
    last = ""
    for char in text:
        kind = _class_of(char)
        if found and (kind == "mark" or (kind == last and kind in {"word", "space"})):
            found[-1] += char
        else:
            found.append(char)
        last = last if kind == "mark" and found else kind
    return found


def likeness(old: str, new: str) -> float:
    """Say how much of the words of two texts is the same, from 0 to 1."""
    before, after = ([word for word in words_of(text) if not word.isspace()] for text in (old, new))
    return Indel.normalized_similarity(before, after)


def _steps(old: list[str], new: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Yield (is the same, old words, new words) from the beginning to the end of both."""
    for tag, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():  # with autojunk: without it, minutes
        yield tag == "equal", old[i:j], new[k:m]


def _pieces(cuts: Sequence[tuple[bool, str]], changed: Kind) -> Line:
    """Make the pieces of one side; white space between two changes counts as changed, so that they read as one."""
    found: list[Piece] = []
    for place, (is_same, text) in enumerate(cuts):
        is_gap = is_same and not text.strip() and 0 < place < len(cuts) - 1
        kind = Kind.SAME if is_same and not is_gap else changed
        if found and found[-1].kind is kind:
            found[-1] = Piece(kind, found[-1].text + text)
        elif text:
            found.append(Piece(kind, text))
    return tuple(found)


def _partner(text: str, others: list[tuple[int, str]], *, is_equal: bool, is_only: bool) -> tuple[int, str] | None:
    """Find the value that `text` is compared with. is_only: there is one value before and after, so they are compared."""
    if is_equal:
        return next((other for other in others if other[1] == text), None)
    if is_only or not others:
        return others[0] if others else None
    best = max(others, key=lambda other: likeness(text, other[1]))
    return best if likeness(text, best[1]) >= ALIKE else None


def _class_of(char: str) -> str:
    if char.isspace():
        return "space"
    if unicodedata.category(char) in {"Mn", "Mc", "Me"} or char == "\u200d":
        return "mark"
    code = ord(char)
    if any(first <= code <= last for first, last in _NO_SPACES):
        return "single"
    return "word" if char.isalnum() else "sign"
