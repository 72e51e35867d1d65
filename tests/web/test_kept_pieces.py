"""Pieces of pages that are kept between visits say what this visit is about."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import add_member
from tests.page import Page, Visitor


@pytest.fixture
def visitor(app: Flask, session: Session, follow: Callable[[], None]) -> Visitor:
    add_member(session, slug="alpha", names={"en": "Alpha"}, country="RS")
    follow()
    return Visitor(app)


def _here(page: Page) -> list[str]:
    return [" ".join(a.get_text().split()) for a in page.select("header [aria-current], footer [aria-current]")]


def test_header_and_footer_say_where_one_is(visitor: Visitor) -> None:
    found = {path: _here(visitor.get(f"/en{path}")) for path in ("/members/", "/services/", "/about", "/members/alpha")}

    assert found == {
        "/members/": ["Members", "English"],
        "/services/": ["Services", "English"],
        "/about": ["English", "About and contact"],
        "/members/alpha": ["English"],
    }


def test_links_to_other_languages_lead_to_this_page(visitor: Visitor) -> None:
    for path in ("/members/?q=100%25+a%26b", "/members/alpha", "/services/?sort=newest&page=1"):
        page = visitor.get(f"/en{path}")

        assert [str(a["href"]) for a in page.select(".languages a[lang=de]")] == [f"/de{path}"]
        assert str(page.select("link[rel=canonical]")[0]["href"]).endswith(f"/en{path}")


def test_search_box_keeps_words_and_order_and_leads_to_its_own_list(visitor: Visitor) -> None:
    found = []
    for path in ("/members/", "/services/", "/members/?q=%22%3Cb%3E%25s&sort=name", "/members/?sort=newest", "/members/?q=x"):
        form = visitor.get(f"/en{path}").select("#browse")[0]
        values = {str(one["name"]): str(one["value"]) for one in form.select("input")}
        found.append((str(form["action"]), values))

    assert found == [
        ("/en/members/", {"q": ""}),
        ("/en/services/", {"q": ""}),
        ("/en/members/", {"sort": "name", "q": '"<b>%s'}),
        ("/en/members/", {"sort": "newest", "q": ""}),
        ("/en/members/", {"q": "x"}),
    ]


def test_links_of_orders_are_those_of_this_question(visitor: Visitor) -> None:
    def orders(path: str) -> list[tuple[str, str, bool]]:
        links = visitor.get(f"/en{path}").select(".list-head a")
        return [(a.get_text(), str(a["href"]), a.has_attr("aria-current")) for a in links]

    assert orders("/members/") == [("Name", "/en/members/", True), ("Newest first", "/en/members/?sort=newest", False)]
    assert orders("/members/?sort=newest&country=RS") == [
        ("Name", "/en/members/?country=RS", False),
        ("Newest first", "/en/members/?country=RS&sort=newest", True),
    ]
    assert orders("/services/?q=a") == [
        ("Best match", "/en/services/?q=a", True),
        ("Name", "/en/services/?q=a&sort=name", False),
        ("Newest first", "/en/services/?q=a&sort=newest", False),
    ]


def test_counts_follow_the_directory(visitor: Visitor, session: Session, follow: Callable[[], None]) -> None:
    def counted() -> dict[str, str]:
        found = visitor.get("/en/members/").select("[data-facet=country]")
        return {str(one["data-value"]): str(one["data-count"]) for one in found}

    before = counted()
    add_member(session, slug="beta", names={"en": "Beta"}, country="RS")
    add_member(session, slug="gamma", names={"en": "Gamma"}, country="CN")
    follow()

    assert (before, counted()) == ({"RS": "1"}, {"RS": "2", "CN": "1"})


def _choices(page: Page, facet: str) -> list[tuple[str, str, bool]]:
    boxes = page.select(f"[data-facet={facet}]")
    return sorted((str(one["data-value"]), str(one["data-count"]), bool(one.select("input[checked]"))) for one in boxes)


def test_kept_choices_are_those_of_this_question(visitor: Visitor, session: Session, follow: Callable[[], None]) -> None:
    add_member(session, slug="beta", names={"en": "Beta"}, country="CN", offerings=())
    follow()
    questions = ("country=RS", "country=CN", "country=RS&country=CN", "country=RS&q=alpha", "country=RS&q=beta")

    first, again = ([_choices(visitor.get(f"/en/members/?{q}&n={n}"), "country") for q in questions] for n in (1, 2))
    services = _choices(visitor.get("/en/services/?country=RS"), "country")
    add_member(session, slug="gamma", names={"en": "Gamma"}, country="RS")
    follow()

    assert first == again
    assert first == [
        [("CN", "1", False), ("RS", "1", True)],
        [("CN", "1", True), ("RS", "1", False)],
        [("CN", "1", True), ("RS", "1", True)],
        [("RS", "1", True)],
        [("CN", "1", False), ("RS", "0", True)],
    ]
    assert services == [("RS", "1", True)]
    assert _choices(visitor.get("/en/members/?country=RS"), "country") == [("CN", "1", False), ("RS", "2", True)]


def test_what_visitors_make_up_fills_no_memory(app: Flask, visitor: Visitor) -> None:
    kept = app.extensions["fragments"]._kept
    visitor.get("/en/members/?country=RS&q=alpha")
    before = len(kept)

    for number in range(5):
        made_up = "&".join(f"sector=nothing-{number}-{n}" for n in range(200))
        visitor.get(f"/en/members/?country=RS&{made_up}")
    visitor.get(f"/en/members/?country=RS&q=alpha+{'x' * 150}")

    assert len(kept) - before <= 3  # words of the page's title, and the one form of a question that could be asked
    assert max(len(repr(key)) for key in kept) < 600


def test_pieces_of_a_site_below_a_path_are_its_own(app: Flask, visitor: Visitor) -> None:
    visitor.get("/en/about")

    below = app.test_client().get("/en/about", base_url="http://localhost/directory").get_data(as_text=True)

    assert 'href="/directory/en/members/"' in below
    assert 'href="/en/members/"' not in below
