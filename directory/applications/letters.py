"""Letters to an applicant, and to staff about one. Each picks a template and hands it plain values.

Addresses come in ready-made, since only views know them. Every letter is in the application's language but `staff_told`.
Those of `letter_kinds` are written from the text that administrators gave them in that language, if they gave one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session, object_session

from directory import mail
from directory.applications import letter_texts, people
from directory.applications.answers import organisation_name, part, sections
from directory.applications.letter_kinds import FIXED, SHAPES, LetterKind
from directory.applications.models import Application
from directory.applications.states import REJECTION_LABELS, RejectionCode, State
from directory.applications.vocab import CONSENT_LABELS, Step
from directory.consents.vocab import ConsentKind
from directory.i18n import force_locale
from directory.i18n import gettext as _
from directory.i18n.formats import date_text
from directory.i18n.locales import LOCALES, SOURCE
from directory.initiative.queries import get_initiative, times
from directory.mail import Letter


def post(session: Session, application: Application, letter: Letter, *, now: datetime) -> None:
    """Put a letter to the applicant into the outbox: for the address last proved, and copies for colleagues who want them."""
    for address in (str(application.email_proved), *people.copied_to(application, letter.template)):
        mail.queue(session, letter, to=address, now=now, about=("application", application.reference))


def received(application: Application, *, status_url: str) -> Letter:
    """Write the receipt of a first submission, with the answers in it."""
    days = times().promised
    return _write(LetterKind.RECEIVED, application, status_url=status_url, answers=_answers(application), working_days=days)


def received_again(application: Application, *, status_url: str) -> Letter:
    """Write the receipt of a submission that answers staff's points."""
    return _write(LetterKind.RECEIVED_AGAIN, application, status_url=status_url, answers=_answers(application))


def access_key(application: Application, *, key_url: str, hours: int) -> Letter:
    """Write the letter with the single-use link that proves the address and opens the application.

    Its reader has proved nothing yet, so that it carries none of the applicant's words: nobody is written to with them.
    """
    return _render("application_key", application, key_url=key_url, hours=hours)


def invitation(application: Application, *, key_url: str, hours: int) -> Letter:
    """Write the letter with the single-use link to a colleague who was invited; it carries no words of the applicant."""
    return _render("application_invitation", application, key_url=key_url, hours=hours)


def staff_told(application: Application, *, desk_url: str) -> Letter:
    """Tell staff, in English, that an application came or came back."""
    again = bool(application.submissions)
    return _render("application_arrived", application, locale=SOURCE, desk_url=desk_url, again=again)


def changes_requested(
    application: Application, *, points: Sequence[tuple[str, str, str]], answer_by: date, status_url: str
) -> Letter:
    """Ask for changes until a day. points: (title of the step or nothing, reason in the applicant's language, staff's words)."""
    with force_locale(LOCALES[application.locale].babel):
        asked = letter_texts.points_text(points)
    return _write(
        LetterKind.CHANGES_REQUESTED,
        application,
        points=asked,
        answer_by=date_text(answer_by, application.locale),
        status_url=status_url,
    )


def approved(application: Application, *, message: str, profile_url: str) -> Letter:
    """Tell of the approval. message: staff's own words, may be empty."""
    return _write(LetterKind.APPROVED, application, message=message, profile_url=profile_url)


def rejected(application: Application, *, code: RejectionCode, message: str, status_url: str) -> Letter:
    """Tell of the rejection with its reason. message: staff's own words; where the code says nothing, they are the reason."""
    with force_locale(LOCALES[application.locale].babel):
        reason = str(REJECTION_LABELS[code])
    if code is RejectionCode.OTHER:
        reason, message = message, ""
    values = {"reason": reason, "message": message, "status_url": status_url, "appeal_days": times().appeal}
    return _write(LetterKind.REJECTED, application, **values)


def withdrawn(application: Application, *, status_url: str) -> Letter:
    """Confirm that the applicant withdrew."""
    return _write(LetterKind.WITHDRAWN, application, status_url=status_url)


def duplicate(application: Application, *, message: str, status_url: str) -> Letter:
    """Tell that the organisation has another application or an entry. message: staff's own words, may be empty."""
    days = times().appeal
    return _write(LetterKind.DUPLICATE, application, message=message, status_url=status_url, appeal_days=days)


def reopened(application: Application, *, message: str, status_url: str) -> Letter:
    """Tell that a closed application is being checked again. message: staff's own words, may be empty."""
    return _write(LetterKind.REOPENED, application, message=message, status_url=status_url)


