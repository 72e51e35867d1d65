"""Accounts as administrators see them: list, invite, roles, a new sign-in, close and open."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.accounts import letters, services
from directory.accounts.blueprint import bp
from directory.accounts.confirming import confirmed
from directory.accounts.forms import InviteForm, RolesForm
from directory.accounts.guard import actor, staff
from directory.accounts.models import ROLE_HINTS, ROLE_LABELS, Account, Role
from directory.accounts.queries import get_account_by_id, list_accounts
from directory.db import db
from directory.errors import Conflict, Invalid, NotAllowed
from directory.i18n import gettext as _
from directory.mail import Letter, queue
from directory.web.forms import BaseForm
from directory.web.locale import current, offered
from directory.web.templates import absolute


@bp.route("/staff/accounts/", methods=["GET", "POST"], endpoint="list_accounts")
@staff(Role.ADMINISTRATOR)
@confirmed
def show_accounts() -> ResponseReturnValue:
    """List all accounts and invite another by letter."""
    form = InviteForm(tags=offered(), locale=current().tag)
    if form.validate_on_submit():
        try:
            added, key = services.add_account(
                db.session(), form.email.data or "", form.chosen, by=actor(), now=_now(), locale=form.locale.data or ""
            )
        except Invalid:
            form.email.errors = [_("There is an account with this mail address already.")]
        else:
            _send(added, letters.invitation(added, link=_link(added, key)))
            db.session.commit()
            flash(_("The invitation is on its way to %(email)s.", email=added.email), "success")
            return redirect(url_for("accounts.list_accounts"), code=303)
    page = render_template(
        "accounts/list.html", form=form, accounts=list_accounts(db.session()), role_labels=ROLE_LABELS, role_hints=ROLE_HINTS
    )
    return page, form.error_status if form.errors else 200


@bp.route("/staff/accounts/<public_id>", methods=["GET", "POST"])
@staff(Role.ADMINISTRATOR)
@confirmed
def account_edit(public_id: str) -> ResponseReturnValue:
    """Show an account and change its roles."""
    found = _get(public_id)
    form, status = RolesForm(data={"roles": [str(role) for role in found.roles]}), None
    if form.validate_on_submit():
        try:
            services.set_roles(db.session(), found, form.chosen, by=actor(), now=_now(), seen=form.seen_roles)
        except NotAllowed:
            form.roles.errors = [_last_administrator()]
        except Conflict:
            db.session.rollback()
            form.form_errors.append(_("Somebody else has set this meanwhile. Please look at what counts now, and decide again."))
            form.roles.data, status = [str(role) for role in found.roles], HTTPStatus.CONFLICT
        else:
            db.session.commit()
            flash(_("The roles are saved."), "success")
            return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)
    if status or not form.is_submitted():
        form.show(found.roles)
    page = render_template("accounts/edit.html", form=form, account=found, role_labels=ROLE_LABELS, role_hints=ROLE_HINTS)
    return page, status or (form.error_status if form.errors else HTTPStatus.OK)


@bp.post("/staff/accounts/<public_id>/reset")
@staff(Role.ADMINISTRATOR)
@confirmed
def account_reset(public_id: str) -> ResponseReturnValue:
    """End an account's sign-in and send it a link to a new one."""
    found = _get(public_id)
    _require_form()
    try:
        key = services.renew_account(db.session(), found, by=actor(), now=_now())
    except NotAllowed as error:
        is_last = error.reason == services.LAST_ADMINISTRATOR
        flash(_last_administrator() if is_last else _("This account is closed. Open it first."), "danger")
    else:
        _send(found, letters.new_set_up(found, link=_link(found, key)))
        db.session.commit()
        flash(_("The old sign-in no longer works. A link to a new one is on its way to %(email)s.", email=found.email), "success")
    return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)


@bp.post("/staff/accounts/<public_id>/disable")
@staff(Role.ADMINISTRATOR)
@confirmed
def account_disable(public_id: str) -> ResponseReturnValue:
    """Close an account; its sessions end at once."""
    found = _get(public_id)
    _require_form()
    try:
        services.disable_account(db.session(), found, by=actor(), now=_now())
    except NotAllowed:
        flash(_last_administrator(), "danger")
    else:
        db.session.commit()
        flash(_("The account is closed."), "success")
    return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)


@bp.post("/staff/accounts/<public_id>/enable")
@staff(Role.ADMINISTRATOR)
@confirmed
def account_enable(public_id: str) -> ResponseReturnValue:
    """Open a closed account again."""
    found = _get(public_id)
    _require_form()
    services.enable_account(db.session(), found, by=actor(), now=_now())
    db.session.commit()
    flash(_("The account is open again."), "success")
    return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)


def _get(public_id: str) -> Account:
    return get_account_by_id(db.session(), public_id) or abort(404)


def _require_form() -> None:
    """Refuse a button that was not pressed on a page of ours."""
    if not BaseForm().validate_on_submit():
        abort(400)


def _link(account: Account, key: str) -> str:
    return absolute(url_for("accounts.set_up", key=key, locale=account.locale))


def _send(account: Account, letter: Letter) -> None:
    queue(db.session(), letter, to=account.email, now=_now(), about=("account", account.public_id))


def _last_administrator() -> str:
    return _("This is the last administrator who can sign in. Give another account that role first.")


def _now() -> datetime:
    return datetime.now(UTC)
