"""What differs between two texts."""

import pytest

from directory.review.word_diff import pieces


def _shown(old: str, new: str) -> str:
    marks = {(False, False): "{}", (True, False): "[-{}]", (False, True): "[+{}]"}
    return "".join(marks[piece.is_old, piece.is_new].format(piece.text) for piece in pieces(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "", ""),
        ("Good day.", "Good day.", "Good day."),
        ("Good day.", "Good evening.", "Good [-day][+evening]."),
        ("See {status_url}.", "See {profile_url}.", "See [-{status_url}][+{profile_url}]."),
        ("我们已收到申请。", "我们已收到您的申请。", "我们已收到[+您的]申请。"),
        ("One.\n\nTwo.", "One.\n\nThree.\n\nTwo.", "One[+.\n\nThree].\n\nTwo."),
        ("Молимо", "", "[-Молимо]"),
    ],
)
def test_pieces(old: str, new: str, shown: str) -> None:
    assert _shown(old, new) == shown
