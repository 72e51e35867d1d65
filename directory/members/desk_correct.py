"""The desk's page that corrects an entry."""

from http import HTTPStatus
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from directory.accounts.guard import actor, staff
from directory.db import db
from directory.errors import Conflict, Invalid, WrongStatus
from directory.i18n import gettext as _
from directory.members import services
from directory.members.desk_base import CHANGERS, ENTRY, bp, clock, done, labels, member_or_404
from directory.members.desk_entry import is_shown
from directory.members.desk_forms import ROWS, CorrectForm
from directory.members.desk_queries import get_last_event
from directory.members.desk_values import first_values
from directory.members.interchange import as_new_member
from directory.members.models import Member
from directory.members.vocab import MERGED


@bp.route(f"{ENTRY}/correct", methods=["GET", "POST"])
@staff(*CHANGERS)
def correct(slug: str) -> ResponseReturnValue:
    """Correct an entry; rows are added and taken out by buttons, and nothing typed is lost."""
    member = member_or_404(slug)
    if member.is_merged:
        raise WrongStatus(MERGED, "correct")
    old = as_new_member(member)
    if request.method == "GET":
        form = CorrectForm(old=old, data={**first_values(old), "seen_version": str(member.version)})
        return _correct(member, form)
    form = CorrectForm(old=old)
    if not form.is_save:
        form.change_rows()
        return _correct(member, form)
    is_fine = form.validate()
    if form.version != member.version and form.error_status != HTTPStatus.BAD_REQUEST:
        return _correct_again(slug, form)
    if is_fine:
        try:
            services.correct(
                db.session(), member, form.value(old), by=actor(), note=form.note.data or "",
                seen_version=form.version, now=clock(),
            )  # fmt: skip
        except Invalid as error:
            db.session.rollback()
            form.refuse(error)
        except Conflict:
            db.session.rollback()
            return _correct_again(slug, form)
        else:
            is_public = is_shown(member)
            return done(member.slug, _("The corrected entry is published.") if is_public else _("The corrected entry is kept."))
    return _correct(member, form)


def _correct_again(slug: str, form: CorrectForm) -> tuple[str, int]:
    """Show a correction again that was made from an older state; sending it once more publishes it."""
    member = member_or_404(slug)
    form.seen_version.data = str(member.version)
    page, _status = _correct(member, form, last=get_last_event(db.session(), member))
    return page, HTTPStatus.CONFLICT


def _correct(member: Member, form: CorrectForm, *, last: Any = None) -> tuple[str, int]:
    """Show the form. last: what a colleague did meanwhile."""
    page = render_template(
        "members_desk/correct.html",
        member=member,
        form=form,
        rows=ROWS,
        labels=labels(),
        last=last,
        is_public=is_shown(member),
    )
    return page, form.error_status if form.errors else 200
