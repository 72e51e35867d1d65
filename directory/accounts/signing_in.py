"""Signing in, with a back-off that slows guessing down and locks nobody out for good."""

from datetime import datetime
from typing import NoReturn

from sqlalchemy.orm import Session

from directory.accounts import credentials
from directory.accounts.challenges import Answer
from directory.accounts.models import PASSWORD_MAX, Account, Passkey, StaffSession
from directory.accounts.passkeys import note_use, prove
from directory.accounts.queries import get_account
from directory.accounts.recovery import use_code
from directory.accounts.rules import wait_after
from directory.audit import Actor, record
from directory.errors import NotAllowed

NOT_RECOGNISED = "not_recognised"
"""The one reason of every refusal: which part was wrong is told to nobody."""


def check_sign_in(
    session: Session, email: str, password: str, code: str, *, now: datetime, passkey: Answer | None = None
) -> Account:
    """Return the account that address, password and second factor open together, and record the sign-in.

    code: six digits of the authenticator, or a recovery code; none works twice. passkey: in its place, what a passkey
    answered. now: aware UTC time.
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
    if passkey is None:
        _require_code(session, account, code, fits=fits, now=now)
        changes = {}
    else:
        changes = {"passkey": (None, _require_passkey(session, account, passkey, fits=fits, now=now).name)}
    account.last_sign_in_at = now
    if credentials.is_outdated(account.password_hash or ""):
        account.password_hash = credentials.hash_password(password)
    record(session, "account.sign_in", by=_self(account), subject=_subject(account), changes=changes, now=now)
    return account


def confirm(session: Session, row: StaffSession, password: str, code: str, *, now: datetime) -> None:
    """Note that whoever sits at a session gave password and code again. Errors, and what the caller does, as at sign-in."""
    account = _account_of(session, row, now=now)
    fits = len(password) <= PASSWORD_MAX and credentials.is_password(account.password_hash, password)
    _require_code(session, account, code, fits=fits, now=now)
    row.confirmed_at = now
    record(session, "account.confirm", by=_self(account), subject=_subject(account), now=now)


def confirm_by_passkey(session: Session, row: StaffSession, answer: Answer, *, now: datetime) -> None:
    """Note that whoever sits at a session used a passkey, which knows its owner. Errors, and what the caller does, as above."""
    account = _account_of(session, row, now=now)
    changes = {"passkey": (None, _require_passkey(session, account, answer, fits=True, now=now).name)}
    row.confirmed_at = now
    record(session, "account.confirm", by=_self(account), subject=_subject(account), changes=changes, now=now)


def _account_of(session: Session, row: StaffSession, *, now: datetime) -> Account:
    """Lock the account of a session and return it, unless it waits."""
    account = get_account(session, row.account.email, for_update=True)
    if account is None or is_waiting(account, now=now):
        raise NotAllowed(NOT_RECOGNISED)
    return account


def _require_code(session: Session, account: Account, code: str, *, fits: bool, now: datetime) -> None:
    """Require a code of the authenticator or a recovery code beside a password. fits: whether that was right."""
    step = fresh_step(account, code, now=now)
    if not fits or (step is None and not use_code(session, account, code, now=now)):
        _refuse(session, account, now=now)
    note_success(account, step=step)


def _require_passkey(session: Session, account: Account, answer: Answer, *, fits: bool, now: datetime) -> Passkey:
    """Require a passkey of the account and return it. fits: whether the password beside it was right, if one is wanted."""
    proof = prove(session, account, answer, now=now)
    if proof is None or not fits:
        _refuse(session, account, now=now)
    note_success(account, step=None)
    return note_use(proof, network=answer.network, now=now)


def _refuse(session: Session, account: Account, *, now: datetime) -> NoReturn:
    note_failure(account, now=now)
    session.flush()
    raise NotAllowed(NOT_RECOGNISED)


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


def _self(account: Account) -> Actor:
    return Actor("staff", account.public_id)


def _subject(account: Account) -> tuple[str, str]:
    return ("account", account.public_id)
