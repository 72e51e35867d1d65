"""Ends of a membership at the desk, and the list by standing and by the age of the last confirmation."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.models import Role, StaffSession
from directory.audit import AuditEvent
from directory.members.vocab import Standing
from tests.factories import add_member
from tests.members.counting import statements
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
DESK = "/en/staff/members/"
REASON = "The board decided so."


def _slugs(page: Page) -> list[str]:
    return [str(row["data-member"]) for row in page.select("[data-member]")]


@pytest.mark.parametrize(
    ("move", "standing", "told"),
    [
        ("resign", Standing.RESIGNED, "The member has resigned and is no longer shown in public."),
        ("end", Standing.ENDED, "The membership has ended, and the entry is no longer shown in public."),
    ],
)
def test_a_membership_ends_with_a_reason(
    session: Session, sign_in: SignIn, page: Visitor, move: str, standing: Standing, told: str
) -> None:
    member, clerk = add_member(session, slug="leaving"), sign_in(Role.APPROVER)
    shown = clerk.get(DESK + "leaving")

    short = clerk.submit(shown, {f"{move}-reason": "No."}, css=f"form[action$='/{move}']")
    done = clerk.submit(shown, {f"{move}-reason": REASON}, css=f"form[action$='/{move}']")

    assert (short.status, list(short.errors)) == (422, [f"{move}-reason"])
    assert shown.text.count("its page says that it is no longer there (410)") == 3
    assert told in done.text
    session.refresh(member)
    assert (member.standing, member.standing_reason) == (standing, REASON)
    assert page.get("/en/members/leaving").status == 410
    assert list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence))) == ["member.admit", f"member.{move}"]


def test_who_left_can_be_restored_and_not_ended_again(session: Session, sign_in: SignIn, page: Visitor) -> None:
    add_member(session, slug="leaving")
    clerk = sign_in(Role.COORDINATOR)
    clerk.submit(clerk.get(DESK + "leaving"), {"resign-reason": REASON}, css="form[action$='/resign']")

    shown = clerk.get(DESK + "leaving")
    clerk.submit(shown, {"restore-reason": "They changed their mind."}, css="form[action$='/restore']")

    assert [str(f["action"]).rpartition("/")[2] for f in shown.select("main form")] == ["confirm", "restore"]
    assert page.get("/en/members/leaving").status == 200


@pytest.mark.parametrize("move", ["suspend", "resign", "end"])
def test_what_is_public_changes_with_the_password_only(session: Session, sign_in: SignIn, move: str) -> None:
    member, clerk = add_member(session, slug="staying"), sign_in(Role.APPROVER)
    shown = clerk.get(DESK + "staying")
    session.execute(update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()

    asked = clerk.submit(shown, {f"{move}-reason": REASON}, css=f"form[action$='/{move}']")

    session.refresh(member)
    assert (asked.status, member.standing) == (401, Standing.GOOD)
    assert asked.form()[f"{move}-reason"] == REASON


def test_an_end_that_a_colleague_was_faster_with(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="leaving")
    clerk = sign_in(Role.APPROVER)
    shown = clerk.get(DESK + "leaving")
    clerk.submit(shown, {"suspend-reason": REASON}, css="form[action$='/suspend']")

    late = clerk.submit(shown, {"end-reason": "Typed in vain, but kept."}, css="form[action$='/end']")

    assert late.status == 409
    assert "Typed in vain, but kept." in late.text


@pytest.fixture
def ages(session: Session) -> None:
    """Give members that confirmed never, lately, and more than one and two years ago."""
    today = datetime.now(UTC).date()
    for slug, confirmed_on in {
        "a-never": None,
        "b-lately": today,
        "c-one": date(today.year - 1, 1, 1) if today > date(today.year, 1, 1) else date(today.year - 2, 12, 31),
        "d-two": date(today.year - 3, 1, 1),
    }.items():
        add_member(session, slug=slug).confirmed_on = confirmed_on
    gone = add_member(session, slug="e-gone")
    gone.standing, gone.standing_reason = Standing.ENDED, REASON
    session.commit()


@pytest.mark.usefixtures("ages")
def test_list_by_age_of_the_last_confirmation(sign_in: SignIn) -> None:
    clerk = sign_in(Role.AUDITOR)
    queries = (
        "confirmed=never",
        "confirmed=12",
        "confirmed=24",
        "confirmed=odd",
        "sort=confirmed",
        "standing=good&confirmed=never",
    )

    shown = clerk.get(DESK)
    found = {query: _slugs(clerk.get(f"{DESK}?{query}")) for query in queries}

    everybody = ["a-never", "b-lately", "c-one", "d-two", "e-gone"]
    assert found == {
        "confirmed=never": ["a-never", "e-gone"],
        "confirmed=12": ["c-one", "d-two"],
        "confirmed=24": ["d-two"],
        "confirmed=odd": everybody,
        "sort=confirmed": ["a-never", "e-gone", "d-two", "c-one", "b-lately"],
        "standing=good&confirmed=never": ["a-never"],
    }
    assert {str(e["data-age"]): e["data-count"] for e in shown.select("[data-age]")} == {"never": "1", "12": "2", "24": "1"}
    assert [clerk.get(str(e["href"])).total for e in shown.select("[data-age] a")] == [1, 2, 1]


def test_list_needs_as_many_queries_for_three_as_for_one(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.AUDITOR)
    counts = []

    for number in (1, 2):
        for _ in range(number):
            add_member(session)
        with statements(session) as made:
            clerk.get(DESK)
        counts.append(len(made))

    assert counts[0] == counts[1]


def test_who_only_reads_sees_no_ways_to_change(session: Session, sign_in: SignIn) -> None:
    member = add_member(session)
    reader, changer = sign_in(Role.AUDITOR), sign_in(Role.APPROVER)

    def ways(clerk: Visitor) -> list[Any]:
        return clerk.get(DESK).texts(".desk-ways a")

    assert ways(reader) == ["Coverage"]
    assert ways(changer) == ["New member", "Bring in members from a file", "Coverage"]
    refused = {reader.get(f"{DESK}{path}").status for path in ("new", "import", f"{member.slug}/merge", "import/nothing")}
    assert refused == {403}
    assert reader.get(f"{DESK}coverage").status == 200
