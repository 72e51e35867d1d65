"""About, privacy, accessibility: they say what is so."""

import dataclasses

import pytest
from flask import Flask

from tests.page import Visitor

PAGES = ["about", "privacy", "accessibility"]


@pytest.mark.parametrize("name", PAGES)
def test_page_names_the_contact_that_is_set(app: Flask, page: Visitor, name: str) -> None:
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], staff_mail="desk@digital-association.org")

    found = page.get(f"/en/{name}")

    assert [a["href"] for a in found.select("main a[href^=mailto]")] == ["mailto:desk@digital-association.org"]


@pytest.mark.parametrize("name", PAGES)
def test_page_admits_that_no_contact_is_set(page: Visitor, name: str) -> None:
    found = page.get(f"/en/{name}")

    assert found.select("main a[href^=mailto]") == []
    assert "This installation has no contact address yet" in found.text


def test_about_says_that_the_operator_is_not_named(page: Visitor) -> None:
    assert "The association that runs this site has not been named yet." in page.get("/en/about").text


def test_privacy_names_the_cookies_that_are_set(page: Visitor) -> None:
    found = page.get("/en/privacy")

    assert "“session”" in found.text
    assert "“locale”" in found.text
