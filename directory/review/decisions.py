"""Deciding and asking for changes: pages that show the letter as it will go before anything is done."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed_where
from directory.accounts.guard import account, staff
from directory.applications import letters
from directory.applications.answers import as_new_member, organisation_name
from directory.applications.models import Application
from directory.applications.rules import consents_lacking
from directory.applications.states import RejectionCode
from directory.applications.twins import told_by, twins_of
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.mail import Letter
from directory.members.labels import DEGREE_LABELS, MATCH_LABELS
from directory.members.slugs import free_slug, slug_from
from directory.members.vocab import SCHEME_LABELS
from directory.review import closing, rules, services
from directory.review.actions import CASE
from directory.review.amending import Amendment
from directory.review.blueprint import bp, clock, profile_link, roles_for, status_url
from directory.review.case import get_or_404, name_tag, second_person
from directory.review.checks import RULE_LABELS, SAID_LABELS, VERDICT_LABELS, checks_of, same_of
from directory.review.forms import RECOMMENDATION_LABELS
from directory.review.labels import CHECK_LABELS, RESULT_LABELS, RESULT_TONES
from directory.review.moving import lock
from directory.review.previews import AskForm, DecisionForm, LetterForm, Shown, effect, is_confirming, look, refuse
from directory.web.wording import reason_text


@bp.route(f"{CASE}/decision", methods=["GET", "POST"])
@staff(*roles_for("approve"))
@confirmed_where(is_confirming)
def decide(reference: str) -> ResponseReturnValue:
    """Decide on an application: write, look at the letter, confirm."""
    application, by = get_or_404(reference), account()
    form = DecisionForm(prefix="decision")
    if request.method == "GET":
        form.seen_version.data = str(application.version)
        form.outcome.data = application.recommendation
    shown = None
    if form.validate_on_submit():
        lock(db.session(), application, form.version)
        if form.outcome.data == "approve" and consents_lacking(application):
            form.outcome.errors = [reason_text("consent")]
            return _page("review/decision.html", application, form, None, "approve")
        rules.require_may_decide(application, form.outcome.data, by, second_person=second_person())
        shown = look(form, _letter_of_decision(application, form))
        if shown.may_go:
            try:
                return _decide(application, form, shown.amendment)
            except Invalid as refusal:
                refuse(form, refusal)
    why_not = rules.why_not_decide(application, by, second_person=second_person())
    return _page("review/decision.html", application, form, shown, form.outcome.data or "approve", why_not)


def _decide(application: Application, form: DecisionForm, amendment: Amendment | None) -> ResponseReturnValue:
    session, by, now, message = db.session(), account(), clock(), form.message.data or ""
    if form.outcome.data == "approve":
        closing.approve(
            session, application, by=by, message=message, profile_link=lambda slug: profile_link(application, slug),
            second_person=second_person(), seen_version=form.version, now=now, amendment=amendment,
        )  # fmt: skip
        text = _("Approved. The organisation is in the directory, and the applicant is told by mail.")
    else:
        closing.reject(
            session, application, by=by, code=RejectionCode(form.code.data), message=message,
            status_url=status_url(application), second_person=second_person(), seen_version=form.version, now=now,
            amendment=amendment,
        )  # fmt: skip
        text = _("Rejected. The applicant is told by mail.")
    session.commit()
    flash(text, "success")
    return redirect(url_for("review.case", reference=application.reference), code=303)


def _letter_of_decision(application: Application, form: DecisionForm) -> Letter:
    message = form.message.data or ""
    if form.outcome.data == "reject":
        code = RejectionCode(form.code.data)
        return letters.rejected(application, code=code, message=message, status_url=status_url(application))
    names = as_new_member(application, today=clock().date()).names
    slug = free_slug(db.session(), slug_from(names))
    return letters.approved(application, message=message, profile_url=profile_link(application, slug))


@bp.route(f"{CASE}/changes", methods=["GET", "POST"])
@staff(*roles_for("ask_for_changes"))
def ask(reference: str) -> ResponseReturnValue:
    """Ask for changes point by point: write, look at the letter, confirm."""
    application, by = get_or_404(reference), account()
    form = AskForm(prefix="ask")
    if request.method == "GET":
        form.seen_version.data = str(application.version)
        form.answer_by.data = (clock().date() + timedelta(days=rules.ANSWER_DAYS)).isoformat()
    shown = None
    if form.validate_on_submit():
        lock(db.session(), application, form.version)
        rules.require_move(application, "ask_for_changes", by)
        rules.require_no_interest(application, by)
        points, day, link = form.points, form.answer_by.day, status_url(application)
        shown = look(form, services.letter_of_points(application, points=points, answer_by=day, status_url=link))
        if shown.may_go:
            try:
                return _ask(application, form, shown.amendment)
            except Invalid as refusal:
                refuse(form, refusal)
    return _page("review/ask.html", application, form, shown, "ask_for_changes")


def _ask(application: Application, form: AskForm, amendment: Amendment | None) -> ResponseReturnValue:
    services.ask_for_changes(
        db.session(), application, by=account(), points=form.points, answer_by=form.answer_by.day,
        status_url=status_url(application), seen_version=form.version, now=clock(), amendment=amendment,
    )  # fmt: skip
    db.session.commit()
    flash(_("The applicant is asked by mail."), "success")
    return redirect(url_for("review.case", reference=application.reference), code=303)


def _page(
    template: str, application: Application, form: LetterForm, shown: Shown | None, move: str, why_not: str = ""
) -> ResponseReturnValue:
    checks = checks_of(application, twins_of(db.session(), told_by(application)))
    page = render_template(
        template,
        application=application,
        name=organisation_name(application.sent_answers),
        name_tag=name_tag(application),
        form=form,
        preview=shown,
        effect=effect(application, move) if shown else [],
        why_not=why_not,
        may="approve" if move == "reject" else move,
        possible=rules.possible_moves(application, account()),
        check_items=CHECK_LABELS,
        check_results=RESULT_LABELS,
        check_tones=RESULT_TONES,
        recommendations=RECOMMENDATION_LABELS,
        checks=checks,
        same=same_of(checks.twins),
        labels={"schemes": SCHEME_LABELS, "verdicts": VERDICT_LABELS, "rules": RULE_LABELS, "matches": MATCH_LABELS,
                "degrees": DEGREE_LABELS, "said": SAID_LABELS},
    )  # fmt: skip
    return page, form.error_status if form.errors else 200
