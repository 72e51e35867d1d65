"""Gathering in two processes: half of the subjects beside, in a forked child that writes its own file of terms.

The two take turns with slots, so that neither needs to know how many the other has. The child hands over what it has of
its subjects and documents, and writes its terms.
"""

import marshal
import multiprocessing
import os
from array import array
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self, TypeAlias

from pyroaring import BitMap

from directory.search.engine import Kind
from directory.search.gathering import Documents, Subject, many_objects
from directory.search.portions import Portions, read_rows, write_rows
from directory.search.storing import new_side
from directory.search.writing import write_terms

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many subjects are done, and of how many."""
_Plain: TypeAlias = tuple[int, int, bytes, bytes, list[bytes], list[tuple[str, str, bytes]]]
"""Documents as marshal takes them."""
_FORK = multiprocessing.get_context("fork")


class SideFailed(RuntimeError):
    """The process beside ended without its work done."""


class Side:
    """The second half of the subjects, gathered in a child. To be used only where this process has no other thread.

    gather: does the gathering, calling what it is given again and again; file: where the child writes its terms; folder:
    where it puts what it hands over.
    """

    def __init__(self, gather: Callable[[Progress], Portions], file: Path, folder: Path) -> None:
        self._folder = folder
        self._ours, theirs = _FORK.Pipe(duplex=False)
        self._child = _FORK.Process(target=_work, args=(gather, file, folder, self._ours, theirs, os.getpid()), daemon=True)
        self._child.start()
        theirs.close()

    def __enter__(self) -> Self:
        """Let the child work beside the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the child."""
        self._child.kill()
        self._child.join()

    def take(self) -> tuple[dict[Kind, Documents], Iterator[Subject]]:
        """Wait for the child's documents and subjects. Raises SideFailed where it ended before."""
        try:
            self._ours.recv()
        except (EOFError, OSError) as error:
            raise SideFailed("the second process of the index has ended") from error
        handed_over = marshal.loads(_documents(self._folder).read_bytes())  # noqa: S302 (our own child wrote it, in our folder)
        return {kind: _read(plain) for kind, plain in handed_over.items()}, read_rows(_subjects(self._folder))

    def wait(self) -> None:
        """Wait until the child has written its terms. Raises SideFailed where it did not."""
        self._child.join()
        if self._child.exitcode != 0:
            raise SideFailed(f"the second process of the index ended with {self._child.exitcode}")


def _work(
    gather: Callable[[Progress], Portions], file: Path, folder: Path, ours: Connection, theirs: Connection, parent: int
) -> None:
    ours.close()  # or this process would not see the other one end

    def end_with_parent(_done: int, _total: int) -> None:
        if os.getppid() != parent:
            os._exit(1)

    with many_objects():
        portions = gather(end_with_parent)
        write_rows(_subjects(folder), portions.subjects())
        handed_over = {kind: _plain(documents) for kind, documents in portions.gatherer.documents().items()}
        _documents(folder).write_bytes(marshal.dumps(handed_over))
        theirs.send(None)
        with new_side(file) as store:
            write_terms(store, portions)


def _plain(documents: Documents) -> _Plain:
    values = [(*value, slots.serialize()) for value, slots in documents.values.items()]
    return documents.first, documents.step, documents.ids.tobytes(), documents.subjects.tobytes(), documents.keys, values


def _read(plain: Any) -> Documents:
    first, step, ids, subjects, keys, values = plain
    found = {(name, value): BitMap.deserialize(slots) for name, value, slots in values}
    return Documents(first, step, array("I", ids), array("I", subjects), keys, found)


def _documents(folder: Path) -> Path:
    return folder / "documents"


def _subjects(folder: Path) -> Path:
    return folder / "all-subjects"
