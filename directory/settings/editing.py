"""What all forms of settings do: show what would change, save, or say what somebody else did meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account
from directory.db import db
from directory.errors import Conflict, Invalid
from directory.i18n import gettext as _
from directory.initiative.models import Edition
from directory.initiative.queries import get_edition, newest_edition
from directory.initiative.reading import Data, shipped
from directory.initiative.services import check_data
from directory.initiative.vocab import Subject
from directory.settings import services
from directory.settings.differences import Difference, differences, unchanged_languages
from directory.settings.forms import SettingForm
from directory.settings.merging import merge
from directory.web.locale import current, offered


@dataclass(frozen=True)
class Now:
    """What counts of a subject. edition: none while nobody has set it."""

    edition: Edition | None
    data: Data

    @property
    def number(self) -> int:
        """The number that a form has seen."""
        return self.edition.number if self.edition else 0


@dataclass(frozen=True)
class Outcome:
    """What a page of a form says beside it. would: what would change; data: how it would be; meanwhile: what came between.

    as_before: languages in which a new version changes nothing, where it does in others.
    """

    would: list[Difference] | None = None
    as_before: Sequence[str] = ()
    data: Data = field(default_factory=dict)
    meanwhile: Edition | None = None


Page = Callable[[Outcome], str]


def subject_or_404(name: str) -> Subject:
    """Return the subject of an address."""
    return Subject(name) if name in set(Subject) else abort(404)


def now_of(subject: Subject) -> Now:
    """Return what counts of a subject in this transaction."""
    edition = newest_edition(db.session(), subject)
    return Now(edition, edition.data if edition else shipped(subject))


def tags_of(texts: Mapping[str, str]) -> list[str]:
    """Return the languages that a form shows: those of the site, and others that there is a text in."""
    return list(dict.fromkeys((*offered(), *texts)))


def names_of(data: Data) -> dict[str, str]:
    """Return {slug: label} of the terms of a taxonomy; nothing of another subject."""
    locale = current().tag
    return {term["slug"]: term["labels"].get(locale) or term["labels"]["en"] for term in data.get("terms", ())}


def answer(subject: Subject, form: SettingForm, page: Page, *, target: str) -> ResponseReturnValue:
    """Answer to a form of a subject. page: makes its page; target: where to go once it is saved."""
    outcome = Outcome()
    if form.validate_on_submit():
        try:
            outcome = _do(subject, form)
        except Invalid as error:
            db.session.rollback()
            form.refuse(error, names_of(now_of(subject).data))
        except Conflict:
            db.session.rollback()
            return page(_meanwhile(subject, form)), HTTPStatus.CONFLICT
        else:
            if not form.is_preview:
                db.session.commit()
                flash(_("It is saved, and counts from now on."), "success")
                return redirect(target, code=303)
    return page(outcome), form.error_status if form.errors else HTTPStatus.OK


def _do(subject: Subject, form: SettingForm) -> Outcome:
    """Save what was typed, or say what would change."""
    now, at = now_of(subject), datetime.now(UTC)
    data = form.changed(now.data)
    if form.is_preview:
        check_data(db.session(), subject, data, now=at)
        return Outcome(differences(now.data, data), unchanged_languages(now.data, data), data)
    note = form.note.data or ""
    services.change(db.session(), subject, data, by=account(), note=note, seen_number=form.number, now=at)
    return Outcome()


def _meanwhile(subject: Subject, form: SettingForm) -> Outcome:
    """Put what a colleague set meanwhile into the form, and say what this one would change of it; sending it again saves it."""
    now, note = now_of(subject), form.note.data
    seen = get_edition(db.session(), subject, form.number)
    base = seen.data if seen else shipped(subject)
    if form.is_mergeable:
        data = merge(base, form.changed(base), now.data)
        form.process(data={**form.shown(data), "seen_number": str(now.number), "note": note})
    else:
        form.seen_number.data = str(now.number)
        data = form.changed(now.data)
    return Outcome(differences(now.data, data), unchanged_languages(now.data, data), data, now.edition)
