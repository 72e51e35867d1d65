"""Files in a request: read, checked, scanned and put away before any row is locked, since all of it takes time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from directory.applications import files
from directory.applications.forms import DocumentsForm
from directory.applications.models import DOCUMENTS_MAX
from directory.applications.vocab import DocumentState, Purpose
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.storage import BYTES_MAX, FileType, Flaw, PlaceFailed, Refused, inspect, safe_name, visible_name

REQUEST_BYTES_MAX = DOCUMENTS_MAX * BYTES_MAX + 4 * 1024 * 1024
"""all documents at once, with the other answers"""
FLAWS = {
    Flaw.EMPTY: _l("“%(name)s” is empty. Please choose the file again."),
    Flaw.TOO_LARGE: _l("“%(name)s” is larger than 10 MB. Please send a smaller copy."),
    Flaw.TYPE: _l("“%(name)s” is none of the kinds we take. Please send it as PDF, JPEG or PNG."),
    Flaw.DAMAGED: _l("“%(name)s” is damaged or not complete. Please save it anew and send that copy."),
    Flaw.PIXELS: _l("“%(name)s” has more than 40 million pixels. Please send a smaller picture."),
    Flaw.TWOFOLD: _l("“%(name)s” holds something else besides the PDF. Please print it to a new PDF and send that one."),
}
SHOWN_MAX = 60
"""characters of a name in a message"""


@dataclass
class Received:
    """What came of the files of a request: those that lie in their place, and whether one was refused."""

    kept: list[files.Kept] = field(default_factory=list)
    refused: bool = False

    @property
    def names(self) -> list[str]:
        """Where the kept ones lie."""
        return [one.storage_name for one in self.kept if one.storage_name]


def receive(form: DocumentsForm) -> Received:
    """Keep each file that may be kept, and write beside its field why another one is not."""
    found = Received()
    for number, (purpose, one) in enumerate(_sent()):
        said = _shown(one.filename or "")
        if number >= DOCUMENTS_MAX:
            refuse(form, purpose, _("There is room for ten documents. “%(name)s” was not kept.", name=said))
            found.refused = True
            continue
        try:
            sound = inspect(one.stream.read(BYTES_MAX + 1))
            if purpose is Purpose.LOGO and sound.type is FileType.PDF:
                raise Refused(Flaw.TYPE)
            name = safe_name(one.filename or "", sound.type)
            uploads, scanner = current_app.extensions["uploads"], current_app.extensions["scanner"]
            kept = files.keep(uploads, scanner, sound, purpose=purpose, name=name)
            found.kept.append(kept)
            if kept.state is DocumentState.INFECTED:
                refuse(form, purpose, _("A virus was found in “%(name)s”, so we deleted it. Please have it checked.", name=said))
                found.refused = True
        except Refused as error:
            is_logo = purpose is Purpose.LOGO and error.flaw is Flaw.TYPE
            words = _("“%(name)s” is no picture that we take. Please send the logo as PNG or JPEG.", name=said)
            refuse(form, purpose, words if is_logo else str(FLAWS[error.flaw]) % {"name": said})
            found.refused = True
        except PlaceFailed:
            current_app.logger.exception("a document could not be kept")
            refuse(form, purpose, _("We could not keep “%(name)s” just now. Please try again in a few minutes.", name=said))
            found.refused = True
    return found


def refuse(form: DocumentsForm, purpose: Purpose, words: str) -> None:
    """Write beside a purpose's field why a file is not kept."""
    chosen = form[f"{purpose}_files"]
    chosen.errors = [*chosen.errors, words]


def _sent() -> Iterator[tuple[Purpose, FileStorage]]:
    for purpose in Purpose:
        for one in request.files.getlist(f"{purpose}_files"):
            if one.filename:
                yield purpose, one


def _shown(name: str) -> str:
    """Make a name that may stand in a sentence, whatever was sent."""
    text = visible_name(name)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
