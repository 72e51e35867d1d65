"""Passkeys in a real browser, with an authenticator of the browser's own: added, used to sign in, used to confirm."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, CDPSession, Page
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Passkey, RecoveryCode, Role, StaffSession
from directory.audit import AuditEvent
from tests.accounts.test_pages import PASSWORD, code_of, make_clerk
from tests.browser.test_public_pages import WIDTH

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def clerk(session: Session) -> Account:
    return make_clerk(session, "clerk@staff.example", Role.APPROVER)


@pytest.fixture
def named_site(app: Flask, site: str) -> str:
    """Give the site's address by a name, since browsers make no passkeys for numbers."""
    address = site.replace("127.0.0.1", "localhost")
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], public_url=address)
    return address


@pytest.fixture
def open_window(browser: Browser, named_site: str) -> Iterator[Callable[[int], Page]]:
    """Give a way to open the desk in a window of some width."""
    contexts = []

    def make(width: int = 1280) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, base_url=f"{named_site}/en/staff/", bypass_csp=False
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give the browser a device that makes passkeys."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def sign_in_by_code(page: Page, clerk: Account) -> None:
    page.goto("sign-in")
    page.get_by_label("Mail address").fill(clerk.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code of your authenticator").fill(code_of(clerk.totp_secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/staff/applications/")


def add(page: Page, name: str = "Laptop") -> None:
    page.goto("account")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Make the passkey").click()


def events(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.sequence)))


@pytest.mark.csrf
def test_passkey_is_added_signs_in_and_confirms(open_window: Callable[[int], Page], clerk: Account, session: Session) -> None:
    page = open_window(1280)
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: noticed.append(str(error)))
    devtools, device = plug_in(page)
    sign_in_by_code(page, clerk)

    add(page)
    page.get_by_text("The passkey is added.").wait_for()
    kept = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Mail address").fill(clerk.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/staff/applications/")
    session.commit()  # what was read before stands in the way of writing
    session.execute(sa.update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(hours=1)))
    session.commit()
    page.goto("account")
    page.get_by_role("button", name="Make recovery codes").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()

    assert [(row["rpId"], row["isResidentCredential"]) for row in kept] == [("localhost", True)]
    assert events(session)[-6:] == [
        "account.sign_in", "account.add_passkey", "account.end_session", "account.sign_in", "account.confirm",
        "account.make_recovery_codes",
    ]  # fmt: skip
    assert session.scalars(sa.select(Passkey.name)).all() == ["Laptop"]
    assert session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 10
    assert [text for text in noticed if "401" not in text] == []


def test_what_goes_wrong_is_said_and_nothing_is_lost(open_window: Callable[[int], Page], clerk: Account) -> None:
    page = open_window(1280)
    devtools, device = plug_in(page)
    sign_in_by_code(page, clerk)
    add(page)
    page.get_by_text("The passkey is added.").wait_for()

    add(page, "Once more")
    known = page.get_by_text("This device or key has a passkey for your account already.")
    known.wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    empty = (
        page.get_by_text("Please fill this in first.").is_visible(),
        page.get_by_label("Mail address").evaluate("e => e === document.activeElement"),
    )
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_label("Mail address").fill(clerk.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No passkey came. You can try again.").wait_for()

    assert empty == (True, True)
    assert page.get_by_label("Mail address").input_value() == clerk.email
    assert page.get_by_role("button", name="Use a passkey").is_enabled()


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_of_passkeys_shut_nobody_out(width: int, open_window: Callable[[int], Page], clerk: Account) -> None:
    page = open_window(width)
    plug_in(page)
    sign_in_by_code(page, clerk)
    add(page)
    page.get_by_text("The passkey is added.").wait_for()
    found = {}

    for go in (
        lambda: page.goto("account"),
        lambda: page.get_by_role("link", name="Laptop").click(),
        lambda: page.goto("account/passkeys/new"),
        lambda: (page.get_by_role("button", name="Sign out").click(), page.wait_for_url("**/sign-in")),
    ):
        go()
        page.wait_for_load_state()
        violations = [v["id"] for v in Axe().run(page).response["violations"]]
        if violations or page.evaluate(WIDTH):
            found[page.url] = (violations, page.evaluate(WIDTH))

    assert found == {}


def test_without_script_the_code_is_asked_for(browser: Browser, named_site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{named_site}/en/staff/sign-in", wait_until="networkidle")

    assert page.get_by_label("Code of your authenticator").is_visible()
    assert not page.get_by_role("button", name="Use a passkey").is_visible()
    context.close()
