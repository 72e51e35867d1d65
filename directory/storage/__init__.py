"""Files that people hand in: what may be kept, under which name, where, and what the virus scanner says.

Knows nothing of whose files they are.
"""

from directory.storage.checks import BYTES_MAX, PIXELS_MAX, FileType, Flaw, Refused, Sound, inspect
from directory.storage.logos import Crop, Shape, picture
from directory.storage.names import NAME_MAX, safe_name
from directory.storage.places import Place, make_place
from directory.storage.scanning import Finding, Scanner, Verdict, make_scanner

__all__ = [
    "BYTES_MAX",
    "NAME_MAX",
    "PIXELS_MAX",
    "Crop",
    "FileType",
    "Finding",
    "Flaw",
    "Place",
    "Refused",
    "Scanner",
    "Shape",
    "Sound",
    "Verdict",
    "inspect",
    "make_place",
    "make_scanner",
    "picture",
    "safe_name",
]
