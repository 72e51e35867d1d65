"""The eight facets against a count by hand over the records themselves, none of the site's own reading in between."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from directory.app import create_app
from directory.db import db, writing
from directory.members.demo import add_invented
from directory.members.invented import invented_member
from tests.conftest import fresh_database, give_up, make_settings
from tests.members.counting import statements
from tests.page import Visitor

MEMBERS = 300
SEED = 7
Values = dict[str, set[str]]
Chosen = Mapping[str, list[str]]


@pytest.fixture(scope="module")
def crowd(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give an application with 300 invented members, all in the index."""
    folder = tmp_path_factory.mktemp("crowd")
    with fresh_database(template_database, folder) as url:
        application = create_app(make_settings(folder / "instance", url))
        with application.app_context(), writing():
            for _done in add_invented(db.session(), MEMBERS, seed=SEED, now=datetime.now(UTC)):
                pass
        application.extensions["search"].follow()
        yield application
        give_up(application)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    """Give the records that the members were made of."""
    return [dict(invented_member(SEED, number)) for number in range(1, MEMBERS + 1)]


def _shared(record: dict[str, Any]) -> Values:
    return {
        "kind": {record["kind"]},
        "type": {record["type"]} if record.get("type") else set(),
        "country": {record.get("country") or "none"},
        "zone": set(record.get("zones") or ()),
    }


def _own(offering: dict[str, Any], languages: set[str]) -> Values:
    return {
        "serves": set(offering.get("serves") or ()),
        "category": {offering["category"]},
        "sector": set(offering.get("sectors") or ()),
        "language": languages,
    }


def _members(records: list[dict[str, Any]]) -> list[Values]:
    rows = []
    for record in records:
        row = _shared(record) | {"serves": set(), "category": set(), "sector": set(), "language": set(record["languages"])}
        for offering in record["offerings"]:
            for name, values in _own(offering, set(offering["languages"])).items():
                row[name] = row[name] | values
        rows.append(row)
    return rows


def _offerings(records: list[dict[str, Any]]) -> list[Values]:
    return [
        _shared(record) | _own(offering, set(offering["languages"]) or set(record["languages"]))
        for record in records
        for offering in record["offerings"]
    ]


def _fits(row: Values, chosen: Chosen, apart: str = "") -> bool:
    return all(row[name] & set(values) for name, values in chosen.items() if name != apart)


def _expected(rows: list[Values], chosen: Chosen) -> tuple[int, dict[str, dict[str, int]]]:
    counts: dict[str, dict[str, int]] = {}
    for name in rows[0]:
        found = Counter(value for row in rows if _fits(row, chosen, apart=name) for value in row[name])
        shown = dict(found) | {value: found[value] for value in chosen.get(name, ())}
        if shown:
            counts[name] = shown
    return sum(_fits(row, chosen) for row in rows), counts


def _stated(html: str) -> tuple[int, dict[str, dict[str, int]]]:
    """Read total and counts from the hooks; plain text search, since hundreds of pages are read."""
    counts: dict[str, dict[str, int]] = {}
    for facet, value, count in re.findall(r'data-facet="(\w+)" data-value="([^"]+)" data-count="(\d+)"', html):
        counts.setdefault(facet, {})[value] = int(count)
    [total] = re.findall(r'data-total="(\d+)"', html)
    return int(total), counts


def _choices(rows: list[Values]) -> list[dict[str, list[str]]]:
    """None; for each facet its most and least usual value, and two and three at once; and mixtures of facets."""
    usual = {name: [v for v, _n in Counter(v for row in rows for v in sorted(row[name])).most_common()] for name in rows[0]}
    chosen: list[dict[str, list[str]]] = [{}]
    for name, values in usual.items():
        chosen += [{name: values[:1]}, {name: values[-1:]}, {name: values[:2]}, {name: [values[0], *values[-2:]]}]
    names = list(usual)
    for one, two in zip(names, names[1:] + names[:1], strict=True):
        chosen += [{one: usual[one][:1], two: usual[two][:1]}, {one: usual[one][:3], two: usual[two][1:4]}]
    chosen.append({name: values[:5] for name, values in usual.items()})
    chosen.append({"country": usual["country"][:3], "serves": usual["serves"][:2], "category": usual["category"][:4]})
    return chosen


@pytest.mark.parametrize("address", ["/en/members/", "/en/services/"])
def test_totals_and_counts_are_those_by_hand(crowd: Flask, records: list[dict[str, Any]], address: str) -> None:
    rows = _members(records) if address == "/en/members/" else _offerings(records)
    client = crowd.test_client()

    for chosen in _choices(rows):
        html = client.get(f"{address}?{urlencode(chosen, doseq=True)}").get_data(as_text=True)
        assert _stated(html) == _expected(rows, chosen), chosen


def test_every_fitting_member_is_on_exactly_one_page(crowd: Flask, records: list[dict[str, Any]]) -> None:
    chosen = {"kind": ["institution"], "language": ["en", "zh-Hans"]}
    fitting = {r["slug"] for r, row in zip(records, _members(records), strict=True) if _fits(row, chosen)}
    page = Visitor(crowd)
    query = urlencode(chosen, doseq=True)

    pages = [page.get(f"/en/members/?{query}&page={number}") for number in range(1, len(fitting) // 20 + 2)]

    slugs = [slug for found in pages for slug in found.slugs]
    assert len(slugs) == len(fitting) > 20
    assert set(slugs) == fitting
    assert page.get(f"/en/members/?{query}&page={len(pages) + 1}").status == 404


def test_offerings_that_meet_all_choices_come_first(crowd: Flask, records: list[dict[str, Any]]) -> None:
    chosen = {"category": ["cross-border-data", "helpdesk"], "sector": ["fintech"]}
    by_slug = {record["slug"]: record for record in records}

    found = Visitor(crowd).get(f"/en/members/?{urlencode(chosen, doseq=True)}")

    mixed = 0
    for row in found.select("[data-slug]"):
        offerings = by_slug[str(row["data-slug"])]["offerings"]
        meets = [_fits(_own(o, set()), chosen) for o in offerings]
        in_order = [n for n, good in enumerate(meets, 1) if good] + [n for n, good in enumerate(meets, 1) if not good]
        shown = [int(str(a["href"]).rpartition("-")[2]) for a in row.select('.offered a[href*="#service-"]')]
        assert shown == in_order[:3]
        mixed += in_order != sorted(in_order)
    assert mixed


@pytest.mark.parametrize(
    ("address", "few", "many"),
    [
        ("/en/members/", "?country=RS&kind=institution&category=helpdesk", "?sort=name"),
        ("/en/services/", "?country=RS&kind=institution&category=helpdesk", "?sort=name"),
    ],
)
def test_pages_need_a_constant_number_of_queries(crowd: Flask, address: str, few: str, many: str) -> None:
    page = Visitor(crowd)
    needed: dict[int, int] = {}

    for query in (few, many):
        with crowd.app_context(), statements(db.session()) as found:
            rows = len(page.get(address + query).slugs)
        needed[rows] = len([statement for statement in found if not statement.startswith("BEGIN")])

    assert 1 <= min(needed) < max(needed) == 20
    assert len(set(needed.values())) == 1 and max(needed.values()) <= 5, needed
