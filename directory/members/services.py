"""The only writers of members: each writes the rows, the audit event and the note for the index in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.audit import Actor, record
from directory.db import take_turn
from directory.errors import Invalid, WrongStatus
from directory.members import changing, rules
from directory.members.entry import NewContact, NewMember, NewSignature
from directory.members.interchange import as_new_member, as_record
from directory.members.models import EntryRevision, Member
from directory.members.numbering import number_offerings
from directory.members.refill import refill_contact
from directory.members.rows import Entry, insert_entries, new_certificate
from directory.members.slugs import free_slug, require_free, slug_from
from directory.members.vocab import OWN_WISH, Standing
from directory.search.changes import note_changes


def admit(
    session: Session, new: NewMember, *, by: Actor, now: datetime, term_ends_on: date | None = None, note: str = ""
) -> Member:
    """Make a member of an entry: slug, certificate of its signature, term and first revision.

    term_ends_on: last day of its first term; none: until further notice. note: kept with the revision.
    Raises Invalid if a value breaks a rule or if its slug or certificate belongs to another member.
    """
    rules.require_past(new, today=now.date())
    rules.check_entry(new)
    take_turn(session)
    entry = prepare(session, new, now=now, term_ends_on=term_ends_on)
    [member] = admit_prepared(session, [entry], by=by, now=now, note=note)
    changes = {"entry": (None, as_record(entry.new, contact=True)), **({"note": (None, note)} if note else {})}
    record(session, "member.admit", by=by, subject=changing.subject(entry.new.slug), now=now, changes=changes)
    return session.get_one(Member, member)


def prepare(session: Session, new: NewMember, *, now: datetime, term_ends_on: date | None = None) -> Entry:
    """Settle slug, offering numbers and certificate of an entry that keeps the rules; writes nothing. Raises Invalid."""
    if new.slug is None:
        new = replace(new, slug=free_slug(session, slug_from(new.names)))
    else:
        require_free(session, new.slug)
    new = number_offerings(new)
    if new.signature:
        rules.require_own_certificate(session, new.signature)
        certificate = new.signature.certificate or new_certificate(session)
        new = replace(new, signature=replace(new.signature, certificate=certificate))
    starts_on = min(new.joined_on or new.named_on or now.date(), now.date())
    if term_ends_on is not None and term_ends_on < starts_on:
        raise Invalid("term_ends_on", "is before the term begins")
    return Entry(new, as_record(new), starts_on, term_ends_on)


def admit_prepared(session: Session, entries: Sequence[Entry], *, by: Actor, now: datetime, note: str = "") -> list[int]:
    """Store prepared entries and tell the index; return their row numbers. The caller records the event."""
    ids = insert_entries(session, entries, now=now, published_by=rules.account_of(by), note=note)
    note_changes(session, ids)
    return ids


def correct(
    session: Session, member: Member, new: NewMember, *, by: Actor, note: str, seen_version: int, now: datetime
) -> EntryRevision:
    """Publish a corrected entry as a new revision.

    An offering with a `number` stays the one it was; one without is new. A new slug leaves the old one as a redirect;
    none keeps it. No contact keeps the one there is (`set_contact` removes it), and so does no signature. The first term
    begins on the day that the member joined, where that was corrected.
    Raises Invalid if a value breaks a rule, Conflict if the member changed since `seen_version`.
    """
    changing.lock(session, member, seen_version=seen_version)
    old = as_new_member(member)
    new = replace(new, slug=new.slug or old.slug, contact=new.contact or old.contact)
    new = replace(new, signature=_signature_kept(session, member, old, new))
    rules.require_past(new, old, today=now.date())
    rules.check_entry(new)
    rules.require_first_term(member, new)
    rules.require_leave(session, member, new.contact)
    new = number_offerings(new, known=[offering.number for offering in member.offerings], used=member.offerings_used)
    revision = changing.publish(session, member, new, by=by, note=note, now=now)
    changes = {**changing.told(old, new, note=note), **_move_first_term(member, old, new)}
    changing.finish(session, member, "correct", by=by, now=now, changes=changes)
    return revision


def set_contact(
    session: Session, member: Member, contact: NewContact | None, *, by: Actor, seen_version: int, now: datetime
) -> None:
    """Change whom to reach, or remove the contact. Raises Conflict if the member changed since `seen_version`."""
    changing.lock(session, member, seen_version=seen_version)
    old = as_new_member(member)
    rules.check_entry(replace(old, contact=contact))
    rules.require_leave(session, member, contact)
    refill_contact(member, contact)
    changes = {"contact": (rules.contact_values(old.contact), rules.contact_values(contact))}
    changing.finish(session, member, "set_contact", by=by, now=now, changes=changes)


def confirm(session: Session, member: Member, *, by: Actor, seen_version: int, now: datetime) -> None:
    """Record that the organisation itself has confirmed its entry as it stands.

    Raises Conflict if the member changed since `seen_version`: nobody confirmed what it says now.
    """
    changing.lock(session, member, seen_version=seen_version)
    changes = {"confirmed_on": (member.confirmed_on and member.confirmed_on.isoformat(), now.date().isoformat())}
    member.confirmed_on = now.date()
    changing.finish(session, member, "confirm", by=by, now=now, changes=changes)


def suspend(session: Session, member: Member, *, by: Actor, reason: str, seen_version: int, now: datetime) -> None:
    """Take a member off the public directory for a time.

    reason: plain text, 10 to 2000 characters, for staff and for the member. Raises Invalid if it is not, WrongStatus
    if the member is not in good standing, Conflict if it changed since `seen_version`.
    """
    changing.lock(session, member, seen_version=seen_version)
    _stand(session, member, "suspend", Standing.SUSPENDED, by=by, reason=reason, now=now)


def resign(session: Session, member: Member, *, by: Actor, reason: str, seen_version: int, now: datetime) -> None:
    """Record that a member left of its own will. Arguments and errors as for `suspend`."""
    changing.lock(session, member, seen_version=seen_version)
    _stand(session, member, "resign", Standing.RESIGNED, by=by, reason=reason, now=now)


def end(session: Session, member: Member, *, by: Actor, reason: str, seen_version: int, now: datetime) -> None:
    """Record that a membership was ended by the initiative. Arguments and errors as for `suspend`."""
    changing.lock(session, member, seen_version=seen_version)
    _stand(session, member, "end", Standing.ENDED, by=by, reason=reason, now=now)


def restore(session: Session, member: Member, *, by: Actor, reason: str, seen_version: int, now: datetime) -> None:
    """Bring a member back to good standing. Arguments and errors as for `suspend`; the reason stays in the audit.

    Raises NotAllowed where the organisation itself took its entry off, or took its consent back while the entry was off.
    """
    changing.lock(session, member, seen_version=seen_version)
    rules.require_may_restore(session, member)
    _stand(session, member, "restore", Standing.GOOD, by=by, reason=reason, now=now)


def take_off_list(session: Session, member: Member, *, by: Actor, now: datetime) -> None:
    """Take an entry off the public directory because its organisation no longer agrees; staff cannot put it back.

    It holds whatever the entry says now, so that nobody need have seen it. A member off the directory already stays so.
    Where it was merged into another one, that one is meant, here and in `list_again` and `hide_contact`.
    """
    member = changing.lock_heir(session, member)
    if member.standing == Standing.GOOD:
        _stand(session, member, "take_off_list", Standing.SUSPENDED, by=by, reason=OWN_WISH, now=now)


def list_again(session: Session, member: Member, *, by: Actor, now: datetime) -> None:
    """Put an entry back that left by its organisation's own wish; what staff suspended stays suspended."""
    member = changing.lock_heir(session, member)
    if rules.is_off_by_own_wish(member):
        _stand(session, member, "list_again", Standing.GOOD, by=by, reason=OWN_WISH, now=now)


