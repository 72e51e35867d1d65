"""Letters: rendered in the reader's language and put into the outbox with the change they tell of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from directory.config import ROOT
from directory.i18n import force_locale, template_callables
from directory.i18n.formats import date_text, list_text, time_text
from directory.i18n.locales import LOCALES
from directory.mail.models import SUBJECT_MAX, OutboxLetter

TEMPLATES = ROOT / "templates" / "mail"


@dataclass(frozen=True)
class Letter:
    """A rendered letter: what a preview shows and what `queue` keeps.

    fixed: what must still stand in its body, word for word, however somebody changes it.
    """

    template: str
    locale: str
    subject: str
    body: str
    fixed: tuple[str, ...] = ()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 (plain text, never HTML)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(**template_callables(), newstyle=True)  # type: ignore[attr-defined]  # Jinja's extension adds it
    return environment


_LETTERS = _environment()


def render(template: str, *, locale: str, **values: Any) -> Letter:
    """Render `templates/mail/<template>.txt` in the reader's language.

    The file's first line is the subject, then a blank line, then the body. values: plain values and texts;
    the template may also call `date_text`, `time_text` and `list_text` on them.
    """
    with force_locale(LOCALES[locale].babel):
        text = _LETTERS.get_template(f"{template}.txt").render(
            values
            | {
                "locale": locale,
                "date_text": lambda value: date_text(value, locale),
                "time_text": lambda value: time_text(value, locale),
                "list_text": lambda items: list_text(items, locale),
            }
        )
    subject, _, body = text.lstrip().partition("\n")
    return Letter(template, locale, as_subject(subject), as_body(body))


def as_subject(text: str) -> str:
    """Bring a subject into one line that the outbox can hold."""
    return " ".join(text.split())[:SUBJECT_MAX]


def as_body(text: str) -> str:
    """End a body with one line end."""
    return text.strip() + "\n"


def queue(
    session: Session,
    letter: Letter,
    *,
    to: str,
    now: datetime,
    about: tuple[str, str] = ("", ""),
    reply_to: str | None = None,
) -> OutboxLetter:
    """Put a letter into the outbox in the caller's transaction. about: (kind, public id), as in the audit."""
    row = OutboxLetter(
        template=letter.template,
        locale=letter.locale,
        recipient=to,
        reply_to=reply_to,
        subject=letter.subject,
        body=letter.body,
        subject_kind=about[0],
        subject_id=about[1],
        next_attempt_at=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row
