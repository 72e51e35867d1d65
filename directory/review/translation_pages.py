"""The page on which staff write translations of the applicant's texts, in the language of the page."""

from http import HTTPStatus
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.accounts.guard import account, staff
from directory.applications.answers import organisation_name
from directory.applications.models import Application
from directory.db import db
from directory.errors import Conflict
from directory.i18n import gettext as _
from directory.i18n import ngettext
from directory.i18n.formats import language_name
from directory.review import translations
from directory.review.actions import CASE
from directory.review.blueprint import WRITERS, bp, clock
from directory.review.case import get_or_404, name_tag
from directory.review.translations import FreeText, Shown, Typed
from directory.web.forms import BaseForm, HiddenField, LongTextField, one_line

DIGEST_LENGTH = 64
CONFIRM = "confirm"
"""Name of the buttons that keep a translation as it is although its text has changed; their values are places."""


class TranslationsForm(BaseForm):
    """A box for each text, named by its place, and the digest of the text that it stands beside."""

    seen = HiddenField(filters=[one_line])

    def typed(self, texts: list[FreeText]) -> dict[str, Typed]:
        """What was written, by place; a text whose box was not sent is left alone."""
        found = {}
        for text in texts:
            words, source = self[_name("words", text)], self[_name("source", text)]
            if words.raw_data and len(source.data or "") == DIGEST_LENGTH:
                found[text.place] = Typed(words.data or "", source.data, is_right=request.form.get(CONFIRM) == text.place)
        return found


@bp.route(f"{CASE}/translations", methods=["GET", "POST"])
@staff(*WRITERS)
def translate(reference: str) -> ResponseReturnValue:
    """Show all texts of the applicant, each beside a box for its translation into the language of the page, and keep them."""
    application, tag = get_or_404(reference), g.locale
    texts = translations.free_texts(application, tag)
    rows = translations.get_translations(db.session(), application)
    shown = translations.in_language(texts, rows, tag)
    foreign = [text for text in texts if text.tag != tag]
    form = _form(foreign, shown)
    if form.validate_on_submit():
        typed, seen = form.typed(foreign), form.seen.data or ""
        try:
            number = translations.save(db.session(), application, typed, by=account(), tag=tag, seen=seen, now=clock())
        except Conflict:
            return _conflict(application, form, texts, shown)
        db.session.commit()
        flash(ngettext("%(num)s translation was kept.", "%(num)s translations were kept.", number), "success")
        return redirect(url_for("review.case", reference=reference, _anchor="answers"), code=303)
    return _page(application, form, texts, shown), form.error_status if form.errors else 200


def _conflict(
    application: Application, form: TranslationsForm, texts: list[FreeText], shown: dict[str, Shown]
) -> ResponseReturnValue:
    """Show what was typed beside what a colleague saved meanwhile; sending it once more keeps what was typed."""
    form.seen.data = translations.stamp(shown)
    form.form_errors.append(
        _("A colleague saved translations meanwhile; they stand below yours. Send once more to keep what stands in the boxes.")
    )
    return _page(application, form, texts, shown), HTTPStatus.CONFLICT


def _form(texts: list[FreeText], shown: dict[str, Shown]) -> TranslationsForm:
    class Form(TranslationsForm):
        """Two fields for each text."""

    data: dict[str, Any] = {"seen": translations.stamp(shown)}
    for text in texts:
        label = _("%(label)s, in %(language)s", label=text.label, language=language_name(g.locale, g.locale))
        setattr(
            Form, _name("words", text), LongTextField(label, most=translations.TEXT_MAX, rows=min(8, 2 + len(text.text) // 80))
        )
        setattr(Form, _name("source", text), HiddenField(filters=[one_line]))
        data[_name("words", text)] = shown[text.place].row.text if text.place in shown else ""
        data[_name("source", text)] = text.digest
    return Form(prefix="translation", data=data)


def _page(application: Application, form: TranslationsForm, texts: list[FreeText], shown: dict[str, Shown]) -> str:
    fields = {text.place: (form[_name("words", text)], form[_name("source", text)]) for text in texts if text.tag != g.locale}
    return render_template(
        "review/translations.html",
        application=application,
        name=organisation_name(application.sent_answers),
        name_tag=name_tag(application),
        form=form,
        rows=[(text, *fields.get(text.place, (None, None)), shown.get(text.place)) for text in texts],
        tag=g.locale,
    )


def _name(kind: str, text: FreeText) -> str:
    """Name a field so that what was typed is found again where it comes too late."""
    return f"{kind}_{text.place.replace('.', '_')}"
