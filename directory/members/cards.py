"""Members and services on lists as HTML: what does not change between visits is made once, what was looked for is marked."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import current_app, url_for
from markupsafe import Markup, escape

from directory.i18n import gettext as _
from directory.i18n import pgettext
from directory.i18n.content import Shown, choose
from directory.i18n.formats import city_name, country_name, date_text, list_text
from directory.i18n.locales import direction
from directory.members.labels import value_label
from directory.members.profile import is_unconfirmed, offering_facts
from directory.members.published import Published, PublishedOffering
from directory.members.search import Card, FoundIn, Place, Service
from directory.members.vocab import KIND_LABELS, TYPE_LABELS
from directory.search.marking import Marked, Marker
from directory.web.fragments import Fragments

DESCRIPTION_SHOWN = 200
_SLUG = "slug-goes-here"


class Row(NamedTuple):
    """A row of a list. before, after: what stands around its name; offered: (number, title) of the services it names."""

    slug: str
    address: str
    before: Markup
    name: Markup
    after: Markup
    offered: tuple[tuple[int, Markup], ...] = ()
    more: int = 0
    found: tuple[str, Markup] | None = None


def card_rows(cards: Iterable[Card], locale: str, marker: Marker | None = None) -> list[Row]:
    """Make the rows of a list of members. locale: the one this request is in."""
    pattern = url_for("members.profile", slug=_SLUG)
    rows = []
    for card in cards:
        member = card.member
        name = _name(member, locale)
        address = pattern.replace(_SLUG, member.slug)
        before, after = _kept("members/_card.html", ("card", member.id), member, locale, name=name)
        offered = tuple((offering.number, marked_text(_title(offering, locale), marker)) for offering in card.offerings)
        shown = {name.text, *(_title(offering, locale).text for offering in card.offerings)}
        marked = marked_text(name, marker)
        rows.append(Row(member.slug, address, before, marked, after, offered, card.more, _found(card.found, shown)))
    return rows


def service_rows(services: Iterable[Service], locale: str, marker: Marker | None = None) -> list[Row]:
    """Make the rows of a list of services. locale: the one this request is in."""
    pattern = url_for("members.profile", slug=_SLUG)
    rows = []
    for service in services:
        member, offering = service.member, service.offering
        title = _title(offering, locale)
        address = pattern.replace(_SLUG, member.slug)
        before, after = _kept(
            "members/_service_card.html",
            ("service", offering.id),
            member,
            locale,
            name=_name(member, locale),
            address=address,
            description=choose(offering.descriptions, locale),
            facts=lambda o=offering, m=member: offering_facts(o, m.languages, locale).known,
            most=DESCRIPTION_SHOWN,
        )
        slug = f"{member.slug}--{offering.number}"
        found = _found(service.found, {title.text})
        rows.append(Row(slug, f"{address}#service-{offering.number}", before, marked_text(title, marker), after, found=found))
    return rows


def marked_text(shown: Shown, marker: Marker | None) -> Markup:
    """Write a text with its own language where it is not the page's, and with what was looked for marked."""
    marked = marker.mark(shown.text) if marker else None
    inner = _marked(marked) if marked else escape(shown.text)
    if not shown.is_fallback:
        return inner
    return Markup('<span lang="{}" dir="{}">{}</span>').format(shown.tag, shown.direction, inner)


def seat_text(member: Published, locale: str) -> str:
    """Name the seat as far as it is known."""
    if member.country and member.city:
        city, country = city_name(member.city, member.country, locale), country_name(member.country, locale)
        return _("%(city)s, %(country)s", city=city, country=country)
    return country_name(member.country, locale) if member.country else member.city or _("Seat not known")


def kind_text(member: Published) -> str:
    """Name the kind of a member, and its type where that says more."""
    kind = str(KIND_LABELS[member.kind])  # type: ignore[index]  # a text that equals the enum's member
    if not member.type or member.type == member.kind:
        return kind
    return f"{kind}\u00a0· {TYPE_LABELS[member.type]}"  # type: ignore[index]


def _kept(template: str, key: tuple[str, int], member: Published, locale: str, **values: object) -> tuple[Markup, Markup]:
    """Return what stands before and after the name, made by the blocks of a template when first wanted."""
    fragments: Fragments = current_app.extensions["fragments"]
    before, after = fragments.get((*key, member.version, locale), lambda: _render(template, member, locale, **values))
    return before, after


def _render(template: str, member: Published, locale: str, **values: object) -> tuple[Markup, Markup]:
    found = current_app.jinja_env.get_template(template)
    named_on = date_text(member.named_on, locale).replace(" ", "\u00a0") if is_unconfirmed(member) and member.named_on else ""
    official = member.official_name
    context = found.new_context(
        {
            "member": member,
            "official": official,
            "official_direction": direction(official.tag),
            "kind": kind_text(member),
            "seat": seat_text(member, locale),
            "languages": list_text([value_label("language", tag, locale) for tag in member.languages], locale),
            "named_on": named_on,
            **values,
        }
    )
    before, after = (Markup("".join(found.blocks[name](context))) for name in ("before", "after"))  # noqa: S704 (escaped)
    return before, after


def _name(member: Published, locale: str) -> Shown:
    shown = choose(member.name_texts, locale, first=member.official_name.tag)
    return shown or Shown(member.slug, locale, is_fallback=False)


def _title(offering: PublishedOffering, locale: str) -> Shown:
    shown = choose(offering.titles, locale)
    return shown or Shown(value_label("category", offering.category, locale), locale, is_fallback=False)


def _found(found: FoundIn | None, shown: set[str]) -> tuple[str, Markup] | None:
    """Write where the words were found, unless the row shows that text anyway."""
    if found is None or "".join(text for text, _ in found.marked.parts) in shown:
        return None
    text = Markup('<q lang="{}" dir="{}">{}</q>').format(found.tag, direction(found.tag), _marked(found.marked))
    return _PLACES[found.place](), text


def _marked(marked: Marked) -> Markup:
    found = Markup("<mark>{}</mark>")
    return Markup("").join(found.format(text) if is_match else escape(text) for text, is_match in marked.parts)


_PLACES = {
    Place.NAME: lambda: pgettext("where words were found", "In a name:"),
    Place.TITLE: lambda: pgettext("where words were found", "In a service:"),
    Place.SUMMARY: lambda: pgettext("where words were found", "In the description:"),
    Place.DESCRIPTION: lambda: pgettext("where words were found", "In the description of a service:"),
    Place.TOPIC: lambda: pgettext("where words were found", "In the topics:"),
}
