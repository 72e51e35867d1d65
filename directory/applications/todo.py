"""What is missing, in words, with the place where it can be given."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from directory.applications.answers import part
from directory.applications.models import Application
from directory.applications.rules import Missing, missing_for_submit
from directory.applications.vocab import FIELD_LABELS, Step
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp

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
    "names": _l("Further names: row %(number)d is incomplete"),
    "registrations": _l("Registration number: row %(number)d is incomplete"),
}


class TaskState(StrEnum):
    """How far a step is."""

    NOT_BEGUN = "not_begun"
    OPTIONAL = "optional"
    BEGUN = "begun"
    COMPLETE = "complete"
    NEEDS_ANSWER = "needs_answer"


TASK_LABELS = {
    TaskState.NOT_BEGUN: _lp("part of an application", "Not begun"),
    TaskState.OPTIONAL: _lp("part of an application", "Not begun, optional"),
    TaskState.BEGUN: _lp("part of an application", "Begun"),
    TaskState.COMPLETE: _lp("part of an application", "Complete"),
    TaskState.NEEDS_ANSWER: _lp("part of an application", "Needs an answer"),
}
TASK_TONES = {
    TaskState.NOT_BEGUN: "neutral",
    TaskState.OPTIONAL: "neutral",
    TaskState.BEGUN: "warning",
    TaskState.COMPLETE: "success",
    TaskState.NEEDS_ANSWER: "danger",
}


@dataclass(frozen=True)
class Todo:
    """One thing to do. step: of the form, or `status`; anchor: id of the field there."""

    step: str
    label: str
    anchor: str


@dataclass(frozen=True)
class Task:
    """One step in the task list. missing: what it still needs, where it was begun."""

    step: Step
    state: TaskState
    missing: tuple[Todo, ...]


def todos(missing: Iterable[Missing]) -> list[Todo]:
    """Put into words what is missing, once each."""
    found = [Todo(step, _label(step, field), _ANCHORS.get(field, field)) for step, field in missing]
    return list({(todo.step, todo.label): todo for todo in reversed(found)}.values())[::-1]


def tasks(application: Application) -> list[Task]:
    """Say of each step how far it is, and what is missing in one that was begun."""
    missing = todos(missing_for_submit(application))
    asked = {point.step for point in application.open_points if not point.answer}
    found = []
    for step in Step:
        left = tuple(todo for todo in missing if todo.step == step)
        if step in asked:
            state = TaskState.NEEDS_ANSWER
        elif not part(application.answers, step):
            state = TaskState.NOT_BEGUN if left else TaskState.OPTIONAL
        else:
            state = TaskState.BEGUN if left else TaskState.COMPLETE
        found.append(Task(step, state, left if part(application.answers, step) else ()))
    return found


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
