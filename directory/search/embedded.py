"""The search engine of one host: an index in a folder that follows the database by its change log."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from directory.i18n.locales import LOCALES
from directory.search.asking import Asking
from directory.search.changes import changed_after, version
from directory.search.comparing import Report, compare
from directory.search.engine import KINDS, Answer, Document, Kind, Request, SearchUnavailable
from directory.search.gathering import Gatherer, many_objects
from directory.search.index import SIDE, IndexFile, Mark
from directory.search.labels import Labels, LabelTexts
from directory.search.matching import Matcher
from directory.search.portions import PORTION, Portions
from directory.search.shelf import DAMAGE, IndexBroken, LockBusy, Opened, Shelf
from directory.search.side import Progress, Side
from directory.search.storing import new_main, new_side
from directory.search.watch import Watch
from directory.search.words import query_words
from directory.search.writing import write_changes, write_documents, write_terms

Scope: TypeAlias = Callable[[], AbstractContextManager[Session]]
"""Opens a session of its own for the `with` block."""
Load: TypeAlias = Callable[[Session, Sequence[int]], Mapping[int, list[Document]]]
"""Returns the documents of the subjects asked for; one that is left out is not public."""
AllIds: TypeAlias = Callable[[Session], Iterable[int]]

BATCH = 500
FIRST_WAIT_SECONDS = 5.0
FOLLOW_PATIENCE_SECONDS = 10.0
REBUILD_PATIENCE_SECONDS = 60.0
SHOWN_MAX = 500
"""documents on a page of which it is said what a list shows"""
MANY = 2000
"""changes; so many at once, and more than MANY_SHARE of all documents, are faster made anew"""
MANY_SHARE = 0.1
DEAD_SHARE = 0.3
"""where so much of an index is of former states, and more than MANY, it is made anew"""

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
    the database and what is public in it. labels: the words that lead to a facet's value; labels_stamp: names them, so that
    they are learned anew when another name comes. locales: tags that have an order of names of their own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        scope: Scope,
        load: Load,
        all_ids: AllIds,
        labels: LabelTexts = lambda _facet, _value: (),
        labels_stamp: Callable[[], str] = lambda: "",
        locales: Sequence[str] = tuple(LOCALES),
        portion: int = PORTION,
    ) -> None:
        self.scope = scope
        self.load = load
        self.all_ids = all_ids
        self._label_texts, self._labels_stamp = labels, labels_stamp
        self._labels: tuple[str, Labels] = ("", Labels(labels))
        self.portion = portion
        self.shelf = Shelf(folder, tuple(locales))
        self.watch = Watch(self.shelf, self._heal)

    def search(self, request: Request) -> Answer:
        """Answer a request from the newest snapshot this process knows.

        Where there is none yet, the index is made (or another process's is waited for) for up to FIRST_WAIT_SECONDS.
        Raises SearchUnavailable where that does not help.
        """
        opened = self.watch.current(wait=FIRST_WAIT_SECONDS)
        try:
            return self._answer(opened, request)
        except DAMAGE as error:
            log.exception("the search index cannot answer")
            if isinstance(error, sqlite3.DatabaseError):
                self.watch.doubt(opened)
            raise SearchUnavailable("the index cannot answer") from error

    def cross(self, kind: Kind, first: str, second: str, values: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Count pairs of values from the bitmaps of the newest snapshot: some hundred of them in a few milliseconds.

        Waits for a first snapshot as `search` does. Raises SearchUnavailable.
        """
        return self.watch.current(wait=FIRST_WAIT_SECONDS).columns[kind].cross(first, second, values)

    def version(self) -> tuple[str, int] | None:
        """Return the directory's version that an answer would speak of now; None where there would be none."""
        opened = self.watch.opened
        return opened.mark.version if opened else None

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

        It is made again where it is missing, damaged, of another format, of another epoch, ahead of the database, behind
        the beginning of the log, or so far behind that this is faster. patience: seconds to wait for the host's lock;
        None comes back without it.
        """
        try:
            with self.shelf.lock(patience):
                followed = self._follow()
        except LockBusy:
            return None
        self.watch.look()
        return followed

    def rebuild(self, progress: Progress | None = None, *, processes: int = 1) -> Followed:
        """Make the index from the database; the old one serves until the new one is whole.

        processes: 2 halves the time where nothing else runs in this process. Raises SearchUnavailable where another
        process keeps the host's lock for REBUILD_PATIENCE_SECONDS.
        """
        try:
            with self.shelf.lock(REBUILD_PATIENCE_SECONDS):
                self._rebuild(progress or _say_nothing, processes=processes)
                followed = self._follow()
        except LockBusy as error:
            raise SearchUnavailable("another process is writing the index") from error
        self.watch.look()
        return Followed(followed.version, followed.changes, rebuilt=True)

    def check(self, session: Session) -> Report:
        """Compare the index with the database: its version, and each subject by a digest of all it says."""
        return compare(self.shelf, session, load=self.load, all_ids=self.all_ids)

    def labels(self) -> Labels:
        """Return the words of values as they are called now."""
        stamp = self._labels_stamp()
        known, labels = self._labels
        if known != stamp:
            labels = Labels(self._label_texts)
            self._labels = (stamp, labels)
        return labels

    def close(self) -> None:
        """Stop looking for new snapshots."""
        self.watch.close()

    def _answer(self, opened: Opened, request: Request) -> Answer:
        columns = opened.columns[request.kind]
        words = query_words(request.text)
        matcher = Matcher(opened.file, request.kind, columns, self.labels(), locale=request.locale, names_only=request.names_only)
        asking = Asking(columns, request, matcher.match(words) if words else None)
        total, slots = len(asking.slots), asking.page()
        return Answer(
            ids=tuple(columns.ids[slot] for slot in slots),
            total=total,
            count=asking.counts,
            version=opened.mark.version,
            shown=opened.file.shown([columns.subjects[slot] for slot in slots[:SHOWN_MAX]]),
            found=asking.found,
            without={} if total else asking.without(),
            where=tuple(asking.matches.where(slots)) if asking.matches else (),
        )

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
                opened = self._usable()
                changes = self._next_changes(opened)
                if not changes:
                    return Followed(opened.mark.version, applied, rebuilt=rebuilt)
                self._apply(opened, changes)
                applied += len(changes)
            except IndexBroken as broken:
                log.log(logging.WARNING if self.shelf.exists() else logging.INFO, "making the search index: %s", broken)
                self._rebuild(_say_nothing)
                rebuilt = True

    def _usable(self) -> Opened:
        """Open the index. Raises IndexBroken where it cannot be followed up to the database."""
        opened = self.shelf.open(self.watch.opened)
        if self.watch.is_doubted(opened):
            raise IndexBroken("the index could not answer")
        with self.scope() as session:
            epoch, sequence = version(session)
        if opened.mark.epoch != epoch:
            raise IndexBroken("index of another epoch")
        if opened.mark.sequence > sequence:
            raise IndexBroken("index ahead of the database")
        live = sum(len(columns.live) for columns in opened.columns.values())
        if sequence - opened.mark.sequence > max(MANY, MANY_SHARE * live):
            raise IndexBroken("index far behind the database")
        if opened.mark.dead > max(MANY, DEAD_SHARE * live):
            raise IndexBroken("index mostly of former states")
        return opened

    def _next_changes(self, opened: Opened) -> list[tuple[int, int]]:
        """Return the next (sequence, subject) pairs. Raises IndexBroken where the log no longer reaches back."""
        with self.scope() as session:
            _, sequence = version(session)
            changes = [(c.sequence, c.subject_id) for c in changed_after(session, opened.mark.sequence, most=BATCH)]
        if sequence > opened.mark.sequence and (not changes or changes[0][0] != opened.mark.sequence + 1):
            raise IndexBroken("index behind the beginning of the change log")
        return changes

    def _apply(self, opened: Opened, changes: list[tuple[int, int]]) -> None:
        subjects = list(dict.fromkeys(subject for _, subject in changes))
        with self.scope() as session:
            loaded = self.load(session, subjects)
        mark = replace(opened.mark, sequence=changes[-1][0])
        gone = [subject for subject in subjects if subject not in loaded]
        try:
            with closing(IndexFile(self.shelf.folder, writing=True)) as file:
                write_changes(file, opened.columns, loaded, gone, mark=mark, locales=self.shelf.locales)
        except DAMAGE as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:  # somebody reads all of it: tried again soon
                raise LockBusy(str(self.shelf.folder)) from error
            raise IndexBroken(str(error)) from error
        self.watch.look()

    def _rebuild(self, progress: Progress, *, processes: int = 1) -> None:
        """Make a whole index beside the old one. Changes that come meanwhile are still in the log after `sequence`."""
        with self.scope() as session:
            epoch, sequence = version(session)
            ids = list(self.all_ids(session))
        mark = Mark(epoch, sequence, self.shelf.format)
        with self.shelf.make_anew() as folder, TemporaryDirectory(dir=folder) as aside, many_objects():
            if processes == 1:
                self._write_alone(ids, folder, Path(aside), mark, progress)
            else:
                self._write_in_two(ids, folder, Path(aside), mark, progress)

    def _write_alone(self, ids: Sequence[int], folder: Path, aside: Path, mark: Mark, progress: Progress) -> None:
        portions = self._gather(ids, aside, progress)
        with new_side(folder / SIDE), new_main(folder) as store:
            write_terms(store, portions)
            write_documents(store, [portions.gatherer.documents()], portions.subjects(), mark=mark, locales=self.shelf.locales)

    def _write_in_two(self, ids: Sequence[int], folder: Path, aside: Path, mark: Mark, progress: Progress) -> None:
        own = len(ids) // 2
        beside = aside / "beside"
        beside.mkdir()
        gather_beside = partial(self._gather, ids[own:], beside, turn=1, turns=2)
        with Side(gather_beside, folder / SIDE, beside) as side, new_main(folder) as store:
            portions = self._gather(ids[:own], aside, lambda done, _own: progress(2 * done, len(ids)), turns=2)
            write_terms(store, portions)
            documents, subjects = side.take()
            write_documents(
                store,
                [portions.gatherer.documents(), documents],
                chain(portions.subjects(), subjects),
                mark=mark,
                locales=self.shelf.locales,
            )
            side.wait()

    def _gather(self, ids: Sequence[int], aside: Path, progress: Progress, *, turn: int = 0, turns: int = 1) -> Portions:
        """Gather the documents of subjects. turn, turns: which slots are its own, where several gather at once."""
        gatherer = Gatherer(self.shelf.locales, first=dict.fromkeys(KINDS, turn), step=turns)
        portions = Portions(gatherer, aside, most=self.portion)
        progress(0, len(ids))
        for done, batch in _batches(ids):
            with self.scope() as session:
                for subject_id, documents in self.load(session, batch).items():
                    gatherer.add(subject_id, documents)
            portions.put_aside_if_full()
            progress(done, len(ids))
        return portions


def _batches(ids: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield (number done after it, batch)."""
    source = iter(ids)
    done = 0
    while batch := list(islice(source, BATCH)):
        done += len(batch)
        yield done, batch


def _say_nothing(_done: int, _total: int) -> None:
    """Report to nobody."""
