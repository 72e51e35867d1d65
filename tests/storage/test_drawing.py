"""Pictures of documents, and files that nobody should have to open."""

import io

import pytest
from cachetools import TTLCache
from PIL import Image

from directory.storage import FileType, NotDrawn, WhyNot, draw, drawing
from tests.uploads import endless_pdf, huge_png, paged_pdf, pdf, picture


def _image(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png), formats=["PNG"])
    image.load()
    return image


def test_pages_of_a_pdf_are_drawn() -> None:
    found = draw(paged_pdf(3), FileType.PDF, page=2, width=100)

    image = _image(found.png)
    assert (found.pages, image.size) == (3, (100, 150))
    assert [image.convert("RGB").getpixel(at) for at in ((20, 75), (80, 75))] == [(0, 0, 255), (255, 255, 255)]


@pytest.mark.parametrize(("kind", "type_"), [("PNG", FileType.PNG), ("JPEG", FileType.JPEG)])
def test_an_image_is_one_page_and_not_made_larger(kind: str, type_: FileType) -> None:
    small, large = (draw(picture(kind, size), type_, page=1, width=100) for size in ((60, 40), (400, 200)))

    assert (small.pages, _image(small.png).size, _image(large.png).size) == (1, (60, 40), (100, 50))


def test_what_is_clear_is_drawn_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")

    found = _image(draw(out.getvalue(), FileType.PNG, page=1, width=10).png)

    assert (found.mode, found.getpixel((5, 5))) == ("RGB", (255, 255, 255))


@pytest.mark.parametrize("box", ["0 0 10 14400", "0 0 14400 10", "0 0 1000000 1000000"])
def test_a_page_of_any_shape_stays_small(box: str) -> None:
    image = _image(draw(paged_pdf(box=box), FileType.PDF, page=1, width=200).png)

    assert image.width <= 200
    assert image.height <= 800


@pytest.mark.parametrize(
    ("data", "kind", "why"),
    [
        (b"%PDF-1.4\nnothing of the kind", FileType.PDF, WhyNot.DAMAGED),
        (paged_pdf()[:200], FileType.PDF, WhyNot.DAMAGED),
        (b"", FileType.PDF, WhyNot.DAMAGED),
        (pdf(), FileType.PDF, WhyNot.DAMAGED),
        (paged_pdf(0), FileType.PDF, WhyNot.DAMAGED),
        (paged_pdf(locked=True), FileType.PDF, WhyNot.LOCKED),
        (picture("PNG")[:60], FileType.PNG, WhyNot.DAMAGED),
        (huge_png(), FileType.PNG, WhyNot.DAMAGED),
        (picture("JPEG"), FileType.PNG, WhyNot.DAMAGED),
    ],
)
def test_what_cannot_be_drawn_says_why(data: bytes, kind: FileType, why: WhyNot) -> None:
    with pytest.raises(NotDrawn) as refused:
        draw(data, kind, page=1, width=100)

    assert refused.value.why is why


@pytest.mark.parametrize("page", [0, -1, 3, 21])
def test_a_page_that_is_not_there(page: int) -> None:
    with pytest.raises(NotDrawn) as refused:
        draw(paged_pdf(2), FileType.PDF, page=page, width=100)

    assert refused.value.why is WhyNot.PAGE


@pytest.mark.parametrize("seconds", [0.7, 60.0])
def test_an_endless_page_is_given_up(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """By the clock, or where that leaves it the time, by its hunger for memory."""
    monkeypatch.setattr(drawing, "SECONDS", seconds)
    monkeypatch.setattr(drawing, "_too_much", TTLCache(maxsize=10, ttl=600))

    with pytest.raises(NotDrawn) as refused:
        draw(endless_pdf(), FileType.PDF, page=1, width=100)

    assert refused.value.why is WhyNot.TOO_MUCH


def test_a_page_that_asked_too_much_is_not_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_too_much", TTLCache(maxsize=10, ttl=600))
    monkeypatch.setattr(drawing, "SECONDS", 0.01)
    tried, other = paged_pdf(2), paged_pdf(1)
    with pytest.raises(NotDrawn):
        draw(tried, FileType.PDF, page=1, width=100)
    monkeypatch.setattr(drawing, "SECONDS", 60.0)

    with pytest.raises(NotDrawn) as refused:
        draw(tried, FileType.PDF, page=1, width=100)

    assert refused.value.why is WhyNot.TOO_MUCH
    assert draw(tried, FileType.PDF, page=2, width=100).pages == 2
    assert draw(other, FileType.PDF, page=1, width=100).pages == 1
    monkeypatch.setattr(drawing, "_too_much", TTLCache(maxsize=10, ttl=0))
    assert draw(tried, FileType.PDF, page=1, width=100).pages == 2


def test_too_many_at_once_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "WAIT_SECONDS", 0.05)
    held = [drawing._turns.acquire() for _ in range(drawing.AT_ONCE)]

    with pytest.raises(NotDrawn) as refused:
        draw(paged_pdf(), FileType.PDF, page=1, width=100)

    for _ in held:
        drawing._turns.release()
    assert refused.value.why is WhyNot.BUSY
    assert draw(paged_pdf(), FileType.PDF, page=1, width=100).pages == 1
