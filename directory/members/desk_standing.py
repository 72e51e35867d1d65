"""What the desk does to the standing of a member, each with its reason."""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed
from directory.accounts.guard import actor, staff
from directory.db import db
from directory.i18n import gettext as _
from directory.members import services
from directory.members.desk_base import CHANGERS, ENTRY, bp, clock, done, member_or_404
from directory.members.desk_entry import show_entry
from directory.members.desk_forms import ReasonForm


@bp.post(f"{ENTRY}/suspend")
@staff(*CHANGERS)
@confirmed
def suspend(slug: str) -> ResponseReturnValue:
    """Take a member off the public directory."""
    return _move(slug, "suspend", services.suspend, _("The member is suspended and no longer shown in public."))


@bp.post(f"{ENTRY}/resign")
@staff(*CHANGERS)
@confirmed
def resign(slug: str) -> ResponseReturnValue:
    """Record that a member left of its own will."""
    return _move(slug, "resign", services.resign, _("The member has resigned and is no longer shown in public."))


@bp.post(f"{ENTRY}/end")
@staff(*CHANGERS)
@confirmed
def end(slug: str) -> ResponseReturnValue:
    """End a membership."""
    return _move(slug, "end", services.end, _("The membership has ended, and the entry is no longer shown in public."))


@bp.post(f"{ENTRY}/restore")
@staff(*CHANGERS)
@confirmed
def restore(slug: str) -> ResponseReturnValue:
    """Bring a member back."""
    return _move(slug, "restore", services.restore, _("The member is in good standing again."))


def _move(slug: str, name: str, service: Callable[..., Any], told: str) -> ResponseReturnValue:
    """Let a service change the standing if its form gives a reason. name: of the action, and before its fields."""
    member, form = member_or_404(slug), ReasonForm(prefix=name)
    if form.validate_on_submit():
        reason = form.reason.data or ""
        service(db.session(), member, by=actor(), reason=reason, seen_version=form.version, now=clock())
        return done(slug, told)
    return show_entry(member, form, name)
