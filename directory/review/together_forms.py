"""Forms for one thing done to several applications: which ones, and what each deed needs to be told."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from flask import g

from directory.accounts.models import Account
from directory.applications.states import POINT_LABELS, PointCode
from directory.applications.vocab import STEP_LABELS
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n.formats import language_name
from directory.review.forms import ANSWER_DAY, HOLD_DAY, POINT_WORDS_MAX
from directory.review.rules import MESSAGE_MAX
from directory.review.services import NewPoint
from directory.review.together import TOGETHER_MAX, Chosen, Deed, Order
from directory.web.forms import FORM, BaseForm, ChoiceField, DayField, LongTextField, Needed

_REASON = _l("Please write the reason in a sentence or two.")
_CHOSEN = re.compile(r"([A-Z0-9-]{1,16}):([0-9]{1,9})")


class TogetherForm(BaseForm):
    """What is done, told by a subclass."""

    deed: Deed
    languages: ClassVar[Mapping[str, str]] = {}
    """{field: language of the words that are written into it}"""
    parts: Mapping[str, BaseForm] = MappingProxyType({})
    """the letters by reference, where the deed writes some"""

    def order(self) -> Order:
        """What is to be done, once the form is valid."""
        return Order(self.deed)

    @property
    def error_list(self) -> list[tuple[str, str, str]]:
        """The errors of the form, then those beside fields of its letters, each with its application."""
        return super().error_list + [
            (id_, name, _("%(field)s: %(problem)s", field=reference, problem=text))
            for reference, part in self.parts.items()
            for id_, name, text in part.error_list
            if name != FORM
        ]

    @property
    def fingerprint(self) -> str:
        """What names all that was filled in, so that nothing else is done than what was shown."""
        told = sorted((field.short_name, str(field.data)) for field in self if field.short_name != "csrf_token")
        return hashlib.sha256(repr(told).encode(errors="surrogatepass")).hexdigest()


class AssignTogether(TogetherForm):
    """To whom."""

    deed = Deed.ASSIGN
    assignee = ChoiceField(_l("Assigned to"))

    def __init__(self, *, colleagues: Sequence[Account], nobody: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._colleagues = {one.public_id: one for one in colleagues}
        named = [(one.public_id, one.shown_name) for one in colleagues]
        self.assignee.choices = [("", _("Nobody")), *named] if nobody else named

    def order(self) -> Order:
        """What is to be done, once the form is valid."""
        return Order(self.deed, to=self._colleagues.get(self.assignee.data or ""))


class HoldTogether(TogetherForm):
    """Until when, and why."""

    deed = Deed.HOLD
    until = DayField(_l("On hold until"), validators=HOLD_DAY)
    reason = LongTextField(_l("What we are waiting for"), most=MESSAGE_MAX, rows=2, validators=[Needed(_REASON)])

    def order(self) -> Order:
        """What is to be done, once the form is valid."""
        return Order(self.deed, until=self.until.day, reason=self.reason.data or "")


class AskTogether(TogetherForm):
    """One thing that all are asked, with a box for free words in each language that occurs: see `asking_in`."""

    deed = Deed.ASK
    step = ChoiceField(_l("Part of the application"))
    code = ChoiceField(_l("What is asked"), validators=[Needed(_l("Please choose what is asked here."))])
    answer_by = DayField(_l("Answer wanted by"), validators=ANSWER_DAY)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step.choices = [("", _("The whole application")), *((str(step), label) for step, label in STEP_LABELS.items())]
        canned = [(str(code), label) for code, label in POINT_LABELS.items() if code is not PointCode.OTHER]
        self.code.choices = [("", _("Choose …")), *canned]

    def order(self) -> Order:
        """What is to be done, once the form is valid."""
        words = {tag: self[name].data or "" for name, tag in self.languages.items()}
        point = NewPoint(self.step.data or "", PointCode(self.code.data))
        return Order(self.deed, point=point, answer_by=self.answer_by.day, words=words)


def asking_in(tags: Sequence[str]) -> type[AskTogether]:
    """Make the form that asks applicants of these languages."""

    class Form(AskTogether):
        """A box for each language."""

        languages: ClassVar[Mapping[str, str]] = {f"words_{tag.replace('-', '_')}": tag for tag in tags}

    for name, tag in Form.languages.items():
        label = _("In your own words, in %(language)s", language=language_name(tag, g.locale))
        setattr(Form, name, LongTextField(label, most=POINT_WORDS_MAX, rows=2))
    return Form


class SpamTogether(TogetherForm):
    """Nothing but the confirmation."""

    deed = Deed.SPAM


def read_chosen(values: Sequence[str]) -> list[Chosen]:
    """Read what was ticked, each `reference:version`; what is none is left out, and no more than TOGETHER_MAX are taken."""
    found: dict[str, Chosen] = {}
    for value in values:
        if match := _CHOSEN.fullmatch(value):
            found.setdefault(match[1], Chosen(match[1], int(match[2])))
    return list(found.values())[:TOGETHER_MAX]
