"""The desk's page of one member, with a form for each thing that may be done with it there."""

from flask import render_template

from directory.accounts.guard import account
from directory.db import db
from directory.members.desk_base import CHANGERS, clock, labels, notices
from directory.members.desk_forms import ReasonForm
from directory.members.desk_queries import get_revisions, list_merged
from directory.members.models import Member
from directory.members.queries import term_state
from directory.members.rules import STANDING_FROM, is_off_by_own_wish, may_restore
from directory.members.vocab import TERM_LABELS, Standing
from directory.web.forms import BaseForm, SeenForm

MOVES = {"suspend": Standing.SUSPENDED, "resign": Standing.RESIGNED, "end": Standing.ENDED}


def show_entry(member: Member, sent: BaseForm | None = None, name: str = "") -> tuple[str, int]:
    """Show everything about a member. sent: a form that was not right, under the name of its action."""
    forms = _forms(member)
    if sent is not None:
        forms[name] = sent
    page = render_template(
        "members_desk/entry.html",
        member=member,
        forms=forms,
        sent=sent,
        notices=notices().list_open(db.session(), member),
        own_wish=is_off_by_own_wish(member),
        can_restore=may_restore(db.session(), member),
        merged=list_merged(db.session(), member),
        revisions=get_revisions(db.session(), member),
        term=TERM_LABELS[term_state(member, clock().date())],
        labels=labels(),
    )
    return page, sent.error_status if sent else 200


def _forms(member: Member) -> dict[str, BaseForm]:
    """Return the forms of what this clerk may do with the member as it is."""
    if not set(CHANGERS) & account().roles:
        return {}
    forms: dict[str, BaseForm] = {"settle": BaseForm()}
    data = {"seen_version": str(member.version)}
    if member.is_merged:
        return forms
    if member.named_on is not None or member.confirmed_on is None:
        forms["confirm"] = SeenForm(prefix="confirm", formdata=None, data=data)
    for move, standing in MOVES.items():
        if member.standing in STANDING_FROM[standing]:
            forms[move] = ReasonForm(prefix=move, formdata=None, data=data)
    if member.standing != Standing.GOOD and may_restore(db.session(), member):
        forms["restore"] = ReasonForm(prefix="restore", formdata=None, data=data)
    return forms
