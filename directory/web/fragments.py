"""Pieces of pages that stay the same from visit to visit, kept in a process up to a number of bytes."""

from collections.abc import Callable, Hashable
from hashlib import blake2b
from sys import getsizeof
from threading import Lock
from types import SimpleNamespace
from typing import Any, TypeVar
from zlib import Z_BEST_SPEED, compress, decompress

from cachetools import LRUCache
from flask import current_app, request
from markupsafe import Markup

from directory.web.locale import current
from directory.web.patterns import Gaps, as_format, as_markup, fill_format

Piece = TypeVar("Piece", bound=str | bytes | tuple[Any, ...])
KEPT_BYTES = 8 * 1024 * 1024
OVERHEAD_BYTES = 400
"""what a kept piece takes beside its text"""


class Fragments:
    """Keeps pieces of HTML by whatever they depend on; the least recently used ones leave first.

    setting: names what administrators have set, on which every piece may depend.
    """

    def __init__(self, most: int = KEPT_BYTES, *, setting: Callable[[], Hashable] = lambda: None) -> None:
        self._setting = setting
        self._kept: LRUCache[Hashable, Any] = LRUCache(most, getsizeof=_size)
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Piece]) -> Piece:
        """Return the piece kept under a key; make it where there is none. A tuple is kept as one piece."""
        key = (self._setting(), key)
        with self._lock:
            kept: Piece | None = self._kept.get(key)
        if kept is None:
            kept = make()
            if _size(kept) <= self._kept.maxsize:
                with self._lock:
                    self._kept[key] = kept
        return kept


def keep(*key: Hashable, caller: Callable[..., Markup], **gaps: Any) -> Markup:
    """Return what a template's `call` block says, kept for the locale and whatever else it depends on.

    A key with None in it says that this piece is not to be kept. gaps: what goes into the kept piece anew at each visit;
    the block takes them as the attributes of its argument: `{% call(gap) keep("menu", rest=…) %}{{ gap.rest }}{% endcall %}`.
    """
    if None in key:
        return caller(SimpleNamespace(**gaps)) if gaps else caller()
    fragments: Fragments = current_app.extensions["fragments"]
    if not gaps:
        return as_markup(fragments.get((*key, current().tag, request.script_root), caller))
    return fill_format(fragments.get((*key, current().tag, request.script_root), lambda: as_format(caller(Gaps()))), gaps)


def keep_packed(*key: Hashable, caller: Callable[[], Markup]) -> Markup:
    """Return what `caller` makes, kept in an eighth of its room: for long pieces of which there are as many as questions."""
    fragments: Fragments = current_app.extensions["fragments"]
    return unpack(fragments.get((*key, current().tag, request.script_root), lambda: pack(caller())))


def pack(piece: str) -> bytes:
    """Make a long piece small, for as long as it is kept."""
    return compress(piece.encode("utf-8", "surrogatepass"), Z_BEST_SPEED)


def unpack(packed: bytes) -> Markup:
    """Give a piece back that `pack` made small."""
    return as_markup(decompress(packed).decode("utf-8", "surrogatepass"))


def digest_of(*what: Any) -> bytes:
    """Name by some bytes what visitors may make as long as they like, so that a key does not hold it."""
    return blake2b(repr(what).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _size(piece: str | bytes | tuple[Any, ...]) -> int:
    return OVERHEAD_BYTES + (sum(map(getsizeof, piece)) if isinstance(piece, tuple) else getsizeof(piece))
