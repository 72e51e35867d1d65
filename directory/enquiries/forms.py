"""Forms to ask a member something, and to say something about one's own entry."""

from typing import Any

from wtforms import Field

from directory.enquiries.models import (
    EMAIL_MAX,
    NAME_MAX,
    NOTICE_LABELS,
    ORGANISATION_MAX,
    WORDS_MAX,
    WORDS_MIN,
    NoticeKind,
)
from directory.enquiries.services import NewEnquiry, NewNotice
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import pgettext
from directory.i18n.formats import countries_by_name
from directory.web.forms import (
    ChoiceField,
    EmailField,
    LongTextField,
    Needed,
    RadiosField,
    TextField,
    ValidationError,
    at_least,
)
from directory.web.timing import TimedForm

NAME_NEEDED = _l("Please write your name.")
EMAIL_NEEDED = _l("Please write your mail address, so that you can be answered.")


class TrappedForm(TimedForm):
    """A form with a field that people do not see and that programs like to fill in."""

    homepage = TextField(_l("Leave this field empty"), most=200, autocomplete="off", render_kw={"tabindex": "-1"})

    def validate_homepage(self, field: Field) -> None:
        """Refuse what a program filled in; a person can put it right."""
        if field.data:
            raise ValidationError(str(_("Please leave this field empty.")))


class EnquiryForm(TrappedForm):
    """A visitor's question to a member."""

    name = TextField(_l("Your name"), most=NAME_MAX, validators=[Needed(NAME_NEEDED)], autocomplete="name")
    organisation = TextField(_l("Your organisation"), most=ORGANISATION_MAX, autocomplete="organization")
    country = ChoiceField(_l("Your country or region"))
    email = EmailField(_l("Your mail address"), most=EMAIL_MAX, validators=[Needed(EMAIL_NEEDED)])
    words = LongTextField(
        _l("Your question"),
        most=WORDS_MAX,
        rows=8,
        validators=[Needed(_l("Please write what you would like to ask.")), at_least(WORDS_MIN)],
    )

    def __init__(self, *args: Any, locale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", pgettext("choice", "Not stated")), *countries_by_name(locale)]

    def value(self, locale: str) -> NewEnquiry:
        """Return what the visitor asks. locale: the language they read in."""
        return NewEnquiry(
            name=self.name.data or "",
            email=self.email.data or "",
            words=self.words.data or "",
            locale=locale,
            organisation=self.organisation.data or "",
            country=self.country.data,
        )


class NoticeForm(TrappedForm):
    """What an organisation says about its own entry."""

    kind = RadiosField(_l("What would you like to tell us?"), validators=[Needed(_l("Please choose one of the three."))])
    name = TextField(_l("Your name"), most=NAME_MAX, validators=[Needed(NAME_NEEDED)], autocomplete="name")
    role = TextField(
        _l("Your role in the organisation"),
        most=NAME_MAX,
        validators=[Needed(_l("Please write what you do in the organisation."))],
        autocomplete="organization-title",
    )
    email = EmailField(_l("Your mail address at the organisation"), most=EMAIL_MAX, validators=[Needed(EMAIL_NEEDED)])
    words = LongTextField(_l("Your words"), most=WORDS_MAX, rows=6)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, str(label)) for kind, label in NOTICE_LABELS.items()]

    def validate_words(self, field: Field) -> None:
        """Ask for words where there is something to correct."""
        if self.kind.data == NoticeKind.CORRECT and not field.data:
            raise ValidationError(str(_("Please write what is wrong and how it should read.")))

    def value(self, locale: str) -> NewNotice:
        """Return what the organisation says. locale: the language they read in."""
        return NewNotice(
            kind=NoticeKind(self.kind.data or ""),
            name=self.name.data or "",
            role=self.role.data or "",
            email=self.email.data or "",
            locale=locale,
            words=self.words.data or "",
        )
