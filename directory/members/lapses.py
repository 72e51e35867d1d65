"""Terms that begin or lapse by the calendar alone: nobody writes anything, so the index has to be told."""

from datetime import date

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import Session

from directory.db import Ledger, take_turn
from directory.members.models import Member
from directory.members.queries import visible
from directory.search.changes import note_changes


def sweep_terms(session: Session, *, today: date) -> int:
    """Tell the index whom the calendar hid or showed since the last sweep; return how many. Cheap when done today."""
    if session.scalar(select(Ledger.swept_on).where(Ledger.id == 1)) == today:
        return 0
    ledger = take_turn(session)
    since, ledger.swept_on = ledger.swept_on, today
    if since is None:  # of a database that was written before this day was kept: nobody knows what an index has
        ids = list(session.scalars(select(Member.id).where(Member.published_revision.is_not(None)).order_by(Member.id)))
        note_changes(session, ids)
        return len(ids)
    return note_lapsed_terms(session, since=since, today=today)


def note_lapsed_terms(session: Session, *, since: date, today: date) -> int:
    """Note a change of each member that was public on `since` and is not on `today`, or the reverse; return how many."""
    before, after = visible(since), visible(today)
    crossed = or_(and_(before, not_(after)), and_(not_(before), after))
    ids = list(session.scalars(select(Member.id).where(crossed).order_by(Member.id)))
    if ids:
        note_changes(session, ids)
    return len(ids)
