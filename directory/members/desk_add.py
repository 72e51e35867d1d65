"""The desk's page that adds a member by hand."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed
from directory.accounts.guard import actor, staff
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.members import services
from directory.members.candidates import Candidate, find_candidates
from directory.members.desk_add_form import AddForm
from directory.members.desk_base import CHANGERS, bp, clock, labels


@bp.route("/staff/members/new", methods=["GET", "POST"])
@staff(*CHANGERS)
@confirmed
def add() -> ResponseReturnValue:
    """Add a member; those that may be the same organisation are shown first, and nothing typed is lost."""
    if request.method == "GET":
        return _page(AddForm(data={"joined_on": clock().date().isoformat()}))
    form = AddForm()
    if not form.is_save:
        form.change_rows()
        return _page(form)
    if not form.validate():
        return _page(form)
    new = form.entry()
    candidates = find_candidates(db.session(), new)
    if candidates and not form.is_compared_with(candidates):
        form.ask_to_compare(candidates)
        return _page(form, candidates)
    try:
        member = services.admit(db.session(), new, by=actor(), now=clock(), note=form.note.data or "")
    except Invalid as error:
        db.session.rollback()
        form.refuse(error)
        return _page(form, candidates)
    db.session.commit()
    flash(_("The member is added and public."), "success")
    return redirect(url_for("members_desk.entry", slug=member.slug), code=303)


def _page(form: AddForm, candidates: Sequence[Candidate] = ()) -> tuple[str, int]:
    page = render_template("members_desk/add.html", form=form, rows=form.ROWS, candidates=candidates, labels=labels())
    return page, form.error_status if form.errors else 200
