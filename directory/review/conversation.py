"""What staff write: notes for colleagues, and messages to the applicant. The two lie in tables of their own.

Neither changes the application. A note asks for no version: nothing that happened meanwhile makes it wrong. A message goes
only where nothing was written or done since its writer looked. The caller commits.
"""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications import conversation, letters
from directory.applications.models import Application, Message, Note
from directory.applications.queries import get_by_reference
from directory.applications.vocab import Visibility
from directory.errors import Conflict
from directory.mail import Letter
from directory.review import rules
from directory.review.moving import record


def note(
    session: Session,
    application: Application,
    *,
    by: Account,
    words: str,
    now: datetime,
    visibility: Visibility = Visibility.STAFF,
) -> Note:
    """Write a note for colleagues.

    visibility: who reads it. Of one for approvers, the record keeps a digest alone, since others read the record.
    Raises NotAllowed unless `by` takes part in the work and may read such a note.
    """
    rules.require_may_note(by, visibility)
    row = Note(by_id=by.id, at=now, words=words, visibility=visibility)
    application.notes.append(row)
    if visibility is Visibility.STAFF:
        changes = {"note": (None, words)}
    else:
        changes = {"visibility": (None, str(visibility)), "sha256": (None, hashlib.sha256(words.encode()).hexdigest())}
    record(session, application, "note", by, now, changes)
    return row


def letter_of_message(application: Application, *, words: str, status_url: str) -> Letter:
    """Write the letter that carries a message, in the applicant's language; for the preview and for the outbox."""
    return letters.message(application, words=words, status_url=status_url)


def so_far(application: Application) -> str:
    """Name how far the case has come: another name, once anything was done to it or written in it to or by the applicant."""
    return f"{application.version}.{len(application.messages)}"


def send(
    session: Session, application: Application, *, by: Account, words: str, status_url: str, seen: str, now: datetime
) -> None:
    """Write to the applicant, on their status page and by mail, with copies for colleagues of theirs who want them.

    words: plain text, as the applicant reads it. status_url: where they answer. seen: `so_far`, as the writer saw it. The same
    words sent twice in a row go once. Raises NotAllowed unless `by` takes part in the work and nothing binds them to the
    applicant, WrongStatus where the application is closed, Conflict where it has come further than `seen`.
    """
    get_by_reference(session, application.reference, with_for_update=True)
    rules.require_may_write(by)
    rules.require_no_interest(application, by)
    conversation.require_may_write(application)
    last = application.messages[-1] if application.messages else None
    if last is not None and (last.by_id, last.words) == (by.id, words):
        return
    if so_far(application) != seen:
        raise Conflict(f"{so_far(application)}, seen {seen}")
    application.messages.append(Message(by_id=by.id, at=now, words=words))
    record(session, application, "message", by, now, {"message": (None, words)})
    letters.post(session, application, letter_of_message(application, words=words, status_url=status_url), now=now)
