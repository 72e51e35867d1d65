"""Rows of lists are kept by all that they show, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.audit import SYSTEM
from directory.db import LedgerReader
from directory.members import services
from directory.members.facets import Facets
from directory.members.interchange import as_new_member
from directory.members.models import Member
from directory.members.search import search_members, search_offerings
from directory.members.views import today
from directory.search.engine import Found
from tests.conftest import NOW
from tests.factories import add_member, new_offering
from tests.page import Visitor

Follow = Callable[[], None]


@pytest.fixture
def beta(session: Session, follow: Follow) -> Member:
    """Give one of two members; both have a service for Serbia and, after it, one for China in fintech."""
    offerings = (
        new_offering(titles={"en": "Customs papers"}, serves=("RS",)),
        new_offering(titles={"en": "Market study"}, serves=("CN",), sectors=("fintech",)),
    )
    add_member(session, slug="alpha", names={"en": "Alpha"}, offerings=offerings)
    member = add_member(session, slug="beta", names={"en": "Beta", "de": "Beta-Kammer"}, offerings=offerings)
    follow()
    return member


def rename(session: Session, member: Member, name: str) -> None:
    new = replace(as_new_member(member), names={"en": name})
    services.correct(session, member, new, by=SYSTEM, note="", seen_version=member.version, now=NOW)
    session.commit()


def cards(page: Visitor, address: str) -> dict[str, str]:
    return {str(card["data-slug"]): str(card) for card in page.get(address).select("[data-slug]")}


def keys(app: Flask, session: Session, *, day: date | None = None, **asked: object) -> list[bytes | None]:
    facets = Facets(**asked)  # type: ignore[arg-type]
    listing = search_members(lambda: session, app.extensions["search"], facets, locale="en", today=day or today())
    return [row.key for row in listing.page.rows]


def test_a_changed_member_has_a_new_row_and_the_others_keep_theirs(
    session: Session, beta: Member, page: Visitor, follow: Follow
) -> None:
    before = cards(page, "/en/members/")
    rename(session, beta, "Beta, renamed")
    follow()
    after = cards(page, "/en/members/")

    assert "Beta, renamed" in after["beta"]
    assert after["alpha"] == before["alpha"]


def test_a_change_that_the_index_does_not_have_yet_is_shown(
    session: Session, beta: Member, page: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Beta, at once" not in cards(page, "/en/members/")["beta"]
    monkeypatch.setattr("directory.search.watch.LOOK_SECONDS", 60)
    rename(session, beta, "Beta, at once")

    assert "Beta, at once" in cards(page, "/en/members/")["beta"]


@pytest.mark.usefixtures("beta")
def test_a_row_is_kept_by_words_and_by_what_orders_its_services(app: Flask, session: Session) -> None:
    plain = keys(app, session)

    assert None not in plain
    assert len(set(plain)) == 2
    assert keys(app, session) == keys(app, session, country=("RS",)) == plain
    assert set(keys(app, session, serves=("CN",))).isdisjoint(plain)
    assert set(keys(app, session, q="market")).isdisjoint(plain)
    assert set(keys(app, session, q="market")).isdisjoint(keys(app, session, q="study"))


@pytest.mark.usefixtures("beta")
def test_a_row_found_with_a_typing_mistake_is_another_than_one_found_as_typed(app: Flask, session: Session) -> None:
    engine, texts = app.extensions["search"], ("custms", "customs")
    found = [search_members(lambda: session, engine, Facets(q=text), locale="en", today=today()) for text in texts]

    assert [one.answer.found for one in found] == [Found.NEAR, Found.ALL]
    assert {row.key for row in found[0].page.rows}.isdisjoint(row.key for row in found[1].page.rows)


@pytest.mark.usefixtures("beta")
def test_rows_below_a_path_lead_below_it(app: Flask) -> None:
    client = app.test_client()
    client.get("/en/members/")

    below = client.get("/en/members/", base_url="http://localhost/directory").get_data(as_text=True)

    assert 'href="/directory/en/members/alpha"' in below
    assert 'href="/en/members/alpha"' not in below


@pytest.mark.usefixtures("beta")
def test_rows_of_services_of_one_member_are_told_apart(app: Flask, session: Session) -> None:
    listing = search_offerings(lambda: session, app.extensions["search"], Facets(), locale="en", today=today())

    assert len({row.key for row in listing.page.rows}) == 4


def test_rows_that_had_to_be_confirmed_are_not_kept(app: Flask, session: Session, beta: Member) -> None:
    assert None not in keys(app, session)
    assert keys(app, session, day=date(2031, 1, 1)) == [None, None]  # no sweep of that day has been
    rename(session, beta, "Beta, renamed")
    reader: LedgerReader = app.extensions["ledger"]
    if (state := reader.read()) and state.sequence != app.extensions["search"].version()[1]:
        assert keys(app, session) == [None, None]


@pytest.mark.usefixtures("beta")
def test_a_kept_row_is_of_its_language_its_words_and_its_choices(page: Visitor) -> None:
    first = [cards(page, f"/{locale}/members/?q=beta")["beta"] for locale in ("en", "de")]
    marked = cards(page, "/en/members/?q=market")["beta"]
    for_china = cards(page, "/en/members/?serves=CN")["beta"]
    whole = cards(page, "/en/members/")["beta"]

    assert "<mark>Beta</mark>-Kammer" in first[1]
    assert "Kammer" not in first[0]
    assert ("<mark>Market</mark> study" in marked, "<mark>" in whole) == (True, False)
    assert for_china.index("Market study") < for_china.index("Customs papers")
    assert whole.index("Customs papers") < whole.index("Market study")
