"""The index of a host: one SQLite file that holds postings, columns and what it was made from.

Nothing in it is changed but by adding: a document that is changed gets a new slot, and its old one is no longer live. So
whoever holds columns in memory may go on reading postings of a later state: slots it does not know are not live to it.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from pyroaring import BitMap

from directory.search.columns import Columns, Late, Part
from directory.search.engine import KINDS, Kind
from directory.search.gathering import Gathered, pack_keys
from directory.search.postings import BUCKETS, merged, pack, unpack
from directory.search.text import is_unspaced

PAGE_BYTES = 8192
BUSY_SECONDS = 10.0
SPELLED_MIN = 4
"""letters; shorter words are never looked for with a typing mistake"""
LAST = "\U0010ffff"
_TABLES = """
CREATE TABLE mark (epoch TEXT NOT NULL, sequence INTEGER NOT NULL, format TEXT NOT NULL, base INTEGER NOT NULL, dead INTEGER NOT NULL);
CREATE TABLE part (kind TEXT, name TEXT, value TEXT, data BLOB NOT NULL, PRIMARY KEY (kind, name, value));
CREATE TABLE late (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, row TEXT NOT NULL);
CREATE TABLE doc (key INTEGER PRIMARY KEY, id INTEGER NOT NULL, keys BLOB NOT NULL);
CREATE TABLE subject (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, docs TEXT NOT NULL);
CREATE TABLE posting (kind TEXT, token TEXT, slots BLOB NOT NULL, PRIMARY KEY (kind, token));
CREATE TABLE spelling (kind TEXT, back TEXT, PRIMARY KEY (kind, back)) WITHOUT ROWID;
CREATE TABLE pair (key INTEGER PRIMARY KEY, slots BLOB NOT NULL);
"""


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


class IndexFile:
    """An open index. Threads share it: one statement at a time."""

    def __init__(self, path: Path, *, writing: bool = False) -> None:
        mode = "rw" if writing else "ro"
        self.path = path
        self.lock = threading.Lock()
        self.connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )

    @classmethod
    def make(cls, path: Path) -> "IndexFile":
        """Make a new, empty file, written without a safety net: it counts only once it is whole."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.executescript(_TABLES)
        connection.close()
        made = cls(path, writing=True)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-200000"):
            made.connection.execute(f"PRAGMA {pragma}")
        return made

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def mark(self) -> Mark | None:
        """Return what the index holds; None where that does not stand in it."""
        with self.lock:
            row = self.connection.execute("SELECT epoch, sequence, format, base, dead FROM mark").fetchone()
        return Mark(*row) if row else None

    def read(self, locales: Iterable[str]) -> tuple[Mark, dict[Kind, Columns], int]:
        """Return (mark, columns by kind, number of the last late document) of one and the same state."""
        locales = tuple(locales)
        with self.lock, self._snapshot():
            mark = Mark(*self.connection.execute("SELECT epoch, sequence, format, base, dead FROM mark").fetchone())
            columns = {kind: Columns.read(self._parts(kind), locales) for kind in KINDS}
            late, last = self._late(0)
        return mark, {kind: c.with_late(late[kind], c.live) if late[kind] else c for kind, c in columns.items()}, last

    def read_on(self, known: Mapping[Kind, Columns], base: int, last: int) -> tuple[Mark, dict[Kind, Columns], int] | None:
        """Return the same as `read`, from columns known so far; None where they were written anew since."""
        with self.lock, self._snapshot():
            mark = Mark(*self.connection.execute("SELECT epoch, sequence, format, base, dead FROM mark").fetchone())
            if mark.base != base:
                return None
            late, newest = self._late(last)
            live = {kind: self._live(kind) for kind in KINDS}
        return mark, {kind: columns.with_late(late[kind], live[kind]) for kind, columns in known.items()}, newest

    def levels(self, kind: Kind, token: str) -> Iterator[tuple[int, BitMap]]:
        """Yield (level, slots) of a token."""
        row = self._one("SELECT slots FROM posting WHERE kind = ? AND token = ?", (kind, token))
        return unpack(row[0]) if row else iter(())

    def beginning(self, kind: Kind, start: str) -> list[bytes]:
        """Return the packed levels of all tokens that begin so and are longer."""
        statement = "SELECT slots FROM posting WHERE kind = ? AND token > ? AND token < ?"
        return [row[0] for row in self._all(statement, (kind, start, start + LAST))]

    def spelled(self, kind: Kind, *, start: str = "", end: str = "") -> list[str]:
        """Return tokens that begin with `start`, or those that end with `end`."""
        if start:
            statement = "SELECT token FROM posting WHERE kind = ? AND token >= ? AND token < ?"
            return [row[0] for row in self._all(statement, (kind, start, start + LAST))]
        back = end[::-1]
        statement = "SELECT back FROM spelling WHERE kind = ? AND back >= ? AND back < ?"
        return [row[0][::-1] for row in self._all(statement, (kind, back, back + LAST))]

    def pair(self, kind: Kind, bucket: int) -> BitMap:
        """Return the slots in which these neighbours stand."""
        row = self._one("SELECT slots FROM pair WHERE key = ?", (_pair_key(kind, bucket),))
        return BitMap.deserialize(row[0]) if row else BitMap()

    def keys(self, kind: Kind, slot: int) -> tuple[int, bytes]:
        """Return (row number, packed keys) of a document."""
        row = self._one("SELECT id, keys FROM doc WHERE key = ?", (_doc_key(kind, slot),))
        return row[0], row[1]

    def count_late(self) -> int:
        """Count the documents that came after the columns were written."""
        row = self._one("SELECT count(*) FROM late", ())
        return int(str(row[0])) if row else 0

    def digests(self) -> dict[int, str]:
        """Return {subject: digest} of everything in the index."""
        return dict(self._all("SELECT id, digest FROM subject", ()))

    def slots_of(self, subject_ids: Iterable[int]) -> dict[Kind, BitMap]:
        """Return the slots of the documents that these subjects have."""
        found: dict[Kind, BitMap] = {kind: BitMap() for kind in KINDS}
        for subject_id in subject_ids:
            row = self._one("SELECT docs FROM subject WHERE id = ?", (subject_id,))
            for kind, slot in json.loads(row[0]) if row else ():
                found[kind].add(slot)
        return found

    def is_sound(self) -> bool:
        """Say whether the file as a whole is undamaged. Reads all of it."""
        row = self._one("PRAGMA quick_check(1)", ())
        return bool(row and row[0] == "ok")

    def write_mark(self, mark: Mark) -> None:
        """Say what the index holds."""
        self.connection.execute("DELETE FROM mark")
        self.connection.execute("INSERT INTO mark VALUES (?, ?, ?, ?, ?)", astuple(mark))

    def write_columns(self, kind: Kind, columns: Columns) -> None:
        """Write a kind's columns anew; its late documents are in them."""
        self.connection.execute("DELETE FROM part WHERE kind = ?", (kind,))
        self.connection.execute("DELETE FROM late WHERE kind = ?", (kind,))
        self.connection.executemany("INSERT INTO part VALUES (?, ?, ?, ?)", ((kind, *part) for part in columns.parts()))

    def write_live(self, kind: Kind, columns: Columns) -> None:
        """Write which slots of a kind are live."""
        self.connection.execute("REPLACE INTO part VALUES (?, ?, ?, ?)", (kind, *columns.live_part()))

    def write_late(self, kind: Kind, late: Iterable[Late]) -> None:
        """Add late documents, in the order of their slots."""
        self.connection.executemany("INSERT INTO late (kind, row) VALUES (?, ?)", ((kind, one.as_text()) for one in late))

    def write_subjects(self, subjects: Mapping[int, tuple[str, tuple[tuple[Kind, int], ...]]]) -> None:
        """Say which documents subjects have and what was read of them."""
        rows = ((number, text, json.dumps(docs)) for number, (text, docs) in subjects.items())
        self.connection.executemany("REPLACE INTO subject VALUES (?, ?, ?)", rows)

    def forget_subjects(self, subject_ids: Iterable[int]) -> None:
        """Forget subjects that have no documents any more."""
        self.connection.executemany("DELETE FROM subject WHERE id = ?", ((number,) for number in subject_ids))

    def write_rows(self, kind: Kind, gathered: Gathered) -> None:
        """Write the keys of documents."""
        rows = ((_doc_key(kind, slot), row.id, pack_keys(row.keys)) for slot, row in enumerate(gathered.rows, gathered.first))
        self.connection.executemany("INSERT INTO doc VALUES (?, ?, ?)", rows)

    def write_terms(self, kind: Kind, gathered: Gathered) -> None:
        """Write all postings of a file that has none of this kind yet."""
        tokens, pairs = gathered.tokens, gathered.pairs
        rows = ((kind, token, pack(tokens[token])) for token in sorted(tokens))
        self.connection.executemany("INSERT INTO posting VALUES (?, ?, ?)", rows)
        self._write_spellings(kind, tokens)
        keyed = ((_pair_key(kind, key), pairs[key].serialize()) for key in sorted(pairs))
        self.connection.executemany("INSERT INTO pair VALUES (?, ?)", keyed)

    def add_terms(self, kind: Kind, gathered: Gathered) -> None:
        """Add postings to those that are there."""
        one, change = self.connection.execute, self.connection.executemany
        statement = "SELECT slots FROM posting WHERE kind = ? AND token = ?"
        new, changed = [], []
        for token, levels in sorted(gathered.tokens.items()):
            row = one(statement, (kind, token)).fetchone()
            changed.append((merged(row[0], levels), kind, token)) if row else new.append((kind, token, pack(levels)))
        change("UPDATE posting SET slots = ? WHERE kind = ? AND token = ?", changed)
        change("INSERT INTO posting VALUES (?, ?, ?)", new)
        self._write_spellings(kind, [token for _, token, _ in new])
        pairs = []
        for bucket, slots in sorted(gathered.pairs.items()):
            row = one("SELECT slots FROM pair WHERE key = ?", (_pair_key(kind, bucket),)).fetchone()
            pairs.append((_pair_key(kind, bucket), (BitMap.deserialize(row[0]) | slots if row else slots).serialize()))
        change("REPLACE INTO pair VALUES (?, ?)", pairs)

    def _write_spellings(self, kind: Kind, tokens: Iterable[str]) -> None:
        back = sorted(token[::-1] for token in tokens if len(token) >= SPELLED_MIN and not is_unspaced(token[0]))
        self.connection.executemany("INSERT INTO spelling VALUES (?, ?)", ((kind, one) for one in back))

    def _parts(self, kind: Kind) -> Iterator[Part]:
        yield from self.connection.execute("SELECT name, value, data FROM part WHERE kind = ?", (kind,))

    def _live(self, kind: Kind) -> BitMap:
        row = self.connection.execute("SELECT data FROM part WHERE kind = ? AND name = 'live'", (kind,)).fetchone()
        return BitMap.deserialize(row[0])

    def _late(self, after: int) -> tuple[dict[Kind, list[Late]], int]:
        found: dict[Kind, list[Late]] = {kind: [] for kind in KINDS}
        for number, kind, text in self.connection.execute(
            "SELECT number, kind, row FROM late WHERE number > ? ORDER BY number", (after,)
        ):
            found[kind].append(Late.of(text))
            after = number
        return found, after

    def _one(self, statement: str, values: tuple[object, ...]) -> tuple[object, ...] | None:
        with self.lock:
            row: tuple[object, ...] | None = self.connection.execute(statement, values).fetchone()
        return row

    def _all(self, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        with self.lock:
            return self.connection.execute(statement, values).fetchall()

    def _snapshot(self) -> "_Transaction":
        return _Transaction(self.connection)


class _Transaction:
    """Several reads of one state."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("BEGIN")

    def __exit__(self, *_error: object) -> None:
        if self.connection.in_transaction:
            self.connection.rollback()


def _doc_key(kind: Kind, slot: int) -> int:
    return slot * len(KINDS) + KINDS.index(kind)


def _pair_key(kind: Kind, bucket: int) -> int:
    return KINDS.index(kind) * BUCKETS + bucket
