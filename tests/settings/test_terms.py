"""What becomes of a retired term in forms, applications, the desk and the interchange format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications.answers import as_new_member
from directory.initiative.holding import refresh
from directory.initiative.vocab import Subject
from directory.members.interchange import as_record
from tests.conftest import NOW
from tests.factories import add_application, add_member, full_answers, new_offering
from tests.initiative.setting import change_term
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
FORM = "main form[novalidate]"


def _options(page: Page, name: str) -> list[str]:
    return [str(option["value"]) for option in page.select(f"select[name='{name}'] option")]


def test_the_desk_offers_a_retired_term_only_to_who_carries_it(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="old", zones=("pudong",))
    add_member(session, slug="other")
    change_term(session, Subject.CATEGORIES, "e-invoicing", successor="trade-documents")
    change_term(session, Subject.ZONES, "pudong", successor="lingang")
    clerk = sign_in(Role.COORDINATOR)

    carrying, other = (clerk.get(f"/en/staff/members/{slug}/correct") for slug in ("old", "other"))

    assert "e-invoicing" not in _options(other, "offerings-0-category")
    assert [box["value"] for box in carrying.select("input[name=zones]")] == ["lingang", "hongqiao", "pudong"]
    assert [box["value"] for box in other.select("input[name=zones]")] == ["lingang", "hongqiao"]
    assert "Pudong New Area (no longer used; instead: Lingang Special Area)" in carrying.text
    assert "Pudong New Area (no longer used; instead: Lingang Special Area)" in clerk.get("/en/staff/members/old").text


def test_a_correction_loses_no_retired_term(session: Session, sign_in: SignIn) -> None:
    member = add_member(session, slug="old", zones=("pudong",), offerings=(new_offering(category="e-invoicing"),))
    change_term(session, Subject.CATEGORIES, "e-invoicing", successor="trade-documents")
    change_term(session, Subject.ZONES, "pudong", successor="lingang")
    clerk = sign_in(Role.COORDINATOR)

    done = clerk.submit(
        clerk.get("/en/staff/members/old/correct"), {"city": "Novi Sad", "note": "Moved.", "action": "save"}, css=FORM
    )

    assert "The corrected entry is published." in done.html
    session.expire_all()
    assert (member.city, member.zones, member.offerings[0].category) == ("Novi Sad", ["pudong"], "e-invoicing")


def test_an_application_becomes_an_entry_with_the_successor(session: Session) -> None:
    answers = full_answers()
    answers["offerings"]["offerings"][0]["sectors"] = ["fintech"]
    application = add_application(session, answers=answers)
    change_term(session, Subject.CATEGORIES, "market-entry-advisory", successor="incorporation")
    change_term(session, Subject.SECTORS, "fintech", successor="e-commerce")
    change_term(session, Subject.ZONES, "lingang", successor="pudong")
    refresh()

    new = as_new_member(application, today=NOW.date())

    assert (new.zones, new.sectors) == (("pudong",), ("e-commerce",))
    assert (new.offerings[0].category, new.offerings[0].sectors) == ("incorporation", ("e-commerce",))


def test_a_retired_category_survives_export_and_import(session: Session, app: Flask, tmp_path: Path) -> None:
    member = add_member(session, slug="old", offerings=(new_offering(category="e-invoicing"),))
    change_term(session, Subject.CATEGORIES, "e-invoicing", successor="trade-documents")
    before: dict[str, Any] = as_record(member)
    runner, file = app.test_cli_runner(), tmp_path / "members.jsonl"

    assert runner.invoke(args=["members", "export", str(file)]).exit_code == 0
    row = json.loads(file.read_text(encoding="utf-8"))
    assert row["offerings"][0]["category"] == "e-invoicing"
    file.write_text(json.dumps(row | {"slug": "again"}), encoding="utf-8")
    imported = runner.invoke(args=["members", "import", str(file)])

    assert imported.exit_code == 0, imported.output
    assert before["offerings"][0]["category"] == "e-invoicing"
