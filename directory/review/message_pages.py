"""Writing to the applicant: a page that shows the letter as it will go before anything is sent."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account, staff
from directory.applications.answers import organisation_name
from directory.applications.conversation import may_write, require_may_write
from directory.applications.models import WORDS_MAX
from directory.db import db
from directory.errors import Conflict
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.review import conversation, rules
from directory.review.actions import CASE
from directory.review.amending import fingerprint
from directory.review.blueprint import WRITERS, bp, clock, status_url
from directory.review.case import get_or_404, name_tag
from directory.review.previews import CHANGED, copies_text, is_confirming
from directory.web.forms import BaseForm, HiddenField, LongTextField, Needed
from directory.web.wording import reason_text


class MessageForm(BaseForm):
    """What the applicant is to read. shown: fingerprint of the letter that the page showed, blank before that; seen: `so_far`."""

    shown = HiddenField()
    seen = HiddenField()
    words = LongTextField(
        _l("Your message to the applicant"), most=WORDS_MAX, rows=8, validators=[Needed(_l("Please write your message."))]
    )


@bp.route(f"{CASE}/message", methods=["GET", "POST"])
@staff(*WRITERS)
def message(reference: str) -> ResponseReturnValue:
    """Write to the applicant: write, look at the letter, send."""
    application, form, letter, status = get_or_404(reference), MessageForm(prefix="message"), None, HTTPStatus.OK
    is_bound = rules.interest_of(application, account())
    if is_bound and form.words.data:
        status = HTTPStatus.FORBIDDEN
    elif form.validate_on_submit():
        require_may_write(application)
        words, address = form.words.data or "", status_url(application)
        letter = conversation.letter_of_message(application, words=words, status_url=address)
        seen, form.shown.data = form.shown.data, fingerprint(letter.subject, letter.body)
        if is_confirming() and seen == form.shown.data:
            try:
                conversation.send(
                    db.session(),
                    application,
                    by=account(),
                    words=words,
                    status_url=address,
                    seen=form.seen.data or "",
                    now=clock(),
                )
            except Conflict:
                db.session.rollback()
                application, status = get_or_404(reference), HTTPStatus.CONFLICT
                form.form_errors.append(_MEANWHILE)
            else:
                db.session.commit()
                flash(_("The message was sent. The applicant reads it on the status page and by mail."), "success")
                return redirect(url_for("review.case", reference=reference, _anchor="conversation"), code=303)
        elif is_confirming() and seen:
            form.form_errors.append(CHANGED)
    if not form.seen.data or status is HTTPStatus.CONFLICT:
        form.seen.data = conversation.so_far(application)
    page = render_template(
        "review/message.html",
        application=application,
        name=organisation_name(application.sent_answers),
        name_tag=name_tag(application),
        form=form,
        letter=letter,
        effect=[_("The state of the application stays as it is."), copies_text(application, letter.template)] if letter else [],
        can_write=may_write(application) and not is_bound,
        why_not=reason_text("interest") if is_bound else "",
    )
    return page, form.error_status if form.errors and status is HTTPStatus.OK else status


_MEANWHILE = _l(
    "Since you began to write, something was done here, or the applicant or a colleague wrote. Please look at the application. "
    "If your message still fits, send it: nothing of it is lost."
)
