"""The base form and the fields that all forms are made of.

Forms check shape, not policy. Every message is ours and says how to put it right; WTForms' own never show.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.csrf.core import CSRFTokenField
from wtforms.validators import Length, Regexp, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, FileInput, ListWidget, RadioInput

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import ngettext
from directory.i18n.weight import text_weight

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def clean_text(value: str | None) -> str | None:
    """Bring typed text into one form: NFC, no control or direction-override characters, one kind of line end, trimmed."""
    if value is None:
        return None
    text = _FORBIDDEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text).strip()


def one_line(value: str | None) -> str | None:
    """The same for a single line: any run of white space becomes one space."""
    text = clean_text(value)
    return None if text is None else " ".join(text.split())


class Translations:
    """Gives WTForms our own catalogue."""

    def gettext(self, string: str) -> str:
        """Translate one message of WTForms; all that can show are in our catalogue."""
        return str(_(string)) if string else string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Translate a counted message of WTForms."""
        return str(ngettext(singular, plural, n))


class Typed(MultiDict[str, str]):
    """What somebody typed earlier, to be shown in its form again."""


class BaseForm(FlaskForm):
    """A form whose fields know their errors and whose lost session loses no input."""

    class Meta(FlaskForm.Meta):
        """Our catalogue, our words."""

        def get_translations(self, _form: Any) -> Translations:
            """Use the site's locale, never WTForms' own catalogues."""
            return Translations()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Read what a form sent, and nothing else: a body of JSON could hold values of any type."""
            if isinstance(formdata, Typed):
                return formdata
            if formdata is None or request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
                return None
            return super().wrap_formdata(form, formdata) if isinstance(formdata, MultiDict) else request.form or None

    @property
    def error_list(self) -> list[tuple[str, str, str]]:
        """(id of the field, its name, message) for the error summary, in the order of the page; the form's own come first.

        A message that several fields have names its field, as its label does, or its `summary_label` if it has one.
        """
        first = next((_first_id(f) for f in _plain_fields(self) if not isinstance(f, HiddenField)), "")
        found = [(first, FORM, str(message)) for message in self.form_errors]
        wrong = [(field, str(message)) for field in _plain_fields(self) for message in flat_messages(field.errors)]
        often = Counter(message for _field, message in wrong)
        for field, message in wrong:
            if isinstance(field, CSRFTokenField):
                text = str(SESSION_OVER)
            elif often[message] > 1:
                text = _("%(field)s: %(problem)s", field=getattr(field, "summary_label", field.label.text), problem=message)
            else:
                text = message
            found.append((_first_id(field), field.name, text))
        return found

    @property
    def error_status(self) -> int:
        """HTTP status of a page that shows this form again: 400 where the session was lost, else 422."""
        return 400 if any(isinstance(field, CSRFTokenField) and field.errors for field in self) else 422


def seen_number(text: str | None) -> int:
    """Read a version that a page showed; one that never was for what is no number, so that nothing matches it."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


class SeenForm(BaseForm):
    """An action on something as the page showed it."""

    seen_version = HiddenField()

    @property
    def version(self) -> int:
        """The version seen."""
        return seen_number(self.seen_version.data)


FORM = "form"
"""stands for a field where an error concerns the form as a whole"""
SESSION_OVER = _l("Your session had ended before the form was sent. Nothing you typed is lost: please send it again.")


def _plain_fields(form: Any) -> Iterable[Field]:
    """All fields of a form that a person fills in, those inside its sub-forms and lists too."""
    for field in form:
        if isinstance(field, (FieldList, FormField)):
            yield from _plain_fields(field)
        else:
            yield field


def flat_messages(errors: Any) -> Iterable[Any]:
    """Give each message of a field's errors, however deep they lie."""
    for error in errors or ():
        if isinstance(error, (list, tuple)):
            yield from flat_messages(error)
        elif isinstance(error, dict):
            for inner in error.values():
                yield from flat_messages(inner)
        else:
            yield error


def _first_id(field: Field) -> str:
    """Where a link from the summary should land: a group of boxes is focused at its first."""
    return f"{field.id}-0" if isinstance(field.widget, ListWidget) else str(field.id)


class Needed:
    """Refuse an empty answer with a sentence that says what to do; the browser shows no bubble of its own."""

    field_flags: dict[str, Any] = {"needed": True}  # noqa: RUF012 (WTForms' own protocol)

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Field) -> None:
        """Stop at an empty value."""
        if field.data in (None, "", [], False):
            raise StopValidation(str(self.message))


class Unless:
    """Skip the following validators for an empty answer: the field is optional."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Stop quietly at an empty value."""
        if field.data in (None, "", []):
            field.errors = []
            raise StopValidation


def at_most(number: int) -> Length:
    """Refuse a text longer than `number` characters."""
    return Length(max=number, message=_l("Please shorten this text to %(max)d characters."))


