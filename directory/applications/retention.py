"""How long applications are kept: expired drafts go, and of those closed long ago only name, dates and decision stay."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import and_, delete, false, func, not_, or_, select, update
from sqlalchemy.orm import Session

from directory import audit, mail
from directory.applications import files, sent
from directory.applications.answers import part
from directory.applications.models import AccessKey, Application, Document, Unsaved
from directory.applications.states import State
from directory.applications.vocab import Purpose, Step
from directory.audit import SYSTEM, Actor
from directory.errors import WrongStatus
from directory.initiative.queries import times


class Deed(StrEnum):
    """What is to be done."""

    REMOVE = "remove"
    REDUCE = "reduce"
    DOCUMENTS = "documents"


CLOSED = frozenset({State.REJECTED, State.WITHDRAWN, State.LAPSED, State.DUPLICATE})
DOCUMENTS_END = CLOSED | {State.APPROVED}
ERASED_WHOLE = frozenset({State.DRAFT, State.EXPIRED})


class _Kept(NamedTuple):
    """How long what ended is kept: an expired draft, what was closed without an entry, documents after any end."""

    expired: timedelta
    closed: timedelta
    documents: timedelta


def _kept() -> _Kept:
    today = times()
    return _Kept(timedelta(days=today.expired_kept), timedelta(days=today.closed_kept), timedelta(days=today.documents_kept))


def over(session: Session, *, now: datetime) -> list[int]:
    """Return the row numbers of applications that are kept no longer, or not whole."""
    kept = _kept()
    expired = and_(Application.state == State.EXPIRED, Application.state_since <= now - kept.expired)
    closed = and_(Application.state.in_(CLOSED), Application.state_since <= now - kept.closed, Application.reduced_at.is_(None))
    is_over = and_(Application.state.in_(DOCUMENTS_END), Application.state_since <= now - kept.documents)
    leave = func.coalesce(Application.answers[(str(Step.DOCUMENTS), "logo_published")].as_boolean(), false())
    stays = and_(Application.state == State.APPROVED, Document.purpose == Purpose.LOGO, leave)
    documents = and_(is_over, Application.documents.any(and_(Document.storage_name.is_not(None), not_(stays))))
    return list(session.scalars(select(Application.id).where(or_(expired, closed, documents)).order_by(Application.id)))


def due(application: Application, *, now: datetime) -> Deed | None:
    """Say what is to be done with an application, if anything."""
    kept = _kept()
    if application.state == State.EXPIRED and application.state_since <= now - kept.expired:
        return Deed.REMOVE
    if application.state in CLOSED and application.state_since <= now - kept.closed and application.reduced_at is None:
        return Deed.REDUCE
    if application.state in DOCUMENTS_END and application.state_since <= now - kept.documents:
        has_more = any(one.is_kept and one not in staying(application) for one in application.documents)
        return Deed.DOCUMENTS if has_more else None
    return None


def act(session: Session, application: Application, *, now: datetime) -> Deed | None:
    """Do what is due and say what it was; the caller holds the lock of the row and commits."""
    deed = due(application, now=now)
    if deed is Deed.REMOVE:
        remove(session, application, now=now)
    elif deed is Deed.REDUCE:
        reduce(session, application, now=now)
    elif deed is Deed.DOCUMENTS:
        files.remove_all(session, application, but=staying(application), now=now)
    return deed


def staying(application: Application) -> list[Document]:
    """Return the documents that outlive the decision: the logo of a member that agreed to its being published."""
    if application.state != State.APPROVED or not part(application.answers, Step.DOCUMENTS).get("logo_published"):
        return []
    return [one for one in application.documents if one.purpose == Purpose.LOGO]


def may_erase(application: Application) -> bool:
    """Say whether the applicant may have the application erased at once: a draft, or one that is closed without an entry."""
    return application.state in ERASED_WHOLE or (application.state in CLOSED and application.reduced_at is None)


def erase(session: Session, application: Application, *, by: Actor, now: datetime) -> None:
    """Erase what the applicant wants erased: a draft whole, of a closed application all but name, dates and decision.

    Raises WrongStatus where staff still work on it, and where an entry rests on it.
    """
    if not may_erase(application):
        raise WrongStatus(str(application.state), "erase")
    if application.state in ERASED_WHOLE:
        remove(session, application, by=by, now=now)
    else:
        reduce(session, application, by=by, now=now)


def remove(session: Session, application: Application, *, now: datetime, by: Actor = SYSTEM) -> None:
    """Delete an application whole; that it was there stays in the audit, its values do not."""
    subject = ("application", application.reference)
    audit.record(session, "application.remove", by=by, subject=subject, now=now)
    _erase_traces(session, application)
    session.execute(update(Application).where(Application.carried_from_id == application.id).values(carried_from_id=None))
    session.delete(application)
    session.flush()


def reduce(session: Session, application: Application, *, now: datetime, by: Actor = SYSTEM) -> None:
    """Leave of an application its name, dates and decision."""
    own = part(application.answers, Step.ORGANISATION)
    audit.record(session, "application.reduce", by=by, subject=("application", application.reference), now=now)
    _erase_traces(session, application)
    kept = {name: own[name] for name in ("name", "name_language") if own.get(name)}
    application.answers = {str(Step.ORGANISATION): kept} if kept else {}
    application.points, application.notes, application.submissions, application.marks = [], [], [], []
    application.consents, application.documents, application.messages, application.translations = [], [], [], []
    for person in application.people:  # the rows stay: they say who may still open it
        person.name, person.email = "", None
    application.email = application.email_proved = None
    application.appeal = application.decision_message = application.recommendation_note = application.hold_reason = ""
    application.sponsor, application.checklist = None, {}
    application.interests = []
    for made in application.moves:
        made.words, made.facts = "", {field: value for field, value in made.facts.items() if field == "code"}
    sent.forget_facts(application)
    application.reduced_at = now
    session.flush()


def _erase_traces(session: Session, application: Application) -> None:
    """Erase what stands of an application elsewhere: values in the audit, letters, keys, what was not saved."""
    subject = ("application", application.reference)
    audit.erase(session, subject)
    mail.forget_about(session, subject)
    for table in (AccessKey, Unsaved):
        session.execute(delete(table).where(table.application_id == application.id))
