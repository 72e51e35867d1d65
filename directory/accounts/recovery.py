"""Codes that stand in for a lost authenticator, each of them once."""

import secrets
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory.accounts import credentials, letters
from directory.accounts.models import Account, RecoveryCode
from directory.accounts.rules import RECOVERY_CODES
from directory.audit import Actor, record
from directory.mail import queue

_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
"""without those that are taken for one another"""
_HALF = 5


def make_codes(session: Session, account: Account, *, by: Actor, now: datetime) -> list[str]:
    """Make new codes in place of all older ones, and return them; they cannot be shown again."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [f"{_some()}-{_some()}" for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, digest=_digest(code)) for code in codes)
    record(session, "account.make_recovery_codes", by=by, subject=("account", account.public_id), now=now)
    return codes


def use_code(session: Session, account: Account, code: str, *, now: datetime) -> bool:
    """Use a code up and tell the person by letter; say whether it was one. The caller holds the lock of the account."""
    unused = (RecoveryCode.account_id == account.id, RecoveryCode.digest == _digest(code), RecoveryCode.used_at.is_(None))
    found = session.scalar(select(RecoveryCode).where(*unused))
    if found is None:
        return False
    found.used_at = now
    session.flush()
    about = ("account", account.public_id)
    queue(session, letters.recovery_code_used(account, left=count_left(session, account)), to=account.email, now=now, about=about)
    record(session, "account.use_recovery_code", by=Actor("staff", account.public_id), subject=about, now=now)
    return True


def count_left(session: Session, account: Account) -> int:
    """Count the codes that were not used."""
    unused = (RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def _some() -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(_HALF))


def _digest(code: str) -> str:
    """Return the digest of a code as typed: case, spaces and hyphens do not matter. 49 random bits need no salt."""
    return credentials.digest("".join(sign for sign in code.lower() if sign in _SIGNS))
