"""What an engine answers: order, pages, counts, and anything that can be typed."""

import random
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.search.embedded import EmbeddedEngine
from directory.search.engine import FACETS, Answer, Document, Request, facet_values
from tests.search.library import Library, document, find


def ask(engine: EmbeddedEngine, **changes: object) -> Answer:
    return engine.search(Request(**({"kind": "member", "locale": "en"} | changes)))  # type: ignore[arg-type]


def test_names_weigh_over_offerings_over_prose_over_labels(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, "A", labels=("Logistics",)),
        document(2, "B", prose=(("en", "all about logistics " * 9),)),
        document(3, "C", related=(("en", "Help with logistics"),)),
        document(4, "D Logistics of many other words in one name"),
        document(5, "E"),
    )
    engine.follow()

    assert find(engine, "logistics") == [4, 3, 2, 1]


def test_exact_words_come_before_beginnings(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Alpha trading"), document(2, "Beta trade"), document(3, "Gamma", prose=(("en", "trade"),)))
    engine.follow()

    assert find(engine, "trade") == [2, 3]
    assert find(engine, "trad") == [1, 2, 3]


def test_equal_matches_stand_in_the_order_of_names(engine: EmbeddedEngine, library: Library) -> None:
    numbers = list(range(1, 61))
    random.Random(1).shuffle(numbers)
    library.put(*(document(n, f"Trade house {name:02d}") for n, name in enumerate(numbers, 1)))
    engine.follow()
    wanted = [numbers.index(name) + 1 for name in range(1, 61)]

    pages = [ask(engine, text="trade house", sort="relevance", page=page, per_page=7).ids for page in range(1, 11)]

    assert [i for page in pages for i in page] == wanted


def test_all_words_are_needed_but_weak_ones(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Müller GmbH"), document(2, "Müller Söhne"), document(3, "Meier GmbH"))
    engine.follow()

    assert find(engine, "Mueller GmbH") == [1, 2]
    assert find(engine, "Müller Sohne") == [2]
    assert find(engine, "gmbh") == [3, 1]


def test_long_chinese_run_must_stand_together(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "上海数据合规中心"), document(2, "数据中心 据合 合规"))
    engine.follow()

    assert find(engine, "数据合规") == [1]
    assert sorted(find(engine, "数据")) == [1, 2]
    assert sorted(find(engine, "规")) == [1, 2]


def test_one_typing_mistake_is_looked_past_only_where_nothing_was_found(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Shanghai"), document(2, "Shanghay"))
    engine.follow()

    assert find(engine, "shanghai") == [1]
    assert find(engine, "shangahi") == [1]
    assert find(engine, "shan9") == [1, 2]
    assert find(engine, "shanghai", facets={"kind": ("enterprise",)}) == []


def test_orders_are_those_of_name_and_of_time(engine: EmbeddedEngine, library: Library) -> None:
    library.put(
        document(1, order={"en": b"b", "de": b"z"}, newest="2026-05-06"),
        document(2, order={"en": b"a"}, newest=""),
        document(3, order={"en": b"c", "de": b"b"}, newest="2026-11-01"),
        document(4, order={"en": b"a"}, newest="2026-05-06"),
    )
    engine.follow()

    assert find(engine, sort="name") == [2, 4, 1, 3]
    assert find(engine, sort="relevance") == [2, 4, 1, 3]
    assert find(engine, sort="name", locale="de") == [2, 4, 3, 1]
    assert find(engine, sort="name", locale="xx") == [2, 4, 1, 3]
    assert find(engine, sort="newest") == [3, 4, 1, 2]


def test_pages_have_an_end(engine: EmbeddedEngine, library: Library) -> None:
    library.put(*(document(n) for n in range(1, 24)))
    engine.follow()

    answers = {page: ask(engine, page=page) for page in (-1, 0, 1, 2, 3, 10**9, 10**30)}

    assert {page: len(a.ids) for page, a in answers.items()} == {-1: 0, 0: 0, 1: 20, 2: 3, 3: 0, 10**9: 0, 10**30: 0}
    assert {a.total for a in answers.values()} == {23}


def test_kinds_are_kept_apart(engine: EmbeddedEngine, library: Library) -> None:
    offering = Document(7, 1, "offering", "one--7", (("en", "One"),), (("en", "Certificates"),))
    library.put(document(1, "One", related=offering.related), offering)
    engine.follow()

    assert (find(engine, "certificates"), find(engine, "certificates", kind="offering")) == ([1], [7])


VALUES = {
    "country": ["RS", "CN", "DE"],
    "category": ["a", "b", "c", "d"],
    "language": ["en", "zh-Hans", "sr-Latn"],
    "zone": ["x"],
}


TEXTS = [
    "North",
    "數據合規服務",
    "数据与合规",
    "Market entry desk",
    "Entry to the market",
    "Привредна комора",
    "Markteintritt für München",
]
QUESTIONS = {
    "": TEXTS,
    "north": ["North"],
    "数据": ["數據合規服務", "数据与合规"],
    "數據": ["數據合規服務", "数据与合规"],
    "数据合规": ["數據合規服務"],
    "market entry": ["Market entry desk", "Entry to the market"],
    '"market entry"': ["Market entry desk"],
    "„market entry“": ["Market entry desk"],
    "entr": ["Market entry desk", "Entry to the market"],
    "privredna": ["Привредна комора"],
    "Muenchen": ["Markteintritt für München"],
}
"""{what is asked: the texts that have all of it}"""


def _random_documents(seed: int) -> list[Document]:
    chance = random.Random(seed)
    return [
        document(
            n,
            chance.choice(TEXTS) + f" · {n}",
            facets={
                name: tuple(chance.sample(values, chance.randint(0, min(3, len(values))))) for name, values in VALUES.items()
            },
        )
        for n in range(1, 121)
    ]


def _expected_counts(documents: list[Document], chosen: dict[str, tuple[str, ...]]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {name: dict.fromkeys(chosen.get(name, ()), 0) for name in FACETS}
    for one, name in product(documents, FACETS):
        if all(set(values) & set(facet_values(one, other)) for other, values in chosen.items() if other != name):
            for value in facet_values(one, name):
                counts[name][value] = counts[name].get(value, 0) + 1
    return counts


def test_counts_are_those_of_counting_by_hand(engine: EmbeddedEngine, library: Library) -> None:
    documents = _random_documents(3)
    library.put(*documents)
    engine.follow()
    chance = random.Random(4)

    for _ in range(200):
        chosen: dict[str, tuple[str, ...]] = {}
        for name in chance.sample([*VALUES, "sector"], chance.randint(0, 4)):
            possible = [*VALUES.get(name, []), "none", "unheard-of"]
            chosen[name] = tuple(chance.sample(possible, chance.randint(1, min(3, len(possible)))))
        text = chance.choice(list(QUESTIONS))
        fitting = [d for d in documents if d.names[0][1].partition(" · ")[0] in QUESTIONS[text]]

        answer = ask(engine, text=text, facets=chosen, per_page=1000)

        assert answer.counts == _expected_counts(fitting, chosen)
        assert set(answer.ids) == {
            d.id for d in fitting if all(set(values) & set(facet_values(d, name)) for name, values in chosen.items())
        }
        assert answer.total == len(answer.ids)


@pytest.fixture
def few(engine: EmbeddedEngine, library: Library) -> EmbeddedEngine:
    library.put(document(1, "数据 München"), document(2, "Привредна комора"))
    engine.follow()
    return engine


any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_text, any_text, any_text, any_text)
def test_anything_may_be_asked(few: EmbeddedEngine, text: str, facet: str, value: str, locale: str) -> None:
    answer = ask(few, text=text, locale=locale, sort="relevance", facets={"country": (value,), facet: (value,)})

    assert answer.total <= 2
    assert ask(few, text="*+-(\"'\\:^~" + text).total <= 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_text, any_text)
def test_anything_may_be_said(engine: EmbeddedEngine, library: Library, text: str, value: str) -> None:
    library.put(
        document(
            1,
            "One",
            prose=(("en", text),),
            labels=(text,),
            facets={"zone": (value,)},
            order={"en": text.encode("utf-8", "replace")},
            newest=text,
        )
    )

    engine.follow()

    assert find(engine, "one") == [1]
    assert find(engine, sort="newest") == [1]


def test_word_as_typed_comes_before_one_that_may_be_meant(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "Munchen"), document(2, "Muenchen"), document(3, "München"))
    engine.follow()

    assert find(engine, "muenchen") == [2, 3, 1]
