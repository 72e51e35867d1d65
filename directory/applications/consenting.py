"""Consents of an application: given, taken back, given anew, each with its event, its letter and what follows for the entry.

As in `services`, the caller holds the lock of the application's row and commits.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory import audit, mail
from directory.applications import letters
from directory.applications.answers import is_agreed, part
from directory.applications.models import Application
from directory.applications.rules import consents_lacking
from directory.applications.states import OPEN, State
from directory.applications.vocab import CONSENT_TEXTS, Step
from directory.audit import Actor
from directory.consents.models import Consent
from directory.consents.queries import standing_of
from directory.consents.texts import digest, texts_today
from directory.consents.vocab import NECESSARY, ConsentKind
from directory.errors import Conflict, WrongStatus
from directory.members import services as members

CHANGEABLE = OPEN | {State.APPROVED}
"""States in which a consent can be taken back or given: afterwards nothing rests on it."""


def follow(
    session: Session,
    application: Application,
    answered: Mapping[str, Any],
    *,
    locale: str,
    url: str,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Give and take back what the step on the statement ticked and left empty.

    locale: of the page on which the texts were read. url: of the page of consents, for a letter. by: whoever ticked them, of
    the people who work on the application; none: the first of them, here and below.
    """
    for kind in ConsentKind:
        standing = standing_of(application.consents, kind)
        if answered.get(kind):
            if standing is None or standing.version != answered.get(CONSENT_TEXTS):
                _give(session, application, kind, locale=locale, now=now, by=by)
        elif standing is not None:
            _take_back(session, application, standing, url=url, now=now, by=by)


def give(
    session: Session,
    application: Application,
    kind: ConsentKind,
    *,
    version: str,
    locale: str,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Give a consent, or give it anew; the entry comes back where nothing else kept it away.

    version: of the text on the page. Raises Conflict where another text is asked for by now, WrongStatus where the
    application is closed. A consent that stands already stays as it is.
    """
    _require_changeable(application, "give_consent")
    if version != texts_today().version:
        raise Conflict(f"consent text {version} was read")
    if is_agreed(application, kind):
        return
    _give(session, application, kind, locale=locale, now=now, by=by)
    _mirror(application, kind, now)
    member, by = application.member, by or _applicant(application)
    if member is None:
        return
    if kind is ConsentKind.CONTACT_SHARED:
        members.show_contact(session, member, by=by, now=now)
    elif not consents_lacking(application):
        members.list_again(session, member, by=by, now=now)


def take_back(
    session: Session,
    application: Application,
    kind: ConsentKind,
    *,
    url: str,
    desk_url: str,
    staff_mail: str,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Take a consent back: the contact is hidden, or the entry leaves the directory, at once and in this transaction.

    url: of the page of consents; desk_url: of the application in the desk. Staff are told where they would list, or do
    list, the entry. Raises WrongStatus where the application is closed. Nothing happens where the consent does not stand.
    """
    _require_changeable(application, "revoke_consent")
    if not is_agreed(application, kind):
        return
    standing = standing_of(application.consents, kind) or _as_row(application, kind)
    _take_back(session, application, standing, url=url, now=now, by=by)
    _mirror(application, kind, now)
    member, by = application.member, by or _applicant(application)
    if member is not None:
        if kind is ConsentKind.CONTACT_SHARED:
            members.hide_contact(session, member, by=by, now=now)
        else:
            members.take_off_list(session, member, by=by, now=now)
    if kind in NECESSARY and application.submitted_at is not None:
        letter = letters.consent_revoked_staff(application, kind, desk_url=desk_url)
        mail.queue(session, letter, to=staff_mail, now=now, about=_subject(application))


def _give(session: Session, application: Application, kind: ConsentKind, *, locale: str, now: datetime, by: Actor | None) -> None:
    texts = texts_today()
    text = texts.text(kind, locale)
    row = Consent(kind=kind, version=texts.version, locale=text.tag, digest=digest(text.text), given_at=now)
    row.member_id = application.member.heir.id if application.member else None
    application.consents.append(row)
    told = {"consent": (None, str(kind)), "version": (None, row.version), "locale": (None, row.locale)}
    _record(session, application, "give_consent", now, told, by)


def _take_back(session: Session, application: Application, row: Consent, *, url: str, now: datetime, by: Actor | None) -> None:
    for one in application.consents:
        if one.kind == row.kind and one.revoked_at is None:
            one.revoked_at = now
    _record(session, application, "revoke_consent", now, {"consent": (str(row.kind), None), "version": (row.version, None)}, by)
    if application.email_proved is not None:
        letter = letters.consent_revoked(application, ConsentKind(row.kind), consents_url=url)
        letters.post(session, application, letter, now=now)


def _as_row(application: Application, kind: ConsentKind) -> Consent:
    """Write down a consent from before texts had versions, so that its end can be noted."""
    text, at = "", application.statement_accepted_at or application.submitted_at or application.created_at
    row = Consent(kind=kind, version=text, locale=application.locale, digest=digest(text), given_at=at)
    row.member_id = application.member.heir.id if application.member else None
    application.consents.append(row)
    return row


def _mirror(application: Application, kind: ConsentKind, now: datetime) -> None:
    """Keep the answers in step, and count it as a change of the application, so that a clerk who saw it otherwise is told."""
    answered = {key: value for key, value in part(application.answers, Step.STATEMENT).items() if key != kind}
    if standing_of(application.consents, kind) is not None:
        answered |= {str(kind): True}
        standing = [row for one in ConsentKind if (row := standing_of(application.consents, one)) is not None]
        if all(row.version == texts_today().version for row in standing):  # or else those of older texts are asked anew
            answered |= {CONSENT_TEXTS: texts_today().version}
    application.answers = {**application.answers, str(Step.STATEMENT): answered}
    application.updated_at, application.reminders, application.reminded_at = now, 0, None


def _require_changeable(application: Application, verb: str) -> None:
    if application.state not in CHANGEABLE or application.reduced_at is not None:
        raise WrongStatus(str(application.state), verb)


def _applicant(application: Application) -> Actor:
    return Actor("applicant", application.reference)


def _subject(application: Application) -> tuple[str, str]:
    return ("application", application.reference)


def _record(
    session: Session,
    application: Application,
    verb: str,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]],
    by: Actor | None,
) -> None:
    by = by or _applicant(application)
    audit.record(session, f"application.{verb}", by=by, subject=_subject(application), now=now, changes=changes)
