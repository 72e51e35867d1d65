"""The list of members: its cards, its hooks, what it says when nothing fits, and that bad input is no error."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from directory.audit import SYSTEM
from directory.db import writing
from directory.members import services as member_services
from directory.members.models import Member
from directory.members.seeds import seed_founders
from tests.conftest import NOW
from tests.factories import add_member, add_named, new_offering
from tests.page import Visitor

Follow = Callable[[], None]


@pytest.fixture
def seed(session: Session, follow: Follow) -> None:
    """Give the seven founding members."""
    with writing():
        seed_founders(session, now=NOW)
        session.commit()
    follow()


@pytest.mark.usefixtures("seed")
def test_seed_hides_empty_facets_and_finds_what_is_not_stated(page: Visitor) -> None:
    whole = page.get("/en/members/")
    unseated = page.get("/en/members/?country=none")

    assert (whole.total, list(whole.counts)) == (7, ["kind", "type", "country", "category"])
    assert whole.counts["country"] == {"none": 3, "CN": 1, "DE": 1, "GB": 1, "RS": 1}
    assert unseated.slugs == ["argentine-chamber-shanghai", "depa-international-center", "shanghai-digital-overseas-association"]
    assert (
        unseated.texts("[data-slug] .badge")
        == ["Named in the announcement of 6 May 2026; not yet confirmed by the organisation"] * 3
    )
    assert all("Seat not known" in text for text in unseated.texts("[data-members] > li"))


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("伦敦", ["london-and-partners"]),
        ("privredna", ["pks-serbia", "argentine-chamber-shanghai"]),  # by its name; by its type, a privredna komora
        ("Привредна", ["pks-serbia", "argentine-chamber-shanghai"]),
        ("Außenwirtschaft", ["bwa-germany"]),
        ("aussenwirtschaft", ["bwa-germany"]),
    ],
)
def test_words_find_members_in_any_script(page: Visitor, words: str, slugs: list[str]) -> None:
    found = page.get("/en/members/", query_string={"q": words})

    assert found.slugs == slugs
    assert found.select("title")[0].get_text().startswith(f"Members · “{words}”")


def test_card_tells_all_at_a_glance(page: Visitor, session: Session, follow: Follow) -> None:
    offerings = tuple(new_offering(titles={"de": f"Dienst {n}"}, category="helpdesk") for n in range(1, 6))
    names = {"zh-Hans": "上海测试商会", "en": "Shanghai Test Chamber"}
    languages = ("zh-Hans", "en")
    add_member(session, slug="alpha", names=names, city="Shanghai", country="CN", languages=languages, offerings=offerings)
    follow()

    found = page.get("/en/members/")

    [card] = found.texts("[data-members] > [data-slug]")
    assert card == (
        "ST Shanghai Test Chamber 上海测试商会 Institution · Chamber of commerce Shanghai, China "
        "Languages: Chinese (Simplified) and English Dienst 1 Dienst 2 Dienst 3 and 2 more"
    )
    [official] = found.select("[data-slug] .other-name")
    assert (official["lang"], official["dir"]) == ("zh-Hans", "ltr")
    assert [span["lang"] for span in found.select(".offered span")] == ["de", "de", "de"]
    assert [str(a["href"]) for a in found.select(".offered a")] == [
        *(f"/en/members/alpha#service-{n}" for n in (1, 2, 3)),
        "/en/members/alpha#services",
    ]


def test_demonstration_is_labelled(page: Visitor, session: Session, follow: Follow) -> None:
    add_member(session, demonstration=True)
    follow()

    found = page.get("/en/members/")

    assert found.texts("[data-slug] .badge") == ["Demonstration: an invented organisation"]
    assert "This page shows demonstration data: invented organisations that do not exist." in found.text


def test_choices_can_be_taken_back(page: Visitor, session: Session, follow: Follow) -> None:
    add_member(session, slug="alpha", country="RS")
    add_member(session, slug="beta", country="DE")
    follow()

    found = page.get("/en/members/?q=chamber&country=RS&country=XX&sort=newest")

    assert found.slugs == ["alpha"]
    assert [str(a["href"]) for a in found.select(".chips a")] == [
        "/en/members/?country=RS&country=XX&sort=newest",
        "/en/members/?q=chamber&country=XX&sort=newest",
        "/en/members/?q=chamber&country=RS&sort=newest",
        "/en/members/?sort=newest",
    ]
    assert found.texts(".notice-warning p") == ["“XX” is not a country or region we know; nothing matches it."]
    assert [(str(box["value"]), box.has_attr("checked")) for box in found.select("input[name=country]")] == [
        ("DE", False),
        ("RS", True),
    ]
    assert {str(box["form"]) for box in found.select("input[type=checkbox]")} == {"browse"}
    assert found.form("#browse") == {"q": "chamber", "sort": "newest"}


def test_orders_follow_name_and_date(page: Visitor, session: Session, follow: Follow) -> None:
    for slug, name, day in (("a", "Zeta", 3), ("b", "Ägypten Forum", 1), ("c", "Beta", 2)):
        add_member(session, slug=slug, names={"en": name}, joined_on=date(2026, 6, day))
    follow()

    assert page.get("/en/members/").slugs == ["b", "c", "a"]
    assert page.get("/en/members/?sort=newest").slugs == ["a", "c", "b"]


def test_long_facet_keeps_the_rest_behind_more(page: Visitor, session: Session, follow: Follow) -> None:
    for country in ("RS", "DE", "CN", "ES", "FR", "GB", "IT", "JP", "KR"):
        add_member(session, country=country, city=None)
    follow()

    found = page.get("/en/members/?country=GB")

    assert found.texts("details.rest > summary") == ["3 more choices"]
    assert found.select("details.rest")[0].has_attr("open")
    assert len(found.select("[data-facet=country]")) == 9
    assert not page.get("/en/members/?country=CN").select("details.rest")[0].has_attr("open")


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize("address", ["/en/members/", "/en/services/"])
@pytest.mark.parametrize("number", ["0", "-1", "abc", "1000000000", "99", "2", "%00", "1%2e5"])
def test_page_that_is_none_is_friendly(page: Visitor, address: str, number: str) -> None:
    found = page.get(
        f"{address}?kind=institution&page={number}" if address == "/en/members/" else f"{address}?country=DE&page={number}"
    )

    assert (found.status, found.slugs) == (404, [])
    assert found.total > 0
    assert "Go to the first page of this list" in found.text
    first = next(str(a["href"]) for a in found.select(".notice a"))
    assert page.get(first).status == 200
    assert found.select("#browse input[name=q]")


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize("address", ["/en/members/", "/en/services/"])
@pytest.mark.parametrize(
    "query",
    [
        "country=XX",
        "kind=club&type=club&country=X&serves=%00&category=<script>&sector=none&language=zz&zone=moon&sort=price",
        "country=%ED%A0%80",
        "language=%ED%A0%80&q=%ED%A0%80%00",
        "q=%E2%80%AE%E2%80%AF<script>alert(1)</script>",
        "q=" + "x" * 5000,
        "q=%22%27%20OR%201=1--&country=RS'",
        "q=AND+OR+NOT+(+*+:+^+~+%5B",
        "&".join(f"country={n}" for n in range(1000)),
        "unknown=1&country",
    ],
)
def test_bad_input_is_no_error(page: Visitor, address: str, query: str) -> None:
    found = page.get(f"{address}?{query}")

    assert found.status == 200
    assert len(found.select("[data-total]")) == 1
    assert not found.select("script:not([src])")


@pytest.mark.usefixtures("seed")
def test_unknown_value_alone_finds_nothing_and_says_so(page: Visitor) -> None:
    found = page.get("/en/members/?country=XX&zone=moon&sort=price")

    assert (found.status, found.total, found.slugs) == (200, 0, [])
    assert found.texts(".notice-warning p") == [
        "“XX” is not a country or region we know; nothing matches it.",
        "“moon” is not a zone we know; nothing matches it.",
        "“price” is not an order we know; the list is in its usual order.",
    ]
    assert "Nothing fits all of this at once." in found.text


def test_what_is_not_public_is_dropped_before_the_index_knows(page: Visitor, session: Session, follow: Follow) -> None:
    hidden = add_member(session, slug="hidden", names={"en": "Hidden Chamber"})
    add_member(session, slug="lapsed", names={"en": "Lapsed Chamber"}, term_ends_on=NOW.date())
    add_named(session, slug="shown")
    follow()
    member_services.suspend(session, hidden, by=SYSTEM, reason="Under review by the board", seen_version=hidden.version, now=NOW)
    lapsed = session.query(Member).filter_by(slug="lapsed").one()
    lapsed.terms[0].starts_on = NOW.date() - timedelta(days=400)
    lapsed.terms[0].ends_on = NOW.date() - timedelta(days=200)
    session.commit()

    for address in ("/en/members/", "/en/services/", "/en/members/?q=chamber", "/en/members/?sort=newest"):
        found = page.get(address)
        assert [slug.partition("--")[0] for slug in found.slugs] == ["shown"], address
        assert "Hidden Chamber" not in found.html
        assert "Lapsed Chamber" not in found.html


def test_what_was_looked_for_is_marked_where_it_was_found(page: Visitor, session: Session, follow: Follow) -> None:
    offering = new_offering(titles={"en": "Customs help", "de": "Zollhilfe"}, descriptions={"de": "Alles über Zölle & mehr"})
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"}, summaries={"en": "We help."}, offerings=(offering,))
    follow()

    name, other, topic = (page.get("/en/members/", query_string={"q": q}) for q in ("alpha", "Zölle", "Handelskammer"))

    assert name.texts("[data-slug] h2 mark") == ["Alpha"]
    assert name.select("[data-slug] .found") == []
    assert other.texts("[data-slug] .found") == ["In the description of a service: Alles über Zölle & mehr"]
    [quote] = other.select("[data-slug] .found q")
    assert (quote["lang"], quote.find("mark").get_text()) == ("de", "Zölle")
    assert topic.slugs == ["alpha"]
    assert topic.texts("[data-slug] .found")[0].startswith("In the topics: ")


def test_services_are_marked_too(page: Visitor, session: Session, follow: Follow) -> None:
    offering = new_offering(titles={"en": "Customs help"}, descriptions={"en": "We know all tariffs."})
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"}, offerings=(offering,))
    follow()

    found = page.get("/en/services/?q=tariffs")

    assert (found.slugs, found.texts(".found")) == (["alpha--1"], ["In the description of a service: We know all tariffs ."])
    assert page.get("/en/services/?q=customs").texts("h2 mark") == ["Customs"]


def test_titles_lead_among_services_and_names_among_members(page: Visitor, session: Session, follow: Follow) -> None:
    add_member(session, slug="a", names={"en": "Logistics House"}, offerings=(new_offering(titles={"en": "Advice"}),))
    add_member(session, slug="b", names={"en": "Beta"}, offerings=(new_offering(titles={"en": "Logistics"}),))
    follow()

    assert page.get("/en/members/?q=logistics").slugs == ["a", "b"]
    assert page.get("/en/services/?q=logistics").slugs == ["b--1", "a--1"]


def test_near_and_partial_answers_say_so(page: Visitor, session: Session, follow: Follow) -> None:
    add_member(session, slug="alpha", names={"en": "Shanghai Chamber"})
    follow()

    near, partial, exact = (page.get("/en/members/", query_string={"q": q}) for q in ("shangahi", "shanghai qqqqq", "shanghai"))

    assert near.texts(".notice") == ["Nothing has exactly these words. Here is what comes near, with one letter different."]
    assert near.texts("h2 mark") == ["Shanghai"]
    assert partial.texts(".notice") == ["Nothing has all of these words. Here is what has the most of them."]
    assert (partial.slugs, exact.texts(".notice")) == (["alpha"], [])


def test_an_empty_list_says_what_to_leave_out(page: Visitor, session: Session, follow: Follow) -> None:
    add_member(session, slug="alpha", names={"en": "Alpha"}, country="RS")
    add_member(session, slug="beta", names={"en": "Beta"}, country="CN")
    follow()

    found = page.get("/en/members/?q=beta&country=RS")

    links = {a.get_text(strip=True): a["href"] for a in found.select(".notice a")}
    assert links == {
        "Leave out “Seat”: 1 result": "/en/members/?q=beta",
        "Leave out the words: 1 result": "/en/members/?country=RS",
        "Show the whole list": "/en/members/",
    }
    assert page.get("/en/members/?country=RS").slugs == ["alpha"]
