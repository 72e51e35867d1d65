"""The audit as auditors read it: narrowed by who, when and what, and as a file."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import SYSTEM, Actor, AuditEvent, erase, record, verify
from directory.members import services as members
from directory.members.interchange import as_new_member
from tests.conftest import ON_POSTGRES
from tests.factories import add_member
from tests.page import Visitor
from tests.review.cases import add_account, add_application

SignIn = Callable[..., Visitor]
NUMBERS = "tbody td:nth-child(1)"


def add_events(session: Session) -> None:
    """Store four events of two days, by three actors."""
    first, second = datetime(2026, 6, 1, 23, 59, tzinfo=UTC), datetime(2026, 6, 2, 0, 0, tzinfo=UTC)
    record(session, "member.admit", by=SYSTEM, subject=("member", "one"), now=first, changes={"name": (None, "=1+1")})
    record(session, "member.confirm", by=SYSTEM, subject=("member", "two"), now=first)
    record(session, "application.save", by=Actor("applicant", "A-1"), subject=("application", "A-1"), now=second)
    record(
        session,
        "member.correct",
        by=SYSTEM,
        subject=("member", "one"),
        now=second,
        changes={"city": ("A", "B"), "note": (None, "x")},
    )
    session.commit()


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["4", "3", "2", "1"]),
        ("from=2026-06-02", ["4", "3"]),
        ("to=2026-06-01", ["2", "1"]),
        ("from=2026-06-02&to=2026-06-02&who=system", ["4"]),
        ("who=applicant", ["3"]),
        ("who=nobody-we-know", ["4", "3", "2", "1"]),
        ("action=member.c&subject=one", ["4"]),
        ("from=2027-01-01", []),
    ],
)
def test_audit_is_narrowed(session: Session, sign_in: SignIn, query: str, numbers: list[str]) -> None:
    auditor = sign_in(Role.AUDITOR)
    add_events(session)

    found = auditor.get(f"/en/staff/audit?{query}")

    assert found.texts(NUMBERS) == numbers


def test_events_of_one_clerk(session: Session, sign_in: SignIn) -> None:
    application = add_application(session)
    clerk, auditor = sign_in(Role.REVIEWER, email="rita@staff.example"), sign_in(Role.AUDITOR)
    add_events(session)
    clerk.submit(clerk.get(f"/en/staff/applications/{application.reference}"), css="form[action$='/take']")
    chosen = next(o["value"] for o in auditor.get("/en/staff/audit").select("#who option") if o.text == "rita@staff.example")

    found = auditor.get(f"/en/staff/audit?who={chosen}")

    assert found.texts("tbody td:nth-child(5)") == ["Taken into review application.take"]
    assert found.texts("tbody td:nth-child(4)") == ["127.0.0.0/24"]
    assert found.select("#who option[selected]")[0].text == "rita@staff.example"


def test_days_that_make_no_sense_are_told_and_kept(sign_in: SignIn) -> None:
    found = sign_in(Role.AUDITOR).get("/en/staff/audit?from=2026-06-02&to=2026-06-01")

    assert (found.status, list(found.errors)) == (422, ["to"])
    assert [found.select(f"#{name}")[0]["value"] for name in ("from", "to")] == ["2026-06-02", "2026-06-01"]


def test_file_has_a_row_for_each_value_and_no_formulas(session: Session, sign_in: SignIn) -> None:
    auditor = sign_in(Role.AUDITOR, email="=eva@staff.example")
    add_events(session)

    answer = auditor.client.get("/de/staff/audit.csv?subject=one")

    rows = list(csv.DictReader(answer.get_data(as_text=True).removeprefix("\ufeff").splitlines()))
    assert answer.headers["Content-Disposition"] == "attachment; filename=audit.csv"
    assert [(row["number"], row["who"], row["field"], row["old"], row["new"]) for row in rows] == [
        ("1", "system", "name", "null", '"=1+1"'), ("4", "system", "city", '"A"', '"B"'), ("4", "system", "note", "null", '"x"'),
    ]  # fmt: skip
    assert {row["hash"] for row in rows} == set(session.scalars(sa.select(AuditEvent.hash).where(AuditEvent.subject_id == "one")))


@pytest.mark.parametrize("asked", ["rita ruß", "RITA RUSS", "Rita%20%20Ruß", "Rita@Staff.example"])
def test_account_is_found_by_name_and_address(session: Session, sign_in: SignIn, asked: str) -> None:
    auditor = sign_in(Role.AUDITOR)
    rita = add_account(session, Role.REVIEWER, name="Rita Ruß", email="rita@staff.example")
    other = add_account(session, Role.REVIEWER, name="Rita")
    for account in (other, rita):
        record(
            session, "account.disable", by=SYSTEM, subject=("account", account.public_id), now=datetime(2026, 6, 1, tzinfo=UTC)
        )
    record(session, "member.confirm", by=SYSTEM, subject=("member", "rita"), now=datetime(2026, 6, 1, tzinfo=UTC))
    session.commit()

    found = auditor.get(f"/en/staff/audit?subject={asked}")

    assert (found.texts(NUMBERS), found.texts("tbody td:nth-child(6)")) == (["2"], ["Rita Ruß"])
    assert auditor.get(f"/en/staff/audit?subject={rita.public_id}").texts(NUMBERS) == ["2"]


def test_file_names_the_account_that_an_event_is_about(session: Session, sign_in: SignIn) -> None:
    auditor, rita = sign_in(Role.AUDITOR), add_account(session, Role.REVIEWER, name="Rita Ruß")
    for subject in (("account", rita.public_id), ("member", rita.public_id)):
        record(session, "member.confirm", by=SYSTEM, subject=subject, now=datetime(2026, 6, 1, tzinfo=UTC))
    session.commit()

    answer = auditor.client.get("/en/staff/audit.csv")

    heads, *rows = csv.reader(answer.get_data(as_text=True).removeprefix("\ufeff").splitlines())
    assert (heads[-1], [row[-1] for row in rows]) == ("subject_name", ["Rita Ruß", ""])


def _shown(auditor: Visitor, session: Session, action: str, changes: dict[str, tuple[Any, Any]], tag: str = "en") -> Any:
    record(session, action, by=SYSTEM, subject=("application", "A-1"), now=datetime(2026, 6, 2, tzinfo=UTC), changes=changes)
    session.commit()
    return auditor.get(f"/{tag}/staff/audit").select("tbody tr")[0].select("td")[6]


def test_what_changed_is_told_in_words(session: Session, sign_in: SignIn) -> None:
    auditor, rita = sign_in(Role.AUDITOR), add_account(session, Role.REVIEWER, name="Rita Ruß")
    session.commit()
    changes: dict[str, tuple[Any, Any]] = {
        "assignee": (None, rita.public_id), "code": (None, "out_of_scope"), "copies": (True, False), "roles": ([], ["auditor"]),
        "standing": ("good", None), "state": ("in_review", "on_hold"), "step": (None, "seat"), "unheard_of": (None, {"a": 1}),
    }  # fmt: skip

    told = _shown(auditor, session, "application.assign", changes)
    german = _shown(auditor, session, "application.assign", {"state": (None, "on_hold")}, tag="de")

    assert [" ".join(line.get_text().split()) for line in told.select(".changed")] == [
        "Assigned to: Rita Ruß",
        "Reason of the rejection: What the organisation offers lies outside the initiative.",
        "Copies of letters: Yes → No",
        "Roles: Auditor",
        "Standing: In good standing → nothing",
        "State: In review → On hold",
        "Part of the application: Seat and registration",
        'unheard_of: {"a":1}',
    ]
    assert german.select("ins")[0].get_text() == "Zurückgestellt"


def test_a_long_value_is_folded_and_whole(session: Session, sign_in: SignIn) -> None:
    words = "\n".join(f"Line {number} of what was written <b>." for number in range(100))

    told = _shown(sign_in(Role.AUDITOR), session, "application.message", {"message": (None, words), "points": (None, [words])})

    message, points = (one.select("ins")[-1].get_text() for one in told.select("details"))
    assert message == words
    assert json.loads(points) == [words]


def test_a_value_of_an_older_program_is_shown_as_it_is(session: Session, sign_in: SignIn) -> None:
    told = _shown(sign_in(Role.AUDITOR), session, "application.hold", {"state": ("paused", ["x"]), "roles": (None, 7)})

    assert [one.get_text() for one in told.select("del, ins")] == ["7", "paused", '["x"]']


def test_what_was_erased_is_said(session: Session, sign_in: SignIn) -> None:
    auditor = sign_in(Role.AUDITOR)
    _shown(auditor, session, "application.message", {"message": (None, "Ana, call me."), "state": (None, "on_hold")})
    erase(session, ("application", "A-1"))
    record(session, "application.reduce", by=SYSTEM, subject=("application", "A-1"), now=datetime(2026, 6, 3, tzinfo=UTC))
    session.commit()

    row = auditor.get("/en/staff/audit").select("tbody tr")[1]

    assert " ".join(row.select("td")[6].get_text().split()) == "State: On hold Erased since: Message"


def test_actions_are_chosen_by_their_words(session: Session, sign_in: SignIn) -> None:
    auditor = sign_in(Role.AUDITOR)
    add_events(session)

    page = auditor.get("/en/staff/audit?action=member.con")
    narrowed = auditor.get("/en/staff/audit?action=application.")

    words = {option["value"]: option.get_text() for option in page.select("#action option")}
    assert words.keys() >= {"", "application.", "member.", "application.approve", "account.sign_in", "member.con"}
    assert words["application.approve"] == "Approved"
    assert page.select("#action option[selected]")[0]["value"] == "member.con"
    assert narrowed.texts(NUMBERS) == ["3"]


@pytest.mark.parametrize(("role", "leads"), [(Role.AUDITOR, True), (Role.ADMINISTRATOR, False)])
def test_the_way_to_the_case_is_for_who_may_read_it(session: Session, sign_in: SignIn, role: Role, leads: bool) -> None:
    reader = sign_in(role)
    add_events(session)

    found = reader.get("/en/staff/audit").select("tbody a[href$='/staff/applications/A-1']")

    assert bool(found) is leads


def test_network_is_kept_short_and_sealed(app: Flask, session: Session, sign_in: SignIn) -> None:
    application = add_application(session)
    clerk = sign_in(Role.REVIEWER)
    page = clerk.get(f"/en/staff/applications/{application.reference}")
    clerk.client.environ_base["REMOTE_ADDR"] = "2001:db8:aaaa:bbcc:1:2:3:4"

    clerk.submit(page, css="form[action$='/take']")

    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "application.take")).one()
    assert event.network == "2001:db8:aaaa:bb00::/56"
    assert verify(session).broken is None
    session.execute(sa.update(AuditEvent).where(AuditEvent.sequence == event.sequence).values(network="192.0.2.0/24"))
    assert (verify(session).broken, verify(session).why) == (event.sequence, "altered")


@pytest.mark.parametrize(
    "digests", ["[]", "null", "7", pytest.param("{", marks=pytest.mark.skipif(ON_POSTGRES, reason="it is JSON there"))]
)
def test_page_shows_what_somebody_wrote_behind_the_program(session: Session, sign_in: SignIn, digests: str) -> None:
    auditor = sign_in(Role.AUDITOR)
    add_events(session)
    session.execute(sa.text("UPDATE audit_event SET digests = :digests WHERE sequence = 4"), {"digests": digests})
    session.execute(sa.text("UPDATE audit_value SET new = '{' WHERE field = 'city'"))
    session.commit()

    rows = auditor.get("/en/staff/audit").select("tbody tr")

    assert [" ".join(line.get_text().split()) for line in rows[0].select(".changed")] == ["City: A → {", "Note: x"]


def test_events_of_a_member_are_found_by_any_address_and_by_its_name(session: Session, sign_in: SignIn, now: datetime) -> None:
    auditor = sign_in(Role.AUDITOR)
    member = add_member(session, slug="first", names={"en": "Trade Circle"})
    members.confirm(session, member, by=SYSTEM, seen_version=member.version, now=now)
    new = replace(as_new_member(member), slug="second")
    members.correct(session, member, new=new, by=SYSTEM, note="Shorter.", seen_version=member.version, now=now)
    session.commit()

    found = [
        auditor.get(f"/en/staff/audit?subject={asked}").texts("tbody code.meta") for asked in ("second", "first", "Trade Circle")
    ]
    led = auditor.get("/en/staff/members/first")
    entry = auditor.get("/en/staff/members/second")

    assert found == [["member.correct", "member.confirm", "member.admit"]] * 3
    assert (led.status, led.location) == (302, "/en/staff/members/second")
    assert entry.select("a[href$='/staff/audit?subject=second']")


def test_checklist_and_points_are_told_in_words(session: Session, sign_in: SignIn) -> None:
    changes: dict[str, tuple[Any, Any]] = {
        "checklist": (None, {"authority": "fine"}), "points": (None, [["seat", "missing", "Which register?"], ["", "unclear", ""]]),
        "visibility": (None, "approvers"),
    }  # fmt: skip

    told = _shown(sign_in(Role.AUDITOR), session, "application.recommend", changes)

    assert [one.get_text() for one in told.select("ins")] == [
        "Whoever signs may sign for the organisation – In order",
        "Seat and registration · Something is missing here. · Which register?\nThe whole application · Please explain this more clearly.",
        "Approvers, coordinators and auditors only",
    ]
