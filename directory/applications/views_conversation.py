"""What the applicant writes to staff from the status page."""

from datetime import UTC, datetime

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from directory.applications import conversation
from directory.applications.blueprint import bp
from directory.applications.buttons import MessageForm, answers_form
from directory.applications.models import Application
from directory.applications.opening import acting_number, keep_typed, opened
from directory.applications.views_status import status_page
from directory.config import Settings
from directory.db import db
from directory.errors import NotAllowed, WrongStatus
from directory.i18n import gettext as _
from directory.i18n.locales import SOURCE
from directory.web.limits import limiter
from directory.web.templates import absolute


@bp.post("/apply/<token>/messages")
@limiter.limit("30 per hour")
@opened
def write(application: Application) -> ResponseReturnValue:
    """Keep what the applicant writes to staff, and tell them."""
    form = MessageForm(prefix="message")
    if not form.validate_on_submit():
        return _shown_again(application, form)
    settings: Settings = current_app.extensions["settings"]
    desk_url = absolute(url_for("review.case", reference=application.reference, locale=SOURCE))
    try:
        conversation.write(
            db.session(), application, words=form.words.data or "", desk_url=desk_url, staff_mail=settings.staff_mail,
            person=acting_number(), now=datetime.now(UTC),
        )  # fmt: skip
    except WrongStatus:
        keep_typed(application.token, "message")
        flash(_("This application is closed, so nothing can be written to us here. What you typed is kept below."), "warning")
        return redirect(url_for(".status", token=application.token), 303)
    except NotAllowed:
        form.words.errors = [
            _("You have written to us very often within a day. Please send this tomorrow; it is kept in this form.")
        ]
        return _shown_again(application, form)
    db.session.commit()
    flash(_("Your message has reached us. We answer here and by mail."), "success")
    return redirect(url_for(".status", token=application.token, _anchor="conversation"), 303)


def _shown_again(application: Application, form: MessageForm) -> ResponseReturnValue:
    """Show the status page with the message that is not right yet, and the answers to points as they are kept."""
    answers = answers_form(application.open_points, formdata=None)
    return status_page(application, answers, form.error_status, message=form)
