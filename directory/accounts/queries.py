"""Reading accounts and links."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from directory.accounts.credentials import digest
from directory.accounts.models import Account, AccountRole, OneTimeLink, Passkey, RecoveryCode, Role
from directory.audit import AuditEvent


def get_account(session: Session, email: str, *, for_update: bool = False) -> Account | None:
    """Return the account of a mail address in any case, None where there is none.

    for_update: lock it until commit, so that attempts on one account come one after the other.
    """
    statement = select(Account).where(Account.email == email.strip().lower())
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)


def lock_account(session: Session, account: Account) -> None:
    """Lock the account's row before the ledger is taken, in the order in which signing in does, and read it anew."""
    session.flush()
    session.refresh(account, with_for_update={"of": Account})


def get_account_by_id(session: Session, public_id: str) -> Account | None:
    """Return the account with this public id."""
    return session.scalar(select(Account).where(Account.public_id == public_id))


def list_accounts(session: Session) -> list[Account]:
    """Return all accounts, those in use first, in the order of their addresses."""
    order = (Account.disabled_at.is_not(None), Account.email)
    return list(session.scalars(select(Account).options(selectinload(Account.role_rows)).order_by(*order)))


@dataclass(frozen=True)
class Factors:
    """What signs an account in beside its authenticator: passkeys, and recovery codes that were not used."""

    passkeys: int
    codes: int


def count_factors(session: Session, accounts: Collection[Account]) -> dict[int, Factors]:
    """Return {row number of the account: its further second factors}."""
    unused = select(RecoveryCode.account_id).where(RecoveryCode.used_at.is_(None))
    passkeys, codes = Counter(session.scalars(select(Passkey.account_id))), Counter(session.scalars(unused))
    return {account.id: Factors(passkeys[account.id], codes[account.id]) for account in accounts}


def has_accounts(session: Session) -> bool:
    """Say whether there is any account at all."""
    return session.scalar(select(Account.id).limit(1)) is not None


def count_other_administrators(session: Session, account: Account) -> int:
    """Count administrators besides `account` who can sign in today."""
    statement = (
        select(func.count())
        .select_from(Account)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(
            AccountRole.role == Role.ADMINISTRATOR,
            Account.id != account.id,
            Account.disabled_at.is_(None),
            Account.password_hash.is_not(None),
        )
    )
    return session.scalar(statement) or 0


def get_link(session: Session, key: str, *, for_update: bool = False) -> OneTimeLink | None:
    """Return the one-time link with this key, whether it still opens or not. for_update: lock it until commit."""
    statement = select(OneTimeLink).where(OneTimeLink.digest == digest(key))
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)


def is_open(link: OneTimeLink, *, now: datetime) -> bool:
    """Say whether the link was not used, is not over, and belongs to an account in use."""
    return link.used_at is None and link.expires_at > now and link.account.disabled_at is None


def list_passkeys(session: Session, account: Account) -> list[Passkey]:
    """Return the account's passkeys, the oldest first."""
    statement = select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.created_at, Passkey.id)
    return list(session.scalars(statement))


def get_passkey(session: Session, account: Account, public_id: str) -> Passkey | None:
    """Return the passkey with this public id if it is the account's own."""
    return session.scalar(select(Passkey).where(Passkey.account_id == account.id, Passkey.public_id == public_id))


def has_credential(session: Session, credential_id: bytes) -> bool:
    """Say whether any account has the passkey with this id."""
    return session.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)) is not None


@dataclass(frozen=True)
class LastEvent:
    """What last happened to something, by whom and when. action: as in the audit; by: none where no clerk did it."""

    action: str
    by: Account | None
    at: datetime

    @property
    def verb(self) -> str:
        """The action without its subject."""
        return self.action.partition(".")[2]


def last_event(session: Session, subject: tuple[str, str], *, but: Collection[str] = ()) -> LastEvent | None:
    """Return the last event about something. subject: (kind, public id), as in the audit; but: actions that do not count."""
    about = (AuditEvent.subject_kind == subject[0], AuditEvent.subject_id == subject[1], AuditEvent.action.not_in(but))
    event = session.scalar(select(AuditEvent).where(*about).order_by(AuditEvent.sequence.desc()).limit(1))
    if event is None:
        return None
    by = session.scalar(select(Account).where(Account.public_id == event.actor_id)) if event.actor_kind == "staff" else None
    return LastEvent(event.action, by, event.at)
