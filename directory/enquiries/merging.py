"""What becomes of enquiries and notices when a member is merged into another (members.merging.Follower)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.enquiries.models import Enquiry, Notice
from directory.members.models import Member


def lock(session: Session, members: Sequence[Member]) -> None:
    """Lock the notices and enquiries about these members."""
    ids = [member.id for member in members]
    session.execute(select(Notice.id).where(Notice.member_id.in_(ids)).order_by(Notice.id).with_for_update()).all()
    session.execute(select(Enquiry.id).where(Enquiry.member_id.in_(ids)).order_by(Enquiry.id).with_for_update()).all()


def follow(session: Session, member: Member, into: Member) -> Mapping[str, int]:
    """Let all of them be about `into`, the open notices among them, so that they are dealt with there."""
    notices = session.scalars(select(Notice).where(Notice.member_id == member.id)).all()
    enquiries = session.scalars(select(Enquiry).where(Enquiry.member_id == member.id)).all()
    for notice in notices:
        notice.member_id = into.id
    for enquiry in enquiries:
        enquiry.member_id = into.id
    return {"notices": len(notices), "enquiries": len(enquiries)}
