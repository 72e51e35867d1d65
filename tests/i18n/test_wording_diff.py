"""What differs between two texts, word by word."""

import pytest

from directory.i18n.wording_diff import Kind, Line, changed_lines, compare_texts, compare_values, in_one, words_of


def _marked(line: Line) -> str:
    signs = {Kind.SAME: "{}", Kind.REMOVED: "[-{}-]", Kind.ADDED: "[+{}+]"}
    return "".join(signs[piece.kind].format(piece.text) for piece in line)


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("We help firms.", "We help small firms.", "We help firms.", "We help [+small +]firms."),
        ("one two three", "one 2 three", "one [-two-] three", "one [+2+] three"),
        ("a long red house", "a small blue house", "a [-long red-] house", "a [+small blue+] house"),
        ("", "new", "", "[+new+]"),
        ("第一段文字", "第二段文字", "第[-一-]段文字", "第[+二+]段文字"),
        ("สวัสดีครับ", "สวัสดีค่ะ", "สวัสดี[-ครับ-]", "สวัสดี[+ค่ะ+]"),
        ("회원 가입", "회사 가입", "회[-원-] 가입", "회[+사+] 가입"),
        ("naïve idea", "naive idea", "[-naïve-] idea", "[+naive+] idea"),
        ("line one\nline two", "line one\nline 2", "line one\nline [-two-]", "line one\nline [+2+]"),
        ("Same.", "Same.", "Same.", "Same."),
    ],
)
def test_only_changed_words_are_marked(old: str, new: str, before: str, after: str) -> None:
    sides = compare_texts(old, new)

    assert [_marked(side) for side in sides] == [before, after]
    assert ["".join(piece.text for piece in side) for side in sides] == [old, new]


def test_a_mark_stays_with_its_letter() -> None:
    assert words_of("e\u0301te\u0301 ครับ") == ["e\u0301te\u0301", " ", "ค", "รั", "บ"]


def test_values_that_stayed_are_whole_and_those_that_are_alike_are_compared() -> None:
    sides = compare_values(
        ("Fintech", "Old Trade Chamber (English)", "Logistics"), ("Fintech", "Health", "New Trade Chamber (English)")
    )

    assert [_marked(line) for line in sides.old] == ["Fintech", "[-Old-] Trade Chamber (English)", "[-Logistics-]"]
    assert [_marked(line) for line in sides.new] == ["Fintech", "[+Health+]", "[+New+] Trade Chamber (English)"]


def test_a_single_value_is_always_compared() -> None:
    sides = compare_values(("Bremen",), ("Hamburg",))

    assert [[_marked(line) for line in side] for side in (sides.old, sides.new)] == [["[-Bremen-]"], ["[+Hamburg+]"]]
    assert compare_values((), ("x",)).old == ()


@pytest.mark.parametrize("text", ["a " * 4000, "字" * 8000, "ab " * 2000 + "ba " * 2000])
def test_wicked_texts_are_cut_and_lose_nothing(text: str) -> None:
    sides = compare_texts(text, text[::-1] + "!")

    assert ["".join(piece.text for piece in side) for side in sides] == [text, text[::-1] + "!"]


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
def test_both_texts_in_one(old: str, new: str, shown: str) -> None:
    marks = {Kind.SAME: "{}", Kind.REMOVED: "[-{}]", Kind.ADDED: "[+{}]"}

    assert "".join(marks[piece.kind].format(piece.text) for piece in in_one(old, new)) == shown


def test_of_long_texts_the_lines_that_differ() -> None:
    assert changed_lines("One\nTwo\nThree", "One\n2\nThree\nFour") == ("Two", "2\nFour")
