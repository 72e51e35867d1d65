"""The documents of an application: kept, scanned, handed out, removed.

A row says where its file lies; the row changes in the caller's transaction, the file goes after its commit (`discard`).
What a break leaves behind is swept up by housekeeping.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import audit
from directory.applications import letters, services
from directory.applications.answers import part
from directory.applications.models import DOCUMENTS_EVER_MAX, DOCUMENTS_MAX, Application, Document
from directory.applications.states import EDITABLE
from directory.applications.vocab import DocumentState, Purpose, Step
from directory.audit import SYSTEM, Actor, AuditEvent, AuditValue
from directory.errors import Invalid, WrongStatus
from directory.storage import QUICK_SECONDS, Finding, Place, PlaceFailed, Scanner, Sound, Verdict

ORPHAN_AFTER = timedelta(hours=1)
"""longer than any request takes between keeping a file and committing its row"""
StatusUrl = Callable[[Application], str]
_STATES = {
    Verdict.CLEAN: DocumentState.CLEAN,
    Verdict.INFECTED: DocumentState.INFECTED,
    Verdict.NOT_REACHED: DocumentState.WAITING,
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A file that lies in its place, or was not even put there because a virus was found; it has no row yet."""

    purpose: Purpose
    name: str
    type: str
    size: int
    sha256: str
    state: DocumentState
    storage_name: str | None
    signature: str = ""


def keep(place: Place, scanner: Scanner | None, sound: Sound, *, purpose: Purpose, name: str) -> Kept:
    """Have a file scanned and put it into its place, before any row is locked. Raises PlaceFailed."""
    found = scanner.scan(sound.data, seconds=QUICK_SECONDS) if scanner else None
    state = _STATES[found.verdict] if found else DocumentState.NOT_SCANNED
    is_infected = state is DocumentState.INFECTED
    return Kept(
        purpose=purpose,
        name=name,
        type=str(sound.type),
        size=len(sound.data),
        sha256=hashlib.sha256(sound.data).hexdigest(),
        state=state,
        storage_name=None if is_infected else place.keep(sound.data),
        signature=found.words if found and is_infected else "",
    )


def add(
    session: Session, application: Application, kept: Kept, *, status_url: StatusUrl, now: datetime, by: Actor | None = None
) -> Document:
    """Add a file to an application; the same file for the same purpose is there once, and a logo follows the one before.

    by: whoever hands it in, of the people who work on the application; none: the first of them, here and below.

    Raises WrongStatus where the applicant may not change answers, Invalid where there are too many.
    """
    _require_editable(application)
    for known in application.documents:
        if known.is_kept and (known.sha256, known.purpose) == (kept.sha256, kept.purpose):
            return known
    if kept.purpose is Purpose.LOGO:
        for former in [one for one in application.documents if one.purpose == Purpose.LOGO and one.removed_at is None]:
            remove(session, application, former.public_id, now=now, by=by)
    if len(application.documents) >= DOCUMENTS_EVER_MAX or sum(one.is_kept for one in application.documents) >= DOCUMENTS_MAX:
        raise Invalid("files", "too_many")
    document = Document(**vars(kept), uploaded_at=now)
    application.documents.append(document)
    session.flush()
    _list(application, now)
    _record(session, application, "add_document", document, by or services.applicant(application), now)
    if document.state == DocumentState.INFECTED:
        _tell(session, document, status_url, now)
    return document


def remove(session: Session, application: Application, public_id: str, *, now: datetime, by: Actor | None = None) -> str | None:
    """Take a document out and return where its file lies, if there is one; one that is gone already is left alone.

    Raises WrongStatus where the applicant may not change answers.
    """
    _require_editable(application)
    document = find(application, public_id)
    if document is None or document.removed_at is not None:
        return None
    name = _forget_file(document, now)
    _list(application, now)
    _record(session, application, "remove_document", document, by or services.applicant(application), now)
    return name


def remove_all(session: Session, application: Application, *, but: Iterable[Document] = (), now: datetime) -> None:
    """Take out all documents whose time is over; housekeeping deletes the files. but: those that stay."""
    staying = set(but)
    for document in application.documents:
        if document.is_kept and document not in staying:
            _forget_file(document, now)
            _record(session, application, "remove_document", document, SYSTEM, now)
    session.flush()


def carry(session: Session, old: Application, fresh: Application, *, now: datetime) -> None:
    """Give a new application the documents of the one that it goes on from; both share the files."""
    columns = ("purpose", "name", "type", "size", "sha256", "storage_name", "state", "uploaded_at")
    fresh.documents = [Document(**{c: getattr(one, c) for c in columns}) for one in old.documents if one.is_kept]
    session.flush()
    if fresh.documents:
        _list(fresh, now)


