"""Terms put aside in sorted files, portion by portion, so that a large directory does not have to fit into memory."""

import marshal
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from directory.search.engine import Kind
from directory.search.gathering import Gatherer, Subject, Token

PORTION = 100_000
"""documents, of which a process holds the terms at once: some 700 MB"""
PIECE = 4000
"""rows that are written and read at once"""
_NO_REFERENCES = 2
"""version of marshal that does not look for what comes twice"""
T = TypeVar("T")
_term = itemgetter(0)


class Portions:
    """Everything that one gatherer was given: what it holds, and what it put aside in a folder.

    most: documents of which it holds the terms.
    """

    def __init__(self, gatherer: Gatherer, folder: Path, *, most: int = PORTION) -> None:
        self.gatherer = gatherer
        self._folder = folder
        self._most = most
        self._number = 0

    def put_aside_if_full(self) -> None:
        """Write what the gatherer holds to the folder where it is too much."""
        if self.gatherer.held < self._most:
            return
        for kind, gathered in self.gatherer.gathered.items():
            write_rows(self._file(f"{kind}-tokens", self._number), gathered.tokens())
            write_rows(self._file(f"{kind}-pairs", self._number), gathered.pairs())
        write_rows(self._file("subjects", self._number), self.gatherer.subjects)
        self.gatherer.let_go()
        self._number += 1

    def subjects(self) -> Iterator[Subject]:
        """Yield all subjects."""
        return chain(*self._aside("subjects"), self.gatherer.subjects)

    def tokens(self, kind: Kind) -> Iterator[tuple[Token, bytes]]:
        """Yield (token with its level, slots) in order."""
        return _together([*self._aside(f"{kind}-tokens"), self.gatherer.gathered[kind].tokens()])

    def pairs(self, kind: Kind) -> Iterator[tuple[int, bytes]]:
        """Yield (number of a fact about neighbours, slots) in order."""
        return _together([*self._aside(f"{kind}-pairs"), self.gatherer.gathered[kind].pairs()])

    def _aside(self, name: str) -> list[Iterator[Any]]:
        return [read_rows(self._file(name, number)) for number in range(self._number)]

    def _file(self, name: str, number: int) -> Path:
        return self._folder / f"{name}-{number}"


def _together(runs: list[Iterator[tuple[T, bytes]]]) -> Iterator[tuple[T, bytes]]:
    """Merge sorted runs; where several have a term, an earlier one's slots come before a later one's."""
    if len(runs) == 1:
        yield from runs[0]
        return
    for term, found in groupby(merge(*runs, key=_term), _term):
        yield term, b"".join(slots for _, slots in found)


def write_rows(path: Path, rows: Iterable[Any]) -> None:
    """Write rows of plain tuples down, some at a time."""
    rows = iter(rows)
    with path.open("wb") as out:
        while piece := list(islice(rows, PIECE)):
            marshal.dump(piece, out, _NO_REFERENCES)


def read_rows(path: Path) -> Iterator[Any]:
    """Yield rows that `write_rows` wrote."""
    with path.open("rb") as file:
        while True:
            try:
                piece = marshal.load(file)  # noqa: S302 (we wrote it a moment ago, in our own folder)
            except EOFError:
                return
            yield from piece
