"""Forms of an application. They refuse what is malformed, never what is missing: a draft may be partial."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import StringField

from directory.applications.addresses import Habit, habit_of
from directory.applications.answers import names_of, part
from directory.applications.rows import (
    Asked,
    NameRow,
    OfferingRow,
    RegistrationRow,
    countries,
    languages,
    with_blank,
)
from directory.applications.vocab import (
    CONSENT_TEXTS,
    CROP_LABELS,
    FIELD_LABELS,
    PRECISION_LABELS,
    PURPOSE_LABELS,
    Purpose,
    Step,
)
from directory.consents.models import Consent
from directory.consents.queries import standing_of
from directory.consents.texts import ConsentTexts, texts_today
from directory.consents.vocab import ConsentKind
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import ngettext
from directory.initiative.models import StatementVersion
from directory.initiative.queries import get_initiative, sectors, zones
from directory.members.models import (
    CITY_MAX,
    EMAIL_MAX,
    NAME_MAX,
    OFFERINGS_MAX,
    PERSON_MAX,
    PHONE_MAX,
    SUMMARY_MAX,
    WEBSITE_MAX,
)
from directory.members.phones import parse_phone, phone_text
from directory.members.reading import is_website
from directory.members.registers import Verdict, check_number
from directory.members.term_fields import TermsField
from directory.members.vocab import KIND_LABELS, TYPE_LABELS, WRONG_NUMBER, Kind, NameKind, OrganisationType
from directory.web.forms import (
    IMAGES,
    BaseForm,
    BoxesField,
    ChoiceField,
    EmailField,
    FilesField,
    HiddenField,
    LongTextField,
    RadiosField,
    TextField,
    TickField,
    Unless,
    ValidationError,
    matches,
    one_line,
)
from directory.web.locale import current
from directory.web.rows import RowsField, answered

LINES_MAX = 4
NAMES_MAX = 12
POSTCODE_MAX = 20
STREET_MAX = 200
YEAR_MAX = 40  # more than a year has, so that its own message tells what is wrong
REGISTRATIONS_MAX = 6
_STATEMENT_CHANGED = _l("The statement has changed since you opened this page. Please read the new text below and accept it.")
_CONSENTS_CHANGED = _l("The text of the consents has changed since you opened this page. Please read it below and choose anew.")
_OWN, _SEAT, _CONTACT, _SIGNED = (FIELD_LABELS[s] for s in (Step.ORGANISATION, Step.SEAT, Step.CONTACT, Step.STATEMENT))


class StepForm(BaseForm):
    """What all steps have: the state of the answers that the page showed, and the button that was pressed.

    action: save, continue, add-<rows> or remove-<rows>-<place>; anything else is save.
    """

    seen = HiddenField(filters=[one_line])
    action = StringField(filters=[one_line])
    rows: Mapping[str, frozenset[str]] = {}
    """fields that hold rows, with those columns that are filled in before anybody types"""

    def change_rows(self) -> None:
        """Take out the row whose button was pressed, before anything is checked."""
        verb, _dash, rest = (self.action.data or "").partition("-")
        name, _dash, place = rest.rpartition("-")
        if verb == "remove" and name in self.rows and place.isascii() and place.isdigit():
            self[name].remove(int(place[:4]))

    @property
    def added(self) -> str | None:
        """Which rows were asked to grow by one, if any and if there is room."""
        verb, _dash, name = (self.action.data or "").partition("-")
        return name if verb == "add" and name in self.rows and len(self[name].entries) < self[name].most else None

    @property
    def removed(self) -> str | None:
        """Which rows were asked to lose one, if any."""
        verb, _dash, rest = (self.action.data or "").partition("-")
        name = rest.rpartition("-")[0]
        return name if verb == "remove" and name in self.rows else None

    def values(self) -> dict[str, Any]:
        """Return the answers as `Application.answers` keeps them, with an empty row where one was asked for."""
        plain = {
            name: field.data for name, field in self._fields.items() if name not in {"seen", "action", "csrf_token", *self.rows}
        }
        found = answered(plain)
        for name, not_counted in self.rows.items():
            rows = self[name].values(not_counted=not_counted) + ([{}] if self.added == name else [])
            found |= {name: rows} if rows else {}
        return found

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that there are not too many rows."""
        fine = bool(super().validate(extra_validators))
        for name in self.rows:
            most = self[name].most
            if len(self[name].entries) > most:
                text = ngettext("There is room for %(num)d of these only.", "There is room for %(num)d of these only.", most)
                self.form_errors.append(text)
                fine = False
        return fine


