"""Pages of the site itself: home, initiative, about, privacy, accessibility."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from flask import Blueprint, abort, current_app, g, render_template, request, url_for

from directory.applications.vocab import CONSENT_LABELS
from directory.config import STAFF_MAIL, Settings
from directory.consents.texts import texts_today
from directory.db import db
from directory.i18n import gettext as _
from directory.initiative.queries import get_initiative, page_text, times
from directory.initiative.vocab import Subject
from directory.members.cards import member_cards
from directory.members.facets import Facets
from directory.members.models import Member
from directory.members.published import load_published
from directory.members.queries import newest_ids
from directory.members.search import Row, make_card
from directory.pages import queries
from directory.search.engine import SearchUnavailable
from directory.web.page_cache import public_page
from directory.web.paging import Page, parse_page

NEWEST_SHOWN = 4

bp = Blueprint("pages", __name__)


@bp.app_context_processor
def _everywhere() -> dict[str, Any]:
    """Let every page name the initiative."""
    return {"initiative": get_initiative()}


@bp.get("/")
@public_page
def home() -> str:
    """Show the front page."""
    today = _today()
    members = load_published(db.session(), newest_ids(db.session(), today=today, most=NEWEST_SHOWN), today=today).values()
    cards = member_cards(Row(None, partial(make_card, member, Facets())) for member in members)
    try:
        figures, ways = queries.count_all(current_app.extensions["search"], locale=g.locale)
    except SearchUnavailable:
        figures, ways = None, []
    shows_demonstration = any(card.is_invented for card in cards)
    return render_template(
        "pages/home.html",
        cards=cards,
        figures=figures,
        ways=ways,
        shows_demonstration=shows_demonstration,
        own=page_text(Subject.PAGE_HOME),
    )


@bp.get("/initiative")
@public_page
def initiative() -> str:
    """Show what members sign, its versions, and who signed, in order of signing."""
    number = parse_page(request.args.get("page"))
    if number is None:
        abort(404)
    page = queries.list_signatories(db.session(), number=number, today=_today())
    if page.is_past_end:
        abort(404)
    return render_template(
        "pages/initiative.html",
        page=page,
        parts=_parts(page),
        has_signed=any(member.joined_on for member in page.rows),
        page_url=lambda n: url_for("pages.initiative", page=n if n > 1 else None) + "#signatories",
        shows_demonstration=any(m.demonstration for m in page.rows),
    )


def _parts(page: Page[Member]) -> list[tuple[str, int, list[Member]]]:
    """Part a page of signatories into (heading, number of the first, members): named in the announcement, then signed."""
    named = [member for member in page.rows if member.named_on]
    signed = [member for member in page.rows if not member.named_on]
    parts = [
        (_("Named in the announcement"), page.first_row, named),
        (_("Signed the statement"), page.first_row + len(named), signed),
    ]
    return [part for part in parts if part[2]]


@bp.get("/about")
@public_page
def about() -> str:
    """Say who runs the site and how to reach them."""
    return render_template("pages/about.html", contact=_contact(), own=page_text(Subject.PAGE_ABOUT))


@bp.get("/privacy")
@public_page
def privacy() -> str:
    """Say what is kept about whom."""
    return render_template(
        "pages/privacy.html",
        contact=_contact(),
        own=page_text(Subject.PAGE_PRIVACY),
        times=times(),
        consents=texts_today(),
        consent_labels=CONSENT_LABELS,
    )


@bp.get("/accessibility")
@public_page
def accessibility() -> str:
    """Say how far the site can be used by everyone."""
    return render_template("pages/accessibility.html", contact=_contact(), own=page_text(Subject.PAGE_ACCESSIBILITY))


def _contact() -> str | None:
    """Return where to write to: the operator's mail address, else that of the settings, or None while nobody has set one."""
    if mail := get_initiative().operator.mail:
        return mail
    settings: Settings = current_app.extensions["settings"]
    return None if settings.staff_mail == STAFF_MAIL else settings.staff_mail


def _today() -> date:
    return datetime.now(UTC).date()
