"""Who edited the texts of letters, when, and what each edit changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications import letter_texts
from directory.applications.letter_kinds import LetterKind
from directory.i18n.wording_diff import Line, in_one
from directory.mail import LetterText, texts

SHOWN = 20
"""versions on a page; all of them stand in the audit"""


@dataclass(frozen=True)
class Version:
    """One edit. subject, body: what it changed of the text before; is_built_in: it returned to the built-in text."""

    number: int
    by: str
    at: datetime
    is_built_in: bool
    subject: Line
    body: Line


def history(session: Session, kind: LetterKind, locale: str) -> list[Version]:
    """Return the edits of a text, newest first; the first of all is compared with the built-in text."""
    rows, built_in = texts.list_versions(session, kind, locale, most=SHOWN + 1), letter_texts.built_in(kind, locale)
    names = editors(session, rows)
    found = []
    for row, before in zip_longest(rows, rows[1:]):
        if before is None and row.version > 1:
            break  # it is there to compare with
        old = (built_in.subject, built_in.body) if before is None else _words(before, built_in.subject, built_in.body)
        new = _words(row, built_in.subject, built_in.body)
        subject, body = in_one(old[0], new[0]), in_one(old[1].strip(), new[1].strip())
        found.append(Version(row.version, names[row.edited_by_id], row.edited_at, row.subject is None, subject, body))
    return found


def editors(session: Session, rows: Iterable[LetterText]) -> dict[int, str]:
    """Return {row number of the account: shown name} of whoever edited these texts."""
    numbers = {row.edited_by_id for row in rows}
    return {account.id: account.shown_name for account in session.scalars(select(Account).where(Account.id.in_(numbers)))}


def _words(row: LetterText, subject: str, body: str) -> tuple[str, str]:
    return (row.subject or subject, row.body or body)
