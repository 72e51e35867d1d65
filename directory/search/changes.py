"""The log that the index follows: each change of something public, in commit order, in the same transaction."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from directory.db import Ledger, Model, take_turn


class Change(Model):
    """Something public about a subject (a member's row number) changed."""

    __tablename__ = "change"

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subject_id: Mapped[int] = mapped_column(BigInteger)


def note_changes(session: Session, subject_ids: Iterable[int]) -> None:
    """Say that what is public about these subjects changed, in the caller's transaction.

    With the first change of all begins the day by which the calendar is heeded.
    """
    ledger = take_turn(session)
    ledger.swept_on = ledger.swept_on or datetime.now(UTC).date()
    rows = []
    for subject_id in subject_ids:
        ledger.change_sequence += 1
        rows.append(Change(sequence=ledger.change_sequence, subject_id=subject_id))
    session.add_all(rows)
    session.flush()


def version(session: Session) -> tuple[str, int]:
    """Return the directory's version: (epoch, last sequence)."""
    row = session.execute(select(Ledger.epoch, Ledger.change_sequence).where(Ledger.id == 1)).first()
    return (row[0], row[1]) if row else ("", 0)


def changed_after(session: Session, sequence: int, *, most: int = 1000) -> list[Change]:
    """Return the next changes after `sequence`, in order."""
    return list(session.scalars(select(Change).where(Change.sequence > sequence).order_by(Change.sequence).limit(most)))
