"""The texts behind letters to an applicant: as built in, as edited, and with values of an invented case."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Self

from sqlalchemy.orm import Session

from directory import mail
from directory.applications.answers import Answers, Section, sections
from directory.applications.letter_kinds import COMMON, SHAPES, LetterKind
from directory.applications.states import POINT_LABELS, REJECTION_LABELS, PointCode, RejectionCode
from directory.applications.vocab import STEP_LABELS, Step
from directory.i18n import force_locale
from directory.i18n import gettext as _
from directory.i18n.formats import date_text
from directory.i18n.locales import LOCALES
from directory.initiative.queries import get_initiative, times
from directory.mail import Letter, texts

SAMPLE_REFERENCE = "A-7F3K9B"
_AT_HAND = "letter_texts"
"""key of `Session.info` under which texts lie that were read for many letters"""


class _InBraces(int):
    """A number that is counted with and shows as its placeholder."""

    _name: str

    def __new__(cls, number: int, name: str) -> Self:
        """Make one. name: of the placeholder."""
        made = super().__new__(cls, number)
        made._name = name
        return made

    def __str__(self) -> str:
        return f"{{{self._name}}}"


def built_in(kind: LetterKind, locale: str) -> Letter:
    """Return the built-in text of a letter, with its placeholders in braces."""
    shape = SHAPES[kind]
    values: dict[str, Any] = {name: f"{{{name}}}" for name in (*COMMON, *shape.needed)} | dict(shape.flags)
    counted = {"working_days": times().promised, "appeal_days": times().appeal}
    return mail.render(shape.file, locale=locale, **values, **{name: _InBraces(days, name) for name, days in counted.items()})


def edited(session: Session, kind: LetterKind, locale: str) -> Letter | None:
    """Return the text of a letter that counts instead of the built-in one, if any.

    A text that an earlier program let pass and whose placeholders are others by now does not count.
    """
    with session.no_autoflush:
        known = session.info.get(_AT_HAND)
        row = texts.get_newest(session, kind, locale) if known is None else known.get((kind, locale))
    if row is None or row.subject is None or row.body is None:
        return None
    return None if has_problems(kind, row.subject, row.body) else Letter(SHAPES[kind].file, locale, row.subject, row.body)


@contextmanager
def at_hand(session: Session) -> Iterator[None]:
    """Read all edited texts at once for the many letters that are written inside, rather than one for each letter."""
    session.info[_AT_HAND] = texts.list_newest(session)
    try:
        yield
    finally:
        del session.info[_AT_HAND]


def current(session: Session, kind: LetterKind, locale: str) -> Letter:
    """Return the text of a letter that counts now."""
    return edited(session, kind, locale) or built_in(kind, locale)


def has_problems(kind: LetterKind, subject: str, body: str) -> bool:
    """Say whether placeholders are unknown, malformed, or missing."""
    shape = SHAPES[kind]
    found = (*texts.problems(subject, allowed=COMMON), *texts.problems(body, allowed=shape.allowed, needed=shape.needed))
    return bool(found)


def fill(text: Letter, values: dict[str, Any]) -> Letter:
    """Make a letter of a text with placeholders. values: of all that may stand in it; a blank organisation has a reference."""
    told = {name: str(value) for name, value in values.items()}
    told["organisation"] = told["organisation"] or told["reference"]
    subject, body = texts.fill(text.subject, told), texts.fill(text.body, told)
    return Letter(text.template, text.locale, mail.as_subject(subject), mail.as_body(body))


def answers_text(parts: Iterable[Section]) -> str:
    """Write answers as plain text: each part with its title, each answer on a line."""
    written = ("\n".join([part.title, *(f"- {row.label}: {'; '.join(row.values)}" for row in part.rows)]) for part in parts)
    return "\n\n".join(written)


def points_text(points: Sequence[tuple[str, str, str]]) -> str:
    """Write what is asked, numbered, in the current language.

    points: (title of the step or nothing, reason, staff's own words or nothing).
    """
    written = []
    for number, (title, reason, words) in enumerate(points, 1):
        first = f"{number}. {_('%(label)s: %(value)s', label=title, value=reason) if title else reason}"
        written.append(f"{first}\n{words}" if words else first)
    return "\n\n".join(written)


def sample(kind: LetterKind, locale: str, *, status_url: str, profile_url: str, day: date) -> dict[str, Any]:
    """Return values of an invented case for every placeholder of a letter. The addresses open nothing; day: for all days."""
    with force_locale(LOCALES[locale].babel):
        message = _("These are the words of whoever decides. They may take several lines.")
        name = _("Sample organisation")
        answers: Answers = {
            str(Step.ORGANISATION): {"name": name, "website": "https://www.organisation.example/"},
            str(Step.SEAT): {"country": "RS"},
        }
        values = {
            "organisation": name,
            "reference": SAMPLE_REFERENCE,
            "initiative": get_initiative().name(locale).text,
            "answers": answers_text(sections(answers, locale)),
            "points": points_text(
                [
                    (str(STEP_LABELS[Step.SEAT]), str(POINT_LABELS[PointCode.DIFFERENT_REGISTER]), message),
                    ("", str(POINT_LABELS[PointCode.UNCLEAR]), ""),
                ]
            ),
            "message": message,
            "reason": str(REJECTION_LABELS[RejectionCode.NOT_VERIFIABLE]),
            "status_url": status_url,
            "profile_url": profile_url,
            "working_days": times().promised,
            "appeal_days": times().appeal,
            "answer_by": date_text(day, locale),
            "ends_on": date_text(day, locale),
        }
    return {name: values[name] for name in SHAPES[kind].allowed}
