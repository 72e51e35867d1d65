"""Tables of staff accounts."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.db import Key, Model, Tag, new_public_id
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp

EMAIL_MAX = 254
NAME_MAX = 120
PASSWORD_MIN = 12
PASSWORD_MAX = 200
NETWORK_MAX = 48
BROWSER_MAX = 60
PASSKEYS_MAX = 10
PASSKEY_NAME_MAX = 60
REASON_MAX = 500
CREDENTIAL_ID_MAX = 1023
"""bytes, as WebAuthn has it"""
SIGN_COUNT_MAX = 2**32 - 1


class Role(StrEnum):
    """What a staff account may do."""

    REVIEWER = "reviewer"
    APPROVER = "approver"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class LinkPurpose(StrEnum):
    """What a one-time link opens: SET_UP sets password and second factor, RESET a password against a code."""

    SET_UP = "set-up"
    RESET = "reset"


LINK_TIMES = {LinkPurpose.SET_UP: timedelta(hours=72), LinkPurpose.RESET: timedelta(hours=1)}
"""How long a link opens."""
ROLE_LABELS = {
    Role.REVIEWER: _lp("role of staff", "Reviewer"),
    Role.APPROVER: _lp("role of staff", "Approver"),
    Role.COORDINATOR: _lp("role of staff", "Coordinator"),
    Role.AUDITOR: _lp("role of staff", "Auditor"),
    Role.ADMINISTRATOR: _lp("role of staff", "Administrator"),
}
ROLE_HINTS = {
    Role.REVIEWER: _l(
        "Checks applications and recommends a decision: takes them, puts them on hold, asks for changes, writes to applicants, "
        "closes duplicates. Reads members."
    ),
    Role.APPROVER: _l(
        "Decides on applications or sends them back to be checked, and writes to applicants. Adds, corrects, imports, confirms "
        "and merges members, and changes their standing."
    ),
    Role.COORDINATOR: _l(
        "Does with applications what a reviewer does; also assigns, sends back and reopens them, puts spam aside and lifts "
        "conflicts of interest. Adds, corrects, imports, confirms and merges members, and changes their standing. Reads the "
        "letters that go out and sends failed ones again."
    ),
    Role.AUDITOR: _l("Reads everything, also settings, texts of letters, accounts and the audit, and changes nothing."),
    Role.ADMINISTRATOR: _l(
        "Manages staff accounts, settings and texts of letters. Reads the audit and the letters that go out, and sends failed "
        "ones again; sees neither applications nor members."
    ),
}


class Account(Model):
    """A member of staff. Without a password and a second factor it cannot sign in."""

    __tablename__ = "account"

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    email: Mapped[str] = mapped_column(String(EMAIL_MAX), unique=True)
    """lower case"""
    name: Mapped[str] = mapped_column(String(NAME_MAX), default="")
    locale: Mapped[Tag] = mapped_column(default="en")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_last_step: Mapped[int | None]
    """the time step of the last code used, so that none works twice"""
    stamp: Mapped[str] = mapped_column(String(32), default=new_public_id)
    """changed by reset and disable: sessions that carry another one end"""
    disabled_at: Mapped[datetime | None]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    retry_after: Mapped[datetime | None]
    """no attempt is looked at before; grows with each failure"""
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]

    role_rows: Mapped[list["AccountRole"]] = relationship(cascade="all, delete-orphan", order_by="AccountRole.role")

    @property
    def roles(self) -> frozenset[Role]:
        """All roles of the account."""
        return frozenset(Role(row.role) for row in self.role_rows)

    @property
    def role_names(self) -> list[str]:
        """All roles of the account, as people call them."""
        return [str(ROLE_LABELS[role]) for role in Role if role in self.roles]

    @property
    def shown_name(self) -> str:
        """What colleagues read: the name, or the address while there is none."""
        return self.name or self.email


class AccountRole(Model):
    """One role of one account."""

    __tablename__ = "account_role"
    __table_args__ = (CheckConstraint(f"role IN ({', '.join(repr(str(r)) for r in Role)})", name="role"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(String(16), primary_key=True)


class StaffSession(Model):
    """One browser in which an account is signed in. Only the digest of its key is kept."""

    __tablename__ = "staff_session"

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    stamp: Mapped[str] = mapped_column(String(32))
    """the account's when it began: another one there ends the session"""
    network: Mapped[str | None] = mapped_column(String(NETWORK_MAX))
    browser: Mapped[str] = mapped_column(String(BROWSER_MAX), default="")
    began_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    """when password and code, or a passkey, were last given in it"""
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class RecoveryCode(Model):
    """A code that opens the account once without its authenticator. Only its digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Passkey(Model):
    """A key that stands in for the authenticator's code. Its secret half never leaves the person's device."""

    __tablename__ = "passkey"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint(f"sign_count BETWEEN 0 AND {SIGN_COUNT_MAX}", name="sign_count"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(CREDENTIAL_ID_MAX), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """a COSE key in CBOR"""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """the key's own count at its last use; 0 for ever where it does not count"""
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_MAX))
    transports: Mapped[list[str]]
    """how a browser reaches the key, in WebAuthn's words"""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    last_used_network: Mapped[str | None] = mapped_column(String(NETWORK_MAX))


class SpentChallenge(Model):
    """A challenge that a passkey answered, kept as a digest until it is over, so that no answer works twice."""

    __tablename__ = "spent_challenge"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(index=True)


class OneTimeLink(Model):
    """A link that opens once. Only the digest of its key is kept; a newer set-up link ends the older ones."""

    __tablename__ = "one_time_link"

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    """the new second factor that a set-up link brings; a reset link keeps the one that the account has"""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
