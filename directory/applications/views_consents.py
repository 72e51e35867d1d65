"""The page of consents: which were given, in which words, and what follows from taking one back or giving it again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from flask import current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.applications import consenting
from directory.applications.answers import is_agreed
from directory.applications.blueprint import bp, consents_address
from directory.applications.buttons import ConsentForm
from directory.applications.models import Application
from directory.applications.opening import acting, opened
from directory.applications.states import EDITABLE
from directory.applications.vocab import CONSENT_LABELS
from directory.config import Settings
from directory.consents.models import Consent
from directory.consents.queries import last_of
from directory.consents.texts import texts_of, texts_today
from directory.consents.vocab import NECESSARY, ConsentKind
from directory.db import db
from directory.errors import Conflict
from directory.i18n import gettext as _
from directory.i18n.content import Shown
from directory.i18n.locales import SOURCE
from directory.web.limits import limiter
from directory.web.templates import absolute


@dataclass(frozen=True)
class Seen:
    """One consent as the page shows it.

    text: the words agreed to, or those that are asked for today; none: given before words were kept.
    """

    kind: ConsentKind
    label: object
    is_given: bool
    is_necessary: bool
    text: Shown | None
    last: Consent | None


@bp.get("/apply/<token>/consents")
@opened
def consents(application: Application) -> ResponseReturnValue:
    """List the consents with their texts, versions and times."""
    if application.state not in consenting.CHANGEABLE:
        return _closed(application)
    return render_template(
        "applications/consents.html",
        application=application,
        consents=[_seen(application, kind) for kind in ConsentKind],
    )


@bp.route("/apply/<token>/consents/<any(listed, contact_shared, abroad):kind>", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
@opened
def consent(application: Application, kind: str) -> ResponseReturnValue:
    """Say what follows, then take one consent back or give it: whichever the page was made for."""
    this, form = ConsentKind(kind), ConsentForm()
    if application.state not in consenting.CHANGEABLE:
        return _closed(application)
    if not form.validate_on_submit():
        return _consent_page(application, this, form, form.error_status if form.errors else HTTPStatus.OK)
    try:
        _change(application, this, form)
    except Conflict:
        flash(_("The text has changed since you opened this page. Please read it again."), "warning")
        return _consent_page(application, this, form, HTTPStatus.CONFLICT)
    db.session.commit()
    flash(_("Done: the consent stands.") if is_agreed(application, this) else _("Done: the consent no longer stands."), "success")
    return redirect(url_for(".consents", token=application.token), 303)


def _change(application: Application, kind: ConsentKind, form: ConsentForm) -> None:
    now, session = datetime.now(UTC), db.session()
    if form.deed.data == "give":
        consenting.give(
            session, application, kind, version=form.version.data or "", locale=g.locale, now=now, by=acting(application)
        )
        return
    settings: Settings = current_app.extensions["settings"]
    desk_url = absolute(url_for("review.case", reference=application.reference, locale=SOURCE))
    url = consents_address(application, application.locale)
    consenting.take_back(
        session, application, kind, url=url, desk_url=desk_url, staff_mail=settings.staff_mail, now=now, by=acting(application)
    )


def _consent_page(application: Application, kind: ConsentKind, form: ConsentForm, status: int) -> ResponseReturnValue:
    seen = _seen(application, kind)
    form.deed.data = "take-back" if seen.is_given else "give"
    form.version.data = texts_today().version
    page = render_template(
        "applications/consent.html",
        application=application,
        seen=seen,
        form=form,
        is_editable=application.state in EDITABLE,
        is_member=application.member is not None,
    )
    return page, status


def _seen(application: Application, kind: ConsentKind) -> Seen:
    given, last = is_agreed(application, kind), last_of(application.consents, kind)
    if not given:
        text: Shown | None = texts_today().text(kind, g.locale)
    else:
        texts = texts_of(last.version) if last is not None else None
        text = texts.text(kind, last.locale) if texts is not None and last is not None else None
    return Seen(kind, CONSENT_LABELS[kind], given, kind in NECESSARY, text, last)


def _closed(application: Application) -> ResponseReturnValue:
    flash(_("This application is closed already."), "info")
    return redirect(url_for(".status", token=application.token), 303)
