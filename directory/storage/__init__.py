"""Files that people hand in: what may be kept, under which name, where, and what the virus scanner says.

Knows nothing of whose files they are.
"""

from directory.storage.checks import BYTES_MAX, PIXELS_MAX, FileType, Flaw, Refused, Sound, inspect
from directory.storage.drawing import LEAST_WIDTH, PAGES_MAX, WIDTH, Drawing, NotDrawn, WhyNot, draw
from directory.storage.logos import Crop, Shape, picture
from directory.storage.names import NAME_MAX, safe_name, visible_name
from directory.storage.places import Place, PlaceFailed, make_place
from directory.storage.scanning import LONG_SECONDS, QUICK_SECONDS, Finding, Scanner, Verdict, make_scanner

__all__ = [
    "BYTES_MAX",
    "LEAST_WIDTH",
    "LONG_SECONDS",
    "NAME_MAX",
    "PAGES_MAX",
    "PIXELS_MAX",
    "QUICK_SECONDS",
    "WIDTH",
    "Crop",
    "Drawing",
    "FileType",
    "Finding",
    "Flaw",
    "NotDrawn",
    "Place",
    "PlaceFailed",
    "Refused",
    "Scanner",
    "Shape",
    "Sound",
    "Verdict",
    "WhyNot",
    "draw",
    "inspect",
    "make_place",
    "make_scanner",
    "picture",
    "safe_name",
    "visible_name",
]
