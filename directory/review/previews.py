"""The letter before it goes: shown as it will go, changed for the one case, with what the move means for the applicant."""

from dataclasses import dataclass

from flask import request

from directory.applications import people
from directory.applications.models import Application
from directory.applications.states import MOVES, PUBLIC_LABELS
from directory.db import db
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import ngettext
from directory.initiative.queries import times
from directory.mail import BODY_MAX, SUBJECT_MAX, Letter
from directory.review import forms
from directory.review.amending import Amendment, amended, fingerprint, is_amended
from directory.web.forms import BaseForm, HiddenField, LongTextField, TextField, clean_text, one_line

CONFIRM = "confirm"
"""Value of the button that does what the preview shows."""
ANEW = "anew"
"""Value of the button that takes the letter as the texts have it, instead of what the clerk made of it."""


def is_confirming() -> bool:
    """Say whether what was sent does what the preview showed; else it only shows it."""
    return request.form.get("do") == CONFIRM


class LetterPart(BaseForm):
    """A letter in a form. shown: fingerprint of the letter as it was written when the page was made; blank before that."""

    shown = HiddenField(filters=[one_line])
    letter_subject = TextField(_l("Subject of the letter"), most=SUBJECT_MAX)
    letter_body = LongTextField(_l("Text of the letter"), most=BODY_MAX, rows=16)


class LetterForm(LetterPart, forms.ActionForm):
    """The letter of a move."""


class DecisionForm(LetterForm, forms.DecisionForm):
    """A decision with its letter."""


class AskForm(LetterForm, forms.AskForm):
    """Points to ask, with their letter."""


class DuplicateForm(LetterForm, forms.DuplicateForm):
    """What an application repeats, with the letter that says so."""


class ReopenForm(LetterForm, forms.ReopenForm):
    """Why an application is reopened, with the letter that says so."""


@dataclass(frozen=True)
class Shown:
    """A letter as the page shows it. amendment: what the clerk made of it; may_go: they saw it and confirm it."""

    letter: Letter
    amendment: Amendment | None
    may_go: bool


def look(form: LetterPart, written: Letter) -> Shown:
    """Put a letter into the form, or what the clerk made of it, and say whether it may go.

    written: the letter as the texts and what was typed make it now. Where that is no longer what the clerk saw, or what they
    made of it lacks what it must hold, nothing goes: the page shows it again and says so.
    """
    deed, seen = request.form.get("do"), form.shown.data
    subject, body = clean_text(written.subject) or "", clean_text(written.body) or ""
    is_own = deed != ANEW and is_amended(form.data)
    form.shown.data = fingerprint(subject, body)
    is_new = form.shown.data != seen
    amendment = Amendment(form.letter_subject.data or "", form.letter_body.data or "") if is_own else None
    if amendment is None:
        form.letter_subject.data, form.letter_body.data = subject, body
    if is_new and is_own:
        form.form_errors.append(_CHANGED_UNDERNEATH)
    elif is_new and seen and deed == CONFIRM:
        form.form_errors.append(CHANGED)
    letter = Letter(written.template, written.locale, amendment.subject, amendment.body) if amendment else written
    try:
        amended(written, amendment)
    except Invalid as refusal:
        say_why(form, refusal)
    may_go = deed == CONFIRM and not is_new and not form.letter_subject.errors and not form.letter_body.errors
    return Shown(letter, amendment, may_go)


def refuse(form: LetterForm, refusal: Invalid) -> None:
    """Undo what was begun and say beside the letter why it may not go like this. Raises other refusals again."""
    db.session.rollback()
    say_why(form, refusal)


def say_why(form: LetterPart, refusal: Invalid) -> None:
    """Say beside the letter why it may not go like this. Raises other refusals again."""
    if refusal.field == "letter_subject":
        form.letter_subject.errors = [_("Please write a subject.")]
    elif refusal.field == "letter_body" and refusal.reason:
        form.letter_body.errors = [_("This must stay in the letter, word for word: %(text)s", text=refusal.reason)]
    elif refusal.field == "letter_body":
        form.letter_body.errors = [_("Please write the letter.")]
    else:
        raise refusal


def effect(application: Application, move: str) -> list[str]:
    """Say in sentences what a move changes for the applicant, and who else gets the letter."""
    return [*effect_on_all(move), copies_text(application, MOVES[move].letter)]


def effect_on_all(move: str) -> list[str]:
    """Say in sentences what a move changes for whichever applicant."""
    return [_("They see this state: %(state)s", state=PUBLIC_LABELS[MOVES[move].target]), *_means(move)]


def copies_text(application: Application, template: str | None) -> str:
    """Say which colleagues of the applicant get a copy of a letter. template: of the letter."""
    copies = people.copied_to(application, template)
    if not copies:
        return _("Nobody else gets a copy.")
    return ngettext(
        "A copy goes to a colleague of theirs: %(addresses)s",
        "Copies go to colleagues of theirs: %(addresses)s",
        len(copies),
        addresses=", ".join(copies),
    )


def _means(move: str) -> tuple[str, ...]:
    hidden = _("No entry becomes public.")
    appeal = _("They can ask within %(days)s days that the decision be looked at again.", days=times().appeal)
    return {
        "approve": (_("Their entry is public at once."), _("They can no longer change the application.")),
        "reject": (hidden, appeal, _("They can begin a new application with their earlier answers.")),
        "ask_for_changes": (hidden, _("They can change the application, answer, and send it again.")),
        "mark_duplicate": (hidden, appeal),
        "reopen": (hidden, _("They can follow the application and withdraw it, but change nothing in it.")),
    }[move]


CHANGED = _l("The letter is no longer the one that you saw. Please look at it again, then confirm.")
_CHANGED_UNDERNEATH = _l(
    "You changed the letter by hand, and then something that it is made of. "
    "Please put that into the letter yourself, or have it written anew."
)
