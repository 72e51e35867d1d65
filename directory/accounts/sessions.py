"""Browsers in which staff are signed in: begun, listed, ended. Decisions want a password that was given lately."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, bindparam, delete, func, select
from sqlalchemy.orm import Session, joinedload

from directory.accounts import letters
from directory.accounts.credentials import digest
from directory.accounts.models import Account, AccountRole, StaffSession
from directory.accounts.rules import CONFIRMED_TIME, SESSION_TIME, SESSIONS_KEPT
from directory.audit import Actor, AuditEvent, record
from directory.db import as_read, connection_to_read, new_public_id
from directory.mail import queue

OPENING = ("account.set_up", "account.reset", "account.sign_in")
"""actions after which a session begins"""


def begin(session: Session, account: Account, *, network: str | None, browser: str, now: datetime) -> str:
    """Begin a session and return its key; tell the person by letter where the account is used to others.

    network: as `web.network` names it. browser: what it calls itself. now: aware UTC time.
    """
    known = list(session.scalars(select(StaffSession).where(StaffSession.account_id == account.id)))
    key = new_public_id()
    row = StaffSession(
        account_id=account.id,
        digest=digest(key),
        stamp=account.stamp,
        network=network,
        browser=browser,
        began_at=now,
        confirmed_at=now,
    )
    session.add(row)
    if _was_used_before(session, account) and not any((one.network, one.browser) == (network, browser) for one in known):
        letter = letters.new_sign_in(account, browser=browser, network=network or "", at=now)
        queue(session, letter, to=account.email, now=now, about=("account", account.public_id))
    session.flush()
    return key


def _was_used_before(session: Session, account: Account) -> bool:
    """Say whether somebody was signed in before whoever is now. The record knows it longer than sessions are kept."""
    of = (AuditEvent.subject_kind == "account", AuditEvent.subject_id == account.public_id, AuditEvent.action.in_(OPENING))
    return (session.scalar(select(func.count()).select_from(AuditEvent).where(*of)) or 0) > 1


_BY_DIGEST = select(StaffSession).where(StaffSession.digest == bindparam("digest")).options(joinedload(StaffSession.account))


def find(session: Session, key: str, *, now: datetime) -> StaffSession | None:
    """Return the session with this key and its account, None where it is over."""
    found = session.scalar(_BY_DIGEST, {"digest": digest(key)})
    return found if found is not None and is_on(found, found.account, now=now) else None


_OWN, _ACCOUNTS = list(StaffSession.__table__.c), list(Account.__table__.c)
_SEEN = (
    select(*_OWN, *_ACCOUNTS, AccountRole.role)
    .join(Account, Account.id == StaffSession.account_id)
    .outerjoin(AccountRole, AccountRole.account_id == Account.id)
    .where(StaffSession.digest == bindparam("digest"))
    .order_by(AccountRole.role)
)
"""asked by each page of the desk, and so put together once"""


def see(session: Session, key: str, *, now: datetime) -> StaffSession | None:
    """Return the same with the account's roles, to be read alone; it takes a third of the time."""
    rows = connection_to_read(session).execute(_SEEN, {"digest": digest(key)}).all()
    if not rows:
        return None
    values, count = rows[0], len(_OWN)
    roles = [as_read(AccountRole, {"role": row[-1]}) for row in rows if row[-1] is not None]
    account = as_read(Account, {**_by_name(_ACCOUNTS, values[count:-1]), "role_rows": roles})
    found = as_read(StaffSession, {**_by_name(_OWN, values[:count]), "account": account})
    return found if is_on(found, account, now=now) else None


def _by_name(columns: Iterable[ColumnElement[Any]], values: Iterable[Any]) -> dict[str, Any]:
    return {str(column.key): value for column, value in zip(columns, values, strict=True)}


def is_on(row: StaffSession, account: Account, *, now: datetime) -> bool:
    """Say whether a session still counts."""
    is_same = row.stamp == account.stamp and account.disabled_at is None
    return is_same and row.ended_at is None and row.began_at + SESSION_TIME > now


def is_confirmed(row: StaffSession, *, now: datetime) -> bool:
    """Say whether password and code were given lately."""
    return row.confirmed_at + CONFIRMED_TIME > now


def list_open(session: Session, account: Account, *, now: datetime) -> list[StaffSession]:
    """Return the account's sessions that count, the newest first."""
    rows = session.scalars(
        select(StaffSession)
        .where(StaffSession.account_id == account.id)
        .order_by(StaffSession.began_at.desc(), StaffSession.id.desc())
    )
    return [row for row in rows if is_on(row, account, now=now)]


def end(session: Session, rows: Iterable[StaffSession], *, by: Actor, now: datetime) -> None:
    """End sessions of one account; those that are over stay as they are."""
    for row in rows:
        if row.ended_at is None:
            row.ended_at = now
            changes = {"browser": (row.browser, None), "began_at": (row.began_at.isoformat(), None)}
            record(session, "account.end_session", by=by, subject=("account", row.account.public_id), changes=changes, now=now)


def count_old(session: Session, *, now: datetime) -> int:
    """Count the sessions that `remove_old` would remove."""
    return len(session.scalars(select(StaffSession.id).where(StaffSession.began_at < now - SESSIONS_KEPT)).all())


def remove_old(session: Session, *, now: datetime) -> int:
    """Remove sessions that began long ago; return how many."""
    done = session.execute(delete(StaffSession).where(StaffSession.began_at < now - SESSIONS_KEPT))
    return done.rowcount if isinstance(done, CursorResult) else 0
