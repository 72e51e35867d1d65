"""Rows of lists as HTML: named in the reader's language, what was looked for marked."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from flask import g, url_for
from markupsafe import Markup, escape

from directory.i18n import gettext as _
from directory.i18n import ngettext, pgettext
from directory.i18n.content import Shown, choose
from directory.i18n.formats import city_name, country_name, date_text, list_text, number_text
from directory.i18n.locales import direction
from directory.members.labels import value_label
from directory.members.profile import is_unconfirmed, offering_facts
from directory.members.published import Published, PublishedOffering
from directory.members.search import Card, Choice, FoundIn, Place, Service
from directory.search.marking import Marked, Marker
from directory.web.patterns import Fill, Patterns
from directory.web.templates import initials, mark, shorten

DESCRIPTION_SHOWN = 200
_SLUG = "slug-goes-here"
_GAP = "\x1e"
_EMPTY = Markup()
_PATTERNS = Patterns("members/_patterns.html")


def member_cards(cards: Iterable[Card], marker: Marker | None = None) -> list[tuple[str, Markup]]:
    """Return (slug, card) of the rows of a list of members."""
    pattern, fill = url_for("members.profile", slug=_SLUG), _PATTERNS.here()
    return [(card.member.slug, _member_card(fill, card, pattern.replace(_SLUG, card.member.slug), marker)) for card in cards]


def service_cards(services: Iterable[Service], marker: Marker | None = None) -> list[tuple[str, Markup]]:
    """Return (slug, card) of the rows of a list of services."""
    pattern, fill = url_for("members.profile", slug=_SLUG), _PATTERNS.here()
    return [
        (f"{s.member.slug}--{s.offering.number}", _service_card(fill, s, pattern.replace(_SLUG, s.member.slug), marker))
        for s in services
    ]


def choice_rows(facet: str, choices: Iterable[Choice]) -> Markup:
    """Return the rows of a facet's values, to tick."""
    tag, rows = g.locale, []
    for choice in choices:
        before, between, after = _choice_parts(facet, choice.value, choice.label, tag, is_chosen=choice.is_chosen)
        rows.append(f"{before}{choice.count}{between}{number_text(choice.count, tag)}{after}")
    return Markup("\n".join(rows))  # noqa: S704 (made of filled patterns and numbers)


@lru_cache(maxsize=16384)
def _choice_parts(facet: str, value: str, label: str, _locale: str, *, is_chosen: bool) -> tuple[str, str, str]:
    """Return a row but for its two numbers, which alone change from visit to visit."""
    block = "chosen" if is_chosen else "choice"
    row = _PATTERNS.here()(block, facet=facet, value=value, count=_GAP, label=label, number=_GAP)
    before, between, after = str(row).split(_GAP)
    return before, between, after


def _member_card(fill: Fill, card: Card, address: str, marker: Marker | None) -> Markup:
    member, locale = card.member, g.locale
    name = _name(member)
    titles = [(offering.number, _title(offering)) for offering in card.offerings]
    offered = [fill("offering", address=address, number=n, title=_marked(t, marker)) for n, t in titles]
    if card.more:
        offered.append(fill("more", address=address, text=_more(card.more, locale)))
    return fill(
        "member_card",
        address=address,
        languages=_languages(tuple(member.languages), locale),
        offered=fill("offered", offered=_EMPTY.join(offered)) if offered else fill("nothing_offered"),
        found=_found(fill, card.found, {name.text, *(title.text for _, title in titles)}) if card.found else _EMPTY,
        **_of_member(fill, member, name, marker),
    )


def _service_card(fill: Fill, service: Service, address: str, marker: Marker | None) -> Markup:
    member, offering = service.member, service.offering
    name, title, description = _name(member), _title(offering), choose(offering.descriptions, g.locale)
    facts = offering_facts(offering, member.languages, g.locale).known
    return fill(
        "service_card",
        address=address,
        number=offering.number,
        title=_marked(title, marker),
        description=_description(fill, description) if description else _EMPTY,
        facts=_EMPTY.join(fill("fact", label=label, value=text) for label, text in facts),
        found=_found(fill, service.found, {name.text, title.text}) if service.found else _EMPTY,
        **_of_member(fill, member, name, marker),
    )


