"""What every change of a member has in common: its turn, the state that was seen, the new revision, event and note."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.audit import Actor, record
from directory.db import take_turn
from directory.errors import Conflict, WrongStatus
from directory.members import rules
from directory.members.entry import NewMember
from directory.members.interchange import as_record, differences
from directory.members.models import EntryRevision, Member, OldSlug
from directory.members.refill import refill
from directory.members.slugs import require_free
from directory.members.vocab import MERGED
from directory.search.changes import note_changes

Changes = dict[str, tuple[Any, Any]]


def lock_as_it_is(session: Session, member: Member) -> None:
    """Wait for a turn, then read the member as it is now."""
    take_turn(session)
    session.refresh(member)


def lock_heir(session: Session, member: Member) -> Member:
    """Wait for a turn and return the member as it is now, or the one that it was merged into."""
    lock_as_it_is(session, member)
    if not member.is_merged:
        return member
    heir = member.heir
    session.refresh(heir)
    return heir


def lock(session: Session, member: Member, *, seen_version: int) -> None:
    """Wait for a turn, then read the member as it is now and compare it with what was seen.

    Raises Conflict where it changed since, WrongStatus where it was merged into another one: then it is history.
    """
    lock_as_it_is(session, member)
    if member.version != seen_version:
        raise Conflict(f"member {member.slug} has version {member.version}, seen was {seen_version}")
    if member.is_merged:
        raise WrongStatus(MERGED, "change")


def publish(session: Session, member: Member, new: NewMember, *, by: Actor, note: str, now: datetime) -> EntryRevision:
    """Put an entry that keeps the rules, its offerings numbered, into the member's rows, and keep it as a revision.

    A slug that is given leaves the old one as a redirect. Raises Invalid where it belongs to another member.
    """
    slug = _claim_slug(session, member, new.slug or member.slug)
    refill(session, member, new)
    member.slug = slug
    member.published_revision = (member.published_revision or 0) + 1
    revision = EntryRevision(
        member_id=member.id,
        number=member.published_revision,
        content=as_record(new),
        published_at=now,
        published_by=rules.account_of(by),
        note=note,
    )
    session.add(revision)
    return revision


def told(old: NewMember, new: NewMember, *, note: str = "") -> Changes:
    """Return what the audit is told of an entry that changed."""
    changes = differences(as_record(old), as_record(new))
    if new.contact != old.contact:
        changes["contact"] = (rules.contact_values(old.contact), rules.contact_values(new.contact))
    return {**changes, **({"note": (None, note)} if note else {})}


def finish(session: Session, member: Member, verb: str, *, by: Actor, now: datetime, changes: Changes) -> None:
    """Write the new row version, the event and the note for the index."""
    member.updated_at = now
    flag_modified(member, "updated_at")
    session.flush()
    record(session, f"member.{verb}", by=by, subject=subject(member.slug), now=now, changes=changes)
    note_changes(session, [member.id])


def subject(slug: str | None) -> tuple[str, str]:
    """Name a member in the audit."""
    return ("member", slug or "")


def _claim_slug(session: Session, member: Member, slug: str) -> str:
    """Return `slug`, which the member may now take; the one it leaves redirects from then on. Raises Invalid."""
    if slug != member.slug:
        require_free(session, slug, for_member=member.id)
        if own := session.get(OldSlug, slug):
            session.delete(own)
        session.add(OldSlug(slug=member.slug, member_id=member.id))
    return slug
