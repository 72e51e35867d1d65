"""Pages of taxonomies: all terms with how many entries carry them, one term, and moving entries to a successor."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.confirming import confirmed
from directory.accounts.guard import actor, staff
from directory.accounts.models import Role
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import ngettext
from directory.i18n.formats import language_name, number_text
from directory.initiative.models import Term
from directory.initiative.queries import newest_data
from directory.initiative.reading import read_taxonomy
from directory.initiative.vocab import SUBJECT_LABELS, TAXONOMIES, Subject
from directory.members.carrying import MOVED_AT_ONCE, count_uses
from directory.settings import services
from directory.settings.blueprint import SUBJECT, bp
from directory.settings.editing import Now, Outcome, answer, now_of, subject_or_404, tags_of
from directory.settings.term_forms import MoveForm, TermForm
from directory.settings.vocab import FACETS
from directory.web.findings import find_out
from directory.web.locale import current, offered

TERM = f"{SUBJECT}/terms/<slug>"


def show_terms(subject: Subject) -> str:
    """Show all terms of a taxonomy."""
    now = now_of(subject)
    taxonomy = read_taxonomy(now.data)
    uses = None
    if subject in FACETS:
        session, terms = db.session(), tuple(taxonomy.terms)
        uses = find_out(("uses", subject, terms), lambda: count_uses(session, FACETS[subject], terms))
    return render_template(
        "settings/terms.html",
        subject=subject,
        label=SUBJECT_LABELS[subject],
        now=now,
        taxonomy=taxonomy,
        groups=read_taxonomy(newest_data(db.session(), Subject.CATEGORY_GROUPS)) if subject is Subject.CATEGORIES else None,
        uses=uses,
        missing={slug: _missing(term) for slug, term in taxonomy.terms.items()},
    )


@bp.route(f"{SUBJECT}/add", methods=["GET", "POST"])
@staff(Role.ADMINISTRATOR)
@confirmed
def add_term(subject: str) -> ResponseReturnValue:
    """Add a term."""
    return _term(_taxonomy_or_404(subject), None)


@bp.route(TERM, methods=["GET", "POST"])
@staff(Role.ADMINISTRATOR)
@confirmed
def term(subject: str, slug: str) -> ResponseReturnValue:
    """Name a term anew, move it in the order, or retire it."""
    found = _taxonomy_or_404(subject)
    if slug not in read_taxonomy(now_of(found).data):
        abort(404)
    return _term(found, slug)


@bp.route(f"{TERM}/move", methods=["GET", "POST"])
@staff(Role.ADMINISTRATOR)
@confirmed
def move(subject: str, slug: str) -> ResponseReturnValue:
    """Let entries that carry a retired term carry its successor."""
    found = _taxonomy_or_404(subject)
    taxonomy = read_taxonomy(now_of(found).data)
    if slug not in taxonomy or taxonomy.resolve(slug) == slug or found not in FACETS:
        abort(404)
    form = MoveForm()
    if form.validate_on_submit():
        try:
            number = services.move_carriers(
                db.session(), found, slug, by=actor(), note=form.note.data or "", now=datetime.now(UTC)
            )  # fmt: skip
        except Invalid:
            db.session.rollback()
            form.form_errors.append(_("One of the entries cannot be saved as it stands. Please correct it at the desk first."))
        else:
            db.session.commit()
            flash(_moved_text(number), "success")
            return redirect(url_for("settings.move", subject=found, slug=slug), code=303)
    uses = count_uses(db.session(), FACETS[found], [slug])[slug]
    page = render_template(
        "settings/move.html",
        subject=found, label=SUBJECT_LABELS[found], slug=slug, taxonomy=taxonomy, uses=uses, most=MOVED_AT_ONCE, form=form,
    )  # fmt: skip
    return page, form.error_status if form.errors else HTTPStatus.OK


def _moved_text(number: int) -> str:
    return ngettext(
        "%(number)s entry was changed.",
        "%(number)s entries were changed.",
        number,
        number=number_text(number, current().tag),
    )


def _term(subject: Subject, slug: str | None) -> ResponseReturnValue:
    now = now_of(subject)
    form = _form(subject, slug, now)

    def page(outcome: Outcome) -> str:
        facet = FACETS.get(subject)
        return render_template(
            "settings/edit.html",
            subject=subject,
            label=SUBJECT_LABELS[subject],
            form=form,
            outcome=outcome,
            term=read_taxonomy(now.data).terms[slug] if slug else None,
            uses=count_uses(db.session(), facet, [slug])[slug] if facet and slug else None,
            is_new=slug is None,
            texts={},
        )

    return answer(subject, form, page, target=url_for("settings.show", subject=subject))


def _form(subject: Subject, slug: str | None, now: Now) -> TermForm:
    taxonomy = read_taxonomy(now.data)
    return TermForm(
        subject=subject,
        term=slug,
        taxonomy=taxonomy,
        groups=read_taxonomy(newest_data(db.session(), Subject.CATEGORY_GROUPS)),
        tags=tags_of(taxonomy.terms[slug].labels if slug else {}),
        today=datetime.now(UTC).date(),
        data={**TermForm.values(now.data, slug), "seen_number": str(now.number)},
    )


def _missing(found: Term) -> list[str]:
    """Return the names of the site's languages in which a term has no label."""
    return [language_name(tag, current().tag) for tag in offered() if tag not in found.labels]


def _taxonomy_or_404(name: str) -> Subject:
    subject = subject_or_404(name)
    return subject if subject in TAXONOMIES else abort(404)
