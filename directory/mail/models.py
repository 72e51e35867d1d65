"""The outbox: letters that are to go out, that went, or that could not; and the texts of letters that were edited."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Key, Model, Tag, new_public_id

SUBJECT_MAX = 300
BODY_MAX = 20_000
"""of a text that somebody types; what is put in its placeholders comes on top"""


class LetterState(StrEnum):
    """Where a letter stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class OutboxLetter(Model):
    """A letter as it goes out. `public_id` names it in its Message-ID, the same at each attempt."""

    __tablename__ = "outbox_letter"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(s)) for s in LetterState)})", name="state"),
        Index("ix_outbox_letter_due", "state", "next_attempt_at"),
        Index("ix_outbox_letter_subject_row", "subject_kind", "subject_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    template: Mapped[str] = mapped_column(String(64))
    locale: Mapped[Tag]
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    reply_to: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX))
    body: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(String(32), default="")
    subject_id: Mapped[str] = mapped_column(String(160), default="")
    """what the letter is about, as in the audit"""
    state: Mapped[LetterState] = mapped_column(String(16), default=LetterState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class LetterText(Model):
    """A version of a letter's text as an administrator left it; the newest counts. Without text: the built-in one again."""

    __tablename__ = "letter_text"
    __table_args__ = (
        UniqueConstraint("template", "locale", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(subject IS NULL) = (body IS NULL)", name="whole"),
    )

    id: Mapped[Key]
    template: Mapped[str] = mapped_column(String(64))
    locale: Mapped[Tag]
    version: Mapped[int]
    subject: Mapped[str | None] = mapped_column(String(SUBJECT_MAX))
    body: Mapped[str | None] = mapped_column(Text)
    edited_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    edited_at: Mapped[datetime]
