"""What the pages of all steps share: the page itself, shown again with what was typed, and where to go after saving."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.applications import rules, services
from directory.applications.answers import differences, part
from directory.applications.buttons import EmptyForm
from directory.applications.forms import STEP_FORMS, StepForm, first_values, tell
from directory.applications.models import Application
from directory.applications.opening import keep_typed, not_open
from directory.applications.states import POINT_LABELS, State
from directory.applications.todo import todos
from directory.applications.vocab import STEP_LABELS, Step
from directory.i18n import gettext as _
from directory.web.forms import FilesField, TickField, Typed


def make_form(application: Application | None, step: Step, typed: Mapping[str, list[str]] | None = None) -> StepForm:
    """Make the form of a step, of what is stored, or of what was typed before."""
    values = first_values(step, part(application.answers, step), consents=application.consents) if application else None
    form = STEP_FORMS[step](Typed(typed)) if typed else STEP_FORMS[step](data=values)
    if typed:  # ticks are not kept with what was typed: they stay as they are stored, so that saving takes nothing back
        for field in (field for field in form if isinstance(field, TickField)):
            field.data = bool((values or {}).get(field.name))
    if application is not None:
        tell(form, application.answers)
    return form


def not_kept(form: StepForm) -> set[str]:
    """Name the fields that are not kept while nothing is saved: consent is given by saving alone, and files are not typed."""
    return {field.name for field in form if isinstance(field, TickField | FilesField)}


def next_address(application: Application, step: Step, form: StepForm) -> str:
    """Say where to go after saving: the new row, the rows left, the next step, or this page again."""
    if form.added or form.removed:
        name = str(form.added or form.removed)
        last = len(part(application.answers, step).get(name) or ()) - 1
        return url_for(".step", token=application.token, step=step, _anchor=f"{name}-{last}" if form.added else name)
    flash(_("Saved."), "success")
    order = list(Step)
    if application.state == State.CHANGES_REQUESTED and form.action.data == "continue":
        return url_for(".status", token=application.token, _anchor="points")
    if form.action.data != "continue":
        return url_for(".step", token=application.token, step=step)
    if step is order[-1]:
        return url_for(".check", token=application.token)
    return url_for(".step", token=application.token, step=order[order.index(step) + 1])


def step_page(
    application: Application | None, step: Step, form: StepForm, status: int = HTTPStatus.OK, **more: object
) -> ResponseReturnValue:
    """Show a step. more: further values for its template."""
    answers = application.answers if application else {}
    missing = [todo for todo in todos(rules.missing_answers(answers)) if todo.step == step]
    page = render_template(
        f"applications/{step}.html",
        step=step,
        title=STEP_LABELS[step],
        number=list(Step).index(step) + 1,
        total=len(Step),
        form=form,
        missing=missing if part(answers, step) else [],
        resend=EmptyForm(formdata=None),
        asked=[point for point in application.open_points if point.step == step] if application else [],
        point_labels=POINT_LABELS,
        **{"application": application, "token": application.token if application else "", **more},
    )
    return page, status


def step_of_other_browser(token: str, step: Step, form: StepForm, **more: object) -> ResponseReturnValue:
    """Keep what was typed where the session ended meanwhile; nothing that is stored is shown."""
    if not form.is_submitted():
        return not_open(token)
    form.validate()
    keep_typed(token, step, but=not_kept(form))
    return step_page(None, step, form, HTTPStatus.BAD_REQUEST, token=token, **more)


def conflict_page(
    application: Application, step: Step, form: StepForm, status: int = HTTPStatus.CONFLICT, **more: object
) -> ResponseReturnValue:
    """Show what was typed beside what is stored, field by field; sending it once more saves it.

    more: further values for the template, is_closed or is_unsaved among them.
    """
    stored, typed = {str(step): part(application.answers, step)}, {str(step): form.values()}
    form.seen.data = services.stamp(application, step)
    return step_page(application, step, form, status, unlike=differences(stored, typed, g.locale), **more)
