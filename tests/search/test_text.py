"""What is found by what, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search.text import PAIRS, terms
from directory.search.words import WORDS_MAX, Word, query_words


def meets(text: str, query: str) -> bool:
    """Say whether a document with this text has all that the query asks for: the rule the index applies."""
    tokens, pairs = terms(text)

    def has(word: Word) -> bool:
        forms = (*word.forms, *word.alike)
        if any(tokens.issuperset(form.tokens) and pairs.issuperset(form.pairs) for form in forms):
            return True
        return word.prefix and any(known.startswith(form.tokens[0]) for known in tokens for form in forms)

    return all(has(word) for word in query_words(query) if not word.weak)


BOTH_WAYS = [
    ("München", "Muenchen"),
    ("München", "munchen"),
    ("Muenchen", "munchen"),
    ("MÜNCHEN", "mu\u0308nchen"),
    ("Außenwirtschaft", "aussenwirtschaft"),
    ("AUẞENWIRTSCHAFT", "Außenwirtschaft"),
    ("strasse", "Straße"),
    ("privredna", "Привредна"),
    ("komora Srbije", "Комора Србије"),
    ("Đorđević", "Ђорђевић"),
    ("Đorđević", "Djordjevic"),
    ("ljubav", "љубав"),
    ("Njegoš", "Његош"),
    ("Džep", "Џеп"),
    ("čćšž", "ccsz"),
    ("Ł\u00f3dź", "lodz"),
    ("Málaga", "malaga"),
    ("İstanbul", "istanbul"),
    ("الغُرْفَة", "الغرفة"),
    ("غرفة", "الغرفة"),
    ("الغـــرفة", "غرفه"),
    ("أعمال", "اعمال"),
    ("إدارة", "اداره"),
    ("مستشفى", "مستشفي"),
    ("ＡＢＣ", "abc"),
    ("ﾃﾞｰﾀ", "データ"),
    ("２０２６", "2026"),
    ("٢٠٢٦", "2026"),
    ("d.o.o.", "doo"),
    ("S.A.", "sa"),
    ("москва", "Москва"),
    ("공작\u200b소", "공작소"),
    ("數據", "数据"),
    ("臺灣", "台湾"),
    ("頭髮與發展", "头发与发展"),
    ("株式會社", "株式会社"),
]


@pytest.mark.parametrize(("one", "other"), [*BOTH_WAYS, *((b, a) for a, b in BOTH_WAYS)])
def test_text_is_found_by_its_other_spelling(one: str, other: str) -> None:
    assert meets(f"x {one} y", other)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("上海市数据合规服务中心", "数据"),
        ("上海市数据合规服务中心", "合规"),
        ("上海市数据合规服务中心", "数据合规服务"),
        ("伦敦发展促进署", "伦敦"),
        ("伦敦发展促进署", "敦"),
        ("国際データ協会", "データ"),
        ("한국무역협회", "무역"),
        ("Lingang临港集团", "临港"),
        ("Müller GmbH", "Müller AG"),
        ("Kovačević", "Kovacevic d.o.o."),
        ("上海某某", "上海某某有限公司"),
        ("株式会社トヨタ", "トヨタ株式会社"),
        ("Chamber of Commerce", "comm"),
        ("Chamber of Commerce", "commerce chamber"),
        ("GmbH", "GmbH"),
        ("Chamber of Commerce", '"chamber of" commerce'),
        ("Handelskammer München", "„Handelskammer Muenchen“"),
        ("国际数据合规中心", "「數據合規」"),
        ("GmbH & Co.", '"gmbh"'),
        ("上海某某有限責任公司", "某某有限责任公司"),
        ("Chamber", 'chamber "'),
    ],
)
def test_text_is_found_by_part_of_it(text: str, query: str) -> None:
    assert meets(text, query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("数学 根据", "数据"),
        ("数据合约 合法规", "数据合规"),
        ("京北", "北京"),
        ("合规数据", "数据合规"),
        ("Chamber of Commerce", "chamber trade"),
        ("Chamber", "cha mber"),
        ("Commerce", "co"),
        ("Commerce of all", "comm all"),
        ("Munich", "München"),
        ("Müller", "GmbH"),
        ("Chamber of Commerce", '"chamber commerce"'),
        ("Commerce Chamber", '"chamber commerce"'),
        ("Chambers", '"chamber"'),
        ("Müller", '"Müller GmbH"'),
    ],
)
def test_text_is_not_found_by_what_it_does_not_say(text: str, query: str) -> None:
    assert not meets(text, query)


def test_query_without_letters_asks_for_nothing() -> None:
    assert [query_words(text) for text in ("", "  ", "!?…", "。、", "\u200f", "🙂", "\x00", "_")] == [()] * 8


def test_query_keeps_to_its_bounds() -> None:
    assert len(query_words("a1 b2 c3 d4 " * 1000)) <= WORDS_MAX
    assert max(len(form.tokens[0]) for word in query_words("x" * 10_000) for form in word.forms) < 100


any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@given(any_text)
def test_any_text_is_taken(text: str) -> None:
    for token in terms(text).tokens:
        assert token.encode()
    for word in query_words(text):
        assert word.forms
        assert all(token and token.encode() for form in word.forms for token in form.tokens)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_found_by_itself(text: str) -> None:
    assert meets(text, text)


@pytest.mark.parametrize(
    "text", ["market entry in Serbia", "Müller Straße in München", "数据合规服务", "привредна комора Србије"]
)
def test_numbers_of_neighbours_stay_below_their_bound(text: str) -> None:
    numbers = terms(" ".join(f"{text} {word}" for word in map(str, range(2000)))).pairs

    assert len(numbers) > 1000 or "数" in text
    assert 0 <= min(numbers) <= max(numbers) < PAIRS
