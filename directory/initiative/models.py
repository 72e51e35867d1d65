"""What the initiative's data files hold, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from directory.i18n.content import Shown, choose


@dataclass(frozen=True)
class Term:
    """One entry of a taxonomy. labels: {tag: label}; group: slug of the group it belongs to, if any."""

    slug: str
    labels: Mapping[str, str]
    group: str | None = None

    def label(self, locale: str) -> str:
        """Name it for readers of `locale`."""
        shown = choose(self.labels, locale)
        return shown.text if shown else self.slug


@dataclass(frozen=True)
class StatementVersion:
    """One version of the statement that members sign. texts: {tag: Markdown}; sample: not the real one."""

    version: str
    published_on: date
    texts: Mapping[str, str]
    sample: bool

    def text(self, locale: str) -> Shown:
        """Return the text for readers of `locale`, with the language it is in."""
        shown = choose(self.texts, locale)
        if shown is None:
            raise LookupError(f"statement {self.version} has no text")
        return shown


@dataclass(frozen=True)
class Operator:
    """Who runs this site. names: {tag: name}, empty while nobody has been named; address: several lines of text."""

    names: Mapping[str, str]
    address: str = ""


@dataclass(frozen=True)
class Initiative:
    """The initiative itself. is_working_name: no official name was found in any source."""

    names: Mapping[str, str]
    is_working_name: bool
    announced_on: date
    announced_at: Mapping[str, str]
    source_title: str
    source_address: str
    statements: tuple[StatementVersion, ...]
    operator: Operator

    def name(self, locale: str) -> Shown:
        """Name it for readers of `locale`."""
        shown = choose(self.names, locale)
        if shown is None:
            raise LookupError("the initiative has no name")
        return shown

    @property
    def statement(self) -> StatementVersion:
        """The version that is signed today: the last of the list."""
        return self.statements[-1]


@dataclass(frozen=True)
class Taxonomy:
    """Ordered terms of one kind."""

    terms: Mapping[str, Term]

    def __contains__(self, slug: object) -> bool:
        """Say whether there is such a term."""
        return slug in self.terms

    def label(self, slug: str, locale: str) -> str:
        """Name a term; one that is not known names itself."""
        term = self.terms.get(slug)
        return term.label(locale) if term else slug

    def choices(self, locale: str) -> list[tuple[str, str]]:
        """(slug, label) of all terms, in the taxonomy's order."""
        return [(slug, term.label(locale)) for slug, term in self.terms.items()]
