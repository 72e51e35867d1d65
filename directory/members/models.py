"""Tables of members. What stands in them is the published entry; `EntryRevision` keeps each published state whole."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.db import Key, Model, Tag
from directory.members.marks import HALF_MAX, MARK_MAX
from directory.members.vocab import (
    MERGED,
    Delivery,
    Direction,
    Fee,
    Kind,
    MarkKind,
    NameKind,
    OrganisationType,
    Standing,
    TextAuthor,
)

SLUG_MAX = 120
NAME_MAX = 200
CITY_MAX = 100
WEBSITE_MAX = 300
SUMMARY_MAX = 2000
TITLE_MAX = 200
DESCRIPTION_MAX = 2000
PERSON_MAX = 120
EMAIL_MAX = 254
PHONE_MAX = 40
REASON_MAX = 2000
SCHEME_MAX = 40
REGISTRATION_MAX = 60
OFFERINGS_MAX = 12


def _within(column: str, values: type) -> str:
    return f"{column} IN ({', '.join(repr(str(v)) for v in values)})"  # type: ignore[attr-defined]  # an enum iterates


class Member(Model):
    """An organisation that has signed, or that the announcement named as a joint releaser."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint(_within("kind", Kind), name="kind"),
        CheckConstraint(f"type IS NULL OR {_within('type', OrganisationType)}", name="type"),
        CheckConstraint(_within("standing", Standing), name="standing"),
        CheckConstraint("standing = 'good' OR standing_reason <> ''", name="standing_reason"),
        Index("ix_member_joined", "joined_on", "id"),
        Index("ix_member_confirmed", "standing", "confirmed_on", "slug"),
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(SLUG_MAX), unique=True)
    kind: Mapped[Kind] = mapped_column(String(16))
    type: Mapped[OrganisationType | None] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(2))
    city: Mapped[str | None] = mapped_column(String(CITY_MAX))
    address: Mapped[dict[str, Any] | None]
    """{lines, locality, region, postcode}, shown only with the contact's leave"""
    website: Mapped[str | None] = mapped_column(String(WEBSITE_MAX))
    founded: Mapped[int | None]
    languages: Mapped[list[str]] = mapped_column(default=list)
    zones: Mapped[list[str]] = mapped_column(default=list)
    sectors: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """those it works for as a whole; offerings may name their own"""
    joined_on: Mapped[date | None]
    """date of signature, or for a founding member none"""
    named_on: Mapped[date | None]
    """date of the announcement that names it, for founding members only"""
    named_order: Mapped[int | None]
    """place in that announcement, from 1"""
    confirmed_on: Mapped[date | None]
    """when the organisation itself last confirmed its entry"""
    demonstration: Mapped[bool] = mapped_column(default=False)
    standing: Mapped[Standing] = mapped_column(String(16), default=Standing.GOOD)
    standing_reason: Mapped[str] = mapped_column(Text, default="")
    standing_since: Mapped[datetime | None]
    published_revision: Mapped[int | None]
    """number of the revision that these tables show; none: never published"""
    offerings_used: Mapped[int] = mapped_column(default=0)
    """highest number that one of its offerings ever had"""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    names: Mapped[list["MemberName"]] = relationship(order_by="MemberName.position", cascade="all, delete-orphan")
    summaries: Mapped[list["MemberSummary"]] = relationship(order_by="MemberSummary.position", cascade="all, delete-orphan")
    offerings: Mapped[list["Offering"]] = relationship(
        order_by="Offering.position", cascade="all, delete-orphan", back_populates="member"
    )
    contact: Mapped["MemberContact | None"] = relationship(cascade="all, delete-orphan")
    registrations: Mapped[list["Registration"]] = relationship(order_by="Registration.position", cascade="all, delete-orphan")
    claims: Mapped[list["Claim"]] = relationship(order_by="Claim.position", cascade="all, delete-orphan")
    sources: Mapped[list["Source"]] = relationship(order_by="Source.position", cascade="all, delete-orphan")
    signature: Mapped["Signature | None"] = relationship(cascade="all, delete-orphan")
    terms: Mapped[list["Term"]] = relationship(order_by="Term.starts_on", cascade="all, delete-orphan")
    marks: Mapped[list["MemberMark"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    merge: Mapped["Merge | None"] = relationship(foreign_keys="Merge.member_id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own declaration)

    @property
    def name_texts(self) -> dict[str, str]:
        """{tag: name}, the official one first; short, former and other-script names are not among them."""
        return {n.tag: n.name for n in self.names if n.kind in {NameKind.OFFICIAL, NameKind.TRANSLATION}}

    @property
    def official_name(self) -> "MemberName":
        """The name in the organisation's own language."""
        return next(n for n in self.names if n.kind == NameKind.OFFICIAL)

    @property
    def website_address(self) -> str | None:
        """Where its website is, as a link; `website` may say it as its owner writes it, without https://."""
        if self.website is None or self.website.startswith(("https://", "http://")):
            return self.website
        return f"https://{self.website}"

    @property
    def is_merged(self) -> bool:
        """Whether it was merged into another member: `heir`."""
        return self.standing == Standing.ENDED and self.standing_reason == MERGED

    @property
    def heir(self) -> "Member":
        """The member that it was merged into, or itself."""
        return self.merge.into if self.merge else self

    @property
    def summary_texts(self) -> dict[str, str]:
        """The summaries as {tag: text}."""
        return {s.tag: s.text for s in self.summaries}


class MemberName(Model):
    """A name with its language."""

    __tablename__ = "member_name"
    __table_args__ = (CheckConstraint(_within("kind", NameKind), name="kind"),)

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[NameKind] = mapped_column(String(16))
    tag: Mapped[Tag]
    name: Mapped[str] = mapped_column(String(NAME_MAX))


class MarkColumns:
    """What is kept of a mark (members/marks.py). head, tail: its halves, by which names that are nearly equal are found."""

    kind: Mapped[MarkKind] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(MARK_MAX), index=True)
    head: Mapped[str | None] = mapped_column(String(HALF_MAX), index=True)
    tail: Mapped[str | None] = mapped_column(String(HALF_MAX), index=True)


class MemberMark(MarkColumns, Model):
    """What a member can be told by, so that an application of the same organisation is noticed."""

    __tablename__ = "member_mark"

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)


class MemberSummary(Model):
    """What the organisation is, in one language."""

    __tablename__ = "member_summary"
    __table_args__ = (UniqueConstraint("member_id", "tag"),)

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    position: Mapped[int]
    tag: Mapped[Tag]
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[TextAuthor] = mapped_column(String(16), default=TextAuthor.MEMBER)


class Offering(Model):
    """One service a member offers. `number` is its own within the member, from 1, and never used again."""

    __tablename__ = "offering"
    __table_args__ = (
        UniqueConstraint("member_id", "number"),
        CheckConstraint(f"fee IS NULL OR {_within('fee', Fee)}", name="fee"),
        CheckConstraint(f"direction IS NULL OR {_within('direction', Direction)}", name="direction"),
    )

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    number: Mapped[int]
    position: Mapped[int]
    category: Mapped[str] = mapped_column(String(60))
    sectors: Mapped[list[str]] = mapped_column(default=list)
    serves: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    delivery: Mapped[list[str]] = mapped_column(default=list)
    fee: Mapped[Fee | None] = mapped_column(String(16))
    direction: Mapped[Direction | None] = mapped_column(String(16))
    data: Mapped[dict[str, Any] | None]
    """where it moves data: {from, to, instrument, storage}"""

    member: Mapped[Member] = relationship(back_populates="offerings")
    texts: Mapped[list["OfferingText"]] = relationship(order_by="OfferingText.position", cascade="all, delete-orphan")

    @property
    def titles(self) -> dict[str, str]:
        """The titles as {tag: title}."""
        return {t.tag: t.title for t in self.texts if t.title}

    @property
    def descriptions(self) -> dict[str, str]:
        """The descriptions as {tag: text}."""
        return {t.tag: t.description for t in self.texts if t.description}

    @property
    def delivery_kinds(self) -> tuple[Delivery, ...]:
        """How it reaches its user."""
        return tuple(Delivery(d) for d in self.delivery)


class OfferingText(Model):
    """Title and description of an offering in one language."""

    __tablename__ = "offering_text"
    __table_args__ = (UniqueConstraint("offering_id", "tag"),)

    id: Mapped[Key]
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id", ondelete="CASCADE"))
    position: Mapped[int]
    tag: Mapped[Tag]
    title: Mapped[str] = mapped_column(String(TITLE_MAX), default="")
    description: Mapped[str] = mapped_column(Text, default="")


class MemberContact(Model):
    """Personal data: whom to reach. Shown to visitors only where `shown` (the person agreed)."""

    __tablename__ = "member_contact"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(PERSON_MAX))
    email: Mapped[str | None] = mapped_column(String(EMAIL_MAX))
    phone: Mapped[str | None] = mapped_column(String(PHONE_MAX))
    locale: Mapped[Tag | None]
    """the language to write in"""
    shown: Mapped[bool] = mapped_column(default=False)


