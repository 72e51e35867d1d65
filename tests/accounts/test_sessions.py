"""Where staff are signed in, what stands in for a lost authenticator, and what wants the password once more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts import sessions
from directory.accounts.models import Account, RecoveryCode, Role, StaffSession
from directory.accounts.recovery import count_left, make_codes
from directory.accounts.services import reset_account
from directory.applications.models import Application
from directory.applications.states import State
from directory.audit import SYSTEM, AuditEvent
from directory.mail import OutboxLetter
from directory.web.browsers import browser_name
from tests.accounts.test_pages import PASSWORD, code_of, make_clerk, sign_in
from tests.page import Visitor
from tests.review.cases import add_application

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
OWN = "/en/staff/account"
Letters = Callable[[], list[OutboxLetter]]


@pytest.fixture
def clerk(session: Session) -> Account:
    return make_clerk(session, "clerk@staff.example", Role.APPROVER)


def browser(app: Flask, agent: str = FIREFOX, address: str = "192.0.2.7") -> Visitor:
    visitor = Visitor(app)
    visitor.client.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
    return visitor


def signed_in(app: Flask, clerk: Account, *, steps: int = 0, **where: str) -> Visitor:
    visitor = browser(app, **where)
    assert sign_in(visitor, clerk, code=code_of(clerk.totp_secret, steps=steps)).status == 303
    return visitor


def make_stale(session: Session) -> None:
    session.execute(sa.update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("curl/8", ""),
        (None, ""),
    ],
)
def test_browsers_are_known_by_name(header: str | None, name: str) -> None:
    assert browser_name(header) == name


def test_sessions_are_listed_and_ended(app: Flask, clerk: Account, session: Session) -> None:
    here = signed_in(app, clerk)
    there = signed_in(app, clerk, steps=1, agent=SAFARI, address="2001:db8::1")

    shown = here.get(OWN)
    here.submit(shown, css="form[action*='/sessions/'][action$='/end']:not([action*='others'])")

    assert shown.texts("tbody th") == ["Safari, iPhone", "Firefox, Linux"]
    assert shown.texts("tbody td:nth-child(2)") == ["2001:db8::/56", "192.0.2.0/24"]
    assert (here.get(OWN).status, there.get(OWN).status) == (200, 302)
    ended = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "account.end_session")).one()
    assert (ended.actor_id, ended.subject_id, ended.network) == (clerk.public_id, clerk.public_id, "192.0.2.0/24")


def test_all_others_are_ended_at_once(app: Flask, clerk: Account) -> None:
    old, here = signed_in(app, clerk), signed_in(app, clerk, steps=1)

    here.submit(here.get(OWN), css="form[action$='/others/end']")

    assert (old.get(OWN).status, here.get(OWN).status) == (302, 200)


def test_session_of_somebody_else_is_not_ended(app: Flask, clerk: Account, session: Session) -> None:
    here = signed_in(app, clerk)
    other = make_clerk(session, "other@staff.example", Role.REVIEWER)
    stranger = signed_in(app, other)
    row = session.scalars(sa.select(StaffSession).where(StaffSession.account_id == clerk.id)).one()

    assert stranger.post(f"{OWN}/sessions/{row.public_id}/end").status == 404
    assert here.get(OWN).status == 200


def test_sign_out_ends_the_session_for_good(app: Flask, clerk: Account) -> None:
    here = signed_in(app, clerk)
    with here.client.session_transaction() as cookie:
        key = cookie["_user_id"]

    here.post("/en/staff/sign-out")

    with here.client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    assert here.get(OWN).status == 302


def test_letter_tells_of_an_unusual_sign_in_only(app: Flask, clerk: Account, letters: Letters) -> None:
    signed_in(app, clerk, steps=-1)
    signed_in(app, clerk)
    before = [letter.template for letter in letters()]

    signed_in(app, clerk, steps=1, agent=SAFARI)

    assert before == []
    (letter,) = letters()
    assert (letter.template, letter.recipient) == ("account_new_sign_in", clerk.email)
    assert "Browser: Safari, iPhone" in letter.body
    assert "Network: 192.0.2.0/24" in letter.body


def test_letter_tells_of_it_also_when_no_session_is_kept_any_more(
    app: Flask, clerk: Account, session: Session, letters: Letters
) -> None:
    signed_in(app, clerk)
    session.execute(sa.delete(StaffSession))
    session.commit()

    signed_in(app, clerk, steps=1, agent=SAFARI)

    assert [letter.template for letter in letters()] == ["account_new_sign_in"]


def test_recovery_code_opens_once(app: Flask, clerk: Account, session: Session, letters: Letters) -> None:
    here = signed_in(app, clerk)
    codes = here.submit(here.get(OWN), css="form[action$='/recovery-codes']").texts(".codes code")

    typed = codes[3].upper().replace("-", " ")
    answers = [sign_in(browser(app), clerk, code=typed).status for _ in range(2)]

    assert (len(set(codes)), answers, count_left(session, clerk)) == (10, [303, 422], 9)
    assert [letter.template for letter in letters()] == ["account_recovery_code"]
    assert {code.digest for code in session.scalars(sa.select(RecoveryCode))}.isdisjoint(codes)
    assert "You have 9 codes left" in here.get(OWN).text


def test_new_recovery_codes_end_the_old_ones(app: Flask, clerk: Account) -> None:
    here = signed_in(app, clerk)
    old = here.submit(here.get(OWN), css="form[action$='/recovery-codes']").texts(".codes code")

    here.submit(here.get(OWN), css="form[action$='/recovery-codes']")

    assert sign_in(browser(app), clerk, code=old[0]).status == 422


def test_recovery_code_needs_the_password(app: Flask, clerk: Account, session: Session) -> None:
    here = signed_in(app, clerk)
    codes = here.submit(here.get(OWN), css="form[action$='/recovery-codes']").texts(".codes code")

    refused = sign_in(browser(app), clerk, password="wrong wrong wrong", code=codes[0])

    assert (refused.status, count_left(session, clerk)) == (422, 10)


def test_new_authenticator_is_set_up_by_its_owner(app: Flask, clerk: Account, session: Session, letters: Letters) -> None:
    here = signed_in(app, clerk)

    page = here.submit(here.get(OWN), css="form[action$='/authenticator']")

    assert "/staff/set-up/" in page.response.request.path
    assert [letter.template for letter in letters()] == ["account_new_authenticator"]
    assert here.get(OWN).status == 200


def confirmation(visitor: Visitor, application: Application) -> tuple[str, dict[str, str]]:
    """Look at the letter of a rejection; return the address and what the page then sends to confirm it."""
    path = f"/en/staff/applications/{application.reference}/decision"
    values = {
        "decision-outcome": "reject",
        "decision-code": "not_eligible",
        "decision-message": "Not this time, for want of a register.",
        "do": "preview",
    }
    preview = visitor.submit(visitor.get(path), values)
    return path, {**preview.form(), "do": "confirm"}


def test_decision_wants_the_password_again_and_keeps_the_form(app: Flask, clerk: Account, session: Session) -> None:
    application = add_application(session, state=State.READY_FOR_DECISION)
    here = signed_in(app, clerk)
    path, form = confirmation(here, application)
    make_stale(session)

    asked = here.post(path, form)
    wrong = here.submit(asked, {"confirm-password": "wrong wrong wrong", "confirm-code": "000000"})
    session.expire_all()
    before = application.state
    clerk.retry_after = None
    session.commit()
    done = here.submit(wrong, {"confirm-password": PASSWORD, "confirm-code": code_of(clerk.totp_secret, steps=1)})

    assert (asked.status, wrong.status, before) == (401, 422, State.READY_FOR_DECISION)
    assert wrong.form()["decision-message"] == "Not this time, for want of a register."
    assert (done.status, done.errors) == (200, {})
    session.expire_all()
    assert (application.state, application.decision_message) == (State.REJECTED, "Not this time, for want of a register.")
    assert here.post(*confirmation(here, add_application(session, state=State.READY_FOR_DECISION))).status == 303


@pytest.mark.parametrize("action", ["", "/reset", "/disable", "/enable"])
def test_changes_of_accounts_want_the_password_again(app: Flask, clerk: Account, session: Session, action: str) -> None:
    manager = make_clerk(session, "head@staff.example", Role.ADMINISTRATOR)
    here = signed_in(app, manager)
    make_stale(session)

    asked = here.post(f"/en/staff/accounts/{clerk.public_id}{action}", {"roles": "auditor"})

    session.expire_all()
    assert (asked.status, clerk.roles, clerk.disabled_at, clerk.password_hash is None) == (401, {Role.APPROVER}, None, False)


def test_sessions_are_forgotten_after_ninety_days(clerk: Account, session: Session) -> None:
    now = datetime.now(UTC)
    for days in (91, 89):
        sessions.begin(session, clerk, network=None, browser="", now=now - timedelta(days=days))

    assert (sessions.count_old(session, now=now), sessions.remove_old(session, now=now)) == (1, 1)
    assert len(session.scalars(sa.select(StaffSession)).all()) == 1


def test_recovery_codes_end_with_a_reset(clerk: Account, session: Session) -> None:
    make_codes(session, clerk, by=SYSTEM, now=datetime.now(UTC))
    reset_account(session, clerk, by=SYSTEM, now=datetime.now(UTC))

    assert count_left(session, clerk) == 0
