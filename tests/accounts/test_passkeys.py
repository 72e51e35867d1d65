"""Passkeys: added, named, removed, in place of the code at sign-in, in place of both where a decision asks again."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts import credentials
from directory.accounts.models import PASSKEYS_MAX, Account, Passkey, Role, SpentChallenge
from directory.accounts.passkeys import LAST_FACTOR, remove_passkey
from directory.accounts.services import reset_account
from directory.applications.states import State
from directory.audit import SYSTEM, AuditEvent
from directory.config import Settings
from directory.errors import Conflict, NotAllowed
from directory.mail import OutboxLetter
from tests.accounts.authenticator import PRESENT, SITE, Authenticator, decode
from tests.accounts.test_pages import PASSWORD, actions, code_of, make_clerk, sign_in
from tests.accounts.test_sessions import OWN, browser, confirmation, make_stale, signed_in
from tests.conftest import make_settings
from tests.page import Page, Visitor
from tests.review.cases import add_application

NEW = f"{OWN}/passkeys/new"
SIGN_IN = "/en/staff/sign-in"
NOT_ACCEPTED = (
    "These do not belong together, or the passkey was not accepted. Please check the mail address and the password, and try "
    "again. After several wrong attempts, wait a few minutes before you try again."
)
NOT_ADDED = "The passkey was not accepted, or it took longer than five minutes. Please try again."
Letters = Callable[[], list[OutboxLetter]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "instance", database_url, public_url=SITE)


@pytest.fixture
def clerk(session: Session) -> Account:
    return make_clerk(session, "clerk@staff.example", Role.APPROVER)


@pytest.fixture
def here(app: Flask, clerk: Account) -> Visitor:
    return signed_in(app, clerk, steps=-1)


def options(visitor: Visitor, path: str = f"{SIGN_IN}/passkey") -> dict[str, object]:
    answer = visitor.post(path).response
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.get_json()  # type: ignore[no-any-return]


def add(visitor: Visitor, key: Authenticator, name: str = "Phone") -> Page:
    return visitor.post(NEW, {"name": name, "passkey": key.make(options(visitor, f"{OWN}/passkeys/make"))})


def added(visitor: Visitor, name: str = "Phone", **how: object) -> Authenticator:
    key = Authenticator(**how)  # type: ignore[arg-type]
    assert add(visitor, key, name).status == 303
    return key


def sign_in_with(visitor: Visitor, account: Account, key: Authenticator, **changes: str) -> Page:
    return sign_in(visitor, account, **{"code": "", "passkey": key.use(options(visitor))} | changes)


def changes_of(session: Session, action: str) -> list[tuple[str, str, str]]:
    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == action)).one()
    return [(value.field, value.old, value.new) for value in event.values]


def test_passkey_is_added_and_listed(here: Visitor, clerk: Account, session: Session, letters: Letters) -> None:
    before = here.get(OWN)

    page = here.submit(before, css="form[action$='/passkeys']")
    asked = options(here, f"{OWN}/passkeys/make")
    key = Authenticator(count=7)
    done = here.post(NEW, {"name": " My  phone ", "passkey": key.make(asked)}, follow=True)

    assert (page.texts("h1"), page.form()["name"]) == (["Add a passkey"], "Firefox, Linux")
    assert asked["rp"] == {"id": "localhost", "name": "localhost"}
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["excludeCredentials"] == []
    assert done.texts(".notice") == ["The passkey is added. You can sign in with it from now on."]
    assert done.texts("table:has(a[href*=passkeys]) tbody th") == ["My phone"]
    assert done.texts("table:has(a[href*=passkeys]) tbody td")[1:] == ["never", "–"]
    kept = session.scalars(sa.select(Passkey)).one()
    assert (kept.account_id, kept.credential_id, kept.sign_count, kept.transports) == (
        clerk.id,
        key.id,
        7,
        ["hybrid", "internal"],
    )
    assert actions(session)[-1] == "account.add_passkey"
    assert changes_of(session, "account.add_passkey") == [("passkey", "null", '"My phone"')]
    (letter,) = letters()
    assert (letter.template, letter.recipient, "“My phone”" in letter.body) == ("account_passkey_added", clerk.email, True)


def test_key_that_is_there_is_not_added_twice(here: Visitor, app: Flask, session: Session) -> None:
    key = added(here)
    other = signed_in(app, make_clerk(session, "other@staff.example", Role.REVIEWER))

    asked = options(here, f"{OWN}/passkeys/make")
    answers = [add(visitor, key).errors for visitor in (here, other)]

    assert [row["transports"] for row in asked["excludeCredentials"]] == [["hybrid", "internal"]]
    assert answers == [{"form": "This passkey was added already."}] * 2
    assert len(session.scalars(sa.select(Passkey)).all()) == 1


def test_eleventh_passkey_is_refused(here: Visitor, clerk: Account, session: Session) -> None:
    for number in range(PASSKEYS_MAX):
        added(here, f"Key {number}")

    refused = add(here, Authenticator(), "One more")

    sentence = "You have as many passkeys as there can be. Please remove one first."
    assert refused.errors == {"form": sentence}
    shown = here.get(OWN)
    assert (sentence in shown.text, shown.select("form[action$='/passkeys']")) == (True, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost"},
        {"rp_id": "evil.example"},
    ],
)
def test_passkey_made_elsewhere_is_not_added(wrong: dict[str, str], here: Visitor, session: Session) -> None:
    refused = add(here, Authenticator(**wrong))

    assert (refused.status, refused.errors) == (422, {"form": NOT_ADDED})
    assert session.scalars(sa.select(Passkey)).all() == []


@pytest.mark.parametrize("text", ["{}", "[]", "null", '"x"', "{", "[" * 20_000, '{"rawId": "x", "id": "x", "response": {}}'])
def test_what_is_no_passkey_is_not_added(text: str, here: Visitor) -> None:
    options(here, f"{OWN}/passkeys/make")

    assert here.post(NEW, {"name": "Phone", "passkey": text}).errors == {"form": NOT_ADDED}


def test_passkey_that_does_not_know_its_owner_is_not_added(here: Visitor) -> None:
    key = Authenticator()
    key.flags = PRESENT

    assert add(here, key).errors == {"form": NOT_ADDED}


def test_passkey_of_an_unknown_kind_is_not_added(here: Visitor) -> None:
    key = Authenticator()
    key.algorithm = -65535

    assert add(here, key).errors == {"form": NOT_ADDED}


def test_passkey_wants_a_name_and_a_browser_that_makes_one(here: Visitor) -> None:
    refused = here.post(NEW, {"name": " ", "passkey": ""}), here.post(NEW, {"name": "Phone", "passkey": ""})

    assert [page.errors for page in refused] == [
        {"name": "Please write a name for the passkey."},
        {"form": "Your browser made no passkey. Please try again, or use another browser."},
    ]


def test_adding_wants_the_password_again_and_keeps_the_form(here: Visitor, clerk: Account, session: Session) -> None:
    make_stale(session)

    asked = add(here, Authenticator(), "Phone")
    done = here.post(NEW, asked.form() | {"confirm-password": PASSWORD, "confirm-code": code_of(clerk.totp_secret)})

    assert (asked.status, done.status) == (401, 303)
    assert session.scalars(sa.select(Passkey.name)).all() == ["Phone"]


def test_passkey_is_renamed(here: Visitor, session: Session) -> None:
    added(here)
    path = here.get(OWN).select("a[href*='/passkeys/']")[0]["href"]

    done = here.submit(here.get(path), {"name": "Old phone"}, follow=False)

    assert done.status == 303
    assert session.scalars(sa.select(Passkey.name)).all() == ["Old phone"]
    assert changes_of(session, "account.rename_passkey") == [("passkey", '"Phone"', '"Old phone"')]


def test_removed_passkey_opens_nothing(here: Visitor, app: Flask, clerk: Account, session: Session, letters: Letters) -> None:
    key = added(here)
    path = here.get(OWN).select("a[href*='/passkeys/']")[0]["href"]

    done = here.submit(here.get(path), css="form[action$='/remove']")

    assert done.texts(".notice") == ["The passkey is removed. You can delete it on your device as well."]
    assert session.scalars(sa.select(Passkey)).all() == []
    assert changes_of(session, "account.remove_passkey") == [("passkey", '"Phone"', "null")]
    assert [letter.template for letter in letters()] == ["account_passkey_added", "account_passkey_removed"]
    assert sign_in_with(browser(app), clerk, key).status == 422


def test_removing_wants_the_password_again(here: Visitor, session: Session) -> None:
    added(here)
    path = here.get(OWN).select("a[href*='/passkeys/']")[0]["href"]
    make_stale(session)

    assert here.post(f"{path}/remove").status == 401
    assert len(session.scalars(sa.select(Passkey)).all()) == 1


def test_last_second_factor_stays(here: Visitor, clerk: Account, session: Session) -> None:
    added(here, "First")
    added(here, "Second")
    clerk.totp_secret = None
    session.commit()
    first, second = (session.scalars(sa.select(Passkey).where(Passkey.name == name)).one() for name in ("First", "Second"))
    paths = [f"{OWN}/passkeys/{row.public_id}/remove" for row in (first, second)]

    answers = [here.post(path, follow=True).texts(".notice") for path in paths]

    assert answers[1] == ["This is your only second factor. Please set up an authenticator first."]
    assert session.scalars(sa.select(Passkey.name)).all() == ["Second"]


def test_nobody_touches_a_passkey_of_somebody_else(here: Visitor, app: Flask, session: Session) -> None:
    added(here)
    path = here.get(OWN).select("a[href*='/passkeys/']")[0]["href"]
    other = signed_in(app, make_clerk(session, "other@staff.example", Role.ADMINISTRATOR))

    answers = [other.get(path).status, other.post(path, {"name": "Mine"}).status, other.post(f"{path}/remove").status]

    assert answers == [404, 404, 404]
    assert session.scalars(sa.select(Passkey.name)).all() == ["Phone"]


def test_passkey_signs_in_with_the_password(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    key = added(here)

    done = sign_in_with(browser(app, address="198.51.100.9"), clerk, key)

    assert (done.status, done.location) == (303, "/en/staff/")
    signed = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (signed.action, [(v.field, v.new) for v in signed.values]) == ("account.sign_in", [("passkey", '"Phone"')])
    kept = session.scalars(sa.select(Passkey)).one()
    assert (kept.sign_count, kept.last_used_network) == (1, "198.51.100.0/24")
    assert "198.51.100.0/24" in here.get(OWN).texts("table:has(a[href*=passkeys]) tbody td")


def test_key_that_does_not_count_signs_in_again_and_again(here: Visitor, app: Flask, clerk: Account) -> None:
    key = added(here, count=None)

    assert [sign_in_with(browser(app), clerk, key).status for _ in range(3)] == [303, 303, 303]


def test_code_goes_on_working_beside_a_passkey(here: Visitor, app: Flask, clerk: Account) -> None:
    added(here)

    assert sign_in(browser(app), clerk).status == 303


def test_sign_in_tells_nobody_who_has_passkeys(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    added(here)
    key = Authenticator()
    other = make_clerk(session, "other@staff.example", Role.REVIEWER)

    asked = options(browser(app))
    pages = [
        sign_in_with(browser(app), account, key, email="x@staff.example", password="wrong wrong") for account in (clerk, other)
    ]

    assert sorted(asked) == ["challenge", "rpId", "timeout", "userVerification"]
    assert (pages[0].status, pages[0].html == pages[1].html) == (422, True)


@pytest.mark.parametrize("changes", [{"email": "nobody@staff.example"}, {"password": "wrong wrong wrong"}])
def test_passkey_needs_address_and_password(
    changes: dict[str, str], here: Visitor, app: Flask, clerk: Account, session: Session
) -> None:
    key = added(here)

    refused = sign_in_with(browser(app), clerk, key, **changes)

    assert (refused.status, refused.texts(".error-summary li")) == (422, [NOT_ACCEPTED])
    assert session.scalars(sa.select(Passkey.last_used_at)).all() == [None]


def wrong_origin(key: Authenticator) -> None:
    key.origin = "http://localhost:8001"


def wrong_party(key: Authenticator) -> None:
    key.rp_id = "evil.example"


def in_a_frame(key: Authenticator) -> None:
    key.more = {"crossOrigin": True}


def not_verified(key: Authenticator) -> None:
    key.flags = PRESENT


def other_person(key: Authenticator) -> None:
    key.person = b"somebody else"


def other_key(key: Authenticator) -> None:
    key.private = Authenticator().private


def unknown_key(key: Authenticator) -> None:
    key.id = Authenticator().id


def other_act(key: Authenticator) -> None:
    key.more = {"type": "webauthn.create"}


@pytest.mark.parametrize(
    "spoil", [wrong_origin, wrong_party, in_a_frame, not_verified, other_person, other_key, unknown_key, other_act]
)
def test_wrong_answer_signs_nobody_in_and_is_counted(
    spoil: Callable[[Authenticator], None], here: Visitor, app: Flask, clerk: Account, session: Session
) -> None:
    key = added(here)
    spoil(key)

    refused = sign_in_with(browser(app), clerk, key)

    assert (refused.status, refused.texts(".error-summary li")) == (422, [NOT_ACCEPTED])
    assert (refused.form()["email"], refused.form()["passkey"]) == (clerk.email, "")
    session.expire_all()
    assert clerk.failed_sign_ins == 1
    assert actions(session)[-1] == "account.add_passkey"


def test_passkey_of_another_account_signs_nobody_in(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    other = make_clerk(session, "other@staff.example", Role.REVIEWER)
    key = added(signed_in(app, other))

    assert sign_in_with(browser(app), clerk, key).status == 422


def test_wrong_answers_make_wait_like_wrong_codes(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    key, visitor = added(here), browser(app)
    for _ in range(3):
        sign_in_with(visitor, clerk, Authenticator())
    meanwhile = sign_in_with(visitor, clerk, key)
    session.expire_all()
    counted = clerk.failed_sign_ins
    clerk.retry_after = None
    session.commit()

    done = sign_in_with(visitor, clerk, key)

    session.expire_all()
    assert (meanwhile.status, counted, done.status, clerk.failed_sign_ins) == (422, 3, 303, 0)


def test_answer_works_once(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    key, visitor = added(here), browser(app)
    answer = key.use(options(visitor))
    cookie = visitor.client.get_cookie("session")
    first = sign_in(visitor, clerk, code="", passkey=answer)
    thief = browser(app)
    thief.client.set_cookie("session", cookie.value)

    again = sign_in(thief, clerk, code="", passkey=answer)

    assert (first.status, again.status) == (303, 422)


def test_challenge_is_bound_to_its_browser_and_purpose(here: Visitor, app: Flask, clerk: Account) -> None:
    key, visitor = added(here), browser(app)
    answer = key.use(options(visitor))
    other = browser(app)
    options(other)
    for_another = key.use(options(here, f"{OWN}/passkeys/use"))

    refused = [sign_in(page, clerk, code="", passkey=text).status for page, text in ((other, answer), (visitor, for_another))]

    assert refused == [422, 422]


def test_answer_without_a_challenge_is_refused(here: Visitor, app: Flask, clerk: Account) -> None:
    key = added(here)
    answer = key.use(options(browser(app)))

    assert sign_in(browser(app), clerk, code="", passkey=answer).status == 422


@pytest.mark.parametrize(("seconds", "status"), [(299, 303), (301, 422)])
def test_challenge_ends_after_five_minutes(seconds: int, status: int, here: Visitor, app: Flask, clerk: Account) -> None:
    key, visitor = added(here), browser(app)
    answer = key.use(options(visitor))

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=False):
        assert sign_in(visitor, clerk, code="", passkey=answer).status == status


def test_spent_challenges_are_forgotten(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    key = added(here)
    session.execute(sa.update(SpentChallenge).values(spent_at=datetime.now(UTC) - timedelta(minutes=11)))
    session.commit()

    sign_in_with(browser(app), clerk, key)

    assert len(session.scalars(sa.select(SpentChallenge)).all()) == 1


@pytest.mark.parametrize("count", [3, 2, 0])
def test_count_that_does_not_grow_is_refused_and_told(
    count: int, here: Visitor, app: Flask, clerk: Account, session: Session, letters: Letters
) -> None:
    key = added(here, count=3)
    key.count = count - 1

    refused = sign_in_with(browser(app), clerk, key)

    assert (refused.status, refused.texts(".error-summary li")) == (422, [NOT_ACCEPTED])
    assert changes_of(session, "account.refuse_passkey") == [("passkey", "null", '"Phone"'), ("sign_count", "3", str(count))]
    assert [letter.template for letter in letters()] == ["account_passkey_added", "account_passkey_refused"]
    session.expire_all()
    assert clerk.failed_sign_ins == 1


def confirm_with(visitor: Visitor, asked: Page, key: Authenticator) -> Page:
    return visitor.submit(asked, {"confirm-passkey": key.use(options(visitor, f"{OWN}/passkeys/use"))})


def test_passkey_confirms_a_decision_in_place_of_both(here: Visitor, clerk: Account, session: Session) -> None:
    key = added(here)
    application = add_application(session, state=State.READY_FOR_DECISION)
    path, form = confirmation(here, application)
    make_stale(session)

    asked = here.post(path, form)
    done = confirm_with(here, asked, key)

    assert (asked.status, len(asked.select("[data-passkey]")), len(asked.select("script[src*='passkeys.js']"))) == (401, 1, 1)
    assert (done.status, done.errors) == (200, {})
    session.expire_all()
    assert (application.state, application.decision_message) == (State.REJECTED, "Not this time, for want of a register.")
    assert changes_of(session, "account.confirm") == [("passkey", "null", '"Phone"')]


def test_wrong_passkey_confirms_nothing_and_keeps_the_form(here: Visitor, clerk: Account, session: Session) -> None:
    key = added(here)
    application = add_application(session, state=State.READY_FOR_DECISION)
    path, form = confirmation(here, application)
    make_stale(session)
    key.flags = PRESENT

    refused = confirm_with(here, here.post(path, form), key)

    sentence = (
        "The passkey was not accepted. Please try again, or write password and code. After several wrong attempts, wait a few "
        "minutes."
    )
    assert (refused.status, refused.errors) == (422, {"form": sentence})
    assert refused.form()["decision-message"] == "Not this time, for want of a register."
    session.expire_all()
    assert (application.state, clerk.failed_sign_ins) == (State.READY_FOR_DECISION, 1)


def test_confirming_names_the_persons_own_keys_only(here: Visitor, app: Flask, session: Session) -> None:
    mine = added(here)
    added(signed_in(app, make_clerk(session, "other@staff.example", Role.REVIEWER)))

    asked = options(here, f"{OWN}/passkeys/use")

    assert [decode(row["id"]) for row in asked["allowCredentials"]] == [mine.id]


def test_page_that_asks_again_offers_no_passkey_to_whoever_has_none(here: Visitor, session: Session) -> None:
    make_stale(session)

    asked = here.post(f"{OWN}/recovery-codes")

    assert (asked.status, asked.select("[data-passkey]"), asked.select("script[src*='passkeys.js']")) == (401, [], [])


def test_reset_takes_passkeys_away(here: Visitor, app: Flask, clerk: Account, session: Session) -> None:
    key = added(here)
    reset_account(session, clerk, by=SYSTEM, now=datetime.now(UTC))
    session.commit()
    clerk.password_hash, clerk.totp_secret = credentials.hash_password(PASSWORD), credentials.new_totp_secret()
    session.commit()

    refused = sign_in_with(browser(app), clerk, key)

    assert (refused.status, session.scalars(sa.select(Passkey)).all()) == (422, [])
    assert changes_of(session, "account.end_sign_in") == [("passkeys", '["Phone"]', "null")]


def test_administrators_reset_takes_passkeys_away(
    here: Visitor, clerk: Account, session: Session, sign_in: Callable[..., Visitor], letters: Letters
) -> None:
    added(here)

    sign_in("administrator").post(f"/en/staff/accounts/{clerk.public_id}/reset", {"renew-reason": "The telephone was stolen."})

    assert session.scalars(sa.select(Passkey)).all() == []
    assert "If you had passkeys, they no longer work either." in letters()[-1].body


def test_new_authenticator_leaves_passkeys(here: Visitor, app: Flask, clerk: Account) -> None:
    key = added(here)
    page = here.submit(here.get(OWN), css="form[action$='/authenticator']")
    secret = page.texts("code")[0]
    new = "another long pass phrase"
    here.submit(page, {"password": new, "again": new, "code": code_of(secret)})

    assert sign_in_with(browser(app), clerk, key, password=new).status == 303


@pytest.mark.parametrize(
    ("public_url", "sentence"),
    [
        (
            "http://127.0.0.1:8000",
            "Passkeys cannot be used here: browsers want a name for them, and the address of this site is a number.",
        ),
        (
            "http://[::1]:8000",
            "Passkeys cannot be used here: browsers want a name for them, and the address of this site is a number.",
        ),
        (
            "http://directory.example",
            "Passkeys cannot be used here: browsers want an address for them that begins with https.",
        ),
    ],
)
def test_site_that_cannot_offer_passkeys_says_why(
    public_url: str, sentence: str, app: Flask, clerk: Account, settings: Settings
) -> None:
    app.extensions["settings"] = dataclasses.replace(settings, public_url=public_url)
    stranger = browser(app)
    here = signed_in(app, clerk)

    shown = here.get(OWN)

    assert (sentence in shown.text, shown.select("form[action$='/passkeys']")) == (True, [])
    assert (here.get(NEW).status, here.post(f"{OWN}/passkeys/make").status) == (303, 404)
    assert stranger.post(f"{SIGN_IN}/passkey").status == 404
    assert stranger.get(SIGN_IN).select("[data-passkey], script[src*='passkeys.js']") == []


def test_passkeys_work_behind_a_proxy(tmp_path: Path, database_url: str) -> None:
    from directory.app import create_app
    from directory.db import db
    from tests.conftest import FreshClient, give_up, let_through

    public = "https://directory.example"
    app = create_app(make_settings(tmp_path / "instance", database_url, public_url=public, trusted_proxies=1))
    app.test_client_class = FreshClient
    let_through(app)
    with app.app_context():
        account = make_clerk(db.session, "clerk@staff.example", Role.REVIEWER)  # type: ignore[arg-type]
        visitors = [browser(app, address="10.0.0.2") for _ in range(2)]
        for visitor in visitors:
            visitor.client.environ_base |= {
                "HTTP_X_FORWARDED_FOR": "203.0.113.5",
                "HTTP_X_FORWARDED_PROTO": "https",
                "HTTP_X_FORWARDED_HOST": "directory.example",
            }
        sign_in(visitors[0], account, code=code_of(account.totp_secret, steps=-1))
        key = added(visitors[0], origin=public, rp_id="directory.example")

        done = sign_in_with(visitors[1], account, key)

        assert done.status == 303
        assert db.session.scalars(sa.select(Passkey.last_used_network)).all() == ["203.0.113.0/24"]
    give_up(app)


@pytest.mark.csrf
def test_challenges_are_made_for_pages_of_this_site_only(app: Flask) -> None:
    visitor = browser(app)
    token = visitor.get(SIGN_IN).form()["csrf_token"]

    assert visitor.post(f"{SIGN_IN}/passkey").status == 400
    assert visitor.post(f"{SIGN_IN}/passkey", {"csrf_token": token}).status == 200


def test_page_asks_the_database_as_often_for_ten_passkeys_as_for_one(here: Visitor, app: Flask) -> None:
    counts = []
    for number in (1, 9):
        for each in range(number):
            added(here, f"Key {number}-{each}")
        asked: list[str] = []
        with app.app_context():
            from directory.db import db

            engine = db.engine
        listener = lambda *args: asked.append(args[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listener)
        here.get(OWN)
        sa.event.remove(engine, "before_cursor_execute", listener)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_remove_refuses_below_the_page_too(here: Visitor, clerk: Account, session: Session) -> None:
    added(here)
    clerk.totp_secret = None
    session.commit()
    passkey = session.scalars(sa.select(Passkey)).one()

    with pytest.raises(NotAllowed, match=LAST_FACTOR):
        remove_passkey(session, clerk, passkey, by=SYSTEM, now=datetime.now(UTC))


def test_passkey_that_was_removed_meanwhile_is_not_removed_again(here: Visitor, clerk: Account, session: Session) -> None:
    added(here)
    passkey = session.scalars(sa.select(Passkey)).one()
    session.execute(sa.delete(Passkey), execution_options={"synchronize_session": False})

    with pytest.raises(Conflict):
        remove_passkey(session, clerk, passkey, by=SYSTEM, now=datetime.now(UTC))
