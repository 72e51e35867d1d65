"""Who is signed in, and which roles an address needs. A staff address without `@staff` does not pass the route test."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from directory.accounts.models import Account, Role
from directory.accounts.queries import get_account_by_id
from directory.accounts.rules import SESSION_TIME
from directory.audit import Actor
from directory.config import Settings
from directory.db import db
from directory.web.http import SAFE_METHODS

login_manager = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])
ANY = frozenset(Role)


def staff(*roles: Role) -> Callable[[View], View]:
    """Let only signed-in staff with one of `roles` in (none named: any staff); others are sent to sign in, or get 403."""
    allowed = frozenset(roles) or ANY

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return _sign_in_first()
            if not allowed & account().roles:
                abort(403)
            return view(*args, **kwargs)

        guarded.__dict__["staff_roles"] = allowed  # read by the test over all routes
        return cast("View", guarded)

    return wrap


def account() -> Account:
    """The signed-in account; only inside a view behind `@staff`."""
    found: Account = current_user._get_current_object().account  # noqa: SLF001 (flask-login's proxy has no public way)
    return found


def actor() -> Actor:
    """The signed-in account, for the audit."""
    return Actor("staff", account().public_id)


class SignedIn:
    """What flask-login keeps: the account by public id and stamp, so that a reset ends every session, and since when."""

    is_active = True
    is_authenticated = True
    is_anonymous = False

    def __init__(self, row: Account) -> None:
        self.account = row

    def get_id(self) -> str:
        """Return `<public id>.<stamp>.<seconds since 1970 at sign-in>`."""
        return f"{self.account.public_id}.{self.account.stamp}.{int(time.time())}"


@login_manager.user_loader  # type: ignore[untyped-decorator]  # flask-login has no types
def _load(session_id: str) -> SignedIn | None:
    public_id, _, rest = session_id.partition(".")
    stamp, _, since = rest.partition(".")
    row = get_account_by_id(db.session(), public_id)
    if row is None or row.disabled_at is not None or row.stamp != stamp or not since.isdigit():
        return None
    return SignedIn(row) if time.time() - int(since) < SESSION_TIME.total_seconds() else None


def _sign_in_first() -> ResponseReturnValue:
    """Send to the sign-in; what was typed into a form of ours is handed back, to be sent again afterwards."""
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), code=302)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if not kept or not _is_from_here():
        return redirect(url_for("accounts.sign_in"), code=303)
    return render_template("accounts/send_again.html", kept=kept), 400


def _is_from_here() -> bool:
    """Say whether a page of this site sent the form: another site's fields must not be offered for sending.

    Every browser names the origin of a form that another site sends; a request that names none comes from no other site.
    """
    settings: Settings = current_app.extensions["settings"]
    public = urlsplit(settings.public_url)
    named = request.headers.get("Origin") or request.headers.get("Referer")
    if named is None:
        return True
    parts = urlsplit(named)
    return f"{parts.scheme}://{parts.netloc}" in {request.host_url.rstrip("/"), f"{public.scheme}://{public.netloc}"}
