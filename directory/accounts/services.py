"""Accounts: who is staff, with which roles. The only writers, with `links`, `passkeys` and `signing_in`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from directory.accounts import credentials, letters, sessions
from directory.accounts.links import ask_for_reset, end_links, make_link, use_link
from directory.accounts.models import Account, AccountRole, LinkPurpose, RecoveryCode, Role, StaffSession
from directory.accounts.passkeys import drop_passkeys
from directory.accounts.queries import count_other_administrators, get_account, lock_account
from directory.accounts.rules import require_password
from directory.accounts.signing_in import check_sign_in
from directory.audit import Actor, record
from directory.db import new_public_id, take_turn
from directory.errors import Conflict, Invalid, NotAllowed
from directory.i18n.locales import LOCALES, SOURCE
from directory.mail import queue

LAST_ADMINISTRATOR = "last_administrator"


def add_account(
    session: Session, email: str, roles: Iterable[Role], *, by: Actor, now: datetime, name: str = "", locale: str = SOURCE
) -> tuple[Account, str]:
    """Add an account and return it with the key of its set-up link.

    email: a well-formed address, kept in lower case. locale: one of LOCALES, the language of its letters.
    Raises Invalid("email", "taken") and Invalid("roles", "none").
    """
    email = email.strip().lower()
    chosen = _ordered(roles)
    if get_account(session, email) is not None:
        raise Invalid("email", "taken")
    account = Account(email=email, name=name, locale=locale if locale in LOCALES else SOURCE, created_at=now)
    account.role_rows = [AccountRole(role=role) for role in chosen]
    session.add(account)
    session.flush()
    changes = {"email": (None, email), "roles": (None, [str(role) for role in chosen])}
    record(session, "account.add", by=by, subject=_subject(account), changes=changes, now=now)
    return account, make_link(session, account, LinkPurpose.SET_UP, now=now)


def reset_account(session: Session, account: Account, *, by: Actor, now: datetime, reason: str = "") -> str:
    """Take password, authenticator and passkeys away, end all sessions, and return the key of a new set-up link.

    For a lost authenticator or a stolen machine. reason: plain text for colleagues; the command line gives none.
    Raises NotAllowed("disabled") for a disabled account.
    """
    if account.disabled_at is not None:
        raise NotAllowed("disabled")
    account.password_hash = None
    account.totp_secret = None
    account.totp_last_step = None
    account.failed_sign_ins = 0
    account.retry_after = None
    account.stamp = new_public_id()
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    dropped = drop_passkeys(session, account)
    changes = {"passkeys": (dropped, None)} if dropped else {}
    record(session, "account.end_sign_in", by=by, subject=_subject(account), changes=changes | _why(reason), now=now)
    return make_link(session, account, LinkPurpose.SET_UP, now=now)


def renew_account(session: Session, account: Account, *, by: Actor, reason: str, now: datetime) -> str:
    """Do the same as an administrator at the desk, who must leave somebody to manage accounts.

    Raises NotAllowed(LAST_ADMINISTRATOR) besides; the command line, which needs no account, may reset the last one too.
    """
    lock_account(session, account)
    _require_other_administrator(session, account)
    return reset_account(session, account, by=by, reason=reason, now=now)


def replace_authenticator(session: Session, account: Account, *, by: Actor, now: datetime) -> str:
    """Return the key of a link by which the account's owner sets up a new authenticator; tell them by letter.

    Until it is used, sign-in and sessions stay as they are.
    """
    record(session, "account.replace_authenticator", by=by, subject=_subject(account), now=now)
    queue(session, letters.new_authenticator(account), to=account.email, now=now, about=_subject(account))
    return make_link(session, account, LinkPurpose.SET_UP, now=now)


def disable_account(session: Session, account: Account, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Close an account and end its sessions at once; a closed one stays as it is.

    reason: plain text for colleagues; the command line gives none.
    Raises NotAllowed(LAST_ADMINISTRATOR) where nobody else could manage accounts then.
    """
    lock_account(session, account)
    if account.disabled_at is not None:
        return
    _require_other_administrator(session, account)
    account.disabled_at = now
    account.stamp = new_public_id()
    record(session, "account.disable", by=by, subject=_subject(account), changes=_why(reason), now=now)


