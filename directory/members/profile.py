"""What the page of one member shows beside its rows: claims that hold, sources of facts, who may be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from directory.i18n import pgettext
from directory.members.entry import NewClaim, NewSource
from directory.members.facts import offering_number
from directory.members.labels import value_label
from directory.members.models import Member
from directory.members.public_entry import PublicEntry
from directory.members.published import Published, PublishedOffering
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


def sources_of(entry: PublicEntry, number: int) -> list[Link]:
    """Return those sources that are about one offering."""
    return [_link(s) for s in entry.sources if offering_number(s.fact) == number]


def offering_facts(offering: PublishedOffering, spoken: Sequence[str], locale: str) -> OfferingFacts:
    """Say what is known of an offering, and what is not. spoken: languages of its member; locale: one of LOCALES."""
    own = bool(offering.languages) or not spoken
    rows = (
        (pgettext("fact", "Kind of service"), [value_label("category", offering.category, locale)]),
        (pgettext("fact", "Sectors"), [value_label("sector", v, locale) for v in offering.sectors]),
        (pgettext("fact", "Countries and regions served"), [value_label("serves", v, locale) for v in offering.serves]),
        (
            pgettext("fact", "Languages of the service") if own else pgettext("fact", "Languages of the organisation"),
            [value_label("language", v, locale) for v in offering.languages or spoken],
        ),
        (pgettext("fact", "Delivery"), [str(DELIVERY_LABELS[Delivery(way)]) for way in offering.delivery]),
        (pgettext("fact", "Fee"), [str(FEE_LABELS[Fee(offering.fee)])] if offering.fee else []),
        (pgettext("fact", "For whom"), [str(DIRECTION_LABELS[Direction(offering.direction)])] if offering.direction else []),
    )
    known = tuple((label, "\u00a0· ".join(texts)) for label, texts in rows if texts)
    return OfferingFacts(known, tuple(label for label, texts in rows if not texts))


def nowhere_known(facts: Sequence[OfferingFacts]) -> tuple[str, ...]:
    """Return the labels of what is known of none of several offerings, to be said once."""
    missing = [one.unknown for one in facts]
    return tuple(label for label in missing[0] if all(label in others for others in missing)) if len(missing) > 1 else ()


def _link(source: NewSource) -> Link:
    return Link(source.address, source.address.startswith(("https://", "http://")))
