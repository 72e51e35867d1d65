"""The index folder of a host: opened only when it is whole and of our format, replaced only as a whole."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import tantivy
from tantivy import Query

from directory.search.schema import MARK, Mark, format_of, make_schema, read_mark

Signature: TypeAlias = tuple[tuple[str, int, int, int], ...]
LOCK_LOOK_SECONDS = 0.05


class IndexBroken(Exception):
    """The folder holds no index that can be used: missing, damaged or of another format."""


class OtherFormat(IndexBroken):
    """The index is whole, but an older or newer program made it."""


class LockBusy(Exception):
    """Another process of this host is writing the index."""


@dataclass(frozen=True)
class Opened:
    """A snapshot of the index, good for as long as it is held."""

    schema: tantivy.Schema
    searcher: tantivy.Searcher
    mark: Mark
    signature: Signature


class Shelf:
    """The folder, the place beside it where a new index is made, and the lock beside both."""

    def __init__(self, folder: Path, locales: Sequence[str]) -> None:
        self.folder = folder
        self.locales = tuple(locales)
        self.format = format_of(locales)
        self.schema = make_schema(locales)
        self.making = folder.with_name(folder.name + ".new")
        self.leaving = folder.with_name(folder.name + ".old")
        self.lock_file = folder.with_name(folder.name + ".lock")

    def signature(self) -> Signature:
        """Return what the folder looks like from outside: empty where there is none; another one after every change."""
        try:
            with os.scandir(self.folder) as entries:
                seen = [(e.name, e.stat()) for e in entries if not e.name.endswith(".lock")]
        except OSError:
            return ()
        return tuple(sorted((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in seen))

    def open(self) -> Opened:
        """Open the index as it is now. Raises IndexBroken where it cannot be used."""
        signature = self.signature()
        try:
            with panics_as_errors():
                if not tantivy.Index.exists(str(self.folder)):
                    raise IndexBroken("no index in the folder")
                index = tantivy.Index.open(str(self.folder))
                index.config_reader("manual")
                index.reload()
                searcher = index.searcher()
                mark = self._mark(searcher)
        except (ValueError, OSError, TypeError, KeyError) as error:
            raise IndexBroken(str(error)) from error
        if mark.format != self.format:
            raise OtherFormat(f"index of format {mark.format!r}")
        return Opened(self.schema, searcher, mark, signature)

    def _mark(self, searcher: tantivy.Searcher) -> Mark:
        hits = searcher.search(Query.term_query(self.schema, "kind", MARK, "basic"), limit=2).hits
        if len(hits) != 1:
            raise IndexBroken("index without its mark")
        return read_mark(searcher.doc(hits[0][1]))

    def index(self, folder: Path) -> tantivy.Index:
        """Open for writing, or make, the index in `folder`."""
        return tantivy.Index(self.schema, path=str(folder))

    def start_making(self) -> tantivy.Index:
        """Make an empty index beside the one in use; what an interrupted attempt left there goes."""
        _remove(self.making)
        self.making.mkdir(parents=True)
        return self.index(self.making)

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


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Turn a panic of the index library, which is no ordinary exception, into a ValueError."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError(f"the index library gave up: {error}") from error
        raise


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
