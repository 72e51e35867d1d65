"""The index of a host as it is read: two SQLite files that hold postings, columns and what they were made from.

The main file holds everything that changes. The one beside it holds the terms that a second process gathered when the
index was made, and is only read since. `storing.py` writes both.

Nothing in them is changed but by adding: a document that is changed gets a new slot, and its old one is no longer live.
So whoever holds columns in memory may go on reading postings of a later state: slots it does not know are not live to it.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from directory.search.columns import Columns, Late, Part
from directory.search.engine import KINDS, Kind, Shown
from directory.search.postings import union, unpack
from directory.search.text import PAIRS

BUSY_SECONDS = 10.0
CACHE_KILOBYTES = 6000
MAIN = "index.sqlite"
SIDE = "side.sqlite"
LAST = "\U0010ffff"
_GONE = Shown()
_SLOT_BITS = 32
_MARK = "SELECT epoch, sequence, format, base, dead FROM mark"


@dataclass(frozen=True)
class Mark:
    """What the index holds: the directory's epoch and sequence, in which format.

    base: how often the columns were written anew. dead: how many slots are no longer live.
    """

    epoch: str
    sequence: int
    format: str
    base: int = 0
    dead: int = 0

    @property
    def version(self) -> tuple[str, int]:
        """The directory's version that the index speaks of."""
        return (self.epoch, self.sequence)


@dataclass(frozen=True)
class State:
    """Mark and columns of one moment. last: number of the last late document in them."""

    mark: Mark
    columns: Mapping[Kind, Columns]
    last: int


