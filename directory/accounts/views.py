"""Everyone's own account: sign in and out, set up, a forgotten password, name and language."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import segno
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from markupsafe import Markup

from directory.accounts import keyring, managing, own, services, sessions
from directory.accounts.blueprint import bp
from directory.accounts.challenging import Purpose, offers_passkeys, take_answer
from directory.accounts.credentials import totp_address
from directory.accounts.forms import AskResetForm, NewPasswordForm, SetUpForm, SignInForm
from directory.accounts.guard import actor, begin_session, this_session
from directory.accounts.links import WAITING
from directory.accounts.models import Account, OneTimeLink
from directory.accounts.own import password_refusal
from directory.accounts.queries import get_link, is_open
from directory.accounts.recovery import count_left
from directory.config import Settings
from directory.db import db
from directory.errors import Invalid, NotAllowed
from directory.i18n import gettext as _
from directory.web.forms import BaseForm
from directory.web.limits import limiter
from directory.web.templates import absolute

__all__ = ["bp", "keyring", "managing", "own"]


@bp.route("/staff/sign-in", methods=["GET", "POST"])
@limiter.limit("20/minute; 200/hour", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Sign staff in; every refusal reads the same."""
    target = own_path(request.args.get("next")) or url_for("review.desk")
    if current_user.is_authenticated:
        return redirect(target, code=303)
    form = SignInForm()
    if form.validate_on_submit():
        fields = (form.email.data or "", form.password.data or "", form.code.data or "")
        answer = take_answer(Purpose.SIGN_IN, form.passkey.data) if form.passkey.data else None
        try:
            found = services.check_sign_in(db.session(), *fields, passkey=answer, now=_now())
        except NotAllowed:
            form.form_errors.append(_not_recognised(form))
        else:
            begin_session(found)
            db.session.commit()
            return redirect(target, code=303)
        db.session.commit()
    return render_template("accounts/sign_in.html", form=form, offers_passkeys=offers_passkeys()), _status(form)


@bp.post("/staff/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    if not BaseForm().validate_on_submit():
        abort(400)
    if current_user.is_authenticated:
        sessions.end(db.session(), [this_session()], by=actor(), now=_now())
        db.session.commit()
    logout_user()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"), code=303)


@bp.route("/staff/reset", methods=["GET", "POST"])
@limiter.limit("30/hour", methods=["POST"])
def reset() -> ResponseReturnValue:
    """Send a link for a forgotten password; the answer does not tell who has an account."""
    form = AskResetForm()
    if form.validate_on_submit():
        services.ask_for_reset(db.session(), form.email.data or "", address=link_address, now=_now())
        db.session.commit()
        return render_template("accounts/reset_sent.html", email=form.email.data)
    return render_template("accounts/reset.html", form=form), _status(form)


@bp.route("/staff/set-up/<key>", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def set_up(key: str) -> ResponseReturnValue:
    """Show what a one-time link opens, and use it up when its form is sent."""
    link = get_link(db.session(), key) or abort(404)
    if not is_open(link, now=_now()):
        return render_template("accounts/link_over.html"), 410
    form = SetUpForm(name=link.account.name) if link.totp_secret else NewPasswordForm()
    if form.validate_on_submit() and (found := _use(key, form)):
        has_codes = not isinstance(form, SetUpForm) or count_left(db.session(), found) > 0
        flash(_("Your password is set, and you are signed in."), "success")
        return redirect(url_for("review.desk" if has_codes else "accounts.show_recovery_codes"), code=303)
    page = render_template("accounts/set_up.html", form=form, link=link, qr=_qr(link))
    return page, _status(form)


def _use(key: str, form: NewPasswordForm) -> Account | None:
    """Use the link, sign in and return the account, or put the refusal beside its field."""
    name = (form.name.data or "") if isinstance(form, SetUpForm) else None
    try:
        found = services.use_link(
            db.session(), key, password=form.password.data or "", code=form.code.data or "", name=name, now=_now()
        )
    except Invalid as error:
        field = form.password if error.field == "password" else form.code
        field.errors = [*field.errors, _refusal(error)]
    except NotAllowed:
        abort(410)
    else:
        begin_session(found)
        db.session.commit()
        return found
    db.session.commit()
    return None


def own_path(text: str | None) -> str | None:
    """Return an address if it is a plain path on this site, else None: nobody is sent elsewhere after signing in."""
    if not text or not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text


def link_address(key: str) -> str:
    """Return the absolute address of a one-time link, in the reader's locale."""
    return absolute(url_for("accounts.set_up", key=key))


def _qr(link: OneTimeLink) -> Markup | None:
    """Draw what an authenticator scans, where the link brings a new second factor."""
    if link.totp_secret is None:
        return None
    settings: Settings = current_app.extensions["settings"]
    host = urlsplit(settings.public_url).hostname or "directory"
    code = segno.make(totp_address(link.totp_secret, account=link.account.email, issuer=host), error="m")
    return Markup(code.svg_inline(border=3, light="#fff", omitsize=True))  # noqa: S704 (a drawing made of our own values)


def _refusal(error: Invalid) -> str:
    if error.field == "password":
        return password_refusal(error)
    if error.reason == WAITING:
        return _("There were several wrong codes. Please wait a few minutes and try again.")
    return _("This code is not right, or it was used already. Please wait for the next one and write it here.")


def _not_recognised(form: SignInForm) -> str:
    if form.passkey.data:
        return _(
            "These do not belong together, or the passkey was not accepted. Please check the mail address and the password, and "
            "try again. After several wrong attempts, wait a few minutes before you try again."
        )
    return _(
        "These do not belong together, or the code was used already. Please check the mail address, the password and the "
        "code. After several wrong attempts, wait a few minutes before you try again."
    )


def _status(form: Any) -> int:
    return int(form.error_status) if form.is_submitted() and (form.errors or form.form_errors) else 200


def _now() -> datetime:
    return datetime.now(UTC)
