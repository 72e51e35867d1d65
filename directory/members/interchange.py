"""The interchange format of an entry: one JSON object, the same for import, export and revisions.

docs/decisions/0003-interchange.md says what it holds and how a founding member's place is kept in it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from directory.members.entry import (
    AlternateName,
    NewClaim,
    NewContact,
    NewMember,
    NewOffering,
    NewRegistration,
    NewSignature,
    NewSource,
)
from directory.members.facts import named_fact, with_places
from directory.members.models import Member, MemberContact, Offering, Signature
from directory.members.parsing import parse_record
from directory.members.vocab import NameKind

__all__ = ["Record", "as_new_member", "as_record", "differences", "parse_record"]

Record = dict[str, Any]
_PLAIN_NAMES = frozenset({NameKind.OFFICIAL, NameKind.TRANSLATION})


def as_new_member(member: Member) -> NewMember:
    """Return a stored entry as values, offering numbers and contact included."""
    return NewMember(
        kind=member.kind,
        names=member.name_texts,
        slug=member.slug,
        type=member.type,
        country=member.country,
        city=member.city,
        address=member.address,
        zones=tuple(member.zones),
        sectors=tuple(member.sectors),
        joined_on=member.joined_on,
        languages=tuple(member.languages),
        summaries=member.summary_texts,
        alternate_names=tuple(AlternateName(n.tag, n.name, NameKind(n.kind)) for n in member.names if n.kind not in _PLAIN_NAMES),
        website=member.website,
        founded=member.founded,
        contact=_as_new_contact(member.contact),
        registrations=tuple(NewRegistration(r.scheme, r.value, r.checked_on) for r in member.registrations),
        claims=tuple(NewClaim(c.title, c.issuer, c.number, c.valid_until, c.seen_on) for c in member.claims),
        offerings=tuple(_as_new_offering(offering) for offering in member.offerings),
        sources=tuple(NewSource(s.fact, s.address) for s in member.sources),
        signature=_as_new_signature(member.signature),
        demonstration=member.demonstration,
        named_on=member.named_on,
        named_order=member.named_order,
    )


def as_record(entry: NewMember | Member, *, contact: bool = False) -> Record:
    """Return an entry in the interchange format, its keys in the order of the format; what is optional and empty is left out.

    contact: with the contact person, which is personal data.
    """
    new = as_new_member(entry) if isinstance(entry, Member) else entry
    optional = {
        "sectors": list(new.sectors),
        "website": new.website,
        "contact": _contact_record(new.contact) if contact else None,
        "founded": new.founded,
        "alternate_names": [{"tag": n.tag, "name": n.name, "kind": str(n.kind)} for n in new.alternate_names],
        "registrations": [{"scheme": r.scheme, "value": r.value, "checked_on": _iso(r.checked_on)} for r in new.registrations],
        "address": new.address,
        "signature": _signature_record(new.signature),
        "claims": [_claim_record(claim) for claim in new.claims],
    }
    record = {
        "slug": new.slug,
        "kind": str(new.kind),
        "type": new.type and str(new.type),
        "country": new.country,
        "city": new.city,
        "zones": list(new.zones),
        "joined_on": _iso(new.joined_on),
        "languages": list(new.languages),
        "names": dict(new.names),
        "summaries": dict(new.summaries),
        **{key: value for key, value in optional.items() if value},
        "offerings": [_offering_record(offering) for offering in new.offerings],
    }
    if sources := [{"fact": s.fact, "address": s.address} for s in named_fact(new, with_places(new))]:
        record["sources"] = sources
    if new.demonstration:
        record["demonstration"] = True
    if new.slug is None:
        del record["slug"]
    return record


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return {key: (old, new)} of what differs between two records; the order of texts counts, since the first leads."""
    keys = dict.fromkeys((*old, *new))
    return {key: (old.get(key), new.get(key)) for key in keys if _ordered(old.get(key)) != _ordered(new.get(key))}


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _ordered(entry)) for key, entry in value.items()]
    return [_ordered(entry) for entry in value] if isinstance(value, list) else value


def _as_new_offering(offering: Offering) -> NewOffering:
    return NewOffering(
        titles=offering.titles,
        category=offering.category,
        descriptions=offering.descriptions,
        sectors=tuple(offering.sectors),
        serves=tuple(offering.serves),
        languages=tuple(offering.languages),
        delivery=offering.delivery_kinds,
        fee=offering.fee,
        direction=offering.direction,
        data=offering.data,
        number=offering.number,
    )


def _as_new_contact(kept: MemberContact | None) -> NewContact | None:
    return None if kept is None else NewContact(kept.name, kept.email, kept.phone, kept.locale, kept.shown)


def _as_new_signature(kept: Signature | None) -> NewSignature | None:
    if kept is None:
        return None
    return NewSignature(kept.statement_version, kept.tag, kept.signed_on, kept.signed_by, kept.capacity, kept.certificate)


def _offering_record(offering: NewOffering) -> Record:
    record: Record = {
        "title": dict(offering.titles),
        "description": dict(offering.descriptions),
        "category": offering.category,
        "sectors": list(offering.sectors),
        "serves": list(offering.serves),
        "languages": list(offering.languages),
        "delivery": [str(way) for way in offering.delivery],
        "fee": offering.fee and str(offering.fee),
        "direction": offering.direction and str(offering.direction),
    }
    return {**record, "data": offering.data} if offering.data else record


def _contact_record(contact: NewContact | None) -> Record | None:
    if contact is None:
        return None
    return {key: value for key in ("name", "email", "phone") if (value := getattr(contact, key))}


def _signature_record(signature: NewSignature | None) -> Record | None:
    if signature is None:
        return None
    return {
        "statement_version": signature.statement_version,
        "tag": signature.tag,
        "signed_on": _iso(signature.signed_on),
        "by": signature.signed_by,
        "capacity": signature.capacity,
        "certificate": signature.certificate,
    }


def _claim_record(claim: NewClaim) -> Record:
    return {
        "title": claim.title,
        "issuer": claim.issuer,
        "number": claim.number,
        "valid_until": _iso(claim.valid_until),
        "seen_on": _iso(claim.seen_on),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
