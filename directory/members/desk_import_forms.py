"""Forms that bring members in from a file."""

import re
from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.web.forms import BaseForm, BoxesField, FilesField, Needed, RadiosField, TickField

GOOD, WHOLE = "good", "whole"
ACCEPTED = ".csv,.jsonl,.ndjson,.json,.txt,text/csv,application/jsonl,application/x-ndjson,text/plain"
REFUSED = {
    "empty": _l("There is nothing in this file. Please choose another one."),
    "large": _l("This file is larger than 5 MB. Please bring it in from the command line, or in parts."),
    "lines": _l("This file has more than 200 lines. Please bring it in from the command line, or in parts."),
    "nothing": _l("There is nothing to bring in: every line is bad, or says what is here already."),
    "late": _l("The directory changed since this page was made. Please look at what the file comes to now, and confirm again."),
    "utf8": _l("This file is not in UTF-8. Please save it again as “CSV UTF-8”."),
    "table": _l("This file cannot be read as a table. Please save it again as “CSV UTF-8”."),
    "alike": _l("Please compare these lines with what they look like and say that you did, or leave them out."),
    "bad": _l("There are bad lines, and you chose to bring in all lines or none. Nothing was changed."),
}
"""Sentences for what a file is refused for."""


class FileForm(BaseForm):
    """The file."""

    file = FilesField(_l("File of members (CSV or JSON Lines)"), most=1, accept=ACCEPTED)


LINE = re.compile(r"[0-9]{1,9}")


class BringInForm(BaseForm):
    """The clerk's word for what the page shows. seen: digest of it; without: lines that look like members and stay out."""

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
    without = BoxesField(_l("New members that look like others"))
    is_compared = TickField(_l("I have compared the lines that are not left out: they are other organisations"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.without.choices = [(line, line) for line in self.without.data or () if LINE.fullmatch(line)]

    @property
    def left_out(self) -> set[int]:
        """Numbers of the lines that stay out."""
        return {int(line) for line in self.without.data or ()}

    def offer(self, lines: Iterable[int]) -> None:
        """Let each of these lines be left out."""
        self.without.choices = [(str(line), _("Leave out line %(number)s", number=line)) for line in lines]
