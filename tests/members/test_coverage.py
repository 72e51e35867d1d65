"""The table of services by countries."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.initiative.vocab import Subject
from directory.members.coverage import Asked, By, coverage, parse_asked
from directory.members.vocab import Standing
from tests.factories import add_member, new_offering
from tests.initiative.setting import change_term
from tests.members.counting import statements
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
COVERAGE = "/en/staff/members/coverage"
PAPERS, ADVICE = "trade-documents", "market-entry-advisory"


@pytest.fixture
def covered(session: Session, follow: Callable[[], None]) -> None:
    """Give a member that does both in one service, one that does it by two, and one that nobody sees."""
    add_member(session, slug="one", country="RS", offerings=(new_offering(category=PAPERS, serves=("CN", "DE")),))
    two = (new_offering(category=PAPERS, serves=("CN",)), new_offering(category=ADVICE, serves=("FR",)))
    add_member(session, slug="two", country="DE", offerings=two)
    hidden = add_member(session, slug="hidden", country="IT", offerings=(new_offering(category=ADVICE, serves=("IT",)),))
    hidden.standing, hidden.standing_reason = Standing.SUSPENDED, "Fees are due."
    session.commit()
    follow()


def _cells(page: Page, category: str) -> dict[str, str]:
    return {str(td["data-cell"]): td.get_text(" ", strip=True) for td in page.select(f"[data-category={category}] [data-cell]")}


@pytest.mark.usefixtures("covered")
def test_cells_count_public_members_and_name_the_gaps(sign_in: SignIn) -> None:
    page = sign_in(Role.AUDITOR).get(COVERAGE)

    assert page.texts("thead th") == ["Service", "Anywhere", "China", "Germany", "France"]
    assert _cells(page, PAPERS) == {"CN": "2", "DE": "1", "FR": "1 by no one service"}
    assert _cells(page, ADVICE) == {"CN": "1 by no one service", "DE": "0 recruit", "FR": "1"}


@pytest.mark.usefixtures("covered")
@pytest.mark.parametrize("by", ["serves", "country"])
def test_each_number_is_the_total_of_the_list_it_leads_to(sign_in: SignIn, by: str) -> None:
    clerk = sign_in(Role.AUDITOR)
    page = clerk.get(f"{COVERAGE}?by={by}")

    links = page.select("tbody td a")

    assert len(links) == {"serves": 7, "country": 5}[by]
    assert [int(link.get_text()) for link in links] == [clerk.get(str(link["href"])).total for link in links]


@pytest.mark.usefixtures("covered")
def test_columns_are_chosen_by_the_address(sign_in: SignIn) -> None:
    clerk = sign_in(Role.AUDITOR)

    seats = clerk.get(f"{COVERAGE}?by=country&in=RS&in=JP&in=XX")

    assert seats.texts("thead th")[2:] == ["Serbia", "Japan"]
    assert _cells(seats, PAPERS) == {"RS": "1", "JP": "0 recruit"}
    assert [str(box["value"]) for box in seats.select("input[name=in][checked]")] == ["JP", "RS"]
    assert clerk.get(f"{COVERAGE}?by=odd&most=odd").status == 200


@pytest.mark.usefixtures("covered")
def test_the_file_holds_the_same(sign_in: SignIn) -> None:
    answer = sign_in(Role.AUDITOR).client.get(f"{COVERAGE}.csv?in=CN&in=FR")

    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["Group", "Service", "Anywhere", "China", "France"]
    found = [row[2:] for row in rows]
    assert ["2", "2", "1 (by no one service)"] in found
    assert ["0", "0 (recruit)", "0 (recruit)"] in found
    assert answer.headers["Content-Disposition"] == "attachment; filename=coverage.csv"


@pytest.mark.usefixtures("covered")
def test_what_is_retired_stands_with_its_successor(session: Session, sign_in: SignIn, follow: Callable[[], None]) -> None:
    change_term(session, Subject.CATEGORY_GROUPS, "trade", successor="finance")
    change_term(session, Subject.CATEGORIES, PAPERS, successor="e-invoicing")
    follow()

    page = sign_in(Role.AUDITOR).get(COVERAGE)

    assert "Trade and logistics" not in page.texts("th[scope=rowgroup]")
    assert _cells(page, PAPERS) == {}
    assert _cells(page, "e-invoicing") == {"CN": "2", "DE": "1", "FR": "1 by no one service"}


def test_without_members_there_is_nothing_to_count(sign_in: SignIn) -> None:
    assert "Nothing to count here." in sign_in(Role.AUDITOR).get(COVERAGE).text


@pytest.mark.usefixtures("covered")
def test_the_database_is_asked_for_nobody(app: Flask, session: Session) -> None:
    with statements(session) as made:
        table = coverage(app.extensions["search"], Asked(), locale="en")

    assert (table.columns, made) == (("CN", "DE", "FR"), [])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("", [], ""), Asked(By.SERVES, (), 12)),
        (("country", ["RS", "RS", "xx"], "24"), Asked(By.SEAT, ("RS",), 24)),
        (("no", ["none"], "5"), Asked(By.SERVES, (), 12)),
    ],
)
def test_what_makes_no_sense_is_left_out(asked: tuple[Any, ...], expected: Asked) -> None:
    assert parse_asked(*asked) == expected


@pytest.mark.usefixtures("covered")
def test_what_a_frame_means_stands_above_the_table(sign_in: SignIn) -> None:
    page = sign_in(Role.AUDITOR).get(COVERAGE)

    above = page.html.partition("<table")[0]
    assert len(page.select(".coverage-key .gap-cell")) == 2
    assert "Framed: nobody offers it there." in above
    assert "none of their services does both" in above
    assert "The table scrolls in its frame" in above


@pytest.mark.parametrize(("by", "number"), [("serves", 3), ("country", 1)])
def test_the_key_names_what_the_table_can_show(session: Session, sign_in: Callable[..., Visitor], by: str, number: int) -> None:
    add_member(session, offerings=(new_offering(serves=("RS",)),))

    page = sign_in(Role.AUDITOR).get(f"/en/staff/members/coverage?by={by}")

    assert len(page.select(".coverage-key dt")) == number
