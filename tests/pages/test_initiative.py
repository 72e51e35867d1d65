"""What is signed, and who signed when."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from directory.initiative.queries import get_initiative
from directory.members.entry import NewSource
from directory.pages import queries
from tests.factories import add_member
from tests.page import Visitor


def test_signatories_stand_in_order_of_signing_with_the_named_ones_first(session: Session, page: Visitor) -> None:
    add_member(session, names={"en": "Signed in July"}, joined_on=date(2026, 7, 1))
    add_member(session, names={"en": "Signed in June"}, joined_on=date(2026, 6, 1))
    for order, name in ((2, "Named second"), (1, "Named first")):
        source = NewSource("announcement", "https://news.example/")
        add_member(session, names={"en": name}, joined_on=None, named_on=date(2026, 5, 6), named_order=order, sources=(source,))

    found = page.get("/en/initiative")

    assert found.texts(".signatories li a") == ["Named first", "Named second", "Signed in June", "Signed in July"]
    assert found.texts(".signatories li .meta") == [
        "Named in the announcement of 6 May 2026",
        "Named in the announcement of 6 May 2026",
        "Signed on 1 June 2026",
        "Signed on 1 July 2026",
    ]


def test_a_member_whose_term_is_over_is_not_among_the_signatories(session: Session, page: Visitor) -> None:
    add_member(session, names={"en": "Seen"})
    add_member(session, names={"en": "Over"}, term_ends_on=date(2026, 6, 2))

    assert page.get("/en/initiative").texts(".signatories li a") == ["Seen"]


def test_many_signatories_come_in_pages(session: Session, page: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SIGNATORIES_PER_PAGE", 2)
    for day in (1, 2, 3):
        add_member(session, names={"en": f"Day {day}"}, joined_on=date(2026, 6, day))

    first, second = page.get("/en/initiative"), page.get("/en/initiative?page=2")

    assert first.texts(".signatories li a") == ["Day 1", "Day 2"]
    assert second.texts(".signatories li a") == ["Day 3"]
    assert second.select("ol.signatories")[0]["start"] == "3"
    assert [a["href"] for a in first.select(".pager a[rel=next]")] == ["/en/initiative?page=2#signatories"]


@pytest.mark.parametrize("number", ["0", "-1", "2", "1000000000", "abc", "1e3", "%00"])
def test_a_page_that_does_not_exist_is_a_friendly_404(page: Visitor, number: str) -> None:
    assert page.get(f"/en/initiative?page={number}").status == 404


def test_the_sample_says_that_it_is_one_and_the_name_that_it_is_provisional(page: Visitor) -> None:
    found = page.get("/en/initiative")

    assert "Sample statement" in found.texts("h2")[0]
    assert "This is a working name" in found.text
    assert found.select(".statement-text[lang]") == []


@pytest.mark.parametrize(
    ("tag", "opening"),
    [
        ("en", "**This is a sample text.**"),
        ("zh-Hans", "**本文为示例文本。**"),
        ("es", "**Este es un texto de muestra.**"),
        ("de", "**Dies ist ein Mustertext.**"),
        ("sr-Latn", "**Ovo je primer teksta.**"),
        ("sr-Cyrl", "**Ово је пример текста.**"),
    ],
)
def test_the_statement_can_be_read_in_each_language(tag: str, opening: str) -> None:
    text = get_initiative().statement.text(tag)

    assert (text.tag, text.is_fallback) == (tag, False)
    assert text.text.startswith(opening)
    assert [f"\n{n}. " in text.text for n in range(1, 7)] == [True] * 5 + [False]


def test_a_fallback_text_says_its_language(app: object, page: Visitor) -> None:
    app.config["OFFERED_LOCALES"] = ("en", "fr")  # type: ignore[attr-defined]

    found = page.get("/fr/initiative")

    assert [e["lang"] for e in found.select(".statement-text")] == ["en"]
