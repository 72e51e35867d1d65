"""What may be kept: PDF, JPEG and PNG by their content, whatever their names say.

Images are written anew from their pixels, so that nothing else that was in the file stays. A PDF cannot be written anew
without breaking seals and signatures in it: one that is something else besides is refused.
"""

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum

import puremagic
from PIL import Image, ImageOps

from directory.errors import DirectoryError

BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
"""more than a sheet of paper scanned at 600 dots per inch has; decoded, 160 MB at most"""
TAIL = 2048
_PDF = re.compile(rb"%PDF-[12]\.\d[\r\n \t%]")
_PDF_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF[\s\x00]*\Z")
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
QUALITY = 90


class FileType(StrEnum):
    """Types that are kept."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


ENDINGS = {FileType.PDF: (".pdf",), FileType.JPEG: (".jpg", ".jpeg"), FileType.PNG: (".png",)}
"""endings of names; the first one is given to a file that has none of them"""


class Flaw(StrEnum):
    """Why a file is not kept."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TYPE = "type"
    DAMAGED = "damaged"
    PIXELS = "pixels"
    TWOFOLD = "twofold"


class Refused(DirectoryError):
    """A file that is not kept."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(str(flaw))
        self.flaw = flaw


_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, MemoryError, OverflowError,
    struct.error, zlib.error,
)  # fmt: skip
"""all that decoders raise where a file is broken"""
_PNG_MODES = frozenset({"1", "L", "LA", "RGB", "RGBA", "I;16"})


@dataclass(frozen=True)
class Sound:
    """A file that may be kept, as it is to be kept."""

    type: FileType
    data: bytes


def inspect(data: bytes) -> Sound:
    """Return the file as it may be kept. Raises Refused with the reason why it may not."""
    if not data:
        raise Refused(Flaw.EMPTY)
    if len(data) > BYTES_MAX:
        raise Refused(Flaw.TOO_LARGE)
    found = _type_of(data)
    if found is None:
        raise Refused(Flaw.TYPE)
    if found is FileType.PDF:
        _require_plain_pdf(data)
        return Sound(found, data)
    return Sound(found, _written_anew(data, found))


def open_image(data: bytes, kind: FileType) -> Image.Image:
    """Open and decode an image of a type, upright. Raises Refused for one that is damaged or has too many pixels."""
    name = "PNG" if kind is FileType.PNG else "JPEG"
    try:
        with Image.open(io.BytesIO(data), formats=[name]) as image:
            if image.width * image.height > PIXELS_MAX:
                raise Refused(Flaw.PIXELS)
            image.load()
            return _upright(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(Flaw.PIXELS) from error
    except _BROKEN as error:
        raise Refused(Flaw.DAMAGED) from error


def _upright(image: Image.Image) -> Image.Image:
    """Turn an image as its camera held it; one whose camera's notes are damaged stays as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image.copy()


def _type_of(data: bytes) -> FileType | None:
    """Say what a file is: by its first bytes, and only where a second opinion knows them as the same."""
    known = {str(match.mime_type) for match in _second_opinion(data)}
    if _PDF.match(data) or (b"%PDF-" in data[:1024] and FileType.PDF in known):
        return FileType.PDF
    for kind, magic in ((FileType.JPEG, _JPEG), (FileType.PNG, _PNG)):
        if data.startswith(magic) and kind in known:
            return kind
    return None


def _second_opinion(data: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return list(puremagic.magic_string(data[:4096] + data[-64:]))
    except (puremagic.PureError, ValueError):
        return []


def _require_plain_pdf(data: bytes) -> None:
    """Refuse a PDF that begins with something else, has no proper end, or is an archive as well."""
    if not _PDF.match(data):
        raise Refused(Flaw.TWOFOLD)
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise Refused(Flaw.TWOFOLD)
    end = _PDF_END.search(data[-TAIL:])
    if end is None and b"%%EOF" in data:
        raise Refused(Flaw.TWOFOLD if data.rpartition(b"%%EOF")[2].strip(b"\x00 \t\r\n\f") else Flaw.DAMAGED)
    if end is None or int(end[1]) >= len(data):
        raise Refused(Flaw.DAMAGED)


def _written_anew(data: bytes, kind: FileType) -> bytes:
    """Write an image from its pixels alone, turned as its camera held it."""
    image = open_image(data, kind)
    if kind is FileType.JPEG:
        image = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    elif image.mode not in _PNG_MODES and (image.mode != "P" or "transparency" in image.info):
        image = image.convert("RGBA")
    bare = image.copy()
    bare.info = {}  # comments, profiles and the camera's notes would be written again
    out = io.BytesIO()
    if kind is FileType.JPEG:
        bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    else:
        bare.save(out, "PNG")
    if out.tell() > BYTES_MAX:
        raise Refused(Flaw.TOO_LARGE)
    return out.getvalue()
