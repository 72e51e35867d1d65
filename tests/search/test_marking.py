"""What was looked for is marked where it stands, in any script."""

from collections import defaultdict

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
        ("munchen", "We sit in [Muenchen] since long"),
        ("munchen sit", "We [sit] in [Muenchen] since long"),
        ("pot", "[Poet] Society"),
        ("gothe trade", "“[Goethe]” and [trade]"),
        ("თბილისი", "სავაჭრო პალატა [თბილისი]"),
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


word = st.one_of(st.text(letters, max_size=6) for letters in ("abdemnosuzäöüßéñåøłþ03٣４", "abcdejnozčćšžđœ", "абвгдђежзиљњћџщю"))
some_words = st.lists(st.tuples(word, st.sampled_from(" .,–“”·")), max_size=12).map(lambda found: "".join(map("".join, found)))


@given(some_words, word)
def test_plain_letters_are_read_as_any_others(text: str, query: str) -> None:
    text = f"„{text} {query}“"
    quick = Marker(query).mark(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("directory.search.marking._PLAIN", defaultdict(lambda: "\0"))
        thorough = Marker(query).mark(text)

    assert quick == thorough


@given(st.lists(st.sampled_from(["市场", "market", "ulaz", "ušće", "filler words", "数据", ", "]), max_size=120), st.booleans())
def test_a_text_is_read_no_further_than_it_must(words: list[str], spaced: bool) -> None:
    text = (" " if spaced else "ž ").join(words)
    query = "market ušće 数据"
    most = sum(word in text for word in query.split())

    whole, short = Marker(query).piece(text), Marker(query).piece(text, most)

    assert whole is None or short is None or (short.words <= whole.words and most >= short.words)
    assert (whole is None) == (short is None)
    if whole and whole.words == most:
        assert short == whole
