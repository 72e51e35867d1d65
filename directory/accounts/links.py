"""One-time links: made, sent on request, used once."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts import credentials, letters
from directory.accounts.credentials import digest
from directory.accounts.models import LINK_TIMES, Account, LinkPurpose, OneTimeLink
from directory.accounts.queries import get_account, get_link, is_open
from directory.accounts.rules import RESET_PAUSE, require_password
from directory.accounts.signing_in import fresh_step, is_waiting, note_failure, note_success
from directory.audit import Actor, record
from directory.db import new_public_id
from directory.errors import Invalid, NotAllowed
from directory.mail import queue

LINK_OVER = "link_over"
WAITING = "waiting"


def make_link(session: Session, account: Account, purpose: LinkPurpose, *, now: datetime) -> str:
    """Make a one-time link and return its key, of which only the digest is kept.

    A set-up link brings a new second factor and ends all older links of the account. now: aware UTC time.
    """
    key = new_public_id()
    secret = None
    if purpose is LinkPurpose.SET_UP:
        end_links(session, account, now=now)
        secret = credentials.new_totp_secret()
    session.add(
        OneTimeLink(
            account_id=account.id, purpose=purpose, digest=digest(key), totp_secret=secret, expires_at=now + LINK_TIMES[purpose]
        )
    )
    session.flush()
    return key


def ask_for_reset(session: Session, email: str, *, address: Callable[[str], str], now: datetime) -> None:
    """Queue a letter with a reset link, where an account that can sign in has this mail address; else do nothing.

    address: makes the link's address of its key. The caller answers the same in every case.
    """
    account = get_account(session, email, for_update=True)
    if account is None or account.disabled_at is not None or account.password_hash is None or account.totp_secret is None:
        return
    latest = session.scalar(
        select(OneTimeLink.expires_at)
        .where(OneTimeLink.account_id == account.id, OneTimeLink.purpose == LinkPurpose.RESET)
        .order_by(OneTimeLink.expires_at.desc())
        .limit(1)
    )
    if latest is not None and latest > now + LINK_TIMES[LinkPurpose.RESET] - RESET_PAUSE:
        return
    key = make_link(session, account, LinkPurpose.RESET, now=now)
    letter = letters.reset(account, link=address(key))
    queue(session, letter, to=account.email, now=now, about=("account", account.public_id))
    record(session, "account.ask_for_reset", by=Actor("visitor"), subject=("account", account.public_id), now=now)


def use_link(session: Session, key: str, *, password: str, code: str, now: datetime, name: str | None = None) -> Account:
    """Set password (and, by a set-up link, second factor), end all sessions and all links; return the account.

    code: of the new authenticator for a set-up link, of the account's own for a reset. name: None leaves it.
    Raises NotAllowed(LINK_OVER) for a link that does not open, Invalid("password" | "code", …) for the rest; a wrong
    code against the account's own authenticator is counted, so the caller commits in that case too.
    """
    link = get_link(session, key, for_update=True)
    if link is None or not is_open(link, now=now):
        raise NotAllowed(LINK_OVER)
    account = link.account
    require_password(password, email=account.email, name=name or account.name)
    step = _step(session, link, code, now=now)
    is_reset = link.purpose == LinkPurpose.RESET
    account.password_hash = credentials.hash_password(password)
    account.totp_secret = link.totp_secret or account.totp_secret
    account.stamp = new_public_id()
    if name is not None:
        account.name = name
    note_success(account, step=step)
    account.last_sign_in_at = now
    end_links(session, account, now=now)
    record(
        session,
        "account.reset" if is_reset else "account.set_up",
        by=Actor("staff", account.public_id),
        subject=("account", account.public_id),
        now=now,
    )
    if is_reset:
        about = ("account", account.public_id)
        queue(session, letters.password_changed(account), to=account.email, now=now, about=about)
    return account


def _step(session: Session, link: OneTimeLink, code: str, *, now: datetime) -> int:
    """Return the time step of the code that the link asks for; raise Invalid("code", …)."""
    account = link.account
    if link.totp_secret is not None:
        step = credentials.find_step(link.totp_secret, code, now=now)
    elif is_waiting(account, now=now):
        raise Invalid("code", WAITING)
    else:
        step = fresh_step(account, code, now=now)
        if step is None:
            note_failure(account, now=now)
            session.flush()
    if step is None:
        raise Invalid("code", "wrong")
    return step


def end_links(session: Session, account: Account, *, now: datetime) -> None:
    """Let no link of the account open any more."""
    unused = (OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None))
    session.execute(update(OneTimeLink).where(*unused).values(used_at=now, totp_secret=None))
