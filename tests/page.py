"""A visitor whose every page is audited: language, heading, ids, labels, scripts, styles, foreign hosts."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.i18n.locales import LOCALES

KEEP_PAGES = os.environ.get("KEEP_PAGES")
"""Folder that collects the fetched pages for the HTML validator; none: not collected."""
AS_A_BROWSER = "tests.as_a_browser"
"""in the environment of a request that sends a form as it stands in a page, with its token"""
TOKEN = re.compile(r'(<input[^>]*name="[^"]*csrf_token"[^>]*value=")[^"]*')
REDIRECTS = {301, 302, 303, 307, 308}


class Page:
    """One fetched answer."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        received = response.get_data(as_text=True)
        self.html = TOKEN.sub(r"\1", received)
        """what was received, without the tokens of forms: they are others each time"""
        self.location = response.headers.get("Location")
        self.soup = BeautifulSoup(received if response.mimetype == "text/html" else "", "html5lib")

    @property
    def text(self) -> str:
        """What a reader reads, with single spaces."""
        main = self.soup.find("main") or self.soup
        return " ".join(main.get_text(" ").split())

    def select(self, css: str) -> list[Tag]:
        """Elements by CSS selector."""
        return list(self.soup.select(css))

    def texts(self, css: str) -> list[str]:
        """Texts of elements by CSS selector."""
        return [" ".join(found.get_text(" ").split()) for found in self.select(css)]

    @property
    def slugs(self) -> list[str]:
        """What the result list lists, in order."""
        return [str(row["data-slug"]) for row in self.select("[data-slug]")]

    @property
    def total(self) -> int:
        """The total that the result list states."""
        return int(str(self.select("[data-total]")[0]["data-total"]))

    @property
    def errors(self) -> dict[str, str]:
        """{field: message} of a form shown again."""
        found = {str(e["data-error"]): " ".join(e.get_text(" ").split()) for e in self.select("[data-error]")}
        return {name: text.removeprefix("Error: ") for name, text in found.items()}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """{facet: {value: count}} as the page states them."""
        found: dict[str, dict[str, int]] = {}
        for element in self.select("[data-facet]"):
            found.setdefault(str(element["data-facet"]), {})[str(element["data-value"])] = int(str(element["data-count"]))
        return found

    def form(self, css: str = "main form") -> dict[str, Any]:
        """The values a browser would send with a form as it stands, without its buttons."""
        values: dict[str, Any] = {}
        for control in self.select(css)[0].select("input, select, textarea"):
            name = control.get("name")
            if not name or control.has_attr("disabled") or control.get("type") in {"submit", "button"}:
                continue
            if control.get("type") in {"checkbox", "radio"} and not control.has_attr("checked"):
                continue
            if control.name == "select":
                chosen = [str(o.get("value", o.get_text())) for o in control.select("option[selected]")]
                if not chosen and not control.has_attr("multiple"):
                    chosen = [str(o.get("value", o.get_text())) for o in control.select("option")[:1]]
            else:
                chosen = [control.get_text() if control.name == "textarea" else str(control.get("value", ""))]
            values.setdefault(str(name), []).extend(chosen)
        return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


class Visitor:
    """A browser without script: keeps cookies, audits what it gets."""

    def __init__(self, app: Flask, account: str | None = None) -> None:
        self.app = app
        self.account = account
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, *, follow: bool = False, **kwargs: Any) -> Page:
        """Fetch a page. follow: go along redirects."""
        return self._page(self.client.get(path, follow_redirects=follow, **kwargs))

    def post(self, path: str, values: Mapping[str, Any] | None = None, *, follow: bool = False, **kwargs: Any) -> Page:
        """Send a form."""
        return self._page(self.client.post(path, data=dict(values or {}), follow_redirects=follow, **kwargs))

    def submit(
        self, page: Page, changes: Mapping[str, Any] | None = None, *, css: str = "main form", follow: bool = True
    ) -> Page:
        """Send a form of `page` as it stands, with some values changed; None leaves a value out."""
        values = page.form(css) | dict(changes or {})
        values = {name: value for name, value in values.items() if value is not None}
        action = str(page.select(css)[0].get("action") or page.response.request.path)
        return self.post(action, values, follow=follow, environ_overrides={AS_A_BROWSER: True})

    def _page(self, response: TestResponse) -> Page:
        page = Page(response)
        if response.mimetype == "text/html" and page.status not in REDIRECTS:
            audit(page)
            _keep(page)
        return page


