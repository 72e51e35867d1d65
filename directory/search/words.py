"""A visitor's text as what must match: words, each with the forms it may stand for; quoted words stand together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product
from typing import NamedTuple

from directory.search.letters import WEAK_ENDS, WEAK_WORDS
from directory.search.text import asked_forms, document_forms, grams, is_unspaced, neighbours, pieces, triples

QUERY_MAX = 300
WORDS_MAX = 16
PREFIX_MIN = 3
NEAR_MIN = 5
PHRASE_FORMS_MAX = 8

_QUOTED = re.compile(r"""["“”„«»＂]([^"“”„«»＂]+)["“”„«»＂]|[「『]([^「」『』]+)[」』]""")


class Form(NamedTuple):
    """One way in which something may stand in a text: all of these tokens, all of these pairs.

    parts: the words and unspaced runs that it is made of.
    """

    tokens: tuple[str, ...]
    pairs: tuple[int, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """One thing a visitor asks for. forms: any of them will do.

    alike: will do as well but weigh less, since they may be another word (`munchen` for `Muenchen`, but also `pot` for
    `poet`). weak: helps the order, is not required. prefix: also the beginning of a longer word.
    """

    forms: tuple[Form, ...]
    alike: tuple[Form, ...] = ()
    weak: bool = False
    prefix: bool = False

    @property
    def may_be_near(self) -> bool:
        """Say whether a typing mistake may be looked past: in a spaced word of some length."""
        return all(_is_one_word(form) and len(form.tokens[0]) >= NEAR_MIN for form in self.forms)


def query_words(text: str) -> tuple[Word, ...]:
    """Return what must match for a visitor's text; nothing where it has neither letter nor digit.

    Forms of companies are weak where other words stand beside them. The last word may be the beginning of a longer one.
    """
    words = list(dict.fromkeys(islice(_words(text[:QUERY_MAX]), WORDS_MAX)))
    if words and all(word.weak for word in words):
        words = [replace(word, weak=False) for word in words]
    if words and not text.rstrip().endswith(('"', "”", "»", "＂")):
        words[-1] = _as_beginning(words[-1])
    return tuple(words)


def _words(text: str) -> Iterator[Word]:
    end = 0
    for match in _QUOTED.finditer(text):
        yield from _loose(text[end : match.start()])
        yield from _phrase(match[1] or match[2])
        end = match.end()
    yield from _loose(text[end:])


def _loose(text: str) -> Iterator[Word]:
    for piece in pieces(text):
        if is_unspaced(piece[0]):
            yield from _run_words(piece)
        elif forms := asked_forms(piece):
            alike = tuple(_one(form) for form in document_forms(piece) if form not in forms)
            weak = any(form in WEAK_WORDS for form in forms)
            yield Word(tuple(map(_one, forms)), alike, weak=weak)


def _run_words(run: str) -> Iterator[Word]:
    """Split a form of company off either end of an unspaced run."""
    for weak in WEAK_ENDS:
        if run == weak:
            break
        if run.endswith(weak):
            yield Word((_run(run.removesuffix(weak)),))
            yield Word((_run(weak),), weak=True)
            return
        if run.startswith(weak):
            yield Word((_run(weak),), weak=True)
            yield Word((_run(run.removeprefix(weak)),))
            return
    yield Word((_run(run),), weak=run in WEAK_ENDS)


def _phrase(text: str) -> Iterator[Word]:
    """Yield quoted words as one word that has them all, next to each other."""
    found = [piece for piece in pieces(text) if is_unspaced(piece[0]) or asked_forms(piece)][:WORDS_MAX]
    if found:
        ways = product(*(_ways(piece) for piece in found))
        yield Word(tuple(_joined(way) for way in islice(ways, PHRASE_FORMS_MAX)))


def _ways(piece: str) -> tuple[Form, ...]:
    return (_run(piece),) if is_unspaced(piece[0]) else tuple(map(_one, asked_forms(piece)))


def _joined(way: Sequence[Form]) -> Form:
    tokens = tuple(token for form in way for token in form.tokens)
    between = (neighbours(a.tokens[0], b.tokens[0]) for a, b in pairwise(way) if _is_one_word(a) and _is_one_word(b))
    pairs = (*(pair for form in way for pair in form.pairs), *between)
    return Form(tokens, pairs, tuple(part for form in way for part in form.parts))


def _one(form: str) -> Form:
    return Form((form,), (), (form,))


def _run(run: str) -> Form:
    return Form(grams(run), tuple(triples(run)), (run,))


def _is_one_word(form: Form) -> bool:
    return len(form.tokens) == 1 and not is_unspaced(form.tokens[0][0])


def _as_beginning(word: Word) -> Word:
    """Let a word of some length also be the beginning of longer ones."""
    fits = all(_is_one_word(form) and len(form.tokens[0]) >= PREFIX_MIN for form in word.forms)
    return replace(word, prefix=fits and not word.weak)
