"""The index of a host as it is written. `index.py` says what it holds."""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from itertools import chain, groupby
from pathlib import Path

from pyroaring import BitMap

from directory.search.columns import Columns, Late
from directory.search.engine import Kind
from directory.search.gathering import Subject, Token
from directory.search.index import MAIN, Mark, doc_key, pair_key
from directory.search.postings import by_level, pack, unpack
from directory.search.text import is_unspaced

PAGE_BYTES = 8192
SPELLED_MIN = 4
"""letters; shorter words are never looked for with a typing mistake"""
_TERMS = """
CREATE TABLE posting (kind TEXT, token TEXT, slots BLOB NOT NULL, PRIMARY KEY (kind, token));
CREATE TABLE spelling (kind TEXT, back TEXT, PRIMARY KEY (kind, back)) WITHOUT ROWID;
CREATE TABLE pair (key INTEGER PRIMARY KEY, slots BLOB NOT NULL);
"""
_REST = """
CREATE TABLE mark (epoch TEXT NOT NULL, sequence INT NOT NULL, format TEXT NOT NULL, base INT NOT NULL, dead INT NOT NULL);
CREATE TABLE part (kind TEXT, name TEXT, value TEXT, data BLOB NOT NULL, PRIMARY KEY (kind, name, value));
CREATE TABLE late (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, row TEXT NOT NULL);
CREATE TABLE doc (key INTEGER PRIMARY KEY, id INTEGER NOT NULL, keys BLOB NOT NULL);
CREATE TABLE subject (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, docs TEXT NOT NULL, shown BLOB NOT NULL);
"""
_UNSAFE = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-100000")
"""How a file is written that counts only once it is whole."""


class Store:
    """Writes what an index holds through an open connection, inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute = connection.execute
        self.many = connection.executemany

    def mark(self, mark: Mark) -> None:
        """Say what the index holds."""
        self.execute("DELETE FROM mark")
        self.execute("INSERT INTO mark VALUES (?, ?, ?, ?, ?)", astuple(mark))

    def columns(self, kind: Kind, columns: Columns) -> None:
        """Write a kind's columns anew; its late documents are in them."""
        self.execute("DELETE FROM part WHERE kind = ?", (kind,))
        self.execute("DELETE FROM late WHERE kind = ?", (kind,))
        self.many("INSERT INTO part VALUES (?, ?, ?, ?)", ((kind, *part) for part in columns.parts()))

    def late(self, kind: Kind, late: Iterable[Late], columns: Columns) -> None:
        """Add late documents, in the order of their slots, and which slots of `columns` are live with them."""
        self.many("INSERT INTO late (kind, row) VALUES (?, ?)", ((kind, one.as_text()) for one in late))
        self.execute("REPLACE INTO part VALUES (?, ?, ?, ?)", (kind, *columns.live_part()))

    def subjects(self, subjects: Iterable[Subject]) -> None:
        """Say which documents subjects have, and what they say by its digest."""
        self.many("REPLACE INTO subject VALUES (?, ?, ?, ?)", subjects)

    def forget(self, subject_ids: Iterable[int]) -> None:
        """Forget subjects that have no documents any more."""
        self.many("DELETE FROM subject WHERE id = ?", ((number,) for number in subject_ids))

    def rows(self, kind: Kind, rows: Iterable[tuple[int, int, bytes]]) -> None:
        """Write the keys of documents. rows: (slot, row number, packed keys)."""
        self.many("INSERT INTO doc VALUES (?, ?, ?)", ((doc_key(kind, slot), id_, keys) for slot, id_, keys in rows))

    def all_terms(self, kind: Kind, tokens: Iterable[tuple[Token, bytes]], pairs: Iterable[tuple[int, bytes]]) -> None:
        """Write all terms of a kind, in order, into a file that has none of it."""
        written = []

        def rows() -> Iterator[tuple[Kind, str, bytes]]:
            for token, levels in _by_token(tokens):
                written.append(token)
                yield kind, token, pack(levels)

        self.many("INSERT INTO posting VALUES (?, ?, ?)", rows())
        self._spellings(kind, written)
        packed = ((pair_key(kind, number), pack([(0, slots)])) for number, slots in pairs)
        self.many("INSERT INTO pair VALUES (?, ?)", packed)

    def more_terms(self, kind: Kind, tokens: Iterable[tuple[Token, bytes]], pairs: Iterable[tuple[int, bytes]]) -> None:
        """Add terms to those that are there."""
        new = []
        for token, levels in _by_token(tokens):
            row = self.execute("SELECT slots FROM posting WHERE kind = ? AND token = ?", (kind, token)).fetchone()
            if row:
                values = (_merged(row[0], levels), kind, token)
                self.execute("UPDATE posting SET slots = ? WHERE kind = ? AND token = ?", values)
            else:
                self.execute("INSERT INTO posting VALUES (?, ?, ?)", (kind, token, pack(levels)))
                new.append(token)
        self._spellings(kind, new)
        for number, slots in pairs:
            key, levels = pair_key(kind, number), [(0, slots)]
            row = self.execute("SELECT slots FROM pair WHERE key = ?", (key,)).fetchone()
            self.execute("REPLACE INTO pair VALUES (?, ?)", (key, _merged(row[0], levels) if row else pack(levels)))

    def _spellings(self, kind: Kind, tokens: Iterable[str]) -> None:
        back = sorted(token[::-1] for token in tokens if len(token) >= SPELLED_MIN and not is_unspaced(token[0]))
        self.many("INSERT INTO spelling VALUES (?, ?)", ((kind, one) for one in back))


@contextmanager
def new_main(folder: Path) -> Iterator[Store]:
    """Make a new main file; what was written stands in it when the block is left."""
    with _new(folder / MAIN, _TERMS + _REST) as store:
        yield store


@contextmanager
def new_side(path: Path) -> Iterator[Store]:
    """Make a new file of terms; what was written stands in it when the block is left."""
    with _new(path, _TERMS) as store:
        yield store


@contextmanager
def _new(path: Path, tables: str) -> Iterator[Store]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        for pragma in _UNSAFE:
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(tables)
        connection.execute("BEGIN")
        yield Store(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _by_token(tokens: Iterable[tuple[Token, bytes]]) -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """Yield (token, [(level, slots)])."""
    for token, found in groupby(tokens, lambda term: term[0][0]):
        yield token, [(number, slots) for (_, number), slots in found]


def _merged(blob: bytes, levels: Iterable[tuple[int, bytes]]) -> bytes:
    """Pack what is in a blob together with more of it."""
    more = ((number, BitMap(array("I", slots))) for number, slots in levels)
    return pack(sorted(by_level(chain(unpack(blob), more)).items()))
