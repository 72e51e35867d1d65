"""Fields that choose terms of a taxonomy: those that are offered, and a retired one where the entry carries it already."""

from collections.abc import Callable, Iterable
from typing import Any

from directory.i18n import gettext as _
from directory.initiative.models import Taxonomy
from directory.web.forms import BoxesField, ChoiceField
from directory.web.locale import current


def term_choices(taxonomy: Taxonomy, carried: Iterable[Any] = ()) -> list[tuple[str, str]]:
    """Return the terms that are offered, and behind them the retired ones of `carried`, each with what to take instead."""
    locale = current().tag
    retired = [slug for slug in carried if slug in taxonomy and taxonomy.terms[slug].successor]
    return [*taxonomy.choices(locale), *((slug, retired_label(taxonomy, slug, locale)) for slug in dict.fromkeys(retired))]


def retired_label(taxonomy: Taxonomy, slug: str, locale: str) -> str:
    """Name a retired term together with its successor."""
    old, new = taxonomy.label(slug, locale), taxonomy.label(taxonomy.resolve(slug), locale)
    return _("%(old)s (no longer used; instead: %(new)s)", old=old, new=new)


class TermField(ChoiceField):
    """One term. blank: makes the choice that stands before the terms."""

    def __init__(self, label: Any, *, taxonomy: Callable[[], Taxonomy], blank: Callable[..., Any], **kwargs: Any) -> None:
        self._taxonomy, self._with_blank = taxonomy, blank
        super().__init__(label, choices=lambda: blank(term_choices(taxonomy())), **kwargs)

    def process_data(self, value: Any) -> None:
        """Offer the kept term, too."""
        super().process_data(value)
        self._offer(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a kept term back."""
        super().process_formdata(valuelist)
        self._offer(self.data)

    def _offer(self, slug: Any) -> None:
        self.choices = self._with_blank(term_choices(self._taxonomy(), [slug]))


class TermsField(BoxesField):
    """Any number of terms."""

    def __init__(self, label: Any, *, taxonomy: Callable[[], Taxonomy], **kwargs: Any) -> None:
        self._taxonomy = taxonomy
        super().__init__(label, choices=lambda: term_choices(taxonomy()), **kwargs)

    def process_data(self, value: Any) -> None:
        """Offer the kept terms, too."""
        super().process_data(value)
        self._offer(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take kept terms back."""
        super().process_formdata(valuelist)
        self._offer(self.data or ())

    def _offer(self, slugs: Iterable[Any]) -> None:
        self.choices = term_choices(self._taxonomy(), slugs)
