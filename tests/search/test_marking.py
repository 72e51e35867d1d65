"""What was looked for is marked where it stands, in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search.marking import LENGTH, Marker


def marked(query: str, text: str, **changes: bool) -> str:
    """Write a marked text with brackets."""
    found = Marker(query, **changes).mark(text)
    return "".join(f"[{part}]" if is_match else part for part, is_match in found.parts) if found else ""


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("chamber", "The [Chamber] of Commerce"),
        ("comm", "The Chamber of [Commerce]"),
        ("comm of", "The Chamber [of] Commerce"),
        ("Muenchen", "Kammer für [München] und Oberbayern"),
        ("munchen", "Kammer für [München]"),
        ("privredna komora", "[Привредна] [комора] Србије"),
        ("Комора", "Privredna [komora] Srbije"),
        ("数据", "上海市[数据]合规中心"),
        ("数据合规", "上海市[數據合規]服务与数据"),
        ("データ", "国際[データ]協会"),
        ("무역", "한국[무역]협회"),
        ("الغرفة", "[غُرْفَة] دبي"),
        ("straße", "[Strasse] 5"),
        ('"market entry"', "[market] [entry]"),
        ("临港", "Lingang[临港]集团"),
        ("lingang", "[Lingang]临港集团"),
    ],
)
def test_words_are_marked(query: str, text: str) -> None:
    assert marked(query, text.replace("[", "").replace("]", "")) == text


@pytest.mark.parametrize(
    ("query", "text"), [("chamber", "Chambre"), ("数据", "数学"), ("a", "bcd"), ("", "text"), ("cha", "mocha")]
)
def test_other_words_are_not(query: str, text: str) -> None:
    assert marked(query, text) == ""


def test_near_words_are_marked_where_a_mistake_was_looked_past() -> None:
    assert marked("shangahi", "Shanghai Chamber", near=True) == "[Shanghai] Chamber"
    assert marked("shangahi", "Shanghai Chamber") == ""


def test_piece_is_that_with_the_most_words() -> None:
    text = "market " + "filler words " * 40 + "about market entry in Serbia " + "more words " * 40

    piece = Marker("market entry serbia").piece(text)

    assert piece is not None
    assert piece.words == 3
    assert [part for part, is_match in piece.parts if is_match] == ["market", "entry", "Serbia"]
    assert (piece.parts[0][0], piece.parts[-1][0]) == ("… ", " …")
    assert sum(len(part) for part, _ in piece.parts) <= LENGTH + 4


any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=80)


@given(any_text, any_text, st.booleans())
def test_marking_changes_no_text(query: str, text: str, near: bool) -> None:
    found = Marker(query, near=near).mark(text)

    assert found is None or "".join(part for part, _ in found.parts) == text


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=400), st.data())
def test_any_piece_is_taken(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))

    piece = Marker(text[start : start + 30]).piece(text)

    assert piece is None or any(is_match for _, is_match in piece.parts)
