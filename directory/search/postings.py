"""Which documents hold a token: one bitmap for each level, that is, each field in each language, packed together."""

import struct
from array import array
from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from directory.i18n.locales import SITE_LANGUAGES, site_language

FIELDS = 4
LANGUAGES = ("", *sorted(SITE_LANGUAGES))
"""Languages that a level tells apart; the empty one is every other."""
LONG = 200
"""bytes; fewer slots take less room as they are than as a bitmap"""
_HEAD = struct.Struct("<BI")
_LANGUAGE_BITS = 5
_FEW = 0x80
"""set where the slots of a level are plain numbers and no bitmap"""


def level(field: int, tag: str) -> int:
    """Number a field in the language of a tag."""
    return field << _LANGUAGE_BITS | language(tag)


def language(tag: str) -> int:
    """Number the language of a tag, whatever its script and region; 0: one the site is not in."""
    return _LANGUAGE_OF[site_language(tag)]


def field_and_language(number: int) -> tuple[int, int]:
    """Take a level apart."""
    return number >> _LANGUAGE_BITS, number & ((1 << _LANGUAGE_BITS) - 1)


def pack(levels: Iterable[tuple[int, BitMap | bytes]]) -> bytes:
    """Pack slots by level into one blob. Slots given as 32-bit numbers are kept so where they are few."""
    return b"".join(part for number, slots in levels for part in _part(number, slots))


def unpack(blob: bytes) -> Iterator[tuple[int, BitMap]]:
    """Yield (level, slots) of a blob; a level may come twice."""
    start = 0
    while start < len(blob):
        number, size = _HEAD.unpack_from(blob, start)
        start += _HEAD.size
        data = blob[start : start + size]
        yield number & ~_FEW, BitMap(array("I", data)) if number & _FEW else BitMap.deserialize(data)
        start += size


def by_level(packed: Iterable[tuple[int, BitMap]]) -> dict[int, BitMap]:
    """Bring together what comes of one level."""
    found: dict[int, BitMap] = {}
    for number, slots in packed:
        found[number] = found[number] | slots if number in found else slots
    return found


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """Return what is in any of them."""
    found = list(bitmaps)
    return BitMap.union(*found) if found else BitMap()


_LANGUAGE_OF = {name: number for number, name in enumerate(LANGUAGES)}


def _part(number: int, slots: BitMap | bytes) -> tuple[bytes, bytes]:
    if isinstance(slots, bytes) and len(slots) < LONG:
        return _HEAD.pack(number | _FEW, len(slots)), slots
    data = (BitMap(array("I", slots)) if isinstance(slots, bytes) else slots).serialize()
    return _HEAD.pack(number, len(data)), data
