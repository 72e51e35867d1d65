"""Gathering in two processes: half of the subjects beside, in a forked child that writes its own file of terms.

The child is told how many slots come before its own, hands over what it has of its documents, and writes.
"""

import marshal
import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self, TypeAlias

from directory.search.engine import KINDS, Kind
from directory.search.gathering import Docs, Gatherer, Row, Subject, many_objects
from directory.search.storing import new_side

_Handover: TypeAlias = tuple[dict[Kind, list[tuple[Any, ...]]], dict[int, tuple[str, Docs, bytes]]]
"""rows by kind and subjects, both as plain tuples, which are written and read several times as fast"""
Progress: TypeAlias = Callable[[int, int], None]
"""Told how many subjects are done, and of how many."""
_NO_REFERENCES = 2
"""version of marshal that does not look for what comes twice"""
_ENDED = "the second process of the index has ended"
_FORK = multiprocessing.get_context("fork")


class SideFailed(RuntimeError):
    """The process beside ended without its work done."""


class Side:
    """The second half of the subjects, gathered in a child. To be used only where this process has no other thread.

    gather: does the gathering, calling what it is given again and again; file: where the child writes its terms.
    """

    def __init__(self, gather: Callable[[Progress], Gatherer], file: Path) -> None:
        self._handover = file.with_suffix(".rows")
        self._ours, theirs = _FORK.Pipe()
        self._child = _FORK.Process(
            target=_work, args=(gather, file, self._handover, self._ours, theirs, os.getpid()), daemon=True
        )
        self._child.start()
        theirs.close()

    def __enter__(self) -> Self:
        """Let the child work beside the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the child."""
        self._child.kill()
        self._child.join()
        self._handover.unlink(missing_ok=True)

    def stand_behind(self, gatherer: Gatherer) -> None:
        """Say what `gatherer` has, so that the child knows which slots are its own."""
        self._behind = {kind: len(gatherer.gathered[kind].rows) for kind in KINDS}
        try:
            self._ours.send(self._behind)
        except OSError as error:
            raise SideFailed(_ENDED) from error

    def take_rows(self, gatherer: Gatherer) -> None:
        """Wait for the child's documents and put them behind those of `gatherer`; its terms follow in its own file."""
        try:
            self._ours.recv()
        except (EOFError, OSError) as error:
            raise SideFailed(_ENDED) from error
        handover: _Handover = marshal.loads(self._handover.read_bytes())  # noqa: S302 (our own child wrote it, in our folder)
        rows, subjects = handover
        for kind in KINDS:
            gatherer.gathered[kind].rows += map(Row._make, rows[kind])
        for subject_id, (digest, docs, shown) in subjects.items():
            own = tuple((kind, slot + self._behind[kind]) for kind, slot in docs)
            gatherer.subjects[subject_id] = Subject(digest, own, shown)

    def wait(self) -> None:
        """Wait until the child has written its terms. Raises SideFailed where it did not."""
        self._child.join()
        if self._child.exitcode != 0:
            raise SideFailed(f"the second process of the index ended with {self._child.exitcode}")


def _work(
    gather: Callable[[Progress], Gatherer], path: Path, handover: Path, ours: Connection, theirs: Connection, parent: int
) -> None:
    ours.close()  # or this process would not see the other one end

    def end_with_parent(_done: int, _total: int) -> None:
        if os.getppid() != parent:
            os._exit(1)

    with many_objects():
        gatherer = gather(end_with_parent)
        rows = {kind: list(map(tuple, gathered.rows)) for kind, gathered in gatherer.gathered.items()}
        subjects = {number: tuple(subject) for number, subject in gatherer.subjects.items()}
        handover.write_bytes(marshal.dumps((rows, subjects), _NO_REFERENCES))
        del rows, subjects
        theirs.send(None)
        behind: Mapping[Kind, int] = theirs.recv()
        with new_side(path) as store:
            for kind, gathered in gatherer.gathered.items():
                store.all_terms(kind, gathered, later=behind[kind])
