"""What the page of one member shows beside its rows: claims that hold, sources of facts, who may be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from directory.i18n import pgettext
from directory.members.entry import NewClaim, NewSource
from directory.members.facts import offering_number
from directory.members.labels import value_label
from directory.members.models import Member
from directory.members.public_entry import PublicEntry
from directory.members.published import Published, PublishedOffering
from directory.members.record_parts import fact_text
from directory.members.vocab import DELIVERY_LABELS, DIRECTION_LABELS, FEE_LABELS, Delivery, Direction, Fee

SERVICES = "services"


@dataclass(frozen=True)
class Link:
    """Where a fact comes from. is_open: whether the address can be opened."""

    address: str
    is_open: bool


@dataclass(frozen=True)
class OfferingFacts:
    """What is known of an offering as (label, text), and the labels of what is not."""

    known: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def valid_claims(entry: PublicEntry, today: date) -> list[NewClaim]:
    """Return the licences and certificates that hold on `today`; a lapsed one leaves the page by itself."""
    return [claim for claim in entry.claims if claim.valid_until is None or claim.valid_until >= today]


def website_address(website: str | None) -> str | None:
    """Return where a website is, as a link; its owner may write it without https://."""
    if website is None or website.startswith(("https://", "http://")):
        return website
    return f"https://{website}"


def is_unconfirmed(member: Member | Published) -> bool:
    """Say whether the entry rests on the announcement alone: the organisation has not confirmed it yet."""
    return member.named_on is not None and member.confirmed_on is None


def sources_by_subject(entry: PublicEntry) -> dict[str, list[Link]]:
    """Return all sources of an entry by what they are about: `entry`, `announcement`, `services`, or words of their own."""
    found: dict[str, dict[str, Link]] = {}
    for source in entry.sources:
        subject = SERVICES if offering_number(source.fact) is not None else source.fact
        found.setdefault(subject, {})[source.address] = _link(source)
    return {subject: list(links.values()) for subject, links in found.items()}


def sources_in_words(entry: PublicEntry, locale: str) -> list[tuple[str, Link]]:
    """Return (what it is a source for, source) of each source, for readers of `locale`."""
    titles = {offering.number: next(iter(offering.titles.values())) for offering in entry.member.offerings}
    return [(fact_text(source.fact, titles, locale), _link(source)) for source in entry.sources]


def sources_of(entry: PublicEntry, number: int) -> list[Link]:
    """Return those sources that are about one offering."""
    return [_link(s) for s in entry.sources if offering_number(s.fact) == number]


def offering_facts(offering: PublishedOffering, spoken: Sequence[str], locale: str) -> OfferingFacts:
    """Say what is known of an offering, and what is not. spoken: languages of its member; locale: one of LOCALES."""
    texts = (
        value_label("category", offering.category, locale),
        joined(value_label("sector", value, locale) for value in offering.sectors),
        joined(value_label("serves", value, locale) for value in offering.serves),
        joined(value_label("language", value, locale) for value in offering.languages or spoken),
        _delivery_text(tuple(offering.delivery), locale),
        _fee_text(offering.fee, locale),
        _direction_text(offering.direction, locale),
    )
    rows = list(zip(_fact_labels(locale, own_languages=bool(offering.languages) or not spoken), texts, strict=True))
    return OfferingFacts(tuple(row for row in rows if row[1]), tuple(label for label, text in rows if not text))


def joined(texts: Iterable[str]) -> str:
    """Put the values of a fact behind one another."""
    return "\u00a0· ".join(texts)


@lru_cache(maxsize=1024)
def _fact_labels(_locale: str, *, own_languages: bool) -> tuple[str, ...]:
    """Return the labels of an offering's facts in the locale in which this request is."""
    return (
        pgettext("fact", "Kind of service"),
        pgettext("fact", "Sectors"),
        pgettext("fact", "Countries and regions served"),
        pgettext("fact", "Languages of the service") if own_languages else pgettext("fact", "Languages of the organisation"),
        pgettext("fact", "Delivery"),
        pgettext("fact", "Fee"),
        pgettext("fact", "For whom"),
    )


@lru_cache(maxsize=1024)
def _delivery_text(ways: tuple[str, ...], _locale: str) -> str:
    return joined(str(DELIVERY_LABELS[Delivery(way)]) for way in ways)


@lru_cache(maxsize=1024)
def _fee_text(fee: str | None, _locale: str) -> str:
    return str(FEE_LABELS[Fee(fee)]) if fee else ""


@lru_cache(maxsize=1024)
def _direction_text(direction: str | None, _locale: str) -> str:
    return str(DIRECTION_LABELS[Direction(direction)]) if direction else ""


def nowhere_known(facts: Sequence[OfferingFacts]) -> tuple[str, ...]:
    """Return the labels of what is known of none of several offerings, to be said once."""
    missing = [one.unknown for one in facts]
    return tuple(label for label in missing[0] if all(label in others for others in missing)) if len(missing) > 1 else ()


def _link(source: NewSource) -> Link:
    return Link(source.address, source.address.startswith(("https://", "http://")))
