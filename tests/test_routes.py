"""Rules that hold for every address there is, so that a new one cannot forget them."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from directory.accounts.models import Role, StaffSession
from tests.page import Visitor
from tests.who_may import CONFIRMED, WHO_MAY, WHO_MAY_SEND

OPEN_STAFF = {"accounts.sign_in", "accounts.sign_in_options", "accounts.sign_out", "accounts.set_up", "accounts.reset"}
"""Staff addresses that a stranger must reach: there they sign in, out, or set their password."""
SENT_AWAY = {302, 303}


def _rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def _path(rule: Rule) -> str:
    """An address of the rule, with values that name nothing."""
    path = re.sub(r"<locale:locale>", "en", rule.rule)
    path = re.sub(r"<int:\w+>", "999999", path)
    return re.sub(r"<[^>]+>", "nothing-here", path)


def _is_staff(rule: Rule) -> bool:
    return "/staff" in rule.rule and rule.endpoint not in OPEN_STAFF


def test_every_staff_address_refuses_a_stranger(app: Flask, page: Visitor) -> None:
    wrong = []
    rules = [rule for rule in _rules(app) if _is_staff(rule)]

    for rule in rules:
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = page.client.open(_path(rule), method=method)
            if answer.status_code not in SENT_AWAY or "/en/staff/sign-in" not in answer.headers["Location"]:
                wrong.append((method, rule.rule, answer.status_code))

    assert len(rules) > 10
    assert wrong == []


def _address(rule: Rule) -> str:
    """The address of a rule as it stands in the tables: without the locale."""
    return rule.rule.removeprefix("/<locale:locale>")


def test_every_staff_address_stands_in_the_table(app: Flask) -> None:
    assert sorted({_address(rule) for rule in _rules(app) if _is_staff(rule)}) == sorted(WHO_MAY)


@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_its_own_addresses_and_no_others(app: Flask, sign_in: Callable[..., Visitor], role: Role) -> None:
    desk = sign_in(role)
    wrong = []

    for rule in (rule for rule in _rules(app) if _is_staff(rule)):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = desk.client.open(_path(rule), method=method)
            is_sent_away = "/staff/sign-in" in answer.headers.get("Location", "")
            allowed = (WHO_MAY_SEND if method == "POST" else WHO_MAY).get(_address(rule), WHO_MAY[_address(rule)])
            if (answer.status_code == 403) == (role in allowed) or is_sent_away or answer.status_code >= 500:
                wrong.append((method, rule.rule, answer.status_code))

    assert wrong == []


def test_what_has_weight_wants_the_password_again(app: Flask, sign_in: Callable[..., Visitor], session: Session) -> None:
    desk = sign_in(*Role)
    session.execute(sa.update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()
    rules = [rule for rule in _rules(app) if _is_staff(rule) and "POST" in rule.methods]

    asked = {_address(rule) for rule in rules if desk.client.post(_path(rule), data={"do": "confirm"}).status_code == 401}

    assert asked == CONFIRMED


def test_every_staff_view_says_which_roles_it_is_for(app: Flask) -> None:
    assert [r.rule for r in _rules(app) if _is_staff(r) and not hasattr(app.view_functions[r.endpoint], "staff_roles")] == []


def test_no_staff_view_stands_elsewhere(app: Flask) -> None:
    elsewhere = [r.rule for r in _rules(app) if "/staff" not in r.rule and hasattr(app.view_functions[r.endpoint], "staff_roles")]

    assert elsewhere == []


def test_every_page_without_arguments_opens(app: Flask, page: Visitor) -> None:
    paths = sorted({_path(r) for r in _rules(app) if "GET" in r.methods and not (r.arguments - {"locale"}) and not _is_staff(r)})

    statuses = {path: page.get(path).status for path in paths}

    assert len(paths) > 10
    assert {path: status for path, status in statuses.items() if status not in {200, 302}} == {}


def test_every_address_that_names_nothing_is_a_friendly_404(app: Flask, page: Visitor) -> None:
    paths = sorted({_path(r) for r in _rules(app) if "GET" in r.methods and (r.arguments - {"locale"}) and not _is_staff(r)})

    statuses = {path: page.get(path).status for path in paths}

    assert {path: status for path, status in statuses.items() if status != 404} == {}


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/zh-CN/members/?q=x", 301, "/zh-Hans/members/?q=x"),
        ("/EN/members/", 301, "/en/members/"),
        ("/sr/members/", 301, "/sr-Cyrl/members/"),
        ("/en-GB/", 301, "/en/"),
        ("/zh-TW/", 301, "/zh-Hant/"),
        ("/ar/members/", 302, "/en/members/"),
        ("/xx/members/", 404, None),
        ("/xx/", 404, None),
    ],
)
def test_locale_in_address(page: Visitor, path: str, status: int, location: str | None) -> None:
    found = page.get(path)

    assert (found.status, found.location) == (status, location)


def test_traditional_chinese_gives_way_to_its_relative(app: Flask, page: Visitor) -> None:
    instead = "zh-Hans" if "zh-Hans" in app.config["OFFERED_LOCALES"] else "en"

    found = page.get("/zh-Hant/members/?country=RS")

    assert (found.status, found.location) == (302, f"/{instead}/members/?country=RS")
