"""Everything that is kept of an application, for the person who asks what that is."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.applications.models import Application, Unsaved
from directory.mail import OutboxLetter

Json = dict[str, Any]


def export(session: Session, application: Application, *, secret: frozenset[str]) -> Json:
    """Return all that is kept of an application as JSON values; times are ISO 8601 in UTC.

    Names of staff, their notes for each other and what they translate for themselves are not the applicant's and stay out.
    secret: templates of letters whose text opens something, which stays out as well.
    """
    about = (OutboxLetter.subject_kind == "application", OutboxLetter.subject_id == application.reference)
    letters = session.scalars(select(OutboxLetter).where(*about).order_by(OutboxLetter.id))
    return {
        "reference": application.reference,
        "state": str(application.state),
        "language": application.locale,
        "email": application.email,
        "email_proved": application.email_proved,
        "answers": application.answers,
        "statement": {"version": application.statement_version, "accepted_at": _text(application.statement_accepted_at)},
        "consents": [
            {
                "consent": str(one.kind),
                "version": one.version,
                "language": one.locale,
                "digest": one.digest,
                "given_at": _text(one.given_at),
                "revoked_at": _text(one.revoked_at),
            }
            for one in application.consents
        ],
        "dates": {
            name: _text(getattr(application, f"{name}_at"))
            for name in ("created", "updated", "submitted", "decided", "reminded", "reduced")
        },
        "decision": {
            "reason": str(application.rejection_code) if application.rejection_code else None,
            "message": application.decision_message,
            "duplicate_of": application.duplicate_of,
        },
        "appeal": application.appeal,
        "introduced_by": application.sponsor.slug if application.sponsor else None,
        "member": application.member.slug if application.member else None,
        "submissions": [{"number": one.number, "at": _text(one.at), "answers": one.answers} for one in application.submissions],
        "points": [
            {
                "step": point.step,
                "reason": str(point.code),
                "words": point.words,
                "asked_at": _text(point.asked_at),
                "answer": point.answer,
                "answered_at": _text(point.answered_at),
            }
            for point in application.points
        ],
        "messages": [
            {
                "from": "association" if one.person is None else "applicant",
                "person": one.person,
                "at": _text(one.at),
                "words": one.words,
            }
            for one in application.messages
        ],
        "documents": [
            {
                "purpose": str(one.purpose),
                "name": one.name,
                "type": one.type,
                "bytes": one.size,
                "sha256": one.sha256,
                "virus_scan": str(one.state),
                "uploaded_at": _text(one.uploaded_at),
                "removed_at": _text(one.removed_at),
            }
            for one in application.documents
        ],
        "unsaved": [
            {"page": one.page, "at": _text(one.at), "fields": one.fields}
            for one in session.scalars(select(Unsaved).where(Unsaved.application_id == application.id).order_by(Unsaved.id))
        ],
        "people": [
            {
                "number": person.number,
                "name": person.name,
                "email": person.email,
                "invited_at": _text(person.added_at),
                "proved_at": _text(person.proved_at),
                "removed_at": _text(person.removed_at),
                "copies": person.wants_copies,
            }
            for person in application.people
        ],
        "history": [{"move": made.name, "state": str(made.target), "at": _text(made.at)} for made in application.moves],
        "letters": [
            {
                "to": letter.recipient,
                "subject": letter.subject,
                "text": None if letter.template in secret else letter.body,
                "written_at": _text(letter.created_at),
                "sent_at": _text(letter.sent_at),
            }
            for letter in letters
            if letter.recipient in {application.email, application.email_proved, *(one.email for one in application.people)}
        ],
    }


def _text(at: datetime | date | None) -> str | None:
    return at.isoformat() if at else None
