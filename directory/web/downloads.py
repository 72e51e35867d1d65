"""Answers that are files of people: never shown by a browser as a page of this site."""

from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def attachment(data: bytes, *, name: str, mimetype: str) -> Response:
    """Answer with a file to be saved. name: what it is saved as, in any script (RFC 6266)."""
    answer = Response(data, mimetype=mimetype, headers=GUARDS)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    named = dump_options_header("attachment", {"filename": ascii_name})
    if ascii_name != name:
        named = f"{named}; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Disposition"] = named
    return answer


def image(data: bytes, *, state: str = "") -> Response:
    """Answer with a PNG that this program made, for a page of this site.

    state: names what it was made of; the browser may then keep the picture and ask each time whether it still may show it.
    """
    answer = Response(data, mimetype="image/png", headers=GUARDS)
    if state:
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.set_etag(state)
    return answer
