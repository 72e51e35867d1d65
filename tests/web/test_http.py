"""Headers of every answer and pages for what went wrong."""

import pytest
from flask import Flask, abort
from werkzeug.exceptions import TooManyRequests

from directory.errors import Conflict, NotAllowed, WrongStatus
from directory.web.wording import PAGES, REASONS
from tests.page import Visitor

STATUSES = [400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503]


@pytest.fixture
def fail(app: Flask) -> object:
    """Give a way to let an address fail."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def make(error: Exception | int) -> str:
        def view(locale: str = "en") -> str:  # noqa: ARG001 (the address has it)
            if isinstance(error, int):
                abort(error)
            raise error

        app._got_first_request = False
        app.add_url_rule("/<locale:locale>/fail", endpoint="fail", view_func=lambda: view())
        return "/en/fail"

    return make


@pytest.mark.parametrize("status", STATUSES)
def test_error_page_has_its_own_sentence_and_a_way_on(fail: object, page: Visitor, status: int) -> None:
    found = page.get(fail(status))  # type: ignore[operator]

    assert found.status == status
    assert found.texts("h1") == [str(PAGES[status].title)]
    assert found.texts("main .lead") == [str(PAGES[status].text)]
    assert [a["href"] for a in found.select(".ways-on a")] == ["/en/members/", "/en/", "/en/about"]


def test_error_pages_differ_from_each_other() -> None:
    assert set(PAGES) == set(STATUSES)
    assert len({str(p.title) for p in PAGES.values()}) == len({str(p.text) for p in PAGES.values()}) == len(STATUSES)


@pytest.mark.parametrize(("status", "title"), [(418, PAGES[400].title), (501, PAGES[500].title)])
def test_a_status_without_its_own_words_borrows_them(fail: object, page: Visitor, status: int, title: str) -> None:
    found = page.get(fail(status))  # type: ignore[operator]

    assert (found.status, found.texts("h1")) == (status, [str(title)])


@pytest.mark.parametrize("reason", [*REASONS, "some_unknown_code"])
def test_what_is_not_allowed_says_why(fail: object, page: Visitor, reason: str) -> None:
    found = page.get(fail(NotAllowed(reason)))  # type: ignore[operator]

    assert (found.status, found.texts("main .lead")) == (403, [str(REASONS.get(reason, PAGES[403].text))])


@pytest.mark.parametrize("error", [WrongStatus("draft", "approve"), Conflict("changed")])
def test_a_conflict_says_that_somebody_was_faster(fail: object, page: Visitor, error: Exception) -> None:
    found = page.get(fail(error))  # type: ignore[operator]

    assert (found.status, found.texts("h1")) == (409, ["Somebody else was faster"])


def test_an_unexpected_error_tells_nothing_of_itself(fail: object, page: Visitor) -> None:
    found = page.get(fail(RuntimeError("secret <b>detail</b>")))  # type: ignore[operator]

    assert (found.status, "secret" in found.html) == (500, False)


def test_too_many_requests_say_when_to_come_back(fail: object, page: Visitor) -> None:
    found = page.get(fail(TooManyRequests(retry_after=60)))  # type: ignore[operator]

    assert (found.status, found.response.headers["Retry-After"]) == (429, "60")


def test_a_wrong_method_says_which_is_right(page: Visitor) -> None:
    found = page.post("/en/about")

    assert (found.status, set(found.response.headers["Allow"].split(", "))) == (405, {"GET", "HEAD", "OPTIONS"})


@pytest.mark.parametrize(
    "path", ["/en/<script>alert(1)</script>", "/en/%00", "/en/%ff%fe", "/en/..%2f..%2fetc", "/%E2%80%AE/", "/en/" + "a" * 5000]
)
def test_strange_addresses_are_friendly_404s(page: Visitor, path: str) -> None:
    found = page.get(path)

    assert (found.status, found.texts("h1"), "<script>alert" in found.html) == (404, ["This page does not exist"], False)


def test_error_page_offers_the_way_back_on_this_site_only(fail: object, page: Visitor) -> None:
    path = fail(409)  # type: ignore[operator]

    ours = page.get(path, headers={"Referer": "http://localhost/en/about"})
    theirs = page.get(path, headers={"Referer": "http://localhost.example/en/about"})

    assert [a["href"] for a in ours.select(".ways-on a")][0] == "http://localhost/en/about"
    assert [a["href"] for a in theirs.select(".ways-on a")][0] == "/en/members/"


@pytest.mark.parametrize("path", ["/", "/en/about", "/en/nothing", "/sitemap.xml", "/healthz", "/static/site.css"])
def test_every_answer_carries_the_protecting_headers(page: Visitor, path: str) -> None:
    with page.client.get(path) as answer:
        headers = answer.headers

    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


def test_static_files_named_by_content_may_be_kept_for_long(page: Visitor) -> None:
    address = str(page.get("/en/about").select("link[rel=stylesheet]")[1]["href"])

    kept = {}
    for path in (address, address.split("?", maxsplit=1)[0], "/en/apply/"):
        with page.client.get(path) as answer:
            kept[path] = answer.headers["Cache-Control"]
    assert list(kept.values()) == ["public, max-age=31536000, immutable", "public, max-age=3600", "private, no-cache"]
