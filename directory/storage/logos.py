"""A logo in the forms in which pages show it."""

import io
from enum import StrEnum

from PIL import Image, ImageOps

from directory.storage.checks import FileType, open_image


class Shape(StrEnum):
    """The forms: beside a name in lists, and across a page."""

    SQUARE = "square"
    WIDE = "wide"


class Crop(StrEnum):
    """How a logo is brought into a form: shown whole with an even margin, or filling it so that its edges are cut."""

    WHOLE = "whole"
    CENTRE = "centre"


SIZES = {Shape.SQUARE: (256, 256), Shape.WIDE: (480, 160)}
"""in pixels"""


def picture(data: bytes, kind: FileType, *, shape: Shape, crop: Crop) -> bytes:
    """Return a PNG of a logo in a form; what it does not fill is transparent. Raises Refused for a damaged one."""
    image, size = open_image(data, kind).convert("RGBA"), SIZES[shape]
    if crop is Crop.CENTRE:
        fitted = ImageOps.fit(image, size)
    else:
        fitted = Image.new("RGBA", size, (0, 0, 0, 0))
        whole = ImageOps.contain(image, size)
        fitted.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    out = io.BytesIO()
    fitted.save(out, "PNG")
    return out.getvalue()
