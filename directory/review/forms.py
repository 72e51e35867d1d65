"""Forms of the desk. They check shape; who may do what is in `rules`."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from wtforms import Field

from directory.applications.states import POINT_LABELS, REJECTION_LABELS, PointCode, RejectionCode
from directory.applications.vocab import STEP_LABELS, Visibility
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.weight import text_weight
from directory.review.labels import CHECK_LABELS, RESULT_LABELS
from directory.review.rules import (
    ANSWER_DAYS_MAX,
    HOLD_DAYS_MAX,
    MESSAGE_MAX,
    MESSAGE_MIN,
    NOTE_MAX,
    POINTS_AT_ONCE,
    require_answer_by,
    require_to_come,
)
from directory.review.services import NewPoint
from directory.review.vocab import CheckItem, CheckResult, Recommendation
from directory.web.forms import (
    BaseForm,
    ChoiceField,
    DayField,
    LongTextField,
    Needed,
    RadiosField,
    SeenForm,
    TextField,
    ValidationError,
)

ORIGINAL_MAX = 160
POINT_WORDS_MAX = 1000
DAY_NEEDED = _l("Please give the day, such as 2027-01-31.")
_REASON = _l("Please write the reason in a sentence or two.")
_NOT_LOOKED_AT = _l("Please look at this before you recommend an approval, or say that it does not apply here.")
_IN_DOUBT = _l("An approval cannot be recommended while this is not in order. Please ask for changes, or recommend a rejection.")


class ToCome:
    """Refuses a day that a rule refuses. require: the rule; most: days up to which it lets a day through."""

    def __init__(self, require: Callable[..., None], most: int) -> None:
        self._require, self._most = require, most

    def __call__(self, _form: Any, field: DayField) -> None:
        """Ask the rule; what is no day was refused before."""
        if field.errors:
            return
        try:
            self._require(field.day, today=datetime.now(UTC).date())
        except Invalid as refusal:
            text = _("Please choose a day to come, within %(days)s days.", days=self._most)
            raise ValidationError(str(text)) from refusal


HOLD_DAY: Final = (Needed(DAY_NEEDED), ToCome(require_to_come, HOLD_DAYS_MAX))
ANSWER_DAY: Final = (Needed(DAY_NEEDED), ToCome(require_answer_by, ANSWER_DAYS_MAX))


class ActionForm(SeenForm):
    """An action on an application as the clerk saw it."""


class AssignForm(ActionForm):
    """Give the application to somebody. colleagues: (public id, shown name)."""

    assignee = ChoiceField(_l("Assigned to"))

    def __init__(self, *, colleagues: Sequence[tuple[str, str]] = (), nobody: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.assignee.choices = [("", _("Nobody")), *colleagues] if nobody else [*colleagues]


class NoteForm(BaseForm):
    """A note for colleagues. readable: the notes that its writer may read; where that is one kind, none is asked for."""

    words = LongTextField(_l("Note"), most=NOTE_MAX, rows=3, validators=[Needed(_l("Please write the note."))])
    visibility = RadiosField(_l("Who reads the note"))

    def __init__(self, *, readable: Collection[Visibility] = (Visibility.STAFF,), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.visibility.choices = [(str(v), label) for v, label in VISIBILITY_LABELS.items() if v in readable]
        self.visibility.data = self.visibility.data or str(Visibility.STAFF)
        if len(readable) == 1:
            del self.visibility

    @property
    def chosen(self) -> Visibility:
        """Who reads the note, once the form is valid."""
        return Visibility(self.visibility.data) if self.visibility else Visibility.STAFF


class HoldForm(ActionForm):
    """Until when and why an application waits."""

    until = DayField(_l("On hold until"), validators=HOLD_DAY)
    reason = LongTextField(_l("What we are waiting for"), most=MESSAGE_MAX, rows=2, validators=[Needed(_REASON)])


class RecommendForm(ActionForm):
    """What the reviewer recommends, and why."""

    recommendation = ChoiceField(_l("Recommendation"), validators=[Needed(_l("Please choose what you recommend."))])
    words = LongTextField(_l("Why"), most=MESSAGE_MAX, rows=3, validators=[Needed(_l("Please say why, for whoever decides."))])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recommendation.choices = [
            ("", _("Choose …")),
            (str(Recommendation.APPROVE), RECOMMENDATION_LABELS[Recommendation.APPROVE]),
            (str(Recommendation.REJECT), RECOMMENDATION_LABELS[Recommendation.REJECT]),
        ]
        for field in self.items.values():
            field.choices = [("", _("Not looked at yet")), *((str(found), label) for found, label in RESULT_LABELS.items())]

    @property
    def items(self) -> dict[CheckItem, ChoiceField]:
        """The fields of the checklist."""
        return {item: self[f"check_{item}"] for item in CheckItem}

    @property
    def checklist(self) -> dict[CheckItem, CheckResult]:
        """What was looked at and found, once the form is valid."""
        return {item: CheckResult(field.data) for item, field in self.items.items() if field.data}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for each item of the checklist where an approval is recommended."""
        valid = bool(super().validate(extra_validators))
        if self.recommendation.data == Recommendation.APPROVE:
            for field in self.items.values():
                if not field.errors and field.data in {None, "", str(CheckResult.DOUBT)}:
                    field.errors = [str(_IN_DOUBT if field.data else _NOT_LOOKED_AT)]
                    valid = False
        return valid


