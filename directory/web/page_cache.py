"""Public pages as anonymous visitors see them: answered again without being made again, for as long as nothing changed.

Which pages those are is said beside each view by `public_page`. A page is known by its address, the build of the site,
the day, and the directory's version in the database and in this process's index. The version is read from the database
for every answer, so that nothing that was removed is shown after the commit, in whichever process or host.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import LRUCache
from flask import Flask, Response, current_app, has_request_context, request, session
from werkzeug.http import parse_cookie, parse_etags

from directory.config import ROOT
from directory.web.locale import comes_from_another_locale

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT_BYTES = 8 * 1024 * 1024
OVERHEAD_BYTES = 2000
"""what a kept page takes beside its body"""
SHARED_SECONDS = 60
STALE_SECONDS = 30
CACHE_CONTROL = f"public, max-age=0, s-maxage={SHARED_SECONDS}, stale-while-revalidate={STALE_SECONDS}"
CACHE_STATUS = "directory"
TAG = "directory.etag"
"""where the environment of a request says by which tag its page would be known; absent: it is not an anonymous visit"""
View = TypeVar("View", bound=Callable[..., Any])


def public_page(view: View) -> View:
    """Say that a view shows every anonymous visitor the same page until the directory changes."""
    view.__dict__["is_public_page"] = True
    return view


def is_public_page() -> bool:
    """Say whether this request is for such a view."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "is_public_page", False)


def is_anonymous_visit() -> bool:
    """Say whether this request came without a session, for a page below a locale; its answer began with reading the ledger."""
    return has_request_context() and TAG in request.environ


class PageCache:
    """Stands in front of the application. version: returns what the directory's state is called now, None if unknown."""

    def __init__(self, app: Flask, version: Callable[[], str | None], most: int = KEPT_BYTES) -> None:
        self.build = build_digest()
        self._app: WSGIApplication = app.wsgi_app
        self._session_cookie: str = app.config["SESSION_COOKIE_NAME"]
        self._offered: tuple[str, ...] = app.config["OFFERED_LOCALES"]
        self._version = version
        self._kept: LRUCache[str, tuple[list[tuple[str, str]], bytes]] = LRUCache(most, getsizeof=_size)
        self._lock = Lock()
        app.after_request(self._finish)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from what is kept, or say that the visitor has the page already; else ask the application."""
        tag = self._tag(environ)
        if tag is None:
            return self._app(environ, start_response)
        if _has(environ, tag):
            start_response("304 Not Modified", _headers(tag, is_hit=True))
            return ()
        with self._lock:
            kept = self._kept.get(tag)
        if kept is None:
            environ[TAG] = tag
            return self._app(environ, start_response)
        headers, body = kept
        start_response("200 OK", headers)
        return (body,) if environ["REQUEST_METHOD"] == "GET" else ()

    def _tag(self, environ: "WSGIEnvironment") -> str | None:
        """Name the page that an anonymous visit asks for; None for any other request."""
        path: str = environ.get("PATH_INFO", "")
        locale = path[1:].partition("/")[0]
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or locale not in self._offered:
            return None
        cookies = environ.get("HTTP_COOKIE", "")
        if self._session_cookie in cookies and self._session_cookie in parse_cookie(cookies):
            return None
        if comes_from_another_locale(environ.get("HTTP_REFERER", ""), environ.get("HTTP_HOST", ""), locale):
            return None  # the answer keeps the visitor's choice of language in a cookie
        version = self._version()
        if version is None:
            return None
        day = datetime.now(UTC).date().isoformat()
        page = (environ.get("SCRIPT_NAME", ""), path, environ.get("QUERY_STRING", ""), self.build, day, version)
        return hashlib.blake2b("\n".join(page).encode("utf-8", "surrogatepass"), digest_size=15).hexdigest()

    def _finish(self, response: Response) -> Response:
        """Let a public page be kept, here and by proxies: one that holds nothing of a visitor."""
        tag = request.environ.get(TAG)
        if tag is None or not is_public_page():
            return response
        if response.status_code != HTTPStatus.OK or session or "Set-Cookie" in response.headers or response.is_streamed:
            return response
        for name, value in _headers(tag, is_hit=False):
            response.headers[name] = value
        if request.method == "GET":
            body = response.get_data()
            headers = [(k, v) for k, v in response.headers if k != "Cache-Status"]
            kept = ([*headers, ("Cache-Status", f"{CACHE_STATUS}; hit")], body)
            if _size(kept) <= self._kept.maxsize:
                with self._lock:
                    self._kept[tag] = kept
        return response


_MADE_OF = (
    ("directory", "*.py"),
    ("directory", "*.json"),
    ("directory/static", "*"),
    ("templates", "*"),
    ("translations", "*.mo"),
)


@cache
def build_digest(root: Path = ROOT) -> str:
    """Return a digest of everything a page is made with: code, templates, catalogues, style; as it was when first asked."""
    digest = hashlib.blake2b(digest_size=8)
    for folder, pattern in _MADE_OF:
        for file in sorted(_files(root / folder, pattern)):
            digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(folder: Path, pattern: str) -> Iterable[Path]:
    return (file for file in folder.rglob(pattern) if file.is_file() and "__pycache__" not in file.parts)


def _has(environ: "WSGIEnvironment", tag: str) -> bool:
    asked = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
    return not asked.star_tag and asked.contains_weak(tag)  # `*` asks whether there is a page at all: the application knows


def _headers(tag: str, *, is_hit: bool) -> list[tuple[str, str]]:
    status = f"{CACHE_STATUS}; hit" if is_hit else f"{CACHE_STATUS}; fwd=miss"
    return [("ETag", f'W/"{tag}"'), ("Cache-Control", CACHE_CONTROL), ("Vary", "Cookie"), ("Cache-Status", status)]


def _size(kept: tuple[list[tuple[str, str]], bytes]) -> int:
    return OVERHEAD_BYTES + len(kept[1])
