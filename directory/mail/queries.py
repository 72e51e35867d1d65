"""Reading the outbox as a whole."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.mail.models import LetterState, OutboxLetter


def count_by_state(session: Session) -> dict[LetterState, int]:
    """Count the letters of the outbox in each state, those without any included."""
    rows = session.execute(select(OutboxLetter.state, func.count()).group_by(OutboxLetter.state))
    return dict.fromkeys(LetterState, 0) | {LetterState(state): number for state, number in rows}
