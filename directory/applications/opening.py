"""Which applications this browser may open: those it started, and those it opened by a mailed link."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import current_app, g, render_template, request, session
from flask.typing import ResponseReturnValue

from directory.applications import people, unsaved
from directory.applications.buttons import LinkForm
from directory.applications.models import Application
from directory.applications.queries import get_by_token
from directory.audit import Actor
from directory.db import db
from directory.web.forms import clean_text

KEPT = "applications"
NUMBERS = "people"
"""of the session: {token: number of the person}; who has none is the first"""
MOST = 20
TOKEN_BYTES = 16
TYPED_ON = {"applications.answer": "answers", "applications.appeal": "appeal", "applications.write": "message"}
"""pages besides the steps on which people write, by their endpoint"""
NOT_TYPED = frozenset({"csrf_token", "action", "seen", "seen_version", "seen_answers", "email_again", "version", "language"})
"""fields that a page fills in by itself"""
View = TypeVar("View", bound=Callable[..., Any])


def remember(application: Application, number: int = people.FIRST) -> None:
    """Let this browser open the application from now on as this person, for as long as its session lasts."""
    tokens = [token for token in session.get(KEPT, []) if token != application.token]
    session[KEPT] = kept = [*tokens, application.token][-MOST:]
    numbers = {token: one for token, one in session.get(NUMBERS, {}).items() if token in kept and token != application.token}
    session[NUMBERS] = numbers | ({application.token: number} if number != people.FIRST else {})
    session.permanent = True


def token_of(mark: str) -> str:
    """Return the token of the application that one form of this browser begins, unguessable and the same each time.

    mark: what the form was handed out with.
    """
    key = current_app.config["SECRET_KEY"]
    found = hmac.digest(str(key).encode(), f"application {session.get('csrf_token')} {mark}".encode(), "sha256")
    return urlsafe_b64encode(found[:TOKEN_BYTES]).decode().rstrip("=")


def may_open(token: str) -> bool:
    """Say whether this browser was let in, without asking the database whether the application still is there."""
    return token in session.get(KEPT, [])


def find_opened(token: str) -> Application | None:
    """Return the application if this browser may open it; its row is locked where the request will write."""
    if not may_open(token):
        return None
    application = get_by_token(db.session(), token, with_for_update=request.method == "POST")
    g.person = session.get(NUMBERS, {}).get(token, people.FIRST)
    return application if application is not None and people.may_open(application, g.person) else None


def acting_number() -> int:
    """Return the number of the person whose browser this is, in the application that was opened."""
    number: int = g.person
    return number


def acting(application: Application) -> Actor:
    """Return the person whose browser this is, for the audit."""
    return people.actor(application, acting_number())


def opened(view: View) -> View:
    """Hand the view the application instead of its token; another browser learns nothing but how to get in."""

    @wraps(view)
    def guarded(token: str, **values: Any) -> Any:
        application = find_opened(token)
        if application is not None:
            return view(application, **values)
        page = TYPED_ON.get(request.endpoint or "")
        return not_open(token, keep_typed(token, page) if page and request.method == "POST" else ())

    return cast("View", guarded)


def keep_typed(token: str, page: str, *, but: Collection[str] = ()) -> list[str]:
    """Keep what was just typed for whoever opens the application properly, and return its texts.

    but: fields that are not kept; consent is given in an open application only. Nothing tells whether the token names anything.
    """
    typed = typed_fields(but=but)
    application = get_by_token(db.session(), token, with_for_update=True)
    if application is not None:
        unsaved.keep(db.session(), application, page, typed, now=datetime.now(UTC))
        db.session.commit()
    return [text for values in typed.values() for text in values if text]


def typed_fields(*, but: Collection[str] = ()) -> dict[str, list[str]]:
    """Return the fields that somebody filled in, each with all its values. but: those that are left out."""
    return {
        clean_text(name) or "": [clean_text(value) or "" for value in values]
        for name, values in request.form.lists()
        if name not in NOT_TYPED and name not in but
    }


def not_open(token: str, typed: Sequence[str] = ()) -> ResponseReturnValue:
    """Make the page for another browser, the same whether the token names anything or not. typed: texts to show again."""
    page = render_template("applications/not_open.html", token=token, form=LinkForm(formdata=None), typed=typed)
    return page, HTTPStatus.NOT_FOUND
