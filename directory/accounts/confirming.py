"""Password and code once more, or a passkey, before something of weight is done; the form that was sent is kept meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast

from flask import render_template, request

from directory.accounts import sessions
from directory.accounts.challenging import Purpose, offers_passkeys, take_answer
from directory.accounts.forms import ConfirmForm
from directory.accounts.guard import CONFIRM_PREFIX, SECRETS, account, this_session
from directory.accounts.queries import list_passkeys
from directory.accounts.signing_in import confirm, confirm_by_passkey
from directory.db import db
from directory.errors import NotAllowed
from directory.i18n import gettext as _
from directory.web.http import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])


def confirmed(view: View) -> View:
    """Let a form through only where password and code, or a passkey, came lately or come with it. Stands below `@staff`."""
    return confirmed_where(lambda: True)(view)


def confirmed_where(is_of_weight: Callable[[], bool]) -> Callable[[View], View]:
    """The same for a view that does several things. is_of_weight: whether what this request asks for wants it."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            now = datetime.now(UTC)
            if request.method in SAFE_METHODS or not is_of_weight() or sessions.is_confirmed(this_session(), now=now):
                return view(*args, **kwargs)
            is_answer = f"{CONFIRM_PREFIX}password" in request.form
            form = ConfirmForm(prefix=CONFIRM_PREFIX, formdata=request.form if is_answer else None)
            if is_answer and form.validate() and _is_right(form, now):
                return view(*args, **kwargs)
            return _ask(form), form.error_status if is_answer else 401

        return cast("View", guarded)

    return wrap


def _ask(form: ConfirmForm) -> str:
    """Make the page that asks, and keeps the form that was sent."""
    sent = request.form.items(multi=True)
    kept = [(name, value) for name, value in sent if not name.startswith(CONFIRM_PREFIX) and name not in SECRETS]
    has_passkeys = offers_passkeys() and bool(list_passkeys(db.session(), account()))
    return render_template("accounts/confirm.html", form=form, kept=kept, has_passkeys=has_passkeys)


def _is_right(form: ConfirmForm, now: datetime) -> bool:
    try:
        if form.passkey.data:
            confirm_by_passkey(db.session(), this_session(), take_answer(Purpose.CONFIRM, form.passkey.data), now=now)
        else:
            confirm(db.session(), this_session(), form.password.data or "", form.code.data or "", now=now)
    except NotAllowed:
        form.form_errors.append(_not_recognised(form))
    db.session.commit()
    return not form.form_errors


def _not_recognised(form: ConfirmForm) -> str:
    if form.passkey.data:
        return _(
            "The passkey was not accepted. Please try again, or write password and code. After several wrong attempts, wait "
            "a few minutes."
        )
    return _("Password or code is wrong, or the code was used already. After several wrong attempts, wait a few minutes.")
