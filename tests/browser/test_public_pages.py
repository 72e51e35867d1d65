"""What a person sees and does on the public pages, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from directory.i18n.catalogues import compile_catalogues

PATHS = (
    "/",
    "/members/",
    "/members/pks-serbia",
    "/members/pks-serbia/enquiry",
    "/members/pks-serbia/notice",
    "/members/?q=chamber",
    "/members/?q=chamber&country=XX",
    "/services/",
    "/initiative",
    "/apply/",
    "/about",
    "/privacy",
    "/accessibility",
    "/staff/sign-in",
)
WIDTH = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("tag", compile_catalogues())
def test_no_page_is_wider_than_a_phone(site: str, browser: Browser, tag: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    too_wide = {}

    for path in PATHS:
        page.goto(f"{site}/{tag}{path}")
        if over := page.evaluate(WIDTH):
            too_wide[path] = over

    context.close()
    assert too_wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(site: str, browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    found = {}

    for path in PATHS:
        page.goto(f"{site}/en{path}")
        violations = Axe().run(page).response["violations"]
        if violations:
            found[path] = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in violations]

    context.close()
    assert found == {}


def test_nothing_is_loaded_from_elsewhere_and_no_rule_is_broken(site: str, desktop: Page) -> None:
    elsewhere, complaints = [], []
    desktop.on("request", lambda request: None if request.url.startswith(site) else elsewhere.append(request.url))
    desktop.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)

    for path in PATHS:
        desktop.goto(f"{site}/en{path}")

    assert (elsewhere, complaints) == ([], [])


def test_a_visitor_searches_filters_and_changes_the_language_without_script(site: str, phone: Page) -> None:
    phone.goto(f"{site}/en/")
    phone.locator("main input[name=q]").first.fill("Привредна комора Србије")
    phone.keyboard.press("Enter")
    expect(phone.locator("[data-members] > [data-slug]")).to_have_count(1)
    expect(phone.locator("[data-slug=pks-serbia] h2")).to_contain_text("Chamber of Commerce and Industry of Serbia")

    phone.locator(".languages summary").click()
    phone.locator(".languages a[hreflang=zh-Hans]").click()

    assert phone.url.startswith(f"{site}/zh-Hans/members/?q=")
    expect(phone.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(phone.locator("[data-members] > [data-slug]")).to_have_count(1)


def test_the_skip_link_comes_first_and_leads_to_the_content(site: str, desktop: Page) -> None:
    desktop.goto(f"{site}/en/members/")

    desktop.keyboard.press("Tab")
    expect(desktop.locator(".skip")).to_be_focused()
    desktop.keyboard.press("Enter")

    assert desktop.url.endswith("#main")


@pytest.mark.parametrize("path", ["/en/", "/en/members/", "/en/services/"])
def test_suggestions_are_a_list_for_the_keyboard(site: str, desktop: Page, path: str) -> None:
    desktop.goto(site + path)
    box = desktop.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "false")

    box.press_sequentially("chamb")

    options = desktop.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    box.press("Escape")
    expect(desktop.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("chamb")
    box.press_sequentially("e")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    desktop.wait_for_url("**/en/members/*")
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("Chamber")


def test_open_suggestions_shut_nobody_out(site: str, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/de/members/")
    page.get_by_role("combobox").press_sequentially("bundesv")
    expect(page.get_by_role("option").first).to_be_visible()

    violations = Axe().run(page).response["violations"]

    context.close()
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in violations] == []


def test_a_search_without_suggestions_goes_on_as_ever(site: str, desktop: Page) -> None:
    desktop.route("**/suggestions*", lambda route: route.abort())
    desktop.goto(f"{site}/en/members/")

    desktop.get_by_role("combobox").press_sequentially("serbia")
    desktop.get_by_role("combobox").press("Enter")

    desktop.wait_for_url("**/members/?q=serbia")
    expect(desktop.locator("[data-members] > li")).to_have_count(1)
    expect(desktop.locator("mark").first).to_be_visible()


def test_the_language_chosen_is_kept_where_the_page_cannot_say_so(site: str, desktop: Page) -> None:
    desktop.route("**/de/members/", lambda route: route.continue_(headers={**route.request.headers, "referer": ""}))
    desktop.goto(f"{site}/en/members/")

    desktop.locator("details.languages summary").click()
    desktop.get_by_role("link", name="Deutsch").click()
    desktop.wait_for_url("**/de/members/")

    assert [c["value"] for c in desktop.context.cookies() if c["name"] == "locale"] == ["de"]
