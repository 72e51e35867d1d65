"""Forms that bring members in from a file."""

from wtforms import HiddenField

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.web.forms import BaseForm, FilesField, Needed, RadiosField

GOOD, WHOLE = "good", "whole"
ACCEPTED = ".jsonl,.ndjson,.json,.txt,application/jsonl,application/x-ndjson,text/plain"
REFUSED = {
    "empty": _l("There is nothing in this file. Please choose another one."),
    "large": _l("This file is larger than 5 MB. Please bring it in from the command line, or in parts."),
    "lines": _l("This file has more than 200 lines. Please bring it in from the command line, or in parts."),
    "nothing": _l("There is nothing to bring in: every line is bad, or says what is here already."),
    "late": _l("The directory changed since this page was made. Please look at what the file comes to now, and confirm again."),
    "bad": _l("There are bad lines, and you chose to bring in all lines or none. Nothing was changed."),
}
"""Sentences for what a file is refused for."""


class FileForm(BaseForm):
    """The file."""

    file = FilesField(_l("File with one member on each line (JSON Lines)"), most=1, accept=ACCEPTED)


class BringInForm(BaseForm):
    """The clerk's word for what the page shows. seen: digest of it."""

    seen = HiddenField()
    mode = RadiosField(
        _l("What to do with bad lines"),
        choices=lambda: [
            (WHOLE, _("Bring in nothing while any line is bad")),
            (GOOD, _("Bring in the good lines and leave out the bad ones")),
        ],
        default=WHOLE,
        validators=[Needed(_l("Please choose what to do with bad lines."))],
    )
