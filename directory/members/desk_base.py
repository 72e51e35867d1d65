"""What the desk's pages of members share: their blueprint and roles, labels, and what a clerk reads who was too late."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from directory.accounts.models import Role
from directory.db import db
from directory.errors import Conflict, WrongStatus
from directory.members.desk_queries import get_last_event
from directory.members.facets import TAXONOMY_OF
from directory.members.labels import DEGREE_LABELS, MATCH_LABELS, NAME_KIND_LABELS, value_label
from directory.members.models import Member
from directory.members.notices import Notices
from directory.members.queries import get_member
from directory.members.term_fields import retired_label
from directory.members.vocab import (
    DELIVERY_LABELS,
    DIRECTION_LABELS,
    FEE_LABELS,
    KIND_LABELS,
    SCHEME_LABELS,
    STANDING_LABELS,
    TYPE_LABELS,
)
from directory.web.findings import find_out
from directory.web.forms import clean_text

bp = Blueprint("members_desk", __name__)
READERS = (Role.REVIEWER, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR)
CHANGERS = (Role.APPROVER, Role.COORDINATOR)
ENTRY = "/staff/members/<slug>"
TYPED = frozenset({"reason", "note"})
"""fields whose text a clerk gets back who was too late"""


@bp.errorhandler(Conflict)
@bp.errorhandler(WrongStatus)
@bp.errorhandler(StaleDataError)
def too_late(_error: Exception) -> tuple[str, int]:
    """Say who changed the entry meanwhile and when, or what it was merged into, and give back what was typed."""
    db.session.rollback()
    member = get_member(db.session(), str((request.view_args or {}).get("slug", "")))
    typed = [clean_text(text) for name, text in request.form.items() if name.split("-")[-1] in TYPED]
    last = get_last_event(db.session(), member) if member else None
    name = "merged.html" if member is not None and member.is_merged else "too_late.html"
    page = render_template(
        f"members_desk/{name}",
        member=member,
        last=last,
        typed=[text for text in typed if text],
        is_sent=request.method == "POST",
    )
    return page, HTTPStatus.CONFLICT


def labels() -> dict[str, Any]:
    """Return the words for what an entry holds."""
    return {
        "kind": KIND_LABELS,
        "type": TYPE_LABELS,
        "standing": STANDING_LABELS,
        "name": NAME_KIND_LABELS,
        "scheme": SCHEME_LABELS,
        "delivery": DELIVERY_LABELS,
        "fee": FEE_LABELS,
        "direction": DIRECTION_LABELS,
        "match": MATCH_LABELS,
        "degree": DEGREE_LABELS,
        "value": _value,
    }


def _value(facet: str, value: str) -> str:
    """Name a value; a retired term says what to take instead."""
    taxonomy = TAXONOMY_OF[facet]() if facet in TAXONOMY_OF else None
    if taxonomy is not None and taxonomy.resolve(value) != value:
        return retired_label(taxonomy, value, g.locale)
    return value_label(facet, value, g.locale)


def done(slug: str, text: str) -> ResponseReturnValue:
    """Commit what a service did, say so, and lead to the entry."""
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("members_desk.entry", slug=slug), code=303)


def member_or_404(slug: str) -> Member:
    """Return the member at this address, whatever its standing."""
    member = get_member(db.session(), slug)
    if member is None:
        abort(NotFound.code)
    return member


def notices() -> Notices:
    """Return where notices about entries are kept."""
    found: Notices = current_app.extensions["notices"]
    return found


def count_notices() -> Mapping[int, int]:
    """Return {row number of a member: open notices}, of those that have any."""
    return find_out("open notices", lambda: notices().count_open(db.session()))


def clock() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)
