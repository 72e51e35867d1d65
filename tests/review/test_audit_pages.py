"""The audit as auditors read it: narrowed by who, when and what, and as a file."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import SYSTEM, Actor, AuditEvent, record, verify
from tests.page import Visitor
from tests.review.cases import add_application

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

    assert found.texts("tbody td:nth-child(5)") == ["application.take"]
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
