"""The form in which administrators edit the text of a letter."""

from collections.abc import Collection
from typing import Any

from wtforms import Field

from directory.applications.letter_kinds import COMMON, SHAPES, LetterKind
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.mail import SUBJECT_MAX
from directory.mail.texts import Problem, problems
from directory.review.forms import ActionForm
from directory.web.forms import LongTextField, Needed, TextField

TEXT_MAX = 10_000
"""half of what a letter may have, so that what is filled in fits, too"""


class LetterTextForm(ActionForm):
    """Subject and text of a letter, with placeholders in braces."""

    subject = TextField(_lp("of a letter", "Subject"), most=SUBJECT_MAX, validators=[Needed(_l("Please write a subject."))])
    body = LongTextField(_l("Text of the letter"), most=TEXT_MAX, rows=22, validators=[Needed(_l("Please write the letter."))])

    def __init__(self, kind: LetterKind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def validate_subject(self, field: Field) -> None:
        """Refuse placeholders that a subject cannot hold."""
        self._check(field, COMMON, ())

    def validate_body(self, field: Field) -> None:
        """Refuse placeholders that the letter does not know, and a text without those that it cannot do without."""
        shape = SHAPES[self.kind]
        self._check(field, shape.allowed, shape.needed)

    def _check(self, field: Field, allowed: Collection[str], needed: Collection[str]) -> None:
        found = [_SENTENCES[problem] % {"name": name} for problem, name in problems(field.data, allowed=allowed, needed=needed)]
        field.errors = [*field.errors, *found]


_SENTENCES: dict[Problem, Any] = {
    Problem.UNKNOWN: _l("There is no placeholder {%(name)s} here. Please take one of the list."),
    Problem.MALFORMED: _l("Please write each placeholder as in the list, in a pair of plain braces: “%(name)s” is none."),
    Problem.MISSING: _l("Please put {%(name)s} in again: without it the letter would lack what its reader needs."),
}
