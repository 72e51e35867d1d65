"""The command line of the contract, as somebody types it."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from directory import audit
from directory.accounts import services
from directory.accounts.models import Account, Role
from directory.applications import retention
from directory.applications.states import State
from directory.audit import SYSTEM, AuditEvent, AuditValue, record
from directory.first_run import FIRST_EMAIL, prepare
from directory.mail import Letter, OutboxLetter, queue
from directory.members.models import Member
from tests.factories import NOW
from tests.page import Visitor
from tests.review.cases import add_application

AS_SAID = "Settings and texts of letters are as their entries say.\n"
WHY = {"reason": (None, "The register does not know them."), "state": ("ready_for_decision", "rejected")}


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def test_every_command_of_the_contract_is_there(app: Flask) -> None:
    assert {"seed", "demo", "members", "staff", "search", "outbox", "audit", "serve", "work"} <= set(app.cli.commands)


def test_staff_add_prints_a_link_that_opens(app: Flask, page: Visitor) -> None:
    done = run(app, "staff", "add", "Mei@Staff.example", "--role", "reviewer", "--role", "approver")

    address = done.stdout.strip()
    assert (done.exit_code, address.startswith("http://127.0.0.1:8000/en/staff/set-up/")) == (0, True)
    assert page.get(address.removeprefix("http://127.0.0.1:8000")).texts("h1") == ["Set up your account"]
    assert run(app, "staff", "list").stdout == "mei@staff.example\treviewer, approver\tnot set up yet\n"


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["add", "mei", "--role", "reviewer"], 1, "mei is not a mail address"),
        (
            ["add", "boss@staff.example", "--role", "reviewer"],
            1,
            "boss@staff.example has an account already: see staff list, or make a new link with staff reset",
        ),
        (["disable", "nobody@staff.example"], 1, "nobody@staff.example has no account"),
        (["reset", "nobody@staff.example"], 1, "nobody@staff.example has no account"),
        (
            ["disable", "boss@staff.example"],
            1,
            "boss@staff.example is the last administrator who can sign in: give another account that role first",
        ),
    ],
)
def test_staff_refuses(arguments: list[str], status: int, line: str, app: Flask, session: Session) -> None:
    account, _ = services.add_account(session, "boss@staff.example", [Role.ADMINISTRATOR], by=SYSTEM, now=datetime.now(UTC))
    account.password_hash = "set"
    session.commit()

    done = run(app, "staff", *arguments)

    assert (done.exit_code, done.stderr.strip(), done.stdout) == (status, line, "")


def test_staff_disable_and_reset(app: Flask, session: Session) -> None:
    account, _ = services.add_account(session, "mei@staff.example", [Role.REVIEWER], by=SYSTEM, now=datetime.now(UTC))
    account.password_hash = account.totp_secret = "set"
    session.commit()

    reset = run(app, "staff", "reset", "MEI@staff.example")
    listed = run(app, "staff", "list").stdout
    closed = run(app, "staff", "disable", "mei@staff.example")
    refused = run(app, "staff", "reset", "mei@staff.example")

    assert ("/en/staff/set-up/" in reset.stdout, listed) == (True, "mei@staff.example\treviewer\tnot set up yet\n")
    assert (closed.exit_code, refused.exit_code, refused.stderr) == (0, 1, "mei@staff.example is closed\n")
    assert run(app, "staff", "list").stdout == "mei@staff.example\treviewer\tclosed\n"


def test_outbox_run_once(app: Flask, session: Session) -> None:
    queue(session, Letter("t", "en", "Hello", "Hello.\n"), to="ana@firma.example", now=datetime(2020, 1, 1, tzinfo=UTC))
    session.commit()

    done = [run(app, "outbox", "run", "--once").stdout for _ in range(2)]

    session.rollback()
    assert done == ["1 sent, 0 failed\n", "0 sent, 0 failed\n"]
    assert session.scalars(sa.select(OutboxLetter.state)).all() == ["sent"]


def test_audit_verify_names_the_first_altered_entry(app: Flask, session: Session) -> None:
    for number in range(3):
        services.add_account(session, f"clerk{number}@staff.example", [Role.REVIEWER], by=SYSTEM, now=datetime.now(UTC))
    session.commit()
    head = session.scalar(sa.select(AuditEvent.hash).where(AuditEvent.sequence == 3))
    whole = run(app, "audit", "verify")
    session.execute(sa.update(AuditEvent).where(AuditEvent.sequence == 2).values(action="account.disable"))
    session.commit()

    broken = run(app, "audit", "verify")

    assert (whole.exit_code, whole.stdout) == (
        0,
        f"All 3 entries stand; 0 values were erased.\nHash of the newest: {head}\n{AS_SAID}",
    )
    assert (broken.exit_code, broken.stdout) == (1, "Entry 2 is broken: altered. 1 entries before it stand.\n")


def _three_events(session: Session) -> None:
    for number in range(3):
        services.add_account(session, f"clerk{number}@staff.example", [Role.REVIEWER], by=SYSTEM, now=datetime.now(UTC))
    session.commit()


@pytest.mark.parametrize(("gone", "why"), [(2, "missing"), (3, "missing at the end")])
def test_audit_verify_misses_an_entry_that_was_taken_out(app: Flask, session: Session, gone: int, why: str) -> None:
    _three_events(session)
    session.execute(sa.delete(AuditValue).where(AuditValue.sequence == gone))
    session.execute(sa.delete(AuditEvent).where(AuditEvent.sequence == gone))
    session.commit()

    found = run(app, "audit", "verify")

    assert (found.exit_code, found.stdout) == (1, f"Entry {gone} is broken: {why}. {gone - 1} entries before it stand.\n")


def test_audit_verify_sees_a_forged_entry_that_hashes_right(app: Flask, session: Session) -> None:
    """Whoever writes an entry anew, with a hash of its own, breaks the link of the next one."""
    _three_events(session)
    forged = session.get_one(AuditEvent, 2)
    forged.action = "account.disable"
    forged.hash = audit._link(forged)
    session.commit()

    broken = run(app, "audit", "verify")

    assert (broken.exit_code, broken.stdout) == (
        1,
        "Entry 3 is broken: does not follow the entry before it. 2 entries before it stand.\n",
    )


def test_audit_verify_tells_erased_from_altered(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.REJECTED)
    record(session, "application.reject", by=SYSTEM, subject=("application", application.reference), now=NOW, changes=WHY)
    session.commit()
    retention.reduce(session, application, now=NOW)
    session.commit()
    erased = run(app, "audit", "verify")
    session.execute(sa.update(AuditValue).values(new='"submitted"'))
    session.commit()

    altered = run(app, "audit", "verify")

    assert (erased.exit_code, erased.stdout.splitlines()[0]) == (0, "All 2 entries stand; 1 values were erased.")
    assert (altered.exit_code, altered.stdout) == (
        1,
        "Entry 1 is broken: the value of state was altered. 0 entries before it stand.\n",
    )


@pytest.mark.parametrize(("taken", "after_erasing"), [("reason", False), ("state", False), ("state", True)])
def test_audit_verify_finds_a_value_that_was_taken_away(app: Flask, session: Session, taken: str, *, after_erasing: bool) -> None:
    application = add_application(session, state=State.REJECTED)
    record(session, "application.take", by=SYSTEM, subject=("application", "A-OTHER"), now=NOW)
    record(session, "application.reject", by=SYSTEM, subject=("application", application.reference), now=NOW, changes=WHY)
    if after_erasing:
        retention.reduce(session, application, now=NOW)
    session.execute(sa.delete(AuditValue).where(AuditValue.field == taken))
    session.commit()

    found = run(app, "audit", "verify")

    assert (found.exit_code, found.stdout) == (1, "Entry 2 is broken: a value is missing. 1 entries before it stand.\n")


def test_audit_verify_finds_a_value_taken_away_after_the_erasing(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.REJECTED)
    retention.reduce(session, application, now=NOW)
    record(session, "application.note", by=SYSTEM, subject=("application", application.reference), now=NOW, changes=WHY)
    session.execute(sa.delete(AuditValue).where(AuditValue.field == "reason"))
    session.commit()

    assert run(app, "audit", "verify").stdout.startswith("Entry 2 is broken: a value is missing.")


def test_search_rebuild_and_check(app: Flask, session: Session) -> None:
    missing = run(app, "search", "check")
    run(app, "seed")
    built = run(app, "search", "rebuild")
    agrees = run(app, "search", "check")
    session.execute(sa.update(Member).where(Member.id == 1).values(city="Elsewhere", country="RS", updated_at=datetime.now(UTC)))
    session.commit()
    changed = run(app, "search", "check")

    assert (missing.exit_code, missing.stdout.splitlines()[0]) == (1, "There is no usable index")
    assert (built.exit_code, built.stdout.startswith("The index is made, up to change ")) == (0, True)
    assert (agrees.exit_code, agrees.stdout.startswith("Index and database agree: ")) == (0, True)
    assert (changed.exit_code, "different: " in changed.stdout) == (1, True)


def test_first_run_prepares_once(app: Flask, session: Session) -> None:
    links = [prepare(app) for _ in range(2)]

    session.rollback()
    account = session.scalars(sa.select(Account)).one()
    assert (links[0] is not None, links[1]) == (True, None)
    assert (account.email, account.roles) == (
        FIRST_EMAIL,
        {Role.ADMINISTRATOR, Role.COORDINATOR, Role.REVIEWER, Role.APPROVER},
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 7


def test_first_run_leaves_what_is_there(app: Flask, session: Session) -> None:
    run(app, "demo", "--members", "2")
    run(app, "staff", "add", "mei@staff.example", "--role", "administrator")

    link = prepare(app)

    session.rollback()
    assert (link, session.scalars(sa.select(Account.email)).all()) == (None, ["mei@staff.example"])
    assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 2
