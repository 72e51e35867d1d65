"""A person's own account: name and language, where they are signed in, recovery codes, password, a new authenticator."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.accounts import services, sessions
from directory.accounts.blueprint import bp
from directory.accounts.challenges import Obstacle, Party
from directory.accounts.challenging import find_site
from directory.accounts.confirming import confirmed
from directory.accounts.forms import PasswordForm, ProfileForm
from directory.accounts.guard import account, actor, staff, this_session
from directory.accounts.models import PASSKEYS_MAX
from directory.accounts.queries import list_passkeys
from directory.accounts.recovery import count_left, make_codes
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.web.forms import BaseForm
from directory.web.locale import offered


@bp.route("/staff/account", methods=["GET", "POST"])
@staff()
def own_account() -> ResponseReturnValue:
    """Show a person's own account and let them change name and language."""
    form = ProfileForm(tags=offered(), name=account().name, locale=account().locale)
    if form.validate_on_submit():
        name, locale = form.name.data or "", form.locale.data
        services.set_profile(db.session(), account(), name=name, locale=locale, by=actor(), now=_now())
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("accounts.own_account"), code=303)
    page = render_template(
        "accounts/own.html",
        form=form,
        account=account(),
        sessions=sessions.list_open(db.session(), account(), now=_now()),
        here=this_session(),
        codes_left=count_left(db.session(), account()),
        passkeys=list_passkeys(db.session(), account()),
        passkeys_max=PASSKEYS_MAX,
        no_passkeys=_why_no_passkeys(),
    )
    return page, _status(form)


@bp.post("/staff/account/sessions/<public_id>/end")
@staff()
def end_session(public_id: str) -> ResponseReturnValue:
    """End one of the person's sessions, or with `others` all but this one."""
    _require_form()
    found = sessions.list_open(db.session(), account(), now=_now())
    chosen = [row for row in found if (row.id != this_session().id if public_id == "others" else row.public_id == public_id)]
    if not chosen and public_id != "others":
        abort(404)
    sessions.end(db.session(), chosen, by=actor(), now=_now())
    db.session.commit()
    flash(_("Ended. Whoever used it has to sign in again."), "success")
    return redirect(url_for("accounts.own_account"), code=303)


@bp.get("/staff/account/recovery-codes")
@staff()
def show_recovery_codes() -> ResponseReturnValue:
    """Offer to make recovery codes."""
    return render_template("accounts/recovery.html", codes_left=count_left(db.session(), account()))


@bp.post("/staff/account/recovery-codes")
@staff()
@confirmed
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, this one time."""
    _require_form()
    codes = make_codes(db.session(), account(), by=actor(), now=_now())
    db.session.commit()
    return render_template("accounts/recovery_codes.html", codes=codes)


@bp.post("/staff/account/password")
@staff()
@confirmed
def begin_password() -> ResponseReturnValue:
    """Lead to the page that changes the password, after the present one was asked for."""
    _require_form()
    return redirect(url_for("accounts.change_password"), code=303)


@bp.route("/staff/account/password/new", methods=["GET", "POST"])
@staff()
@confirmed
def change_password() -> ResponseReturnValue:
    """Change the person's password and end their other sessions."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            services.set_password(db.session(), account(), form.password.data or "", here=this_session(), by=actor(), now=_now())
        except Invalid as error:
            form.password.errors = [*form.password.errors, password_refusal(error)]
        else:
            db.session.commit()
            flash(_("Your password is changed, and your other sessions have ended."), "success")
            return redirect(url_for("accounts.own_account"), code=303)
    return render_template("accounts/password.html", form=form, account=account()), _status(form)


@bp.post("/staff/account/authenticator")
@staff()
@confirmed
def new_authenticator() -> ResponseReturnValue:
    """Lead to the page that sets up a new authenticator."""
    _require_form()
    key = services.replace_authenticator(db.session(), account(), by=actor(), now=_now())
    db.session.commit()
    return redirect(url_for("accounts.set_up", key=key), code=303)


def password_refusal(error: Invalid) -> str:
    """Say why a password is not taken."""
    if error.reason == "is_address":
        return _("Please choose a password that is not your mail address.")
    if error.reason == "guessable":
        return _("This password is easily guessed. Please choose a longer one, such as four words that do not belong together.")
    return _("Please choose a password of 12 to 200 characters.")


def _require_form() -> None:
    """Refuse a button that was not pressed on a page of ours."""
    if not BaseForm().validate_on_submit():
        abort(400)


def _why_no_passkeys() -> str:
    """Say why passkeys are not offered here; blank where they are."""
    site = find_site()
    if isinstance(site, Party):
        return ""
    if site is Obstacle.NUMBER:
        return _("Passkeys cannot be used here: browsers want a name for them, and the address of this site is a number.")
    return _("Passkeys cannot be used here: browsers want an address for them that begins with https.")


def _status(form: Any) -> int:
    return int(form.error_status) if form.is_submitted() and (form.errors or form.form_errors) else 200


def _now() -> datetime:
    return datetime.now(UTC)
