"""Pages to ask a member something, and to say something about the entry of one's own organisation."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from directory.config import Settings
from directory.db import db
from directory.enquiries.forms import EnquiryForm, NoticeForm, TrappedForm
from directory.enquiries.models import WORDS_MAX, WORDS_MIN
from directory.enquiries.rules import member_address
from directory.enquiries.services import give_notice, send_enquiry
from directory.i18n import gettext as _
from directory.i18n.content import choose
from directory.members.models import Member
from directory.members.profile import is_unconfirmed
from directory.members.views import visible_or_stop
from directory.web.limits import limiter, network
from directory.web.locale import offered
from directory.web.templates import absolute
from directory.web.timing import SENDS_MOST, has_no_mark, opened_mark

bp = Blueprint("enquiries", __name__)
MOST = "20 per hour"
"""a whole office may sit behind one address"""
MOST_OF_NETWORK = "80 per hour"
MOST_TO_ADDRESS = "20 per hour"
"""receipts to one address, wherever they are asked for"""


def _was_sent(response: Response) -> bool:
    """Count only what was really sent: a form with mistakes may be tried again and again."""
    return response.status_code == HTTPStatus.SEE_OTHER


def _too_many(_limit: RequestLimit) -> Response:
    """Show the form again with all that was typed, and say when it can be sent."""
    flash(_("Too much was sent from your connection within an hour. Nothing is lost: please send it again later."), "warning")
    return make_response(_typed_page(_typed_form()), 429)


def _used_up(_limit: RequestLimit) -> Response:
    """Hand the form out anew, with all that was typed: this one was sent often enough."""
    form = _typed_form()
    form.ask_again()
    return make_response(_typed_page(form), form.error_status)


def _typed_form() -> TrappedForm:
    return EnquiryForm(locale=g.locale) if request.endpoint == "enquiries.ask" else NoticeForm()


def _typed_page(form: TrappedForm) -> str:
    member = visible_or_stop(str((request.view_args or {})["slug"]), str(request.endpoint))
    return _page(form, member, asking=request.endpoint == "enquiries.ask")


def _mail_address() -> str:
    return f"mail {request.form.get('email', '').strip().lower()}"


def _limited(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Count what was sent by address, by network, by who gets the receipt, and by the form that was handed out."""
    counted: dict[str, Any] = {"methods": ["POST"], "deduct_when": _was_sent, "on_breach": _too_many}
    by_form = {**counted, "on_breach": _used_up}
    for limit in (
        limiter.limit(MOST, **counted),
        limiter.limit(MOST_OF_NETWORK, key_func=network, **counted),
        limiter.limit(MOST_TO_ADDRESS, key_func=_mail_address, **counted),
        limiter.limit(SENDS_MOST, key_func=opened_mark, exempt_when=has_no_mark, **by_form),
    ):
        view = limit(view)
    return view


@bp.route("/members/<slug>/enquiry", methods=["GET", "POST"])
@_limited
def ask(slug: str) -> ResponseReturnValue:
    """Ask a member something; it goes out by mail."""
    member = visible_or_stop(slug, "enquiries.ask")
    form = EnquiryForm(locale=g.locale)
    if form.validate_on_submit():
        send_enquiry(
            db.session(),
            member,
            form.value(g.locale),
            staff_mail=_settings().staff_mail,
            offered=offered(),
            page=_entry(member),
            now=datetime.now(UTC),
        )
        db.session.commit()
        flash(_("Your question is on its way. A copy goes to %(email)s.", email=form.email.data), "success")
        return redirect(url_for("members.profile", slug=member.slug), code=303)
    return _page(form, member, asking=True), form.error_status if form.is_submitted() else 200


@bp.route("/members/<slug>/notice", methods=["GET", "POST"])
@_limited
def notice(slug: str) -> ResponseReturnValue:
    """Let an organisation confirm its entry, correct it, or ask for its removal."""
    member = visible_or_stop(slug, "enquiries.notice")
    form = NoticeForm()
    if not form.is_submitted() and not is_unconfirmed(member):
        flash(_("This entry does not wait for a confirmation by its organisation."), "info")
        return redirect(url_for("members.profile", slug=member.slug), code=303)
    if form.validate_on_submit():
        give_notice(
            db.session(),
            member,
            form.value(g.locale),
            staff_mail=_settings().staff_mail,
            page=_entry(member),
            desk=absolute(url_for("members_desk.entry", slug=member.slug, locale="en")),
            now=datetime.now(UTC),
        )
        db.session.commit()
        flash(_("Thank you. The association’s staff have been told; a copy goes to %(email)s.", email=form.email.data), "success")
        return redirect(url_for("members.profile", slug=member.slug), code=303)
    return _page(form, member, asking=False), form.error_status if form.is_submitted() else 200


def _page(form: Any, member: Member, *, asking: bool) -> str:
    return render_template(
        "enquiries/ask.html" if asking else "enquiries/notice.html",
        form=form,
        member=member,
        name=choose(member.name_texts, g.locale, first=member.official_name.tag),
        words_min=WORDS_MIN,
        words_max=WORDS_MAX,
        reaches_member=member_address(member) is not None,
        shows_demonstration=member.demonstration,
    )


def _entry(member: Member) -> Callable[[str], str]:
    """Give the address of the entry in any locale."""
    return lambda locale: absolute(url_for("members.profile", slug=member.slug, locale=locale))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
