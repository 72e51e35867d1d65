"""Members and offerings as the search sees them; what is not public today has no document."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.db import Ledger
from directory.i18n.collation import sort_key
from directory.i18n.content import choose
from directory.initiative.holding import as_of
from directory.initiative.queries import categories, sectors, zones
from directory.members.labels import LABEL_LOCALES, tagged_cities, tagged_labels
from directory.members.models import Member
from directory.members.published import Published, PublishedOffering, as_shown, load_published
from directory.search.engine import NOT_STATED, Document

BATCH = 500


def load_documents(session: Session, ids: Sequence[int], *, today: date | None = None) -> dict[int, list[Document]]:
    """Return the documents of those of these members that are public.

    today: unless given, the day on which the calendar was last heeded, so that all hosts have the same documents whatever
    their clocks say; whoever a later day hides or shows is noted as a change by the sweep of that day.
    """
    day = today or session.scalar(select(Ledger.swept_on)) or datetime.now(UTC).date()
    found = load_published(session, ids, today=day)
    with as_of(session):
        return {id_: list(documents_of(found[id_])) for id_ in ids if id_ in found}


def all_ids(session: Session) -> Iterator[int]:
    """Return the row numbers of all members, in order."""
    yield from session.scalars(select(Member.id).order_by(Member.id).execution_options(yield_per=BATCH))


def label_texts(facet: str, value: str) -> tuple[str, ...]:
    """Return the words, in all languages of the site, that lead to whoever has this value of a facet."""
    return tuple(text for _, text in tagged_labels(facet, value))


def documents_of(member: Published) -> Iterator[Document]:
    """Make the document of a member, and one for each of its offerings."""
    since = member.joined_on or member.named_on
    newest = since.isoformat() if since else ""
    names = (*member.name_texts.items(), *member.other_names)
    cities = tuple(text for _, text in tagged_cities(member.city, member.country)) if member.city else ()
    own, of_all = _own_facets(member), tuple(map(sectors().resolve, member.sectors))
    first = member.official_name.tag
    keys = _order(member.name_texts, first=first)
    yield Document(
        id=member.id,
        subject_id=member.id,
        kind="member",
        slug=member.slug,
        names=names,
        related=tuple(title for offering in member.offerings for title in offering.titles.items()),
        prose=(*member.summary_texts.items(), *(d for o in member.offerings for d in o.descriptions.items())),
        labels=cities,
        facets=_union(own, {"language": member.languages, "sector": of_all}, *map(_its_facets, member.offerings)),
        order=keys,
        newest=newest,
        shown=as_shown(member),
    )
    for offering in member.offerings:  # one that names no languages is served in those its member works in
        titles = _order(offering.titles, first=first)
        yield Document(
            id=offering.id,
            subject_id=member.id,
            kind="offering",
            slug=f"{member.slug}--{offering.number}",
            names=tuple(offering.titles.items()),
            related=names,
            prose=tuple(offering.descriptions.items()),
            labels=cities,
            facets=_union(own, {"language": () if offering.languages else member.languages}, _its_facets(offering)),
            order={locale: titles.get(locale, b"") + key for locale, key in keys.items()},
            newest=newest,
        )


def _own_facets(member: Published) -> dict[str, Iterable[str]]:
    return {
        "kind": (member.kind,),
        "type": (member.type,) if member.type else (),
        "country": (member.country or NOT_STATED,),
        "zone": tuple(map(zones().resolve, member.zones)),
    }


def _its_facets(offering: PublishedOffering) -> dict[str, Iterable[str]]:
    """Return an offering's own values; a retired term counts as its successor."""
    return {
        "serves": offering.serves,
        "category": (categories().resolve(offering.category),),
        "sector": tuple(map(sectors().resolve, offering.sectors)),
        "language": offering.languages,
    }


def _union(*parts: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[Iterable[str]]] = {}
    for part in parts:
        for facet, values in part.items():
            found.setdefault(facet, []).append(values)
    return {facet: values for facet, groups in found.items() if (values := tuple(dict.fromkeys(chain(*groups))))}


def _order(texts: Mapping[str, str], *, first: str) -> dict[str, bytes]:
    """Return {locale: sort key of what a reader of it is shown}."""
    shown = ((locale, choose(texts, locale, first=first)) for locale in LABEL_LOCALES)
    return {locale: sort_key(text.text, locale) for locale, text in shown if text}
