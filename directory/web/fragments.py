"""Pieces of pages that stay the same from visit to visit, kept in a process up to a number of bytes."""

from collections.abc import Callable, Hashable
from threading import Lock

from cachetools import LRUCache
from flask import current_app
from markupsafe import Markup

from directory.web.locale import current

KEPT_BYTES = 16 * 1024 * 1024
OVERHEAD_BYTES = 400
"""what a kept piece takes beside its text"""


class Fragments:
    """Keeps pieces of HTML by whatever they depend on; the least recently used ones leave first."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._kept: LRUCache[Hashable, Markup] = LRUCache(most, getsizeof=_size)
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Markup]) -> Markup:
        """Return the piece kept under a key; make it where there is none."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = make()
            if _size(kept) <= self._kept.maxsize:
                with self._lock:
                    self._kept[key] = kept
        return kept


def keep(*key: Hashable, caller: Callable[[], Markup]) -> Markup:
    """Return what a template's `call` block says, kept for the locale and whatever else it depends on.

    A key with None in it says that this piece is not to be kept.
    """
    if None in key:
        return caller()
    fragments: Fragments = current_app.extensions["fragments"]
    return fragments.get((*key, current().tag), caller)


def _size(piece: Markup) -> int:
    return OVERHEAD_BYTES + len(piece) * (1 if piece.isascii() else 2)
