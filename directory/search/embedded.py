"""The search engine of one host: a tantivy index in a folder that follows the database by its change log."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import tantivy
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tantivy import Query

from directory.i18n.locales import LOCALES
from directory.search.asking import Asking
from directory.search.changes import changed_after, version
from directory.search.comparing import Report, compare
from directory.search.engine import Answer, Document, Request, SearchUnavailable
from directory.search.schema import MARK, Mark, make_document, make_mark
from directory.search.shelf import IndexBroken, LockBusy, Opened, Shelf, panics_as_errors
from directory.search.watch import Watch

Scope: TypeAlias = Callable[[], AbstractContextManager[Session]]
"""Opens a session of its own for the `with` block."""
Load: TypeAlias = Callable[[Session, Sequence[int]], Mapping[int, list[Document]]]
"""Returns the documents of the subjects asked for; one that is left out is not public."""
AllIds: TypeAlias = Callable[[Session], Iterable[int]]
Progress: TypeAlias = Callable[[int, int], None]
"""Told how many subjects are done, and of how many."""

BATCH = 500
HEAP_BYTES = 64_000_000
FIRST_WAIT_SECONDS = 5.0
FOLLOW_PATIENCE_SECONDS = 10.0
REBUILD_PATIENCE_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Followed:
    """What a call of `follow` did. version: what the index speaks of now. changes: log entries applied."""

    version: tuple[str, int]
    changes: int = 0
    rebuilt: bool = False


class EmbeddedEngine:
    """Searches, and follows the database while it holds the host's lock.

    folder: where the index lies; its lock and its half-made successor lie beside it. scope, load, all_ids: how to reach
    the database and what is public in it. locales: tags that have an order of names of their own.
    """

    def __init__(
        self, folder: Path, *, scope: Scope, load: Load, all_ids: AllIds, locales: Sequence[str] = tuple(LOCALES)
    ) -> None:
        self.scope = scope
        self.load = load
        self.all_ids = all_ids
        self.shelf = Shelf(folder, tuple(locales))
        self.watch = Watch(self.shelf, self._heal)

    def search(self, request: Request) -> Answer:
        """Answer a request from the newest snapshot this process knows.

        Where there is none yet, the index is made (or another process's is waited for) for up to FIRST_WAIT_SECONDS.
        Raises SearchUnavailable where that does not help.
        """
        opened = self.watch.current(wait=FIRST_WAIT_SECONDS)
        try:
            with panics_as_errors():
                asking = Asking(opened.schema, opened.searcher, request, self.shelf.locales)
                ids, total = asking.page()
                counts = asking.counts()
        except (ValueError, OSError) as error:
            log.exception("the search index cannot answer")
            raise SearchUnavailable("the index cannot answer") from error
        return Answer(ids=ids, total=total, counts=counts, version=opened.mark.version)

    def ready(self) -> bool:
        """Say whether a request would be answered now."""
        try:
            self.watch.current(wait=0)
        except SearchUnavailable:
            return False
        return True

    def refresh(self) -> None:
        """Take the newest snapshot now instead of within half a second."""
        self.watch.look()

    def follow(self, *, patience: float = FOLLOW_PATIENCE_SECONDS) -> Followed | None:
        """Apply what the change log has beyond the index; make the index again where that cannot be enough.

        It is made again where it is missing, damaged, of another format, of another epoch, ahead of the database, or
        behind the beginning of the log. patience: seconds to wait for the host's lock; None comes back without it.
        """
        try:
            with self.shelf.lock(patience):
                followed = self._follow()
        except LockBusy:
            return None
        self.watch.look()
        return followed

    def rebuild(self, progress: Progress | None = None) -> Followed:
        """Make the index from the database; the old one serves until the new one is whole.

        Raises SearchUnavailable where another process keeps the host's lock for REBUILD_PATIENCE_SECONDS.
        """
        try:
            with self.shelf.lock(REBUILD_PATIENCE_SECONDS):
                self._rebuild(progress or _say_nothing)
                followed = self._follow()
        except LockBusy as error:
            raise SearchUnavailable("another process is writing the index") from error
        self.watch.look()
        return Followed(followed.version, followed.changes, rebuilt=True)

    def check(self, session: Session) -> Report:
        """Compare the index with the database: its version, and each document by a digest of all it says."""
        try:
            opened: Opened | None = self.shelf.open()
        except IndexBroken:
            opened = None
        return compare(opened, session, load=self.load, all_ids=self.all_ids)

    def close(self) -> None:
        """Stop looking for new snapshots."""
        self.watch.close()

    def _heal(self) -> None:
        """Try to make a missing or damaged index usable; whoever has the lock does it for all."""
        try:
            self.follow(patience=0)
        except (SQLAlchemyError, OSError, ValueError) as error:
            log.warning("the search index cannot be made now: %s", error)

    def _follow(self) -> Followed:
        applied, rebuilt = 0, False
        while True:
            try:
                mark = self._usable_mark()
                changes = self._next_changes(mark)
            except IndexBroken as broken:
                log.log(logging.WARNING if self.shelf.signature() else logging.INFO, "making the search index: %s", broken)
                self._rebuild(_say_nothing)
                rebuilt = True
                continue
            if not changes:
                return Followed(mark.version, applied, rebuilt=rebuilt)
            self._apply(mark, changes)
            applied += len(changes)

    def _usable_mark(self) -> Mark:
        """Return the index's mark. Raises IndexBroken where the index cannot be followed up to the database."""
        known = self.watch.opened
        opened = known if known is not None and known.signature == self.shelf.signature() else self.shelf.open()
        with self.scope() as session:
            epoch, sequence = version(session)
        if opened.mark.epoch != epoch:
            raise IndexBroken("index of another epoch")
        if opened.mark.sequence > sequence:
            raise IndexBroken("index ahead of the database")
        return opened.mark

    def _next_changes(self, mark: Mark) -> list[tuple[int, int]]:
        """Return the next (sequence, subject) pairs. Raises IndexBroken where the log no longer reaches back."""
        with self.scope() as session:
            _, sequence = version(session)
            changes = [(c.sequence, c.subject_id) for c in changed_after(session, mark.sequence, most=BATCH)]
        if sequence > mark.sequence and (not changes or changes[0][0] != mark.sequence + 1):
            raise IndexBroken("index behind the beginning of the change log")
        return changes

    def _apply(self, mark: Mark, changes: list[tuple[int, int]]) -> None:
        subjects = list(dict.fromkeys(subject for _, subject in changes))
        with self.scope() as session:
            loaded = self.load(session, subjects)
        applied = Mark(mark.epoch, changes[-1][0], self.shelf.format)
        with panics_as_errors(), _writer(self.shelf.index(self.shelf.folder)) as writer:
            for subject in subjects:
                writer.delete_documents_by_query(Query.term_query(self.shelf.schema, "subject", subject, "basic"))
            self._add(writer, loaded)
            writer.delete_documents_by_query(Query.term_query(self.shelf.schema, "kind", MARK, "basic"))
            writer.add_document(make_mark(applied))
            writer.commit()

    def _rebuild(self, progress: Progress) -> None:
        """Make a whole index beside the old one. Changes that come meanwhile are still in the log after `sequence`."""
        with self.scope() as session:
            epoch, sequence = version(session)
            ids = list(self.all_ids(session))
        with panics_as_errors(), _writer(self.shelf.start_making()) as writer:
            progress(0, len(ids))
            for done, batch in _batches(ids):
                with self.scope() as session:
                    self._add(writer, self.load(session, batch))
                progress(done, len(ids))
            writer.add_document(make_mark(Mark(epoch, sequence, self.shelf.format)))
            writer.commit()
        self.shelf.put_in_place()

    def _add(self, writer: tantivy.IndexWriter, loaded: Mapping[int, list[Document]]) -> None:
        for documents in loaded.values():
            for document in documents:
                writer.add_document(make_document(document, self.shelf.locales))


@contextmanager
def _writer(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """Open a writer of one thread; after a commit its merges end before the folder is left."""
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
    yield writer
    writer.wait_merging_threads()


def _batches(ids: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield (number done after it, batch)."""
    source = iter(ids)
    done = 0
    while batch := list(islice(source, BATCH)):
        done += len(batch)
        yield done, batch


def _say_nothing(_done: int, _total: int) -> None:
    """Report to nobody."""
