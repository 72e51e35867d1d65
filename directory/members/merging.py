"""Merging a duplicate into the member that it repeats: one transaction, and no way back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.audit import Actor
from directory.consents.queries import may_be_listed, may_share_contact
from directory.errors import Invalid, NotAllowed, WrongStatus
from directory.members import changing, rules
from directory.members.combined import combine
from directory.members.entry import NewMember
from directory.members.interchange import as_new_member
from directory.members.models import OFFERINGS_MAX, Member, Merge, OldSlug
from directory.members.numbering import number_offerings
from directory.members.vocab import MERGED, Standing


class Follower(Protocol):
    """A package that keeps rows about members; `app.py` names them."""

    def lock(self, session: Session, members: Sequence[Member]) -> None:
        """Lock the rows that `follow` may change: before the turn, since whoever changes one locks it before the turn."""
        ...

    def follow(self, session: Session, member: Member, into: Member) -> Mapping[str, int]:
        """Let the rows about `member` be about `into`; return how many of each kind there were, for the audit."""
        ...


def merge(
    session: Session,
    member: Member,
    *,
    into: Member,
    offerings: Collection[int],
    note: str,
    followers: Sequence[Follower],
    by: Actor,
    seen_version: int,
    seen_into: int,
    now: datetime,
) -> None:
    """Merge `member`, which ends with that, into the member that it repeats.

    offerings: numbers of its offerings that the other one takes over. note: plain text, 10 to 2000 characters, for
    colleagues. seen_version, seen_into: versions of both as they were seen; Conflict where either changed since.
    Raises WrongStatus where one of them was merged before, Invalid or NotAllowed where a rule forbids it
    (docs/decisions/0016).
    """
    for follower in followers:
        follower.lock(session, (member, into))
    for one, seen in ((member, seen_version), (into, seen_into)):
        changing.lock(session, one, seen_version=seen)
    note = rules.require_reason(note)
    require_may_merge(session, member, into)
    moved = {kind: n for follower in followers for kind, n in follower.follow(session, member, into).items() if n}
    old = as_new_member(into)
    new = _taken_over(session, member, into, old, offerings)
    before, member.contact = str(member.standing), None
    if new.signature != old.signature:
        member.signature = None
    _end(session, member, into, by=by, now=now)
    session.flush()  # a certificate has one owner at a time
    changing.publish(session, into, new, by=by, note=note, now=now)
    kept = {name: (None, number) for name, number in moved.items()}
    changes: changing.Changes = {**changing.told(old, new, note=note), **kept, "merged": (None, member.slug)}
    changing.finish(session, into, "merge", by=by, now=now, changes=changes)
    told: changing.Changes = {"standing": (before, MERGED), "into": (None, into.slug), "note": (None, note)}
    changing.finish(session, member, "merge_into", by=by, now=now, changes=told)


def require_may_merge(session: Session, member: Member, into: Member) -> None:
    """Refuse to merge what must stay apart.

    Raises Invalid with one of the reasons `itself`, `standing` (the one that stays must be in good standing) and
    `demonstration` (an invented and a real organisation), WrongStatus where either was merged before, NotAllowed where
    the organisation took back the consent to be listed.
    """
    if member.is_merged or into.is_merged:
        raise WrongStatus(MERGED, "merge")
    if member.id == into.id:
        raise Invalid("into", "itself")
    if into.standing != Standing.GOOD:
        raise Invalid("into", "standing")
    if member.demonstration != into.demonstration:
        raise Invalid("into", "demonstration")
    if rules.is_off_by_own_wish(member) or not may_be_listed(session, member.id):
        raise NotAllowed("own_wish")


def room_for(into: Member) -> int:
    """Return how many offerings a member can still take over."""
    return OFFERINGS_MAX - len(into.offerings)


def former_slugs(session: Session, member: Member) -> list[str]:
    """Return the addresses that lead to a member beside its own, those of entries that were merged into it too."""
    ids = [member.id, *session.scalars(select(Merge.member_id).where(Merge.into_id == member.id))]
    old = session.scalars(select(OldSlug.slug).where(OldSlug.member_id.in_(ids)))
    return sorted({*old, *session.scalars(select(Member.slug).where(Member.id.in_(ids[1:])))})


def _taken_over(session: Session, member: Member, into: Member, old: NewMember, offerings: Collection[int]) -> NewMember:
    """Return the entry that stays as it is then: a contact that nobody may share any more is not shown."""
    new = combine(old, as_new_member(member), offerings=offerings, used=into.offerings_used)
    if new.contact is not None and new.contact.shown and not may_share_contact(session, into.id):
        new = replace(new, contact=replace(new.contact, shown=False))
    rules.check_entry(new)
    return number_offerings(new, known=[offering.number for offering in into.offerings], used=into.offerings_used)


def _end(session: Session, member: Member, into: Member, *, by: Actor, now: datetime) -> None:
    """Let a member end in another, and whatever was merged into it before as well, so that no way has two steps."""
    session.execute(update(Merge).where(Merge.into_id == member.id).values(into_id=into.id))
    member.merge = Merge(into_id=into.id, at=now, by=rules.account_of(by))
    member.standing, member.standing_reason, member.standing_since = Standing.ENDED, MERGED, now
