"""Pictures of documents: each page is drawn by a short-lived process with limits, so that no browser opens the file itself.

What comes of a hostile file in that process stays there: it has no secrets, writes nothing but the picture, and is ended
when it takes too long.
"""

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore, Lock

from cachetools import TTLCache

from directory.errors import DirectoryError
from directory.storage.checks import FileType

SECONDS = 8.0
"""of the clock on the wall, for one page"""
WAIT_SECONDS = 1.0
"""for a turn; more would hold the threads that answer everybody else"""
AT_ONCE = 2
"""processes that draw at the same time, for each process of the site"""
PAGES_MAX = 20
WIDTH = 1240
"""in pixels: a sheet of A4 at 150 dots per inch"""
LEAST_WIDTH = 220
"""with which a page is tried"""
_CHILD = Path(__file__).with_name("drawing_child.py")
_PNG = b"\x89PNG\r\n\x1a\n"
_turns = BoundedSemaphore(AT_ONCE)
_too_much: TTLCache[tuple[bytes, int], bool] = TTLCache(maxsize=1000, ttl=600)
"""document and page that asked too much, which are not tried again for ten minutes"""
_remembering = Lock()


class WhyNot(StrEnum):
    """Why there is no picture."""

    DAMAGED = "damaged"
    LOCKED = "locked"
    PAGE = "page"
    TOO_MUCH = "too_much"
    """time or memory"""
    BUSY = "busy"


class NotDrawn(DirectoryError):
    """A page that cannot be shown; `why` says so."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True)
class Drawing:
    """A page as a PNG. pages: how many the document has."""

    png: bytes
    pages: int


def draw(data: bytes, kind: FileType, *, page: int, width: int) -> Drawing:
    """Draw one page of a document, from 1 on, `width` pixels wide. Raises NotDrawn where that cannot be done."""
    if not 1 <= page <= PAGES_MAX:
        raise NotDrawn(WhyNot.PAGE)
    this = (hashlib.sha256(data).digest(), page)
    with _remembering:
        if this in _too_much:
            raise NotDrawn(WhyNot.TOO_MUCH)
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise NotDrawn(WhyNot.BUSY)
    try:
        return _drawn(data, kind, page, width)
    except NotDrawn as error:
        if error.why is WhyNot.TOO_MUCH:
            with _remembering:
                _too_much[this] = True
        raise
    finally:
        _turns.release()


def _drawn(data: bytes, kind: FileType, page: int, width: int) -> Drawing:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as picture, tempfile.TemporaryFile() as told:
        source.write(data)
        source.seek(0)
        command = [sys.executable, "-I", str(_CHILD), str(kind), str(page), str(width)]
        try:
            done = subprocess.run(  # noqa: S603 (our own program; the file is its input and never an argument)
                command, stdin=source, stdout=picture, stderr=told, env={}, cwd="/", timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotDrawn(WhyNot.TOO_MUCH) from None
        told.seek(0)
        words = told.read(64).decode("ascii", "replace").strip()
        if done.returncode < 0:  # ended by the system: out of time, or (as pdfium does it) by a signal when out of memory
            raise NotDrawn(WhyNot.TOO_MUCH)
        picture.seek(0)
        png = picture.read()
    if done.returncode or not words.isdigit() or not png.startswith(_PNG):
        raise NotDrawn(WhyNot(words) if words in set(WhyNot) else WhyNot.DAMAGED)
    return Drawing(png, int(words))
