"""What is kept of what people send, and what is not."""

import io
import random
import struct

import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from directory.storage import BYTES_MAX, Crop, FileType, Flaw, Refused, Shape, inspect
from directory.storage import picture as framed
from tests.uploads import MEGABYTE, archive, huge_png, pdf, picture

SCRIPT = b"<script>alert(document.cookie)</script>"
GIF = b"GIF89a/*\x01\x00\x01\x00*/=1;alert(1)//" + b"\0" * 40


def _flaw(data: bytes) -> Flaw | None:
    try:
        inspect(data)
    except Refused as refused:
        return refused.flaw
    return None


def _image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "kind"), [(pdf(), FileType.PDF), (picture("JPEG"), FileType.JPEG), (picture("PNG"), FileType.PNG)]
)
def test_type_is_told_by_content(data: bytes, kind: FileType) -> None:
    assert inspect(data).type is kind


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", Flaw.EMPTY),
        (b"MZ\x90\x00" + b"\0" * 200, Flaw.TYPE),
        (b"<!doctype html><title>x</title>" + SCRIPT, Flaw.TYPE),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', Flaw.TYPE),
        (b"just words", Flaw.TYPE),
        (GIF, Flaw.TYPE),
        (picture("GIF"), Flaw.TYPE),
        (picture("WEBP"), Flaw.TYPE),
        (archive(), Flaw.TYPE),
        (archive(bomb=200 * MEGABYTE), Flaw.TYPE),
        (archive() + pdf(), Flaw.TYPE),
        (b"<html>" + SCRIPT + pdf(), Flaw.TYPE),
        (pdf() + archive(), Flaw.TWOFOLD),
        (pdf() + SCRIPT, Flaw.TWOFOLD),
        (pdf()[:-20], Flaw.DAMAGED),
        (b"%PDF-1.7\n" + b"x" * 100, Flaw.DAMAGED),
        (huge_png(), Flaw.PIXELS),
        (huge_png(8000, 8000), Flaw.PIXELS),
        (huge_png(100, 100), Flaw.DAMAGED),
        (picture("PNG")[:90], Flaw.DAMAGED),
        (picture("JPEG", (400, 400))[:500], Flaw.DAMAGED),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, Flaw.DAMAGED),
    ],
    ids=lambda value: value.hex()[:12] if isinstance(value, bytes) else str(value),
)
def test_what_is_not_kept(data: bytes, flaw: Flaw) -> None:
    assert _flaw(data) in {flaw, Flaw.TYPE} if flaw is Flaw.DAMAGED else _flaw(data) is flaw


def test_a_zip_whose_comment_ends_like_a_pdf_is_an_archive_still() -> None:
    end = b"\nstartxref\n9\n%%EOF\n"
    packed = archive()
    with_comment = packed[:-2] + len(end).to_bytes(2, "little") + end

    assert _flaw(pdf() + with_comment) is Flaw.TWOFOLD


@pytest.mark.parametrize(("size", "flaw"), [(BYTES_MAX, None), (BYTES_MAX + 1, Flaw.TOO_LARGE), (11 * MEGABYTE, Flaw.TOO_LARGE)])
def test_ten_megabytes_are_the_most(size: int, flaw: Flaw | None) -> None:
    data = pdf(size)

    assert (len(data), _flaw(data)) == (size, flaw)


def test_a_pdf_is_kept_as_it_is() -> None:
    assert inspect(pdf(words=b"sealed")).data == pdf(words=b"sealed")


def test_nothing_but_pixels_stays_of_a_jpeg() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Camera of Ana", {1: "N", 2: (44.0, 48.0, 1.0)}
    data = picture("JPEG", exif=exif, comment=SCRIPT, icc_profile=b"profile of Ana") + SCRIPT + archive()

    kept = inspect(data).data

    assert _image(data).getexif()[0x010F] == "Camera of Ana"
    assert dict(_image(kept).getexif()) == {}
    assert not any(trace in kept for trace in (SCRIPT, b"Ana", b"Exif", b"PK\x03\x04"))
    assert _image(kept).size == (60, 40)


def test_nothing_but_pixels_stays_of_a_png() -> None:
    notes = PngInfo()
    notes.add_text("Author", "Ana")
    data = picture("PNG", pnginfo=notes) + SCRIPT + archive()

    kept = inspect(data).data

    assert not any(trace in kept for trace in (b"Ana", SCRIPT, b"PK\x03\x04"))
    assert kept.endswith(b"IEND\xaeB`\x82")


def test_a_picture_is_turned_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise

    kept = _image(inspect(picture("JPEG", exif=exif)).data).convert("RGB")

    assert kept.size == (40, 60)
    assert kept.getpixel((20, 5))[0] > 200  # the red half is on top
    assert kept.getpixel((20, 55))[2] > 200


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "P"), ("PNG", "RGBA"), ("PNG", "LA"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "1")]
)
def test_every_kind_of_colours_is_kept(kind: str, mode: str) -> None:
    data = io.BytesIO()
    Image.new(mode, (20, 10)).save(data, kind)

    assert _image(inspect(data.getvalue()).data).size == (20, 10)


@pytest.mark.parametrize(("shape", "size"), [(Shape.SQUARE, (256, 256)), (Shape.WIDE, (480, 160))])
def test_a_logo_fits_its_frames(shape: Shape, size: tuple[int, int]) -> None:
    data = picture("PNG", (300, 100))

    whole = _image(framed(data, FileType.PNG, shape=shape, crop=Crop.WHOLE))
    centre = _image(framed(data, FileType.PNG, shape=shape, crop=Crop.CENTRE))

    assert (whole.size, centre.size) == (size, size)
    assert whole.getpixel((0, 0))[3] == (0 if shape is Shape.SQUARE else 255)
    assert centre.getpixel((0, 0))[3] == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_picture_whose_cameras_notes_are_damaged_is_kept(kind: str) -> None:
    notes = (  # the tag at the place of the make is one whose values are fractions
        b"Exif\0\0MM\0*\0\0\0\x08\0\x03\x01T\0\x02\0\0\0\x07\0\0\x002\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x87i\0\x04\0\0\0\x01"
        b"\0\0\0:\0\0\0\0Camera\0\0\0\x01\x90\x03\0\x02\0\0\0\x05\0\0\0L\0\0\x002020\0\0"
    )
    with Image.open(io.BytesIO(picture(kind, exif=notes))) as damaged, pytest.raises(struct.error):
        damaged.load()
        ImageOps.exif_transpose(damaged)

    kept = Image.open(io.BytesIO(inspect(picture(kind, exif=notes)).data))

    assert (kept.size, dict(kept.getexif())) == ((60, 40), {})


def test_picture_with_a_palette_does_not_grow() -> None:
    noise = Image.frombytes("P", (700, 700), random.Random(3).randbytes(700 * 700))
    noise.putpalette(random.Random(4).randbytes(768))
    out = io.BytesIO()
    noise.save(out, "PNG")

    kept = inspect(out.getvalue()).data

    assert len(kept) < 1.1 * len(out.getvalue())
