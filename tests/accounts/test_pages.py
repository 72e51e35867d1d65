"""The pages of accounts, as staff use them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts import credentials, services
from directory.accounts.models import Account, LinkPurpose, OneTimeLink, Passkey, Role, StaffSession
from directory.accounts.recovery import make_codes
from directory.audit import SYSTEM, Actor, AuditEvent, AuditValue
from directory.db import db
from directory.initiative.queries import get_initiative
from directory.mail import OutboxLetter
from tests.conftest import NOW
from tests.page import Page, Visitor

PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "another long pass phrase"
REASON = "As the board decided."
LIST = "/en/staff/accounts/"
REFUSED = (
    "These do not belong together, or the code was used already. Please check the mail address, the password and the "
    "code. After several wrong attempts, wait a few minutes before you try again."
)


@pytest.fixture
def added(session: Session) -> tuple[Account, str]:
    """Give a new account with the key of its set-up link."""
    account, key = services.add_account(session, "mei@staff.example", [Role.REVIEWER], by=SYSTEM, now=datetime.now(UTC))
    session.commit()
    return account, key


@pytest.fixture
def clerk(session: Session) -> Account:
    """Give an account that can sign in."""
    return make_clerk(session, "clerk@staff.example", Role.REVIEWER)


@cache
def hashed() -> str:
    return credentials.hash_password(PASSWORD)


def make_clerk(session: Session, email: str, *roles: Role) -> Account:
    account, _ = services.add_account(session, email, roles, by=SYSTEM, now=datetime.now(UTC))
    account.password_hash = hashed()
    account.totp_secret = credentials.new_totp_secret()
    session.commit()
    return account


def code_of(secret: str | None, *, steps: int = 0) -> str:
    assert secret is not None
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


def sign_in(page: Visitor, account: Account, *, target: str = "/en/staff/sign-in", **changes: str) -> Page:
    values = {"email": account.email, "password": PASSWORD} | changes
    if "code" not in values:
        values["code"] = code_of(account.totp_secret)
    return page.post(target, values)


def actions(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.sequence)))


def test_set_up_by_link(added: tuple[Account, str], page: Visitor, session: Session) -> None:
    account, key = added
    shown = page.get(f"/en/staff/set-up/{key}")
    page.get(f"/en/staff/set-up/{key}")
    secret = shown.texts("code")[0]

    done = page.post(
        f"/en/staff/set-up/{key}", {"name": "Mei Lin", "password": PASSWORD, "again": PASSWORD, "code": code_of(secret)}
    )

    (drawing,) = shown.select(".qr svg")
    assert (shown.status, drawing.has_attr("viewBox"), drawing.has_attr("width")) == (200, True, False)
    assert (done.status, done.location) == (303, "/en/staff/account/recovery-codes")
    offered = page.get(done.location)
    assert "You have no recovery codes." in offered.text
    assert len(page.submit(offered).select(".codes code")) == 10
    session.expire_all()
    assert (account.name, account.totp_secret, credentials.is_password(account.password_hash, PASSWORD)) == (
        "Mei Lin",
        secret,
        True,
    )
    assert actions(session) == ["account.add", "account.set_up", "account.make_recovery_codes"]
    assert "Mei Lin" in page.get("/en/staff/account").html


def test_set_up_link_works_once(added: tuple[Account, str], page: Visitor, session: Session) -> None:
    _, key = added
    secret = page.get(f"/en/staff/set-up/{key}").texts("code")[0]
    values = {"name": "", "password": PASSWORD, "again": PASSWORD, "code": code_of(secret)}
    page.post(f"/en/staff/set-up/{key}", values)

    again = page.post(f"/en/staff/set-up/{key}", values | {"password": "another password", "again": "another password"})

    assert (again.status, again.texts("h1")) == (410, ["This link no longer works"])
    assert actions(session) == ["account.add", "account.set_up"]


def test_set_up_link_ends_after_72_hours(added: tuple[Account, str], page: Visitor, session: Session) -> None:
    _, key = added
    link = session.scalars(sa.select(OneTimeLink)).one()
    before = page.get(f"/en/staff/set-up/{key}").status
    link.expires_at -= timedelta(hours=72)
    session.commit()

    assert (before, page.get(f"/en/staff/set-up/{key}").status) == (200, 410)


def test_newer_set_up_link_ends_the_older(added: tuple[Account, str], page: Visitor, session: Session) -> None:
    account, old = added
    new = services.reset_account(session, account, by=SYSTEM, now=datetime.now(UTC))
    session.commit()

    assert [page.get(f"/en/staff/set-up/{key}").status for key in (old, new, "guessed")] == [410, 200, 404]


def test_only_the_digest_of_a_link_is_kept(added: tuple[Account, str], session: Session) -> None:
    _, key = added
    link = session.scalars(sa.select(OneTimeLink)).one()

    assert key not in {str(getattr(link, column.key)) for column in OneTimeLink.__table__.columns}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"password": "short", "again": "short"}, {"password": "Please write at least 12 characters."}),
        ({"again": "something else"}, {"again": "The two passwords differ. Please write the same one twice."}),
        (
            {"password": "password123456", "again": "password123456"},
            {
                "password": "This password is easily guessed. Please choose a longer one, such as four words that do not belong together."
            },
        ),
        (
            {"password": "mei@staff.example", "again": "mei@staff.example"},
            {"password": "Please choose a password that is not your mail address."},
        ),
        (
            {"code": "12345"},
            {"code": "This code is not right, or it was used already. Please wait for the next one and write it here."},
        ),
    ],
)
def test_set_up_refuses(
    changes: dict[str, str], errors: dict[str, str], added: tuple[Account, str], page: Visitor, session: Session
) -> None:
    account, key = added
    secret = page.get(f"/en/staff/set-up/{key}").texts("code")[0]

    again = page.post(
        f"/en/staff/set-up/{key}", {"name": "Mei", "password": PASSWORD, "again": PASSWORD, "code": code_of(secret)} | changes
    )

    assert (again.status, again.errors, again.texts("code")) == (422, errors, [secret])
    assert again.form()["name"] == "Mei"
    session.expire_all()
    assert account.password_hash is None


def test_sign_in(clerk: Account, page: Visitor, session: Session) -> None:
    done = sign_in(page, clerk, email="  Clerk@Staff.example ")

    assert (done.status, done.location) == (303, "/en/staff/")
    assert page.get("/en/staff/account").status == 200
    assert actions(session) == ["account.add", "account.sign_in"]


@pytest.mark.parametrize("changes", [{"email": "nobody@staff.example"}, {"password": "wrong wrong wrong"}, {"code": "000000"}])
def test_sign_in_refuses_in_the_same_words(changes: dict[str, str], clerk: Account, page: Visitor) -> None:
    refused = sign_in(page, clerk, **changes)

    assert (refused.status, refused.texts(".error-summary li")) == (422, [REFUSED])
    assert page.get("/en/staff/account").status == 302


def test_no_code_works_twice(clerk: Account, app: Flask) -> None:
    code = code_of(clerk.totp_secret)

    assert [sign_in(Visitor(app), clerk, code=code).status for _ in range(2)] == [303, 422]


def test_failures_make_wait_and_do_not_lock_out(clerk: Account, page: Visitor, session: Session) -> None:
    for _ in range(3):
        sign_in(page, clerk, password="wrong wrong wrong")
    refused = sign_in(page, clerk)
    session.expire_all()
    counted = clerk.failed_sign_ins
    clerk.retry_after = datetime.now(UTC)
    session.commit()

    done = sign_in(page, clerk)

    session.expire_all()
    assert (refused.status, counted, done.status, clerk.failed_sign_ins) == (422, 3, 303, 0)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil", "javascript:x", "/\t/evil"]
)
def test_sign_in_sends_nobody_elsewhere(target: str, clerk: Account, page: Visitor) -> None:
    from urllib.parse import quote

    done = sign_in(page, clerk, target=f"/en/staff/sign-in?next={quote(target)}")

    assert done.location == "/en/staff/"


def test_sign_in_returns_to_the_page_asked_for(clerk: Account, page: Visitor) -> None:
    asked = page.get("/en/staff/account")
    assert asked.location == "/en/staff/sign-in?next=/en/staff/account"

    assert sign_in(page, clerk, target=asked.location).location == "/en/staff/account"


def test_sign_out(clerk: Account, page: Visitor) -> None:
    sign_in(page, clerk)
    before = page.get("/en/staff/account").status

    page.post("/en/staff/sign-out")

    assert (before, page.get("/en/staff/account").status) == (200, 302)


def test_session_ends_after_eight_hours(clerk: Account, page: Visitor, session: Session) -> None:
    sign_in(page, clerk)
    session.execute(sa.update(StaffSession).values(began_at=datetime.now(UTC) - timedelta(hours=8)))
    session.commit()

    assert page.get("/en/staff/account").status == 302


@pytest.mark.parametrize("service", [services.disable_account, services.reset_account])
def test_session_ends_at_once(service: object, clerk: Account, page: Visitor, session: Session) -> None:
    sign_in(page, clerk)
    before = page.get("/en/staff/account").status
    later = code_of(clerk.totp_secret, steps=1)

    service(session, clerk, by=SYSTEM, now=datetime.now(UTC))  # type: ignore[operator]  # one of several services, each called alike
    session.commit()

    assert (before, page.get("/en/staff/account").status) == (200, 302)
    assert sign_in(page, clerk, code=later).status == 422


def test_reset_by_letter(clerk: Account, page: Visitor, session: Session, app: Flask) -> None:
    old = Visitor(app)
    sign_in(old, clerk)
    page.post("/en/staff/reset", {"email": clerk.email})
    letter = session.scalars(sa.select(OutboxLetter)).one()
    path = next(line for line in letter.body.splitlines() if line.startswith("http://")).removeprefix("http://127.0.0.1:8000")
    form = page.get(path)

    done = page.submit(
        form,
        {"password": "a new long password", "again": "a new long password", "code": code_of(clerk.totp_secret, steps=1)},
        follow=False,
    )

    secret = clerk.totp_secret
    session.expire_all()
    assert (letter.recipient, letter.template, form.select(".qr")) == (clerk.email, "account_reset", [])
    assert (done.status, done.location) == (303, done.location)
    assert (clerk.totp_secret, credentials.is_password(clerk.password_hash, "a new long password")) == (secret, True)
    assert old.get("/en/staff/account").status == 302
    assert actions(session) == ["account.add", "account.sign_in", "account.ask_for_reset", "account.reset"]
    assert session.scalars(sa.select(OutboxLetter.template).order_by(OutboxLetter.id)).all() == [
        "account_reset",
        "account_password_changed",
    ]


def test_reset_by_letter_wants_the_code(clerk: Account, page: Visitor, session: Session) -> None:
    key = services.make_link(session, clerk, LinkPurpose.RESET, now=datetime.now(UTC))
    session.commit()
    values = {"password": "a new long password", "again": "a new long password", "code": "000000"}

    answers = [page.post(f"/en/staff/set-up/{key}", values).errors["code"] for _ in range(4)]

    wrong = "This code is not right, or it was used already. Please wait for the next one and write it here."
    wait = "There were several wrong codes. Please wait a few minutes and try again."
    session.expire_all()
    assert answers == [wrong, wrong, wrong, wait]
    assert (clerk.failed_sign_ins, credentials.is_password(clerk.password_hash, PASSWORD)) == (3, True)


def test_reset_answers_the_same_for_everyone(clerk: Account, added: tuple[Account, str], page: Visitor, session: Session) -> None:
    addresses = [clerk.email, clerk.email, added[0].email, "nobody@staff.example"]

    answers = {page.post("/en/staff/reset", {"email": email}).text.replace(email, "…") for email in addresses}

    assert len(answers) == 1
    assert session.scalars(sa.select(OutboxLetter.recipient)).all() == [clerk.email]


def test_lost_session_hands_the_form_back(page: Visitor) -> None:
    values = {"name": 'Mei "x"', "locale": "en", "csrf_token": "old"}

    kept = page.post("/en/staff/account", values, headers={"Origin": "http://localhost"})
    foreign = page.post("/en/staff/account", values, headers={"Origin": "https://evil.example"})

    unnamed = page.post("/en/staff/account", values)

    assert (kept.status, _without_token(kept)) == (400, {"name": 'Mei "x"', "locale": "en"})
    assert (unnamed.status, _without_token(unnamed)) == (400, _without_token(kept))
    assert (foreign.status, foreign.location) == (303, "/en/staff/sign-in")


def test_lost_session_hands_no_password_back(page: Visitor) -> None:
    confirming = {"confirm-password": PASSWORD, "confirm-code": "123456", "confirm-passkey": "{}"}

    kept = page.post(LIST, {"roles": "auditor", **confirming, "password": PASSWORD, "again": PASSWORD})

    assert (kept.status, _without_token(kept), PASSWORD in kept.html) == (400, {"roles": "auditor"}, False)


def _without_token(page: Page) -> dict[str, Any]:
    return {name: value for name, value in page.form().items() if name != "csrf_token"}


def test_own_account(clerk: Account, page: Visitor, session: Session) -> None:
    sign_in(page, clerk)

    saved = page.post("/en/staff/account", {"name": "Ana Petrović", "locale": "en"}, follow=True)

    session.expire_all()
    assert (saved.status, clerk.name) == (200, "Ana Petrović")
    event = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert (event.action, event.actor_id, [(v.field, v.old, v.new) for v in event.values]) == (
        "account.set_profile",
        clerk.public_id,
        [("name", '""', '"Ana Petrović"')],
    )


def test_administrator_invites(sign_in: Callable[..., Visitor], session: Session) -> None:
    desk = sign_in("administrator", email="boss@staff.example")

    done = desk.post(
        "/en/staff/accounts/", {"email": "New@staff.example", "roles": ["reviewer", "approver"], "locale": "en"}, follow=True
    )

    account = session.scalars(sa.select(Account).where(Account.email == "new@staff.example")).one()
    letter = session.scalars(sa.select(OutboxLetter)).one()
    assert done.texts("tbody th") == ["boss@staff.example", "new@staff.example"]
    assert account.roles == {Role.REVIEWER, Role.APPROVER}
    assert (letter.recipient, letter.template, "/en/staff/set-up/" in letter.body) == (
        "new@staff.example",
        "account_invitation",
        True,
    )
    assert "/staff/set-up/" not in done.html


def test_administrator_cannot_add_twice(sign_in: Callable[..., Visitor], clerk: Account) -> None:
    desk = sign_in("administrator")

    again = desk.post("/en/staff/accounts/", {"email": clerk.email, "roles": "reviewer", "locale": "en"})

    assert (again.status, again.errors) == (422, {"email": "There is an account with this mail address already."})


def test_last_administrator_stays(session: Session, app: Flask) -> None:
    boss = make_clerk(session, "boss@staff.example", Role.ADMINISTRATOR)
    services.add_account(session, "invited@staff.example", [Role.ADMINISTRATOR], by=SYSTEM, now=datetime.now(UTC))
    session.commit()
    desk = Visitor(app)
    sign_in(desk, boss)
    path = f"/en/staff/accounts/{boss.public_id}"

    closed = desk.post(f"{path}/disable", {"close-reason": REASON}, follow=True)
    renewed = desk.post(f"{path}/reset", {"renew-reason": REASON}, follow=True)
    roles = desk.post(path, {"roles": ["reviewer"], "reason": REASON})

    sentence = "This is the last administrator who can sign in. Give another account that role first."
    session.expire_all()
    told = [page.errors["form"] for page in (closed, renewed)]
    assert [
        page.form(f"form[action$='{verb}']")[f"{name}-reason"]
        for page, verb, name in ((closed, "disable", "close"), (renewed, "reset", "renew"))
    ] == [REASON] * 2
    assert (told, roles.errors) == ([sentence, sentence], {"roles": sentence})
    assert (boss.disabled_at, boss.roles, boss.password_hash is None) == (None, {Role.ADMINISTRATOR}, False)


def test_administrator_changes_roles(sign_in: Callable[..., Visitor], clerk: Account, session: Session) -> None:
    desk = sign_in("administrator")

    desk.post(f"/en/staff/accounts/{clerk.public_id}", {"roles": ["coordinator", "auditor"], "reason": REASON})

    session.expire_all()
    event = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert clerk.roles == {Role.COORDINATOR, Role.AUDITOR}
    assert event is not None
    assert [(event.action, v.field, v.old, v.new) for v in event.values] == [
        ("account.set_roles", "reason", "null", f'"{REASON}"'),
        ("account.set_roles", "roles", '["reviewer"]', '["coordinator","auditor"]'),
    ]


def test_roles_that_a_colleague_changed_meanwhile_stay(sign_in: Callable[..., Visitor], clerk: Account, session: Session) -> None:
    desk, path = sign_in("administrator"), f"/en/staff/accounts/{clerk.public_id}"
    seen = desk.get(path)
    desk.submit(desk.get(path), {"roles": ["reviewer", "approver"], "reason": REASON})

    late = desk.submit(seen, {"roles": ["reviewer", "coordinator"], "reason": REASON})
    session.expire_all()
    kept = clerk.roles
    again = desk.submit(late, {"roles": ["reviewer", "coordinator"]})
    session.expire_all()

    assert (late.status, again.status) == (409, 200)
    assert "Somebody else has set this meanwhile." in late.text
    assert [str(box["value"]) for box in late.select("input[name=roles][checked]")] == ["reviewer", "approver"]
    assert late.form()["reason"] == REASON
    assert (kept, clerk.roles) == ({Role.REVIEWER, Role.APPROVER}, {Role.REVIEWER, Role.COORDINATOR})


def test_administrator_closes_opens_and_renews(sign_in: Callable[..., Visitor], clerk: Account, session: Session) -> None:
    desk = sign_in("administrator")
    path = f"/en/staff/accounts/{clerk.public_id}"

    for name in ("close", "open", "renew"):
        shown = desk.get(path)
        desk.submit(shown, {f"{name}-reason": f"To {name} it is right."}, css=f"form:has([name={name}-reason])")

    assert actions(session) == ["account.add", "account.disable", "account.enable", "account.end_sign_in"]
    reasons = session.scalars(sa.select(AuditValue.new).where(AuditValue.field == "reason").order_by(AuditValue.sequence)).all()
    assert reasons == ['"To close it is right."', '"To open it is right."', '"To renew it is right."']
    letter = session.scalars(sa.select(OutboxLetter)).one()
    assert (letter.recipient, letter.template, clerk.password_hash) == (clerk.email, "account_new_set_up", None)


@pytest.mark.parametrize(("action", "name"), [("disable", "close"), ("enable", "open"), ("reset", "renew"), ("", "")])
def test_change_of_an_account_wants_a_reason(
    sign_in: Callable[..., Visitor], clerk: Account, session: Session, action: str, name: str
) -> None:
    desk, field = sign_in("administrator"), f"{name}-reason" if name else "reason"
    if name == "open":
        services.disable_account(session, clerk, by=SYSTEM, now=datetime.now(UTC))
        session.commit()
    before = actions(session)

    again = desk.post(f"{LIST}{clerk.public_id}/{action}".rstrip("/"), {"roles": ["approver"], field: " "})

    assert (again.status, again.errors) == (422, {field: "Please write the reason in a sentence or two."})
    assert (actions(session), clerk.roles, clerk.password_hash is None) == (before, {Role.REVIEWER}, False)


def test_forms_of_an_account_say_what_will_happen(sign_in: Callable[..., Visitor], clerk: Account) -> None:
    shown = sign_in("administrator").get(f"{LIST}{clerk.public_id}")

    assert shown.texts("form p:not(.hint)") == [
        "They count at once, also where the person is signed in. No letter goes out.",
        (
            "For a lost authenticator, a stolen machine or a link that ran out: password, authenticator, passkeys and recovery "
            "codes stop working at once, and all open sessions end."
        ),
        "A letter with a new set-up link goes to clerk@staff.example. The link works once, for 72 hours.",
        (
            "All open sessions of the person end at once, and they cannot sign in until the account is opened again. What they "
            "did stays in the record. No letter goes out."
        ),
    ]
    assert "your own account" not in shown.text


def test_administrator_who_gives_the_role_up_is_told_and_led_away(session: Session, app: Flask) -> None:
    boss, _other = (make_clerk(session, f"{name}@staff.example", Role.ADMINISTRATOR, Role.REVIEWER) for name in ("boss", "other"))
    desk = Visitor(app)
    sign_in(desk, boss)
    shown = desk.get(f"{LIST}{boss.public_id}")

    left = desk.submit(shown, {"roles": ["reviewer"], "reason": REASON})

    assert "only another administrator can give it back to you" in shown.texts(".notice")[0]
    assert (left.status, left.response.request.path) == (200, "/en/staff/applications/")
    assert left.texts(".notice") == ["The roles are saved."]
    session.expire_all()
    assert boss.roles == {Role.REVIEWER}


def test_auditor_reads_the_accounts_and_finds_no_form(sign_in: Callable[..., Visitor], clerk: Account, session: Session) -> None:
    make_codes(session, clerk, by=SYSTEM, now=datetime.now(UTC))
    session.add(
        Passkey(
            account_id=clerk.id, credential_id=b"1", public_key=b"", sign_count=0, name="Phone", transports=[], created_at=NOW
        )
    )
    clerk.name, clerk.last_sign_in_at = "Mei Lin", NOW
    session.commit()

    shown = sign_in(Role.AUDITOR, email="eva@staff.example").get(LIST)

    assert shown.texts("tbody tr") == [
        "Mei Lin clerk@staff.example Reviewer In use 24 Nov 2026, 09:00 UTC Authenticator 1 passkey 10 recovery codes left",
        "eva@staff.example Auditor Not set up yet never –",
    ]
    assert (shown.select("main form, main a, main button"), len(shown.select("table.stacked td[data-label]"))) == ([], 8)
    assert shown.texts(".main-nav [aria-current]") == ["Accounts"]


def test_list_of_accounts_costs_the_same_for_one_and_for_many(session: Session, sign_in: Callable[..., Visitor]) -> None:
    auditor, counts = sign_in(Role.AUDITOR), []

    for number in range(3):
        account, _ = services.add_account(session, f"m{number}@staff.example", [*Role], by=SYSTEM, now=datetime.now(UTC))
        make_codes(session, account, by=SYSTEM, now=datetime.now(UTC))
        session.commit()
        statements: list[str] = []

        def note(*args: Any, seen: list[str] = statements) -> None:
            seen.append(args[2])

        sa.event.listen(db.engine, "before_cursor_execute", note)
        auditor.get(LIST)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))

    assert counts[1] == counts[2]


def test_role_page_that_is_not_ones_own_says_so(sign_in: Callable[..., Visitor]) -> None:
    clerk = sign_in(Role.REVIEWER, Role.APPROVER)

    refused, missing = clerk.get("/en/staff/audit"), clerk.get("/en/staff/applications/A-NOTHING")

    assert (refused.status, refused.texts("h1")) == (403, ["This page is for other roles than yours"])
    assert "Your roles: Reviewer and Approver." in refused.text
    for page in (refused, missing, clerk.get("/en/staff/nothing/here")):
        assert [link["href"] for link in page.select("main a")] == ["/en/staff/"]
    assert missing.status == 404


def test_stranger_is_led_to_public_pages(page: Visitor) -> None:
    assert "/en/staff/" not in [link["href"] for link in page.get("/en/staff/nothing/here").select("main a")]


def test_invitation_names_who_invites_to_what(sign_in: Callable[..., Visitor], letters: Callable[[], list[OutboxLetter]]) -> None:
    values = {"email": "new@staff.example", "roles": ["reviewer", "auditor"], "locale": "de"}

    sign_in("administrator", email="boss@staff.example").post(LIST, values)

    (letter,) = letters()
    assert letter.locale == "de"
    name = get_initiative().name("de").text
    assert name in letter.subject
    assert "boss@staff.example" in letter.body
    assert str(Role.REVIEWER) not in letter.body, "roles go by their names"


def _change_password(visitor: Visitor, **changes: str) -> Page:
    begun = visitor.submit(visitor.get("/en/staff/account"), css="form[action$='/account/password']")
    return visitor.submit(begun, {"password": NEW_PASSWORD, "again": NEW_PASSWORD} | changes)


def test_own_password_is_changed(clerk: Account, app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    here, there = Visitor(app), Visitor(app)
    sign_in(there, clerk, code=code_of(clerk.totp_secret, steps=-1))
    sign_in(here, clerk)
    key = services.make_link(session, clerk, LinkPurpose.RESET, now=datetime.now(UTC))

    done = _change_password(here)

    session.expire_all()
    assert done.texts(".notice") == ["Your password is changed, and your other sessions have ended."]
    assert credentials.is_password(clerk.password_hash, NEW_PASSWORD)
    assert (here.get("/en/staff/account").status, there.get("/en/staff/account").status) == (200, 302)
    assert Visitor(app).get(f"/en/staff/set-up/{key}").status == 410
    assert actions(session)[-2:] == ["account.set_password", "account.end_session"]
    assert [(letter.template, letter.recipient) for letter in letters()] == [("account_password_changed", clerk.email)]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"password": "short", "again": "short"}, {"password": "Please write at least 12 characters."}),
        ({"again": "something else"}, {"again": "The two passwords differ. Please write the same one twice."}),
        (
            {"password": "clerk@staff.example", "again": "clerk@staff.example"},
            {"password": "Please choose a password that is not your mail address."},
        ),
    ],
)
def test_own_password_follows_the_rules(
    clerk: Account, page: Visitor, session: Session, changes: dict[str, str], errors: dict[str, str]
) -> None:
    sign_in(page, clerk)

    again = _change_password(page, **changes)

    session.expire_all()
    assert (again.status, again.errors) == (422, errors)
    assert credentials.is_password(clerk.password_hash, PASSWORD)


def test_own_password_wants_the_present_one_and_hands_none_back(clerk: Account, page: Visitor, session: Session) -> None:
    sign_in(page, clerk)
    form = page.get("/en/staff/account/password/new")
    session.execute(sa.update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()

    asked = page.submit(form, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    code = code_of(clerk.totp_secret, steps=1)
    confirmed = page.submit(asked, {"confirm-password": PASSWORD, "confirm-code": code})
    done = page.submit(confirmed, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert (asked.status, NEW_PASSWORD in asked.html) == (401, False)
    assert (confirmed.status, done.status) == (422, 200)
    session.expire_all()
    assert credentials.is_password(clerk.password_hash, NEW_PASSWORD)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_others_do_not_manage_accounts(role: Role, sign_in: Callable[..., Visitor], clerk: Account) -> None:
    desk = sign_in(role)
    path = f"/en/staff/accounts/{clerk.public_id}"

    assert desk.get(path).status == 403
    assert desk.get("/en/staff/accounts/").status == (200 if role is Role.AUDITOR else 403)
    assert [desk.post(f"{path}/{a}").status for a in ("disable", "enable", "reset")] == [403, 403, 403]


def test_actor_of_first_event_is_named(clerk: Account, session: Session) -> None:
    event = session.scalars(sa.select(AuditEvent)).first()

    assert event is not None
    assert (Actor(event.actor_kind), event.subject_id) == (SYSTEM, clerk.public_id)


@pytest.mark.csrf
def test_lost_session_of_the_sign_in_keeps_the_address(clerk: Account, page: Visitor) -> None:
    refused = sign_in(page, clerk)
    done = page.submit(refused, {"password": PASSWORD, "code": code_of(clerk.totp_secret)}, follow=False)

    assert (refused.status, refused.form()["email"]) == (400, clerk.email)
    assert (done.status, done.location) == (303, "/en/staff/")


@pytest.mark.csrf
@pytest.mark.parametrize("action", ["disable", "enable", "reset"])
def test_button_without_token_does_nothing(
    action: str, sign_in: Callable[..., Visitor], clerk: Account, session: Session
) -> None:
    desk = sign_in("administrator")

    assert desk.post(f"/en/staff/accounts/{clerk.public_id}/{action}").status == 400
    assert actions(session) == ["account.add"]


def test_pages_of_accounts_stay_in_no_cache(added: tuple[Account, str], page: Visitor) -> None:
    answers = [page.get(path).response for path in ("/en/staff/sign-in", f"/en/staff/set-up/{added[1]}")]

    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store", "no-store"]
