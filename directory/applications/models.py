"""Tables of applications."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.models import Account
from directory.applications.states import WITH_STAFF, PointCode, RejectionCode, State
from directory.applications.vocab import OPEN_TO_READERS, DocumentState, Purpose, Visibility
from directory.consents.models import Consent
from directory.db import Key, Model, Tag, new_public_id
from directory.members.models import NAME_MAX, PERSON_MAX, MarkColumns, Member

EMAIL_MAX = 254
WORDS_MAX = 4000
DOCUMENTS_MAX = 10
"""files that are kept of one application; its logo is one of them"""
DOCUMENTS_EVER_MAX = 100
"""the same with those that were removed"""
DOCUMENT_NAME_MAX = 130
PLACE_MAX = 48
"""with the tag of a language, it is the name of a field in the audit, which has 64 characters"""
FACTS_OF_MOVES = frozenset({"recommendation", "checklist", "code", "duplicate_of", "hold_until"})
SECRET_LETTERS = frozenset({"application_key", "application_invitation"})
"""Templates of letters whose text opens something: shown to nobody but their reader."""


class Application(Model):
    """A request to become a member.

    token names it in the applicant's addresses and opens nothing by itself; reference is what people quote.
    answers: {step: {field: value}} as typed, nothing required until it is submitted.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(s)) for s in State)})", name="state"),
        CheckConstraint("state <> 'rejected' OR rejection_code IS NOT NULL", name="rejection_code"),
        Index(
            "ix_application_desk", "state", "submitted_at", "id", "due_on", "assignee_id", "sent_country", "sent_kind", "locale"
        ),
    )

    id: Mapped[Key]
    token: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[State] = mapped_column(String(24), default=State.DRAFT)
    locale: Mapped[Tag]
    """the applicant's language: of pages, letters and reasons"""
    email: Mapped[str | None] = mapped_column(String(EMAIL_MAX), index=True)
    """the contact's address, lower case"""
    email_proved: Mapped[str | None] = mapped_column(String(EMAIL_MAX), index=True)
    """the address last proved; it counts only while it equals `email`"""
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    statement_version: Mapped[str | None] = mapped_column(String(32))
    statement_accepted_at: Mapped[datetime | None]
    sent_name: Mapped[str | None] = mapped_column(String(NAME_MAX))
    """this and the next four: as last sent, for the lists of the desk"""
    sent_names: Mapped[str] = mapped_column(Text, default="", server_default="")
    """all its names, folded, one a line"""
    sent_kind: Mapped[str | None] = mapped_column(String(16))
    sent_country: Mapped[str | None] = mapped_column(String(2))
    sent_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """of the submission that these were kept of; an older program sends another one and leaves them"""
    due_on: Mapped[date | None]
    """last day of the promised time while staff have the next word"""
    answer_by: Mapped[date | None]
    """until when the applicant is asked to answer, while they have the next word"""
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    recommended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recommendation: Mapped[str | None] = mapped_column(String(16))
    """approve or reject"""
    recommendation_note: Mapped[str] = mapped_column(Text, default="")
    checklist: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """{CheckItem: CheckResult} of whoever recommended"""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    rejection_code: Mapped[RejectionCode | None] = mapped_column(String(24))
    decision_message: Mapped[str] = mapped_column(Text, default="")
    """what the applicant reads, in their language"""
    hold_until: Mapped[date | None]
    hold_reason: Mapped[str] = mapped_column(Text, default="")
    duplicate_of: Mapped[str | None] = mapped_column(String(160))
    """slug of the member or reference of the application that it repeats"""
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), unique=True)
    """the member it became"""
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """first submission; the promised time counts from it"""
    state_since: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(default=0, server_default="0")
    """letters of the clock since the last change"""
    reminded_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(Text, default="", server_default="")
    """why the applicant asked to look at the decision again, in their words"""
    reduced_at: Mapped[datetime | None]
    """when retention left nothing of it but name, dates and decision"""
    version: Mapped[int] = mapped_column(default=1)

    assignee: Mapped[Account | None] = relationship(foreign_keys=assignee_id)
    recommended_by: Mapped[Account | None] = relationship(foreign_keys=recommended_by_id)
    decided_by: Mapped[Account | None] = relationship(foreign_keys=decided_by_id)
    sponsor: Mapped[Member | None] = relationship(foreign_keys=sponsor_id)
    member: Mapped[Member | None] = relationship(foreign_keys=member_id)
    points: Mapped[list["Point"]] = relationship(order_by="Point.id", cascade="all, delete-orphan", back_populates="application")
    notes: Mapped[list["Note"]] = relationship(order_by="Note.id", cascade="all, delete-orphan")
    messages: Mapped[list["Message"]] = relationship(order_by="Message.id", cascade="all, delete-orphan", passive_deletes=True)
    translations: Mapped[list["Translation"]] = relationship(
        order_by="Translation.id", cascade="all, delete-orphan", passive_deletes=True
    )
    submissions: Mapped[list["Submission"]] = relationship(order_by="Submission.number", cascade="all, delete-orphan")
    consents: Mapped[list[Consent]] = relationship(order_by=Consent.id, cascade="all, delete-orphan")
    documents: Mapped[list["Document"]] = relationship(
        order_by="Document.id", cascade="all, delete-orphan", back_populates="application"
    )
    moves: Mapped[list["MoveMade"]] = relationship(order_by="MoveMade.id", cascade="all, delete-orphan")
    people: Mapped[list["Person"]] = relationship(order_by="Person.number", cascade="all, delete-orphan", passive_deletes=True)
    interests: Mapped[list["Interest"]] = relationship(order_by="Interest.id", cascade="all, delete-orphan", passive_deletes=True)
    marks: Mapped[list["ApplicationMark"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy's own declaration)

    @property
    def email_is_proved(self) -> bool:
        """Whether the address it now names was proved."""
        return self.email is not None and self.email == self.email_proved

    @property
    def sent_answers(self) -> dict[str, Any]:
        """The answers as they were last sent; what was typed since is the applicant's own until it is sent."""
        return self.submissions[-1].answers if self.submissions and self.state not in WITH_STAFF else self.answers

    def touch(self, now: datetime) -> None:
        """Note a change: the clock begins anew."""
        self.updated_at, self.reminders, self.reminded_at = now, 0, None

    @property
    def open_points(self) -> list["Point"]:
        """Points that wait for the applicant's answer."""
        return [p for p in self.points if p.answered_at is None]


class Document(Model):
    """A file that the applicant handed in. The row outlives its file, so that all see what became of it.

    public_id names it in addresses; storage_name is where the file lies, none once it was deleted.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(f"purpose IN ({', '.join(repr(str(p)) for p in Purpose)})", name="purpose"),
        CheckConstraint(f"state IN ({', '.join(repr(str(s)) for s in DocumentState)})", name="state"),
        CheckConstraint("state <> 'infected' OR storage_name IS NULL", name="infected_is_gone"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Purpose] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(DOCUMENT_NAME_MAX))
    type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    """bytes"""
    sha256: Mapped[str] = mapped_column(String(64))
    storage_name: Mapped[str | None] = mapped_column(String(64), index=True)
    state: Mapped[DocumentState] = mapped_column(String(16), index=True)
    signature: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """what the scanner called what it found"""
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="documents")

    @property
    def is_kept(self) -> bool:
        """Whether the file is there, be it that nobody may have it yet."""
        return self.removed_at is None and self.storage_name is not None

    @property
    def may_be_read(self) -> bool:
        """Whether the file may be handed to those who may see the application."""
        return self.is_kept and self.state in OPEN_TO_READERS


class Submission(Model):
    """The answers as they were at one submission, so that staff see what changed at the next."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    number: Mapped[int]
    answers: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ApplicationMark(MarkColumns, Model):
    """What the organisation of an application can be told by, as it was last sent."""

    __tablename__ = "application_mark"

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)


class Point(Model):
    """One thing that the applicant is asked to change or explain. step and field: which answer, or blank for the whole."""

    __tablename__ = "point"
    __table_args__ = (CheckConstraint(f"code IN ({', '.join(repr(str(c)) for c in PointCode)})", name="code"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(32), default="")
    code: Mapped[PointCode] = mapped_column(String(24))
    words: Mapped[str] = mapped_column(Text, default="")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="points")
    asked_by: Mapped[Account] = relationship(lazy="joined")


class Note(Model):
    """What staff write for each other; the applicant never sees it, and not all of staff see each."""

    __tablename__ = "note"
    __table_args__ = (CheckConstraint(f"visibility IN ({', '.join(repr(str(v)) for v in Visibility)})", name="visibility"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text)
    visibility: Mapped[Visibility] = mapped_column(String(16), default=Visibility.STAFF, server_default=Visibility.STAFF)

    by: Mapped[Account] = relationship()


class Message(Model):
    """What staff wrote to the applicant, or the applicant to staff, beside the asked points: both read it.

    by_id: who of staff wrote it; person: the number of who of the organisation did. One of the two is there.
    """

    __tablename__ = "message"
    __table_args__ = (CheckConstraint("(by_id IS NULL) <> (person IS NULL)", name="one_writer"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    person: Mapped[int | None]
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text)

    by: Mapped[Account | None] = relationship(lazy="joined")


class Translation(Model):
    """A text of the applicant as somebody of staff put it into another language, for colleagues alone.

    place: where the text stands, such as `organisation.summary`; source_digest: of the text that was translated, or to which
    the translation was found to be still right by `confirmed_by`.
    """

    __tablename__ = "translation"
    __table_args__ = (UniqueConstraint("application_id", "place", "tag"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(PLACE_MAX))
    tag: Mapped[Tag]
    text: Mapped[str] = mapped_column(Text)
    source_digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]

    by: Mapped[Account] = relationship(foreign_keys=[by_id])
    confirmed_by: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by_id])


class Interest(Model):
    """What binds somebody of staff to the organisation that applies, so that they make no move; lifted where that is over."""

    __tablename__ = "interest"
    __table_args__ = (UniqueConstraint("application_id", "account_id"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def stands(self) -> bool:
        """Whether it still binds."""
        return self.lifted_at is None


class MoveMade(Model):
    """A move that was made: the history that status page and case page show.

    words: the reason, as its mover wrote it, for staff; facts: what else was said with it, of FACTS_OF_MOVES.
    """

    __tablename__ = "move_made"

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    source: Mapped[State] = mapped_column(String(24))
    target: Mapped[State] = mapped_column(String(24))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """none: the applicant or the clock"""
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text, default="", server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    by: Mapped[Account | None] = relationship()


class Unsaved(Model):
    """What was typed and not saved (module `unsaved`). fields: {name: [values]}, raw."""

    __tablename__ = "unsaved"

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    page: Mapped[str] = mapped_column(String(32))
    """a step, `answers`, `appeal` or `message`"""
    fields: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class Person(Model):
    """Somebody of the organisation who works on the application, or is invited to. number: their own in it, never used again.

    Of who was removed only the number stays, so that the audit goes on telling people apart.
    """

    __tablename__ = "application_person"
    __table_args__ = (UniqueConstraint("application_id", "number"), UniqueConstraint("application_id", "email"))

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(PERSON_MAX), default="")
    email: Mapped[str | None] = mapped_column(String(EMAIL_MAX), index=True)
    proved_at: Mapped[datetime | None]
    wants_copies: Mapped[bool]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class AccessKey(Model):
    """A single-use key mailed to an address: proves it, and opens the application in the browser that uses it."""

    __tablename__ = "access_key"

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(EMAIL_MAX), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
