"""What the desk checks by itself, and the rules that need no database."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from directory.applications.rules import working_days
from directory.applications.states import State
from directory.applications.twins import told_by, twins_of
from directory.db import db
from directory.members.alike import Match
from directory.members.entry import NewRegistration
from directory.members.models import Member
from directory.members.registers import Verdict
from directory.members.vocab import Standing
from directory.review.checks import VERDICT_LABELS, checks_of
from directory.review.domains import is_same_house, mail_domain
from tests.factories import add_member
from tests.review.cases import add_application, answers


@pytest.mark.parametrize(("address", "domain"), [("a@B.example", "b.example"), ("nobody", ""), (None, "")])
def test_mail_domain(address: str | None, domain: str) -> None:
    assert mail_domain(address) == domain


def test_domains_of_one_house() -> None:
    pairs = [
        ("a.example", "a.example"),
        ("mail.a.example", "a.example"),
        ("ba.example", "a.example"),
        ("", ""),
        ("a.example", ""),
    ]

    assert [is_same_house(*pair) for pair in pairs] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026-11-20", "2026-11-20", 0),
        ("2026-11-20", "2026-11-23", 1),
        ("2026-11-21", "2026-11-22", 0),
        ("2026-11-16", "2026-11-30", 10),
        ("2026-11-18", "2026-12-08", 14),
        ("2026-11-20", "2026-11-01", 0),
    ],
)
def test_working_days(since: str, until: str, days: int) -> None:
    first, last = (datetime.fromisoformat(f"{day}T12:00:00+00:00") for day in (since, until))

    assert working_days(first, last) == days


def _twins(app: Flask, session: Session, **given: dict[str, object]) -> list[tuple[str, tuple[Match, ...]]]:
    application = add_application(session, answers=answers(**given))
    found = checks_of(application, twins_of(session, told_by(application)))
    return [(twin.slug or twin.reference, twin.reasons) for twin in found.twins]


def test_member_with_the_same_name_in_another_spelling(app: Flask, session: Session) -> None:
    member = add_member(session, names={"de": "Außenwirtschaftskammer GmbH", "en": "Foreign Trade Chamber"})
    add_member(session, names={"de": "Außenwirtschaftsbund"})

    twins = _twins(app, session, organisation={"name": "AUSSENWIRTSCHAFTSKAMMER", "names": []})

    assert twins == [(member.slug, (Match.NAME,))]


def test_member_with_the_same_website_or_registration(app: Flask, session: Session) -> None:
    web = add_member(session, website="https://www.twin.example/start")
    register = add_member(session, registrations=(NewRegistration("DE-VR", "VR-77 88"),))

    twins = _twins(
        app,
        session,
        organisation={"website": "http://twin.example"},
        seat={"registrations": [{"scheme": "x", "value": "vr7788"}]},
    )

    assert twins == [(register.slug, (Match.REGISTRATION,)), (web.slug, (Match.WEBSITE,))]


def test_member_that_left_is_still_a_twin(app: Flask, session: Session) -> None:
    member = add_member(session, names={"en": "Gone Chamber"})
    member.standing, member.standing_reason = Standing.ENDED, "It was dissolved."
    session.commit()

    assert _twins(app, session, organisation={"name": "GONE CHAMBER LTD", "names": []}) == [(member.slug, (Match.NAME,))]


def test_open_application_is_a_twin_and_a_draft_is_not(app: Flask, session: Session) -> None:
    for state in (State.DRAFT, State.WITHDRAWN):
        add_application(session, state=state, answers=answers(organisation={"name": "Two Letters"}))
    other = add_application(session, state=State.ON_HOLD, answers=answers(organisation={"name": "Two Letters"}))

    assert _twins(app, session, organisation={"name": "TWO LETTERS INC"}) == [(other.reference, (Match.NAME,))]


def test_checks_cost_the_same_for_one_and_for_many(app: Flask, session: Session) -> None:
    counts = []

    for number in (1, 3):
        for _ in range(number):
            add_member(session, website="https://twin.example")
        application = add_application(session, answers=answers(organisation={"website": "https://twin.example"}))
        _ = application.answers
        statements: list[str] = []

        def note(*args: object, seen: list[str] = statements) -> None:
            seen.append(str(args[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        found = checks_of(application, twins_of(session, told_by(application)))
        event.remove(db.engine, "before_cursor_execute", note)
        assert len([t for t in found.twins if t.slug]) == session.query(Member).count()
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_numbers_are_judged_for_staff(session: Session) -> None:
    given = [
        {"scheme": "CN-USCC", "value": "91110000600037341L"},
        {"scheme": "VAT", "value": "101134703"},
        {"scheme": "other", "value": "X-1"},
        {"scheme": "RS-MB"},
    ]
    application = add_application(session, state=State.IN_REVIEW, answers=answers(seat={"country": "RS", "registrations": given}))

    found = checks_of(application, twins_of(session, told_by(application))).numbers

    assert [(number.value, number.verdict) for number in found] == [
        ("91110000600037341L", Verdict.GOOD),
        ("101134703", Verdict.WRONG),
        ("X-1", None),
    ]
    assert {number.verdict for number in found} <= set(VERDICT_LABELS)
