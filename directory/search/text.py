"""The token pipeline of documents: one way from any text to the forms it is found by.

A document's word is kept in every form someone may type it in; a visitor's word (`words.py`) asks for the forms it may
stand for. So `München`, `Muenchen` and `munchen` meet, and so do `Привредна` and `privredna`, or 數據 and 数据. Text
without spaces (Chinese, Japanese, Korean, Thai) is kept as single characters and pairs. What stands next to what is kept
as well, for longer runs and for quoted phrases.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, groupby, pairwise
from operator import add
from typing import NamedTuple, TypeVar
from zlib import crc32

import opencc

from directory.search.letters import ARABIC, ARTICLE, ARTICLE_AFTER, CONTRACTED, HAN, SERBIAN, SPELLED, UNSPACED

WORD_MAX = 60
FORMS_MAX = 8
MARKS_END = 0x0900
ARTICLE_REST_MIN = 2
PAIRS = 1 << 18
"""So many numbers are shared by all facts about neighbours. Two with the same number mislead only where all words of a
phrase stand in a text anyway."""
KNOWN_MAX = 200_000
T = TypeVar("T")

_INNER_MARKS = "\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u102b-\u1049\u1780-\u17d3\u3099\u309a"
_PIECE = re.compile(rf"(?:[^\W_]+|[{_INNER_MARKS}]+)+")
_OUTER_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f"
STRETCH = re.compile(rf"(?:[^\W_]+|[{_INNER_MARKS}{_OUTER_MARKS}]+)+")
"""What belongs together in a text as it was written, marks included."""
_ASCII_PIECE = re.compile("[a-z0-9]+")
ANY_UNSPACED = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in UNSPACED) + "]")
_DOTTED = re.compile(r"(?<!\w)(?:\w\.){2,}(?:\w(?!\w))?")
_CONTRACTION = re.compile("|".join(CONTRACTED))


class Terms(NamedTuple):
    """What a text is found by. tokens: forms of its words; pairs: numbers of which of them stand next to each other."""

    tokens: set[str]
    pairs: set[int]


def terms(text: str) -> Terms:
    """Return what a document's text is found by."""
    tokens: set[str] = set()
    pairs: set[int] = set()
    words, has_runs = _split(text)
    if not has_runs:
        _take_words(words, tokens, pairs)
        return Terms(tokens, pairs)
    for is_run, group in groupby(chain.from_iterable(map(_by_script, words)), lambda piece: is_unspaced(piece[0])):
        if not is_run:
            _take_words(list(group), tokens, pairs)
            continue
        for run in group:
            tokens.update(run)
            tokens.update(map(add, run, run[1:]))
            pairs.update(triples(run))
    return Terms(tokens, pairs)


def neighbours(one: str, other: str) -> int:
    """Number the fact that two spaced words follow one another."""
    return _before(one) + _behind(other)


def triples(run: str) -> Iterator[int]:
    """Number the facts that the pairs of an unspaced run follow one another."""
    return map(_number, map(add, map(add, run, run[1:]), run[2:]))


def grams(run: str) -> tuple[str, ...]:
    """Return the pairs of an unspaced run; the character itself where there is one only."""
    return tuple(map(add, run, run[1:])) or (run,)


def _take_words(words: list[str], tokens: set[str], pairs: set[int]) -> None:
    """Take in a row of spaced words. Most have one form, and each of those makes one pair with the next."""
    tokens.update(map(_USUAL.__getitem__, words))
    pairs.update(map(add, map(_BEFORE.__getitem__, words), map(_BEHIND.__getitem__, words[1:])))
    if any(map(_HAS_OTHERS.__getitem__, words)):
        forms = [_FORMS[word] for word in words]
        tokens.update(chain.from_iterable(forms))
        tokens.discard("")
        for one, other in pairwise(forms):
            if len(one) > 1 or len(other) > 1:
                pairs.update(neighbours(before, after) for before in one for after in other)


def _number(text: str) -> int:
    return crc32(text.encode()) % PAIRS


def _behind(word: str) -> int:
    return _number(word) // 2


