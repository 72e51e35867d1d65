"""The locale of a request: from its address, by redirect where the address names it otherwise, else negotiated."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from directory.i18n import gettext as _
from directory.i18n.locales import LOCALES, SOURCE, SiteLocale, match_tag, negotiate, offered_instead

COOKIE = "locale"
COOKIE_AGE = 365 * 24 * 3600
BEHIND = "directory.behind_locale"
"""where the environment of a request keeps what a page asks for several times"""


class LocaleConverter(BaseConverter):
    """First part of an address, where it has the form of a language tag."""

    regex = r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*"
    part_isolating = True


def offered() -> tuple[str, ...]:
    """Tags of the locales that are offered, in the site's order."""
    tags: tuple[str, ...] = current_app.config["OFFERED_LOCALES"]
    return tags


def current() -> SiteLocale:
    """The locale that this answer is in."""
    return LOCALES[getattr(g, "locale", SOURCE)]


def preferred() -> str:
    """The tag this visitor would choose: kept choice, then Accept-Language, then English."""
    kept = request.cookies.get(COOKIE, "")
    if kept in offered():
        return kept
    return negotiate([tag for tag, quality in request.accept_languages if quality > 0], offered())


def same_page(tag: str) -> str:
    """Address of this very page, with its filters, in another locale; its front page where there is none."""
    return f"{request.script_root}/{tag}{behind_locale()}"


def behind_locale() -> str:
    """Return what the address of this page has behind its locale, query and all; `/` where it has no locale."""
    if request.view_args is None or "locale" not in getattr(g, "address_values", {}):
        return "/"
    known: str | None = request.environ.get(BEHIND)
    if known is None:
        rest = request.path.removeprefix("/" + g.address_values["locale"])
        pairs = list(request.args.items(multi=True))
        query = "?" + urlencode(pairs, errors="replace") if pairs else ""
        request.environ[BEHIND] = known = quote(rest, safe="/:@!$&'()*+,;=~-._", errors="replace") + query
    return known


def init_locale(app: Flask) -> None:
    """Let every address below `/<locale:locale>` set the locale, and every link without one keep it."""
    app.url_map.converters["locale"] = LocaleConverter
    app.url_value_preprocessor(_take_locale)
    app.before_request(_settle_locale)
    app.after_request(_keep_choice)
    app.url_defaults(_give_locale)


def _take_locale(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.address_values = dict(values or {})
    if values is not None:
        values.pop("locale", None)


def _settle_locale() -> ResponseReturnValue | None:
    named = g.get("address_values", {}).get("locale")
    if named is None:
        first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        g.locale = first if first in offered() else preferred()
        return None
    tag = match_tag(named)
    if tag is None:
        g.locale = preferred()
        raise NotFound
    g.locale = offered_instead(tag, offered())
    if tag != named:
        return redirect(same_page(tag), code=301 if request.method in {"GET", "HEAD"} else 308)
    if g.locale != tag:
        flash(
            _(
                "This site is not available in %(language)s yet. You are reading it in English or the nearest language we have.",
                language=LOCALES[tag].own_name,
            ),
            "info",
        )
        return redirect(same_page(g.locale), code=302)
    return None


def _keep_choice(response: Response) -> Response:
    """Keep the choice of a visitor who came from a page of this site in another locale: they used the language menu."""
    tag = current().tag
    if response.status_code == HTTPStatus.OK and comes_from_another_locale(request.referrer or "", request.host, tag):
        response.set_cookie(COOKIE, tag, max_age=COOKIE_AGE, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def comes_from_another_locale(referrer: str, host: str, tag: str) -> bool:
    """Say whether a page of this site in another locale than `tag` led here."""
    if host not in referrer:
        return False
    try:
        came_from = urlsplit(referrer)
    except ValueError:
        return False
    before = came_from.path.split("/", 2)[1] if came_from.path.startswith("/") else ""
    return came_from.netloc == host and before in LOCALES and before != tag


def _give_locale(endpoint: str, values: dict[str, Any]) -> None:
    if "locale" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "locale"):
        values["locale"] = getattr(g, "locale", SOURCE)
