"""The words of facets' values, which lead to all documents that have the value."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import TypeAlias

from pyroaring import BitMap

from directory.search.columns import Columns
from directory.search.engine import FACETS
from directory.search.index import LAST
from directory.search.postings import union
from directory.search.text import Terms, terms
from directory.search.words import Form

LabelTexts: TypeAlias = Callable[[str, str], Iterable[str]]
"""Given a facet and a value: the words, in any language, that lead to it."""
_Label: TypeAlias = tuple[str, str, Terms]
"""(facet, value, what one of its texts is made of)."""


class Labels:
    """Finds the values of facets that words lead to. Learns their words as it meets the values."""

    def __init__(self, texts: LabelTexts) -> None:
        self._texts = texts
        self._known: dict[str, set[str]] = {facet: set() for facet in FACETS}
        self._of_token: dict[str, list[_Label]] = {}
        self._tokens: list[str] = []
        self._learning = Lock()

    def having(self, columns: Columns, form: Form) -> BitMap:
        """Return the slots with a value one of whose texts has all of a form."""
        self._learn(columns)
        found = self._of_token.get(form.tokens[0], ())
        return _slots(
            columns, (one for one in found if one[2].tokens.issuperset(form.tokens) and one[2].pairs.issuperset(form.pairs))
        )

    def beginning(self, columns: Columns, start: str) -> BitMap:
        """Return the slots with a value one of whose texts has a word that begins so."""
        self._learn(columns)
        tokens = self._tokens
        return _slots(columns, self._with(tokens[bisect_left(tokens, start) : bisect_left(tokens, start + LAST)]))

    def where(self, columns: Columns, fits: Callable[[str], bool]) -> BitMap:
        """Return the slots with a value one of whose texts has a word that fits."""
        self._learn(columns)
        return _slots(columns, self._with(filter(fits, self._tokens)))

    def _with(self, tokens: Iterable[str]) -> Iterator[_Label]:
        return (label for token in tokens for label in self._of_token[token])

    def _learn(self, columns: Columns) -> None:
        if all(columns.values[facet].keys() <= self._known[facet] for facet in FACETS):
            return
        with self._learning:
            of_token = {token: list(labels) for token, labels in self._of_token.items()}
            for facet in FACETS:
                for value in columns.values[facet].keys() - self._known[facet]:
                    for label in map(terms, self._texts(facet, value)):
                        for token in label.tokens:
                            of_token.setdefault(token, []).append((facet, value, label))
            self._of_token, self._tokens = of_token, sorted(of_token)
            for facet in FACETS:  # last: whoever sees them as known finds their words
                self._known[facet] |= columns.values[facet].keys()


def _slots(columns: Columns, labels: Iterable[_Label]) -> BitMap:
    values = {(facet, value) for facet, value, _ in labels}
    return union(columns.values[facet][value] for facet, value in values if value in columns.values[facet])
