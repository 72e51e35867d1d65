"""Editions: what counts, what is refused, what is written down."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from directory.audit import AuditEvent, verify
from directory.errors import Conflict, Invalid
from directory.initiative import queries, services
from directory.initiative.holding import SHIPPED, refresh, setting
from directory.initiative.models import Edition
from directory.initiative.vocab import Subject
from tests.conftest import NOW
from tests.initiative.setting import add_term, administrator, change_term, data_of, set_anew

TODAY = NOW.date()


def _refused(session: Session, subject: Subject, data: Any) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        set_anew(session, subject, data)
    session.rollback()
    return caught.value.field, caught.value.reason


def test_without_editions_everything_is_as_it_came(session: Session) -> None:
    assert setting() is SHIPPED
    assert queries.get_initiative().name("en").text == "Digital Enterprise Service Ecosystem Initiative"
    assert queries.times().promised == 10
    assert queries.categories().label("trade-documents", "en") == SHIPPED.taxonomies[Subject.CATEGORIES].label(
        "trade-documents", "en"
    )
    assert queries.newest_editions(session) == {}


def test_an_edition_counts_from_its_commit(session: Session) -> None:
    edition = change_term(session, Subject.ZONES, "pudong", labels={"en": "Pudong", "de": "Pudong Neu"})

    refresh()
    assert queries.zones().label("pudong", "de") == "Pudong Neu"
    assert (edition.id, edition.number, edition.by.name, edition.note) == (1, 1, "Ada Minka", "As the board decided.")
    assert session.scalar(text("SELECT editions FROM ledger")) == 1


def test_editions_are_numbered_for_each_subject_and_counted_over_all(session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "One"})
    add_term(session, Subject.SECTORS, "beekeeping", "Beekeeping")
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Two"})

    rows = session.execute(select(Edition.id, Edition.subject, Edition.number).order_by(Edition.id)).all()
    assert [tuple(row) for row in rows] == [(1, "zones", 1), (2, "sectors", 1), (3, "zones", 2)]
    refresh()
    assert queries.zones().label("pudong", "en") == "Two"
    assert queries.sectors().label("beekeeping", "de") == "Beekeeping"


def test_an_edition_is_written_down_with_who_why_and_a_digest(session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Pudong"})

    event = session.scalars(select(AuditEvent)).one()
    said = {value.field: json.loads(value.new) for value in event.values}
    assert (event.action, event.subject_kind, event.subject_id) == ("edition.add", "edition", "zones")
    assert event.actor_id == administrator(session).public_id
    assert (said["number"], said["note"], len(said["data"])) == (1, "As the board decided.", 64)
    assert verify(session).broken is None


def test_the_second_of_two_administrators_is_told(session: Session) -> None:
    data = data_of(session, Subject.ZONES)
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Pudong"})

    with pytest.raises(Conflict):
        set_anew(session, Subject.ZONES, data, seen=0)


def test_nothing_new_is_no_edition(session: Session) -> None:
    assert _refused(session, Subject.TIMES, data_of(session, Subject.TIMES)) == ("form", "unchanged")
    assert session.scalars(select(Edition)).all() == []


@pytest.mark.parametrize("note", ["", "  ", "x" * 501])
def test_an_edition_says_why(session: Session, note: str) -> None:
    data = data_of(session, Subject.TIMES) | {"promised": 9}

    with pytest.raises(Invalid, match="note"):
        services.add_edition(session, Subject.TIMES, data, by=administrator(session), note=note, seen_number=0, now=NOW)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"slug": "lingang"}, ("slug", "taken")),
        ({"slug": "New Zone"}, ("slug", "form")),
        ({"slug": "x" * 61}, ("slug", "form")),
        ({"labels": {"de": "Nur deutsch"}}, ("labels", "source_missing")),
        ({"labels": {"en": "x" * 81}}, ("labels", "length")),
        ({"labels": {"en": "X", "tlh": "X"}}, ("labels", "language")),
        ({"successor": "new"}, ("successor", "itself")),
        ({"successor": "nowhere"}, ("successor", "unknown")),
    ],
)
def test_a_term_keeps_the_rules(session: Session, change: dict[str, Any], refusal: tuple[str, str]) -> None:
    data = data_of(session, Subject.ZONES)
    data["terms"].append({"slug": "new", "labels": {"en": "New"}, **change})

    assert _refused(session, Subject.ZONES, data) == refusal


def test_a_successor_is_in_force_so_that_there_are_no_chains_and_no_circles(session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", successor="lingang")
    chain = data_of(session, Subject.ZONES)
    chain["terms"][0]["successor"] = "hongqiao"
    circle = data_of(session, Subject.ZONES)
    circle["terms"][0]["successor"] = "pudong"

    assert _refused(session, Subject.ZONES, chain) == ("successor", "retired pudong")
    assert _refused(session, Subject.ZONES, circle) == ("successor", "retired lingang")


def test_a_term_is_never_removed(session: Session) -> None:
    data = data_of(session, Subject.ZONES)
    del data["terms"][0]

    assert _refused(session, Subject.ZONES, data) == ("slug", "removed lingang")


def test_a_category_belongs_to_a_group_there_is(session: Session) -> None:
    data = data_of(session, Subject.CATEGORIES)
    data["terms"][0]["group"] = "nowhere"

    assert _refused(session, Subject.CATEGORIES, data) == ("group", "unknown")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"promised": 0}, ("promised", "bounds")),
        ({"promised": 91}, ("promised", "bounds")),
        ({"promised": "10"}, ("promised", "bounds")),
        ({"second_reminder": 7}, ("second_reminder", "order")),
        ({"end": 21}, ("end", "order")),
        ({"documents_kept": 29}, ("documents_kept", "before_appeal")),
        ({"other": 1}, ("promised", "unknown")),
    ],
)
def test_terms_of_time_keep_their_bounds(session: Session, change: dict[str, Any], refusal: tuple[str, str]) -> None:
    assert _refused(session, Subject.TIMES, data_of(session, Subject.TIMES) | change) == refusal


def _version(name: str, day: str, **changes: Any) -> dict[str, Any]:
    return {"version": name, "published_on": day, "sample": False, "texts": {"en": "We state."}} | changes


def test_a_version_of_the_statement_is_signed_from_its_day_on(session: Session) -> None:
    data = data_of(session, Subject.STATEMENT)
    data["versions"].append(_version("2", "2026-12-01"))
    set_anew(session, Subject.STATEMENT, data)

    refresh()
    found = queries.get_initiative()
    assert found.statement_on(TODAY).version == "sample-1"
    assert found.statement_on(TODAY.replace(month=12, day=1)).version == "2"


@pytest.mark.parametrize(
    ("version", "refusal"),
    [
        (_version("sample-1", "2026-12-01"), ("version", "taken")),
        (_version("two words", "2026-12-01"), ("version", "form")),
        (_version("2", "soon"), ("published_on", "form")),
        (_version("2", "2026-11-24"), ("published_on", "order")),
        (_version("2", "2026-12-01", texts={"de": "Wir erklären."}), ("texts", "source_missing")),
    ],
)
def test_a_version_keeps_the_rules(session: Session, version: dict[str, Any], refusal: tuple[str, str]) -> None:
    data = data_of(session, Subject.STATEMENT)
    data["versions"].append(version)

    assert _refused(session, Subject.STATEMENT, data) == refusal


def test_a_version_does_not_begin_in_the_past(session: Session) -> None:
    data = data_of(session, Subject.STATEMENT)
    data["versions"].append(_version("2", "2026-12-01"))

    with pytest.raises(Invalid, match="past"):
        set_anew(session, Subject.STATEMENT, data, now=NOW + timedelta(days=30))


@pytest.mark.parametrize("change", [{"texts": {"en": "Other words."}}, {"sample": False}, {"published_on": "2026-11-23"}])
def test_a_version_that_could_be_signed_stays_as_it_is(session: Session, change: dict[str, Any]) -> None:
    data = data_of(session, Subject.STATEMENT)
    data["versions"][0] |= change

    assert _refused(session, Subject.STATEMENT, data) == ("version", "in_use")


def test_a_version_to_come_can_still_be_changed(session: Session) -> None:
    data = data_of(session, Subject.STATEMENT)
    data["versions"].append(_version("2", "2026-12-01"))
    set_anew(session, Subject.STATEMENT, data)

    data["versions"][1] = _version("2", "2026-12-15", texts={"en": "Better words."})
    set_anew(session, Subject.STATEMENT, data)

    refresh()
    assert queries.get_initiative().statements[-1].text("en").text == "Better words."


def test_an_earlier_edition_is_taken_up_as_a_new_one(session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "First"})
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Second"})
    add_term(session, Subject.ZONES, "zhangjiang", "Zhangjiang")
    by = administrator(session)

    services.take_up(session, Subject.ZONES, 1, by=by, note="Back again.", seen_number=3, now=NOW)
    session.commit()

    refresh()
    assert queries.newest_edition(session, Subject.ZONES).number == 4  # type: ignore[union-attr]
    assert queries.zones().label("pudong", "en") == "First"
    assert queries.zones().label("zhangjiang", "en") == "Zhangjiang"


def test_what_came_with_the_program_can_be_taken_up_but_not_what_is_not_there(session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "First"})
    by = administrator(session)

    with pytest.raises(Invalid, match="unknown"):
        services.take_up(session, Subject.ZONES, 7, by=by, note="Back.", seen_number=1, now=NOW)
    services.take_up(session, Subject.ZONES, 0, by=by, note="Back.", seen_number=1, now=NOW)
    session.commit()

    refresh()
    assert queries.zones().label("pudong", "en") == "Pudong New Area"


def test_a_version_that_could_be_signed_stays_when_an_earlier_edition_is_taken_up(session: Session) -> None:
    data = data_of(session, Subject.STATEMENT)
    data["versions"].append(_version("2", "2026-12-01"))
    set_anew(session, Subject.STATEMENT, data)
    later = datetime(2027, 1, 1, tzinfo=UTC)

    with pytest.raises(Invalid, match="unchanged"):
        services.take_up(session, Subject.STATEMENT, 0, by=administrator(session), note="Back.", seen_number=1, now=later)


def test_the_setting_of_one_database_is_not_that_of_another(app: Flask, session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Changed"})

    refresh()

    assert setting().stamp
    assert SHIPPED.taxonomies[Subject.ZONES].label("pudong", "en") == "Pudong New Area"
