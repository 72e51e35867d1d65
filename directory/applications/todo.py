"""What is missing, in words, with the place where it can be given."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from directory.applications.answers import Answers, part
from directory.applications.rules import Missing, missing_answers
from directory.applications.vocab import FIELD_LABELS, Step
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l

_BESIDE: dict[str, Any] = {
    "email_proved": _l("Proof of the e-mail address: use the link that we mailed to it"),
    "accepted": _l("The statement, in the version in force for signing, accepted"),
}
_ANCHORS = {
    "email_proved": "prove",
    "offerings": "offerings-0-title",
    "registrations": "registrations-0-value",
    "registration": "registration_files",
}
_ROW_LABELS = {
    "names": _l("Names in other languages: row %(number)d is incomplete"),
    "registrations": _l("Registration number: row %(number)d is incomplete"),
}


@dataclass(frozen=True)
class Todo:
    """One thing to do. step: of the form, or `status`; anchor: id of the field there."""

    step: str
    label: str
    anchor: str


def todos(missing: Iterable[Missing]) -> list[Todo]:
    """Put into words what is missing, once each."""
    found = [Todo(step, _label(step, field), _ANCHORS.get(field, field)) for step, field in missing]
    return list({(todo.step, todo.label): todo for todo in reversed(found)}.values())[::-1]


def progress(answers: Answers) -> dict[Step, int | None]:
    """Count for each step what is missing in it; None where it was not begun."""
    missing = missing_answers(answers)
    return {step: sum(where == step for where, _field in missing) if part(answers, step) else None for step in Step}


def _label(step: str, field: str) -> str:
    if step == "status":
        return _("Your answer to each of our points")
    if field in _BESIDE:
        return str(_BESIDE[field])
    name, _dash, rest = field.partition("-")
    if not rest:
        return str(FIELD_LABELS[Step(step)][field])
    place, _dash, column = rest.partition("-")
    if name == "offerings":
        label = str(FIELD_LABELS[Step.OFFERINGS][column])
        return _("Service %(number)d: %(field)s", number=int(place) + 1, field=label)
    return str(_ROW_LABELS[name]) % {"number": int(place) + 1}
