"""Putting another entry into the rows of a member that exists; offerings keep their rows."""

from sqlalchemy.orm import Session

from directory.members import rows
from directory.members.entry import NewContact, NewMember
from directory.members.models import (
    Claim,
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
)


def refill(session: Session, member: Member, new: NewMember) -> None:
    """Make the rows of `member` say what `new` says. new: with a number on each offering."""
    numbers = {offering.number for offering in new.offerings}
    for parts in (member.names, member.marks, member.summaries, member.registrations, member.claims, member.sources):
        parts.clear()
    member.offerings = [offering for offering in member.offerings if offering.number in numbers]
    for kept in member.offerings:
        kept.texts.clear()
    session.flush()
    for name, value in rows.entry_row(new).items():
        setattr(member, name, value)
    member.names = [MemberName(**row) for row in rows.name_rows(new)]
    member.marks = [MemberMark(**row) for row in rows.marks_of_entry(new)]
    member.summaries = [MemberSummary(**row) for row in rows.summary_rows(new)]
    member.registrations = [Registration(**row) for row in rows.registration_rows(new)]
    member.claims = [Claim(**row) for row in rows.claim_rows(new)]
    member.sources = [Source(**row) for row in rows.source_rows(new)]
    _refill_offerings(member, new)
    _refill_signature(member, new)
    refill_contact(member, new.contact)


def refill_contact(member: Member, contact: NewContact | None) -> None:
    """Make the contact of `member` say what `contact` says, or remove it."""
    if contact is None:
        member.contact = None
        return
    member.contact = member.contact or MemberContact()
    for name in ("name", "email", "phone", "locale", "shown"):
        setattr(member.contact, name, getattr(contact, name))


def _refill_offerings(member: Member, new: NewMember) -> None:
    kept = {offering.number: offering for offering in member.offerings}
    offerings = []
    for place, values in enumerate(new.offerings, 1):
        offering = kept.get(values.number or 0) or Offering(number=values.number)
        offering.position = place
        for name, value in rows.offering_row(values).items():
            setattr(offering, name, value)
        offering.texts = [OfferingText(**row) for row in rows.offering_text_rows(values)]
        offerings.append(offering)
    member.offerings = offerings
    member.offerings_used = max([member.offerings_used, *(offering.number for offering in offerings)])


def _refill_signature(member: Member, new: NewMember) -> None:
    for row in rows.signature_rows(new):
        member.signature = member.signature or Signature()
        for name, value in row.items():
            setattr(member.signature, name, value)
