"""A person's own passkeys: add one, name it, remove it; and what a browser needs to make or use one, as JSON."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts import passkeys
from directory.accounts.blueprint import bp
from directory.accounts.challenges import KeptKey
from directory.accounts.challenging import Purpose, make_challenge, offers_passkeys, take_answer
from directory.accounts.confirming import confirmed
from directory.accounts.forms import NewPasskeyForm, PasskeyNameForm
from directory.accounts.guard import account, actor, staff
from directory.accounts.models import PASSKEY_NAME_MAX
from directory.accounts.queries import get_passkey, list_passkeys
from directory.db import db
from directory.errors import NotAllowed
from directory.i18n import gettext as _
from directory.web.browsers import browser_name
from directory.web.forms import BaseForm
from directory.web.limits import limiter


@bp.post("/staff/sign-in/passkey")
@limiter.limit("20/minute; 200/hour")
def sign_in_options() -> ResponseReturnValue:
    """Say what a browser needs to sign in with a passkey. It names no key, so it tells nobody who has one."""
    _require_form()
    return _options_to_use(Purpose.SIGN_IN, kept=[])


@bp.post("/staff/account/passkeys/use")
@staff()
def confirm_options() -> ResponseReturnValue:
    """Say what a browser needs to confirm with one of the person's passkeys."""
    _require_form()
    return _options_to_use(Purpose.CONFIRM, kept=_kept())


@bp.post("/staff/account/passkeys/make")
@staff()
def add_options() -> ResponseReturnValue:
    """Say what a browser needs to make a passkey for the person."""
    from directory.accounts.webauthn import options_to_add  # noqa: PLC0415 (it takes 11 MB, and hardly any process is asked for a passkey)

    _require_form()
    challenge, person = make_challenge(Purpose.ADD), passkeys.person_of(account())
    return jsonify(options_to_add(challenge, person=person, name=account().email, kept=_kept()))


@bp.post("/staff/account/passkeys")
@staff()
@confirmed
def begin_passkey() -> ResponseReturnValue:
    """Lead to the page that adds a passkey, after the password was asked for."""
    _require_form()
    return redirect(url_for("accounts.add_passkey"), code=303)


@bp.route("/staff/account/passkeys/new", methods=["GET", "POST"])
@staff()
@confirmed
def add_passkey() -> ResponseReturnValue:
    """Add a passkey that the browser made."""
    if not offers_passkeys():
        return redirect(url_for("accounts.own_account"), code=303)
    form = NewPasskeyForm(name=browser_name(request.user_agent.string)[:PASSKEY_NAME_MAX])
    if form.validate_on_submit():
        form.form_errors = [*form.form_errors, *_refusals_of(form)]
        if not form.form_errors:
            flash(_("The passkey is added. You can sign in with it from now on."), "success")
            return redirect(url_for("accounts.own_account"), code=303)
    return render_template("accounts/passkey_new.html", form=form), _status(form)


def _refusals_of(form: NewPasskeyForm) -> list[str]:
    """Add the passkey in the form; return why it could not be added, nothing where it was."""
    if not form.passkey.data:
        return [_("Your browser made no passkey. Please try again, or use another browser.")]
    answer = take_answer(Purpose.ADD, form.passkey.data)
    try:
        passkeys.add_passkey(db.session(), account(), answer, name=form.name.data or "", by=actor(), now=_now())
    except NotAllowed as error:
        found = [_refusal(error.reason)]
    else:
        found = []
    db.session.commit()
    return found


@bp.route("/staff/account/passkeys/<public_id>", methods=["GET", "POST"])
@staff()
def show_passkey(public_id: str) -> ResponseReturnValue:
    """Show one of the person's passkeys and let them name it anew."""
    found = get_passkey(db.session(), account(), public_id) or abort(404)
    form = PasskeyNameForm(name=found.name)
    if form.validate_on_submit():
        passkeys.rename_passkey(db.session(), account(), found, name=form.name.data or "", by=actor(), now=_now())
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("accounts.own_account"), code=303)
    return render_template("accounts/passkey.html", form=form, passkey=found), _status(form)


@bp.post("/staff/account/passkeys/<public_id>/remove")
@staff()
@confirmed
def remove_passkey(public_id: str) -> ResponseReturnValue:
    """Remove one of the person's passkeys."""
    _require_form()
    found = get_passkey(db.session(), account(), public_id) or abort(404)
    try:
        passkeys.remove_passkey(db.session(), account(), found, by=actor(), now=_now())
    except NotAllowed:
        flash(_("This is your only second factor. Please set up an authenticator first."), "danger")
    else:
        db.session.commit()
        flash(_("The passkey is removed. You can delete it on your device as well."), "success")
    return redirect(url_for("accounts.own_account"), code=303)


def _options_to_use(purpose: Purpose, *, kept: list[KeptKey]) -> ResponseReturnValue:
    from directory.accounts.webauthn import options_to_use  # noqa: PLC0415 (it takes 11 MB, and hardly any process is asked for a passkey)

    return jsonify(options_to_use(make_challenge(purpose), kept=kept))


def _kept() -> list[KeptKey]:
    return [passkeys.kept_key(passkey) for passkey in list_passkeys(db.session(), account())]


def _refusal(reason: str) -> str:
    if reason == passkeys.TOO_MANY:
        return _("You have as many passkeys as there can be. Please remove one first.")
    if reason == passkeys.KNOWN:
        return _("This passkey was added already.")
    return _("The passkey was not accepted, or it took longer than five minutes. Please try again.")


def _require_form() -> None:
    """Refuse a button that was not pressed on a page of ours."""
    if not BaseForm().validate_on_submit():
        abort(400)


def _status(form: Any) -> int:
    return int(form.error_status) if form.is_submitted() and (form.errors or form.form_errors) else 200


def _now() -> datetime:
    return datetime.now(UTC)
