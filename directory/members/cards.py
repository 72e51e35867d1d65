"""Rows of lists as HTML: named in the reader's language, what was looked for marked."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from flask import current_app, g, request, url_for
from markupsafe import Markup, escape

from directory.i18n import ngettext, pgettext
from directory.i18n.content import Shown, choose
from directory.i18n.formats import list_text, number_text
from directory.members.found_in import FoundIn, Place, stands
from directory.members.heads import PATTERNS, badges, kind_text, official_beneath, seat_text
from directory.members.labels import value_label
from directory.members.profile import offering_facts
from directory.members.published import Published, PublishedOffering
from directory.members.search import Card, Row, Service
from directory.search.engine import NAMES, RELATED, Where
from directory.search.marking import Marked, Marker
from directory.web.fragments import Fragments
from directory.web.patterns import Fill, as_markup, join_markup, language_of
from directory.web.templates import initials, mark, shorten

DESCRIPTION_SHOWN = 200
T = TypeVar("T")
_SLUG = "slug-goes-here"
_EMPTY = Markup()


class _Here(NamedTuple):
    """What all rows of a page share. fill: fills the patterns of the locale; pattern: of the address of a member."""

    fill: Fill
    locale: str
    pattern: str
    marker: Marker | None


def _here(marker: Marker | None) -> _Here:
    return _Here(PATTERNS.here(), g.locale, url_for("members.profile", slug=_SLUG), marker)


class Written(NamedTuple):
    """A row as HTML. slug: names it on its page; is_invented: it shows demonstration data."""

    slug: str
    html: Markup
    is_invented: bool


def member_cards(rows: Iterable[Row[Card]], marker: Marker | None = None) -> list[Written]:
    """Write the rows of a list of members; one that is kept is not made again."""
    return _write(rows, marker, lambda here, card: Written(card.member.slug, _member_card(here, card), card.member.demonstration))


def service_cards(rows: Iterable[Row[Service]], marker: Marker | None = None) -> list[Written]:
    """Write the rows of a list of services in the same way."""

    def write(here: _Here, service: Service) -> Written:
        slug = f"{service.member.slug}--{service.offering.number}"
        return Written(slug, _service_card(here, service), service.member.demonstration)

    return _write(rows, marker, write)


def _write(rows: Iterable[Row[T]], marker: Marker | None, write: Callable[[_Here, T], Written]) -> list[Written]:
    here = _here(marker)
    fragments: Fragments = current_app.extensions["fragments"]

    def made(row: Row[T]) -> tuple[str, bytes, bool]:
        slug, html, is_invented = write(here, row.make())
        return slug, html.encode(), is_invented  # as bytes, since one Chinese character doubles the room of all others

    def written(row: Row[T]) -> Written:
        if row.key is None:
            return write(here, row.make())
        slug, html, is_invented = fragments.get((row.key, here.locale, request.script_root), lambda: made(row))
        return Written(slug, as_markup(html.decode()), is_invented)

    return [written(row) for row in rows]


def _member_card(here: _Here, card: Card) -> Markup:
    member, fill, locale = card.member, here.fill, here.locale
    address = escape(here.pattern.replace(_SLUG, member.slug))
    name = _name(here, member)
    titles = [(offering.number, _title(here, offering)) for offering in card.offerings]
    where = card.where
    offered = [fill("offering", address=address, number=n, title=_marked(here, t, where, RELATED)) for n, t in titles]
    if card.more:
        offered.append(fill("more", address=address, text=_more(card.more, locale)))
    return fill(
        "member_card",
        address=address,
        languages=_languages(tuple(member.languages), locale),
        offered=fill("offered", offered=join_markup(offered)) if offered else fill("nothing_offered"),
        found=_found(fill, card.found, {name.text, *(title.text for _, title in titles)}) if card.found else _EMPTY,
        name=_marked(here, name, where, NAMES),
        **_of_member(here, member, name),
    )


def _service_card(here: _Here, service: Service) -> Markup:
    member, offering, fill, locale = service.member, service.offering, here.fill, here.locale
    name, title, description = _name(here, member), _title(here, offering), choose(offering.descriptions, locale)
    facts = offering_facts(offering, member.languages, locale).known
    return fill(
        "service_card",
        address=escape(here.pattern.replace(_SLUG, member.slug)),
        number=offering.number,
        title=_marked(here, title, service.where, NAMES),
        name=_marked(here, name, service.where, RELATED),
        description=_description(fill, description) if description else _EMPTY,
        facts=join_markup(fill("fact", label=label, value=text) for label, text in facts),
        found=_found(fill, service.found, {name.text, title.text}) if service.found else _EMPTY,
        **_of_member(here, member, name),
    )


def _of_member(here: _Here, member: Published, name: Shown) -> dict[str, Any]:
    """Return what both kinds of rows say of a member."""
    return {
        "mark": mark(name.text),
        "letters": initials(name.text),
        "official": official_beneath(member, name),
        "kind": kind_text(member.kind, member.type, here.locale),
        "seat": seat_text(member.city, member.country, here.locale),
        "badges": badges(member, here.locale),
    }


@lru_cache(maxsize=1024)
def _more(number: int, locale: str) -> Markup:
    return escape(ngettext("and %(number)s more", "and %(number)s more", number, number=number_text(number, locale)))


@lru_cache(maxsize=8192)
def _languages(tags: tuple[str, ...], locale: str) -> Markup:
    named = list_text((value_label("language", tag, locale) for tag in tags), locale)
    return escape(named or pgettext("missing fact", "not known"))


def _description(fill: Fill, shown: Shown) -> Markup:
    return fill("description", language=language_of(shown.tag), text=shorten(shown.text, DESCRIPTION_SHOWN))


def _name(here: _Here, member: Published) -> Shown:
    shown = choose(member.name_texts, here.locale, first=member.official_name.tag)
    return shown or Shown(member.slug, here.locale, is_fallback=False)


def _title(here: _Here, offering: PublishedOffering) -> Shown:
    shown = choose(offering.titles, here.locale)
    return shown or Shown(value_label("category", offering.category, here.locale), here.locale, is_fallback=False)


def _found(fill: Fill, found: FoundIn, shown: set[str]) -> Markup:
    """Say where the words were found, unless the row shows that text anyway."""
    if "".join(text for text, _ in found.marked.parts) in shown:
        return _EMPTY
    place, text = _PLACES[found.place](), _marked_parts(found.marked)
    return fill("found", place=place, language=language_of(found.tag), text=text)


def _marked(here: _Here, shown: Shown, where: Where, field: int) -> Markup:
    """Write a text with its own language where it is not the page's, and with what was looked for marked.

    where, field: what the index says of the row, and the field that the text is of.
    """
    marked = here.marker.mark(shown.text) if here.marker and stands(where, field, shown.tag) else None
    inner = _marked_parts(marked) if marked else escape(shown.text)
    return here.fill("in_language", language=language_of(shown.tag), text=inner) if shown.is_fallback else inner


def _marked_parts(marked: Marked) -> Markup:
    return join_markup(f"<mark>{escape(text)}</mark>" if is_match else escape(text) for text, is_match in marked.parts)


_PLACES: dict[Place, Callable[[], str]] = {
    Place.NAME: lambda: pgettext("where words were found", "In a name:"),
    Place.TITLE: lambda: pgettext("where words were found", "In a service:"),
    Place.SUMMARY: lambda: pgettext("where words were found", "In the description:"),
    Place.DESCRIPTION: lambda: pgettext("where words were found", "In the description of a service:"),
    Place.TOPIC: lambda: pgettext("where words were found", "In the topics:"),
}
