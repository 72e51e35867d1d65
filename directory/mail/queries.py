"""Reading the outbox as a whole."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.mail.models import LetterState, OutboxLetter

_COUNTS = select(OutboxLetter.__table__.c.state, func.count()).group_by(OutboxLetter.__table__.c.state)


def count_by_state(session: Session) -> dict[LetterState, int]:
    """Count the letters of the outbox in each state, those without any included."""
    rows = session.connection().execute(_COUNTS)
    return dict.fromkeys(LetterState, 0) | {LetterState(state): number for state, number in rows}
