"""Asking a member something: what is kept, whom it reaches, what the letters say."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.audit import SYSTEM, AuditEvent
from directory.db import db
from directory.enquiries.models import WORDS_MAX, Enquiry
from directory.members import services as member_services
from directory.members.entry import NewContact
from tests.conftest import NOW
from tests.factories import add_member
from tests.page import Visitor

ADDRESS = "/en/members/alpha/enquiry"
WORDS = "Which papers do we need for cocoa?\nWe start in March."


def _payload(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Ana Example",
        "organisation": "Cocoa Ltd",
        "country": "DE",
        "email": "Ana@Cocoa.example",
        "words": WORDS,
    } | changes


@pytest.fixture
def member(session: Session) -> None:
    """Give a member with an address of its own, which it does not show."""
    contact = NewContact(name="Mira Secret", email="desk@alpha.example", phone="+381 11 000000", locale="en", shown=False)
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"}, contact=contact)


def _body(letter: Any) -> list[str]:
    return [line for line in letter.body.split("\n") if line]


@pytest.mark.usefixtures("member")
def test_question_reaches_member(page: Visitor, session: Session, letters: Any) -> None:
    asked = page.post(ADDRESS, _payload())

    assert (asked.status, asked.location) == (303, "/en/members/alpha")
    [row] = session.scalars(select(Enquiry))
    kept = (row.member.slug, row.locale, row.name, row.organisation, row.country, row.email, row.words, row.relayed_to_staff)
    assert kept == ("alpha", "en", "Ana Example", "Cocoa Ltd", "DE", "ana@cocoa.example", WORDS, False)
    relayed, receipt = letters()
    assert (relayed.recipient, relayed.reply_to, relayed.subject) == (
        "desk@alpha.example",
        "ana@cocoa.example",
        "Question from Ana Example through the directory",
    )
    assert _body(relayed) == [
        "Somebody asks Alpha Chamber something through the directory of the initiative. To answer, simply reply to this "  # noqa: ISC004 (one line of the letter)
        "letter: your reply goes straight to them.",
        "Name: Ana Example",
        "Organisation: Cocoa Ltd",
        "Country or region: Germany",
        "Mail: ana@cocoa.example",
        "> Which papers do we need for cocoa?",
        "> We start in March.",
        "The association has not checked who wrote this. This letter did not tell them your address; your reply will.",
        "Your entry in the directory:",
        "http://127.0.0.1:8000/en/members/alpha",
        "Digital Enterprise Service Ecosystem Initiative",
    ]
    assert (receipt.recipient, receipt.reply_to, receipt.subject) == (
        "ana@cocoa.example",
        "staff@initiative.example",
        "Copy of your question to Alpha Chamber",
    )
    assert "Your question went to the member by mail; the answer comes to you directly." in receipt.body
    assert "> We start in March." in receipt.body
    assert "desk@alpha.example" not in receipt.body
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "enquiry.send")).one()
    said = {value.field: value.new for value in event.values}
    assert (event.subject_id, event.actor_kind, said) == (
        row.public_id,
        "visitor",
        {"member": '"alpha"', "relayed_to": '"member"'},
    )


def test_button_pressed_twice_sends_one_question(app: Flask, session: Session, letters: Any) -> None:
    add_member(session, slug="alpha", names={"en": "Alpha"}, contact=NewContact(name="Mira", email="m@alpha.example"))
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _n: Visitor(app).post(ADDRESS, _payload()), range(4)))

    assert {(one.status, one.location) for one in asked} == {(303, "/en/members/alpha")}
    assert (len(letters()), session.scalar(select(func.count()).select_from(Enquiry))) == (2, 1)
    Visitor(app).post(ADDRESS, _payload(words=WORDS + " And one thing more."))
    Visitor(app).post(ADDRESS, _payload(email="other@cocoa.example"))
    assert len(letters()) == 6


def test_question_reaches_staff_without_address(page: Visitor, session: Session, letters: Any) -> None:
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"}, contact=NewContact(name="Mira", phone="+381 11 000000"))

    shown = page.get(ADDRESS)
    page.post(ADDRESS, _payload(organisation="", country=""))

    assert "Your question goes to the association’s staff, who try to pass it on." in shown.text
    relayed, receipt = letters()
    assert (relayed.recipient, relayed.reply_to) == ("staff@initiative.example", "ana@cocoa.example")
    assert relayed.subject == "To be passed on: question to Alpha Chamber"
    assert "There is no agreed address of this member, so the question comes to you: please pass it on." in relayed.body
    assert "Organisation:" not in relayed.body
    assert "your question went to the association’s staff, who try to pass it on." in receipt.body
    assert session.scalars(select(Enquiry.relayed_to_staff)).one() is True


@pytest.mark.usefixtures("member")
def test_form_says_whom_it_reaches_and_hides_the_address(page: Visitor) -> None:
    shown = page.get(ADDRESS)

    assert "Your question goes by mail to the address that this member gave for it." in shown.text
    assert "The association keeps it, does not publish it, and uses it for nothing else." in shown.text
    assert "desk@alpha.example" not in shown.html
    assert "Mira Secret" not in shown.html


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": " "}, {"name": "Please write your name."}),
        ({"email": ""}, {"email": "Please write your mail address, so that you can be answered."}),
        ({"email": "ana"}, {"email": "Please write a complete mail address, such as name@organisation.example."}),
        (
            {"email": "a@b.example\nBcc: c@d.example"},
            {"email": "Please write a complete mail address, such as name@organisation.example."},
        ),
        ({"words": "Too short"}, {"words": "Please write at least 20 characters."}),
        ({"words": "x" * (WORDS_MAX + 1)}, {"words": f"Please shorten this text to {WORDS_MAX} characters."}),
        ({"words": "x" * 1_000_000}, {"words": f"Please shorten this text to {WORDS_MAX} characters."}),
        ({"country": "XX"}, {"country": "Please choose one of the answers in the list."}),
        ({"homepage": "http://spam.example"}, {"homepage": "Please leave this field empty."}),
    ],
)
def test_mistake_keeps_the_input(
    page: Visitor, session: Session, letters: Any, changes: dict[str, str], errors: dict[str, str]
) -> None:
    sent = _payload(**changes)

    answer = page.post(ADDRESS, sent)

    assert (answer.status, answer.errors) == (422, errors)
    assert answer.form()["organisation"] == "Cocoa Ltd"
    assert answer.form()["words"].strip() == sent["words"].strip()
    assert session.scalars(select(Enquiry)).all() == []
    assert letters() == []


@pytest.mark.usefixtures("member")
def test_strange_characters_are_cleaned(page: Visitor, session: Session, letters: Any) -> None:
    page.post(ADDRESS, _payload(name="Ana\x00 \u202eelpmaxE", words="<script>alert(1)</script> \x07 twenty characters"))

    row = session.scalars(select(Enquiry)).one()
    assert (row.name, row.words) == ("Ana elpmaxE", "<script>alert(1)</script>  twenty characters")
    assert letters()[0].subject == "Question from Ana elpmaxE through the directory"


@pytest.mark.csrf
@pytest.mark.usefixtures("member")
def test_lost_session_keeps_the_input(page: Visitor, session: Session) -> None:
    answer = page.post(ADDRESS, _payload())

    assert answer.status == 400
    assert "Your session had ended before the form was sent." in answer.text
    again = page.submit(answer)
    assert "Your question is on its way. A copy goes to ana@cocoa.example." in again.text
    assert session.scalars(select(Enquiry.words)).all() == [WORDS]


def test_hidden_member_cannot_be_asked(page: Visitor, session: Session, letters: Any) -> None:
    member = add_member(session, slug="alpha", names={"en": "Alpha Chamber"})
    member_services.suspend(session, member, by=SYSTEM, reason="Under review by the board", seen_version=member.version, now=NOW)
    db.session.commit()

    assert [page.get(ADDRESS).status, page.post(ADDRESS, _payload()).status] == [410, 410]
    assert page.get("/en/members/nobody/enquiry").status == 404
    assert letters() == []
