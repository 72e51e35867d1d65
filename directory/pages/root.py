"""Addresses without a locale: the way to the visitor's own, sitemap, robots, health."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from directory.db import Ledger, db
from directory.pages import queries
from directory.search.engine import SearchUnavailable
from directory.web.http import error_answer
from directory.web.locale import offered, preferred
from directory.web.templates import absolute, static

SITEMAP_MOST = 50_000
"""The most addresses that one file of a sitemap may hold (sitemaps.org protocol)."""
FIXED = (
    "pages.home",
    "members.list_members",
    "members.list_services",
    "pages.initiative",
    "applications.start",
    "pages.about",
    "pages.privacy",
    "pages.accessibility",
)
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

bp = Blueprint("root", __name__)


@bp.get("/")
def choose_locale() -> ResponseReturnValue:
    """Lead to the front page in the visitor's language."""
    answer = current_app.make_response(redirect(url_for("pages.home", locale=preferred()), code=302))
    answer.vary.update(["Accept-Language", "Cookie"])
    return answer


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List all public pages in all offered locales; above SITEMAP_MOST addresses, list the lists."""
    members = queries.count_visible(db.session(), today=datetime.now(UTC).date())
    parts = -(-members // _members_per_part())
    if (members + len(FIXED)) * len(offered()) <= SITEMAP_MOST:
        return _xml("urlset", [*_fixed_rows(), *_member_rows(1)])
    places = [absolute(url_for("root.sitemap_part", number=n)) for n in range(parts + 1)]
    return _xml("sitemapindex", [f"<sitemap><loc>{escape(place)}</loc></sitemap>" for place in places])


@bp.get("/sitemap-<int(max=1000000):number>.xml")
def sitemap_part(number: int) -> Response:
    """One list of a large sitemap: 0 holds the fixed pages, 1 and on the members."""
    rows = _member_rows(number) if number else _fixed_rows()
    if not rows:
        abort(404)
    return _xml("urlset", rows)


@bp.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers where the sitemap is and what is of no use to them."""
    lines = ["User-agent: *", "Disallow: /*/staff/", "Disallow: /*/members/*/", "Disallow: /*/apply/*/"]
    lines.append(f"Sitemap: {absolute(url_for('root.sitemap'))}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Lead browsers that ask for the icon by its old name to it."""
    return redirect(static("mark.svg"), code=302)


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process is up."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> Response:
    """Say whether database and search can serve: 200 or 503, with one line for each."""
    states = {"database": _database_serves(), "search": bool(current_app.extensions["search"].ready())}
    lines = "".join(f"{name}: {'ok' if fine else 'not ready'}\n" for name, fine in states.items())
    return Response(lines, status=200 if all(states.values()) else 503, mimetype="text/plain")


@bp.app_errorhandler(SearchUnavailable)
def _no_search(_error: SearchUnavailable) -> ResponseReturnValue:
    """Ask to come back in a moment while the index is made."""
    answer = current_app.make_response(error_answer(503))
    answer.headers["Retry-After"] = "5"
    return answer


def _database_serves() -> bool:
    try:
        db.session.execute(select(Ledger.id))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def _members_per_part() -> int:
    return SITEMAP_MOST // len(offered())


def _fixed_rows() -> list[str]:
    return [_row(url_for(endpoint, locale=tag)) for endpoint in FIXED for tag in offered()]


def _member_rows(part: int) -> list[str]:
    most = _members_per_part()
    found = queries.list_addresses(db.session(), first=(part - 1) * most, most=most, today=datetime.now(UTC).date())
    return [
        _row(url_for("members.profile", locale=tag, slug=slug), changed.date().isoformat())
        for slug, changed in found
        for tag in offered()
    ]


def _row(path: str, changed: str = "") -> str:
    return f"<url><loc>{escape(absolute(path))}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"


def _xml(kind: str, rows: list[str]) -> Response:
    body = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<{kind} {XMLNS}>", *rows, f"</{kind}>"])
    return Response(body + "\n", mimetype="application/xml")