class IndexFile:
    """The open index. Threads share it: one statement at a time."""

    def __init__(self, folder: Path, *, writing: bool = False) -> None:
        uri = (folder / MAIN).resolve().as_uri() + ("?mode=rw" if writing else "?mode=ro")
        self.lock = threading.Lock()
        self.connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        self.connection.execute(f"PRAGMA cache_size=-{CACHE_KILOBYTES}")
        self.connection.execute("ATTACH DATABASE ? AS side", ((folder / SIDE).resolve().as_uri() + "?mode=ro",))

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()

    def mark(self) -> Mark:
        """Return what the index holds. Raises TypeError where that does not stand in it."""
        with self.lock:
            return Mark(*self.connection.execute(_MARK).fetchone())

    def read(self, locales: Iterable[str]) -> State:
        """Read mark and columns of one and the same moment."""
        locales = tuple(locales)
        with self._moment() as one:
            mark = Mark(*one(_MARK).fetchone())
            columns = {kind: Columns.read(self._parts(kind), locales) for kind in KINDS}
            late, last = self._late(0)
        return State(mark, {kind: c.with_late(late[kind], c.live) if late[kind] else c for kind, c in columns.items()}, last)

    def read_on(self, known: State) -> State | None:
        """Read what came since a known state; None where the columns were written anew since."""
        with self._moment() as one:
            mark = Mark(*one(_MARK).fetchone())
            if mark.base != known.mark.base:
                return None
            late, last = self._late(known.last)
            live = {kind: BitMap.deserialize(one(_LIVE, (kind,)).fetchone()[0]) for kind in KINDS}
        return State(mark, {kind: c.with_late(late[kind], live[kind]) for kind, c in known.columns.items()}, last)

    def levels(self, kind: Kind, token: str) -> Iterator[tuple[int, BitMap]]:
        """Yield (level, slots) of a token; a level may come twice."""
        for (blob,) in self._all(_both("SELECT slots FROM {}.posting WHERE kind = ? AND token = ?"), (kind, token) * 2):
            yield from unpack(blob)

    def beginning(self, kind: Kind, start: str) -> Iterator[tuple[int, BitMap]]:
        """Yield (level, slots) of all tokens that begin so and are longer."""
        statement = _both("SELECT slots FROM {}.posting WHERE kind = ? AND token > ? AND token < ?")
        for (blob,) in self._all(statement, (kind, start, start + LAST) * 2):
            yield from unpack(blob)

    def spelled(self, kind: Kind, *, start: str = "", end: str = "") -> list[str]:
        """Return tokens that begin with `start`, or those that end with `end`."""
        if start:
            statement = _both("SELECT token FROM {}.posting WHERE kind = ? AND token >= ? AND token < ?")
            return [token for (token,) in self._all(statement, (kind, start, start + LAST) * 2)]
        back = end[::-1]
        statement = _both("SELECT back FROM {}.spelling WHERE kind = ? AND back >= ? AND back < ?")
        return [found[::-1] for (found,) in self._all(statement, (kind, back, back + LAST) * 2)]

    def beside(self, kind: Kind, number: int) -> BitMap:
        """Return the slots in which the neighbours of this number stand."""
        rows = self._all(_both("SELECT slots FROM {}.pair WHERE key = ?"), (pair_key(kind, number),) * 2)
        return union(slots for (blob,) in rows for _, slots in unpack(blob))

    def keys(self, kind: Kind, slot: int) -> tuple[int, bytes]:
        """Return (row number, packed keys) of a document."""
        [(row_id, keys)] = self._all("SELECT id, keys FROM doc WHERE key = ?", (doc_key(kind, slot),))
        return row_id, keys

    def shown(self, subject_ids: Sequence[int]) -> tuple[Shown, ...]:
        """Return what a list shows of each of these subjects."""
        asked = ", ".join("?" * len(subject_ids))
        rows = self._all(f"SELECT id, digest, shown FROM subject WHERE id IN ({asked})", tuple(subject_ids))  # noqa: S608 (marks only)
        found = {subject_id: Shown(digest, text) for subject_id, digest, text in rows}
        return tuple(found.get(subject_id, _GONE) for subject_id in subject_ids)

    def digests(self) -> dict[int, str]:
        """Return {subject: digest} of everything in the index."""
        return dict(self._all("SELECT id, digest FROM subject", ()))

    def slots_of(self, subject_ids: Iterable[int]) -> dict[Kind, BitMap]:
        """Return the slots of the documents that these subjects have."""
        found: dict[Kind, list[int]] = {kind: [] for kind in KINDS}
        for subject_id in subject_ids:
            for (text,) in self._all("SELECT docs FROM subject WHERE id = ?", (subject_id,)):
                for kind, slot in json.loads(text):
                    found[kind].append(slot)
        return {kind: BitMap(slots) for kind, slots in found.items()}

    def count_late(self) -> int:
        """Count the documents that came after the columns were written."""
        [(number,)] = self._all("SELECT count(*) FROM late", ())
        return int(number)

    def is_sound(self) -> bool:
        """Say whether the files as a whole are undamaged. Reads all of them."""
        return self._all("PRAGMA quick_check(1)", ()) == [("ok",)]

    def _parts(self, kind: Kind) -> Iterator[Part]:
        yield from self.connection.execute("SELECT name, value, data FROM part WHERE kind = ?", (kind,))

    def _late(self, after: int) -> tuple[dict[Kind, list[Late]], int]:
        found: dict[Kind, list[Late]] = {kind: [] for kind in KINDS}
        rows = self.connection.execute("SELECT number, kind, row FROM late WHERE number > ? ORDER BY number", (after,))
        for number, kind, text in rows:
            found[kind].append(Late.of(text))
            after = number
        return found, after

    def _all(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self.lock:
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def _moment(self) -> Iterator[Any]:
        """Let several reads see one state."""
        with self.lock:
            self.connection.execute("BEGIN")
            try:
                yield self.connection.execute
            finally:
                if self.connection.in_transaction:
                    self.connection.rollback()


_LIVE = "SELECT data FROM part WHERE kind = ? AND name = 'live'"


def _both(statement: str) -> str:
    """Ask both files the same."""
    return f"{statement.format('main')} UNION ALL {statement.format('side')}"


def doc_key(kind: Kind, slot: int) -> int:
    """Number a document among those of all kinds."""
    return KINDS.index(kind) << _SLOT_BITS | slot


def pair_key(kind: Kind, number: int) -> int:
    """Number a fact about neighbours among those of all kinds."""
    return KINDS.index(kind) * PAIRS + number
