"""The desk's pages of members: who they are, and what staff may set right."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from directory.accounts.guard import account, actor, staff
from directory.accounts.models import Role
from directory.db import db
from directory.errors import Conflict, Invalid, WrongStatus
from directory.i18n import gettext as _
from directory.members import services
from directory.members.desk_forms import ROWS, CorrectForm, ReasonForm, SeenForm
from directory.members.desk_queries import DeskFilters, get_last_event, get_revisions, list_for_desk
from directory.members.desk_values import first_values
from directory.members.facets import TAXONOMY_OF
from directory.members.interchange import as_new_member
from directory.members.labels import NAME_KIND_LABELS, value_label
from directory.members.models import Member
from directory.members.notices import Notices
from directory.members.queries import get_member, term_state
from directory.members.rules import is_off_by_own_wish, may_restore
from directory.members.term_fields import retired_label
from directory.members.vocab import (
    DELIVERY_LABELS,
    DIRECTION_LABELS,
    FEE_LABELS,
    KIND_LABELS,
    SCHEME_LABELS,
    STANDING_LABELS,
    TERM_LABELS,
    TYPE_LABELS,
    Standing,
)
from directory.web.forms import BaseForm, clean_text, one_line
from directory.web.paging import parse_page

bp = Blueprint("members_desk", __name__)
READERS = (Role.REVIEWER, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR)
CHANGERS = (Role.APPROVER, Role.COORDINATOR)
ENTRY = "/staff/members/<slug>"
Q_MAX = 100


@bp.errorhandler(Conflict)
@bp.errorhandler(WrongStatus)
@bp.errorhandler(StaleDataError)
def too_late(_error: Exception) -> tuple[str, int]:
    """Say who changed the entry meanwhile and when, and give back what was typed."""
    db.session.rollback()
    member = get_member(db.session(), str((request.view_args or {}).get("slug", "")))
    typed = [clean_text(text) for name, text in request.form.items() if name.split("-")[-1] in {"reason", "note"}]
    last = get_last_event(db.session(), member) if member else None
    page = render_template("members_desk/too_late.html", member=member, last=last, typed=[text for text in typed if text])
    return page, HTTPStatus.CONFLICT


@bp.get("/staff/members/")
@staff(*READERS)
def list_members() -> ResponseReturnValue:
    """List members of any standing."""
    notices = _notices().count_open(db.session())
    q = (one_line(request.args.get("q")) or "")[:Q_MAX]
    standing = request.args.get("standing", "")
    standing = standing if standing in set(Standing) else ""
    asked = request.args.get("notices") == "open"
    filters = DeskFilters(q, standing, ids=frozenset(notices) if asked else None)
    number = parse_page(request.args.get("page"))
    page = list_for_desk(db.session(), filters, page=number or 1)
    chosen: dict[str, Any] = {"q": q, "standing": standing, "notices": "open" if asked else ""}
    html = render_template(
        "members_desk/list.html",
        page=page,
        notices=notices,
        chosen=chosen,
        states={member.id: TERM_LABELS[term_state(member, _now().date())] for member in page.rows},
        labels=_labels(),
        url=lambda n: url_for("members_desk.list_members", **{k: v for k, v in chosen.items() if v}, page=n),
    )
    return html, 404 if number is None or page.is_past_end else 200


@bp.get(ENTRY)
@staff(*READERS)
def entry(slug: str) -> ResponseReturnValue:
    """Show everything about one member."""
    return _entry(_member_or_404(slug))


@bp.post(f"{ENTRY}/confirm")
@staff(*CHANGERS)
def confirm(slug: str) -> ResponseReturnValue:
    """Record that the organisation has confirmed its entry."""
    member, form = _member_or_404(slug), SeenForm(prefix="confirm")
    if form.validate_on_submit():
        services.confirm(db.session(), member, by=actor(), seen_version=form.version, now=_now())
        return _done(slug, _("The entry is marked as confirmed by its organisation."))
    return _entry(member, form, "confirm")


@bp.post(f"{ENTRY}/suspend")
@staff(*CHANGERS)
def suspend(slug: str) -> ResponseReturnValue:
    """Take a member off the public directory."""
    member, form = _member_or_404(slug), ReasonForm(prefix="suspend")
    if form.validate_on_submit():
        reason = form.reason.data or ""
        services.suspend(db.session(), member, by=actor(), reason=reason, seen_version=form.version, now=_now())
        return _done(slug, _("The member is suspended and no longer shown in public."))
    return _entry(member, form, "suspend")


@bp.post(f"{ENTRY}/restore")
@staff(*CHANGERS)
def restore(slug: str) -> ResponseReturnValue:
    """Bring a member back."""
    member, form = _member_or_404(slug), ReasonForm(prefix="restore")
    if form.validate_on_submit():
        reason = form.reason.data or ""
        services.restore(db.session(), member, by=actor(), reason=reason, seen_version=form.version, now=_now())
        return _done(slug, _("The member is in good standing again."))
    return _entry(member, form, "restore")


@bp.post(f"{ENTRY}/notices/<public_id>")
@staff(*CHANGERS)
def settle(slug: str, public_id: str) -> ResponseReturnValue:
    """Record that a notice about the entry was dealt with."""
    member, form = _member_or_404(slug), BaseForm()
    if form.validate_on_submit():
        by, by_id = actor(), account().id
        if not _notices().settle(db.session(), public_id, member=member, by=by, by_id=by_id, now=_now()):
            abort(NotFound.code)
        return _done(slug, _("The notice is settled."))
    return _entry(member, form, "settle")


@bp.route(f"{ENTRY}/correct", methods=["GET", "POST"])
@staff(*CHANGERS)
def correct(slug: str) -> ResponseReturnValue:
    """Correct an entry; rows are added and taken out by buttons, and nothing typed is lost."""
    member = _member_or_404(slug)
    old = as_new_member(member)
    if request.method == "GET":
        form = CorrectForm(spoken=old.languages, data={**first_values(old), "seen_version": str(member.version)})
        return _correct(member, form)
    form = CorrectForm(spoken=old.languages)
    if not form.is_save:
        form.change_rows()
        return _correct(member, form)
    if form.validate():
        try:
            services.correct(
                db.session(), member, form.value(old), by=actor(), note=form.note.data or "",
                seen_version=form.version, now=_now(),
            )  # fmt: skip
        except Invalid as error:
            db.session.rollback()
            form.refuse(error)
        except Conflict:
            db.session.rollback()
            return _correct_again(slug, form)
        else:
            return _done(member.slug, _("The corrected entry is published."))
    return _correct(member, form)


def _correct_again(slug: str, form: CorrectForm) -> tuple[str, int]:
    """Show a correction again that was made from an older state; sending it once more publishes it."""
    member = _member_or_404(slug)
    form.seen_version.data = str(member.version)
    page, _status = _correct(member, form, last=get_last_event(db.session(), member))
    return page, HTTPStatus.CONFLICT


def _correct(member: Member, form: CorrectForm, *, last: Any = None) -> tuple[str, int]:
    """Show the form. last: what a colleague did meanwhile."""
    page = render_template("members_desk/correct.html", member=member, form=form, rows=ROWS, labels=_labels(), last=last)
    return page, form.error_status if form.errors else 200


def _entry(member: Member, sent: BaseForm | None = None, name: str = "") -> tuple[str, int]:
    is_good, can_restore = member.standing == Standing.GOOD, may_restore(db.session(), member)
    data = {"seen_version": str(member.version)}
    forms: dict[str, BaseForm] = {}
    if set(CHANGERS) & account().roles:
        forms["settle"] = BaseForm()
        if member.named_on is not None or member.confirmed_on is None:
            forms["confirm"] = SeenForm(prefix="confirm", formdata=None, data=data)
        standing = "suspend" if is_good else "restore"
        if is_good or can_restore:
            forms[standing] = ReasonForm(prefix=standing, formdata=None, data=data)
    if sent is not None:
        forms[name] = sent
    page = render_template(
        "members_desk/entry.html",
        member=member,
        forms=forms,
        sent=sent,
        notices=_notices().list_open(db.session(), member),
        own_wish=is_off_by_own_wish(member),
        can_restore=can_restore,
        revisions=get_revisions(db.session(), member),
        term=TERM_LABELS[term_state(member, _now().date())],
        labels=_labels(),
    )
    return page, sent.error_status if sent else 200


def _labels() -> dict[str, Any]:
    return {
        "kind": KIND_LABELS,
        "type": TYPE_LABELS,
        "standing": STANDING_LABELS,
        "name": NAME_KIND_LABELS,
        "scheme": SCHEME_LABELS,
        "delivery": DELIVERY_LABELS,
        "fee": FEE_LABELS,
        "direction": DIRECTION_LABELS,
        "value": _value,
    }


def _value(facet: str, value: str) -> str:
    """Name a value; a retired term says what to take instead."""
    taxonomy = TAXONOMY_OF[facet]() if facet in TAXONOMY_OF else None
    if taxonomy is not None and taxonomy.resolve(value) != value:
        return retired_label(taxonomy, value, g.locale)
    return value_label(facet, value, g.locale)


def _done(slug: str, text: str) -> ResponseReturnValue:
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("members_desk.entry", slug=slug), code=303)


def _member_or_404(slug: str) -> Member:
    member = get_member(db.session(), slug)
    if member is None:
        abort(NotFound.code)
    return member


def _notices() -> Notices:
    notices: Notices = current_app.extensions["notices"]
    return notices


def _now() -> datetime:
    return datetime.now(UTC)
