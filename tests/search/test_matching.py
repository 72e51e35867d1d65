"""What comes first, what is looked past, and what is said about it."""

import pytest

from directory.search.embedded import EmbeddedEngine
from directory.search.engine import ALL_CHOICES, TEXT, Answer, Found, Request
from tests.search.library import Library, document, find


def ask(engine: EmbeddedEngine, text: str, **changes: object) -> Answer:
    values: dict[str, object] = {"kind": "member", "locale": "en", "sort": "relevance", "per_page": 100} | changes
    return engine.search(Request(text=text, **values))  # type: ignore[arg-type]


def test_the_visitors_language_comes_first_within_a_field(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "A", prose=(("en", "Logistik"),)),
        document(2, "B", prose=(("de", "Logistik"),)),
        document(3, "C", related=(("fr", "Logistik"),)),
        document(4, "D", prose=(("de-AT", "Logistik"),)),
    )
    engine.follow()

    assert find(engine, "logistik", locale="de") == [3, 2, 4, 1]
    assert find(engine, "logistik", locale="en") == [3, 1, 2, 4]


def test_field_then_language_then_the_word_itself(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "A", prose=(("en", "port"),)),
        document(2, "Ports of call"),
        document(3, "C", related=(("de", "port"),)),
        document(4, "D", related=(("en", "porter"),)),
        document(5, "E Port"),
    )
    engine.follow()

    assert find(engine, "port") == [5, 2, 4, 3, 1]


def test_several_words_match_as_well_as_the_weakest_of_them(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "A", prose=(("en", "german chamber"),)),
        document(2, "B Chamber", prose=(("en", "german"),)),
        document(3, "C German Chamber"),
        document(4, "D German"),
    )
    engine.follow()

    assert find(engine, "german chamber") == [3, 2, 1]


def test_company_forms_help_the_order(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Abel AG"), document(2, "Abel GmbH"), document(3, "Abel"))
    engine.follow()

    assert find(engine, "abel gmbh") == [2, 3, 1]
    assert find(engine, "abel") == [3, 1, 2]


def test_quoted_words_stand_together(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "A", prose=(("en", "help with market entry abroad"),)),
        document(2, "B", prose=(("en", "entry to the market"),)),
        document(3, "C market", prose=(("en", "entry"),)),
        document(4, "D", prose=(("zh-Hans", "国际数据合规"),)),
        document(5, "E", prose=(("zh-Hans", "数据与合规"),)),
    )
    engine.follow()

    assert find(engine, "market entry") == [3, 1, 2]
    assert find(engine, '"market entry"') == [1]
    assert find(engine, "“数据合规”") == [4]
    assert ask(engine, '"market entry" abroad').found is Found.ALL


@pytest.mark.parametrize("typed", ["shanghia", "shangai", "shanghaii", "xhanghai", "shanghay"])
def test_one_mistake_is_looked_past_and_said(engine: EmbeddedEngine, library: Library, typed: str) -> None:
    library.put(document(1, "Shanghai"), document(2, "Belgrade"))
    engine.follow()

    answer = ask(engine, typed)

    assert (answer.ids, answer.found) == ((1,), Found.NEAR)


def test_short_words_and_unspaced_ones_are_taken_as_typed(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Port"), document(2, "数据"))
    engine.follow()

    assert [find(engine, text) for text in ("pord", "数剧")] == [[], []]


def test_where_nothing_has_all_words_what_has_most_of_them_comes_and_it_is_said(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "Alpha", prose=(("en", "customs logistics"),)),
        document(2, "Beta", prose=(("en", "customs insurance"),)),
        document(3, "Gamma", prose=(("en", "customs"),)),
    )
    engine.follow()

    answer = ask(engine, "customs logistics insurance")
    exact = ask(engine, "customs logistics")
    none = ask(engine, "qqqqq zzzzz")

    assert (answer.ids, answer.total, answer.found) == ((1, 2), 2, Found.PARTIAL)
    assert (exact.ids, exact.found) == ((1,), Found.ALL)
    assert (none.ids, none.total) == ((), 0)


def test_labels_lead_to_whoever_has_the_value(library: Library, folder) -> None:
    texts = {("category", "entry"): ("Market entry", "Markteintritt", "市场准入"), ("country", "RS"): ("Serbia", "Srbija")}
    engine = library.engine(folder, labels=lambda facet, value: texts.get((facet, value), ()))
    library.put(
        document(1, "Alpha", facets={"category": ("entry",), "country": ("RS",)}),
        document(2, "Markteintritt Beta", facets={"country": ("CN",)}),
        document(3, "Gamma", facets={"serves": ("RS",)}),
    )
    engine.follow()

    assert find(engine, "Markteintritt") == [2, 1]
    assert find(engine, "markteintr") == [2, 1]
    assert find(engine, "市场准入") == [1]
    assert find(engine, "Србија markteintritt") == [1]
    assert find(engine, '"market entry"') == [1]
    assert find(engine, '"entry market"') == []
    assert find(engine, "marktenitritt") == [2, 1]
    engine.close()


def test_names_alone_may_be_looked_through(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Alpha", prose=(("en", "beta"),)), document(2, "Beta"))
    engine.follow()

    assert find(engine, "beta", names_only=True) == [2]


def test_an_empty_answer_says_which_choice_to_drop(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "Alpha", facets={"country": ("RS",), "zone": ("pudong",)}),
        document(2, "Alpha", facets={"country": ("CN",), "zone": ("lingang",)}),
        document(3, "Beta", facets={"country": ("CN",), "zone": ("lingang",)}),
    )
    engine.follow()

    answer = ask(engine, "beta", facets={"country": ("RS",), "zone": ("lingang",)})

    assert (answer.total, answer.without) == (0, {"country": 1})
    assert ask(engine, "alpha", facets={"country": ("RS",), "zone": ("lingang",)}).without == {"country": 1, "zone": 1}
    assert ask(engine, "zzz", facets={"country": ("CN",), "zone": ("lingang",)}).without == {TEXT: 2}
    assert ask(engine, "alpha").without == {}
    assert ask(engine, "beta", facets={"country": ("RS",), "zone": ("pudong", "none")}).without == {TEXT: 1}
    library.drop(1)
    engine.follow()
    assert ask(engine, "beta", facets={"country": ("RS",), "zone": ("pudong",)}).without == {ALL_CHOICES: 1}


def test_what_a_list_shows_comes_with_the_answer(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Beta", shown=b"one"), document(2, "Alpha", shown=b"two"))
    engine.follow()

    before = ask(engine, "", sort="name").shown
    library.put(document(1, "Beta", shown=b"other"))
    engine.follow()
    after = ask(engine, "", sort="name").shown

    assert [one.text for one in (*before, *after)] == [b"two", b"one", b"two", b"other"]
    assert (after[0] == before[0], len({one.digest for one in (*before, *after)})) == (True, 3)
