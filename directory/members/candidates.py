"""Members that may be the same organisation, for a clerk to compare."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from directory.members.alike import Alike, Degree, Match, degree_of, find_alike, find_alike_each
from directory.members.entry import NewMember
from directory.members.marks import Mark, marks_of
from directory.members.models import Member, MemberMark

SHOWN_MOST = 10
_RANK = list(Degree)


@dataclass(frozen=True)
class Candidate:
    """A member, and why it may be the same."""

    member: Member
    reasons: tuple[Match, ...]

    @property
    def degree(self) -> Degree:
        """How much speaks for it."""
        return degree_of(self.reasons)


def find_candidates(session: Session, new: NewMember, *, but: Collection[int] = ()) -> list[Candidate]:
    """Return the members in any standing that may be this organisation, what is likeliest first.

    but: row numbers of members that are not meant. Those that were merged into another are left out.
    """
    alike = find_alike(session, MemberMark.member_id, entry_marks(new))
    return _candidates(session, [{id_: reasons for id_, reasons in alike.items() if id_ not in set(but)}])[0]


def find_candidates_each(session: Session, entries: Sequence[NewMember]) -> list[list[Candidate]]:
    """Return the same for several entries, in their order, by few questions however many there are."""
    return _candidates(session, find_alike_each(session, MemberMark.member_id, [entry_marks(new) for new in entries]))


def entry_marks(new: NewMember) -> frozenset[Mark]:
    """Return what an organisation can be told by, by its entry."""
    names = (*new.names.values(), *(other.name for other in new.alternate_names))
    return marks_of(names=names, website=new.website, numbers=(row.value for row in new.registrations))


def _candidates(session: Session, alike_of_each: Sequence[Alike]) -> list[list[Candidate]]:
    ordered = [sorted(alike, key=lambda id_: (_RANK.index(degree_of(alike[id_])), id_)) for alike in alike_of_each]
    ids = {id_ for one in ordered for id_ in one[: 2 * SHOWN_MOST]}
    statement = select(Member).where(Member.id.in_(ids)).options(selectinload(Member.names))
    found = {member.id: member for member in session.scalars(statement) if not member.is_merged} if ids else {}
    return [
        [Candidate(found[id_], alike[id_]) for id_ in one if id_ in found][:SHOWN_MOST]
        for one, alike in zip(ordered, alike_of_each, strict=True)
    ]
