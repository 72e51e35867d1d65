"""Addresses without a locale."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.pages import root
from tests.factories import add_member
from tests.page import Visitor

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SIX = ("en", "zh-Hans", "es", "de", "sr-Latn", "sr-Cyrl")


def _locations(page: Visitor, path: str) -> list[str]:
    found = page.client.get(path)
    assert (found.status_code, found.mimetype) == (200, "application/xml")
    return [str(e.text) for e in ET.fromstring(found.get_data()).iter(f"{NS}loc")]  # noqa: S314 (our own)


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("", "en"),
        ("de-AT,de;q=0.8,en;q=0.5", "de"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("zh-HK,en;q=0.5", "zh-Hans"),
        ("sr", "sr-Cyrl"),
        ("sr-RS", "sr-Cyrl"),
        ("sr-Latn-RS,en;q=0.9", "sr-Latn"),
        ("sr-ME", "sr-Latn"),
        ("es-MX,es;q=0.9", "es"),
        ("fr,es;q=0.5", "es"),
        ("xx, de;q=0", "en"),
        ("*", "en"),
        (";;;=,,\x7f", "en"),
    ],
)
def test_root_leads_to_the_language_that_the_browser_asks_for(app: Flask, page: Visitor, accepted: str, tag: str) -> None:
    app.config["OFFERED_LOCALES"] = SIX

    found = page.get("/", headers={"Accept-Language": accepted})

    assert (found.status, found.location) == (302, f"/{tag}/")
    assert {name.strip() for name in found.response.headers["Vary"].split(",")} == {"Accept-Language", "Cookie"}


@pytest.mark.parametrize(("kept", "tag"), [("es", "es"), ("sr-Latn", "sr-Latn"), ("fr", "de"), ("../x", "de"), ("", "de")])
def test_root_remembers_a_choice_that_is_still_offered(app: Flask, page: Visitor, kept: str, tag: str) -> None:
    app.config["OFFERED_LOCALES"] = SIX
    page.client.set_cookie("locale", kept)

    assert page.get("/", headers={"Accept-Language": "de"}).location == f"/{tag}/"


def test_sitemap_lists_fixed_pages_and_public_members_in_every_locale(app: Flask, session: Session, page: Visitor) -> None:
    app.config["OFFERED_LOCALES"] = ("en", "de")
    add_member(session, slug="seen")
    add_member(session, slug="over", term_ends_on=date(2026, 6, 2))

    found = _locations(page, "/sitemap.xml")

    fixed = ["", "members/", "services/", "initiative", "apply/", "about", "privacy", "accessibility"]
    paths = [f"{tag}/{path}" for path in fixed for tag in ("en", "de")] + ["en/members/seen", "de/members/seen"]
    assert found == [f"http://127.0.0.1:8000/{path}" for path in paths]


def test_sitemap_says_when_an_entry_changed(session: Session, page: Visitor) -> None:
    add_member(session)

    assert "<lastmod>2026-11-24</lastmod>" in page.client.get("/sitemap.xml").text


def test_a_large_sitemap_is_a_list_of_lists(app: Flask, session: Session, page: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config["OFFERED_LOCALES"] = ("en",)
    monkeypatch.setattr(root, "SITEMAP_MOST", 2 * len(page.app.config["OFFERED_LOCALES"]))
    for name in "abc":
        add_member(session, slug=name)

    index = _locations(page, "/sitemap.xml")
    parts = [[place.rsplit("/", 1)[1] for place in _locations(page, f"/sitemap-{n}.xml")] for n in (1, 2)]

    assert index == [f"http://127.0.0.1:8000/sitemap-{n}.xml" for n in (0, 1, 2)]
    assert parts == [["a", "b"], ["c"]]
    assert page.get("/sitemap-3.xml").status == 404


def test_robots_names_the_sitemap_and_leaves_profiles_open(page: Visitor) -> None:
    lines = page.get("/robots.txt").html.splitlines()

    assert lines == [
        "User-agent: *",
        "Disallow: /*/staff/",
        "Disallow: /*/members/*/",
        "Disallow: /*/apply/*/",
        "Sitemap: http://127.0.0.1:8000/sitemap.xml",
    ]


def test_healthz_and_readyz(page: Visitor, follow: object) -> None:
    follow()  # type: ignore[operator]

    assert (page.get("/healthz").status, page.get("/healthz").html) == (200, "ok\n")
    assert (page.get("/readyz").status, page.get("/readyz").html) == (200, "database: ok\nsearch: ok\n")


def test_favicon_leads_to_the_mark(page: Visitor) -> None:
    with page.client.get("/favicon.ico", follow_redirects=True) as found:
        assert (found.status_code, found.mimetype) == (200, "image/svg+xml")
