"""What was typed and not saved: kept while somebody types in a step, offered on the pages of the application."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import abort, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from directory.applications import unsaved
from directory.applications.answers import differences, part
from directory.applications.blueprint import bp
from directory.applications.buttons import EmptyForm
from directory.applications.forms import StepForm
from directory.applications.models import Application, Unsaved
from directory.applications.opening import acting, opened, typed_fields
from directory.applications.states import EDITABLE
from directory.applications.step_pages import make_form, not_kept
from directory.applications.vocab import STEP_LABELS, Step
from directory.db import db
from directory.i18n import gettext as _
from directory.web.limits import limiter

STEPS = ", ".join(Step)


@dataclass(frozen=True)
class Offered:
    """One text as a page offers it. step: whose form takes it, None where there is no such form now; texts: then, to copy."""

    id: int
    title: str
    at: datetime
    step: Step | None
    texts: tuple[str, ...]


@bp.post(f"/apply/<token>/<any({STEPS}):step>/typed")
@limiter.limit("1200 per hour")
@opened
def keep_typing(application: Application, step: str) -> ResponseReturnValue:
    """Keep what is being typed in a step, for the day on which the browser ends before the step is saved.

    A script sends it each time that a field is left, and is told the number under which it is kept; none where it is saved.
    """
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    if application.state not in EDITABLE:
        return jsonify(kept=None), HTTPStatus.CONFLICT
    this, number, now = Step(step), _number(), datetime.now(UTC)
    form, kept = make_form(application, this), None
    typed = typed_fields(but=not_kept(form))
    form.validate()  # brings numbers into the form in which they are stored
    if form.values() == part(application.answers, this):  # it came after the step was saved
        unsaved.settle(db.session(), application, this, typed, number=number, now=now)
    else:
        by = acting(application)
        kept = unsaved.keep_typing(db.session(), application, this, typed, number=number, by=by, now=now).id
    db.session.commit()
    return jsonify(kept=kept)


@bp.post("/apply/<token>/unsaved")
@opened
def drop_unsaved(application: Application) -> ResponseReturnValue:
    """Delete what was typed and not saved."""
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    unsaved.drop(db.session(), application)
    db.session.commit()
    flash(_("What was not saved is deleted."), "success")
    return redirect(url_for(".tasks", token=application.token), 303)


def kept_unsaved(application: Application, step: Step | None = None) -> dict[str, Any]:
    """Return what a page needs to offer it. step: whose page it is, which offers its own alone."""
    kept = unsaved.find_all(db.session(), application, now=datetime.now(UTC))
    offered = [_offer(application, one, g.locale) for one in kept if step in {None, one.page}]
    return {"unsaved": offered, "unsaved_form": EmptyForm(formdata=None) if step is None else None}


def unsaved_of(application: Application, step: Step) -> Unsaved | None:
    """Return what the address of a step's page names, if it is kept."""
    return unsaved.find(db.session(), application, _number(), step=step, now=datetime.now(UTC))


def settle_unsaved(application: Application, step: Step, form: StepForm) -> None:
    """Delete what a page of a step had kept, now that it was saved."""
    typed = typed_fields(but=not_kept(form))
    unsaved.settle(db.session(), application, step, typed, number=_number(), now=datetime.now(UTC))


def _number() -> int | None:
    """Return under which number the page that was sent, or that is asked for, is kept."""
    return request.args.get("unsaved", type=int)


def _offer(application: Application, one: Unsaved, locale: str) -> Offered:
    step = Step(one.page) if one.page in set(Step) else None
    if step is None:
        texts = tuple(text for values in one.fields.values() for text in values if text)
        return Offered(one.id, _("Your words to us"), one.at, None, texts)
    stored, typed = part(application.answers, step), make_form(application, step, one.fields).values()
    unlike = differences({str(step): stored}, {str(step): typed}, locale)
    texts = tuple(_("%(label)s: %(value)s", label=change.label, value=text) for change in unlike for text in change.new)
    return Offered(one.id, str(STEP_LABELS[step]), one.at, step if application.state in EDITABLE else None, texts)
