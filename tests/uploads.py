"""Files to hand in, sound and wicked."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

MEGABYTE = 1024 * 1024


def pdf(size: int = 0, words: bytes = b"") -> bytes:
    """Give a small PDF; filled up to a size, or with words in a comment."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    tail = b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    body = head + b"%" + words
    filling = max(0, size - len(body) - len(tail % len(body)))
    for _ in range(3):  # the number within the end grows with what it counts
        whole = body + b"x" * filling
        filling += size - len(whole + tail % (len(whole) + 1)) if size else 0
    whole = body + b"x" * max(filling, 0)
    return whole + tail % (len(whole) + 1)


BLUE_LEFT = b"0 0 1 rg 0 0 100 300 re f"


def paged_pdf(
    pages: int = 1, *, box: str = "0 0 200 300", content: bytes = BLUE_LEFT, forms: tuple[bytes, ...] = (), locked: bool = False
) -> bytes:
    """Give a PDF with pages to look at, their left half blue. forms: contents of objects X0, X1 … that `content` may draw."""
    named = " ".join(f"/X{n} {4 + n} 0 R" for n in range(len(forms)))
    first = 4 + len(forms)
    kids = " ".join(f"{first + n} 0 R" for n in range(pages))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(), _stream(b"", content)]
    head = f"/Type/XObject/Subtype/Form/BBox[0 0 200 300]/Resources<</XObject<<{named}>>>>".encode()
    objects += [_stream(head, one) for one in forms]
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 3 0 R/Resources<</XObject<<{named}>>>>>>"
    objects += [page.encode()] * pages
    if locked:
        secret = b"41" * 32
        objects.append(b"<</Filter/Standard/V 1/R 2/P -4/O<" + secret + b">/U<" + secret + b">>>")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    key = b"/ID[<41><41>]/Encrypt %d 0 R" % len(objects) if locked else b""
    size = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
    return out + tail % (size, table, size, key, len(out))


def endless_pdf() -> bytes:
    """Give a small PDF whose page draws something that draws something …, more often than anybody can wait."""
    forms = tuple(b"/X%d Do " % (n + 1) * 60 for n in range(9))
    return paged_pdf(content=b"/X0 Do " * 60, forms=(*forms, BLUE_LEFT))


def _stream(head: bytes, content: bytes) -> bytes:
    return b"<<" + head + b"/Length %d>>stream\n" % len(content) + content + b"\nendstream "


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """Give a picture whose left half is red and whose right half is blue."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def archive(bomb: int = 0) -> bytes:
    """Give a zip archive; bomb: bytes that it unpacks to."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", b"\0" * (bomb or 10))
    return out.getvalue()


def huge_png(width: int = 60_000, height: int = 60_000) -> bytes:
    """Give a PNG of few bytes that claims to have thousands of millions of pixels."""
    packed = zlib.compress(b"\0" * 1000)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(n, d) for n, d in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
