"""Editing the texts of letters: each edit is a new version, in one transaction with its event.

Every function takes its turn before it reads, refuses whoever saw an older version, and leaves the commit to its caller.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory import audit, mail
from directory.accounts.models import Account
from directory.applications import letter_texts
from directory.applications.letter_kinds import LetterKind
from directory.db import take_turn
from directory.errors import Conflict, Invalid
from directory.i18n import force_locale
from directory.i18n import gettext as _
from directory.i18n.locales import LOCALES
from directory.mail import Letter, LetterText, texts
from directory.review.moving import staff_actor

TEST_TEMPLATE = "test"
"""template of letters by which administrators look at a text in their own mailbox"""


def save(
    session: Session,
    kind: LetterKind,
    locale: str,
    *,
    by: Account,
    subject: str,
    body: str,
    seen_version: int,
    now: datetime,
) -> None:
    """Let a letter be written from this text from now on. A text that is the present one already changes nothing.

    subject, body: with placeholders in braces. Raises Conflict where the text was edited since it was seen, Invalid for
    `subject` that another kind of letter has in this language, and for `body` with placeholders that do not fit.
    """
    newest = _lock(session, kind, locale, seen_version)
    if letter_texts.has_problems(kind, subject, body):
        raise Invalid("body", "placeholders")
    require_own_subject(session, kind, locale, subject)
    before = letter_texts.current(session, kind, locale)
    if (before.subject, before.body.strip()) != (subject, body.strip()):
        _add(session, kind, locale, newest, by, now, subject=subject, body=body)
        changes = {"subject": (before.subject, subject), "body": (before.body, body), "data": (None, digest(subject, body))}
        _record(session, "edit", kind, locale, by, now, {name: pair for name, pair in changes.items() if pair[0] != pair[1]})


def return_to_built_in(session: Session, kind: LetterKind, locale: str, *, by: Account, seen_version: int, now: datetime) -> None:
    """Let a letter be written from the built-in text again; the edited ones stay in the history.

    Raises Conflict where the text was edited since it was seen, Invalid where the subject was given to another kind.
    """
    newest = _lock(session, kind, locale, seen_version)
    if newest is not None and newest.subject is not None:
        require_own_subject(session, kind, locale, letter_texts.built_in(kind, locale).subject)
        _add(session, kind, locale, newest, by, now, subject=None, body=None)
        changes = {"subject": (newest.subject, None), "body": (newest.body, None)}
        _record(session, "return_to_built_in", kind, locale, by, now, changes)


def send_test(session: Session, kind: LetterKind, letter: Letter, *, by: Account, now: datetime) -> None:
    """Queue a letter with values of an invented case to the administrator's own address; its subject says that it is a test."""
    with force_locale(LOCALES[letter.locale].babel):
        subject = mail.as_subject(_("Test: %(subject)s", subject=letter.subject))
    sent = Letter(TEST_TEMPLATE, letter.locale, subject, letter.body)
    mail.queue(session, sent, to=by.email, now=now, about=subject_of(kind, letter.locale))
    _record(session, "test", kind, letter.locale, by, now, {})


def require_own_subject(session: Session, kind: LetterKind, locale: str, subject: str) -> None:
    """Raise Invalid where another kind of letter has this subject in this language, whatever its case and spaces."""
    edited = texts.list_newest(session, locale)
    for other in LetterKind:
        row = edited.get((str(other), locale))
        theirs = row.subject if row and row.subject else letter_texts.built_in(other, locale).subject
        if other is not kind and _folded(theirs) == _folded(subject):
            raise Invalid("subject", str(other))


def digest(subject: str | None, body: str | None) -> str:
    """Return what the audit keeps of a whole version, since it names subject and text only where they changed."""
    return hashlib.sha256(json.dumps([subject, body], ensure_ascii=False).encode()).hexdigest()


def subject_of(kind: str, locale: str) -> tuple[str, str]:
    """Name a text for audit and outbox."""
    return ("letter_text", f"{kind}/{locale}")


def _lock(session: Session, kind: LetterKind, locale: str, seen_version: int) -> LetterText | None:
    take_turn(session)
    newest = texts.get_newest(session, kind, locale)
    version = newest.version if newest else 0
    if version != seen_version:
        raise Conflict(f"version {version}, seen {seen_version}")
    return newest


def _add(
    session: Session,
    kind: LetterKind,
    locale: str,
    newest: LetterText | None,
    by: Account,
    now: datetime,
    *,
    subject: str | None,
    body: str | None,
) -> None:
    version = newest.version + 1 if newest else 1
    row = LetterText(template=kind, locale=locale, version=version, edited_by_id=by.id, edited_at=now, subject=subject, body=body)
    session.add(row)
    session.flush()


def _record(
    session: Session, verb: str, kind: LetterKind, locale: str, by: Account, now: datetime, changes: dict[str, tuple[Any, Any]]
) -> None:
    subject = subject_of(kind, locale)
    audit.record(session, f"letter_text.{verb}", by=staff_actor(by), subject=subject, now=now, changes=changes)


def _folded(subject: str) -> str:
    return " ".join(subject.casefold().split())
