"""The index folder of a host: opened only when it is whole and of our format, replaced only as a whole."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path

from directory.i18n.collation import KEY_VERSION
from directory.search.columns import Columns
from directory.search.engine import Kind
from directory.search.index import MAIN, SIDE, IndexFile, Mark, State
from directory.search.storing import PAGE_BYTES

FORMAT = 6
"""Raise it whenever tokens, tables or their meaning change: an index of another format is made again."""
LOCK_LOOK_SECONDS = 0.05
DAMAGE = (sqlite3.Error, OSError, ValueError, TypeError, KeyError, IndexError, EOFError)
"""What reading a damaged file may raise."""


class IndexBroken(Exception):
    """The folder holds no index that can be used: missing, damaged or of another format."""


class OtherFormat(IndexBroken):
    """The index is whole, but an older or newer program made it."""


class LockBusy(Exception):
    """Another process of this host is writing the index."""


@dataclass(frozen=True)
class Opened:
    """A snapshot of the index, good for as long as it is held. seen: (inode, size) of its files when it was looked at."""

    file: IndexFile
    state: State
    seen: tuple[tuple[int, int], ...]

    @property
    def mark(self) -> Mark:
        """What the snapshot holds."""
        return self.state.mark

    @property
    def columns(self) -> Mapping[Kind, Columns]:
        """What of it is in memory."""
        return self.state.columns


class Shelf:
    """The folder, the place beside it where a new index is made, and the lock beside both."""

    def __init__(self, folder: Path, locales: Sequence[str]) -> None:
        self.folder = folder
        self.locales = tuple(locales)
        self.format = format_of(locales)
        self.making = folder.with_name(folder.name + ".new")
        self.leaving = folder.with_name(folder.name + ".old")
        self.lock_file = folder.with_name(folder.name + ".lock")

    def open(self, known: Opened | None = None) -> Opened:
        """Open the index as it is now; `known` spares reading anew what it has. Raises IndexBroken where it cannot be used."""
        try:
            seen = self._look()
            if known is None or [inode for inode, _ in seen] != [inode for inode, _ in known.seen]:
                return self._opened(IndexFile(self.folder), seen)
            if any(now < before for (_, now), (_, before) in zip(seen, known.seen, strict=True)):
                raise IndexBroken("a file of the index has become shorter")
            if known.file.mark() == known.mark:
                return known
            state = known.file.read_on(known.state)
            return Opened(known.file, state, seen) if state else self._opened(known.file, seen)
        except DAMAGE as error:
            raise IndexBroken(str(error)) from error

    def exists(self) -> bool:
        """Say whether there is anything at the index's place."""
        return self.folder.exists()

    def _look(self) -> tuple[tuple[int, int], ...]:
        """Return (inode, size) of each file."""
        found = [(self.folder / name).stat() for name in (MAIN, SIDE)]
        if any(one.st_size % PAGE_BYTES for one in found):
            raise IndexBroken("a file of the index ends within a page")
        return tuple((one.st_ino, one.st_size) for one in found)

    def _opened(self, file: IndexFile, seen: tuple[tuple[int, int], ...]) -> Opened:
        mark = file.mark()
        if mark.format != self.format:
            raise OtherFormat(f"index of format {mark.format!r}, not {self.format!r}")
        return Opened(file, file.read(self.locales), seen)

    @contextmanager
    def make_anew(self) -> Iterator[Path]:
        """Give a folder for a new index; it takes the place of the one in use, as a whole, when the block is left.

        What an interrupted attempt left there goes. Readers of the old index keep it until they look again.
        """
        _remove(self.making)
        self.making.mkdir(parents=True)
        yield self.making
        for name in (MAIN, SIDE):
            _to_disk(self.making / name)
        _remove(self.leaving)
        if self.folder.exists() or self.folder.is_symlink():
            self.folder.rename(self.leaving)
        self.making.rename(self.folder)
        _remove(self.leaving)

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        """Hold this host's right to write. patience: seconds to wait for it; then LockBusy is raised."""
        self.lock_file.parent.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + patience
        handle = os.open(self.lock_file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() >= until:
                        raise LockBusy(str(self.lock_file)) from error
                time.sleep(LOCK_LOOK_SECONDS)
            _locks.add(handle)
            yield
        finally:
            _locks.discard(handle)
            os.close(handle)


_locks: set[int] = set()


def _after_fork() -> None:
    """Let a child have no part in a lock of its parent, which would otherwise last for as long as either of them."""
    while _locks:
        os.close(_locks.pop())


os.register_at_fork(after_in_child=_after_fork)


def format_of(locales: Sequence[str]) -> str:
    """Name the format of an index: its tables, the locales it has orders for, and who made keys and characters."""
    tables = f"{FORMAT} opencc {package_version('opencc')}"
    return f"{tables} {KEY_VERSION} {' '.join(locales)}"


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
