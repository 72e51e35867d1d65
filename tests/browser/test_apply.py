"""Applying by keyboard alone, on a small phone, with script and without, in three languages."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from directory.i18n.catalogues import compile_catalogues
from tests.browser.conftest import PHONE
from tests.browser.test_public_pages import WIDTH
from tests.uploads import MEGABYTE, pdf

TABS_MAX = 300
STEPS = (
    "", "organisation", "names", "seat", "contact", "offerings", "documents", "statement", "check", "status", "consents",
    "consents/listed", "withdraw",
)  # fmt: skip
CHOICES_MAX = 300
WORDS = {
    "en": {
        "name": "Proba Business Union", "summary": "We help digital enterprises in Serbia.", "city": "Belgrade", "person": "Ana Example",
        "offering": "Market entry", "capacity": "President", "received": "Received, waiting for a reviewer",
    },
    "zh-Hans": {
        "name": "普罗巴企业联合会", "summary": "我们帮助数字企业进入塞尔维亚市场。", "city": "贝尔格莱德", "person": "安娜·示例",
        "offering": "市场准入", "capacity": "会长", "received": "已收到，等待审核员处理",
    },
    "sr-Cyrl": {
        "name": "Привредни савез Проба", "summary": "Помажемо дигиталним предузећима.", "city": "Београд", "person": "Ана Пробић",
        "offering": "Излазак на тржиште", "capacity": "председник", "received": "Примљена, чека референта",
    },
}  # fmt: skip
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
        """Type into a field."""
        self.reach(f"[name='{name}']")
        self.page.keyboard.type(text)

    def write_anew(self, name: str, text: str) -> None:
        """Type into a field in place of what stands in it."""
        self.reach(f"[name='{name}']")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, name: str, value: str) -> None:
        """Choose from a list by going down in it."""
        self.reach(f"select[name='{name}']")
        for _ in range(CHOICES_MAX):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"{name} has no {value}")

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


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
@pytest.mark.parametrize("tag", WORDS)
def test_somebody_applies_by_keyboard_on_a_phone(site: str, browser: Browser, letters: Any, tag: str, script: bool) -> None:  # noqa: FBT001
    context = browser.new_context(viewport=PHONE, java_script_enabled=script)  # type: ignore[arg-type]
    page, words = context.new_page(), WORDS[tag]
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    keyboard = Keyboard(page)
    page.goto(f"{site}/{tag}/apply/")
    keyboard.press("main button[type=submit]")
    if "/organisation" not in page.url:
        keyboard.press("main a[href$='/organisation']")

    keyboard.write("name", words["name"])
    keyboard.choose("kind", "institution")
    keyboard.choose("type", "chamber")
    keyboard.tick("languages", "en")
    keyboard.tick("sectors", "fintech")
    keyboard.write("summary", words["summary"])
    keyboard.go_on()
    keyboard.go_on()
    keyboard.choose("country", "RS")
    keyboard.write("city", words["city"])
    keyboard.go_on()
    keyboard.write("name", words["person"])
    keyboard.write("email", "not an address")
    keyboard.go_on()
    expect(page.locator("[data-error=email]")).to_be_visible()
    assert page.locator("[name=email]").input_value() == "not an address"
    keyboard.write_anew("email", "ana@proba.example")
    keyboard.go_on()
    keyboard.write("offerings-0-title", words["offering"])
    keyboard.write("offerings-0-description", words["summary"])
    keyboard.choose("offerings-0-category", "market-entry-advisory")
    keyboard.press("button[value=add-offerings]")
    keyboard.write("offerings-1-title", words["offering"])
    keyboard.press("button[value=remove-offerings-1]")
    expect(page.locator("[name$=-title]")).to_have_count(1)
    keyboard.go_on()
    keyboard.tick("registration_later")
    keyboard.go_on()
    keyboard.tick("accepted")
    keyboard.write("signatory", words["person"])
    keyboard.write("capacity", words["capacity"])
    keyboard.tick("listed")
    keyboard.tick("abroad")
    keyboard.go_on()
    check = page.url
    (proof,) = letters()
    page.goto(site + str(re.search(r"http://[^/]+(/\S+)", proof.body)[1]))
    keyboard.press("main button[type=submit]")
    page.goto(check)
    for text in (words["name"], words["city"], words["person"], words["offering"], words["summary"], words["capacity"]):
        expect(page.locator("main")).to_contain_text(text)
    keyboard.press("main button[type=submit]")

    expect(page.locator("main")).to_contain_text(words["received"])
    assert sorted((letter.template, letter.locale) for letter in letters()) == [
        ("application_arrived", "en"), ("application_key", tag), ("application_received", tag),
    ]  # fmt: skip
    assert keyboard.too_wide == {}
    assert [trouble for trouble in troubles if "422" not in trouble] == []
    context.close()


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


def test_files_are_sent_with_progress_and_errors_are_shown_in_place(site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{site}/en/apply/")
    page.locator("main button[type=submit]").first.click()
    root = re.sub(r"/[a-z]*$", "", page.url)
    page.goto(f"{root}/documents")
    sound = {"name": "proof.pdf", "mimeType": "application/pdf", "buffer": pdf(2_000_000)}
    wicked = {"name": "proof.exe", "mimeType": "application/pdf", "buffer": b"MZ" * 99}
    large = {"name": "large.pdf", "mimeType": "application/pdf", "buffer": pdf(11 * MEGABYTE)}
    save = page.locator(".buttons button[value=save]")

    page.locator("[name=other_files]").set_input_files([sound, wicked])
    save.click()

    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator(".documents bdi")).to_have_text(["proof.pdf"])
    page.locator("[name=other_files]").set_input_files([large])
    save.click()
    expect(page.locator("[data-upload-status]")).to_contain_text("large.pdf")
    page.locator("[name=other_files]").set_input_files([sound | {"buffer": pdf(words=b"second")}])
    held: list[Route] = []
    page.route("**/documents", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    save.click()
    expect(page.locator("[data-upload-status] progress")).to_be_visible()
    expect(page.locator("[data-upload-status] [role=status]")).not_to_be_empty()
    expect(save).to_be_disabled()
    with page.expect_navigation():
        held[0].continue_()
    expect(page.locator(".flashes")).to_contain_text("Saved.")
    expect(page.locator(".documents bdi")).to_have_text(["proof.pdf", "proof.pdf"])
    page.context.close()


def test_a_browser_that_dies_loses_at_most_the_field_being_typed(site: str, browser: Browser) -> None:
    dying = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = dying.new_page()
    page.goto(f"{site}/en/apply/")
    page.locator("main button[type=submit]").first.click()
    root = re.sub(r"/[a-z]*$", "", page.url)
    page.goto(f"{root}/offerings")
    typed = {"offerings-0-title": "Market entry", "offerings-0-description": "First steps."}
    for name, text in typed.items():
        page.locator(f"[name='{name}']").fill(text)
        with page.expect_response("**/offerings/typed*") as answer:
            page.keyboard.press("Tab")
        assert answer.value.status == 200
    cookies = dying.storage_state()
    dying.close()

    page = browser.new_context(viewport=PHONE, storage_state=cookies).new_page()  # type: ignore[arg-type]
    page.goto(root)
    page.locator("#unsaved a").click()
    assert {name: page.locator(f"[name='{name}']").input_value() for name in typed} == typed
    assert page.evaluate(WIDTH) == 0
    with page.expect_navigation():
        page.locator(".buttons button[value=save]").click()
    page.goto(root)

    expect(page.locator("#unsaved")).to_have_count(0)
    page.goto(f"{root}/offerings")
    assert page.locator("[name='offerings-0-title']").input_value() == "Market entry"
    page.context.close()
