"""The form of one term of a taxonomy, and of retiring it."""

from collections.abc import Mapping
from typing import Any

from wtforms import FormField

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n import pgettext
from directory.initiative.models import LABEL_MAX, NOTE_MAX, SLUG_MAX, Taxonomy
from directory.initiative.reading import Data
from directory.initiative.vocab import Subject
from directory.members.term_fields import term_choices
from directory.settings.forms import SettingForm, in_languages
from directory.settings.vocab import NOTE_NEEDED
from directory.web.forms import BaseForm, ChoiceField, LongTextField, Needed, TextField
from directory.web.locale import current

_SHOWN = frozenset({"slug", "labels", "group", "successor"})
"""what the form shows of a term; whatever else it carries, such as codes of classifications, stays with it"""


class TermForm(SettingForm):
    """One term. term: its slug; none: a new one. taxonomy, groups: as they count now."""

    slug = TextField(_l("Name in addresses and files: letters a to z, figures, hyphens"), most=SLUG_MAX, render_kw={"dir": "ltr"})
    labels = FormField(in_languages(LABEL_MAX), _lp("of a term", "Label"))
    group = ChoiceField(_lp("of a term", "Group"))
    after = ChoiceField(_l("Stands after"))
    successor = ChoiceField(_l("Retire it: the term to take instead"))

    def __init__(self, *, subject: Subject, term: str | None, taxonomy: Taxonomy, groups: Taxonomy, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.term = term
        self.is_mergeable = term is not None  # type: ignore[misc]  # a new one stands beside whatever was set
        locale = current().tag
        others = [(slug, label) for slug, label in taxonomy.choices(locale) if slug != term]
        self.after.choices = [("", _("Nothing: it is the first"))]
        self.after.choices += [(slug, taxonomy.label(slug, locale)) for slug in taxonomy.terms if slug != term]
        self.successor.choices = [("", pgettext("of a term", "Still used")), *others]
        self.group.choices = term_choices(groups, [taxonomy.terms[term].group] if term else ())
        if subject is not Subject.CATEGORIES:
            del self.group
        if term is None:
            del self.successor
        else:
            del self.slug

    @staticmethod
    def values(data: Data, term: str | None) -> dict[str, Any]:
        """Return what the form shows of a term; a new one stands last."""
        slugs = [one["slug"] for one in data["terms"]]
        if term is None:
            return {"after": slugs[-1] if slugs else ""}
        place = slugs.index(term)
        return {**data["terms"][place], "after": slugs[place - 1] if place else ""}

    def shown(self, data: Data) -> dict[str, Any]:
        """Return what this form shows of data that may not count yet."""
        return self.values(data, self.term)

    def changed(self, old: Data) -> Data:
        """Return the terms with this one as typed, at its place."""
        before: Mapping[str, Any] = next((one for one in old["terms"] if one["slug"] == self.term), {})
        typed: dict[str, Any] = {name: value for name, value in before.items() if name not in _SHOWN} | {
            "slug": self.term or self.slug.data or "",
            "labels": self.texts("labels", before.get("labels", {})),
        }
        if "group" in self:
            typed["group"] = self.group.data
        if "successor" in self and self.successor.data:
            typed["successor"] = self.successor.data
        terms = [one for one in old["terms"] if one is not before]
        places = {one["slug"]: place for place, one in enumerate(terms, 1)}
        terms.insert(places.get(self.after.data or "", 0), typed)
        return {"terms": terms}


class MoveForm(BaseForm):
    """Why entries are moved to a term's successor."""

    note = LongTextField(_l("Why the entries are changed"), most=NOTE_MAX, rows=2, validators=[Needed(NOTE_NEEDED)])