def lapsed(application: Application, *, status_url: str) -> Letter:
    """Tell that the application was closed because the questions were not answered."""
    return _write(LetterKind.LAPSED, application, status_url=status_url)


def reminder(application: Application, *, status_url: str, ends_on: date) -> Letter:
    """Remind of a draft, or of questions that wait for an answer. ends_on: the day on which the clock would end it."""
    kind = LetterKind.REMINDER_DRAFT if application.state == State.DRAFT else LetterKind.REMINDER
    return _write(kind, application, status_url=status_url, ends_on=date_text(ends_on, application.locale))


def appealed(application: Application, *, words: str, desk_url: str) -> Letter:
    """Tell staff, in English, that an applicant asks to look at a decision again."""
    return _render("application_appeal", application, locale=SOURCE, words=words, desk_url=desk_url)


def message(application: Application, *, words: str, status_url: str) -> Letter:
    """Write to the applicant in staff's own words. status_url: where they answer."""
    return _greeted(_render("application_message", application, words=words, status_url=status_url), application)


def written(application: Application, *, words: str, desk_url: str) -> Letter:
    """Tell staff, in English, that the applicant wrote to them. words: the applicant's own."""
    return _render("application_written", application, locale=SOURCE, words=words, desk_url=desk_url, **_as_sent(application))


def consent_revoked(application: Application, kind: ConsentKind, *, consents_url: str) -> Letter:
    """Confirm that a consent was taken back, and say what follows. consents_url: where it can be given again."""
    letter = _render(
        "consent_revoked",
        application,
        kind=str(kind),
        consent=_consent(kind, application.locale),
        consents_url=consents_url,
        is_member=application.member is not None,
        is_sent=application.submitted_at is not None,
    )
    return _greeted(letter, application)


def consent_revoked_staff(application: Application, kind: ConsentKind, *, desk_url: str) -> Letter:
    """Tell staff, in English, that a consent was taken back without which nobody can be listed."""
    consent, is_member = _consent(kind, SOURCE), application.member is not None
    values = {"consent": consent, "desk_url": desk_url, "is_member": is_member, **_as_sent(application)}
    return _render("consent_revoked_staff", application, locale=SOURCE, **values)


def _consent(kind: ConsentKind, locale: str) -> str:
    with force_locale(LOCALES[locale].babel):
        return str(CONSENT_LABELS[kind])


def infected(application: Application, *, name: str, status_url: str) -> Letter:
    """Tell that a virus was found in a document. name: of the document."""
    return _greeted(_render("document_infected", application, name=name, status_url=status_url), application)


def _write(kind: LetterKind, application: Application, **values: Any) -> Letter:
    """Write a letter from its edited text in the applicant's language, or from the built-in one where there is none."""
    shape, session = SHAPES[kind], object_session(application)
    text = letter_texts.edited(session, kind, application.locale) if session else None
    if text is None:
        letter = _render(shape.file, application, **{**values, **shape.flags})
    else:
        letter = letter_texts.fill(text, _common(application, application.locale) | values)
    fixed = tuple(str(values[name]) for name in shape.needed if name in FIXED)
    return replace(_greeted(letter, application), fixed=fixed)


def _render(template: str, application: Application, *, locale: str = "", **values: Any) -> Letter:
    tag = locale or application.locale
    return mail.render(template, locale=tag, **{**_common(application, tag), **values})


def _as_sent(application: Application) -> dict[str, str]:
    """Name the organisation as staff know it: what the applicant types is their own until it is sent."""
    return {"organisation": organisation_name(application.sent_answers)}


def _common(application: Application, locale: str) -> dict[str, str]:
    return {
        "initiative": get_initiative().name(locale).text,
        "reference": application.reference,
        "organisation": organisation_name(application.answers),
    }


def _greeted(letter: Letter, application: Application) -> Letter:
    """Begin a letter to the applicant as the applicant wants to be addressed, if they said so."""
    addressed = str(part(application.answers, Step.CONTACT).get("addressed") or "")
    if not addressed:
        return letter
    with force_locale(LOCALES[letter.locale].babel):
        greeting = _("Good day, %(name)s,", name=addressed)
    return replace(letter, body=f"{greeting}\n\n{letter.body}")


def _answers(application: Application) -> str:
    return letter_texts.answers_text(sections(application.answers, application.locale))
