"""An entry as plain values: what services take, what the interchange format holds, what a revision keeps."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from directory.members.vocab import Delivery, Direction, Fee, Kind, NameKind, OrganisationType


@dataclass(frozen=True)
class NewOffering:
    """One service. titles and descriptions: {tag: text}, the owner's language first."""

    titles: dict[str, str]
    category: str
    descriptions: dict[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    delivery: tuple[Delivery, ...] = ()
    fee: Fee | None = None
    direction: Direction | None = None
    data: dict[str, Any] | None = None
    number: int | None = None
    """which of the member's offerings this is; none: a new one"""


@dataclass(frozen=True)
class NewContact:
    """Whom to reach; `shown` only with the person's leave. locale: one of LOCALES, the language to write in."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    shown: bool = False


@dataclass(frozen=True)
class AlternateName:
    """A short, former or other-script name."""

    tag: str
    name: str
    kind: NameKind


@dataclass(frozen=True)
class NewRegistration:
    """A number in a public register."""

    scheme: str
    value: str
    checked_on: date | None = None


@dataclass(frozen=True)
class NewClaim:
    """A licence or certificate."""

    title: str
    issuer: str | None = None
    number: str | None = None
    valid_until: date | None = None
    seen_on: date | None = None


@dataclass(frozen=True)
class NewSource:
    """Where a fact comes from."""

    fact: str
    address: str


@dataclass(frozen=True)
class NewSignature:
    """Who signed which version of the statement. certificate: none, and one is made."""

    statement_version: str
    tag: str
    signed_on: date
    signed_by: str | None = None
    capacity: str | None = None
    certificate: str | None = None


@dataclass(frozen=True)
class NewMember:
    """A whole entry. names: {tag: name}, the official one first. slug: none, and one is made from the name."""

    kind: Kind
    names: dict[str, str]
    slug: str | None = None
    type: OrganisationType | None = None
    country: str | None = None
    city: str | None = None
    address: dict[str, Any] | None = None
    zones: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    joined_on: date | None = None
    languages: tuple[str, ...] = ()
    summaries: dict[str, str] = field(default_factory=dict)
    alternate_names: tuple[AlternateName, ...] = ()
    website: str | None = None
    founded: int | None = None
    contact: NewContact | None = None
    registrations: tuple[NewRegistration, ...] = ()
    claims: tuple[NewClaim, ...] = ()
    offerings: tuple[NewOffering, ...] = ()
    sources: tuple[NewSource, ...] = ()
    signature: NewSignature | None = None
    demonstration: bool = False
    named_on: date | None = None
    named_order: int | None = None
