"""Words for facets and their values, for names and for what is not known."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from directory.i18n import force_locale
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.formats import city_name, country_name, language_name
from directory.i18n.locales import LOCALES, SOURCE
from directory.initiative.holding import stamp
from directory.initiative.models import Taxonomy
from directory.initiative.queries import categories, sectors, zones
from directory.members.alike import Degree, Match
from directory.members.facets import TAXONOMY_OF, Sort, Unknown, is_known
from directory.members.vocab import KIND_LABELS, TYPE_LABELS, Kind, NameKind, OrganisationType
from directory.search.engine import NOT_STATED

LABEL_LOCALES = ("en", "zh-Hans", "es", "de", "sr-Latn", "sr-Cyrl")
"""Locales that are offered: in their words and orders everything is found."""
FACET_TITLES = {
    "kind": _lp("facet", "Kind of member"),
    "type": _lp("facet", "Type of organisation"),
    "country": _lp("facet", "Seat"),
    "serves": _lp("facet", "Countries and regions served"),
    "category": _lp("facet", "Services"),
    "sector": _lp("facet", "Sectors"),
    "language": _lp("facet", "Languages"),
    "zone": _lp("facet", "Zones"),
}
SORT_LABELS = {
    Sort.RELEVANCE: _lp("order of a list", "Best match"),
    Sort.NAME: _lp("order of a list", "Name"),
    Sort.NEWEST: _lp("order of a list", "Newest first"),
}
NAME_KIND_LABELS = {
    NameKind.OFFICIAL: _lp("kind of name", "Official name"),
    NameKind.TRANSLATION: _lp("kind of name", "Name in another language"),
    NameKind.SHORT: _lp("kind of name", "Short name"),
    NameKind.FORMER: _lp("kind of name", "Former name"),
    NameKind.SCRIPT: _lp("kind of name", "Name in another script"),
}
MATCH_LABELS = {
    Match.NAME: _l("the same name"),
    Match.NEAR_NAME: _l("a name that differs in one letter"),
    Match.WEBSITE: _l("the same website"),
    Match.REGISTRATION: _l("the same registration number"),
}
DEGREE_LABELS = {
    Degree.VERY_LIKELY: _l("Very likely the same organisation"),
    Degree.LIKELY: _l("Likely the same organisation"),
    Degree.POSSIBLE: _l("Possibly the same organisation"),
}
SEAT_NOT_KNOWN = _l("Seat not known")
_UNKNOWN = {
    "kind": _l("“%(value)s” is not a kind of member we know; nothing matches it."),
    "type": _l("“%(value)s” is not a type of organisation we know; nothing matches it."),
    "country": _l("“%(value)s” is not a country or region we know; nothing matches it."),
    "serves": _l("“%(value)s” is not a country or region we know; nothing matches it."),
    "category": _l("“%(value)s” is not a kind of service we know; nothing matches it."),
    "sector": _l("“%(value)s” is not a sector we know; nothing matches it."),
    "language": _l("“%(value)s” is not a language we know; nothing matches it."),
    "zone": _l("“%(value)s” is not a zone we know; nothing matches it."),
    "sort": _l("“%(value)s” is not an order we know; the list is in its usual order."),
}

_VALUES: dict[str, Callable[[str, str], str]] = {
    "kind": lambda value, _locale: str(KIND_LABELS[Kind(value)]),
    "type": lambda value, _locale: str(TYPE_LABELS[OrganisationType(value)]),
    "country": lambda value, locale: str(SEAT_NOT_KNOWN) if value == NOT_STATED else country_name(value, locale),
    "serves": country_name,
    "category": lambda value, locale: categories().label(value, locale),
    "sector": lambda value, locale: sectors().label(value, locale),
    "language": language_name,
    "zone": lambda value, locale: zones().label(value, locale),
}


def value_label(facet: str, value: str, locale: str) -> str:
    """Name a value of a facet for readers of `locale`, in which this request is; one that is not known names itself."""
    return _value_label(facet, value, locale, stamp())


@lru_cache(maxsize=16384)
def _value_label(facet: str, value: str, locale: str, _stamp: str) -> str:
    return _VALUES[facet](value, locale) if is_known(facet, value) else value


@lru_cache(maxsize=1024)
def name_kind_text(kind: NameKind, _locale: str) -> str:
    """Say what kind of name one is, for readers of the locale in which this request is."""
    return str(NAME_KIND_LABELS[kind])


@lru_cache(maxsize=1024)
def facet_title(facet: str, _locale: str) -> str:
    """Name a facet for readers of the locale in which this request is."""
    return str(FACET_TITLES[facet])


def tagged_labels(facet: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return the words that lead to whoever has a value of a facet, as (tag, text) in the languages of the site.

    Those of a retired term and of its successor lead to whoever has either. Countries served and
    languages spoken have none: a name of a country leads to those that sit in it.
    """
    match facet:
        case "category" | "sector" | "zone":
            return _taxonomy_labels(facet, value, stamp())
        case "type" if value in set(OrganisationType):
            return _type_labels(OrganisationType(value))
        case "country" if value != NOT_STATED:
            return _distinct((tag, country_name(value, tag)) for tag in LABEL_LOCALES)
        case _:
            return ()


@lru_cache(maxsize=4096)
def tagged_cities(city: str, country: str | None) -> tuple[tuple[str, str], ...]:
    """Return the names of a city as (tag, text) in the languages of the site, the one in the entry first."""
    return _distinct(((SOURCE, city), *((tag, city_name(city, country, tag)) for tag in LABEL_LOCALES)))


@lru_cache(maxsize=1024)
def _taxonomy_labels(facet: str, value: str, _stamp: str) -> tuple[tuple[str, str], ...]:
    taxonomy: Taxonomy = TAXONOMY_OF[facet]()
    today = taxonomy.resolve(value)
    slugs = dict.fromkeys((value, today, *taxonomy.retired_into(today)))
    return _distinct(pair for slug in slugs if slug in taxonomy for pair in taxonomy.terms[slug].labels.items())


@cache
def _type_labels(organisation_type: OrganisationType) -> tuple[tuple[str, str], ...]:
    found = []
    for tag in LABEL_LOCALES:
        with force_locale(LOCALES[tag].babel):
            found.append((tag, str(TYPE_LABELS[organisation_type])))
    return _distinct(found)


def _distinct(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Keep each text once, in the language that has it first."""
    found: dict[str, str] = {}
    for tag, text in pairs:
        found.setdefault(text, tag)
    return tuple((tag, text) for text, tag in found.items())


def unknown_text(unknown: Unknown) -> str:
    """Tell the visitor of a value that the directory does not know."""
    return str(_UNKNOWN[unknown.parameter]) % {"value": unknown.value}
