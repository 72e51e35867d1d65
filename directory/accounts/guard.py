"""Who is signed in, and which roles an address needs. A staff address without `@staff` does not pass the route test."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user

from directory.accounts import sessions
from directory.accounts.models import Account, Role, StaffSession
from directory.audit import Actor
from directory.config import Settings
from directory.db import db
from directory.web.browsers import browser_name
from directory.web.http import SAFE_METHODS
from directory.web.network import network_of

login_manager = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])
ANY = frozenset(Role)
CONFIRM_PREFIX = "confirm-"
"""of fields that go with any form and confirm who sends it"""
SECRETS = {"password", "again"}
"""fields of a new password, which stands in no page"""
NOT_KEPT = {"csrf_token", *SECRETS, *(f"{CONFIRM_PREFIX}{name}" for name in ("password", "code", "passkey"))}
"""Fields that no page hands back."""


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


def this_session() -> StaffSession:
    """The session of this browser; only inside a view behind `@staff`."""
    found: StaffSession = current_user._get_current_object().session  # noqa: SLF001 (the same)
    return found


class SignedIn:
    """What flask-login keeps: the key of a session that stands in the database, so that it can be ended from anywhere."""

    is_active = True
    is_authenticated = True
    is_anonymous = False

    def __init__(self, key: str, session: StaffSession) -> None:
        self._key = key
        self.session = session
        self.account = session.account

    def get_id(self) -> str:
        """Return the key."""
        return self._key


def begin_session(found: Account) -> None:
    """Sign the account in, in this browser."""
    now, network = datetime.now(UTC), network_of(request.remote_addr)
    key = sessions.begin(db.session(), found, network=network, browser=browser_name(request.user_agent.string), now=now)
    login_user(_load(key))


@login_manager.user_loader  # type: ignore[untyped-decorator]  # flask-login has no types
def _load(key: str) -> SignedIn | None:
    look = sessions.see if request.method in SAFE_METHODS else sessions.find
    found = look(db.session(), key, now=datetime.now(UTC))
    return SignedIn(key, found) if found else None


def _sign_in_first() -> ResponseReturnValue:
    """Send to the sign-in; what was typed into a form of ours is handed back, to be sent again afterwards."""
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), code=302)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
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
