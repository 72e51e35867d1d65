"""Pages of the settings: all subjects, one of them, its earlier editions; and the forms that set them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed
from directory.accounts.guard import account, staff
from directory.accounts.models import Role
from directory.db import db
from directory.errors import Conflict, Invalid
from directory.i18n import gettext as _
from directory.initiative.queries import get_edition, list_editions, newest_editions
from directory.initiative.reading import Data, shipped
from directory.initiative.services import with_what_stays
from directory.initiative.vocab import SUBJECT_LABELS, TAXONOMIES, Subject
from directory.settings import services, term_views
from directory.settings.blueprint import READERS, SUBJECT, bp
from directory.settings.differences import differences, parts
from directory.settings.editing import Outcome, answer, now_of, subject_or_404, tags_of
from directory.settings.forms import ConsentsForm, InitiativeForm, PageForm, SettingForm, StatementForm, TimesForm

__all__ = ["bp", "term_views"]
FORMS: dict[Subject, type[SettingForm]] = {
    Subject.INITIATIVE: InitiativeForm,
    Subject.STATEMENT: StatementForm,
    Subject.CONSENTS: ConsentsForm,
    Subject.TIMES: TimesForm,
}
SHOWN_AT = {
    Subject.PAGE_HOME: "pages.home",
    Subject.PAGE_ABOUT: "pages.about",
    Subject.PAGE_PRIVACY: "pages.privacy",
    Subject.PAGE_ACCESSIBILITY: "pages.accessibility",
}
"""{subject: endpoint of the page that its words stand on}"""
NUMBER_MOST = 1_000_000
"""an address with a greater number is nobody's"""
EDITION = f"{SUBJECT}/history/<int:number>"


@bp.get("/staff/settings/")
@staff(*READERS)
def overview() -> str:
    """List what can be set, and who set it last."""
    newest = newest_editions(db.session())
    return render_template("settings/overview.html", labels=SUBJECT_LABELS, newest=newest)


@bp.get(SUBJECT)
@staff(*READERS)
def show(subject: str) -> str:
    """Show what counts of a subject."""
    found = subject_or_404(subject)
    if found in TAXONOMIES:
        return term_views.show_terms(found)
    now = now_of(found)
    return render_template("settings/subject.html", subject=found, label=SUBJECT_LABELS[found], now=now, parts=parts(now.data))


@bp.route(f"{SUBJECT}/edit", methods=["GET", "POST"])
@staff(Role.ADMINISTRATOR)
@confirmed
def edit(subject: str) -> ResponseReturnValue:
    """Set a subject that is no taxonomy."""
    found = subject_or_404(subject)
    if found in TAXONOMIES:
        abort(404)
    now, today = now_of(found), datetime.now(UTC).date()
    of = FORMS.get(found, PageForm)
    data = {**of.first(now.data, today=today), "seen_number": str(now.number)}
    form = of(tags=tags_of(_texts_in(now.data)), today=today, data=data)

    def page(outcome: Outcome) -> str:
        said = {"subject": found, "label": SUBJECT_LABELS[found], "texts": _marked(outcome.data), "shown_at": SHOWN_AT.get(found)}
        return render_template("settings/edit.html", form=form, outcome=outcome, **said)

    return answer(found, form, page, target=url_for("settings.show", subject=found))


@bp.get(f"{SUBJECT}/history")
@staff(*READERS)
def history(subject: str) -> str:
    """List the editions of a subject, newest first."""
    found = subject_or_404(subject)
    editions = list_editions(db.session(), found)
    return render_template("settings/history.html", subject=found, label=SUBJECT_LABELS[found], editions=editions)


@bp.get(EDITION)
@staff(*READERS)
def edition(subject: str, number: int) -> str:
    """Show what an edition changed; 0 is what comes with the program."""
    return _edition(subject_or_404(subject), number, None)


@bp.post(f"{EDITION}/take-up")
@staff(Role.ADMINISTRATOR)
@confirmed
def take_up(subject: str, number: int) -> ResponseReturnValue:
    """Let an earlier edition count again."""
    found = subject_or_404(subject)
    if number >= NUMBER_MOST:
        abort(404)
    form = SettingForm(tags=(), today=datetime.now(UTC).date())
    if form.validate_on_submit():
        note = form.note.data or ""
        try:
            services.take_up(
                db.session(), found, number, by=account(), note=note, seen_number=form.number, now=datetime.now(UTC)
            )  # fmt: skip
        except Invalid as error:
            db.session.rollback()
            form.refuse(error, {})
        except Conflict:
            db.session.rollback()
            form.seen_number.data = str(now_of(found).number)
            form.form_errors.append(_("Somebody else has set this meanwhile. Please look at what counts now, and decide again."))
            return _edition(found, number, form), HTTPStatus.CONFLICT
        else:
            db.session.commit()
            flash(_("It is saved, and counts from now on."), "success")
            return redirect(url_for("settings.show", subject=found), code=303)
    return _edition(found, number, form), form.error_status if form.errors else HTTPStatus.OK


def _edition(subject: Subject, number: int, form: SettingForm | None) -> str:
    """Show an edition. form: one that was sent and not accepted."""
    found = get_edition(db.session(), subject, number) if number < NUMBER_MOST else None
    if found is None and number:
        abort(404)
    before = get_edition(db.session(), subject, number - 1) if number > 1 else None
    now = now_of(subject)
    data: Data = found.data if found else shipped(subject)
    at = datetime.now(UTC)
    form = form or SettingForm(tags=(), today=at.date(), formdata=None, data={"seen_number": str(now.number)})
    return render_template(
        "settings/edition.html",
        subject=subject,
        label=SUBJECT_LABELS[subject],
        edition=found,
        changed=differences(before.data if before else shipped(subject), data) if found else [],
        parts=parts(data) if not found else [],
        would=differences(now.data, with_what_stays(subject, data, now.data, now=at)) if number != now.number else None,
        form=form,
    )


def _texts_in(data: Data) -> dict[str, str]:
    """Return texts in every language in which a subject has any."""
    found: dict[str, str] = {}
    for value in (data, *data.get("versions", ()), data.get("operator", {})):
        for name in ("names", "announced_at", "texts"):
            for tag, text in value.get(name, {}).items():
                found |= text if isinstance(text, Mapping) else {tag: text}
    return found


def _marked(data: Data) -> dict[str, str]:
    """Return the texts that are written with marks, to be shown as readers will see them; those of consents have none."""
    texts: Any = data["versions"][-1]["texts"] if data.get("versions") else data.get("texts", {})
    return {tag: text for tag, text in texts.items() if isinstance(text, str)}
