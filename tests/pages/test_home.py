"""The front page: search, figures, ways in, newest members."""

from collections.abc import Callable
from datetime import date

from flask import Flask
from sqlalchemy.orm import Session

from directory.audit import SYSTEM
from directory.members import services as members
from tests.conftest import NOW
from tests.factories import add_member, new_offering
from tests.page import Visitor


def test_home_of_an_empty_directory_invites_to_join(page: Visitor, follow: Callable[[], None]) -> None:
    follow()

    found = page.get("/en/")

    assert found.status == 200
    assert found.texts(".figures dd") == ["0", "0", "0"]
    assert found.select(".member-card") == []
    assert [a["href"] for a in found.select(".card-join a")] == ["/en/apply/"]


def test_home_counts_public_members_countries_and_offerings(session: Session, page: Visitor, follow: Callable[[], None]) -> None:
    add_member(session, country="RS", offerings=(new_offering(), new_offering(category="helpdesk")))
    add_member(session, country="RS")
    add_member(session, country=None, city=None)
    hidden = add_member(session, country="DE")
    members.suspend(session, hidden, by=SYSTEM, reason="under review", seen_version=hidden.version, now=NOW)
    session.commit()
    follow()

    found = page.get("/en/")

    assert found.texts(".figures dd") == ["3", "1", "4"]


def test_home_shows_the_four_newest_first(session: Session, page: Visitor, follow: Callable[[], None]) -> None:
    for month in (1, 2, 3, 4, 5):
        add_member(session, names={"en": f"Member of month {month}"}, joined_on=date(2026, month, 1))
    follow()

    found = page.get("/en/")

    assert found.texts(".member-card h2") == [f"Member of month {month}" for month in (5, 4, 3, 2)]


def test_home_leads_in_by_what_is_offered_and_nothing_else(session: Session, page: Visitor, follow: Callable[[], None]) -> None:
    add_member(session, offerings=(new_offering(category="trade-documents"),))
    add_member(session, offerings=(new_offering(category="trade-documents"), new_offering(category="helpdesk")))
    follow()

    found = page.get("/en/")

    assert found.texts(".ways h3") == ["Market entry and presence", "Trade and logistics"]
    assert [a["href"] for a in found.select(".ways a")] == [
        "/en/members/?category=helpdesk",
        "/en/members/?category=trade-documents",
    ]
    assert found.texts(".ways .count .visually-hidden") == ["1 member", "2 members"]


def test_search_box_of_home_asks_the_list(page: Visitor, follow: Callable[[], None]) -> None:
    follow()

    form = page.get("/en/").select("form[role=search]")[0]

    assert (form["action"], form["method"], [i["name"] for i in form.select("input")]) == ("/en/members/", "get", ["q"])


def test_home_says_when_it_shows_demonstration_members(session: Session, page: Visitor, follow: Callable[[], None]) -> None:
    add_member(session, demonstration=True)
    follow()

    assert "demonstration data" in page.get("/en/").text


def test_home_opens_while_there_is_no_index(app: Flask, page: Visitor) -> None:
    from directory.search.engine import SearchUnavailable

    class Away:
        def search(self, _request: object) -> None:
            raise SearchUnavailable

        def version(self) -> None:
            return None

        def ready(self) -> bool:
            return False

    app.extensions["search"] = Away()

    found, members_list, ready = page.get("/en/"), page.get("/en/members/"), page.get("/readyz")

    assert (found.status, found.select(".figures")) == (200, [])
    assert (members_list.status, members_list.response.headers["Retry-After"]) == (503, "5")
    assert (ready.status, ready.html) == (503, "database: ok\nsearch: not ready\n")
