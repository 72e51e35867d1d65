"""Headers of every answer, and pages for what went wrong."""

from http import HTTPStatus

from flask import Flask, Request, Response, current_app, g, redirect, render_template, request
from flask.globals import request_ctx
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from directory.db import NETWORK, db, expect_writing
from directory.errors import Conflict, NotAllowed, WrongStatus
from directory.web.locale import preferred
from directory.web.network import network_of

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
STATIC_AGE = 365 * 24 * 3600
ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""headers of every answer that does not set its own"""
DEPTH = 2
"""slashes in the address of a section, such as /en/staff"""


class Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie; without one there is nothing to check, and nothing is made ready for it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the visitor's cookie holds, or an empty session."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def init_http(app: Flask) -> None:
    """Add headers, the content security policy and the error pages."""
    app.session_interface = Sessions()
    app.before_request(_begin)
    app.after_request(_headers)
    app.teardown_request(lambda _error: expect_writing(expected=False))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotAllowed, lambda error: error_answer(HTTPStatus.FORBIDDEN, reason=error.reason))
    for conflict in (WrongStatus, Conflict, StaleDataError):
        app.register_error_handler(conflict, lambda _error: error_answer(HTTPStatus.CONFLICT))
    app.register_error_handler(Exception, _unexpected)


def _begin() -> None:
    is_writing = request.method not in SAFE_METHODS
    expect_writing(expected=is_writing)
    if is_writing or (request.view_args is not None and request.path.split("/")[2:3] == ["staff"]):
        db.session().info[NETWORK] = network_of(request.remote_addr)
    if "\x00" in request.path:
        raise NotFound  # nothing is named so, and PostgreSQL refuses to look for it


def _headers(response: Response) -> Response:
    headers = response.headers
    location = headers.get("Location")
    if location and location.startswith(request.host_url):  # the host is what the visitor claims: stay on this one
        headers["Location"] = "/" + location.removeprefix(request.host_url)
    own = {name for name, _ in headers}
    for name, value in ALWAYS.items():
        if name not in own:
            headers.add(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static" and request.args.get("v"):
        headers["Cache-Control"] = f"public, max-age={STATIC_AGE}, immutable"
    elif request.endpoint != "static":
        headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, MethodNotAllowed) and request.method in SAFE_METHODS and request.path.count("/") > DEPTH:
        return redirect(request.path.rstrip("/").rpartition("/")[0])  # a form's address, opened as a page: to what it is about
    if error.code is None or error.response is not None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = HTTPStatus(error.code) if error.code in HTTPStatus._value2member_map_ else HTTPStatus.BAD_REQUEST
    page, code = error_answer(status)
    answer = current_app.make_response((page, code))
    for name in ("Retry-After", "Allow"):
        value = dict(error.get_headers()).get(name)
        if value:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> ResponseReturnValue:
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    current_app.logger.error("unexpected error", exc_info=error)
    return error_answer(HTTPStatus.INTERNAL_SERVER_ERROR)


def error_answer(status: int, reason: str = "") -> tuple[str, int]:
    """Make the page for a status. reason: a code of errors.NotAllowed, if there is one."""
    db.session.rollback()
    if request_ctx.url_adapter is None:  # the address has no host that could be one, so that no link can be made
        return "Bad request\n", int(HTTPStatus.BAD_REQUEST)
    if "locale" not in g:
        g.locale = preferred()
    return render_template("error.html", status=int(status), reason=reason), int(status)
