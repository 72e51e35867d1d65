"""“Is this you?”: what the applicant says about a member that may be their organisation."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.applications import twins
from directory.applications.blueprint import bp
from directory.applications.buttons import EmptyForm, TwinForm
from directory.applications.models import Application
from directory.applications.opening import acting, opened
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n.content import Shown, choose
from directory.members.models import Member
from directory.members.profile import is_unconfirmed
from directory.members.queries import get_visible
from directory.web.limits import limiter


@dataclass(frozen=True)
class Asked:
    """A member that the applicant is asked about, as the page shows it."""

    slug: str
    name: Shown | None


def asked_about(application: Application) -> list[Asked]:
    """Return the members that the applicant is to be asked about, in the reader's language."""
    found = twins.ask_about(db.session(), application, today=datetime.now(UTC).date())
    return [Asked(member.slug, _name(member)) for member in found]


@bp.post("/apply/<token>/twin")
@limiter.limit("120 per hour")
@opened
def answer_twin(application: Application) -> ResponseReturnValue:
    """Keep whether a member is the applicant's own organisation, and say what follows."""
    form, now = TwinForm(), datetime.now(UTC)
    if not form.validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    member = get_visible(db.session(), form.member.data or "", today=now.date())
    back = url_for(".tasks" if form.page.data == "tasks" else ".check", token=application.token)
    say = twins.claim if form.is_same else twins.deny
    try:
        if member is None:
            raise Invalid("member", "unknown")
        say(db.session(), application, member, by=acting(application), now=now)
    except Invalid:
        return redirect(back, 303)  # it was answered in another window, or left the directory meanwhile
    db.session.commit()
    if form.is_same:
        return redirect(url_for(".listed", token=application.token, slug=member.slug), 303)
    flash(_("Thank you. We do not ask you about this member again."), "success")
    return redirect(back, 303)


@bp.get("/apply/<token>/listed/<slug>")
@opened
def listed(application: Application, slug: str) -> ResponseReturnValue:
    """Say what to do instead of applying where the organisation is a member already."""
    member = get_visible(db.session(), slug, today=datetime.now(UTC).date())
    if member is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "applications/listed.html",
        application=application,
        asked=Asked(member.slug, _name(member)),
        is_unconfirmed=is_unconfirmed(member),
        form=EmptyForm(formdata=None),
    )


def _name(member: Member) -> Shown | None:
    return choose(member.name_texts, g.locale, first=member.official_name.tag)
