"""Draws one page of a file in a process of its own, which ends with it: `python -I drawing_child.py TYPE PAGE WIDTH`.

The file is standard input, the picture standard output; on standard error stands the number of pages, or in one word why
there is no picture. It imports nothing of the directory, has no secrets in its surroundings, opens no files and needs no
network; whatever a hostile file makes of it ends at the limits below.
"""

import io
import resource
import sys

from PIL import Image, ImageOps

MEMORY_BYTES = 1024**3
CPU_SECONDS = 10
PICTURE_BYTES = 32 * 1024**2
OPEN_FILES = 16
PIXELS_MAX = 40_000_000
"""of an image, as storage.checks has it"""
TALLEST = 4
"""times as high as wide; a longer page is drawn smaller"""
WHITE = (255, 255, 255)


def limit() -> None:
    """Take away what drawing does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, PICTURE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def draw_pdf(data: bytes, number: int, width: int) -> tuple[int, bytes]:
    """Return the number of pages, and page `number` (from 1) as a PNG; scripts and forms of the file are left alone."""
    import pypdfium2  # noqa: PLC0415 (a picture needs none of it)

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise SystemExit("locked" if "password" in str(error).lower() else "damaged") from error
    pages = len(document)
    if not 1 <= number <= pages:
        raise SystemExit("page")
    page = document[number - 1]
    wide, high = page.get_size()
    if min(wide, high) <= 0:
        raise SystemExit("damaged")
    scale = min(width / wide, width * TALLEST / high)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    return pages, _png(picture)


def draw_image(data: bytes, name: str, width: int) -> tuple[int, bytes]:
    """Return 1 and the image as a PNG, upright, no wider than `width`."""
    with Image.open(io.BytesIO(data), formats=[name]) as image:
        if image.width * image.height > PIXELS_MAX:
            raise SystemExit("damaged")
        image.load()
        picture: Image.Image = ImageOps.exif_transpose(image)
    picture.thumbnail((width, width * TALLEST))
    if picture.mode not in {"L", "RGB"}:
        clear = picture.convert("RGBA")
        picture = Image.new("RGB", clear.size, WHITE)
        picture.paste(clear, mask=clear.getchannel("A"))
    return 1, _png(picture)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def main(kind: str, number: int, width: int) -> None:
    """Draw what standard input holds."""
    limit()
    data = sys.stdin.buffer.read()
    if kind == "application/pdf":
        pages, picture = draw_pdf(data, number, width)
    else:
        pages, picture = draw_image(data, "PNG" if kind == "image/png" else "JPEG", width)
    sys.stdout.buffer.write(picture)
    sys.stdout.buffer.flush()
    sys.stderr.write(str(pages))


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except MemoryError:
        raise SystemExit("too_much") from None
    except Exception:  # noqa: BLE001 (whatever a broken file makes a decoder raise, it is broken)
        raise SystemExit("damaged") from None
