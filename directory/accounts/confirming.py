"""Password and code once more before something of weight is done; the form that was sent is kept meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast

from flask import render_template, request

from directory.accounts import sessions
from directory.accounts.forms import ConfirmForm
from directory.accounts.guard import this_session
from directory.accounts.signing_in import confirm
from directory.db import db
from directory.errors import NotAllowed
from directory.i18n import gettext as _
from directory.web.http import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])
PREFIX = "confirm-"


def confirmed(view: View) -> View:
    """Let a form through only where password and code were given lately, or are given with it. Stands below `@staff`."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        now = datetime.now(UTC)
        if request.method in SAFE_METHODS or sessions.is_confirmed(this_session(), now=now):
            return view(*args, **kwargs)
        is_answer = f"{PREFIX}password" in request.form
        form = ConfirmForm(prefix=PREFIX, formdata=request.form if is_answer else None)
        if is_answer and form.validate() and _is_right(form, now):
            return view(*args, **kwargs)
        kept = [(name, value) for name, value in request.form.items(multi=True) if not name.startswith(PREFIX)]
        return render_template("accounts/confirm.html", form=form, kept=kept), form.error_status if is_answer else 401

    guarded.__dict__["is_confirmed"] = True  # read by the test over all routes
    return cast("View", guarded)


def _is_right(form: ConfirmForm, now: datetime) -> bool:
    try:
        confirm(db.session(), this_session(), form.password.data or "", form.code.data or "", now=now)
    except NotAllowed:
        form.form_errors.append(
            _("Password or code is wrong, or the code was used already. After several wrong attempts, wait a few minutes.")
        )
    db.session.commit()
    return not form.form_errors
