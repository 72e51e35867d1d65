"""What the initiative is, as values, and the table of editions in which administrators set it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.models import Account
from directory.db import Model
from directory.i18n.content import Shown, choose
from directory.initiative.vocab import Subject

SLUG_MAX = 60
LABEL_MAX = 80
NAME_MAX = 200
VERSION_MAX = 32
TEXT_MAX = 20_000
CONSENT_MAX = 2000
ADDRESS_MAX = 500
LINK_MAX = 500
MAIL_MAX = 254
NOTE_MAX = 500


class Edition(Model):
    """One state of one subject, whole. The newest of a subject counts; none is ever changed or removed.

    id: number over all subjects, as the ledger counts them. number: among those of its subject, from 1.
    """

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("subject", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("note <> ''", name="note"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subject: Mapped[Subject] = mapped_column(String(32))
    number: Mapped[int]
    data: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]

    by: Mapped[Account] = relationship()


@dataclass(frozen=True)
class Term:
    """One entry of a taxonomy. labels: {tag: label}; group: slug of the group it belongs to, if any.

    successor: slug of the term to take instead; a term that has one is retired.
    """

    slug: str
    labels: Mapping[str, str]
    group: str | None = None
    successor: str | None = None

    def label(self, locale: str) -> str:
        """Name it for readers of `locale`."""
        shown = choose(self.labels, locale)
        return shown.text if shown else self.slug


@dataclass(frozen=True)
class StatementVersion:
    """One version of the statement that members sign. texts: {tag: Markdown}; sample: not the real one.

    published_on: the first day on which it is signed.
    """

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


class Dated(Protocol):
    """A version of a text."""

    @property
    def published_on(self) -> date:
        """The first day on which it is in force."""


Version = TypeVar("Version", bound=Dated)


def in_force(versions: Sequence[Version], day: date) -> Version:
    """Return the version that counts on a day: the last of those whose day has come; before all of them, the first."""
    return next((one for one in reversed(versions) if one.published_on <= day), versions[0])


@dataclass(frozen=True)
class Operator:
    """Who runs this site. names: {tag: name}, empty while nobody has been named; address: several lines of text.

    mail: where visitors write to; empty: where the settings of the installation say.
    """

    names: Mapping[str, str]
    address: str = ""
    mail: str = ""


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
        """The version that is signed today (UTC)."""
        return self.statement_on(datetime.now(UTC).date())

    def statement_on(self, day: date) -> StatementVersion:
        """Return the version that is signed on a day."""
        return in_force(self.statements, day)


@dataclass(frozen=True)
class Taxonomy:
    """Ordered terms of one kind, retired ones among them."""

    terms: Mapping[str, Term]

    def __contains__(self, slug: object) -> bool:
        """Say whether there is such a term, retired or not."""
        return slug in self.terms

    def label(self, slug: str, locale: str) -> str:
        """Name a term; one that is not known names itself."""
        term = self.terms.get(slug)
        return term.label(locale) if term else slug

    def choices(self, locale: str) -> list[tuple[str, str]]:
        """(slug, label) of all terms that are offered, in the taxonomy's order."""
        return [(slug, term.label(locale)) for slug, term in self.terms.items() if term.successor is None]

    def resolve(self, slug: str) -> str:
        """Return the term that stands for this one today: its successor where it is retired, else itself."""
        term = self.terms.get(slug)
        return term.successor if term and term.successor else slug

    def retired_into(self, slug: str) -> list[str]:
        """Return the retired terms for which this one stands."""
        return [one.slug for one in self.terms.values() if one.successor == slug]


@dataclass(frozen=True)
class Times:
    """Terms of time. promised: working days to a decision; the others: days, of which vocab.TIMES has the bounds.

    first_reminder, second_reminder, end: since the last change, while the applicant has the word. expired_kept, closed_kept,
    documents_kept: since the end. appeal: since the decision. enquiries_kept: questions to members since they came, notices about
    entries since they were settled. letters_kept: since they were written.
    """

    promised: int
    first_reminder: int
    second_reminder: int
    end: int
    expired_kept: int
    closed_kept: int
    documents_kept: int
    appeal: int
    enquiries_kept: int
    letters_kept: int

    @property
    def reminders(self) -> tuple[timedelta, timedelta]:
        """After which time each reminder is due."""
        return timedelta(days=self.first_reminder), timedelta(days=self.second_reminder)


@dataclass(frozen=True)
class PageText:
    """An administrator's own words for a page. replaces: they stand in the place of ours, not beside them."""

    texts: Mapping[str, str]
    replaces: bool
