"""Members that may be the same organisation, for a clerk to compare."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from directory.members.alike import Degree, Match, degree_of, find_alike
from directory.members.entry import NewMember
from directory.members.marks import marks_of
from directory.members.models import Member, MemberMark

SHOWN_MOST = 10


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
    names = (*new.names.values(), *(other.name for other in new.alternate_names))
    marks = marks_of(names=names, website=new.website, numbers=(row.value for row in new.registrations))
    alike = find_alike(session, MemberMark.member_id, marks)
    rank = list(Degree)
    ids = sorted(alike.keys() - set(but), key=lambda id_: (rank.index(degree_of(alike[id_])), id_))
    statement = select(Member).where(Member.id.in_(ids[: 2 * SHOWN_MOST])).options(selectinload(Member.names))
    found = {member.id: member for member in session.scalars(statement) if not member.is_merged}
    return [Candidate(found[id_], alike[id_]) for id_ in ids if id_ in found][:SHOWN_MOST]
