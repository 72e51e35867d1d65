"""The desk's blueprint, and what a clerk reads when a colleague was faster."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError

from directory.accounts.models import Role
from directory.applications.models import Application
from directory.applications.states import MOVES, STAFF_LABELS
from directory.db import db
from directory.errors import Conflict, WrongStatus
from directory.review.amending import is_amended
from directory.review.labels import CHECK_LABELS, MOVE_LABELS, RESULT_LABELS
from directory.review.queries import get_case, get_last_event
from directory.review.vocab import CheckItem, CheckResult
from directory.web.forms import clean_text
from directory.web.templates import absolute

bp = Blueprint("review", __name__)

READERS = (Role.REVIEWER, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR)
"""Roles that read applications; administrators manage accounts and have no need to."""
WRITERS = (Role.REVIEWER, Role.APPROVER, Role.COORDINATOR)
LETTER_READERS = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR)
CHECK_FIELDS = frozenset(f"check_{item}" for item in CheckItem)
RESULTS = frozenset(CheckResult)
TYPED = ("words", "reason", "message")
"""Fields whose text a clerk gets back when the form came too late."""


def roles_for(name: str) -> tuple[Role, ...]:
    """Return the staff roles that the table lets make a move."""
    return tuple(Role(str(who)) for who in sorted(MOVES[name].who) if str(who) in set(Role))


def clock() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


@bp.errorhandler(Conflict)
@bp.errorhandler(WrongStatus)
@bp.errorhandler(StaleDataError)
def too_late(_error: Exception) -> tuple[str, int]:
    """Say who moved the application meanwhile and when, and give back what was typed."""
    db.session.rollback()
    reference = str((request.view_args or {}).get("reference", ""))
    application = get_case(db.session(), reference)
    sent = {name.split("-")[-1]: clean_text(text) for name, text in request.form.items()}
    kept = (*TYPED, "letter") if is_amended(sent) else TYPED
    typed = [text for name, text in sent.items() if name.split("_")[0] in kept]
    looked_at = {CheckItem(name.removeprefix("check_")): text for name, text in sent.items() if name in CHECK_FIELDS and text}
    typed += [f"{CHECK_LABELS[item]} – {RESULT_LABELS[CheckResult(text)]}" for item, text in looked_at.items() if text in RESULTS]
    page = render_template(
        "review/too_late.html",
        application=application,
        last=get_last_event(db.session(), application) if application else None,
        states=STAFF_LABELS,
        moves=MOVE_LABELS,
        typed=[text for text in typed if text],
    )
    return page, HTTPStatus.CONFLICT


def status_url(application: Application) -> str:
    """Return the absolute address of the applicant's status page, in their locale."""
    return absolute(url_for("applications.status", locale=application.locale, token=application.token))


def profile_link(application: Application, slug: str) -> str:
    """Return the absolute address of the entry that the application becomes, in the applicant's locale."""
    return absolute(url_for("members.profile", locale=application.locale, slug=slug))