class OrganisationForm(StepForm):
    """Who the organisation is."""

    taken: frozenset[str] = frozenset()
    """languages of names in other languages, which stand in a step of their own"""

    name = TextField(_OWN["name"], most=NAME_MAX, validators=[Asked()], autocomplete="organization")
    name_language = ChoiceField(_OWN["name_language"], choices=lambda: with_blank(languages()), validators=[Asked()])
    kind = ChoiceField(_OWN["kind"], choices=lambda: with_blank(KIND_LABELS.items()), validators=[Asked()])
    type = ChoiceField(_OWN["type"], choices=lambda: with_blank(TYPE_LABELS.items()), validators=[Asked()])
    website = TextField(_OWN["website"], most=WEBSITE_MAX, autocomplete="url", render_kw={"inputmode": "url", "dir": "ltr"})
    founded = TextField(
        _OWN["founded"],
        most=YEAR_MAX,
        validators=[Unless(), matches(r"^(1[0-9]{3}|20[0-9]{2})$", _l("Please write the year with four digits, such as 1998."))],
        render_kw={"inputmode": "numeric"},
    )
    languages = BoxesField(_OWN["languages"], choices=languages, validators=[Asked()])
    sectors = TermsField(_OWN["sectors"], taxonomy=sectors, validators=[Asked()])
    zones = TermsField(_OWN["zones"], taxonomy=zones)
    summary = LongTextField(_OWN["summary"], most=SUMMARY_MAX, validators=[Asked()])
    summary_language = ChoiceField(_OWN["summary_language"], choices=lambda: with_blank(languages()), validators=[Asked()])

    def validate_website(self, field: TextField) -> None:
        """Accept an address on the web in any script, with or without https; it is kept as its owner writes it."""
        if field.data and not is_website(field.data):
            raise ValidationError(str(_("Please write the address as it stands in a browser, such as www.organisation.example.")))

    def validate_type(self, field: ChoiceField) -> None:
        """Refuse an institution of the type enterprise, and an enterprise of an institution's type."""
        kind_of_type = {OrganisationType.ENTERPRISE: Kind.ENTERPRISE, OrganisationType.OTHER: self.kind.data}
        if self.kind.data in set(Kind) and field.data and kind_of_type.get(field.data, Kind.INSTITUTION) != self.kind.data:
            raise ValidationError(
                str(_("This type does not fit your answer to “Institution or enterprise”. Please change one of them."))
            )

    def validate_name_language(self, field: ChoiceField) -> None:
        """Refuse the language of a name that stands among the further names: there would be no telling which to show."""
        if field.data and field.data in self.taken:
            raise ValidationError(str(_("There is another name in this language already.")))

    def values(self) -> dict[str, Any]:
        """Return the answers, the year as a number once it is one."""
        found = super().values()
        return found | {"founded": int(found["founded"])} if found.get("founded", "").isdecimal() else found


class NamesForm(StepForm):
    """What else the organisation is called."""

    rows = {"names": frozenset({"kind"})}  # noqa: RUF012 (declared in the base)
    official: str | None = None
    """language of the official name"""

    names = RowsField(NameRow, most=NAMES_MAX, label=FIELD_LABELS[Step.NAMES]["names"])

    def validate_names(self, field: RowsField) -> None:
        """Refuse two names in one language that are neither short nor former: there would be no telling which to show."""
        taken = {self.official} - {None, ""}
        for entry in field.entries:
            row = entry.form
            if row.kind.data not in {None, NameKind.TRANSLATION}:
                continue
            if row.language.data and row.language.data in taken:
                row.language.errors = [*row.language.errors, _("There is another name in this language already.")]
                raise ValidationError
            taken.add(row.language.data)


