"""Pages by which another browser gets in, and the address is proved: always by a single-use link that was mailed."""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.applications import access, people
from directory.applications.blueprint import bp, key_address
from directory.applications.buttons import EmptyForm, LinkForm, LostLinkForm
from directory.applications.models import Application
from directory.applications.opening import opened, remember
from directory.applications.queries import get_by_token
from directory.applications.vocab import Step
from directory.db import db
from directory.errors import NotAllowed
from directory.i18n import gettext as _
from directory.web.limits import limiter


@bp.post("/apply/<token>/link")
@limiter.limit("30 per hour")
def send_link(token: str) -> ResponseReturnValue:
    """Mail a link to who asks for it by an address that was proved; the answer is the same where it was not."""
    form = LinkForm()
    if not form.validate_on_submit() or form.email_again.data:
        return render_template("applications/not_open.html", token=token, form=form), form.error_status
    application = get_by_token(db.session(), token, with_for_update=True)
    email = form.email.data or (application.email_proved if application is not None else None) or ""
    if application is not None and people.has_proved(application, email):
        try:
            link = partial(key_address, application)
            access.send_key(db.session(), application, to=email, link=link, now=datetime.now(UTC))
        except NotAllowed:
            pass  # enough links are under way; the answer tells nothing either way
        db.session.commit()
    flash(_("If this application exists and this e-mail address was proved in it, a link is on its way to the address."), "info")
    return redirect(url_for(".tasks", token=token), 303)


@bp.route("/apply/link", methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def send_lost_links() -> ResponseReturnValue:
    """Mail links to who has lost every address of their applications; the answer is the same where there is none."""
    form = LostLinkForm()
    if not form.validate_on_submit() or form.email_again.data:
        return render_template("applications/lost_link.html", form=form), form.error_status if form.errors else HTTPStatus.OK
    access.send_lost(db.session(), to=form.email.data or "", link=key_address, now=datetime.now(UTC))
    db.session.commit()
    flash(_("If this e-mail address was proved in an application, a link for it is on its way to the address."), "info")
    return redirect(url_for(".send_lost_links"), 303)


@bp.route("/apply/<token>/open/<key>", methods=["GET", "POST"])
@limiter.limit("60 per hour")
def open_link(token: str, key: str) -> ResponseReturnValue:
    """Use a mailed link: a button, since mail programs fetch addresses on their own, proves the address and opens."""
    application, now, form = get_by_token(db.session(), token, with_for_update=True), datetime.now(UTC), EmptyForm()
    if application is None or not access.may_use(db.session(), application, key, now=now):
        return render_template("applications/link_over.html", token=token, form=EmptyForm(formdata=None)), HTTPStatus.NOT_FOUND
    if not form.validate_on_submit():
        status = form.error_status if form.errors else HTTPStatus.OK
        return render_template("applications/open_link.html", token=token, key=key, form=form), status
    number = access.use_key(db.session(), application, key, now=now)
    remember(application, number)
    db.session.commit()
    flash(_("Thank you: your e-mail address is proved, and the application is open in this browser."), "success")
    return redirect(url_for(".tasks", token=token), 303)


@bp.post("/apply/<token>/prove")
@limiter.limit("20 per hour")
@opened
def prove(application: Application) -> ResponseReturnValue:
    """Mail the link that proves the address once more."""
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    if application.email is not None and not application.email_is_proved:
        mail_proof(application, again=True)
        db.session.commit()
    return redirect(url_for(".step", token=application.token, step=Step.CONTACT, _anchor="prove"), 303)


def mail_proof(application: Application, *, again: bool = False) -> None:
    """Mail the link that proves the address where it is needed, and tell the applicant."""
    now, link = datetime.now(UTC), partial(key_address, application)
    try:
        if again and application.email is not None:
            access.send_key(db.session(), application, to=application.email, link=link, now=now)
        elif not access.ask_for_proof(db.session(), application, link=link, now=now):
            return
    except NotAllowed:
        flash(
            _("We have mailed many links for this application already. Please use one of them, or try again tomorrow."), "warning"
        )
        return
    flash(
        _("We have mailed a link to %(address)s. Please open it to prove that the address is yours.", address=application.email),
        "info",
    )
