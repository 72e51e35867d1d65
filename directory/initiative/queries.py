"""Reading what the initiative is, as administrators have set it or as it comes with the program."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.initiative.holding import setting
from directory.initiative.models import Edition, Initiative, PageText, Taxonomy, Times
from directory.initiative.reading import DATA, Data, shipped
from directory.initiative.vocab import Subject

__all__ = ["DATA"]


def get_initiative() -> Initiative:
    """Return the initiative with all versions of its statement."""
    return setting().initiative


def categories() -> Taxonomy:
    """Service categories, in groups."""
    return setting().taxonomies[Subject.CATEGORIES]


def category_groups() -> Taxonomy:
    """Groups of service categories."""
    return setting().taxonomies[Subject.CATEGORY_GROUPS]


def sectors() -> Taxonomy:
    """Sectors that offerings are for."""
    return setting().taxonomies[Subject.SECTORS]


def zones() -> Taxonomy:
    """Zones of the initiative's home."""
    return setting().taxonomies[Subject.ZONES]


def times() -> Times:
    """Terms of time."""
    return setting().times


def consent_data() -> Data:
    """The texts of the consents in their versions, as data."""
    return setting().data[Subject.CONSENTS]


def page_text(subject: Subject) -> PageText:
    """Return the administrators' own words for a page."""
    return setting().pages[subject]


def newest_edition(session: Session, subject: Subject) -> Edition | None:
    """Return the edition that counts, or None where nobody has set anything."""
    statement = select(Edition).where(Edition.subject == subject).order_by(Edition.number.desc()).limit(1)
    return session.scalar(statement.options(selectinload(Edition.by)))


def newest_data(session: Session, subject: Subject) -> Data:
    """Return the data that counts in this session."""
    edition = newest_edition(session, subject)
    return edition.data if edition else shipped(subject)


def newest_editions(session: Session) -> Mapping[Subject, Edition]:
    """Return the edition that counts of each subject that has any; one of a newer program, running beside, is passed over."""
    newest = select(func.max(Edition.id)).group_by(Edition.subject)
    rows = session.scalars(select(Edition).where(Edition.id.in_(newest)).options(joinedload(Edition.by)))
    return {Subject(row.subject): row for row in rows if row.subject in set(Subject)}


def list_editions(session: Session, subject: Subject) -> Sequence[Edition]:
    """Return all editions of a subject, newest first."""
    statement = select(Edition).where(Edition.subject == subject).order_by(Edition.number.desc())
    return session.scalars(statement.options(selectinload(Edition.by))).all()


def get_edition(session: Session, subject: Subject, number: int) -> Edition | None:
    """Return one edition of a subject; None where there is none of this number."""
    return session.scalar(select(Edition).where(Edition.subject == subject, Edition.number == number))
