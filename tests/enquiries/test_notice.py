"""“Is this your organisation?”: what is kept, who is told, and that staff settle it once."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.audit import SYSTEM, Actor, AuditEvent
from directory.enquiries.models import Notice, NoticeKind
from directory.enquiries.queries import all_open_notices, count_open_notices, get_notice, open_notices
from directory.enquiries.services import settle_notice
from directory.errors import WrongStatus
from directory.members import services as member_services
from directory.members.models import Member
from tests.conftest import NOW
from tests.factories import add_named
from tests.page import Visitor

ADDRESS = "/en/members/alpha/notice"


def _payload(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "correct",
        "name": "Mira",
        "role": "Director",
        "email": "mira@alpha.example",
        "words": "We moved to Novi Sad.",
    } | changes


@pytest.fixture
def named(session: Session) -> Member:
    """Give a member that only the announcement named."""
    return add_named(session, slug="alpha", names={"en": "Alpha Chamber"})


@pytest.mark.usefixtures("named")
def test_notice_is_kept_and_told(page: Visitor, session: Session, letters: Any) -> None:
    given = page.post(ADDRESS, _payload())

    assert (given.status, given.location) == (303, "/en/members/alpha")
    [row] = session.scalars(select(Notice))
    kept = (row.member.slug, row.kind, row.locale, row.name, row.role, row.email, row.words, row.settled_at)
    assert kept == ("alpha", "correct", "en", "Mira", "Director", "mira@alpha.example", "We moved to Novi Sad.", None)
    to_staff, receipt = letters()
    assert (to_staff.recipient, to_staff.reply_to, to_staff.subject) == (
        "staff@initiative.example",
        "mira@alpha.example",
        "Alpha Chamber: a correction is asked for",
    )
    assert "http://127.0.0.1:8000/en/staff/members/alpha" in to_staff.body.split("\n")
    assert "> We moved to Novi Sad." in to_staff.body.split("\n")
    assert (receipt.recipient, receipt.subject) == ("mira@alpha.example", "Copy of your notice about the entry of Alpha Chamber")
    assert "You asked us to correct the entry of Alpha Chamber." in receipt.body.split("\n")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "notice.give")).one()
    assert {value.field: value.new for value in event.values} == {"kind": '"correct"', "member": '"alpha"'}


@pytest.mark.usefixtures("named")
def test_nothing_of_the_entry_changes(page: Visitor, session: Session) -> None:
    page.post(ADDRESS, _payload(kind="confirm", words=""))
    page.post(ADDRESS, _payload(kind="remove", words=""))

    member = session.scalars(select(Member)).one()
    assert (member.confirmed_on, member.standing, member.version) == (None, "good", 1)
    assert session.scalars(select(Notice.kind).order_by(Notice.id)).all() == ["confirm", "remove"]


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"kind": None}, {"kind": "Please choose one of the three."}),
        ({"kind": "burn"}, {"kind": "Please choose one of the answers in the list."}),
        ({"words": ""}, {"words": "Please write what is wrong and how it should read."}),
        ({"role": ""}, {"role": "Please write what you do in the organisation."}),
        (
            {"name": "", "email": "x"},
            {
                "name": "Please write your name.",
                "email": "Please write a complete mail address, such as name@organisation.example.",
            },
        ),
    ],
)
def test_mistake_keeps_the_input(page: Visitor, session: Session, changes: dict[str, Any], errors: dict[str, str]) -> None:
    answer = page.post(ADDRESS, {name: value for name, value in _payload(**changes).items() if value is not None})

    assert (answer.status, answer.errors) == (422, errors)
    assert answer.form()["words"].strip() == _payload(**changes)["words"]
    assert session.scalars(select(Notice)).all() == []


def test_confirmed_entry_asks_for_nothing(page: Visitor, session: Session, named: Member) -> None:
    assert "Is this your organisation?" in page.get("/en/members/alpha").text
    member_services.confirm(session, named, by=SYSTEM, seen_version=named.version, now=NOW)
    session.commit()

    answer = page.get(ADDRESS)

    assert (answer.status, answer.location) == (303, "/en/members/alpha")
    shown = page.get("/en/members/alpha").text
    assert "This entry does not wait for a confirmation by its organisation." in shown
    assert "Is this your organisation?" not in shown


def test_notice_is_settled_once(session: Session, named: Member) -> None:
    other = add_named(session, slug="beta")
    clerk = Account(email="clerk@staff.example", name="", created_at=NOW)
    rows = [
        Notice(member=m, kind=NoticeKind.CONFIRM, locale="en", name="Mira", email="m@alpha.example", at=NOW)
        for m in (named, other)
    ]
    session.add_all([clerk, *rows])
    session.commit()
    notice = get_notice(session, rows[0].public_id)
    assert notice is not None

    settle_notice(session, notice, by=Actor("staff", clerk.public_id), by_id=clerk.id, now=NOW)
    session.commit()

    assert (notice.settled_at, notice.settled_by_id) == (NOW, clerk.id)
    assert (open_notices(session, named), open_notices(session, other)) == ([], [rows[1]])
    assert (all_open_notices(session), count_open_notices(session)) == ([rows[1]], 1)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "notice.settle")).one()
    assert (event.actor_id, event.subject_id) == (clerk.public_id, notice.public_id)
    with pytest.raises(WrongStatus):
        settle_notice(session, notice, by=Actor("staff", clerk.public_id), by_id=clerk.id, now=NOW)
