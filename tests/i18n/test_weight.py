"""How much a text says."""

import pytest

from directory.i18n.weight import text_weight


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("Paid.", 5),
        ("  a b ", 3),
        ("会费未缴，已催。", 22),
        ("很遗憾，我们无法核实贵会的登记信息。", 52),
        ("", 0),
        ("Плаћено", 7),
    ],
)
def test_an_ideograph_says_more_than_a_letter(text: str, weight: int) -> None:
    assert text_weight(text) == weight
