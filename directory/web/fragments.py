"""Pieces of pages that stay the same from visit to visit, kept in a process up to a number of bytes."""

from collections.abc import Callable, Hashable
from threading import Lock

from cachetools import LRUCache
from markupsafe import Markup

KEPT_BYTES = 12 * 1024 * 1024
OVERHEAD_BYTES = 300
"""what a kept piece takes beside its text"""


class Fragments:
    """Keeps pieces of HTML by whatever they depend on; the least recently used ones leave first."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._kept: LRUCache[Hashable, tuple[Markup, ...]] = LRUCache(most, getsizeof=_size)
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], tuple[Markup, ...]]) -> tuple[Markup, ...]:
        """Return the pieces kept under a key; make them where there are none."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = make()
            if _size(kept) <= self._kept.maxsize:
                with self._lock:
                    self._kept[key] = kept
        return kept


def _size(pieces: tuple[Markup, ...]) -> int:
    return OVERHEAD_BYTES + sum(4 * len(piece) if not piece.isascii() else len(piece) for piece in pieces)
