"""Tables of enquiries and of notices about entries."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.db import Key, Model, Tag, new_public_id
from directory.i18n import lazy_gettext as _l
from directory.members.models import Member

NAME_MAX = 120
ORGANISATION_MAX = 200
EMAIL_MAX = 254
WORDS_MIN = 20
WORDS_MAX = 4000


class Enquiry(Model):
    """A visitor's question, relayed by mail. relayed_to_staff: the member had no address that it agreed to use."""

    __tablename__ = "enquiry"

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    locale: Mapped[Tag]
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    organisation: Mapped[str] = mapped_column(String(ORGANISATION_MAX), default="")
    country: Mapped[str | None] = mapped_column(String(2))
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    words: Mapped[str] = mapped_column(Text)
    relayed_to_staff: Mapped[bool]
    at: Mapped[datetime]

    member: Mapped[Member] = relationship()


class NoticeKind(StrEnum):
    """What an organisation says about its entry."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    REMOVE = "remove"


NOTICE_LABELS = {
    NoticeKind.CONFIRM: _l("Everything here is right: we confirm the entry."),
    NoticeKind.CORRECT: _l("Something is wrong: we ask for a correction."),
    NoticeKind.REMOVE: _l("We ask for the entry to be removed."),
}


class Notice(Model):
    """“Is this you?”: a notice from an organisation about its unconfirmed entry, until staff have settled it."""

    __tablename__ = "notice"
    __table_args__ = (CheckConstraint(f"kind IN ({', '.join(repr(str(k)) for k in NoticeKind)})", name="kind"),)

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    kind: Mapped[NoticeKind] = mapped_column(String(16))
    locale: Mapped[Tag]
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    role: Mapped[str] = mapped_column(String(NAME_MAX), default="")
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    member: Mapped[Member] = relationship()
