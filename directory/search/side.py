"""Gathering in two processes: half of the subjects beside, in a forked child, which hands its work over in a file."""

import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path

from directory.search.gathering import Gathered, Gatherer
from directory.search.engine import Kind

_FORK = multiprocessing.get_context("fork")


class SideFailed(RuntimeError):
    """The process beside ended without its work done."""


def gather_in_two(first: Callable[[], Gatherer], second: Callable[[], Gatherer], *, handover: Path) -> Gatherer:
    """Gather both halves at the same time and return them as one. handover: a file that may be written and is removed.

    To be called only where this process has no other thread. Raises SideFailed where the second half did not succeed.
    """
    child = _FORK.Process(target=_work, args=(second, handover), daemon=True)
    child.start()
    try:
        gatherer = first()
        child.join()
        if child.exitcode != 0:
            raise SideFailed(f"the second process of the index ended with {child.exitcode}")
        with handover.open("rb") as file:
            gathered, subjects = pickle.load(file)  # noqa: S301 (our own child wrote it, in our own folder)
    finally:
        child.kill()
        handover.unlink(missing_ok=True)
    _take(gatherer, gathered, subjects)
    return gatherer


def _work(gather: Callable[[], Gatherer], handover: Path) -> None:
    gatherer = gather()
    with handover.open("wb") as file:
        pickle.dump((gatherer.gathered, gatherer.subjects), file, protocol=pickle.HIGHEST_PROTOCOL)


def _take(
    gatherer: Gatherer, gathered: dict[Kind, Gathered], subjects: dict[int, tuple[str, tuple[tuple[Kind, int], ...]]]
) -> None:
    """Put the second half behind the first."""
    behind = {kind: len(own.rows) for kind, own in gatherer.gathered.items()}
    for kind, own in gatherer.gathered.items():
        own.take(gathered[kind].shifted(behind[kind]))
    for subject_id, (text, docs) in subjects.items():
        gatherer.subjects[subject_id] = (text, tuple((kind, slot + behind[kind]) for kind, slot in docs))