def enable_account(session: Session, account: Account, *, by: Actor, reason: str, now: datetime) -> None:
    """Open a closed account again, with the sign-in it had. reason: plain text for colleagues."""
    if account.disabled_at is None:
        return
    account.disabled_at = None
    record(session, "account.enable", by=by, subject=_subject(account), changes=_why(reason), now=now)


def set_roles(
    session: Session,
    account: Account,
    roles: Iterable[Role],
    *,
    by: Actor,
    reason: str,
    now: datetime,
    seen: Iterable[Role] | None = None,
) -> None:
    """Give an account these roles and no others.

    reason: plain text for colleagues. seen: the roles that it had when they were chosen; none: whichever it has.
    Raises Invalid("roles", "none"), Conflict where it has others than those seen, and NotAllowed(LAST_ADMINISTRATOR) where
    nobody could manage accounts then.
    """
    chosen = _ordered(roles)
    lock_account(session, account)
    before = _ordered(account.roles)
    if chosen == before:
        return
    if seen is not None and set(seen) != set(before):
        raise Conflict
    if Role.ADMINISTRATOR not in chosen:
        _require_other_administrator(session, account)
    account.role_rows = [row for row in account.role_rows if row.role in chosen] + [
        AccountRole(role=role) for role in chosen if role not in before
    ]
    changes = {"roles": ([str(r) for r in before], [str(r) for r in chosen])}
    record(session, "account.set_roles", by=by, subject=_subject(account), changes=changes | _why(reason), now=now)


def set_password(session: Session, account: Account, password: str, *, here: StaffSession, by: Actor, now: datetime) -> None:
    """Set another password of somebody who is signed in, end their other sessions and unused links, and tell them by letter.

    here: the session that stays. Raises Invalid("password", …) for one that breaks a rule.
    """
    lock_account(session, account)
    require_password(password, email=account.email, name=account.name)
    account.password_hash = credentials.hash_password(password)
    record(session, "account.set_password", by=by, subject=_subject(account), now=now)
    sessions.end(session, [row for row in sessions.list_open(session, account, now=now) if row.id != here.id], by=by, now=now)
    end_links(session, account, now=now)
    queue(session, letters.password_changed(account), to=account.email, now=now, about=_subject(account))


def set_profile(session: Session, account: Account, *, name: str, locale: str, by: Actor, now: datetime) -> None:
    """Set the name that colleagues read and the language of letters. Raises Invalid("locale", "unknown")."""
    if locale not in LOCALES:
        raise Invalid("locale", "unknown")
    old = {"name": account.name, "locale": account.locale}
    changes = {key: (old[key], new) for key, new in {"name": name, "locale": locale}.items() if old[key] != new}
    if not changes:
        return
    account.name = name
    account.locale = locale
    record(session, "account.set_profile", by=by, subject=_subject(account), changes=changes, now=now)


def _require_other_administrator(session: Session, account: Account) -> None:
    """Refuse what would leave nobody to manage accounts; the lock lets two such changes come one after the other."""
    take_turn(session)
    if Role.ADMINISTRATOR in account.roles and not count_other_administrators(session, account):
        raise NotAllowed(LAST_ADMINISTRATOR)


def _why(reason: str) -> dict[str, tuple[Any, Any]]:
    """Return what an event keeps of a reason, if one was given."""
    return {"reason": (None, reason)} if reason else {}


def _ordered(roles: Iterable[Role]) -> list[Role]:
    chosen = set(roles)
    if not chosen:
        raise Invalid("roles", "none")
    return [role for role in Role if role in chosen]


def _subject(account: Account) -> tuple[str, str]:
    return ("account", account.public_id)


__all__ = [
    "LAST_ADMINISTRATOR",
    "add_account",
    "ask_for_reset",
    "check_sign_in",
    "disable_account",
    "enable_account",
    "make_link",
    "renew_account",
    "reset_account",
    "set_password",
    "set_profile",
    "set_roles",
    "use_link",
]
