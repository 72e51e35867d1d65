"""The desk's page of one published state of an entry: what it changed, and all of it."""

from flask import abort, g, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from directory.accounts.guard import staff
from directory.accounts.queries import get_account_by_id
from directory.db import db
from directory.members.desk_base import ENTRY, READERS, bp, member_or_404
from directory.members.desk_queries import get_state
from directory.members.record_parts import differences_between, parts_of

NUMBER_MAX = 2**31 - 1


@bp.get(f"{ENTRY}/states/<int:number>")
@staff(*READERS)
def show_state(slug: str, number: int) -> ResponseReturnValue:
    """Show one published state, beside the one before it."""
    session, member = db.session(), member_or_404(slug)
    found = get_state(session, member, min(number, NUMBER_MAX))
    if not found:
        abort(NotFound.code)
    state, before = found[0], found[1] if len(found) > 1 else None
    return render_template(
        "members_desk/state.html",
        member=member,
        state=state,
        before=before,
        by=get_account_by_id(session, state.published_by) if state.published_by else None,
        changes=differences_between(before.content, state.content, g.locale) if before else [],
        groups=parts_of(state.content, g.locale),
        is_newest=state.number == member.published_revision,
    )
