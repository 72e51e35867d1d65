"""What becomes of applications and consents when a member is merged into another (members.merging.Follower)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from directory.applications.models import Application
from directory.consents.models import Consent
from directory.members.models import Member


def lock(session: Session, members: Sequence[Member]) -> None:
    """Lock the applications that became these members or that they introduced."""
    about = select(Application.id).where(_is_about([member.id for member in members]))
    session.execute(about.order_by(Application.id).with_for_update()).all()


def follow(session: Session, member: Member, into: Member) -> Mapping[str, int]:
    """Let consents and introductions be those of `into`, and the application too where it became a member by none of its own.

    An application names one member for good: where both applied, each keeps the one that it became.
    """
    consents = session.scalars(select(Consent).where(Consent.member_id == member.id)).all()
    for consent in consents:
        consent.member_id = into.id
    introduced = session.execute(
        update(Application).where(Application.sponsor_id == member.id).values(sponsor_id=into.id).returning(Application.id)
    ).all()
    has_own = session.scalar(select(exists().where(Application.member_id == into.id)))
    own = (
        []
        if has_own
        else session.execute(
            update(Application).where(Application.member_id == member.id).values(member_id=into.id).returning(Application.id)
        ).all()
    )
    return {"consents": len(consents), "introduced": len(introduced), "applications": len(own)}


def _is_about(ids: Sequence[int]) -> ColumnElement[bool]:
    return or_(Application.member_id.in_(ids), Application.sponsor_id.in_(ids))
