"""Requests that no browser of a person sends get a plain refusal."""

import pytest
from flask import Flask

from tests.page import Visitor

FORMS = ("/en/staff/sign-in", "/en/staff/reset", "/en/apply/", "/en/staff/sign-out", "/en/members/nobody/enquiry")


@pytest.mark.csrf
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("body", ["[1,2]", '"x"', "5", '{"email":1,"password":{},"code":[1]}', "{"])
def test_json_is_no_form(app: Flask, path: str, body: str) -> None:
    answer = app.test_client().post(path, data=body, content_type="application/json")

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..b", "evil.example", "[::1", "x y"])
def test_odd_host_leads_nowhere_else(app: Flask, host: str) -> None:
    answer = app.test_client().get("/zh", headers={"Host": host})

    assert answer.status_code in {301, 308, 400}
    assert host not in answer.headers.get("Location", "")


def test_sitemap_has_no_part_beyond_all_numbers(page: Visitor) -> None:
    assert page.get("/sitemap-9223372036854775807.xml").status == 404
