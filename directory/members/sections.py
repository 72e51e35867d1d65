"""What the page of a member repeats, as HTML: its names, its services and what is known of none of them."""

from collections.abc import Iterable

from flask import g
from markupsafe import Markup, escape

from directory.i18n import pgettext
from directory.i18n.content import Shown, choose
from directory.i18n.formats import language_name, list_text
from directory.members.interchange import Record
from directory.members.labels import name_kind_text, value_label
from directory.members.profile import Link, OfferingFacts, joined, nowhere_known, offering_facts, sources_of
from directory.members.public_entry import PublicEntry
from directory.members.published import PublishedOffering
from directory.web.patterns import Fill, Patterns, join_markup, language_of

_PATTERNS = Patterns("members/_sections.html")


def service_sections(entry: PublicEntry) -> tuple[tuple[str, ...], list[Markup]]:
    """Return the labels of what is known of no service of a member, and its services as HTML, in the reader's language."""
    fill, member, locale = _PATTERNS.here(), entry.member, g.locale
    facts = [offering_facts(offering, member.languages, locale) for offering in member.offerings]
    nowhere = nowhere_known(facts)
    sections = [
        _section(fill, offering, known, sources_of(entry, offering.number), nowhere, locale)
        for offering, known in zip(member.offerings, facts, strict=True)
    ]
    return nowhere, sections


def names_list(entry: PublicEntry) -> Markup:
    """Write all names of a member, each in its language, with its kind."""
    fill, locale = _PATTERNS.here(), g.locale
    return join_markup(
        fill(
            "name",
            language=language_of(name.tag),
            text=name.name,
            language_name=language_name(name.tag, locale),
            kind=name_kind_text(name.kind, locale),
        )
        for name in entry.names
    )


def _section(
    fill: Fill, offering: PublishedOffering, facts: OfferingFacts, sources: Iterable[Link], nowhere: Iterable[str], locale: str
) -> Markup:
    """Write one service. nowhere: what is said once for all services of the member."""
    title, description = choose(offering.titles, locale), choose(offering.descriptions, locale)
    rows = [fill("fact", label=label, text=text) for label, text in facts.known]
    if missing := [label for label in facts.unknown if label not in nowhere]:
        rows.append(fill("missing", text=joined(missing)))
    return fill(
        "service",
        number=offering.number,
        title=_shown(fill, title) if title else value_label("category", offering.category, locale),
        description=fill("description", text=_shown(fill, description)) if description else "",
        facts=join_markup(rows),
        data=_data(fill, offering.data, locale) if offering.data else "",
        sources=join_markup(fill("open_source" if link.is_open else "source", address=link.address) for link in sources),
    )


def _shown(fill: Fill, text: Shown) -> Markup:
    return fill("in_language", language=language_of(text.tag), text=text.text) if text.is_fallback else escape(text.text)


def _data(fill: Fill, data: Record, locale: str) -> Markup:
    """Write what is known of data that a service moves."""
    rows = []
    for key, label in (
        ("from", pgettext("fact about moved data", "Data from")),
        ("to", pgettext("fact about moved data", "Data to")),
        ("storage", pgettext("fact about moved data", "Stored in")),
    ):
        if places := data.get(key):
            named = [value_label("serves", place, locale) for place in ([places] if isinstance(places, str) else places)]
            rows.append(fill("fact", label=label, text=list_text(named, locale)))
    if instrument := data.get("instrument"):
        label = pgettext("fact about moved data", "Legal instrument")
        rows.append(fill("fact", label=label, text=Markup("<bdi>{}</bdi>").format(instrument)))
    return fill("data", facts=join_markup(rows))
