"""The table of consents: one row each time one is given; a row is only ever changed by taking its consent back."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.consents.vocab import ConsentKind
from directory.db import Key, Model, Tag

VERSION_MAX = 32


class Consent(Model):
    """One consent as it was given.

    version, locale, digest: which text was agreed to, in which language, and the digest of its very words.
    member_id: the member that the application became.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(str(kind)) for kind in ConsentKind)})", name="kind"),
        CheckConstraint("revoked_at IS NULL OR revoked_at >= given_at", name="order"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    kind: Mapped[ConsentKind] = mapped_column(String(24))
    version: Mapped[str] = mapped_column(String(VERSION_MAX))
    locale: Mapped[Tag]
    digest: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
