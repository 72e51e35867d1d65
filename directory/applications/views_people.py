"""The page of the people who work on an application together."""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.applications import access, people
from directory.applications.blueprint import bp, key_address
from directory.applications.buttons import CopiesForm, EmptyForm, InviteForm
from directory.applications.models import Application
from directory.applications.opening import acting_number, opened
from directory.db import db
from directory.errors import Invalid, NotAllowed
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.web.limits import limiter

REFUSALS = {
    "keys": _l("We have mailed many links for this application already. Please use one of them, or try again tomorrow."),
    "people": _l("There are ten people on the list already. Please remove one first."),
    "not_proved": _l("Please prove your own e-mail address first."),
    "contact": _l("Letters about the application go to this person. Please name another contact person first."),
    "last_person": _l("Somebody has to remain who has proved an address."),
}


@bp.route("/apply/<token>/people", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
@opened
def people_page(application: Application) -> ResponseReturnValue:
    """List the people who work on the application, and invite one more."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(application, form, form.error_status if form.errors else HTTPStatus.OK)
    email = form.email.data or ""
    try:
        link, now = partial(key_address, application), datetime.now(UTC)
        access.invite(db.session(), application, name=form.name.data or "", email=email, link=link, by=acting_number(), now=now)
    except Invalid:
        form.email.errors = [_("This address is on the list already.")]
    except NotAllowed as refusal:
        form.form_errors.append(REFUSALS[refusal.reason])
    else:
        db.session.commit()
        flash(_("We have mailed a link to %(address)s. It opens the application there, once.", address=email), "success")
        return redirect(url_for(".people_page", token=application.token), 303)
    db.session.rollback()
    return _page(application, form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/apply/<token>/people/<int:number>/remove")
@limiter.limit("60 per hour")
@opened
def remove_person(application: Application, number: int) -> ResponseReturnValue:
    """Take somebody off the list."""
    if not EmptyForm().validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    person = next((one for one in people.present(application) if one.number == number), None)
    if person is not None:
        try:
            people.remove(db.session(), application, person, by=acting_number(), now=datetime.now(UTC))
        except NotAllowed as refusal:
            db.session.rollback()
            flash(str(REFUSALS[refusal.reason]), "warning")
            return redirect(url_for(".people_page", token=application.token), 303)
        db.session.commit()
        flash(_("The person was removed. The application is not open to them any more."), "success")
    return redirect(url_for(".people_page", token=application.token), 303)


@bp.post("/apply/<token>/people/copies")
@limiter.limit("60 per hour")
@opened
def set_copies(application: Application) -> ResponseReturnValue:
    """Keep whether the reader wants copies of questions and decisions."""
    form = CopiesForm()
    if not form.validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    me = next((one for one in people.present(application) if one.number == acting_number()), None)
    if me is not None:
        people.set_copies(db.session(), application, me, wanted=bool(form.wanted.data), now=datetime.now(UTC))
        db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for(".people_page", token=application.token), 303)


def _page(application: Application, form: InviteForm, status: int) -> ResponseReturnValue:
    number, listed = acting_number(), people.present(application)
    me = next((one for one in listed if one.number == number), None)
    page = render_template(
        "applications/people.html",
        application=application,
        people=listed,
        number=number,
        is_proved=people.is_proved(application, number),
        has_room=len(listed) < people.PEOPLE_MAX,
        copies=CopiesForm(formdata=None, data={"wanted": me.wants_copies})
        if me and me.email != application.email_proved
        else None,
        form=form,
        button_form=EmptyForm(formdata=None),
    )
    return page, status
