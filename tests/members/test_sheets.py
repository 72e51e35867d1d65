"""Members as sheets: the template, reading CSV, writing it, and both ways in turn."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.members import services
from directory.members.columns import COLUMNS, EXAMPLE_NAME
from directory.members.interchange import as_new_member, as_record
from directory.members.models import Member
from directory.members.queries import get_member
from directory.members.sheets import read_sheet
from directory.web.spreadsheets import cell, plain
from tests.factories import NOW, SYSTEM, add_member, full_member, new_offering
from tests.members.test_desk_import import BRING_IN, IMPORT, _counts, _send
from tests.page import Visitor

SignIn = Callable[..., Visitor]
EXPORT = "/en/staff/members/export"


def _sheet(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(rows).encode(encoding)


def _bring(clerk: Visitor, content: bytes) -> Any:
    return clerk.submit(_send(clerk, content, "members.csv"), {"is_compared": "y"}, css=BRING_IN)


@pytest.mark.parametrize(("between", "encoding"), [(",", "utf-8"), (";", "utf-8-sig")])
def test_a_row_is_a_member(session: Session, sign_in: SignIn, between: str, encoding: str) -> None:
    heads = (
        "name name_language name_zh-Hans short_names kind country city website founded joined_on languages sectors zones "
        "summary_en registration_1_scheme registration_1_value contact_name contact_email contact_phone "
        "service_1_title service_1_category service_1_serves service_2_title service_2_language service_2_category sources"
    )
    cells = [
        "Proba Komora", "sr-Latn", "试用商会", "PK | Proba", "Institution", "rs", "Niš", "proba.example", "1998", "2026-05-06",
        '"sr-Latn, en"', "fintech", "lingang", '"Two\nlines, with ""signs""."', "RS-MB", "00000000", "Ana Probić", "ana@proba.example",
        "'+381 11 0000000", "Prvi koraci", "helpdesk", "RS de", "Training", "en", "training", "https://proba.example/about",
    ]  # fmt: skip

    _bring(sign_in(Role.APPROVER), _sheet(between.join(heads.split()), between.join(cells), "", encoding=encoding))

    member = session.scalars(select(Member)).one()
    assert as_record(member, contact=True) == {
        "slug": "proba-komora", "kind": "institution", "type": None, "country": "RS", "city": "Niš", "zones": ["lingang"],
        "joined_on": "2026-05-06", "languages": ["sr-Latn", "en"], "names": {"sr-Latn": "Proba Komora", "zh-Hans": "试用商会"},
        "summaries": {"en": 'Two\nlines, with "signs".'}, "sectors": ["fintech"], "website": "proba.example",
        "contact": {"name": "Ana Probić", "email": "ana@proba.example", "phone": "+381 11 0000000"}, "founded": 1998,
        "alternate_names": [{"tag": "sr-Latn", "name": "PK", "kind": "short"}, {"tag": "sr-Latn", "name": "Proba", "kind": "short"}],
        "registrations": [{"scheme": "RS-MB", "value": "00000000", "checked_on": None}],
        "offerings": [
            _service({"sr-Latn": "Prvi koraci"}, "helpdesk", serves=["RS", "DE"]), _service({"en": "Training"}, "training"),
        ],
        "sources": [{"fact": "entry", "address": "https://proba.example/about"}],
    }  # fmt: skip


def _service(title: dict[str, str], category: str, **changes: Any) -> dict[str, Any]:
    usual = {"description": {}, "sectors": [], "serves": [], "languages": [], "delivery": [], "fee": None, "direction": None}
    return {"title": title, **usual, "category": category, **changes}


def test_an_export_that_comes_back_changes_nothing(session: Session, sign_in: SignIn) -> None:
    services.admit(session, full_member(), by=SYSTEM, now=NOW)
    add_member(session, slug="formula", names={"en": "=1+1"}, city="-x")
    clerk = sign_in(Role.APPROVER)

    table = clerk.client.get(f"{EXPORT}.csv")
    shown = _send(clerk, table.data, "members.csv")

    assert _counts(shown) == {"new": "0", "changed": "0", "same": "2", "bad": "0"}
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert (rows[1]["name"], rows[1]["city"]) == ("'=1+1", "'-x")
    assert [name for name in rows[0] if name.startswith("contact")] == []
    assert b"tried.example" in table.data
    assert b"ana@tried.example" not in table.data


def test_the_export_is_that_of_the_command_line(session: Session, sign_in: SignIn) -> None:
    services.admit(session, full_member(), by=SYSTEM, now=NOW)
    hidden = add_member(session, slug="hidden")
    services.suspend(session, hidden, by=SYSTEM, reason="Long enough a reason.", seen_version=hidden.version, now=NOW)
    session.commit()
    clerk = sign_in(Role.COORDINATOR)

    lines = clerk.client.get(f"{EXPORT}.jsonl")

    assert len(lines.data.splitlines()) == 1
    assert b"ana@tried.example" not in lines.data
    assert _counts(_send(clerk, lines.data)) == {"new": "0", "changed": "0", "same": "1", "bad": "0"}


def test_what_has_no_column_stays(session: Session, sign_in: SignIn) -> None:
    member = services.admit(session, full_member(slug="full"), by=SYSTEM, now=NOW)
    session.commit()
    before = as_new_member(member)

    _bring(sign_in(Role.APPROVER), _sheet("slug,city,summary_en", "full,Subotica,"))

    session.expire_all()
    after = as_new_member(get_member(session, "full") or member)
    assert after == replace(before, city="Subotica", summaries={"sr-Cyrl": before.summaries["sr-Cyrl"]})


def test_an_emptied_service_goes_and_the_sources_of_others_follow_them(session: Session, sign_in: SignIn) -> None:
    member = services.admit(session, full_member(slug="full"), by=SYSTEM, now=NOW)
    session.commit()
    record = as_record(member)
    assert len(record["offerings"]) > 1

    _bring(sign_in(Role.APPROVER), _sheet("slug;service_1_title;service_1_category", "full;;"))

    session.expire_all()
    now = as_record(get_member(session, "full") or member)
    assert now["offerings"] == record["offerings"][1:]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (("name,colour", "A,red"), "The first row must hold the names of columns, and “colour” is none of them."),
        (("name,name", "A,B"), "The column “name” stands twice in the first row."),
        (("city", "Niš"), "The first row must hold the names of columns, “slug” or “name” among them."),
        (
            ("name,service_13_title", "A,B"),
            "The first row must hold the names of columns, and “service_13_title” is none of them.",
        ),
        (("name",), "There is nothing in this file. Please choose another one."),
    ],
)
def test_headings_that_are_wrong(sign_in: SignIn, rows: tuple[str, ...], error: str) -> None:
    page = _send(sign_in(Role.APPROVER), _sheet(*rows), "members.csv")

    assert (page.status, page.errors) == (422, {"file": error})


def test_a_file_in_another_encoding(sign_in: SignIn) -> None:
    page = _send(sign_in(Role.APPROVER), _sheet("name", "Müller", encoding="latin-1"), "members.CSV")

    assert page.errors == {"file": "This file is not in UTF-8. Please save it again as “CSV UTF-8”."}


def test_what_is_wrong_names_line_and_column(session: Session, sign_in: SignIn) -> None:
    heads = "name,name_language,kind,country,joined_on,service_1_title,service_3_title,service_3_category,registration_2_value"
    content = _sheet(
        heads, "A,en,enterprise,XX,,,,,", "B,en,enterprise,RS,06.05.2026,,,,", "C,en,enterprise,,,,Help,nothing,",
        "D,,enterprise,,,,,,", "E,en,shop,,,,,,", "F,en,enterprise,,,,,,1", "G,en,enterprise,,,,,,,more",
    )  # fmt: skip

    page = _send(sign_in(Role.APPROVER), content, "members.csv")

    assert page.texts("[data-bad]") == [
        "Line 2: Country or region ( country ) – “XX” is no known country or region.",
        "Line 3: Joined on ( joined_on ) – A date such as 2026-05-06 must stand here.",
        "Line 4: Category of the service · 3 ( service_3_category ) – “nothing” is not known here.",
        "Line 5: Language of the official name ( name_language ) – This is missing.",
        "Line 6: Institution or enterprise ( kind ) – “shop” is none of these: institution, enterprise.",
        "Line 7: Register · 2 ( registration_2_scheme ) – This is missing.",
        "Line 8: There is a cell in a column without a heading.",
    ]


def test_the_template_is_a_sheet_that_can_be_brought_in(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)

    answer = clerk.client.get(f"{IMPORT}/template.csv")
    [row] = read_sheet(answer.data)
    _bring(clerk, answer.data.replace(EXAMPLE_NAME.encode(), b"Chamber of Sample Town"))

    assert answer.headers["Content-Disposition"] == "attachment; filename=members-template.csv"
    assert {heading.column for heading in row.cells} == set(COLUMNS)
    member = session.scalars(select(Member)).one()
    assert (member.official_name.name, member.demonstration) == ("Chamber of Sample Town", True)
    assert member.joined_on == date(2026, 5, 6)


def test_the_page_of_columns_explains_each(sign_in: SignIn) -> None:
    page = sign_in(Role.APPROVER).get(f"{IMPORT}/columns")

    assert [str(e["data-column"]) for e in page.select("[data-column]")] == [column.heading for column in COLUMNS]
    assert "helpdesk" in page.texts("#codes-category code")


def test_a_file_with_a_long_name_is_still_a_sheet(session: Session, sign_in: SignIn) -> None:
    page = _send(sign_in(Role.APPROVER), _sheet("name,name_language,kind", "A,en,enterprise"), f"{'x' * 200}.csv")

    assert _counts(page)["new"] == "1"


def test_an_export_has_columns_for_whoever_offers_most(session: Session, sign_in: SignIn) -> None:
    add_member(session, offerings=tuple(new_offering(number=number) for number in range(1, 6)))

    answer = sign_in(Role.APPROVER).client.get("/en/staff/members/export.csv")

    [headings, _row] = csv.reader(answer.get_data(as_text=True).removeprefix("\ufeff").splitlines())
    assert [text for text in headings if text.endswith("_title")] == [f"service_{number}_title" for number in range(1, 6)]


@pytest.mark.parametrize("text", ["'=1", "''+x", "=1", "plain", "'quoted'"])
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    assert plain(cell(text)) == text
    assert not cell(text).startswith("=")
