"""Delivery: due letters are claimed one at a time, sent, and marked, each step a transaction of its own."""

import logging
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

import idna
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.config import Settings
from directory.db import writing
from directory.mail.models import LetterState, OutboxLetter
from directory.mail.transport import Transport

ATTEMPTS_MAX = 12
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=2)
LEASE = timedelta(minutes=5)
"""How long a claimed letter is left to its sender: longer than one conversation with a server lasts."""

UNKNOWN_ADDRESS = frozenset({550, 551, 553})
"""replies to a recipient that are about the address (RFC 5321, section 4.2.3)"""
ENHANCED = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")

log = logging.getLogger(__name__)


def compose(row: OutboxLetter, *, sender: str, public_url: str) -> EmailMessage:
    """Make the message of a letter; its Message-ID is the same at each attempt, so a double can be told."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec=sender)
    message["To"] = _deliverable(row.recipient)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.public_id}@{urlsplit(public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    if row.reply_to:
        message["Reply-To"] = _deliverable(row.reply_to)
    message.set_content(row.body, cte="base64" if not row.body.isascii() else "quoted-printable")
    message["Content-Language"] = row.locale  # after the content, which resets such headers
    return message


def _deliverable(address: str) -> str:
    """Write the domain of an address as servers know it: `привреда.срб` as `xn--…`."""
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address


def claim_due(session: Session, *, now: datetime, most: int = 20) -> list[OutboxLetter]:
    """Take letters that are due, so that no other process sends them while the lease lasts; the caller commits.

    A letter whose sender died is due again when its lease is over.
    """
    due = (
        select(OutboxLetter)
        .where(OutboxLetter.state.in_([LetterState.QUEUED, LetterState.SENDING]), OutboxLetter.next_attempt_at <= now)
        .order_by(OutboxLetter.next_attempt_at, OutboxLetter.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = list(session.scalars(due))
    for row in rows:
        row.state = LetterState.SENDING
        row.attempts += 1
        row.next_attempt_at = now + LEASE
    session.flush()
    return rows


def mark_sent(row: OutboxLetter, *, now: datetime) -> None:
    """Record that a letter went out."""
    row.state = LetterState.SENT
    row.sent_at = now
    row.error = ""


def mark_failed(row: OutboxLetter, error: str, *, now: datetime, is_final: bool = False) -> None:
    """Record a failed attempt: try again later, twice as late each time, until ATTEMPTS_MAX. is_final: no other would help."""
    row.error = error[:2000]
    if is_final or row.attempts >= ATTEMPTS_MAX:
        row.state = LetterState.FAILED
        return
    row.state = LetterState.QUEUED
    row.next_attempt_at = now + min(FIRST_DELAY * 2 ** (row.attempts - 1), LONGEST_DELAY)


@dataclass
class Delivered:
    """What a round did: letters sent, and attempts that failed."""

    sent: int = 0
    failed: int = 0


def deliver_due(
    session: Session,
    transport: Transport,
    *,
    settings: Settings,
    clock: Callable[[], datetime],
    keep_on: Callable[[], bool] = lambda: True,
) -> Delivered:
    """Send all letters that are due, and commit each one's result by itself.

    A letter is claimed before it is sent, so that no other process sends it, and no transaction is open meanwhile.
    A sender that dies in between leaves it to be sent again after LEASE, under the same Message-ID.
    clock: returns the aware UTC time. keep_on: asked before each letter.
    """
    done = Delivered()
    while keep_on() and _is_any_due(session, now=clock()):
        with writing():
            claimed = claim_due(session, now=clock(), most=1)
            letters = [(row.id, row.public_id, _composed(row, settings)) for row in claimed]
            session.commit()
        for number, name, message in letters:
            failure = _send(transport, message, name=name)
            _mark(session, number, failure, now=clock())
            done.sent += failure is None
            done.failed += failure is not None
    return done


def _is_any_due(session: Session, *, now: datetime) -> bool:
    """Look without a lock, so that an empty outbox disturbs nobody."""
    statement = select(OutboxLetter.id).where(
        OutboxLetter.state.in_([LetterState.QUEUED, LetterState.SENDING]), OutboxLetter.next_attempt_at <= now
    )
    found = session.scalar(statement.limit(1)) is not None
    session.rollback()
    return found


def _composed(row: OutboxLetter, settings: Settings) -> EmailMessage | str:
    """Make the message, or say why it cannot be made: one bad letter must not stop the others."""
    try:
        return compose(row, sender=settings.mail_from, public_url=settings.public_url)
    except (ValueError, MessageError) as error:
        return f"{type(error).__name__}: {error}"


@dataclass(frozen=True)
class _Failure:
    """Why an attempt failed. is_final: another one would fail the same way."""

    error: str
    is_final: bool = False


def _send(transport: Transport, message: EmailMessage | str, *, name: str) -> _Failure | None:
    """Send, and return what kept the letter from going, or None."""
    if isinstance(message, str):
        return _Failure(message, is_final=True)
    try:
        transport.send(message, name=name)
    except (OSError, smtplib.SMTPException, ValueError, MessageError) as error:
        log.warning("letter %s could not be sent: %s", name, error)
        return _Failure(f"{type(error).__name__}: {error}", is_final=_is_refused_for_good(error))
    return None


def _is_refused_for_good(error: Exception) -> bool:
    """Say whether the server knows no such address, and does not merely refuse us, which may be our own setting."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(_is_about_the_address(code, text) for code, text in error.recipients.values())


def _is_about_the_address(code: int, text: bytes | str) -> bool:
    """Read a reply to a recipient: by its enhanced code where it has one (RFC 3463: 5.1.x is the address), else by its own."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    enhanced = ENHANCED.search(said)
    return enhanced[1] == "1" if enhanced else code in UNKNOWN_ADDRESS


def _mark(session: Session, number: int, failure: _Failure | None, *, now: datetime) -> None:
    with writing():
        row = session.get(OutboxLetter, number, with_for_update=True, populate_existing=True)
        if row is None:
            pass  # what it is about was deleted while it was sent
        elif failure:
            mark_failed(row, failure.error, now=now, is_final=failure.is_final)
        else:
            mark_sent(row, now=now)
        session.commit()
