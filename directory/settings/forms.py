"""Forms of the settings: each shows what counts now and turns what was typed into the data of an edition."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from wtforms import FormField, HiddenField, StringField

from directory.applications.vocab import CONSENT_LABELS
from directory.consents.vocab import ConsentKind
from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.locales import LOCALES, SOURCE
from directory.initiative.models import (
    ADDRESS_MAX,
    CONSENT_MAX,
    LINK_MAX,
    MAIL_MAX,
    NAME_MAX,
    NOTE_MAX,
    TEXT_MAX,
    VERSION_MAX,
)
from directory.initiative.reading import Data, read_times
from directory.initiative.vocab import TIMES
from directory.settings.vocab import LEADS_HERE, NOTE_NEEDED, REFUSALS, TIME_LABELS
from directory.web.forms import (
    BaseForm,
    EmailField,
    LongTextField,
    TextField,
    TickField,
    matches,
    one_line,
    seen_number,
)
from directory.web.rows import RowForm

DAY_MAX = 10
_DAY = {"type": "date", "dir": "ltr"}


def in_languages(most: int, *, rows: int = 0) -> type[RowForm]:
    """Make a form with a field for each language that the site can speak. rows: of a long text; none: a single line."""

    def field(label: str) -> Any:
        return LongTextField(label, most=most, rows=rows) if rows else TextField(label, most=most)

    return type("InLanguages", (RowForm,), {tag: field(locale.own_name) for tag, locale in LOCALES.items()})


class SettingForm(BaseForm):
    """Something to set. tags: languages that the page shows; what is kept in others stays as it is. today: in UTC."""

    is_mergeable: ClassVar[bool] = True
    """whether what it shows can be put together with what somebody else set; else it takes the place of that, and says so"""
    seen_number = HiddenField()
    step = StringField(filters=[one_line])
    note = LongTextField(_l("Why this is changed"), most=NOTE_MAX, rows=2)

    def __init__(self, *, tags: Iterable[str], today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tags = tuple(tags)
        self.today = today

    @property
    def is_preview(self) -> bool:
        """Whether the difference is to be shown and nothing saved."""
        return self.step.data == "preview"

    @property
    def number(self) -> int:
        """The edition seen; one that never is for a value that is no number, so that nothing matches it."""
        return seen_number(self.seen_number.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that a reason is given where something is saved."""
        fine = bool(super().validate(extra_validators))
        if not self.is_preview and not self.note.data:
            self.note.errors = [str(NOTE_NEEDED)]
            return False
        return fine

    @staticmethod
    def first(data: Data, *, today: date) -> dict[str, Any]:  # noqa: ARG004 (others need to know the day)
        """Return what the form shows of the data that counts."""
        return dict(data)

    def shown(self, data: Data) -> dict[str, Any]:
        """Return what this form shows of data that may not count yet."""
        return self.first(data, today=self.today)

    def changed(self, old: Data) -> Data:
        """Return the data as it would be. old: what counts; the form may show only a part of it."""
        raise NotImplementedError  # by the form of each subject; taking up an edition has nothing to change

    def refuse(self, error: Invalid, names: Mapping[str, str]) -> None:
        """Say beside its field, or on top where it has none here, which rule is broken. names: of the terms, by slug."""
        reason, _space, slug = error.reason.partition(" ")
        text = str(LEADS_HERE) % {"term": names.get(slug, slug)} if slug else str(REFUSALS.get(reason, REFUSALS["form"]))
        field = self._fields.get(error.field)
        if field is None or slug:
            self.form_errors.append(text)
        elif isinstance(field, FormField):
            field.form[SOURCE].errors = [text]
        else:
            field.errors = [text]

    def texts(self, name: str, old: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed in each language, in the site's order."""
        typed: Mapping[str, str | None] = self[name].data
        texts = {tag: (typed.get(tag) if tag in self.tags else old.get(tag)) or "" for tag in LOCALES}
        return {tag: text for tag, text in texts.items() if text}


class InitiativeForm(SettingForm):
    """The initiative's name, where it was announced, and who runs the site."""

    names = FormField(in_languages(NAME_MAX), _l("Name of the initiative"))
    working_name = TickField(_l("This is a working name: no official name is known"))
    announced_on = TextField(_l("Day of the announcement"), most=DAY_MAX, render_kw=_DAY)
    announced_at = FormField(in_languages(NAME_MAX), _l("Event at which it was announced"))
    source_title = TextField(_l("Title of the source"), most=NAME_MAX)
    source_address = TextField(_l("Web address of the source"), most=LINK_MAX, render_kw={"inputmode": "url", "dir": "ltr"})
    operator_names = FormField(in_languages(NAME_MAX), _l("Who runs this site"))
    operator_address = LongTextField(_l("Postal address of the operator"), most=ADDRESS_MAX, rows=4)
    operator_mail = EmailField(_l("Mail address that pages name"), most=MAIL_MAX)

    @staticmethod
    def first(data: Data, *, today: date) -> dict[str, Any]:  # noqa: ARG004 (others need to know the day)
        """Return what the form shows."""
        plain = {name: data[name] for name in ("names", "working_name", "announced_on", "announced_at")}
        source = {f"source_{name}": data["source"][name] for name in ("title", "address")}
        return plain | source | {f"operator_{name}": data["operator"][name] for name in ("names", "address", "mail")}

    def changed(self, old: Data) -> Data:
        """Return the data as typed."""
        return {
            "names": self.texts("names", old["names"]),
            "working_name": bool(self.working_name.data),
            "announced_on": self.announced_on.data or "",
            "announced_at": self.texts("announced_at", old["announced_at"]),
            "source": {"title": self.source_title.data or "", "address": self.source_address.data or ""},
            "operator": {
                "names": self.texts("operator_names", old["operator"]["names"]),
                "address": self.operator_address.data or "",
                "mail": self.operator_mail.data or "",
            },
        }


class StatementForm(SettingForm):
    """A version of the statement that is signed from some day on: a new one, or one whose day is still to come."""

    is_mergeable = False

    version = TextField(_l("Name of the version, such as 2"), most=VERSION_MAX, render_kw={"dir": "ltr"})
    published_on = TextField(_l("First day on which it is signed"), most=DAY_MAX, render_kw=_DAY)
    sample = TickField(_l("This is a sample, not the real text"))
    texts_of = FormField(in_languages(TEXT_MAX, rows=12), _lp("of a statement", "Text"))

    @staticmethod
    def first(data: Data, *, today: date) -> dict[str, Any]:
        """Return the version whose day is still to come, or the words of the last one to begin with."""
        found = coming(data, today) or {"texts": data["versions"][-1]["texts"]}
        return {**found, "texts_of": found["texts"]}

    def changed(self, old: Data) -> Data:
        """Return the versions with this one behind them, in the place of one that was still to come."""
        last = coming(old, self.today)
        kept = [one for one in old["versions"] if one is not last]
        texts = self.texts("texts_of", last["texts"] if last else {})
        typed = {"version": self.version.data or "", "published_on": self.published_on.data or ""}
        return {"versions": [*kept, {**typed, "sample": bool(self.sample.data), "texts": texts}]}

    def refuse(self, error: Invalid, names: Mapping[str, str]) -> None:
        """Say which rule is broken."""
        super().refuse(Invalid("texts_of", error.reason) if error.field == "texts" else error, names)


class ConsentsForm(SettingForm):
    """A version of the texts of all consents that is asked for from some day on: a new one, or one whose day is still to come."""

    is_mergeable = False

    version = TextField(_l("Name of the version, such as 2"), most=VERSION_MAX, render_kw={"dir": "ltr"})
    published_on = TextField(_l("First day on which it is asked for"), most=DAY_MAX, render_kw=_DAY)

    @staticmethod
    def first(data: Data, *, today: date) -> dict[str, Any]:
        """Return the version whose day is still to come, or the words of the last one to begin with."""
        found = coming(data, today) or {"texts": data["versions"][-1]["texts"]}
        return {**found, **{f"texts_{kind}": texts for kind, texts in found["texts"].items()}}

    def changed(self, old: Data) -> Data:
        """Return the versions with this one behind them, in the place of one that was still to come."""
        last = coming(old, self.today)
        kept, before = [one for one in old["versions"] if one is not last], old["versions"][-1]["texts"]
        texts = {str(kind): self.texts(f"texts_{kind}", before[kind]) for kind in ConsentKind}
        typed = {"version": self.version.data or "", "published_on": self.published_on.data or ""}
        return {"versions": [*kept, {**typed, "texts": texts}]}


for _kind, _label in CONSENT_LABELS.items():
    setattr(ConsentsForm, f"texts_{_kind}", FormField(in_languages(CONSENT_MAX, rows=4), _label))


class TimesForm(SettingForm):
    """Terms of time."""

    @staticmethod
    def first(data: Data, *, today: date) -> dict[str, Any]:  # noqa: ARG004 (others need to know the day)
        """Return the numbers as texts."""
        return {name: str(days) for name, days in vars(read_times(data)).items()}

    def changed(self, old: Data) -> Data:  # noqa: ARG002 (the form shows all of it)
        """Return the numbers."""
        return {name: int(self[name].data or 0) for name in TIMES}

    def refuse(self, error: Invalid, names: Mapping[str, str]) -> None:
        """Say which rule is broken, and the bounds where they are left."""
        super().refuse(error, names)
        if error.reason == "bounds":
            fewest, most = TIMES[error.field]
            self[error.field].errors = [_("Please write a number of days from %(fewest)s to %(most)s.", fewest=fewest, most=most)]


for _name, _label in TIME_LABELS.items():
    _field = TextField(
        _label,
        most=4,
        validators=[matches(r"^[0-9]{1,4}$", _l("Please write a number of days in figures."))],
        render_kw={"inputmode": "numeric", "dir": "ltr"},
    )
    setattr(TimesForm, _name, _field)


class PageForm(SettingForm):
    """An administrator's own words for a page."""

    texts_of = FormField(in_languages(TEXT_MAX, rows=10), _lp("settings", "Text"))
    replaces = TickField(_l("These words stand in the place of those that the page has, not above them"))

    @staticmethod
    def first(data: Data, *, today: date) -> dict[str, Any]:  # noqa: ARG004 (others need to know the day)
        """Return what the form shows."""
        return {"texts_of": data["texts"], "replaces": data["replaces"]}

    def changed(self, old: Data) -> Data:
        """Return the words as typed."""
        return {"texts": self.texts("texts_of", old["texts"]), "replaces": bool(self.replaces.data)}

    def refuse(self, error: Invalid, names: Mapping[str, str]) -> None:
        """Say which rule is broken."""
        super().refuse(Invalid("texts_of", error.reason) if error.field == "texts" else error, names)


def coming(data: Data, today: date) -> Mapping[str, Any] | None:
    """Return the version of a text whose day is still to come, if there is one."""
    last: Mapping[str, Any] = data["versions"][-1]
    return last if last["published_on"] > today.isoformat() else None
