"""Setting a subject, and bringing index and promised days into line with it, in one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications.sent import renew_days
from directory.audit import Actor
from directory.errors import Invalid
from directory.initiative import services as editions
from directory.initiative.models import Edition
from directory.initiative.queries import newest_data
from directory.initiative.reading import Data, read_taxonomy
from directory.initiative.vocab import TAXONOMIES, Subject
from directory.members.carrying import move_to_successor, note_carriers
from directory.settings.vocab import FACETS


def change(session: Session, subject: Subject, data: Data, *, by: Account, note: str, seen_number: int, now: datetime) -> Edition:
    """Set a subject anew. Arguments and errors as for `initiative.services.add_edition`."""
    old = newest_data(session, subject)
    edition = editions.add_edition(session, subject, data, by=by, note=note, seen_number=seen_number, now=now)
    _follow(session, subject, old, data)
    return edition


def take_up(
    session: Session, subject: Subject, number: int, *, by: Account, note: str, seen_number: int, now: datetime
) -> Edition:
    """Let an earlier edition count again. Arguments and errors as for `initiative.services.take_up`."""
    old = newest_data(session, subject)
    edition = editions.take_up(session, subject, number, by=by, note=note, seen_number=seen_number, now=now)
    _follow(session, subject, old, edition.data)
    return edition


def move_carriers(session: Session, subject: Subject, slug: str, *, by: Actor, note: str, now: datetime) -> int:
    """Let entries that carry a retired term carry its successor, so many at once as members.carrying says.

    note: why, kept with each entry's new state. Returns how many entries there were. Raises Invalid where the term is not
    retired, or where no entry can carry it.
    """
    if subject not in FACETS:
        raise Invalid("slug", "not_carried")
    taxonomy = read_taxonomy(newest_data(session, subject))
    return move_to_successor(session, FACETS[subject], slug, taxonomy, by=by, note=note, now=now)


def _follow(session: Session, subject: Subject, old: Data, new: Data) -> None:
    """Bring what is kept elsewhere into line with what counts from now on."""
    if subject is Subject.TIMES and old["promised"] != new["promised"]:
        renew_days(session, promised=new["promised"])
    _tell_index(session, subject, old, new)


def _tell_index(session: Session, subject: Subject, old: Data, new: Data) -> None:
    """An index has retired terms under their successors: whoever carries a term that leads elsewhere now is told to it."""
    if subject not in TAXONOMIES or subject not in FACETS:
        return
    before, after = read_taxonomy(old), read_taxonomy(new)
    moved = [slug for slug in after.terms if before.resolve(slug) != after.resolve(slug)]
    note_carriers(session, FACETS[subject], moved)