def _of_member(fill: Fill, member: Published, name: Shown, marker: Marker | None) -> dict[str, Any]:
    """Return what both kinds of rows say of a member."""
    tag, official = member.official_name
    is_other = official != name.text
    return {
        "mark": mark(name.text),
        "letters": initials(name.text),
        "name": _marked(name, marker),
        "official": fill("official", tag=tag, dir=direction(tag), text=official) if is_other else _EMPTY,
        "kind": _kind(member.kind, member.type, g.locale),
        "seat": _seat(member.city, member.country, g.locale),
        "badges": _badges(member.named_on if is_unconfirmed(member) else None, g.locale, is_invented=member.demonstration),
    }


@lru_cache(maxsize=1024)
def _more(number: int, locale: str) -> str:
    return ngettext("and %(number)s more", "and %(number)s more", number, number=number_text(number, locale))


@lru_cache(maxsize=1024)
def _kind(kind: str, type_: str | None, locale: str) -> str:
    label = value_label("kind", kind, locale)
    return label if not type_ or type_ == kind else f"{label}\u00a0· {value_label('type', type_, locale)}"


@lru_cache(maxsize=8192)
def _seat(city: str | None, country: str | None, locale: str) -> str:
    if country and city:
        return _("%(city)s, %(country)s", city=city_name(city, country, locale), country=country_name(country, locale))
    return country_name(country, locale) if country else city or _("Seat not known")


@lru_cache(maxsize=8192)
def _languages(tags: tuple[str, ...], locale: str) -> str:
    return list_text((value_label("language", tag, locale) for tag in tags), locale) or pgettext("missing fact", "not known")


@lru_cache(maxsize=1024)
def _badges(named_on: date | None, locale: str, *, is_invented: bool) -> Markup:
    fill = _PATTERNS.here()
    found = [fill("demonstration")] if is_invented else []
    if named_on:
        found.append(fill("unconfirmed", date=date_text(named_on, locale).replace(" ", "\u00a0")))
    return fill("badges", badges=_EMPTY.join(found)) if found else _EMPTY


def _description(fill: Fill, shown: Shown) -> Markup:
    language = Markup(' lang="{}" dir="{}"').format(shown.tag, shown.direction) if shown.is_fallback else _EMPTY
    return fill("description", language=language, text=shorten(shown.text, DESCRIPTION_SHOWN))


def _name(member: Published) -> Shown:
    shown = choose(member.name_texts, g.locale, first=member.official_name.tag)
    return shown or Shown(member.slug, g.locale, is_fallback=False)


def _title(offering: PublishedOffering) -> Shown:
    shown = choose(offering.titles, g.locale)
    return shown or Shown(value_label("category", offering.category, g.locale), g.locale, is_fallback=False)


def _found(fill: Fill, found: FoundIn, shown: set[str]) -> Markup:
    """Say where the words were found, unless the row shows that text anyway."""
    if "".join(text for text, _ in found.marked.parts) in shown:
        return _EMPTY
    place, text = _PLACES[found.place](), _marked_parts(found.marked)
    return fill("found", place=place, tag=found.tag, dir=direction(found.tag), text=text)


def _marked(shown: Shown, marker: Marker | None) -> Markup:
    """Write a text with its own language where it is not the page's, and with what was looked for marked."""
    marked = marker.mark(shown.text) if marker else None
    inner = _marked_parts(marked) if marked else escape(shown.text)
    if not shown.is_fallback:
        return inner
    return Markup('<span lang="{}" dir="{}">{}</span>').format(shown.tag, shown.direction, inner)


def _marked_parts(marked: Marked) -> Markup:
    found = Markup("<mark>{}</mark>")
    return Markup("").join(found.format(text) if is_match else escape(text) for text, is_match in marked.parts)


_PLACES: dict[Place, Callable[[], str]] = {
    Place.NAME: lambda: pgettext("where words were found", "In a name:"),
    Place.TITLE: lambda: pgettext("where words were found", "In a service:"),
    Place.SUMMARY: lambda: pgettext("where words were found", "In the description:"),
    Place.DESCRIPTION: lambda: pgettext("where words were found", "In the description of a service:"),
    Place.TOPIC: lambda: pgettext("where words were found", "In the topics:"),
}
