"""The desk's pages that merge a duplicate into the member that it repeats."""

from http import HTTPStatus
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed
from directory.accounts.guard import actor, staff
from directory.db import db
from directory.errors import Conflict, Invalid, NotAllowed, WrongStatus
from directory.i18n import gettext as _
from directory.members import merging
from directory.members.candidates import find_candidates
from directory.members.combined import new_names, new_registrations
from directory.members.desk_base import CHANGERS, ENTRY, bp, clock, labels, member_or_404
from directory.members.desk_merge_form import REFUSED, MergeForm
from directory.members.desk_queries import get_last_event
from directory.members.flaw_texts import refused_text
from directory.members.interchange import as_new_member
from directory.members.models import Member
from directory.members.queries import get_member
from directory.members.vocab import MERGED
from directory.web.forms import one_line
from directory.web.wording import reason_text


@bp.route(f"{ENTRY}/merge", methods=["GET", "POST"])
@staff(*CHANGERS)
@confirmed
def merge(slug: str) -> ResponseReturnValue:
    """Merge this entry into another: choose it, compare both, and do it."""
    member = member_or_404(slug)
    if member.is_merged:
        raise WrongStatus(MERGED, "merge")
    form = MergeForm(member) if request.method == "POST" else None
    named = _slug_in(form.into.data if form else request.args.get("into"))
    into = get_member(db.session(), named) if named else None
    if into is None:
        return _choose(member, named, form)
    if refused := _why_not(member, into):
        return _choose(member, named, form, refused)
    if form is None:
        form = MergeForm(member, formdata=None)
        form.show(member, into)
    elif form.validate():
        return _merge(member, into, form)
    return _compare(member, into, form)


def _merge(member: Member, into: Member, form: MergeForm) -> ResponseReturnValue:
    slug, into_slug = member.slug, into.slug
    try:
        merging.merge(
            db.session(), member, into=into, offerings=[int(number) for number in form.offerings.data or ()],
            note=form.note.data or "", followers=current_app.extensions["followers"], by=actor(),
            seen_version=form.version, seen_into=form.into_version, now=clock(),
        )  # fmt: skip
    except Invalid as error:
        db.session.rollback()
        form.form_errors.append(REFUSED.get(error.reason, REFUSED.get(error.field, refused_text(error))))
    except Conflict:
        db.session.rollback()
        member, into = member_or_404(slug), member_or_404(into_slug)
        form.show(member, into)
        last = [event for one in (member, into) if (event := get_last_event(db.session(), one))]
        page, _status = _compare(member, into, form, last=max(last, key=lambda event: event.at, default=None))
        return page, HTTPStatus.CONFLICT
    else:
        db.session.commit()
        flash(_("The two entries are one now. The addresses of the other one lead here."), "success")
        return redirect(url_for("members_desk.entry", slug=into_slug), code=303)
    return _compare(member, into, form)


def _choose(member: Member, named: str, sent: MergeForm | None, refused: Any = None) -> tuple[str, int]:
    """Show which entries may be the same. sent: a form that named none of them; refused: why the named one cannot be it."""
    candidates = find_candidates(db.session(), as_new_member(member), but=[member.id])
    if named and refused is None:
        refused = _("There is no member with the address “%(slug)s”.", slug=named)
    page = render_template(
        "members_desk/merge_choose.html", member=member, candidates=candidates, named=named, refused=refused, labels=labels()
    )
    if sent is not None:
        sent.validate()
        return page, sent.error_status
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK


def _compare(member: Member, into: Member, form: MergeForm, *, last: Any = None) -> tuple[str, int]:
    """Show both entries and what becomes of them. last: what a colleague did meanwhile."""
    entry, other = as_new_member(into), as_new_member(member)
    page = render_template(
        "members_desk/merge.html",
        member=member,
        into=into,
        form=form,
        names=new_names(entry, other),
        registrations=new_registrations(entry, other),
        addresses=[member.slug, *merging.former_slugs(db.session(), member)],
        room=merging.room_for(into),
        labels=labels(),
        last=last,
    )
    return page, form.error_status if form.errors else 200


def _why_not(member: Member, into: Member) -> Any:
    """Return the sentence that says why these two must stay apart, if they must."""
    try:
        merging.require_may_merge(db.session(), member, into)
    except Invalid as error:
        return REFUSED[error.reason]
    except NotAllowed as error:
        return reason_text(error.reason)
    except WrongStatus:
        return _("That entry was merged into another one. Please choose the one that it was merged into.")
    return None


def _slug_in(text: str | None) -> str:
    """Return the slug in what was typed: a slug, or the address of a page of a member."""
    return (one_line(text) or "").partition("?")[0].rstrip("/").rpartition("/")[2][:200]
