"""Names of files as people see them and may save them."""

import re
import unicodedata

from directory.storage.checks import ENDINGS, FileType

NAME_MAX = 120
"""characters"""
NAME_BYTES_MAX = 200
"""in UTF-8; most file systems take 255"""
_NOT_WRITTEN = re.compile(r'[<>:"|?*]')
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def safe_name(name: str, kind: FileType) -> str:
    """Make a name that may be shown and saved anywhere, with an ending that says what the file is.

    No folders, no control, direction or other invisible characters, nothing that a file system refuses; a long name is cut
    before its ending.
    """
    text = _NOT_WRITTEN.sub("_", visible_name(name))
    endings = ENDINGS[kind]
    ending = next((text[-len(e) :] for e in endings if text.lower().endswith(e)), "")
    stem = text.removesuffix(ending) if ending else text
    stem = _cut(stem.strip(". "), (ending or endings[0]))
    if stem.partition(".")[0].strip().lower() in _DEVICES:
        stem = f"_{stem}"
    return (stem or "document") + (ending or endings[0])


def visible_name(name: str) -> str:
    """Return what of a name may be shown: the last part of its path, without invisible characters."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(" " if c in "\t\r\n" else c for c in last if c in "\t\r\n" or unicodedata.category(c) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def _cut(stem: str, ending: str) -> str:
    """Shorten to what leaves room for the ending and one more character, never within a character."""
    stem = stem[: NAME_MAX - len(ending) - 1]
    room = NAME_BYTES_MAX - len(ending.encode()) - 1
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ")
