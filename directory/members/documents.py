"""Members and offerings as the search sees them; what is not public today has no document."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.i18n import force_locale
from directory.i18n.collation import sort_key
from directory.i18n.content import choose
from directory.i18n.formats import city_name, country_name
from directory.i18n.locales import LOCALES
from directory.initiative.models import Taxonomy
from directory.initiative.queries import categories, sectors, zones
from directory.members.models import Member, Offering
from directory.members.queries import card, visible
from directory.members.vocab import TYPE_LABELS, OrganisationType
from directory.search.engine import NOT_STATED, Document

LABEL_LOCALES = ("en", "zh-Hans", "es", "de", "sr-Latn", "sr-Cyrl")
"""Locales that are offered: in their words and orders everything is found."""
BATCH = 500


def load_documents(session: Session, ids: Sequence[int], *, today: date | None = None) -> dict[int, list[Document]]:
    """Return the documents of those of these members that are public. today: that of UTC unless given."""
    today = today or datetime.now(UTC).date()
    statement = select(Member).where(Member.id.in_(ids), visible(today)).options(*card())
    return {member.id: list(documents_of(member)) for member in session.scalars(statement)}


def all_ids(session: Session) -> Iterator[int]:
    """Return the row numbers of all members, in order."""
    yield from session.scalars(select(Member.id).order_by(Member.id).execution_options(yield_per=BATCH))


def documents_of(member: Member) -> Iterator[Document]:
    """Make the document of a member, and one for each of its offerings."""
    since = member.joined_on or member.named_on
    newest = since.isoformat() if since else ""
    labels = _member_labels(member)
    names = tuple((name.tag, name.name) for name in member.names)
    texts, first = member.name_texts, member.official_name.tag
    yield Document(
        id=member.id,
        subject_id=member.id,
        kind="member",
        slug=member.slug,
        names=names,
        offerings=tuple(title for offering in member.offerings for title in offering.titles.items()),
        prose=(*member.summary_texts.items(), *(d for o in member.offerings for d in o.descriptions.items())),
        facets=_union(
            _own_facets(member),
            {"language": member.languages, "sector": member.sectors},
            *(_its_facets(o) for o in member.offerings),
        ),
        order=_order(texts, first=first),
        labels=_distinct(labels, *(_offering_labels(o) for o in member.offerings)),
        newest=newest,
    )
    for offering in member.offerings:
        yield Document(
            id=offering.id,
            subject_id=member.id,
            kind="offering",
            slug=f"{member.slug}--{offering.number}",
            names=names,
            offerings=tuple(offering.titles.items()),
            prose=tuple(offering.descriptions.items()),
            facets=offering_facets(offering, member),
            order=_order(offering.titles, then=texts, first=first),
            labels=_distinct(labels, _offering_labels(offering)),
            newest=newest,
        )


def offering_facets(offering: Offering, member: Member) -> dict[str, tuple[str, ...]]:
    """Return the values by which an offering of this member is found.

    One that names no languages of its own is served in those its member works in.
    """
    return _union(_own_facets(member), {"language": () if offering.languages else member.languages}, _its_facets(offering))


def _own_facets(member: Member) -> dict[str, Iterable[str]]:
    return {
        "kind": (str(member.kind),),
        "type": (str(member.type),) if member.type else (),
        "country": (member.country or NOT_STATED,),
        "zone": member.zones,
    }


def _its_facets(offering: Offering) -> dict[str, Iterable[str]]:
    return {
        "serves": offering.serves,
        "category": (offering.category,),
        "sector": offering.sectors,
        "language": offering.languages,
    }


def _union(*parts: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for facet, values in part.items():
            found.setdefault(facet, {}).update(dict.fromkeys(values))
    return {facet: tuple(values) for facet, values in found.items() if values}


def _order(texts: Mapping[str, str], *, first: str, then: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return {locale: sort key of what a reader of it is shown}. then: texts that decide between equals."""
    keys = {}
    for locale in LABEL_LOCALES:
        shown = (choose(t, locale, first=first) for t in (texts, then or {}))
        keys[locale] = "\x02".join(sort_key(s.text, locale) for s in shown if s)
    return keys


def _distinct(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for group in groups for text in group if text))


def _member_labels(member: Member) -> tuple[str, ...]:
    return _distinct(
        _city_names(member.city, member.country) if member.city else (),
        _type_labels(OrganisationType(member.type)) if member.type else (),
        _country_names(member.country) if member.country else (),
        *(_labels("zones", zone) for zone in member.zones),
        *(_labels("sectors", sector) for sector in member.sectors),
    )


def _offering_labels(offering: Offering) -> tuple[str, ...]:
    return _distinct(
        _labels("categories", offering.category),
        *(_labels("sectors", sector) for sector in offering.sectors),
    )


@cache
def _labels(taxonomy: str, slug: str) -> tuple[str, ...]:
    found: Taxonomy = {"categories": categories, "sectors": sectors, "zones": zones}[taxonomy]()
    term = found.terms.get(slug)
    return tuple(dict.fromkeys(term.labels.values())) if term else ()


@cache
def _type_labels(organisation_type: OrganisationType) -> tuple[str, ...]:
    found = []
    for tag in LABEL_LOCALES:
        with force_locale(LOCALES[tag].babel):
            found.append(str(TYPE_LABELS[organisation_type]))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def _city_names(city: str, country: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((city, *(city_name(city, country, tag) for tag in LABEL_LOCALES))))


@cache
def _country_names(code: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(country_name(code, tag) for tag in LABEL_LOCALES))
