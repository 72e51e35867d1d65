"""Forms inside forms: rows that an applicant adds and removes by buttons, without script."""

from collections.abc import Iterable
from typing import Any

from directory.applications.vocab import FIELD_LABELS, Step
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n import pgettext
from directory.i18n.formats import countries_by_name, languages_by_name
from directory.initiative.queries import categories, sectors
from directory.members.labels import NAME_KIND_LABELS
from directory.members.models import DESCRIPTION_MAX, NAME_MAX, REGISTRATION_MAX, TITLE_MAX
from directory.members.term_fields import TermField, TermsField
from directory.members.vocab import DELIVERY_LABELS, DIRECTION_LABELS, FEE_LABELS, SCHEME_LABELS, NameKind
from directory.web.forms import BoxesField, ChoiceField, LongTextField, TextField
from directory.web.locale import current
from directory.web.rows import RowForm

Choices = list[tuple[str, str]]


def with_blank(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """Put `not chosen yet` before the choices."""
    return [("", _("Please choose")), *((str(value), str(label)) for value, label in choices)]


def with_none(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """Put `not stated` before the choices of an answer that may stay open."""
    return [("", pgettext("choice in a list", "Not stated")), *((str(value), str(label)) for value, label in choices)]


def countries() -> Choices:
    """All countries and regions, by name."""
    return list(countries_by_name(current().tag))


def languages() -> Choices:
    """All languages of work, by name."""
    return list(languages_by_name(current().tag))


NAME_KINDS = (NameKind.TRANSLATION, NameKind.SHORT, NameKind.FORMER, NameKind.SCRIPT)


class Asked:
    """Mark an answer that is needed before the application can be sent; a draft may go without."""

    field_flags: dict[str, Any] = {"needed": True}  # noqa: RUF012 (WTForms' own protocol)

    def __call__(self, _form: Any, _field: Any) -> None:
        """Refuse nothing."""


class NameRow(RowForm):
    """One more name of the organisation: in another language or script, short, or a former one."""

    name = TextField(_lp("of an organisation", "Name"), most=NAME_MAX, validators=[Asked()])
    language = ChoiceField(_lp("of a name", "Language"), choices=lambda: with_blank(languages()), validators=[Asked()])
    kind = ChoiceField(_l("What kind of name it is"), choices=lambda: [(str(k), str(NAME_KIND_LABELS[k])) for k in NAME_KINDS])


class RegistrationRow(RowForm):
    """A number in a public register."""

    scheme = ChoiceField(_l("Register"), choices=lambda: with_blank(SCHEME_LABELS.items()), validators=[Asked()])
    value = TextField(_l("Number in this register"), most=REGISTRATION_MAX, validators=[Asked()], render_kw={"dir": "ltr"})


_OFFERING = FIELD_LABELS[Step.OFFERINGS]


class OfferingRow(RowForm):
    """One service that the organisation offers."""

    title = TextField(_OFFERING["title"], most=TITLE_MAX, validators=[Asked()])
    description = LongTextField(_OFFERING["description"], most=DESCRIPTION_MAX, validators=[Asked()])
    language = ChoiceField(_OFFERING["language"], choices=lambda: with_blank(languages()), validators=[Asked()])
    category = TermField(_OFFERING["category"], taxonomy=categories, blank=with_blank, validators=[Asked()])
    sectors = TermsField(_OFFERING["sectors"], taxonomy=sectors)
    serves = BoxesField(_OFFERING["serves"], choices=countries)
    languages = BoxesField(_OFFERING["languages"], choices=languages)
    delivery = BoxesField(_OFFERING["delivery"], choices=lambda: [(str(k), str(v)) for k, v in DELIVERY_LABELS.items()])
    fee = ChoiceField(_OFFERING["fee"], choices=lambda: with_none(FEE_LABELS.items()))
    direction = ChoiceField(_OFFERING["direction"], choices=lambda: with_none(DIRECTION_LABELS.items()))
