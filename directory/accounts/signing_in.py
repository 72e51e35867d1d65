"""Signing in, with a back-off that slows guessing down and locks nobody out for good."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts import credentials
from directory.accounts.models import PASSWORD_MAX, Account, StaffSession
from directory.accounts.queries import get_account
from directory.accounts.recovery import use_code
from directory.accounts.rules import wait_after
from directory.audit import Actor, record
from directory.errors import NotAllowed

NOT_RECOGNISED = "not_recognised"
"""The one reason of every refusal: which part was wrong is told to nobody."""


def check_sign_in(session: Session, email: str, password: str, code: str, *, now: datetime) -> Account:
    """Return the account that address, password and code open together, and record the sign-in.

    code: six digits of the authenticator, or a recovery code; none works twice. now: aware UTC time.
    Raises NotAllowed(NOT_RECOGNISED) otherwise: the caller commits then too, since the failure was counted.
    An address without account costs the same work as a wrong password.
    """
    account = get_account(session, email, for_update=True)
    waiting = account is not None and is_waiting(account, now=now)
    usable = account is not None and account.disabled_at is None and not waiting and len(password) <= PASSWORD_MAX
    password_hash = account.password_hash if account is not None and usable else None
    fits = credentials.is_password(password_hash, password[:PASSWORD_MAX])
    if account is None or waiting or account.disabled_at is not None:
        raise NotAllowed(NOT_RECOGNISED)
    _require_both(session, account, code, fits=fits, now=now)
    account.last_sign_in_at = now
    if credentials.is_outdated(account.password_hash or ""):
        account.password_hash = credentials.hash_password(password)
    record(session, "account.sign_in", by=Actor("staff", account.public_id), subject=("account", account.public_id), now=now)
    return account


def confirm(session: Session, row: StaffSession, password: str, code: str, *, now: datetime) -> None:
    """Note that whoever sits at a session gave password and code again. Errors, and what the caller does, as at sign-in."""
    account = get_account(session, row.account.email, for_update=True)
    if account is None or is_waiting(account, now=now):
        raise NotAllowed(NOT_RECOGNISED)
    fits = len(password) <= PASSWORD_MAX and credentials.is_password(account.password_hash, password)
    _require_both(session, account, code, fits=fits, now=now)
    row.confirmed_at = now
    record(session, "account.confirm", by=Actor("staff", account.public_id), subject=("account", account.public_id), now=now)


def _require_both(session: Session, account: Account, code: str, *, fits: bool, now: datetime) -> None:
    """Require a code of the authenticator or a recovery code beside a password. fits: whether that was right."""
    step = fresh_step(account, code, now=now)
    if not fits or (step is None and not use_code(session, account, code, now=now)):
        note_failure(account, now=now)
        session.flush()
        raise NotAllowed(NOT_RECOGNISED)
    note_success(account, step=step)


def is_waiting(account: Account, *, now: datetime) -> bool:
    """Say whether attempts on this account are not looked at yet."""
    return account.retry_after is not None and account.retry_after > now


def fresh_step(account: Account, code: str, *, now: datetime) -> int | None:
    """Return the time step of a code of the account's authenticator that was not used before, else None."""
    step = credentials.find_step(account.totp_secret, code, now=now)
    if step is None or (account.totp_last_step is not None and step <= account.totp_last_step):
        return None
    return step


def note_failure(account: Account, *, now: datetime) -> None:
    """Count a failed attempt; each one more makes wait twice as long."""
    account.failed_sign_ins += 1
    account.retry_after = now + wait_after(account.failed_sign_ins)


def note_success(account: Account, *, step: int | None) -> None:
    """Forget failures and remember the code's time step, so that it works no second time. step: none for another code."""
    account.failed_sign_ins = 0
    account.retry_after = None
    account.totp_last_step = step or account.totp_last_step
