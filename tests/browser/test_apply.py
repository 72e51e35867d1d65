"""Applying by keyboard alone, on a small phone, with script off."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from directory.i18n.catalogues import compile_catalogues
from tests.browser.test_public_pages import WIDTH

TABS_MAX = 300
STEPS = (
    "", "organisation", "names", "seat", "contact", "offerings", "statement", "check", "status", "consents", "consents/listed",
    "withdraw",
)  # fmt: skip
FOCUSED = "css => document.activeElement !== null && document.activeElement.matches(css)"


class Keyboard:
    """Moves through a page by Tab, and types."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.too_wide: dict[str, int] = {}

    def reach(self, css: str) -> None:
        """Press Tab until the focus is there, as a person would."""
        for _ in range(TABS_MAX):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED, css):
                return
        pytest.fail(f"{css} is not reached by Tab on {self.page.url}")

    def write(self, name: str, text: str) -> None:
        """Type into a field, or choose by typing in a list."""
        self.reach(f"[name='{name}']")
        self.page.keyboard.type(text)

    def tick(self, name: str, value: str | None = None) -> None:
        """Tick a box."""
        self.reach(f"[name='{name}']" + (f"[value='{value}']" if value else ""))
        self.page.keyboard.press("Space")

    def press(self, css: str) -> None:
        """Press a button or follow a link, and note a page that is wider than the phone."""
        self.reach(css)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        if over := self.page.evaluate(WIDTH):
            self.too_wide[self.page.url] = over

    def go_on(self) -> None:
        """Save a step and go to the next."""
        self.press("button[value=continue]")


def test_somebody_applies_by_keyboard_without_script(site: str, phone: Page, letters: Any) -> None:
    keyboard = Keyboard(phone)
    phone.goto(f"{site}/en/apply/")
    keyboard.press("main button[type=submit]")
    if "/organisation" not in phone.url:
        keyboard.press("main a[href$='/organisation']")

    keyboard.write("name", "Proba Business Union")
    keyboard.write("kind", "Inst")
    keyboard.write("type", "Chamber")
    keyboard.tick("languages", "en")
    keyboard.tick("sectors", "fintech")
    keyboard.write("summary", "We help digital enterprises in Serbia.")
    keyboard.go_on()
    keyboard.go_on()
    keyboard.write("country", "Serbia")
    keyboard.write("city", "Belgrade")
    keyboard.go_on()
    keyboard.write("name", "Ana Example")
    keyboard.write("email", "not an address")
    keyboard.go_on()
    expect(phone.locator("[data-error=email]")).to_be_visible()
    assert phone.locator("[name=email]").input_value() == "not an address"
    phone.locator("[name=email]").fill("ana@proba.example")
    keyboard.go_on()
    keyboard.write("offerings-0-title", "Market entry")
    keyboard.write("offerings-0-description", "The first steps.")
    keyboard.write("offerings-0-category", "Market")
    keyboard.press("button[value=add-offerings]")
    keyboard.write("offerings-1-title", "Certificates")
    keyboard.press("button[value=remove-offerings-1]")
    expect(phone.locator("[name$=-title]")).to_have_count(1)
    keyboard.go_on()
    keyboard.tick("accepted")
    keyboard.write("signatory", "Petar Example")
    keyboard.write("capacity", "President")
    keyboard.tick("listed")
    keyboard.tick("abroad")
    keyboard.go_on()
    check = phone.url
    (proof,) = letters()
    phone.goto(site + str(re.search(r"http://[^/]+(/\S+)", proof.body)[1]))
    keyboard.press("main button[type=submit]")
    phone.goto(check)
    keyboard.press("main button[type=submit]")

    expect(phone.locator("main")).to_contain_text("Received, waiting for a reviewer")
    assert sorted(letter.template for letter in letters()) == ["application_arrived", "application_key", "application_received"]
    assert keyboard.too_wide == {}


def test_no_step_shuts_anybody_out(site: str, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/en/apply/")
    page.locator("main button[type=submit]").first.click()
    root = re.sub(r"/[a-z]*$", "", page.url)
    found = {}

    for step in STEPS:
        page.goto(f"{root}/{step}")
        if violations := Axe().run(page).response["violations"]:
            found[step] = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in violations]

    context.close()
    assert found == {}


@pytest.mark.parametrize("tag", compile_catalogues())
def test_no_step_is_wider_than_a_phone(site: str, phone: Page, tag: str) -> None:
    phone.goto(f"{site}/{tag}/apply/")
    phone.locator("main button[type=submit]").first.click()
    assert f"/{tag}/apply/" in phone.url
    root = re.sub(r"/[a-z]*$", "", phone.url)
    too_wide = {}

    for step in STEPS:
        phone.goto(f"{root}/{step}")
        if over := phone.evaluate(WIDTH):
            too_wide[step] = over

    assert too_wide == {}
