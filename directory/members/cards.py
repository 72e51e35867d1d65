"""Rows of lists as HTML: named in the reader's language, what was looked for marked."""

from collections.abc import Callable, Iterable, Sequence

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
from directory.web.patterns import Patterns
from directory.web.templates import initials, mark, shorten

DESCRIPTION_SHOWN = 200
_SLUG = "slug-goes-here"
_PATTERNS = Patterns("members/_patterns.html")


def member_cards(cards: Iterable[Card], marker: Marker | None = None) -> list[tuple[str, Markup]]:
    """Return (slug, card) of the rows of a list of members."""
    pattern = url_for("members.profile", slug=_SLUG)
    return [(card.member.slug, _member_card(card, pattern.replace(_SLUG, card.member.slug), marker)) for card in cards]


def service_cards(services: Iterable[Service], marker: Marker | None = None) -> list[tuple[str, Markup]]:
    """Return (slug, card) of the rows of a list of services."""
    pattern = url_for("members.profile", slug=_SLUG)
    return [
        (f"{s.member.slug}--{s.offering.number}", _service_card(s, pattern.replace(_SLUG, s.member.slug), marker))
        for s in services
    ]


def choice_rows(facet: str, choices: Sequence[Choice]) -> Markup:
    """Return the rows of a facet's values, to tick."""
    fill, tag = _PATTERNS.fill, g.locale
    return Markup("\n").join(
        fill(
            "chosen" if choice.is_chosen else "choice",
            facet=facet,
            value=choice.value,
            count=choice.count,
            label=choice.label,
            number=number_text(choice.count, tag),
        )
        for choice in choices
    )


def _member_card(card: Card, address: str, marker: Marker | None) -> Markup:
    member = card.member
    name = _name(member)
    titles = [(offering.number, _title(offering)) for offering in card.offerings]
    shown = {name.text, *(title.text for _, title in titles)}
    offered = [_PATTERNS.fill("offering", address=address, number=n, title=_marked(t, marker)) for n, t in titles]
    if card.more:
        number = number_text(card.more, g.locale)
        more = ngettext("and %(number)s more", "and %(number)s more", card.more, number=number)
        offered.append(_PATTERNS.fill("more", address=address, text=more))
    return _PATTERNS.fill(
        "member_card",
        address=address,
        languages=list_text((value_label("language", tag, g.locale) for tag in member.languages), g.locale)
        or pgettext("missing fact", "not known"),
        offered=_PATTERNS.fill("offered", offered=Markup("").join(offered)) if offered else _PATTERNS.fill("nothing_offered"),
        found=_found(card.found, shown),
        **_of_member(member, name, marker),
    )


def _service_card(service: Service, address: str, marker: Marker | None) -> Markup:
    member, offering = service.member, service.offering
    name, title, description = _name(member), _title(offering), choose(offering.descriptions, g.locale)
    facts = offering_facts(offering, member.languages, g.locale).known
    return _PATTERNS.fill(
        "service_card",
        address=address,
        number=offering.number,
        title=_marked(title, marker),
        description=_description(description) if description else "",
        facts=Markup("").join(_PATTERNS.fill("fact", label=label, value=text) for label, text in facts),
        found=_found(service.found, {name.text, title.text}),
        **_of_member(member, name, marker),
    )


def _of_member(member: Published, name: Shown, marker: Marker | None) -> dict[str, str]:
    """Return what both kinds of rows say of a member."""
    official = member.official_name
    return {
        "initials": _PATTERNS.fill("initials", mark=mark(name.text), letters=initials(name.text)),
        "name": _marked(name, marker),
        "official": ""
        if official.name == name.text
        else _PATTERNS.fill("official", tag=official.tag, dir=direction(official.tag), text=official.name),
        "kind": _kind(member),
        "seat": _seat(member),
        "badges": _badges(member),
    }


def _kind(member: Published) -> str:
    kind = value_label("kind", member.kind, g.locale)
    if not member.type or member.type == member.kind:
        return kind
    return f"{kind}\u00a0· {value_label('type', member.type, g.locale)}"


def _seat(member: Published) -> str:
    if member.country and member.city:
        city, country = city_name(member.city, member.country, g.locale), country_name(member.country, g.locale)
        return _("%(city)s, %(country)s", city=city, country=country)
    return country_name(member.country, g.locale) if member.country else member.city or _("Seat not known")


def _badges(member: Published) -> str:
    found = [_PATTERNS.fill("demonstration")] if member.demonstration else []
    if member.named_on and is_unconfirmed(member):
        found.append(_PATTERNS.fill("unconfirmed", date=date_text(member.named_on, g.locale).replace(" ", "\u00a0")))
    return _PATTERNS.fill("badges", badges=Markup("").join(found)) if found else ""


def _description(shown: Shown) -> Markup:
    language = Markup(' lang="{}" dir="{}"').format(shown.tag, shown.direction) if shown.is_fallback else ""
    return _PATTERNS.fill("description", language=language, text=shorten(shown.text, DESCRIPTION_SHOWN))


def _name(member: Published) -> Shown:
    shown = choose(member.name_texts, g.locale, first=member.official_name.tag)
    return shown or Shown(member.slug, g.locale, is_fallback=False)


def _title(offering: PublishedOffering) -> Shown:
    shown = choose(offering.titles, g.locale)
    return shown or Shown(value_label("category", offering.category, g.locale), g.locale, is_fallback=False)


def _found(found: FoundIn | None, shown: set[str]) -> str:
    """Say where the words were found, unless the row shows that text anyway."""
    if found is None or "".join(text for text, _ in found.marked.parts) in shown:
        return ""
    place, text = _PLACES[found.place](), _marked_parts(found.marked)
    return _PATTERNS.fill("found", place=place, tag=found.tag, dir=direction(found.tag), text=text)


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
