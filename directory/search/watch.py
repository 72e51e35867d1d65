"""What a process knows of the index: one snapshot, renewed in the background and never by a request."""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable

from directory.search.engine import SearchUnavailable
from directory.search.index import IndexFile
from directory.search.shelf import IndexBroken, Opened, OtherFormat, Shelf

LOOK_SECONDS = 0.5
HEAL_SECONDS = 2.0
"""Pause after an attempt to heal that did not help."""
CLOSE_PATIENCE_SECONDS = 5.0
"""How long closing waits for the thread to come to rest."""
FORK_PATIENCE_SECONDS = 5.0
"""How long a fork waits for threads of watches to pause."""

log = logging.getLogger(__name__)


class Watch:
    """Holds the newest good snapshot and a thread that looks for newer ones.

    The thread starts with the first request of a process, so that it lives in each worker of a forking server, and ends
    with its engine. While the folder cannot be used the last snapshot goes on serving and `heal` is called.
    """

    def __init__(self, shelf: Shelf, heal: Callable[[], None]) -> None:
        self.shelf = shelf
        self.opened: Opened | None = None
        self._heal = weakref.WeakMethod(heal)
        self._closed = False
        self._may_heal = True
        self._doubted: IndexFile | None = None
        self._next_heal = 0.0
        self._thread: threading.Thread | None = None
        self._make_locks()
        _watches.add(self)

    def current(self, *, wait: float) -> Opened:
        """Return the snapshot. wait: seconds to wait for a first one; then SearchUnavailable is raised."""
        self._start()
        if self.opened is None and self.look() is None and wait:
            self._arrived.wait(wait)
        if self.opened is None:
            raise SearchUnavailable("there is no search index yet")
        return self.opened

    def look(self) -> Opened | None:
        """Take the folder's snapshot if it changed. Returns None where the folder cannot be used now."""
        with self._looking:
            try:
                found = self.shelf.open(self.opened)
                if self.is_doubted(found):
                    raise IndexBroken("the index could not answer")
            except OtherFormat:
                self._may_heal = self.opened is None  # a program older than the index leaves it alone
                return None
            except IndexBroken:
                self._may_heal = True
                return None
            self.opened = found
            self._arrived.set()
            return found

    def doubt(self, opened: Opened) -> None:
        """Say that a snapshot could not answer: its files are not used again, and the index is made anew."""
        self._doubted = opened.file

    def is_doubted(self, opened: Opened) -> bool:
        """Say whether a snapshot is of files that could not answer."""
        return self._doubted is not None and opened.file is self._doubted

    def close(self) -> None:
        """Let the thread end, and wait until it is not at work: it uses the database no more when this returns."""
        self._closed = True
        if self._thread is not threading.current_thread() and self._working.acquire(timeout=CLOSE_PATIENCE_SECONDS):
            self._working.release()

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._closed:
                    self._thread = threading.Thread(target=_run, args=(weakref.ref(self),), name="search-watch", daemon=True)
                    self._thread.start()

    def _forget_process(self) -> None:
        """Start anew in a forked child: threads and held locks stay behind in the parent, and so does the open file."""
        if self.opened is not None:
            _left_behind.append(self.opened)
            self.opened = None
        self._thread = None
        self._make_locks()

    def _make_locks(self) -> None:
        self._looking = threading.Lock()
        self._starting = threading.Lock()
        self._working = threading.Lock()
        self._arrived = threading.Event()

    def _tick(self) -> bool:
        """Look once, healing what cannot be used. Returns whether to go on."""
        with self._working:
            heal = self._heal()
            if self._closed or heal is None:
                return False
            if self.look() is None and self._may_heal and time.monotonic() >= self._next_heal and self._has_place():
                heal()
                if self.look() is None:
                    self._next_heal = time.monotonic() + HEAL_SECONDS
            return True

    def _has_place(self) -> bool:
        return self.shelf.folder.parent.is_dir()


_watches: "weakref.WeakSet[Watch]" = weakref.WeakSet()
_left_behind: list[Opened] = []
"""Files of the parent process, which a child must neither use nor close."""


def _run(reference: "weakref.ref[Watch]") -> None:
    """Look every LOOK_SECONDS for as long as somebody holds the watch; a failure is told and tried again."""
    while True:
        watch = reference()
        try:
            if watch is None or not watch._tick():  # noqa: SLF001 (the thread is part of the class)
                return
        except Exception:  # the thread must outlive whatever a database or a disk does
            log.exception("looking for a newer search index failed")
        del watch
        time.sleep(LOOK_SECONDS)


_paused: list[threading.Lock] = []


def _before_fork() -> None:
    """Let no thread be inside SQLite or a database when its process forks: the child would wait for its locks for ever."""
    until = time.monotonic() + FORK_PATIENCE_SECONDS
    for watch in list(_watches):
        working = watch._working  # noqa: SLF001 (part of the class)
        if working.acquire(timeout=max(0, until - time.monotonic())):
            _paused.append(working)


def _after_in_parent() -> None:
    while _paused:
        _paused.pop().release()


def _after_in_child() -> None:
    _paused.clear()
    for watch in list(_watches):
        watch._forget_process()  # noqa: SLF001 (part of the class)


os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
