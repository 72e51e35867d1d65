"""The locale of an address, and the links between locales."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import add_member
from tests.page import Page, Visitor

SIX = ("en", "zh-Hans", "es", "de", "sr-Latn", "sr-Cyrl")


@pytest.fixture(autouse=True)
def _six(app: Flask) -> Iterator[None]:
    app.config["OFFERED_LOCALES"] = SIX
    return


def _hreflangs(page: Page) -> dict[str, str]:
    return {str(e["hreflang"]): str(e["href"]) for e in page.select("link[rel=alternate][hreflang]")}


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/en/about", 200, None),
        ("/zh/about", 301, "/zh-Hans/about"),
        ("/zh-CN/about", 301, "/zh-Hans/about"),
        ("/zh-hans/about", 301, "/zh-Hans/about"),
        ("/ZH-HANS/about", 301, "/zh-Hans/about"),
        ("/zh_Hans/about", 301, "/zh-Hans/about"),
        ("/zh-TW/about", 301, "/zh-Hant/about"),
        ("/zh-HK/about", 301, "/zh-Hant/about"),
        ("/zh-MO/about", 301, "/zh-Hant/about"),
        ("/sr/about", 301, "/sr-Cyrl/about"),
        ("/sr-RS/about", 301, "/sr-Cyrl/about"),
        ("/sr-ME/about", 301, "/sr-Latn/about"),
        ("/en-GB/about", 301, "/en/about"),
        ("/de-AT/about?a=1&a=2", 301, "/de/about?a=1&a=2"),
        ("/zh-Hant/about", 302, "/zh-Hans/about"),
        ("/zh-Hant/about?q=%E5%8C%97", 302, "/zh-Hans/about?q=%E5%8C%97"),
        ("/fr/about", 302, "/en/about"),
        ("/ar/about", 302, "/en/about"),
        ("/pt/about", 302, "/en/about"),
        ("/xx/about", 404, None),
        ("/zh-Latn/about", 404, None),
        ("/tlh/about", 404, None),
        ("/e/about", 404, None),
        ("/english/about", 404, None),
    ],
)
def test_address_of_a_locale(page: Visitor, path: str, status: int, location: str | None) -> None:
    found = page.get(path)

    assert (found.status, found.location) == (status, location)


def test_a_locale_that_is_not_offered_gives_a_notice(page: Visitor) -> None:
    found = page.get("/zh-Hant/about", follow=True)

    assert found.select("html")[0]["lang"] == "zh-Hans"
    assert "繁體中文" in found.texts("main [role=status]")[0]


def test_language_menu_keeps_page_and_filters(session: Session, page: Visitor, follow: object) -> None:
    add_member(session)
    follow()  # type: ignore[operator]

    found = page.get("/en/members/?q=data&country=RS&country=none&page=1&x=%22%3E")

    links = {str(a["hreflang"]): str(a["href"]) for a in found.select(".languages a")}
    assert links == {tag: f"/{tag}/members/?q=data&country=RS&country=none&page=1&x=%22%3E" for tag in SIX}
    assert [(a["lang"], a.get_text()) for a in found.select(".languages a[aria-current]")] == [("en", "English")]


def test_language_menu_names_each_language_by_itself(page: Visitor) -> None:
    found = page.get("/de/about")

    names = ["English", "简体中文", "Español", "Deutsch", "Srpski (latinica)", "Српски (ћирилица)"]
    assert found.texts(".languages a") == names
    assert [a["lang"] for a in found.select(".languages a")] == list(SIX)


def test_language_menu_of_a_missing_page_leads_home(page: Visitor) -> None:
    found = page.get("/de/nothing-here")

    assert [a["href"] for a in found.select(".languages a")] == [f"/{tag}/" for tag in SIX]


@pytest.mark.parametrize(
    "path", ["", "members/", "members/?country=RS&page=1", "members/seen", "services/", "initiative", "about"]
)
def test_hreflang_is_reciprocal_and_complete(session: Session, page: Visitor, follow: object, path: str) -> None:
    add_member(session, slug="seen")
    follow()  # type: ignore[operator]

    pages = {tag: page.get(f"/{tag}/{path}") for tag in SIX}

    wanted = {tag: f"http://127.0.0.1:8000/{tag}/{path}" for tag in SIX} | {"x-default": f"http://127.0.0.1:8000/en/{path}"}
    assert {tag: _hreflangs(found) for tag, found in pages.items()} == dict.fromkeys(SIX, wanted)
    canonical = {tag: [e["href"] for e in found.select("link[rel=canonical]")] for tag, found in pages.items()}
    assert canonical == {tag: [wanted[tag]] for tag in SIX}


@pytest.mark.parametrize("path", ["/en/staff/sign-in", "/en/nothing-here", "/en/members/nobody"])
def test_pages_that_are_not_for_search_engines_say_so(page: Visitor, path: str) -> None:
    found = page.get(path)

    assert [e["content"] for e in found.select("meta[name=robots]")] == ["noindex"]
    assert _hreflangs(found) == {}


@pytest.mark.parametrize(
    ("before", "path", "kept"),
    [
        ("http://localhost/en/about", "/de/about", "de"),
        ("http://localhost/de/about", "/de/about", None),
        ("http://elsewhere.example/en/about", "/de/about", None),
        ("http://localhost/", "/de/about", None),
        ("http://[", "/de/about", None),
        (None, "/de/about", None),
    ],
)
def test_only_a_change_of_language_on_this_site_is_kept(page: Visitor, before: str | None, path: str, kept: str | None) -> None:
    page.get(path, headers={"Referer": before} if before else {})

    cookie = page.client.get_cookie("locale")
    assert (cookie.value if cookie else None) == kept


@pytest.mark.parametrize("tag", SIX)
def test_links_keep_the_locale(page: Visitor, tag: str) -> None:
    found = page.get(f"/{tag}/about")

    inner = [urlsplit(str(a["href"])).path for a in found.select("header nav a, footer a, .brand")]
    assert len(inner) > 6
    assert [path for path in inner if not path.startswith(f"/{tag}/")] == []


def test_arabic_is_written_from_the_right(app: Flask, page: Visitor) -> None:
    app.config["OFFERED_LOCALES"] = ("en", "ar")

    found = page.get("/ar/about")

    assert (found.select("html")[0]["lang"], found.select("html")[0]["dir"]) == ("ar", "rtl")
    sheets = [str(e["href"]).split("?")[0] for e in found.select("link[rel=stylesheet]")]
    assert sheets == ["/static/vendor/bootstrap-5.3.9/bootstrap.rtl.min.css", "/static/site.css"]
    assert {str(a["hreflang"]): a["dir"] for a in found.select(".languages a")} == {"en": "ltr", "ar": "rtl"}
