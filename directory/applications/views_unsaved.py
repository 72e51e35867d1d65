"""What was typed where the application was not open, offered on its pages once it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from directory.applications import unsaved
from directory.applications.blueprint import bp
from directory.applications.buttons import EmptyForm
from directory.applications.models import Application, Unsaved
from directory.applications.opening import opened
from directory.applications.states import EDITABLE
from directory.applications.vocab import STEP_LABELS, Step
from directory.db import db
from directory.i18n import gettext as _


@dataclass(frozen=True)
class Offered:
    """One text as a page offers it. step: whose form takes it, None where there is no such form now; texts: then, to copy."""

    id: int
    title: str
    at: datetime
    step: Step | None
    texts: tuple[str, ...]


@bp.post("/apply/<token>/unsaved")
@opened
def drop_unsaved(application: Application) -> ResponseReturnValue:
    """Delete what was typed where the application was not open."""
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    unsaved.drop(db.session(), application)
    db.session.commit()
    flash(_("What was not saved is deleted."), "success")
    return redirect(url_for(".tasks", token=application.token), 303)


def kept_unsaved(application: Application) -> dict[str, Any]:
    """Return what a page needs to offer it."""
    kept = unsaved.find_all(db.session(), application, now=datetime.now(UTC))
    return {"unsaved": [_offer(application, one) for one in kept], "unsaved_form": EmptyForm(formdata=None)}


def unsaved_of(application: Application, step: Step) -> Unsaved | None:
    """Return what the address of a step's page names, if it is kept."""
    number = request.args.get("unsaved", type=int)
    return unsaved.find(db.session(), application, number, step=step, now=datetime.now(UTC)) if number else None


def _offer(application: Application, one: Unsaved) -> Offered:
    step = Step(one.page) if one.page in set(Step) else None
    title = str(STEP_LABELS[step]) if step else _("Your words to us")
    texts = tuple(text for values in one.fields.values() for text in values if text)
    return Offered(one.id, title, one.at, step if application.state in EDITABLE else None, texts)
