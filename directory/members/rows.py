"""From an entry's plain values to rows: for one member or for thousands the same way."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from directory.db import Model
from directory.members.entry import NewMember, NewOffering
from directory.members.interchange import Record
from directory.members.marks import mark_rows, marks_of
from directory.members.models import (
    Claim,
    EntryRevision,
    Member,
    MemberContact,
    MemberMark,
    MemberName,
    MemberSummary,
    Offering,
    OfferingText,
    Registration,
    Signature,
    Source,
    Term,
)
from directory.members.vocab import NameKind, Standing, TextAuthor

Row: TypeAlias = dict[str, Any]
CERTIFICATE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""
CERTIFICATE_LENGTH = 10


@dataclass(frozen=True)
class Entry:
    """A member about to be stored. new: its slug, offering numbers and certificate settled; record: the same, to keep."""

    new: NewMember
    record: Record
    starts_on: date
    ends_on: date | None = None


def insert_entries(
    session: Session, entries: Sequence[Entry], *, now: datetime, published_by: str | None = None, note: str = ""
) -> list[int]:
    """Store entries with their first revision and term, a few statements for all of them; return their row numbers."""
    ids = _insert_numbered(session, Member, [_entry_row(entry.new, now) for entry in entries])
    own = list(zip(ids, (entry.new for entry in entries), strict=True))
    for model, rows in (
        (MemberName, name_rows),
        (MemberMark, marks_of_entry),
        (MemberSummary, summary_rows),
        (MemberContact, contact_rows),
        (Registration, registration_rows),
        (Claim, claim_rows),
        (Source, source_rows),
        (Signature, signature_rows),
    ):
        _insert(session, model, ({"member_id": id_, **row} for id_, new in own for row in rows(new)))
    _insert_offerings(session, own)
    kept = list(zip(ids, entries, strict=True))
    _insert(session, Term, ({"member_id": i, "starts_on": e.starts_on, "ends_on": e.ends_on} for i, e in kept))
    revision: Row = {"number": 1, "published_at": now, "published_by": published_by, "note": note}
    _insert(session, EntryRevision, ({"member_id": i, "content": e.record, **revision} for i, e in kept))
    return ids


def _insert(session: Session, model: type[Model], rows: Iterable[Row]) -> None:
    if found := list(rows):
        session.execute(insert(_table(model)), found)


def _table(model: type[Model]) -> Table:
    """Return the plain table: inserting into it costs half of what the mapped class does."""
    return cast("Table", model.__table__)


def _insert_numbered(session: Session, model: type[Member | Offering], rows: Sequence[Row]) -> list[int]:
    """Insert rows and return their numbers in the same order."""
    table = _table(model)
    return list(session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows))


def _insert_offerings(session: Session, own: Sequence[tuple[int, NewMember]]) -> None:
    flat = [(id_, place, offering) for id_, new in own for place, offering in enumerate(new.offerings, 1)]
    if not flat:
        return
    rows = [{"member_id": id_, "position": place, "number": o.number, **offering_row(o)} for id_, place, o in flat]
    ids = _insert_numbered(session, Offering, rows)
    texts = ({"offering_id": i, **row} for i, (_, _, o) in zip(ids, flat, strict=True) for row in offering_text_rows(o))
    _insert(session, OfferingText, texts)


def entry_row(new: NewMember) -> Row:
    """Return the columns of `member` that an entry decides."""
    return {
        "kind": new.kind,
        "type": new.type,
        "country": new.country,
        "city": new.city,
        "address": new.address,
        "website": new.website,
        "founded": new.founded,
        "languages": list(new.languages),
        "zones": list(new.zones),
        "sectors": list(new.sectors),
        "joined_on": new.joined_on,
        "named_on": new.named_on,
        "named_order": new.named_order,
        "demonstration": new.demonstration,
    }


def _entry_row(new: NewMember, now: datetime) -> Row:
    return {
        "slug": new.slug,
        **entry_row(new),
        "standing": Standing.GOOD,
        "standing_reason": "",
        "published_revision": 1,
        "offerings_used": max((offering.number or 0 for offering in new.offerings), default=0),
        "created_at": now,
        "updated_at": now,
        "version": 1,
    }


def name_rows(new: NewMember) -> list[Row]:
    """Rows of `member_name`: the official name first."""
    first = next(iter(new.names))
    plain = [(NameKind.OFFICIAL if tag == first else NameKind.TRANSLATION, tag, name) for tag, name in new.names.items()]
    other = [(n.kind, n.tag, n.name) for n in new.alternate_names]
    return [{"position": p, "kind": kind, "tag": tag, "name": name} for p, (kind, tag, name) in enumerate([*plain, *other], 1)]


def marks_of_entry(new: NewMember) -> list[Row]:
    """Rows of `member_mark`: what the member can be told by."""
    names = (*new.names.values(), *(other.name for other in new.alternate_names))
    return mark_rows(marks_of(names=names, website=new.website, numbers=(r.value for r in new.registrations)))


def summary_rows(new: NewMember) -> list[Row]:
    """Rows of `member_summary`."""
    return [
        {"position": place, "tag": tag, "text": text, "author": TextAuthor.MEMBER}
        for place, (tag, text) in enumerate(new.summaries.items(), 1)
    ]


def contact_rows(new: NewMember) -> list[Row]:
    """Rows of `member_contact`: one or none."""
    contact = new.contact
    if contact is None:
        return []
    return [{name: getattr(contact, name) for name in ("name", "email", "phone", "locale", "shown")}]


def registration_rows(new: NewMember) -> list[Row]:
    """Rows of `registration`."""
    return [
        {"position": place, "scheme": r.scheme, "value": r.value, "checked_on": r.checked_on}
        for place, r in enumerate(new.registrations, 1)
    ]


def claim_rows(new: NewMember) -> list[Row]:
    """Rows of `claim`."""
    return [
        {
            "position": place,
            "title": c.title,
            "issuer": c.issuer,
            "number": c.number,
            "valid_until": c.valid_until,
            "seen_on": c.seen_on,
        }
        for place, c in enumerate(new.claims, 1)
    ]


def source_rows(new: NewMember) -> list[Row]:
    """Rows of `source`."""
    return [{"position": place, "fact": s.fact, "address": s.address} for place, s in enumerate(new.sources, 1)]


def signature_rows(new: NewMember) -> list[Row]:
    """Rows of `signature`: one or none."""
    s = new.signature
    if s is None:
        return []
    names = ("statement_version", "tag", "signed_on", "signed_by", "capacity", "certificate")
    return [{name: getattr(s, name) for name in names}]


def offering_row(offering: NewOffering) -> Row:
    """Return the columns of `offering` that an entry decides."""
    return {
        "category": offering.category,
        "sectors": list(offering.sectors),
        "serves": list(offering.serves),
        "languages": list(offering.languages),
        "delivery": [str(way) for way in offering.delivery],
        "fee": offering.fee,
        "direction": offering.direction,
        "data": offering.data,
    }


def offering_text_rows(offering: NewOffering) -> list[Row]:
    """Rows of `offering_text`: title and description of a language together, the owner's language first."""
    tags = dict.fromkeys((*offering.titles, *offering.descriptions))
    return [
        {
            "position": place,
            "tag": tag,
            "title": offering.titles.get(tag, ""),
            "description": offering.descriptions.get(tag, ""),
        }
        for place, tag in enumerate(tags, 1)
    ]


def new_certificate(session: Session) -> str:
    """Make a certificate number that nobody has: short enough to read out, too many to guess."""
    while True:
        number = "C-" + "".join(secrets.choice(CERTIFICATE_LETTERS) for _ in range(CERTIFICATE_LENGTH))
        if session.scalar(select(Signature.member_id).where(Signature.certificate == number)) is None:
            return number