def _before(word: str) -> int:
    """Number a word that comes first, so that `a b` is another fact than `b a`. The sum with the second is below PAIRS."""
    return _behind(word) * 31 % (PAIRS // 2)


def plain(text: str) -> str:
    """Return the text without what no index or database can hold: halves of a character pair become `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def pieces(text: str) -> list[str]:
    """Split into words and unspaced runs, folded as far as every language is; `d.o.o.` is one word."""
    words, has_runs = _split(text)
    return list(chain.from_iterable(map(_by_script, words))) if has_runs else words


def _split(text: str) -> tuple[list[str], bool]:
    """Split into words that may hold unspaced runs; say whether there are any."""
    if text.isascii():
        text = text.lower()
        return _ASCII_PIECE.findall(_joined_dots(text)), False
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain(text)).casefold())
    text = _joined_dots(text).translate(_BARE)
    return _PIECE.findall(text), ANY_UNSPACED.search(text) is not None


def _joined_dots(text: str) -> str:
    if text.count(".") == text.count(". ") + text.endswith("."):
        return text  # as in most texts, no dot has anything but an end behind it
    return _DOTTED.sub(lambda match: match.group().replace(".", "") + " ", text)


class _Known(dict[str, T]):
    """{word: what `make` says of it}, filled as words are met; forgotten as a whole before it grows too large."""

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make

    def __missing__(self, word: str) -> T:
        """Work one word out and keep it."""
        if len(self) >= KNOWN_MAX:
            self.clear()
        self[word] = made = self._make(word)
        return made


class _Bare(dict[int, str]):
    """{character: itself without marks of Latin, Greek, Cyrillic, Hebrew and Arabic}, filled as characters are met.

    A letter that is spelled out otherwise is kept. A Chinese character becomes its simplified one, by OpenCC's table.
    """

    def __missing__(self, code: int) -> str:
        """Work one character out and keep it."""
        self[code] = found = _bare(chr(code))
        return found


_BARE = _Bare()
_SIMPLIFY = opencc.OpenCC("t2s")


def _bare(character: str) -> str:
    if character in SPELLED:
        return character
    if any(low <= ord(character) <= high for low, high in HAN):
        return str(_SIMPLIFY.convert(character))
    if unicodedata.category(character) == "Cf":
        return ""
    parts = unicodedata.normalize("NFD", character)
    kept = "".join(c for c in parts if not (ord(c) < MARKS_END and unicodedata.category(c) == "Mn"))
    return unicodedata.normalize("NFC", kept).translate(ARABIC)


def _by_script(piece: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(piece)):
        if is_unspaced(piece[index]) != is_unspaced(piece[start]):
            yield piece[start:index]
            start = index
    yield piece[start:]


@lru_cache(maxsize=8192)
def is_unspaced(character: str) -> bool:
    """Say whether a folded character belongs to a script without spaces."""
    return any(low <= ord(character) <= high for low, high in UNSPACED)


def document_forms(piece: str) -> tuple[str, ...]:
    """Return all forms of a document's word: as spelled out, with one letter for a digraph, without the article."""
    forms = list(asked_forms(piece))
    if piece.isascii() or not any("\u0400" <= c <= "\u04ff" for c in piece):
        forms += [_CONTRACTION.sub(lambda match: CONTRACTED[match.group()], form) for form in forms]
    return tuple(dict.fromkeys(form for form in forms if form))[:FORMS_MAX]


@lru_cache(maxsize=4096)
def asked_forms(piece: str) -> tuple[str, ...]:
    """Return the forms a typed word may stand for: each way in which its letters are spelled out, used throughout."""
    piece = piece[:WORD_MAX]
    if piece.isascii():
        return (piece,)
    usual = "".join(SPELLED[c][0] if c in SPELLED else SERBIAN.get(c, c) for c in piece)
    other = "".join(SPELLED[c][-1] if c in SPELLED else SERBIAN.get(c, c) for c in piece)
    forms = [_spell_digits(form) for form in (usual, other)]
    return tuple(dict.fromkeys(form for plain_form in forms for form in _article_forms(plain_form) if form))


def _article_forms(form: str) -> tuple[str, ...]:
    """Return an Arabic word with and without its article; any other word as it is."""
    for before in ARTICLE_AFTER:
        opening = before + ARTICLE
        if form.startswith(opening) and len(form) - len(opening) >= ARTICLE_REST_MIN:
            return (form[len(opening) :], form)
    return (form,)


def _spell_digits(form: str) -> str:
    return form if form.isascii() else "".join(str(unicodedata.decimal(c, c)) for c in form)


_FORMS = _Known(document_forms)
_USUAL = _Known(lambda word: _FORMS[word][0] if _FORMS[word] else "")
_HAS_OTHERS = _Known(lambda word: len(_FORMS[word]) != 1)
_BEFORE = _Known(lambda word: _before(_USUAL[word]))
_BEHIND = _Known(lambda word: _behind(_USUAL[word]))
"""What is known of words, one table for each question: a row of words is then looked up without a step of Python's own."""
