"""Public pages of members: the two lists and the profile."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from flask import Blueprint, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Gone

from directory.db import db
from directory.i18n import gettext as _
from directory.i18n.content import Shown, choose
from directory.i18n.locales import direction
from directory.members import labels, vocab
from directory.members import profile as entry
from directory.members.cards import Written, member_cards, service_cards
from directory.members.facets import TEXT_MAX, Facets, Sort, parse_facets
from directory.members.filters import facet_form
from directory.members.heads import badges, kind_text, official_beneath, seat_text
from directory.members.models import SLUG_MAX, Member
from directory.members.phones import phone_text
from directory.members.public_entry import load_entry
from directory.members.queries import find_old_slug, get_member, get_visible
from directory.members.search import Listing, search_members, search_offerings
from directory.members.sections import names_list, service_sections
from directory.members.suggesting import suggest
from directory.web.page_cache import public_page

bp = Blueprint("members", __name__)
SLUG = re.compile(f"[a-z0-9-]{{1,{SLUG_MAX}}}")


@bp.get("/members/")
@public_page
def list_members() -> ResponseReturnValue:
    """Show the members that fit what the visitor asks for."""
    facets = parse_facets(request.args.to_dict(flat=False))
    engine = current_app.extensions["search"]
    listing = search_members(db.session, engine, facets, locale=g.locale, today=today())
    return _show("members/list.html", listing, member_cards(listing.page.rows, listing.marker), _("Members"))


@bp.get("/services/")
@public_page
def list_services() -> ResponseReturnValue:
    """Show the offerings that fit what the visitor asks for."""
    facets = parse_facets(request.args.to_dict(flat=False))
    engine = current_app.extensions["search"]
    listing = search_offerings(db.session, engine, facets, locale=g.locale, today=today())
    return _show("members/services.html", listing, service_cards(listing.page.rows, listing.marker), _("Services"))


@bp.get("/suggestions")
@public_page
def suggestions() -> ResponseReturnValue:
    """Say, as JSON, what a visitor who types into the search box may mean."""
    text = parse_facets({"q": request.args.getlist("q")}).q
    found = suggest(db.session(), current_app.extensions["search"], text, locale=g.locale, today=today())
    members = url_for("members.list_members")
    return {
        "suggestions": [
            {
                "text": one.text,
                "lang": one.tag,
                "dir": direction(one.tag),
                "kind": one.kind,
                "address": members + one.facets.suffix if one.facets else url_for("members.profile", slug=one.slug),
            }
            for one in found
        ]
    }


@bp.get("/members/<slug>")
@public_page
def profile(slug: str) -> ResponseReturnValue:
    """Show one member with its offerings."""
    found = load_entry(db.session(), slug, today=today()) if SLUG.fullmatch(slug) else None
    if found is None:
        stop(slug, "members.profile")
    member = found.member
    name = choose(member.name_texts, g.locale, first=member.official_name.tag) or Shown(slug, g.locale, is_fallback=False)
    nowhere_known, services = service_sections(found)
    return render_template(
        "members/profile.html",
        entry=found,
        member=member,
        name=name,
        names=names_list(found),
        official=official_beneath(member, name),
        kind=kind_text(member.kind, member.type, g.locale),
        seat=seat_text(member.city, member.country, g.locale),
        badges=badges(member, g.locale),
        summary=choose(member.summary_texts, g.locale),
        shows_demonstration=member.demonstration,
        claims=entry.valid_claims(found, today()),
        website_address=entry.website_address(found.website),
        services=services,
        nowhere_known=nowhere_known,
        sources=entry.sources_by_subject(found),
    )


def visible_or_stop(slug: str, endpoint: str) -> Member:
    """Return the public member at this address.

    Otherwise the request ends: 301 to `endpoint` of the member that once had this slug, 410 for an entry that is no
    longer public, 404 for one that never was.
    """
    member = get_visible(db.session(), slug, today=today()) if SLUG.fullmatch(slug) else None
    return member or stop(slug, endpoint)


def stop(slug: str, endpoint: str) -> NoReturn:
    """End the request for an address that no public member has, as `visible_or_stop` says."""
    if not SLUG.fullmatch(slug):
        abort(404)
    renamed = find_old_slug(db.session(), slug)
    if renamed is not None and get_visible(db.session(), renamed, today=today()) is not None:
        abort(redirect(url_for(endpoint, slug=renamed), code=301))
    former = get_member(db.session(), renamed or slug)
    if former is None or former.published_revision is None:
        abort(404)
    raise Gone(response=make_response(render_template("members/gone.html"), 410))


def today() -> date:
    """Return the day on which terms and claims are judged: UTC's."""
    return datetime.now(UTC).date()


@bp.record_once
def _teach_words(state: BlueprintSetupState) -> None:
    """Give all templates the words for members."""
    state.app.add_template_filter(phone_text)
    state.app.jinja_env.globals.update(
        scheme_labels=vocab.SCHEME_LABELS,
        value_label=lambda facet, value: labels.value_label(facet, value, g.locale),
        value_labels=lambda facet, values: [labels.value_label(facet, value, g.locale) for value in values],
        is_unconfirmed=entry.is_unconfirmed,
        facet_form=facet_form,
        text_max=TEXT_MAX,
    )


def _show(template: str, listing: Listing[Any], rows: Sequence[Written], heading: str) -> ResponseReturnValue:
    here = url_for(str(request.endpoint))
    address: Callable[[Facets], str] = lambda facets: here + facets.suffix  # noqa: E731 (a name for the template)
    suffix, sort_suffix = listing.facets.page_suffix(), listing.facets.sort_suffix()
    page = render_template(
        template,
        heading=heading,
        here=here,
        listing=listing,
        rows=rows,
        facets=listing.facets,
        address=address,
        page_url=lambda number: here + suffix(number),
        sort_url=lambda sort: here + sort_suffix(Sort(sort)),
        shows_demonstration=any(row.is_invented for row in rows),
        sort_labels=labels.SORT_LABELS,
    )
    return page, listing.status