def settle(session: Session, document: Document, finding: Finding, *, status_url: StatusUrl, now: datetime) -> str | None:
    """Note a verdict and return where a file lies that has to go; the caller holds the lock of the application's row.

    Nothing happens without a verdict, and to a document that waits for none any more.
    """
    if finding.verdict is Verdict.NOT_REACHED or document.state != DocumentState.WAITING or not document.is_kept:
        return None
    document.state, name = _STATES[finding.verdict], None
    if document.state == DocumentState.INFECTED:
        document.signature, name, document.storage_name = finding.words, document.storage_name, None
        _set_files(document.application)
        _tell(session, document, status_url, now)
    _record(session, document.application, "scan_document", document, SYSTEM, now)
    return name


def waiting(session: Session) -> list[tuple[int, int, str]]:
    """Return (row number of the application, that of the document, where the file lies) of all that wait for a verdict."""
    rows = select(Document.application_id, Document.id, Document.storage_name).where(
        Document.state == DocumentState.WAITING, Document.removed_at.is_(None), Document.storage_name.is_not(None)
    )
    return [(application, document, name) for application, document, name in session.execute(rows.order_by(Document.id)) if name]


def note_download(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Note that somebody of the staff took a document."""
    _record(session, document.application, "download", document, by, now)


def note_preview(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Note that somebody of the staff looked at a document's pages."""
    _record(session, document.application, "preview", document, by, now)


def was_previewed(session: Session, document: Document, *, by: Actor, since: datetime) -> bool:
    """Say whether the record has it that this person looked at the document's pages lately."""
    looks = (
        select(AuditEvent.sequence)
        .join(AuditEvent.values)
        .where(
            AuditEvent.action == "application.preview",
            AuditEvent.subject_kind == "application",
            AuditEvent.subject_id == document.application.reference,
            AuditEvent.actor_id == by.id,
            AuditEvent.at > since,
            AuditValue.field == "document",
            AuditValue.new == json.dumps(document.public_id),
        )
    )
    return session.scalar(looks.limit(1)) is not None


def find(application: Application, public_id: str) -> Document | None:
    """Return the application's document of this public id, removed or not."""
    return next((one for one in application.documents if one.public_id == public_id), None)


def sent(application: Application) -> list[Document]:
    """Return the documents that were sent with the answers: what was handed in since is the applicant's own until then."""
    ids = {row["id"] for row in part(application.sent_answers, Step.DOCUMENTS).get("files") or []}
    return [one for one in application.documents if one.public_id in ids]


def names_of(application: Application) -> list[str]:
    """Return where the files of an application lie."""
    return [one.storage_name for one in application.documents if one.storage_name]


def discard(session: Session, place: Place, names: Iterable[str]) -> None:
    """Delete files that no row names any more; to be called after the commit. One that stays is swept up later."""
    wanted = set(names)
    in_use = set(session.scalars(select(Document.storage_name).where(Document.storage_name.in_(wanted)))) if wanted else set()
    for name in wanted - in_use:
        try:
            place.remove(name)
        except PlaceFailed:
            log.warning("a file could not be deleted now; housekeeping tries again")


def orphans(session: Session, place: Place, *, now: datetime) -> list[str]:
    """Return the files that no row names, and that no request can be about to name."""
    in_use = set(session.scalars(select(Document.storage_name).where(Document.storage_name.is_not(None))))
    return [name for name, since in place.names() if name not in in_use and since <= now - ORPHAN_AFTER]


def _require_editable(application: Application) -> None:
    if application.state not in EDITABLE:
        raise WrongStatus(str(application.state), "documents")


def _forget_file(document: Document, now: datetime) -> str | None:
    name, document.storage_name, document.removed_at = document.storage_name, None, now
    return name


def _list(application: Application, now: datetime) -> None:
    _set_files(application)
    services.touch(application, now)


def _set_files(application: Application) -> None:
    """Name the documents among the answers, so that what was sent says which there were."""
    rows = []
    for one in application.documents:
        if one.removed_at is None:
            row: dict[str, Any] = {"id": one.public_id, "name": one.name, "purpose": str(one.purpose)}
            rows.append(row | ({"infected": True} if one.state == DocumentState.INFECTED else {}))
    answered = {name: value for name, value in part(application.answers, Step.DOCUMENTS).items() if name != "files"}
    application.answers = {**application.answers, str(Step.DOCUMENTS): {**answered, **({"files": rows} if rows else {})}}


def _tell(session: Session, document: Document, status_url: StatusUrl, now: datetime) -> None:
    application = document.application
    if application.email_proved is not None:
        letter = letters.infected(application, name=document.name, status_url=status_url(application))
        letters.post(session, application, letter, now=now)


def _record(session: Session, application: Application, verb: str, document: Document, by: Actor, now: datetime) -> None:
    values = {"document": document.public_id, "name": document.name, "sha256": document.sha256, "verdict": str(document.state)}
    changes = {field: (None, value) for field, value in values.items()}
    audit.record(session, f"application.{verb}", by=by, subject=("application", application.reference), now=now, changes=changes)
