"""Chooses what is asked of the list: pairs of facet values and words that find the wanted share of the members.

The site itself says how many each finds (`data-total`); the choice is made once for an instance and kept with it.
"""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote_plus

from bench.environment import ROOT
from bench.web import get

VOCABULARY = ROOT / "directory" / "data" / "demonstration.json"
CHOICE = re.compile(r'data-facet="([^"]+)" data-value="([^"]+)" data-count="(\d+)"')
FACETS = {"type", "country", "serves", "category", "sector", "language"}
RARE, COMMON = 0.005, 0.10
"""a search of one language finds more than the one and at most the other share of all members"""
LETTERS_LEAST = 4
ASKED_MOST = 60
KEPT = 12
Question = tuple[str, int]
"""(query of the address, how many members it finds)"""


def choose(base: str) -> dict[str, list[Question]]:
    """Return {row: questions} for the rows that search or narrow."""
    everything = get(base, "/en/members/").total or 0
    chosen = {"facets": _facets(base, everything)}
    chosen |= {language: _words(base, language, everything) for language in ("zh", "de", "ar", "sr")}
    return chosen | {"half": _half(base, everything)}


def _asked(base: str, queries: Iterable[str]) -> list[Question]:
    """Ask the site how many each finds; what finds nothing is left out."""
    found = [(query, get(base, f"/en/members/?{query}").total or 0) for query in queries]
    return [(query, total) for query, total in found if total]


def _facets(base: str, everything: int) -> list[Question]:
    """Choose pairs of values of two facets, among those that find most, so that their pages are full."""
    values = [(name, value, int(count)) for name, value, count in CHOICE.findall(get(base, "/en/members/").body)]
    pairs = [(a, b) for a, b in itertools.combinations([v for v in values if v[0] in FACETS], 2) if a[0] != b[0]]
    pairs = sorted(pairs, key=lambda pair: -pair[0][2] * pair[1][2] / max(1, everything))[: ASKED_MOST * 5]
    some = random.Random(1).sample(pairs, min(ASKED_MOST, len(pairs)))
    queries = (f"{a[0]}={quote_plus(a[1])}&{b[0]}={quote_plus(b[1])}" for a, b in some)
    return sorted(_asked(base, queries), key=lambda question: -question[1])[: 2 * KEPT]


def _words(base: str, language: str, everything: int) -> list[Question]:
    """Choose words of a language that find a few in a hundred members; pairs of them where too few words do."""
    fits: Callable[[Question], bool] = lambda question: RARE < question[1] / max(1, everything) <= COMMON  # noqa: E731
    source, words = random.Random(2), _vocabulary(language)
    some = source.sample(words, min(ASKED_MOST, len(words)))
    kept = [question for question in _asked(base, map(_query, some)) if fits(question)]
    if len(kept) < KEPT:
        pairs = list(itertools.combinations(words, 2))
        some = source.sample(pairs, min(ASKED_MOST, len(pairs)))
        kept += [question for question in _asked(base, (_query(" ".join(pair)) for pair in some)) if fits(question)]
    return kept[:KEPT]


def _half(base: str, everything: int) -> list[Question]:
    """Choose the English pairs that come nearest to half of all members.

    Their single words are asked first; the pairs worth asking are those whose shares, multiplied, are near a half.
    """
    shares = {word: get(base, f"/en/members/?{_query(word)}").total or 0 for word in _vocabulary("en")}
    nearness: Callable[[int], float] = lambda total: abs(total / max(1, everything) - 0.5)  # noqa: E731
    expected = {pair: shares[pair[0]] * shares[pair[1]] // max(1, everything) for pair in itertools.combinations(shares, 2)}
    pairs = sorted(expected, key=lambda pair: nearness(expected[pair]))[: 2 * KEPT]
    found = sorted(_asked(base, (_query(" ".join(pair)) for pair in pairs)), key=lambda question: nearness(question[1]))
    return [question for question in found if nearness(question[1]) < 0.1][: KEPT // 2] or found[:1]


def _query(text: str) -> str:
    return f"q={quote_plus(text)}"


def _vocabulary(language: str) -> list[str]:
    """Return the words that invented members are described with; in Chinese whole phrases, since it has no gaps."""
    pools = json.loads(VOCABULARY.read_text(encoding="utf-8"))["sentences"][language]
    phrases = [phrase for pool in pools for phrase in pool]
    if language == "zh":
        return phrases
    return sorted({word for phrase in phrases for word in re.findall(r"\w+", phrase) if len(word) >= LETTERS_LEAST})
