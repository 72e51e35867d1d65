"""Which applications this browser may open: those it started, and those it opened by a mailed link."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from directory.applications.buttons import EmptyForm
from directory.applications.models import Application
from directory.applications.queries import get_by_token
from directory.db import db

KEPT = "applications"
MOST = 20
View = TypeVar("View", bound=Callable[..., Any])


def remember(application: Application) -> None:
    """Let this browser open the application from now on, for as long as its session lasts."""
    tokens = [token for token in session.get(KEPT, []) if token != application.token]
    session[KEPT] = [*tokens, application.token][-MOST:]
    session.permanent = True


def may_open(token: str) -> bool:
    """Say whether this browser was let in, without asking the database whether the application still is there."""
    return token in session.get(KEPT, [])


def find_opened(token: str) -> Application | None:
    """Return the application if this browser may open it; its row is locked where the request will write."""
    if not may_open(token):
        return None
    return get_by_token(db.session(), token, with_for_update=request.method == "POST")


def opened(view: View) -> View:
    """Hand the view the application instead of its token; another browser learns nothing but how to get in."""

    @wraps(view)
    def guarded(token: str, **values: Any) -> Any:
        application = find_opened(token)
        return not_open(token) if application is None else view(application, **values)

    return cast("View", guarded)


def not_open(token: str) -> ResponseReturnValue:
    """Make the page for another browser, the same whether the token names anything or not."""
    page = render_template("applications/not_open.html", token=token, form=EmptyForm(formdata=None))
    return page, HTTPStatus.NOT_FOUND
