"""How much a text says, in whatever script."""

import unicodedata

WIDE = 3
"""letters of an alphabet that one ideograph, kana or syllable of hangul stands for, about"""


def text_weight(text: str) -> int:
    """Count a text in letters: a wide sign says as much as WIDE of them. White space at its ends says nothing."""
    return sum(WIDE if unicodedata.east_asian_width(char) == "W" else 1 for char in text.strip())
