"""The index folder of a host: opened only when it is whole and of our format, replaced only as a whole."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path

from directory.i18n.collation import KEY_VERSION
from directory.search.columns import Columns
from directory.search.engine import Kind
from directory.search.index import PAGE_BYTES, IndexFile, Mark

FORMAT = 3
"""Raise it whenever tokens, tables or their meaning change: an index of another format is made again."""
FILE = "index.sqlite"
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
    """A snapshot of the index, good for as long as it is held.

    last: number of the last late document in it. inode, size: of the file when it was looked at.
    """

    file: IndexFile
    mark: Mark
    columns: Mapping[Kind, Columns]
    last: int
    inode: int
    size: int


class Shelf:
    """The folder, the place beside it where a new index is made, and the lock beside both."""

    def __init__(self, folder: Path, locales: Sequence[str]) -> None:
        self.folder = folder
        self.file = folder / FILE
        self.locales = tuple(locales)
        self.format = format_of(locales)
        self.making = folder.with_name(folder.name + ".new")
        self.leaving = folder.with_name(folder.name + ".old")
        self.lock_file = folder.with_name(folder.name + ".lock")

    def open(self, known: Opened | None = None) -> Opened:
        """Open the index as it is now; `known` spares reading anew what it has. Raises IndexBroken where it cannot be used."""
        try:
            seen = self.file.stat()
            if seen.st_size % PAGE_BYTES:
                raise IndexBroken("the index file ends within a page")
            if known is not None and known.inode == seen.st_ino:
                if seen.st_size < known.size:
                    raise IndexBroken("the index file has become shorter")
                return self._newer(known, seen)
            return self._opened(IndexFile(self.file), seen)
        except DAMAGE as error:
            raise IndexBroken(str(error)) from error

    def exists(self) -> bool:
        """Say whether there is anything at the index's place."""
        return self.folder.exists()

    def _newer(self, known: Opened, seen: os.stat_result) -> Opened:
        mark = known.file.mark()
        if mark == known.mark:
            return known
        found = known.file.read_on(known.columns, known.mark.base, known.last)
        if found is None:
            return self._opened(known.file, seen)
        mark, columns, last = found
        return Opened(known.file, mark, columns, last, seen.st_ino, seen.st_size)

    def _opened(self, file: IndexFile, seen: os.stat_result) -> Opened:
        mark = file.mark()
        if mark is None:
            raise IndexBroken("index without its mark")
        if mark.format != self.format:
            raise OtherFormat(f"index of format {mark.format!r}, not {self.format!r}")
        mark, columns, last = file.read(self.locales)
        return Opened(file, mark, columns, last, seen.st_ino, seen.st_size)

    @contextmanager
    def start_making(self) -> Iterator[IndexFile]:
        """Make an empty index beside the one in use; what an interrupted attempt left there goes. On disk when left."""
        _remove(self.making)
        self.making.mkdir(parents=True)
        with closing(IndexFile.make(self.making / FILE)) as file:
            yield file
        handle = os.open(self.making / FILE, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def put_in_place(self) -> None:
        """Let the index made beside take the place; readers of the old one keep it until they look again."""
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
            yield
        finally:
            os.close(handle)


def format_of(locales: Sequence[str]) -> str:
    """Name the format of an index: its tables, the locales it has orders for, and who made keys and characters."""
    tables = f"{FORMAT} opencc {package_version('opencc')}"
    return f"{tables} {KEY_VERSION} {' '.join(locales)}"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