def at_least(number: int) -> Callable[[Any, Field], None]:
    """Refuse a text that says less than `number` letters do (`text_weight`)."""

    def check(_form: Any, field: Field) -> None:
        if text_weight(field.data or "") < number:
            raise ValidationError(str(_("Please write at least %(min)d characters.", min=number)))

    return check


def matches(pattern: str, message: Any) -> Regexp:
    """Refuse a text that does not match."""
    return Regexp(pattern, message=message)


class TextField(StringField):
    """One line of text."""

    def __init__(
        self, label: Any, *, most: int, validators: Iterable[Any] = (), autocomplete: str | None = None, **kwargs: Any
    ) -> None:
        render_kw = {"maxlength": None, **({"autocomplete": autocomplete} if autocomplete else {}), **kwargs.pop("render_kw", {})}
        super().__init__(
            label,
            validators=[*validators, at_most(most)],
            filters=[_shown_line],
            render_kw={k: v for k, v in render_kw.items() if v is not None},
            **kwargs,
        )


class DayField(TextField):
    """A day as browsers send it; what is typed by hand must be written the same way."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, most=10, render_kw={"type": "date", "dir": "ltr"}, **kwargs)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no day."""
        super().pre_validate(form)
        try:
            self.day_or_none  # noqa: B018 (it raises)
        except ValueError as error:
            raise ValidationError(str(_("Please write the day as year, month and day, such as 2026-05-06."))) from error

    @property
    def day(self) -> date:
        """The day, once the form is valid and it is needed."""
        return date.fromisoformat(self.data or "")

    @property
    def day_or_none(self) -> date | None:
        """The day, once the form is valid, or None where nothing was typed."""
        return self.day if self.data else None


class LongTextField(TextAreaField):
    """Several lines of text."""

    def __init__(self, label: Any, *, most: int, validators: Iterable[Any] = (), rows: int = 5, **kwargs: Any) -> None:
        super().__init__(label, validators=[*validators, at_most(most)], filters=[clean_text], render_kw={"rows": rows}, **kwargs)


class EmailField(TextField):
    """A mail address, kept in lower case."""

    def __init__(self, label: Any, *, most: int = 254, **kwargs: Any) -> None:
        super().__init__(
            label, most=most, autocomplete="email", render_kw={"type": "email", "inputmode": "email", "dir": "ltr"}, **kwargs
        )

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001 (WTForms' signature)
        """Check the address without asking its server."""
        if not self.data or self.errors:
            return
        try:
            found = validate_email(self.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError(str(_("Please write a complete mail address, such as name@organisation.example."))) from error
        self.data = found.normalized.lower()


class ChoiceField(SelectField):
    """One of a list; `choices` may be given when the form is made, since labels follow the reader's language."""

    def __init__(self, label: Any, *, blank: Any = None, **kwargs: Any) -> None:
        self.blank = blank
        super().__init__(label, filters=[_none_if_blank], **kwargs)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (WTForms' signature)
        """Refuse what is not on the list, in our words."""
        if self.data in (None, ""):
            return
        if self.data not in {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(str(_("Please choose one of the answers in the list.")))


class BoxesField(SelectMultipleField):
    """Any number of a list, as boxes to tick; in the order of their codes, since that of labels changes with the language."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was ticked, each once."""
        super().process_formdata(sorted(set(valuelist)))

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (WTForms' signature)
        """Refuse what is not on the list, in our words."""
        allowed = {value for value, *_rest in self.iter_choices()}
        if any(value not in allowed for value in self.data or ()):
            raise ValidationError(str(_("Please choose only answers in the list.")))


class RadiosField(ChoiceField):
    """One of a short list, all of it seen at once."""

    widget = ListWidget(prefix_label=False)
    option_widget = RadioInput()


class TickField(BooleanField):
    """One box to tick."""


PAPERS = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
IMAGES = ".jpg,.jpeg,.png,image/jpeg,image/png"


class FilesField(Field):
    """Files to send; a form shown again cannot hold them, so that they never count as its data. accept: for the browser."""

    widget = FileInput(multiple=True)

    def __init__(self, label: Any, *, most: int | None = None, accept: str = PAPERS, **kwargs: Any) -> None:
        super().__init__(label, render_kw={"accept": accept}, **kwargs)
        self.most = most
        if most == 1:
            self.widget = FileInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Leave alone what came in the place of files."""

    def _value(self) -> str:
        return ""


class SecretField(PasswordField):
    """A password; never trimmed or shown again."""


def _shown_line(value: Any) -> str | None:
    """Clean a line; what a model keeps as a number is shown as one."""
    return None if value is None else one_line(str(value))


def _none_if_blank(value: Any) -> Any:
    return value or None


__all__ = [
    "BaseForm",
    "BoxesField",
    "ChoiceField",
    "EmailField",
    "FilesField",
    "HiddenField",
    "LongTextField",
    "Needed",
    "RadiosField",
    "SecretField",
    "StopValidation",
    "TextField",
    "TickField",
    "Unless",
    "ValidationError",
    "at_least",
    "at_most",
    "clean_text",
    "flat_messages",
    "matches",
    "one_line",
]