def audit(page: Page) -> None:
    """Refuse a page that a person could not read, reach or trust."""
    where = page.response.request.path
    found = problems(page, where)
    assert not found, f"{where}: {'; '.join(found)}"


def problems(page: Page, path: str) -> list[str]:
    """Name what is wrong with a page."""
    found: list[str] = []
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page.html)
    found += [f"HTML: {code} at {position}" for position, code, _ in parser.errors]
    html = page.soup.find("html")
    assert isinstance(html, Tag)
    tag = str(html.get("lang"))
    if tag not in LOCALES or html.get("dir") != LOCALES[tag].direction:
        found.append(f"lang={tag} dir={html.get('dir')}")
    first = path.split("/")[1]
    if first in LOCALES and first != tag:
        found.append(f"lang={tag} below /{first}")
    headings = [" ".join(h.get_text(" ").split()) for h in page.select("h1")]
    title = " ".join(page.soup.title.get_text().split()) if page.soup.title else ""
    if len(headings) != 1 or not headings[0] or headings[0] not in title:
        found.append(f"h1 {headings} not once in title {title!r}")
    ids = Counter(str(e["id"]) for e in page.select("[id]"))
    found += [f"id {name} stands {n} times" for name, n in ids.items() if n > 1]
    found += _labels(page, ids)
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls"):
        for element in page.select(f"[{attribute}]"):
            found += [f"{attribute} names no {name}" for name in str(element[attribute]).split() if name not in ids]
    found += _foreign(page)
    if re.search(r"%\(\w+\)[sd]|\{\{|\{%", page.soup.get_text()):
        found.append("an unfilled placeholder")
    found += [f"form without csrf: {f.get('action')}" for f in page.select("form[method=post]") if not _protected(f)]
    return found


def _protected(form: Tag) -> bool:
    """Say whether a form carries its token."""
    return bool(form.select("input[name$=csrf_token]"))


def _labels(page: Page, ids: Counter[str]) -> list[str]:
    found = [f"label for missing {e['for']}" for e in page.select("label[for]") if str(e["for"]) not in ids]
    labelled = {str(e["for"]) for e in page.select("label[for]")}
    for control in page.select("input, select, textarea"):
        if control.get("type") in {"hidden", "submit", "button"}:
            continue
        named = control.get("id") in labelled or control.get("aria-label") or control.get("aria-labelledby")
        if not named and control.find_parent("label") is None:
            found.append(f"no label: {control.get('name')}")
    for button in page.select("button, a[href]"):
        if not button.get_text(strip=True) and not button.get("aria-label"):
            found.append(f"no text: {str(button)[:80]}")
    return found


def _foreign(page: Page) -> list[str]:
    found = [f"inline style: {str(e)[:80]}" for e in page.select("[style], style")]
    for script in page.select("script"):
        if not script.get("src") and script.get("type") != "application/ld+json":
            found.append("a script within the page, which the policy refuses")
    for element in page.select("*"):
        found += [f"{name} on {element.name}" for name in element.attrs if name.startswith("on")]
    for element in page.select("script[src], img[src], link[rel=stylesheet], link[rel=icon], iframe[src]"):
        address = str(element.get("src") or element.get("href"))
        if urlsplit(address).netloc:
            found.append(f"loads {address}")
    return found


def _keep(page: Page) -> None:
    if not KEEP_PAGES:
        return
    request = page.response.request
    locale = request.path.split("/")[1]
    shape = re.sub(r"[^a-z<]+", "", re.sub(r'"[^"]*"', "", re.sub(r">[^<]*<", "><", page.html)))
    name = hashlib.sha256(f"{page.status} {locale} {shape}".encode()).hexdigest()[:20]
    file = Path(KEEP_PAGES) / f"{name}.html"
    if not file.exists():
        file.write_text(page.html, encoding="utf-8")
