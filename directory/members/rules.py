"""What an entry and a standing must fulfil."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.audit import Actor
from directory.consents.queries import may_be_listed, may_share_contact
from directory.errors import Invalid, NotAllowed
from directory.i18n.weight import text_weight
from directory.members.entry import NewContact, NewMember, NewSignature
from directory.members.flaws import Flaw, Flawed
from directory.members.interchange import as_record, parse_record
from directory.members.models import REASON_MAX, Member, Signature
from directory.members.parsing import FOUNDED_LOW
from directory.members.vocab import OWN_WISH, Standing

REASON_MIN = 10
STANDING_FROM = {
    Standing.SUSPENDED: {Standing.GOOD},
    Standing.RESIGNED: {Standing.GOOD, Standing.SUSPENDED},
    Standing.ENDED: {Standing.GOOD, Standing.SUSPENDED},
    Standing.GOOD: {Standing.SUSPENDED, Standing.RESIGNED, Standing.ENDED},
}
"""{standing: those it can follow}"""


def check_entry(new: NewMember) -> None:
    """Hold an entry against every rule of the interchange format, wherever it comes from. Raises Invalid."""
    parse_record(as_record(new, contact=True))


def require_past(new: NewMember, old: NewMember | None = None, *, today: date) -> None:
    """Refuse days that have not come, and a year of founding after this one. Raises Invalid.

    old: the entry before; what it said already is left alone.
    """
    if new.joined_on and new.joined_on > today and (old is None or new.joined_on != old.joined_on):
        raise Flawed("joined_on", Flaw.FUTURE)
    if new.signature and new.signature.signed_on > today and (old is None or new.signature != old.signature):
        raise Flawed("signature.signed_on", Flaw.FUTURE)
    if new.founded and new.founded > today.year and (old is None or new.founded != old.founded):
        raise Flawed("founded", Flaw.NOT_YEAR, low=FOUNDED_LOW, high=today.year)


def require_first_term(member: Member, new: NewMember) -> None:
    """Refuse a day of joining on which the first term could not begin: after its end, or when the next began. Raises Invalid."""
    if new.joined_on is None or new.joined_on == member.joined_on or not member.terms:
        return
    first, *others = member.terms
    if (first.ends_on and new.joined_on > first.ends_on) or any(new.joined_on >= term.starts_on for term in others):
        raise Flawed("joined_on", Flaw.AFTER_TERM)


def require_reason(reason: str) -> str:
    """Return the reason, trimmed. Raises Invalid if it says less than 10 letters do, or has more than 2000 characters."""
    text = reason.strip()
    if not (text_weight(text) >= REASON_MIN and len(text) <= REASON_MAX):
        raise Invalid("reason", f"must have {REASON_MIN} to {REASON_MAX} characters")
    return text


def require_own_certificate(session: Session, signature: NewSignature, *, for_member: int | None = None) -> None:
    """Refuse a certificate number that another member has. Raises Invalid."""
    if signature.certificate is None:
        return
    owner = session.scalar(select(Signature.member_id).where(Signature.certificate == signature.certificate))
    if owner not in {None, for_member}:
        raise Flawed("signature.certificate", Flaw.OF_ANOTHER)


def is_off_by_own_wish(member: Member) -> bool:
    """Say whether the member is off the directory because it took its consent back, not because staff suspended it."""
    return member.standing == Standing.SUSPENDED and member.standing_reason == OWN_WISH


def may_restore(session: Session, member: Member) -> bool:
    """Say whether staff may bring an entry back: not one that was merged into another.

    Where the organisation took its consent back, be it meanwhile, only itself may.
    """
    return not member.is_merged and not is_off_by_own_wish(member) and may_be_listed(session, member.id)


def require_may_restore(session: Session, member: Member) -> None:
    """Raise NotAllowed where `may_restore` says no."""
    if not may_restore(session, member):
        raise NotAllowed("own_wish")


def require_leave(session: Session, member: Member, contact: NewContact | None) -> None:
    """Refuse to show a contact whose consent was taken back or never given. Raises Invalid."""
    if contact is not None and contact.shown and not may_share_contact(session, member.id):
        raise Flawed("contact.shown", Flaw.NO_CONSENT)


def account_of(by: Actor) -> str | None:
    """Return the public id of the staff account that acts, if it is one."""
    return by.id if by.kind == "staff" else None


def contact_values(contact: NewContact | None) -> dict[str, Any] | None:
    """Return a contact as the audit keeps it."""
    return None if contact is None else {key: value for key, value in asdict(contact).items() if value}
