"""Reading a question from an address and writing it back."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.members.facets import TEXT_MAX, Facets, Sort, Unknown, parse_facets
from directory.search.engine import FACETS


def test_plain_address_asks_for_everything_by_name() -> None:
    facets = parse_facets({})

    assert facets == Facets(sort=Sort.NAME, page=1)
    assert (facets.is_plain, facets.suffix, facets.unknown) == (True, "", ())


def test_all_parameters_are_read() -> None:
    facets = parse_facets(
        {
            "q": ["  trade \n papers "],
            "kind": ["institution"],
            "type": ["chamber"],
            "country": ["rs", "NONE", "RS", ""],
            "serves": ["DE"],
            "category": ["trade-documents"],
            "sector": ["fintech"],
            "language": ["sr-Latn"],
            "zone": ["lingang", "pudong"],
            "sort": ["newest"],
            "page": ["3"],
        }
    )

    assert facets.chosen == {
        "kind": ("institution",),
        "type": ("chamber",),
        "country": ("RS", "none"),
        "serves": ("DE",),
        "category": ("trade-documents",),
        "sector": ("fintech",),
        "language": ("sr-Latn",),
        "zone": ("lingang", "pudong"),
    }
    assert (facets.q, facets.sort, facets.page, facets.unknown) == ("trade papers", Sort.NEWEST, 3, ())
    assert facets.suffix == (
        "?q=trade+papers&kind=institution&type=chamber&country=RS&country=none&serves=DE&category=trade-documents"
        "&sector=fintech&language=sr-Latn&zone=lingang&zone=pudong&sort=newest&page=3"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, "xyzzy-1") for name in FACETS if name not in {"country", "serves"}]
    + [("country", "XX"), ("country", "EU"), ("serves", "NONE"), ("zone", "<script>"), ("language", "zz")],
)
def test_unknown_value_is_told_and_stays_chosen(name: str, value: str) -> None:
    facets = parse_facets({name: [value]})

    assert facets.unknown == (Unknown(name, value),)
    assert facets.values(name) == (value,)


def test_unknown_order_is_told_and_not_taken() -> None:
    facets = parse_facets({"q": ["x"], "sort": ["price"]})

    assert (facets.sort, facets.unknown) == (Sort.RELEVANCE, (Unknown("sort", "price"),))


@pytest.mark.parametrize("page", ["0", "-1", "abc", "1e3", "1000000000", "٣", " 2", "2 ", "+2", "0x2"])
def test_malformed_page_is_none(page: str) -> None:
    assert parse_facets({"page": [page]}).page is None


@pytest.mark.parametrize(("page", "number"), [("", 1), ("1", 1), ("007", 7), ("1000000", 1_000_000)])
def test_page_number_is_read(page: str, number: int) -> None:
    assert parse_facets({"page": [page]}).page == number


def test_text_is_cleaned_and_cut() -> None:
    assert parse_facets({"q": ["\x00\u202e a\ud800b\ufeff"]}).q == "ab"
    assert len(parse_facets({"q": ["x" * 1_000_000]}).q) == TEXT_MAX


def test_changes_begin_on_the_first_page() -> None:
    facets = parse_facets({"q": ["x"], "country": ["RS", "DE"], "page": ["4"]})

    assert facets.with_value("country", "CN").suffix == "?q=x&country=RS&country=DE&country=CN"
    assert facets.without_facet("country").suffix == "?q=x"
    assert facets.without_value("country", "RS").suffix == "?q=x&country=DE"
    assert facets.sort_suffix()(Sort.NAME) == "?q=x&country=RS&country=DE&sort=name"
    assert facets.sort_suffix()(Sort.RELEVANCE) == "?q=x&country=RS&country=DE"
    assert facets.page_suffix()(5) == facets.with_page(5).suffix
    assert facets.page_suffix()(1) == facets.with_page(1).suffix
    assert facets.without_text().suffix == "?country=RS&country=DE"
    assert facets.cleared().suffix == ""
    assert facets.with_page(5).suffix == "?q=x&country=RS&country=DE&page=5"


def test_order_by_relevance_needs_words() -> None:
    assert parse_facets({"sort": ["relevance"]}).sort is Sort.NAME
    assert parse_facets({"q": ["x"]}).sort is Sort.RELEVANCE


_ANY: st.SearchStrategy[Mapping[str, Sequence[str]]] = st.dictionaries(
    st.sampled_from([*FACETS, "q", "sort", "page"]), st.lists(st.text(alphabet=st.characters(), max_size=20), max_size=4)
)


@given(_ANY)
def test_whatever_comes_is_read_and_says_the_same_again(parameters: dict[str, Any]) -> None:
    facets = parse_facets(parameters)

    again = parse_facets(parse_qs(facets.suffix.removeprefix("?")))

    assert again == (facets if facets.page is not None else facets.with_page(1))
