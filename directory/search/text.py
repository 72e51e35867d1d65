"""The token pipeline: one way from any text to the forms it is found by, and from a visitor's words to what must match.

A document's word is kept in every form someone may type it in; a visitor's word asks for the forms it may stand for.
So `München`, `Muenchen` and `munchen` meet, and so do `Привредна` and `privredna`. Text without spaces (Chinese,
Japanese, Korean, Thai) is kept as single characters and pairs; a longer run must match as adjacent pairs.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from directory.search.letters import (
    ARABIC,
    ARTICLE,
    ARTICLE_AFTER,
    CONTRACTED,
    SERBIAN,
    SPELLED,
    UNSPACED,
    WEAK_ENDS,
    WEAK_WORDS,
)

WORD_MAX = 60
FORMS_MAX = 8
QUERY_MAX = 300
WORDS_MAX = 16
PREFIX_MIN = 3
NEAR_MIN = 5
TEXT_GAP = 8
"""Positions left free between two texts, so that nothing is adjacent across them."""
MARKS_END = 0x0900
ARTICLE_REST_MIN = 2

_INNER_MARKS = "\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u102b-\u1049\u1780-\u17d3\u3099\u309a"
_PIECE = re.compile(rf"(?:[^\W_]|[{_INNER_MARKS}])+")
_ASCII_PIECE = re.compile("[a-z0-9]+")
_ANY_UNSPACED = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in UNSPACED) + "]")
_DOTTED = re.compile(r"(?<!\w)(?:\w\.){2,}(?:\w(?!\w))?")
_CONTRACTION = re.compile("|".join(CONTRACTED))


class Token(NamedTuple):
    """One form of a word of a document and its place; forms of one word share the place."""

    form: str
    position: int


@dataclass(frozen=True)
class Word:
    """One thing a visitor asks for. forms: any of them will do, each a row of adjacent tokens (one, but for long runs).

    alike: will do as well but weigh less, since they may be another word (`munchen` for `Muenchen`, but also `pot` for
    `poet`). weak: helps the order, is not required. prefix: also the beginning of a longer word.
    """

    forms: tuple[tuple[str, ...], ...]
    alike: tuple[tuple[str, ...], ...] = ()
    weak: bool = False
    prefix: bool = False

    @property
    def may_be_near(self) -> bool:
        """Say whether a typing mistake may be looked past: in a spaced word of some length."""
        return all(len(form) == 1 and len(form[0]) >= NEAR_MIN and not _is_unspaced(form[0][0]) for form in self.forms)


def plain(text: str) -> str:
    """Return the text without what no index or database can hold: halves of a character pair become `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def tokens(text: str, start: int = 0) -> list[Token]:
    """Return every form a document's text is found by. start: the first place to use."""
    found: list[Token] = []
    position = start
    for piece in _pieces(text):
        if _is_unspaced(piece[0]):
            for index, character in enumerate(piece):
                found.append(Token(character, position))
                if index + 1 < len(piece):
                    found.append(Token(piece[index : index + 2], position))
                position += 1
        else:
            forms = _document_forms(piece)
            found.extend(Token(form, position) for form in forms)
            position += bool(forms)
    return found


def text_tokens(texts: Sequence[str]) -> list[Token]:
    """Return the tokens of several texts, far enough apart that no row of words crosses from one to the next."""
    found: list[Token] = []
    for text in texts:
        start = found[-1].position + TEXT_GAP if found else 0
        found.extend(tokens(text, start))
    return found


def query_words(text: str) -> tuple[Word, ...]:
    """Return what must match for a visitor's text; nothing where it has neither letter nor digit.

    Forms of companies are weak where other words stand beside them. The last word may be the beginning of a longer one.
    """
    words: list[Word] = []
    for piece in _pieces(text[:QUERY_MAX]):
        words.extend(_run_words(piece) if _is_unspaced(piece[0]) else _spaced_words(piece))
    words = list(dict.fromkeys(words))[:WORDS_MAX]
    if words and all(word.weak for word in words):
        words = [replace(word, weak=False) for word in words]
    if words and all(len(form) == 1 and len(form[0]) >= PREFIX_MIN and not _is_unspaced(form[0][0]) for form in words[-1].forms):
        words[-1] = replace(words[-1], prefix=not words[-1].weak)
    return tuple(words)


def _pieces(text: str) -> Iterator[str]:
    """Split into words and unspaced runs, folded as far as every language is; `d.o.o.` is one word."""
    if text.isascii():
        text = text.lower()
        if "." in text:
            text = _joined_dots(text)
        yield from _ASCII_PIECE.findall(text)
        return
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain(text)).casefold())
    text = _joined_dots(text).translate(_BARE)
    pieces: Iterable[str] = _PIECE.findall(text)
    if _ANY_UNSPACED.search(text):
        pieces = chain.from_iterable(map(_by_script, pieces))
    yield from pieces


def _joined_dots(text: str) -> str:
    return _DOTTED.sub(lambda match: match.group().replace(".", "") + " ", text)


class _Bare(dict[int, str]):
    """{character: itself without marks of Latin, Greek, Cyrillic, Hebrew and Arabic}, filled as characters are met.

    A letter that is spelled out otherwise is kept.
    """

    def __missing__(self, code: int) -> str:
        """Work one character out and keep it."""
        self[code] = found = _bare(chr(code))
        return found


_BARE = _Bare()


def _bare(character: str) -> str:
    if character in SPELLED:
        return character
    if unicodedata.category(character) == "Cf":
        return ""
    parts = unicodedata.normalize("NFD", character)
    kept = "".join(c for c in parts if not (ord(c) < MARKS_END and unicodedata.category(c) == "Mn"))
    return unicodedata.normalize("NFC", kept).translate(ARABIC)


def _by_script(piece: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(piece)):
        if _is_unspaced(piece[index]) != _is_unspaced(piece[start]):
            yield piece[start:index]
            start = index
    yield piece[start:]


@lru_cache(maxsize=8192)
def _is_unspaced(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in UNSPACED)


@lru_cache(maxsize=65536)
def _document_forms(piece: str) -> tuple[str, ...]:
    """Return all forms of a document's word: as spelled out, with one letter for a digraph, without the article."""
    forms = list(_asked_forms(piece))
    if piece.isascii() or not any("\u0400" <= c <= "\u04ff" for c in piece):
        forms += [_CONTRACTION.sub(lambda match: CONTRACTED[match.group()], form) for form in forms]
    return tuple(dict.fromkeys(form for form in forms if form))[:FORMS_MAX]


@lru_cache(maxsize=4096)
def _asked_forms(piece: str) -> tuple[str, ...]:
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


def _spaced_words(piece: str) -> list[Word]:
    forms = _asked_forms(piece)
    weak = any(form in WEAK_WORDS for form in forms)
    alike = tuple((form,) for form in _document_forms(piece) if form not in forms)
    return [Word(tuple((form,) for form in forms), alike, weak=weak)] if forms else []


def _run_words(run: str) -> list[Word]:
    """Split a form of company off either end of an unspaced run."""
    for weak in WEAK_ENDS:
        if run == weak:
            return [Word((_grams(run),), weak=True)]
        if run.endswith(weak):
            return [Word((_grams(run.removesuffix(weak)),)), Word((_grams(weak),), weak=True)]
        if run.startswith(weak):
            return [Word((_grams(weak),), weak=True), Word((_grams(run.removeprefix(weak)),))]
    return [Word((_grams(run),))]


def _grams(run: str) -> tuple[str, ...]:
    return tuple(a + b for a, b in pairwise(run)) or (run,)