for _item, _label in CHECK_LABELS.items():
    setattr(RecommendForm, f"check_{_item}", ChoiceField(_label))


class InterestForm(ActionForm):
    """What binds a clerk to the organisation."""

    words = LongTextField(_l("What binds you to the organisation"), most=MESSAGE_MAX, rows=2, validators=[Needed(_REASON)])


class ReasonForm(ActionForm):
    """A reason that colleagues read."""

    reason = LongTextField(_l("Reason"), most=MESSAGE_MAX, rows=2, validators=[Needed(_REASON)])


class DuplicateForm(ActionForm):
    """What the application repeats."""

    of = TextField(
        _l("Reference of the other application, or the last part of the member’s address"),
        most=ORIGINAL_MAX,
        validators=[Needed(_l("Please say what this application repeats."))],
    )
    message = LongTextField(_l("Message to the applicant"), most=MESSAGE_MAX, rows=3)


class ReopenForm(ReasonForm):
    """Why it is reopened, for colleagues and for the applicant."""

    message = LongTextField(_l("Message to the applicant"), most=MESSAGE_MAX, rows=3)


class DecisionForm(ActionForm):
    """The decision with what the applicant will read."""

    outcome = ChoiceField(_l("Decision"), validators=[Needed(_l("Please choose the decision."))])
    code = ChoiceField(_l("Reason for a rejection"))
    message = LongTextField(_l("Message to the applicant"), most=MESSAGE_MAX, rows=6)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome.choices = [("", _("Choose …")), *((o, label) for o, label in OUTCOME_LABELS.items())]
        told = [(str(code), label) for code, label in REJECTION_LABELS.items() if code != RejectionCode.SPAM]
        self.code.choices = [("", _("Choose …")), *told]

    def validate_code(self, field: Field) -> None:
        """Ask for the reason of a rejection."""
        if self.outcome.data == "reject" and not field.data:
            raise ValidationError(str(_("Please choose the reason for the rejection.")))

    def validate_message(self, field: Field) -> None:
        """Ask for an explanation of a rejection; it is optional otherwise."""
        if self.outcome.data == "reject" and text_weight(field.data or "") < MESSAGE_MIN:
            raise ValidationError(
                str(_("Please explain the rejection to the applicant in at least %(n)s characters.", n=MESSAGE_MIN))
            )


RECOMMENDATION_LABELS = {
    Recommendation.APPROVE: _l("Approve the application"),
    Recommendation.REJECT: _l("Reject the application"),
}
OUTCOME_LABELS = {
    "approve": _lp("decision on an application", "Approve"),
    "reject": _lp("decision on an application", "Reject"),
}
VISIBILITY_LABELS = {
    Visibility.STAFF: _l("All who read this application"),
    Visibility.APPROVERS: _l("Approvers, coordinators and auditors only"),
}


class AskForm(ActionForm):
    """Up to POINTS_AT_ONCE points, and until when to answer; a row without code and words is left out."""

    answer_by = DayField(_l("Answer wanted by"), validators=ANSWER_DAY)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sections = [(str(step), label) for step, label in STEP_LABELS.items()]
        codes = [(str(code), label) for code, label in POINT_LABELS.items()]
        for number, (step, code, words) in enumerate(self.rows, start=1):
            step.choices = [("", _("The whole application")), *sections]
            code.choices = [("", _("Choose …")), *codes]
            for field in (step, code, words):
                field.summary_label = _("Point %(number)s", number=number)

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """(step, code, words) fields of each row."""
        return [(self[f"step_{n}"], self[f"code_{n}"], self[f"words_{n}"]) for n in range(1, POINTS_AT_ONCE + 1)]

    @property
    def points(self) -> list[NewPoint]:
        """The rows that ask something, once the form is valid."""
        return [NewPoint(s.data or "", PointCode(c.data), w.data or "") for s, c, w in self.rows if c.data]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for at least one point, for the code of each row with words, and for words where the code says nothing."""
        valid = bool(super().validate(extra_validators))
        if not any(code.data or words.data for _step, code, words in self.rows):
            self["code_1"].errors = [str(_("Please ask at least one thing."))]
            return False
        for _step, code, words in self.rows:
            if words.data and not code.data:
                code.errors = [str(_("Please choose what is asked here."))]
                valid = False
            if code.data == PointCode.OTHER and not words.data:
                words.errors = [str(_("Please say in your own words what is asked here."))]
                valid = False
        return valid


for _number in range(1, POINTS_AT_ONCE + 1):
    setattr(AskForm, f"step_{_number}", ChoiceField(_l("Part of the application")))
    setattr(AskForm, f"code_{_number}", ChoiceField(_l("What is asked")))
    setattr(AskForm, f"words_{_number}", LongTextField(_l("In your own words"), most=POINT_WORDS_MAX, rows=2))