class SeatForm(StepForm):
    """Where the organisation is based, and the registers it stands in."""

    rows = {"registrations": frozenset()}  # noqa: RUF012 (declared in the base)

    country = ChoiceField(_SEAT["country"], choices=lambda: with_blank(countries()), validators=[Asked()])
    street = LongTextField(_SEAT["street"], most=STREET_MAX, rows=3)
    postcode = TextField(_SEAT["postcode"], most=POSTCODE_MAX, autocomplete="postal-code")
    city = TextField(_SEAT["city"], most=CITY_MAX, validators=[Asked()], autocomplete="address-level2")
    region = TextField(_SEAT["region"], most=CITY_MAX, autocomplete="address-level1")
    precision = ChoiceField(_SEAT["precision"], choices=lambda: [(str(k), str(v)) for k, v in PRECISION_LABELS.items()])
    registrations = RowsField(RegistrationRow, most=REGISTRATIONS_MAX, least=1, label=_SEAT["registrations"])

    @property
    def habit(self) -> Habit | None:
        """What addresses have in the country that is chosen now."""
        return habit_of(self.country.data)

    def validate_street(self, field: LongTextField) -> None:
        """Refuse more lines than an envelope has."""
        lines = [line for line in (field.data or "").splitlines() if line.strip()]
        if len(lines) > LINES_MAX:
            raise ValidationError(str(_("Please write the street in no more than %(number)d lines.", number=LINES_MAX)))

    def values(self) -> dict[str, Any]:
        """Return the answers; how much the public sees is an answer only where there is an address."""
        found = super().values()
        return found if found.keys() & {"street", "postcode", "region"} else {k: v for k, v in found.items() if k != "precision"}

    def validate_registrations(self, field: RowsField) -> None:
        """Refuse what cannot be a number of its register."""
        wrong = [entry.form for entry in field.entries if self._verdict(entry.form) is Verdict.WRONG]
        for row in wrong:
            row.value.errors = [*row.value.errors, str(WRONG_NUMBER[row.scheme.data])]
        if wrong:
            raise ValidationError

    def is_doubtful(self, row: RegistrationRow) -> bool:
        """Say whether a number names an authority that nobody here knows: a reason to look again, not to refuse it."""
        return self._verdict(row) is Verdict.DOUBTFUL

    def _verdict(self, row: RegistrationRow) -> Verdict | None:
        scheme, value = row.scheme.data, row.value.data
        return check_number(scheme, value, country=self.country.data) if scheme and value and not row.value.errors else None


class ContactForm(StepForm):
    """Whom to write to."""

    name = TextField(_CONTACT["name"], most=PERSON_MAX, validators=[Asked()], autocomplete="name")
    addressed = TextField(_CONTACT["addressed"], most=PERSON_MAX)
    role = TextField(_CONTACT["role"], most=PERSON_MAX, autocomplete="organization-title")
    email = EmailField(_CONTACT["email"], most=EMAIL_MAX, validators=[Asked()])
    phone = TextField(_CONTACT["phone"], most=PHONE_MAX, autocomplete="tel", render_kw={"type": "tel", "dir": "ltr"})
    country: str | None = None
    """of the seat, for numbers without a country code"""

    def validate_phone(self, field: TextField) -> None:
        """Accept a number that exists in its country's plan, and keep it as E.164."""
        if not field.data:
            return
        number = parse_phone(field.data, self.country)
        if number is None:
            raise ValidationError(str(_("Please write the number with its country code, such as +381 11 123 4567.")))
        field.data = number


class OfferingsForm(StepForm):
    """What the organisation offers."""

    rows = {"offerings": frozenset({"language"})}  # noqa: RUF012 (declared in the base)

    offerings = RowsField(OfferingRow, most=OFFERINGS_MAX, least=1)


