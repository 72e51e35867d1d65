"""Terms of many documents brought together by one sort. Imported by those only who write an index, for numpy's sake."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from directory.search.gathering import Entries

_HALF = np.uint64(32)
T = TypeVar("T")


def by_number(entries: "Entries[T]", names: Sequence[T] | None) -> Iterator[tuple[T, bytes]]:
    """Yield (name, its slots in order, as 32-bit numbers), in the order of names. names: none where numbers are the names."""
    if not entries.numbers:
        return
    both = np.frombuffer(entries.numbers, np.uint32).astype(np.uint64)
    both <<= _HALF
    both |= np.repeat(_slots(entries), np.frombuffer(entries.sizes, np.uint32))
    both.sort()
    numbers = (both >> _HALF).astype(np.uint32)
    starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
    present: list[Any] = numbers[starts].tolist()
    slots = both.astype(np.uint32).tobytes()
    del both, numbers
    bounds = array("Q", (4 * starts).astype(np.uint64).tobytes())
    bounds.append(len(slots))
    if names is None:
        yield from ((number, slots[start:end]) for number, (start, end) in zip(present, pairwise(bounds), strict=True))
        return
    present = list(map(names.__getitem__, present))
    for place in sorted(range(len(present)), key=present.__getitem__):
        yield present[place], slots[bounds[place] : bounds[place + 1]]


def _slots(entries: "Entries[T]") -> Any:
    slots = np.arange(len(entries.sizes), dtype=np.uint64)
    slots *= np.uint64(entries.step)
    slots += np.uint64(entries.first)
    return slots
