"""Accounts as administrators see them: list, invite, roles, a new sign-in, close and open."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.accounts import letters, services
from directory.accounts.blueprint import bp
from directory.accounts.confirming import confirmed
from directory.accounts.forms import ChangeRolesForm, InviteForm, ReasonForm
from directory.accounts.guard import account, actor, staff
from directory.accounts.models import LINK_TIMES, ROLE_HINTS, ROLE_LABELS, Account, LinkPurpose, Role
from directory.accounts.queries import count_factors, get_account_by_id, list_accounts
from directory.db import db
from directory.errors import Conflict, Invalid, NotAllowed
from directory.i18n import gettext as _
from directory.mail import Letter, queue
from directory.web.locale import current, offered
from directory.web.templates import absolute

OPEN, RENEW, CLOSE = "open", "renew", "close"
"""prefixes of the forms of one account, each with its reason"""


@bp.get("/staff/accounts/", endpoint="list_accounts")
@staff(Role.AUDITOR, Role.ADMINISTRATOR)
def show_accounts() -> ResponseReturnValue:
    """List all accounts; whoever manages them finds the form of an invitation below."""
    manages = Role.ADMINISTRATOR in account().roles
    return _list_page(InviteForm(tags=offered(), locale=current().tag) if manages else None)


@bp.post("/staff/accounts/")
@staff(Role.ADMINISTRATOR)
@confirmed
def invite() -> ResponseReturnValue:
    """Invite another by letter."""
    form = InviteForm(tags=offered(), locale=current().tag)
    if form.validate_on_submit():
        try:
            added, key = services.add_account(
                db.session(), form.email.data or "", form.chosen, by=actor(), now=_now(), locale=form.locale.data or ""
            )
        except Invalid:
            form.email.errors = [_("There is an account with this mail address already.")]
        else:
            initiative = current_app.extensions["initiative_name"](added.locale)
            letter = letters.invitation(added, link=_link(added, key), by=account().shown_name, initiative=initiative)
            _send(added, letter)
            db.session.commit()
            flash(_("The invitation is on its way to %(email)s.", email=added.email), "success")
            return redirect(url_for("accounts.list_accounts"), code=303)
    return _list_page(form)


@bp.get("/staff/accounts/<public_id>")
@staff(Role.ADMINISTRATOR)
def account_edit(public_id: str) -> ResponseReturnValue:
    """Show an account with the forms that change it."""
    return _edit_page(_get(public_id))


@bp.post("/staff/accounts/<public_id>")
@staff(Role.ADMINISTRATOR)
@confirmed
def set_roles(public_id: str) -> ResponseReturnValue:
    """Change the roles of an account; who no longer manages any is led away from here."""
    found, form = _get(public_id), ChangeRolesForm()
    if not form.validate_on_submit():
        return _edit_page(found, form)
    chosen, reason = form.chosen, form.reason.data or ""
    try:
        services.set_roles(db.session(), found, chosen, by=actor(), reason=reason, now=_now(), seen=form.seen_roles)
    except NotAllowed:
        form.roles.errors = [_last_administrator()]
        return _edit_page(found, form)
    except Conflict:
        db.session.rollback()
        form.form_errors.append(_("Somebody else has set this meanwhile. Please look at what counts now, and decide again."))
        form.roles.data = [str(role) for role in found.roles]
        form.show(found.roles)
        return _edit_page(found, form, HTTPStatus.CONFLICT)
    flash(_("The roles are saved."), "success")
    db.session.commit()
    if Role.ADMINISTRATOR not in account().roles:
        return redirect(url_for("review.desk"), code=303)
    return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)


@bp.post("/staff/accounts/<public_id>/reset")
@staff(Role.ADMINISTRATOR)
@confirmed
def account_reset(public_id: str) -> ResponseReturnValue:
    """End an account's sign-in and send it a link to a new one."""
    found, form = _get(public_id), ReasonForm(prefix=RENEW)
    if not form.validate_on_submit():
        return _edit_page(found, form)
    try:
        key = services.renew_account(db.session(), found, by=actor(), reason=form.reason.data or "", now=_now())
    except NotAllowed as error:
        is_last = error.reason == services.LAST_ADMINISTRATOR
        form.form_errors.append(_last_administrator() if is_last else _("This account is closed. Open it first."))
        return _edit_page(found, form)
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
    found, form = _get(public_id), ReasonForm(prefix=CLOSE)
    if not form.validate_on_submit():
        return _edit_page(found, form)
    try:
        services.disable_account(db.session(), found, by=actor(), reason=form.reason.data or "", now=_now())
    except NotAllowed:
        form.form_errors.append(_last_administrator())
        return _edit_page(found, form)
    else:
        db.session.commit()
        flash(_("The account is closed."), "success")
    return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)


@bp.post("/staff/accounts/<public_id>/enable")
@staff(Role.ADMINISTRATOR)
@confirmed
def account_enable(public_id: str) -> ResponseReturnValue:
    """Open a closed account again."""
    found, form = _get(public_id), ReasonForm(prefix=OPEN)
    if not form.validate_on_submit():
        return _edit_page(found, form)
    services.enable_account(db.session(), found, by=actor(), reason=form.reason.data or "", now=_now())
    db.session.commit()
    flash(_("The account is open again."), "success")
    return redirect(url_for("accounts.account_edit", public_id=public_id), code=303)


def _list_page(form: InviteForm | None) -> tuple[str, int]:
    """Make the list. form: the invitation; none for whoever only reads."""
    accounts = list_accounts(db.session())
    page = render_template(
        "accounts/list.html",
        form=form,
        accounts=accounts,
        factors=count_factors(db.session(), accounts),
        role_labels=ROLE_LABELS,
        role_hints=ROLE_HINTS,
    )
    return page, form.error_status if form and form.errors else HTTPStatus.OK


def _edit_page(found: Account, sent: ReasonForm | None = None, status: int | None = None) -> tuple[str, int]:
    """Make the page of an account. sent: the one of its forms that was sent and is shown again, with its status."""
    roles = ChangeRolesForm(formdata=None, data={"roles": [str(role) for role in found.roles]})
    roles.show(found.roles)
    forms = {"roles": roles, **{name: ReasonForm(prefix=name, formdata=None) for name in (OPEN, RENEW, CLOSE)}}
    if sent:
        forms = {name: sent if sent.reason.name == form.reason.name else form for name, form in forms.items()}
    page = render_template(
        "accounts/edit.html",
        forms=forms,
        sent=sent or roles,
        account=found,
        is_own=found.id == account().id,
        link_hours=int(LINK_TIMES[LinkPurpose.SET_UP].total_seconds()) // 3600,
        role_labels=ROLE_LABELS,
        role_hints=ROLE_HINTS,
    )
    return page, status or (sent.error_status if sent else HTTPStatus.OK)


def _get(public_id: str) -> Account:
    return get_account_by_id(db.session(), public_id) or abort(404)


def _link(account: Account, key: str) -> str:
    return absolute(url_for("accounts.set_up", key=key, locale=account.locale))


def _send(account: Account, letter: Letter) -> None:
    queue(db.session(), letter, to=account.email, now=_now(), about=("account", account.public_id))


def _last_administrator() -> str:
    return _("This is the last administrator who can sign in. Give another account that role first.")


def _now() -> datetime:
    return datetime.now(UTC)
