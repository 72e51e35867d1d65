"""Forms of the members' desk: correcting an entry, and the reason for a change of standing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from wtforms import StringField

from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.formats import language_name
from directory.i18n.locales import LOCALES
from directory.initiative.queries import sectors, zones
from directory.members.desk_values import kept_order, offering_of
from directory.members.entry import AlternateName, NewContact, NewMember, NewRegistration, NewSource
from directory.members.facts import ENTRY, offering_fact, offering_number
from directory.members.flaw_texts import refused_text
from directory.members.forms import (
    NameRow,
    OfferingRow,
    OtherNameRow,
    RegistrationRow,
    SummaryRow,
    countries,
    languages,
    with_blank,
)
from directory.members.models import (
    CITY_MAX,
    EMAIL_MAX,
    OFFERINGS_MAX,
    PERSON_MAX,
    PHONE_MAX,
    REASON_MAX,
    SLUG_MAX,
    WEBSITE_MAX,
)
from directory.members.parsing import ADDRESS_MAX
from directory.members.record_parts import fact_text, field_text
from directory.members.rules import REASON_MIN
from directory.members.term_fields import TermsField
from directory.members.vocab import KIND_LABELS, TYPE_LABELS, Kind, NameKind, OrganisationType
from directory.web.forms import (
    BoxesField,
    ChoiceField,
    DayField,
    EmailField,
    LongTextField,
    Needed,
    SeenForm,
    TextField,
    TickField,
    Unless,
    at_least,
    matches,
    one_line,
)
from directory.web.locale import current
from directory.web.rows import RowForm, RowsField

ROWS_MAX, SOURCES_MAX = 20, 1000
ROWS: Mapping[str, Any] = {
    "names": _l("Names"),
    "other_names": _l("Short, former and other-script names"),
    "summaries": _l("Short descriptions"),
    "registrations": _l("Registration numbers"),
    "offerings": _l("Services"),
    "sources": _l("Sources"),
}


class ReasonForm(SeenForm):
    """Why the standing changes."""

    reason = LongTextField(
        _l("Reason"), most=REASON_MAX, rows=3, validators=[Needed(_l("Please write the reason.")), at_least(REASON_MIN)]
    )


class SourceRow(RowForm):
    """Where what the entry says comes from. fact: what it is a source for, as entries keep it."""

    fact = ChoiceField(_l("What it is a source for"), choices=[], default=ENTRY)
    address = TextField(
        _l("Web address of the source"),
        most=ADDRESS_MAX,
        validators=[Needed(_l("Please write the address of the source."))],
        render_kw={"inputmode": "url", "dir": "ltr"},
    )


class CorrectForm(SeenForm):
    """A whole entry. action: save, add-<rows>, or remove-<rows>-<place>. ROWS: rows of any number, with their titles.

    old: the entry as it is, if there is one.
    """

    ROWS: ClassVar[Mapping[str, Any]] = ROWS
    NEEDS_NOTE: ClassVar[Any] = _l("Please say why the entry is corrected.")
    action = StringField(filters=[one_line])
    names = RowsField(NameRow, most=ROWS_MAX, least=1, label=ROWS["names"])
    other_names = RowsField(OtherNameRow, most=ROWS_MAX, label=ROWS["other_names"])
    kind = ChoiceField(
        _l("Institution or enterprise"),
        choices=lambda: with_blank(KIND_LABELS.items()),
        validators=[Needed(_l("Please choose the kind of member."))],
    )
    type = ChoiceField(_l("Type of organisation"), choices=lambda: with_blank(TYPE_LABELS.items()))
    country = ChoiceField(_l("Country or region"), choices=lambda: with_blank(countries()))
    city = TextField(_lp("of a seat", "City"), most=CITY_MAX)
    website = TextField(_lp("of an organisation", "Website"), most=WEBSITE_MAX, render_kw={"inputmode": "url", "dir": "ltr"})
    founded = TextField(
        _l("Year founded"),
        most=4,
        validators=[Unless(), matches(r"^[0-9]{3,4}$", _l("Please write the year in figures, such as 1998."))],
        render_kw={"inputmode": "numeric"},
    )
    languages = BoxesField(_l("Languages the organisation works in"))
    sectors = TermsField(_l("Sectors the organisation works for"), taxonomy=sectors)
    zones = TermsField(_l("Zones the organisation works in"), taxonomy=zones)
    summaries = RowsField(SummaryRow, most=ROWS_MAX, label=ROWS["summaries"])
    registrations = RowsField(RegistrationRow, most=ROWS_MAX, label=ROWS["registrations"])
    offerings = RowsField(OfferingRow, most=OFFERINGS_MAX, label=ROWS["offerings"])
    sources = RowsField(SourceRow, most=SOURCES_MAX, label=ROWS["sources"])
    joined_on = DayField(_l("Joined on"))
    contact_name = TextField(_l("Name of the contact person"), most=PERSON_MAX)
    contact_email = EmailField(_l("E-mail address"), most=EMAIL_MAX)
    contact_phone = TextField(_l("Telephone number"), most=PHONE_MAX, render_kw={"dir": "ltr"})
    contact_locale = ChoiceField(
        _l("Language to write in"), choices=lambda: with_blank((t, x.own_name) for t, x in LOCALES.items())
    )
    contact_shown = TickField(_l("The person agreed that visitors see this contact"))
    slug = TextField(
        _l("Address on this site"),
        most=SLUG_MAX,
        validators=[Unless(), matches(r"^[a-z0-9-]+$", _l("Please use only the letters a to z, figures and hyphens."))],
        render_kw={"dir": "ltr"},
    )
    note = LongTextField(_l("Why this is corrected"), most=REASON_MAX, rows=3)

    def __init__(self, *, old: NewMember | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.old = old
        known, spoken = languages(), old.languages if old else ()
        self.languages.choices = [*known, *((t, language_name(t, current().tag)) for t in spoken if t not in dict(known))]
        self._offer_facts()

    @property
    def is_save(self) -> bool:
        """Whether the entry is to be saved, rather than a row added or taken out."""
        return (self.action.data or "save") == "save"

    def change_rows(self) -> None:
        """Add or take out the row whose button was pressed."""
        verb, _dash, rest = (self.action.data or "").partition("-")
        name, _dash, place = rest.rpartition("-")
        if verb == "remove" and name in self.ROWS and place.isascii() and place.isdigit():
            self[name].remove(int(place[:4]))
        elif verb == "add" and rest in self.ROWS and len(self[rest].entries) < self[rest].most:
            self[rest].append_entry()
            self._offer_facts()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, that no two texts claim one language, that rows fit, and that a reason is given."""
        fine = bool(super().validate(extra_validators))
        for name in ("names", "summaries"):
            fine = self._refuse_twice(name) and fine
        for name, label in self.ROWS.items():
            if len(self[name].entries) > self[name].most:
                self.form_errors.append(_("There is no room for so many rows in “%(rows)s”.", rows=label))
                fine = False
        if not self.names.entries:
            self.form_errors.append(_("Please give at least the official name."))
            fine = False
        if not self.note.data:
            self.note.errors = [self.NEEDS_NOTE]
            fine = False
        return fine

    def refuse(self, error: Invalid) -> None:
        """Show a rule that the entry breaks beside its field, or on top where it has none here."""
        name = error.field.split(".")[0].split("[")[0]
        place = error.field.replace(".", "_") if name == "contact" else {"signature": "signed_on"}.get(name, name)
        why = refused_text(error)
        if place in self._fields and place not in self.ROWS:
            self[place].errors = [why]
        else:
            self.form_errors.append(f"{field_text(error.field, current().tag)}: {why}")

    def value(self, old: NewMember) -> NewMember:
        """Return the corrected entry. old: as it was; what the form does not show, or did not before an upgrade, is kept."""
        checked = {(r.scheme, r.value): r.checked_on for r in old.registrations}
        offerings = tuple(offering_of(row, old) for row in self.offerings.data)
        registrations = [(r["scheme"], r["value"]) for r in self.registrations.data]
        sources = [NewSource(row["fact"] or ENTRY, row["address"]) for row in self.sources.data]
        return replace(
            old,
            slug=self.slug.data or old.slug,
            kind=Kind(self.kind.data),
            type=OrganisationType(self.type.data) if self.type.data else None,
            names={row["tag"]: row["name"] for row in self.names.data},
            alternate_names=tuple(AlternateName(r["tag"], r["name"], NameKind(r["kind"])) for r in self.other_names.data),
            country=self.country.data,
            city=self.city.data or None,
            website=self.website.data or None,
            founded=int(self.founded.data) if self.founded.data else None,
            languages=kept_order(self.languages.data, old.languages),
            sectors=kept_order(self.sectors.data, old.sectors),
            zones=kept_order(self.zones.data, old.zones),
            summaries={row["tag"]: row["text"] for row in self.summaries.data},
            registrations=tuple(NewRegistration(s, v, checked.get((s, v))) for s, v in registrations),
            offerings=offerings,
            joined_on=self.joined_on.day_or_none if self.joined_on.raw_data else old.joined_on,
            sources=tuple(s for s in sources if offering_number(s.fact) in {None, *(o.number for o in offerings)})
            if self.joined_on.raw_data
            else old.sources,
            contact=self._contact(old),
        )

    def _offer_facts(self) -> None:
        """Let each source stand for the entry as a whole, for a service it has, or for what a source of it stands for already."""
        services = {o.number: next(iter(o.titles.values())) for o in self.old.offerings if o.number} if self.old else {}
        kept = [source.fact for source in self.old.sources] if self.old else []
        facts = dict.fromkeys((ENTRY, *map(offering_fact, services), *kept))
        choices = [(fact, fact_text(fact, services, current().tag)) for fact in facts]
        for row in self.sources.entries:
            row.form.fact.choices = choices

    def _contact(self, old: NewMember) -> NewContact | None:
        """Return whom to reach; none where there was none and nothing was typed."""
        typed = (self.contact_name.data or None, self.contact_email.data or None, self.contact_phone.data or None)
        if old.contact is None and not any(typed):
            return None
        return NewContact(*typed, self.contact_locale.data, bool(self.contact_shown.data))

    def _refuse_twice(self, name: str) -> bool:
        seen: set[str] = set()
        fine = True
        for entry in self[name].entries:
            field = entry.form.tag
            if field.data and field.data in seen:
                field.errors = [*field.errors, _("There is another text in this language already.")]
                fine = False
            seen.add(field.data)
        return fine
