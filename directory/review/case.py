"""The page of one application: everything about it, and one form for each thing that may be done with it."""

from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, g, render_template
from werkzeug.exceptions import NotFound

from directory.accounts.guard import account
from directory.accounts.models import Account
from directory.applications import files
from directory.applications.answers import is_agreed, organisation_name, part, sections
from directory.applications.models import SECRET_LETTERS, Application
from directory.applications.rules import days_with_staff
from directory.applications.sent import due_on
from directory.applications.states import POINT_LABELS, REJECTION_LABELS, STAFF_LABELS, WITH_STAFF
from directory.applications.vocab import CONSENT_LABELS, DOCUMENT_STATE_LABELS, PURPOSE_LABELS, STEP_LABELS, Step
from directory.config import Settings
from directory.consents.vocab import NECESSARY
from directory.db import db
from directory.initiative.queries import times
from directory.members.labels import DEGREE_LABELS, MATCH_LABELS
from directory.members.vocab import SCHEME_LABELS
from directory.review import forms, queries, rules
from directory.review.blueprint import clock
from directory.review.case_reading import reading
from directory.review.checks import RULE_LABELS, SAID_LABELS, VERDICT_LABELS, check
from directory.review.labels import (
    CHECK_LABELS,
    LETTER_LABELS,
    LETTER_TONES,
    MOVE_LABELS,
    RESULT_LABELS,
    RESULT_TONES,
)
from directory.review.vocab import readable_notes
from directory.web.forms import BaseForm

FORMS: dict[str, type[forms.ActionForm]] = {
    "take": forms.ActionForm,
    "hold": forms.HoldForm,
    "resume": forms.ActionForm,
    "recommend": forms.RecommendForm,
    "revive": forms.ActionForm,
    "send_back": forms.ReasonForm,
    "mark_duplicate": forms.DuplicateForm,
    "put_aside_as_spam": forms.ActionForm,
    "reopen": forms.ReopenForm,
}
"""Moves that have their form on the case page, in its order; asking for changes and deciding have pages of their own."""


@dataclass(frozen=True)
class Age:
    """Working days with staff since the first submission, and whether the promised time is over."""

    days: int
    is_overdue: bool


def get_or_404(reference: str) -> Application:
    """Return the application of this address, or answer 404."""
    application = queries.get_case(db.session(), reference)
    if application is None:
        abort(NotFound.code)
    return application


def name_tag(application: Application) -> str:
    """Return the language of the organisation's name."""
    return str(part(application.sent_answers, Step.ORGANISATION).get("name_language") or application.locale)


def age_of(application: Application) -> Age:
    """Say how long an application has waited for staff."""
    now = clock()
    last = due_on(application)
    return Age(days_with_staff(application, now=now), last is not None and last < now.date())


def second_person() -> bool:
    """Say whether whoever recommended is kept from deciding (a setting, on by default)."""
    settings: Settings = current_app.extensions["settings"]
    return settings.second_person


def show_case(application: Application, sent: BaseForm | None = None, *, name: str = "") -> tuple[str, int]:
    """Render the case page. sent: a form that is not right yet, to be shown again with what was typed; name: its action."""
    db.session.refresh(application)
    page = render_template("review/case.html", **_case(application, account(), sent, name))
    return page, sent.error_status if sent else 200


def _case(application: Application, by: Account, sent: BaseForm | None, name: str) -> dict[str, Any]:
    session, locale = db.session(), g.locale
    moves, bound = rules.possible_moves(application, by), rules.interest_of(application, by)
    shown = {move: _form(application, form, move) for move, form in FORMS.items() if move in moves}
    if rules.may_write(by):
        shown["note"] = forms.NoteForm(readable=readable_notes(by.roles), formdata=None, prefix="note")
        if not bound:
            shown["assign"] = assign_form(application, by)
            shown["declare_interest"] = _form(application, forms.InterestForm, "declare_interest")
    liftable = [row.account.public_id for row in application.interests if rules.may_lift(row, by) and not bound]
    lifts = {public_id: f"lift-{public_id}" for public_id in liftable}
    shown |= {prefix: _form(application, forms.ReasonForm, prefix) for prefix in lifts.values()}
    if sent is not None:
        shown[name] = sent
    return {
        **reading(application, by),
        "application": application,
        "name": organisation_name(application.sent_answers),
        "name_tag": name_tag(application),
        "sections": sections(application.sent_answers, locale),
        "documents": files.sent(application),
        "proof_later": bool(part(application.sent_answers, Step.DOCUMENTS).get("registration_later")),
        "checks": check(session, application),
        "letters": queries.get_letters_about(session, "application", application.reference),
        "is_agreed": is_agreed,
        "necessary": NECESSARY,
        "age": age_of(application),
        "promised": times().promised,
        "with_staff": WITH_STAFF,
        "secret_letters": SECRET_LETTERS,
        "forms": shown,
        "sent": sent,
        "bound": bound,
        "lifts": lifts,
        "may_ask": "ask_for_changes" in moves,
        "may_decide": "approve" in moves,
        "why_not": rules.why_not_decide(application, by, second_person=second_person()),
        "check_items": CHECK_LABELS,
        "check_results": RESULT_LABELS,
        "check_tones": RESULT_TONES,
        "labels": {
            "consents": CONSENT_LABELS,
            "states": STAFF_LABELS, "moves": MOVE_LABELS, "points": POINT_LABELS, "steps": STEP_LABELS,
            "matches": MATCH_LABELS, "degrees": DEGREE_LABELS, "said": SAID_LABELS,
            "verdicts": VERDICT_LABELS, "rules": RULE_LABELS,
            "purposes": PURPOSE_LABELS, "scans": DOCUMENT_STATE_LABELS, "schemes": SCHEME_LABELS,
            "rejections": REJECTION_LABELS, "letters": LETTER_LABELS, "tones": LETTER_TONES,
            "recommendations": forms.RECOMMENDATION_LABELS,
        },
    }  # fmt: skip


def assign_form(application: Application, by: Account, *, sent: bool = False) -> forms.AssignForm:
    """Make the form that assigns; only coordinators choose others. sent: read what was sent instead of what is."""
    colleagues = [a for a in queries.get_colleagues(db.session()) if rules.may_assign(by, a)]
    nobody = rules.may_assign(by, None)
    if sent:
        return forms.AssignForm(colleagues=colleagues, nobody=nobody, prefix="assign")
    data = {"assignee": application.assignee.public_id if application.assignee else "", "seen_version": application.version}
    return forms.AssignForm(colleagues=colleagues, nobody=nobody, prefix="assign", formdata=None, data=data)


def _form(application: Application, form: type[forms.ActionForm], name: str) -> BaseForm:
    return form(formdata=None, prefix=name, data={"seen_version": application.version})
