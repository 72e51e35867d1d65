"""The desk's page of one member, with a form for each thing that may be done with it there."""

from flask import g, render_template
from flask_wtf.csrf import generate_csrf

from directory.accounts.guard import account
from directory.accounts.models import Role
from directory.db import db
from directory.members.desk_base import CHANGERS, clock, count_notices, labels, notices
from directory.members.desk_forms import ReasonForm
from directory.members.desk_queries import get_revisions, heirs, list_merged
from directory.members.models import Member
from directory.members.profile import sources_in_words
from directory.members.public_entry import load_for_staff
from directory.members.queries import term_state
from directory.members.rules import STANDING_FROM, is_off_by_own_wish, may_restore
from directory.members.vocab import TERM_LABELS, Standing, TermState
from directory.web.findings import find_out
from directory.web.forms import BaseForm, SeenForm

MOVES = {"suspend": Standing.SUSPENDED, "resign": Standing.RESIGNED, "end": Standing.ENDED}


def show_entry(member: Member, sent: BaseForm | None = None, name: str = "") -> tuple[str, int]:
    """Show everything about a member. sent: a form that was not right, under the name of its action."""
    session = db.session()
    entry = load_for_staff(session, member.id)
    can_restore = member.standing == Standing.GOOD or may_restore(session, member)

    def form_of(action: str, version: str) -> BaseForm:
        return sent if sent is not None and action == name else _form(action, version)

    page = render_template(
        "members_desk/entry.html",
        member=member,
        entry=entry,
        sources=sources_in_words(entry, g.locale),
        ways=_ways(member, can_restore=can_restore),
        form_of=form_of,
        sent=sent,
        token=generate_csrf(),
        is_public=is_shown(member),
        reads_audit=bool({Role.AUDITOR, Role.ADMINISTRATOR} & account().roles),
        notices=notices().list_open(session, member) if member.id in count_notices() else [],
        own_wish=is_off_by_own_wish(member),
        can_restore=can_restore,
        merged=list_merged(session, member) if member.id in find_out("heirs", lambda: heirs(session)) else [],
        revisions=get_revisions(session, member),
        term=TERM_LABELS[term_state(member, clock().date())],
        labels=labels(),
        may_change=bool(set(CHANGERS) & account().roles),
    )
    return page, sent.error_status if sent else 200


def is_shown(member: Member) -> bool:
    """Say whether visitors see the entry today."""
    return member.standing == Standing.GOOD and term_state(member, clock().date()) is not TermState.EXPIRED


def _ways(member: Member, *, can_restore: bool) -> tuple[str, ...]:
    """Return what this clerk may do with the member as it is, by the names of its forms."""
    if member.is_merged or not set(CHANGERS) & account().roles:
        return ()
    confirm = ["confirm"] if member.named_on is not None or member.confirmed_on is None else []
    moves = [move for move, standing in MOVES.items() if member.standing in STANDING_FROM[standing]]
    restore = ["restore"] if member.standing != Standing.GOOD and can_restore else []
    return (*confirm, *moves, *restore)


def _form(action: str, version: str) -> BaseForm:
    form = SeenForm if action == "confirm" else ReasonForm
    return form(prefix=action, formdata=None, data={"seen_version": version})