class StatementForm(StepForm):
    """The statement, read and accepted in the name of a signatory. version, language: of the text on the page."""

    version = HiddenField(filters=[one_line])
    language = HiddenField(filters=[one_line])
    accepted = TickField(
        _l("I have read this statement, and I accept it for the organisation I am applying for"), validators=[Asked()]
    )
    signatory = TextField(_SIGNED["signatory"], most=PERSON_MAX, validators=[Asked()], autocomplete="name")
    capacity = TextField(_SIGNED["capacity"], most=PERSON_MAX, validators=[Asked()], autocomplete="organization-title")
    listed = TickField(FIELD_LABELS[Step.STATEMENT]["listed"], validators=[Asked()])
    contact_shared = TickField(FIELD_LABELS[Step.STATEMENT]["contact_shared"])
    abroad = TickField(FIELD_LABELS[Step.STATEMENT]["abroad"], validators=[Asked()])
    consents = HiddenField(filters=[one_line])
    sponsor_name = TextField(_SIGNED["sponsor"], most=WEBSITE_MAX)

    def validate_accepted(self, field: TickField) -> None:
        """Refuse to accept a text that is no longer the one that members sign."""
        if field.data and self.version.data != self.statement.version:
            field.data = False
            raise ValidationError(str(_STATEMENT_CHANGED))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ConsentKind:
            self[kind].label.text = texts_today().text(kind, current().tag).text

    def validate_listed(self, _field: TickField) -> None:
        """Refuse consents to a text that is no longer the one that is asked for; none of them stays ticked."""
        ticked = [kind for kind in ConsentKind if self[kind].data]
        if ticked and self.consents.data != self.consent_texts.version:
            for kind in ticked:
                self[kind].data = False
            raise ValidationError(str(_CONSENTS_CHANGED))

    @property
    def consent_texts(self) -> ConsentTexts:
        """The texts that are agreed to today."""
        return texts_today()

    @property
    def statement(self) -> StatementVersion:
        """The version that is signed today."""
        return get_initiative().statement

    def values(self) -> dict[str, Any]:
        """Return the answers; the text is named only where it was accepted."""
        found = super().values()
        text = self.statement.text(current().tag)
        named = {"version": self.statement.version, "language": text.tag} if self.accepted.data else {}
        named |= {CONSENT_TEXTS: self.consent_texts.version} if any(self[kind].data for kind in ConsentKind) else {}
        return {key: value for key, value in found.items() if key not in {"version", "language", CONSENT_TEXTS}} | named


class DocumentsForm(StepForm):
    """Documents and the logo. The files themselves are read by the view; here they have their place and their errors."""

    registration_files = FilesField(PURPOSE_LABELS[Purpose.REGISTRATION])
    registration_later = TickField(_l("I will send the proof of registration later"))
    authority_files = FilesField(PURPOSE_LABELS[Purpose.AUTHORITY])
    other_files = FilesField(_l("Other documents"))
    logo_files = FilesField(PURPOSE_LABELS[Purpose.LOGO], most=1, accept=IMAGES)
    logo_published = TickField(_l("We agree that the logo is published with our entry"))
    logo_crop = RadiosField(_l("How the logo is shown"), choices=lambda: list(CROP_LABELS.items()))

    @property
    def removed(self) -> str | None:
        """The public id of the document whose button was pressed, if any."""
        verb, _dash, public_id = (self.action.data or "").partition("-")
        return public_id if verb == "remove" else None

    def values(self) -> dict[str, Any]:
        """Return the answers beside the files."""
        found = answered({name: self[name].data for name in ("registration_later", "logo_published", "logo_crop")})
        return {name: value for name, value in found.items() if name != "logo_crop" or value in CROP_LABELS}


STEP_FORMS: Mapping[Step, type[StepForm]] = {
    Step.ORGANISATION: OrganisationForm,
    Step.NAMES: NamesForm,
    Step.SEAT: SeatForm,
    Step.CONTACT: ContactForm,
    Step.OFFERINGS: OfferingsForm,
    Step.DOCUMENTS: DocumentsForm,
    Step.STATEMENT: StatementForm,
}


def tell(form: StepForm, answers: Mapping[str, Any]) -> None:
    """Tell a step's form what it has to know of the other steps. answers: of the whole application."""
    if isinstance(form, ContactForm):
        form.country = part(answers, Step.SEAT).get("country")
    if isinstance(form, NamesForm):
        form.official = part(answers, Step.ORGANISATION).get("name_language")
    if isinstance(form, OrganisationForm):
        form.taken = frozenset(row["language"] for row in names_of(answers) if row["kind"] == NameKind.TRANSLATION)


def first_values(step: Step, answers: Mapping[str, Any], *, consents: Sequence[Consent]) -> dict[str, Any]:
    """Return what a step's form shows: what was answered, and the page's language where none was chosen yet.

    consents: of the application; a box is ticked only for one that stands and was given to the text beside it.
    """
    found = dict(answers)
    tag = current().tag
    if step is Step.ORGANISATION and not found:
        return {"name_language": tag, "summary_language": tag}
    if step is Step.STATEMENT:
        standing = {kind: standing_of(consents, kind) for kind in ConsentKind}
        return found | {str(kind): bool(row and row.version == texts_today().version) for kind, row in standing.items()}
    if "founded" in found:
        found["founded"] = str(found["founded"])
    if "phone" in found:
        found["phone"] = phone_text(found["phone"])
    if step is Step.OFFERINGS:
        return {"offerings": [{"language": tag} | dict(row) for row in found.get("offerings") or [{}]]}
    return found
