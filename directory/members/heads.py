"""What rows of lists and the page of a member say of it at the top: kind, seat, official name, badges."""

from datetime import date
from functools import lru_cache

from markupsafe import Markup, escape

from directory.i18n import gettext as _
from directory.i18n.content import Shown
from directory.i18n.formats import city_name, country_name, date_text
from directory.members.labels import value_label
from directory.members.profile import is_unconfirmed
from directory.members.published import Published
from directory.web.patterns import Patterns, as_markup, join_markup, language_of

PATTERNS = Patterns("members/_patterns.html")
_GAP = "\x1e"
_EMPTY = Markup()


@lru_cache(maxsize=1024)
def kind_text(kind: str, type_: str | None, locale: str) -> Markup:
    """Say what a member is: its kind, and its type where that says more."""
    label = value_label("kind", kind, locale)
    return escape(label if not type_ or type_ == kind else f"{label}\u00a0· {value_label('type', type_, locale)}")


def seat_text(city: str | None, country: str | None, locale: str) -> Markup:
    """Say where a member sits."""
    if country and city:
        before, after = _around_city(country, locale)
        return as_markup(f"{before}{escape(city_name(city, country, locale))}{after}")
    return escape(country_name(country, locale) if country else city or _("Seat not known"))


def official_beneath(member: Published, name: Shown) -> Markup:
    """Write the name in the organisation's own language, where `name` is another one."""
    tag, official = member.official_name
    return PATTERNS.here()("official", language=language_of(tag), text=official) if official != name.text else _EMPTY


def badges(member: Published, locale: str) -> Markup:
    """Write what a reader must know first: that a member is invented, or not confirmed yet."""
    return _badges(member.named_on if is_unconfirmed(member) else None, locale, is_invented=member.demonstration)


@lru_cache(maxsize=4096)
def _around_city(country: str, locale: str) -> tuple[Markup, Markup]:
    """Return what stands before and after the name of a city of a country."""
    before, after = escape(_("%(city)s, %(country)s", city=_GAP, country=country_name(country, locale))).split(_GAP)
    return before, after


@lru_cache(maxsize=1024)
def _badges(named_on: date | None, locale: str, *, is_invented: bool) -> Markup:
    fill = PATTERNS.here()
    found = [fill("demonstration")] if is_invented else []
    if named_on:
        found.append(fill("unconfirmed", date=date_text(named_on, locale).replace(" ", "\u00a0")))
    return fill("badges", badges=join_markup(found)) if found else _EMPTY
