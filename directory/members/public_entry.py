"""A whole public entry as its page shows it: the published revision, and the contact who agreed to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from directory.db import connection_to_read
from directory.members.entry import NewClaim, NewContact, NewRegistration, NewSignature, NewSource
from directory.members.facts import parse_named, renumbered
from directory.members.interchange import Record
from directory.members.models import Member, MemberContact
from directory.members.published import ALL_ENTRIES, ENTRIES, Published, published_of, visible_values
from directory.members.vocab import NameKind


class Name(NamedTuple):
    """A name with its language and its kind."""

    tag: str
    name: str
    kind: NameKind


@dataclass(frozen=True)
class PublicEntry:
    """A public member with all that its page shows.

    sources: an offering's names it by its number. contact: none unless the person agreed to be shown, or staff look.
    """

    member: Published
    names: tuple[Name, ...]
    website: str | None
    founded: int | None
    registrations: tuple[NewRegistration, ...]
    claims: tuple[NewClaim, ...]
    sources: tuple[NewSource, ...]
    signature: NewSignature | None
    address: dict[str, Any] | None
    contact: NewContact | None


def load_entry(session: Session, slug: str, *, today: date) -> PublicEntry | None:
    """Return the entry at this address if it is public on `today`, or None; one query."""
    row = connection_to_read(session).execute(_BY_SLUG, {"slug": slug, **visible_values(today)}).first()
    return _entry(row, _contact_of(row) if row.shown else None) if row else None


def load_for_staff(session: Session, id_: int) -> PublicEntry:
    """Return the published state of a member of any standing, with its contact; one query."""
    row = session.connection().execute(_BY_ID, {"id": id_}).one()
    return _entry(row, _contact_of(row) if row.shown is not None else None)


def _entry(row: Any, contact: NewContact | None) -> PublicEntry:
    member = published_of(row)
    content: Record = row.content
    return PublicEntry(
        member=member,
        names=tuple(_names(content)),
        website=content.get("website"),
        founded=content.get("founded"),
        registrations=tuple(
            NewRegistration(r["scheme"], r["value"], _day(r["checked_on"])) for r in content.get("registrations", ())
        ),
        claims=tuple(_claim(raw) for raw in content.get("claims", ())),
        sources=_sources(content, member),
        signature=_signature(content.get("signature")),
        address=content.get("address"),
        contact=contact,
    )


def _contact_of(row: Any) -> NewContact:
    return NewContact(row.contact_name, row.email, row.phone, row.contact_locale, row.shown)


def _with_contact(entries: Select[Any]) -> Select[Any]:
    columns = (_contact.name.label("contact_name"), _contact.email, _contact.phone, _contact.locale.label("contact_locale"))
    return entries.add_columns(*columns, _contact.shown).outerjoin(MemberContact.__table__, _contact.member_id == _member.id)


_member, _contact = Member.__table__.c, MemberContact.__table__.c
_BY_SLUG = _with_contact(ENTRIES).where(_member.slug == bindparam("slug"))
_BY_ID = _with_contact(ALL_ENTRIES).where(_member.id == bindparam("id"))


def _names(content: Record) -> Iterable[Name]:
    kind = NameKind.OFFICIAL
    for tag, name in content["names"].items():
        yield Name(tag, name, kind)
        kind = NameKind.TRANSLATION
    for other in content.get("alternate_names", ()):
        yield Name(other["tag"], other["name"], NameKind(other["kind"]))


def _claim(raw: Record) -> NewClaim:
    return NewClaim(raw["title"], raw["issuer"], raw["number"], _day(raw["valid_until"]), _day(raw["seen_on"]))


def _sources(content: Record, member: Published) -> tuple[NewSource, ...]:
    raw = [NewSource(source["fact"], source["address"]) for source in content.get("sources", ())]
    numbers = {place: offering.number for place, offering in enumerate(member.offerings, 1)}
    return renumbered(parse_named(raw)[0], numbers.get)


def _signature(raw: Record | None) -> NewSignature | None:
    if raw is None:
        return None
    signed_on = date.fromisoformat(raw["signed_on"])
    return NewSignature(raw["statement_version"], raw["tag"], signed_on, raw["by"], raw["capacity"], raw["certificate"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
