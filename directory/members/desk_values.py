"""An entry as the form that corrects it shows it, and its services as the form gives them back."""

from collections.abc import Iterable, Mapping
from typing import Any

from directory.members.entry import NewContact, NewMember, NewOffering
from directory.members.vocab import Delivery, Direction, Fee


def first_values(entry: NewMember) -> dict[str, Any]:
    """Return what the form shows of an entry."""
    contact = entry.contact or NewContact()
    return {
        "names": [{"name": name, "tag": tag} for tag, name in entry.names.items()],
        "other_names": [{"name": n.name, "tag": n.tag, "kind": str(n.kind)} for n in entry.alternate_names],
        "slug": entry.slug,
        "kind": str(entry.kind),
        "type": entry.type and str(entry.type),
        "country": entry.country,
        "city": entry.city,
        "website": entry.website,
        "founded": str(entry.founded) if entry.founded else None,
        "languages": list(entry.languages),
        "zones": list(entry.zones),
        "sectors": list(entry.sectors),
        "summaries": [{"text": text, "tag": tag} for tag, text in entry.summaries.items()],
        "registrations": [{"scheme": r.scheme, "value": r.value} for r in entry.registrations],
        "offerings": [_shown(offering) for offering in entry.offerings],
        "joined_on": entry.joined_on and entry.joined_on.isoformat(),
        "sources": [{"fact": source.fact, "address": source.address} for source in entry.sources],
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": contact.phone,
        "contact_locale": contact.locale,
        "contact_shown": contact.shown,
    }


def _shown(offering: NewOffering) -> dict[str, Any]:
    tag = next(iter(offering.titles), "")
    return {
        "number": offering.number,
        "title": offering.titles.get(tag),
        "description": offering.descriptions.get(tag),
        "tag": tag,
        "category": offering.category,
        "sectors": list(offering.sectors),
        "serves": list(offering.serves),
        "languages": list(offering.languages),
        "delivery": [str(way) for way in offering.delivery],
        "fee": offering.fee and str(offering.fee),
        "direction": offering.direction and str(offering.direction),
    }


def kept_order(chosen: Iterable[str] | None, old: Iterable[str]) -> tuple[str, ...]:
    """Return what is ticked: in the order that the entry has, then what is new."""
    ticked = dict.fromkeys(chosen or ())
    kept = [str(value) for value in old if value in ticked]
    return (*kept, *(value for value in ticked if value not in kept))


def offering_of(row: Mapping[str, Any], old: NewMember) -> NewOffering:
    """Return the service of a row; its texts in other languages, and where it moves data, are kept."""
    kept = next((o for o in old.offerings if str(o.number) == str(row["number"])), None)
    lead = next(iter(kept.titles), None) if kept else None
    titles = {t: x for t, x in kept.titles.items() if t not in {lead, row["tag"]}} if kept else {}
    others = {t: x for t, x in kept.descriptions.items() if t not in {lead, row["tag"]}} if kept else {}
    return NewOffering(
        titles={row["tag"]: row["title"]} | titles,
        category=row["category"],
        descriptions=({row["tag"]: row["description"]} if row["description"] else {}) | others,
        sectors=kept_order(row["sectors"], kept.sectors if kept else ()),
        serves=kept_order(row["serves"], kept.serves if kept else ()),
        languages=kept_order(row["languages"], kept.languages if kept else ()),
        delivery=tuple(Delivery(way) for way in kept_order(row["delivery"], kept.delivery if kept else ())),
        fee=Fee(row["fee"]) if row["fee"] else None,
        direction=Direction(row["direction"]) if row["direction"] else None,
        data=kept.data if kept else None,
        number=kept.number if kept else None,
    )
