"""Forms that change an entry: the parts of it that staff correct today and members tomorrow."""

from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.formats import countries_by_name, language_name, languages_by_name
from directory.i18n.locales import plain_tag
from directory.initiative.queries import categories, sectors
from directory.members.labels import NAME_KIND_LABELS
from directory.members.models import (
    DESCRIPTION_MAX,
    NAME_MAX,
    REGISTRATION_MAX,
    SCHEME_MAX,
    SUMMARY_MAX,
    TITLE_MAX,
)
from directory.members.term_fields import TermField, TermsField
from directory.members.vocab import DELIVERY_LABELS, DIRECTION_LABELS, FEE_LABELS, NameKind
from directory.web.forms import BoxesField, ChoiceField, LongTextField, Needed, TextField
from directory.web.locale import current
from directory.web.rows import RowForm

Choices = list[tuple[str, str]]
_LANGUAGE = _lp("of a text", "Language")
_NEEDS_LANGUAGE = _l("Please choose the language of this text.")


class LanguageField(ChoiceField):
    """A language of work, or any other that the entry carries already."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=lambda: with_blank(languages()), **kwargs)

    def process_data(self, value: Any) -> None:
        """Offer the kept language, too."""
        super().process_data(value)
        self._offer(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a kept language back."""
        super().process_formdata(valuelist)
        self._offer(self.data)

    def _offer(self, tag: Any) -> None:
        if isinstance(tag, str) and tag not in dict(languages()) and plain_tag(tag):
            self.choices = [*with_blank(languages()), (tag, language_name(tag, current().tag))]


class LanguagesField(BoxesField):
    """Languages of work, and any others that the entry carries already."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=languages, **kwargs)

    def process_data(self, value: Any) -> None:
        """Offer the kept languages, too."""
        super().process_data(value)
        self._offer(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take kept languages back."""
        super().process_formdata(valuelist)
        self._offer(valuelist)

    def _offer(self, tags: Iterable[Any]) -> None:
        known = dict(languages())
        more = [tag for tag in dict.fromkeys(tags) if isinstance(tag, str) and tag not in known and plain_tag(tag)]
        self.choices = [*known.items(), *((tag, language_name(tag, current().tag)) for tag in more)]


def with_blank(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """Put `not chosen` before the choices."""
    return [("", _("Please choose")), *((str(value), str(label)) for value, label in choices)]


def countries() -> Choices:
    """All countries and regions, by name."""
    return list(countries_by_name(current().tag))


def languages() -> Choices:
    """All languages of work, by name."""
    return list(languages_by_name(current().tag))


class NameRow(RowForm):
    """A name with its language."""

    name = TextField(_lp("of an organisation", "Name"), most=NAME_MAX, validators=[Needed(_l("Please write the name."))])
    tag = LanguageField(_LANGUAGE, validators=[Needed(_NEEDS_LANGUAGE)])


class OtherNameRow(NameRow):
    """A short, former or other-script name."""

    kind = ChoiceField(
        _l("What this name is"),
        choices=lambda: with_blank((k, NAME_KIND_LABELS[k]) for k in (NameKind.SHORT, NameKind.FORMER, NameKind.SCRIPT)),
        validators=[Needed(_l("Please choose what this name is."))],
    )


class SummaryRow(RowForm):
    """What the organisation is, in one language."""

    text = LongTextField(
        _l("Short description"), most=SUMMARY_MAX, rows=4, validators=[Needed(_l("Please write the description."))]
    )
    tag = LanguageField(_LANGUAGE, validators=[Needed(_NEEDS_LANGUAGE)])


class RegistrationRow(RowForm):
    """A number in a public register."""

    scheme = TextField(
        _l("Register"), most=SCHEME_MAX, validators=[Needed(_l("Please name the register."))], render_kw={"dir": "ltr"}
    )
    value = TextField(
        _l("Number in this register"),
        most=REGISTRATION_MAX,
        validators=[Needed(_l("Please write the number."))],
        render_kw={"dir": "ltr"},
    )


class OfferingRow(RowForm):
    """One service. number: which of the member's it is, empty for a new one; texts in other languages are kept beside."""

    number = HiddenField()
    title = TextField(_l("Name of the service"), most=TITLE_MAX, validators=[Needed(_l("Please name the service."))])
    description = LongTextField(_l("What the service is"), most=DESCRIPTION_MAX)
    tag = LanguageField(_l("Language of these two texts"), validators=[Needed(_NEEDS_LANGUAGE)])
    category = TermField(
        _l("Category of the service"),
        taxonomy=categories,
        blank=with_blank,
        validators=[Needed(_l("Please choose the category."))],
    )
    sectors = TermsField(_l("Sectors the service is for"), taxonomy=sectors)
    serves = BoxesField(_l("Countries or regions served"), choices=countries)
    languages = LanguagesField(_l("Languages of the service"))
    delivery = BoxesField(_l("How the service is given"), choices=lambda: [(str(k), str(v)) for k, v in DELIVERY_LABELS.items()])
    fee = ChoiceField(_l("What the service costs"), choices=lambda: with_blank(FEE_LABELS.items()))
    direction = ChoiceField(_l("Direction of business"), choices=lambda: with_blank(DIRECTION_LABELS.items()))
