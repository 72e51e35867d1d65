"""Gathering in two processes: half of the subjects beside, in a forked child that writes its own file of terms.

The child hands over what it has of its documents, is told how many slots come before its own, and writes.
"""

import multiprocessing
import os
import pickle
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self, TypeAlias

from directory.search.engine import KINDS, Kind
from directory.search.gathering import Gatherer, Row, Subjects, many_objects
from directory.search.storing import new_side

Handover: TypeAlias = tuple[dict[Kind, list[Row]], Subjects]
Progress: TypeAlias = Callable[[int, int], None]
"""Told how many subjects are done, and of how many."""
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

    def take_rows(self, gatherer: Gatherer) -> None:
        """Wait for the child's documents and put them behind those of `gatherer`; its terms follow in its own file."""
        behind = {kind: len(gatherer.gathered[kind].rows) for kind in KINDS}
        try:
            self._ours.send(behind)
            self._ours.recv()
        except (EOFError, OSError) as error:
            raise SideFailed("the second process of the index has ended") from error
        with self._handover.open("rb") as file:
            rows, subjects = pickle.load(file)  # noqa: S301 (our own child wrote it, in our own folder)
        for kind in KINDS:
            gatherer.gathered[kind].rows += rows[kind]
        for subject_id, subject in subjects.items():
            docs = tuple((kind, slot + behind[kind]) for kind, slot in subject.docs)
            gatherer.subjects[subject_id] = subject._replace(docs=docs)

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
        with handover.open("wb") as file:
            rows = {kind: gathered.rows for kind, gathered in gatherer.gathered.items()}
            pickle.dump((rows, gatherer.subjects), file, protocol=pickle.HIGHEST_PROTOCOL)
        behind: Mapping[Kind, int] = theirs.recv()
        theirs.send(None)
        with new_side(path) as store:
            for kind, gathered in gatherer.gathered.items():
                store.all_terms(kind, gathered, later=behind[kind])
