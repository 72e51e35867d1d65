"""Lists of the desk: as many questions to the database for many rows as for few, and nothing shown that has changed."""

from collections.abc import Callable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts import services as accounts
from directory.accounts.models import Role
from directory.applications.models import Application
from directory.audit import SYSTEM, AuditValue, record
from directory.mail import LetterState, OutboxLetter
from directory.members import services as members
from directory.review import services
from tests.factories import add_member
from tests.members.counting import statements
from tests.page import Page, Visitor
from tests.review.cases import add_account, add_application

SignIn = Callable[..., Visitor]
STAFF = "/en/staff/"
LISTS = ("applications/", "applications/?view=all&q=handel", "members/", "members/?q=society", "audit", "outbox", "figures",
         "settings/", "accounts", "members/coverage")  # fmt: skip


def _letter(number: int, now: datetime, **changes: object) -> OutboxLetter:
    values = {"recipient": f"{number}@verein.example", "subject": "We have it", "next_attempt_at": now, "created_at": now}
    return OutboxLetter(template="application_received", locale="en", body="It is here.\n", **values | changes)


def _rows(page: Page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.select("tbody tr")]


def test_every_list_costs_the_same_for_few_rows_and_for_many(
    session: Session, sign_in: SignIn, follow: Callable[[], None], now: datetime
) -> None:
    clerk, counts = sign_in(*Role), []

    for number in (5, 45):
        for one in range(number):
            add_application(session, assignee=add_account(session, Role.REVIEWER))
            add_member(session)
            session.add(_letter(one, now))
            record(session, "member.confirm", by=SYSTEM, subject=("member", "one"), now=now, changes={"name": ("a", "b")})
        session.commit()
        follow()
        found = {}
        for path in LISTS:
            with statements(session) as made:
                clerk.get(STAFF + path)
            found[path] = len(made)
        counts.append(found)

    assert counts[0] == counts[1]


def test_a_row_of_the_queue_says_what_changed_since_it_was_written(session: Session, sign_in: SignIn, now: datetime) -> None:
    application, colleague = add_application(session), add_account(session, Role.REVIEWER, name="Old Name")
    clerk, by = sign_in(Role.COORDINATOR), add_account(session, Role.COORDINATOR)
    shown = [_rows(clerk.get(STAFF + "applications/"))]

    services.assign(session, application, to=colleague, by=by, seen_version=application.version, now=now)
    session.commit()
    shown.append(_rows(clerk.get(STAFF + "applications/")))
    accounts.set_profile(session, colleague, name="New Name", locale="en", by=SYSTEM, now=now)
    session.commit()
    shown.append(_rows(clerk.get(STAFF + "applications/")))
    session.execute(sa.update(Application.__table__).values(due_on=date(2027, 1, 5)))
    session.commit()
    shown.append(_rows(clerk.get(STAFF + "applications/")))

    assert [row.rpartition(" ")[0][-3:] for (row,) in shown[1:3]] == ["Old", "New"]
    assert "5 January 2027" in shown[3][0].replace("\u00a0", " ")
    assert len({row for (row,) in shown}) == 4


def test_the_list_of_letters_says_where_each_is_now(session: Session, sign_in: SignIn, now: datetime) -> None:
    session.add(_letter(1, now))
    session.commit()
    clerk = sign_in(Role.COORDINATOR)
    before = clerk.get(STAFF + "outbox")

    session.execute(sa.update(OutboxLetter).values(state=LetterState.FAILED, error="refused"))
    session.commit()
    after = clerk.get(STAFF + "outbox")

    assert ("Waiting" in _rows(before)[0], "refused Try again" in _rows(after)[0]) == (True, True)
    assert [page.texts("[data-counts] a") for page in (before, after)] == [
        ["Waiting 1", "Being sent 0", "Sent 0", "Failed 0"], ["Waiting 0", "Being sent 0", "Sent 0", "Failed 1"],
    ]  # fmt: skip


def test_an_event_shows_what_is_left_of_its_values(session: Session, sign_in: SignIn, now: datetime) -> None:
    record(
        session,
        "member.correct",
        by=SYSTEM,
        subject=("member", "one"),
        now=now,
        changes={"city": ("Aa", "Bb"), "name": (None, "Cc")},
    )
    session.commit()
    clerk = sign_in(Role.AUDITOR)
    before = _rows(clerk.get(STAFF + "audit"))

    session.execute(sa.delete(AuditValue).where(AuditValue.field == "city"))
    session.commit()
    after = _rows(clerk.get(STAFF + "audit"))

    assert ("City: Aa → Bb Name: Cc" in before[0], "Aa" in after[0], "Name: Cc Erased since: City" in after[0]) == (
        True,
        False,
        True,
    )


def test_what_may_be_done_with_a_member_is_about_that_member(session: Session, sign_in: SignIn, now: datetime) -> None:
    first, second = add_member(session, slug="first"), add_member(session, slug="second")
    members.confirm(session, second, by=SYSTEM, seen_version=second.version, now=now)
    session.commit()
    versions = {member.slug: f"{member.version}" for member in (first, second)}
    clerk = sign_in(Role.APPROVER)

    pages = {slug: clerk.get(f"{STAFF}members/{slug}") for slug in ("first", "second")}

    for slug, page in pages.items():
        assert {str(form["action"]).rpartition("/")[0] for form in page.select("main form")} == {f"{STAFF}members/{slug}"}
        assert {str(field["value"]) for field in page.select("[name$=seen_version]")} == {versions[slug]}
    assert versions["first"] != versions["second"]