def hide_contact(session: Session, member: Member, *, by: Actor, now: datetime) -> None:
    """Show the contact to visitors no longer; staff still see it."""
    _show_contact(session, changing.lock_heir(session, member), "hide_contact", shown=False, by=by, now=now)


def show_contact(session: Session, member: Member, *, by: Actor, now: datetime) -> None:
    """Show the contact to visitors again, who agreed to it; never that of an entry this one was merged into."""
    changing.lock_as_it_is(session, member)
    _show_contact(session, member, "show_contact", shown=True, by=by, now=now)


def _show_contact(session: Session, member: Member, verb: str, *, shown: bool, by: Actor, now: datetime) -> None:
    if member.contact is None or member.contact.shown is shown:
        return
    member.contact.shown = shown
    changing.finish(session, member, verb, by=by, now=now, changes={"contact_shown": (not shown, shown)})


def _stand(session: Session, member: Member, verb: str, standing: Standing, *, by: Actor, reason: str, now: datetime) -> None:
    old = Standing(member.standing)
    if old not in rules.STANDING_FROM[standing]:
        raise WrongStatus(old, verb)
    reason = reason if reason == OWN_WISH else rules.require_reason(reason)
    member.standing = standing
    member.standing_reason = "" if standing is Standing.GOOD else reason
    member.standing_since = now
    changes = {"standing": (str(old), str(standing)), "reason": (None, reason)}
    changing.finish(session, member, verb, by=by, now=now, changes=changes)


def _move_first_term(member: Member, old: NewMember, new: NewMember) -> changing.Changes:
    """Let the first term begin on the day that the member joined, if that was corrected; return what changed."""
    if new.joined_on in {None, old.joined_on} or not member.terms:
        return {}
    first = member.terms[0]
    was, first.starts_on = first.starts_on, new.joined_on or first.starts_on
    return {"first_term": (was.isoformat(), first.starts_on.isoformat())}


def _signature_kept(session: Session, member: Member, old: NewMember, new: NewMember) -> NewSignature | None:
    if new.signature is None or new.signature == old.signature:
        return old.signature
    rules.require_own_certificate(session, new.signature, for_member=member.id)
    kept = old.signature.certificate if old.signature else None
    return replace(new.signature, certificate=new.signature.certificate or kept or new_certificate(session))
