"""What an administrator sets is said everywhere: pages, forms, facets, search, in each process, without a restart."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.app import create_app
from directory.initiative.vocab import Subject
from tests.conftest import FreshClient, give_up, make_settings
from tests.factories import add_member, new_offering
from tests.initiative.setting import add_term, change_term, data_of, set_anew
from tests.members.counting import statements
from tests.page import Page, Visitor

Follow = Callable[[], None]
OLD, NEW = "trade-documents", "e-invoicing"


@pytest.fixture
def houses(database_url: str, tmp_path: Path) -> Iterator[list[Flask]]:
    """Two workers of one host, and one of another, all on one database."""
    made = [create_app(make_settings(tmp_path / name, database_url)) for name in ("one", "one", "other")]
    for app in made:
        app.test_client_class = FreshClient
    yield made
    for app in made:
        give_up(app)


def get(house: Flask, path: str) -> Page:
    return Visitor(house).get(path)


def slugs(house: Flask, path: str) -> list[str]:
    return get(house, path).slugs


def test_a_new_label_is_said_by_every_worker_of_every_host_at_once(session: Session, houses: list[Flask]) -> None:
    add_member(session, slug="alpha", zones=("pudong",))
    for house in houses:
        house.extensions["search"].follow()
        for path in ("/en/members/", "/en/members/alpha", "/en/services/"):
            assert [get(house, path).response.headers["Cache-Status"] for _ in range(2)][1] == "directory; hit"
        assert slugs(house, "/en/members/?q=blossoming") == []

    change_term(session, Subject.CATEGORIES, OLD, labels={"en": "Papers of a blossoming trade", "de": "Handelspapiere"})

    for house in houses:
        assert "Papers of a blossoming trade" in get(house, "/en/members/").text
        assert "Papers of a blossoming trade" in get(house, "/en/services/").text
        assert "Papers of a blossoming trade" in get(house, "/en/members/alpha").text
        assert "Handelspapiere" in get(house, "/de/members/").text
        assert "Papers of a blossoming trade" in get(house, "/en/").text
        assert slugs(house, "/en/members/?q=blossoming") == ["alpha"]


def test_a_new_name_is_said_in_every_title_at_once(session: Session, houses: list[Flask]) -> None:
    add_member(session)
    for house in houses:
        assert "Digital Enterprise Service Ecosystem" in get(house, "/en/about").texts("title")[0]
    data = data_of(session, Subject.INITIATIVE)
    data["names"] = {"en": "Initiative of Tests"}
    data["working_name"] = False
    data["operator"] = {
        "names": {"en": "Association of Tests"},
        "address": "Test Street 1\nBelgrade",
        "mail": "desk@tests.example",
    }

    set_anew(session, Subject.INITIATIVE, data)

    for house in houses:
        about = get(house, "/en/about")
        assert "Initiative of Tests" in about.texts("title")[0]
        assert "Association of Tests" in about.text
        assert [a["href"] for a in about.select("main a[href^=mailto]")] == ["mailto:desk@tests.example"]
        assert "working name" not in about.html


def test_an_etag_changes_with_an_edition(session: Session, app: Flask) -> None:
    add_member(session)
    app.extensions["search"].follow()
    before = app.test_client().get("/en/about").headers["ETag"]

    change_term(session, Subject.ZONES, "pudong", labels={"en": "Other"})

    answer = app.test_client().get("/en/about", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before


def test_a_new_category_is_offered_and_found(session: Session, page: Visitor, follow: Follow) -> None:
    assert get(page.app, "/en/members/?category=beekeeping").text.count("beekeeping")
    add_term(session, Subject.CATEGORIES, "beekeeping", "Beekeeping advice", group="entry")
    add_member(session, slug="bees", offerings=(new_offering(category="beekeeping"),))
    follow()

    found = page.get("/en/members/?category=beekeeping")

    assert found.slugs == ["bees"]
    assert found.counts["category"] == {"beekeeping": 1}
    assert page.get("/en/members/?q=beekeeping").slugs == ["bees"]
    assert "Beekeeping advice" in page.get("/en/").text


def test_a_retired_term_counts_and_answers_as_its_successor(session: Session, houses: list[Flask]) -> None:
    add_member(session, slug="old", offerings=(new_offering(category=OLD),))
    add_member(session, slug="fresh", offerings=(new_offering(category=NEW),))
    for house in houses:
        house.extensions["search"].follow()
        assert slugs(house, f"/en/members/?category={OLD}") == ["old"]
    committed = time.monotonic()

    change_term(session, Subject.CATEGORIES, OLD, successor=NEW)

    for house in houses:
        assert OLD not in get(house, "/en/members/").counts["category"]
    for house in (houses[0], houses[2]):  # one background process on each host
        house.extensions["search"].follow()
    for house in houses:
        while sorted(slugs(house, f"/en/members/?category={OLD}")) != ["fresh", "old"]:
            assert time.monotonic() - committed < 2.0
            time.sleep(0.05)
        assert sorted(slugs(house, f"/en/members/?category={NEW}")) == ["fresh", "old"]
        assert get(house, "/en/members/").counts["category"] == {NEW: 2}
        assert sorted(slugs(house, "/en/services/?category=" + OLD)) == ["fresh--1", "old--1"]
        assert house.extensions["search"].check(session).agrees


def test_an_entry_goes_on_saying_the_label_of_a_retired_term_and_is_found_by_either(
    session: Session, page: Visitor, follow: Follow
) -> None:
    add_member(session, slug="old", zones=("pudong",))
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Formerwort"}, successor="lingang")
    follow()

    assert "Formerwort" in page.get("/en/members/old").text
    assert page.get("/en/members/?q=formerwort").slugs == ["old"]
    assert page.get("/en/members/?q=lingang").slugs == ["old"]
    assert page.get("/en/members/?zone=pudong").counts["zone"] == {"lingang": 1}


def test_a_term_that_is_used_again_has_its_entries_back(session: Session, page: Visitor, follow: Follow) -> None:
    add_member(session, slug="old", sectors=("fintech",))
    change_term(session, Subject.SECTORS, "fintech", successor="e-commerce")
    follow()
    assert page.get("/en/members/").counts["sector"] == {"e-commerce": 1}

    change_term(session, Subject.SECTORS, "fintech", successor=None)
    follow()

    assert page.get("/en/members/").counts["sector"] == {"fintech": 1}


def test_a_list_costs_as_many_queries_as_before(session: Session, app: Flask, follow: Follow) -> None:
    add_member(session, slug="alpha")
    follow()
    app.test_client().get("/en/members/")
    with statements(session) as before:
        app.test_client().get("/en/members/?sort=newest")

    change_term(session, Subject.CATEGORIES, OLD, labels={"en": "Papers"})
    app.test_client().get("/en/about")  # the first to see the edition loads it
    with statements(session) as after:
        app.test_client().get("/en/members/?sort=newest")

    assert len(after) == len(before)


def test_the_categories_of_a_retired_group_stand_with_its_successor(session: Session, page: Visitor, follow: Follow) -> None:
    add_member(session)
    follow()
    assert page.get("/en/").texts("ul.ways h3") == ["Trade and logistics"]

    change_term(session, Subject.CATEGORY_GROUPS, "trade", successor="finance")

    assert page.get("/en/").texts("ul.ways h3") == ["Finance and tax"]