class Registration(Model):
    """A number in a public register. `checked_on`: when staff last saw it there."""

    __tablename__ = "registration"

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    scheme: Mapped[str] = mapped_column(String(SCHEME_MAX))
    value: Mapped[str] = mapped_column(String(REGISTRATION_MAX), index=True)
    checked_on: Mapped[date | None]


class Claim(Model):
    """A licence or certificate; it leaves the page by itself after `valid_until`."""

    __tablename__ = "claim"

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(TITLE_MAX))
    issuer: Mapped[str | None] = mapped_column(String(NAME_MAX))
    number: Mapped[str | None] = mapped_column(String(REGISTRATION_MAX))
    valid_until: Mapped[date | None]
    seen_on: Mapped[date | None]


class Source(Model):
    """Where a fact of the entry comes from. fact: `entry`, `announcement`, `offering-<number>`, or words of its own."""

    __tablename__ = "source"

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    fact: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(1000))


class Signature(Model):
    """Who signed which version of the statement for the member, and the certificate of it."""

    __tablename__ = "signature"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    statement_version: Mapped[str] = mapped_column(String(32))
    tag: Mapped[Tag]
    signed_on: Mapped[date]
    signed_by: Mapped[str | None] = mapped_column(String(PERSON_MAX))
    capacity: Mapped[str | None] = mapped_column(String(PERSON_MAX))
    certificate: Mapped[str] = mapped_column(String(40), unique=True)


class Term(Model):
    """A stretch of membership. ends_on: last day; none: until further notice."""

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("member_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="order"),
    )

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(index=True)


class EntryRevision(Model):
    """One published state of an entry, whole, in the interchange format."""

    __tablename__ = "entry_revision"
    __table_args__ = (UniqueConstraint("member_id", "number"),)

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[str | None] = mapped_column(String(64))
    """public id of the account; none: not by staff"""
    note: Mapped[str] = mapped_column(Text, default="")


class OldSlug(Model):
    """An address that a member had; it redirects."""

    __tablename__ = "old_slug"

    slug: Mapped[str] = mapped_column(String(SLUG_MAX), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)


class Merge(Model):
    """That a member was a duplicate and was merged into another: its addresses lead there."""

    __tablename__ = "member_merge"
    __table_args__ = (CheckConstraint("member_id <> into_id", name="another"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(String(64))
    """public id of the account"""

    into: Mapped[Member] = relationship(foreign_keys=into_id)
