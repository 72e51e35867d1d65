"""What the case page shows to be read: conversation, notes, translations, and what changed between two submissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import g, request

from directory.accounts.models import Account
from directory.applications import conversation
from directory.applications.answers import sections
from directory.applications.changes import Changes, changes_between
from directory.applications.conversation import Entry, Said
from directory.applications.models import Application, Submission
from directory.applications.states import POINT_LABELS, REJECTION_LABELS, PointCode
from directory.i18n import force_locale
from directory.i18n import gettext as _
from directory.i18n.locales import LOCALES
from directory.review import rules, translations
from directory.review.forms import VISIBILITY_LABELS


@dataclass(frozen=True)
class Comparison:
    """Two submissions, and what differs. sent: all there are, as (number, when)."""

    before: int
    after: int
    sent: tuple[tuple[int, datetime], ...]
    changes: Changes


def reading(application: Application, by: Account) -> dict[str, Any]:
    """Return what the case page needs for this. by: who reads it; of notes, the application has those for them alone."""
    locale, writes = g.locale, rules.may_write(by)
    found, is_foreign = sections(application.sent_answers, locale), application.locale != locale
    texts = translations.free_texts(application, locale, found)
    return {
        "talk": [(_said(entry), entry) for entry in conversation.entries(application)],
        "own_points": _own_points(application.locale) if is_foreign else {},
        "own_sections": sections(application.sent_answers, application.locale) if is_foreign else (),
        "own_rejection": _own_rejection(application) if is_foreign else "",
        "notes": application.notes,
        "visibilities": VISIBILITY_LABELS,
        "sections": found,
        "translated": translations.shown_beside(texts, application.translations, locale),
        "may_translate": writes and bool(texts),
        "may_message": writes and conversation.may_write(application) and not rules.interest_of(application, by),
        "compared": _comparison(application.submissions, locale),
    }


def _said(entry: Entry) -> str:
    """Say who said what to whom."""
    if entry.by is not None:
        name = entry.by.shown_name
        asked = entry.said is Said.ASKED
        return _("%(name)s asked the applicant", name=name) if asked else _("%(name)s wrote to the applicant", name=name)
    if entry.said is Said.ANSWERED:
        return _("The applicant answered")
    return _("The applicant asked to look again") if entry.said is Said.APPEAL else _("The applicant wrote")


def _own_rejection(application: Application) -> str:
    """Return the reason of a rejection as the applicant reads it."""
    if application.rejection_code is None:
        return ""
    with force_locale(LOCALES[application.locale].babel):
        return str(REJECTION_LABELS[application.rejection_code])


@cache
def _own_points(locale: str) -> dict[PointCode, str]:
    """Return the reasons of points as the applicant reads them."""
    with force_locale(LOCALES[locale].babel):
        return {code: str(label) for code, label in POINT_LABELS.items()}


def asked_numbers() -> tuple[int | None, int | None]:
    """Return the numbers of the two submissions that the address names."""
    before, after = (request.args.get(name, type=int) for name in ("before", "after"))
    return before, after


def _comparison(submissions: Sequence[Submission], locale: str) -> Comparison | None:
    """Compare the two submissions that the address names, or else the last two; None where there is one only."""
    if len(submissions) < 2:
        return None
    by_number = {one.number: one for one in submissions}
    before, after = (by_number.get(number or 0) for number in asked_numbers())
    if before is None or after is None:
        before, after = submissions[-2:]
    changes = changes_between(before.answers, after.answers, locale)
    return Comparison(before.number, after.number, tuple((one.number, one.at) for one in submissions), changes)
