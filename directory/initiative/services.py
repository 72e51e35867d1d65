"""The only writer of editions: a row, its event and the ledger's number in one transaction."""

import hashlib
import json
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.audit import Actor, record
from directory.db import take_turn
from directory.errors import Conflict, Invalid
from directory.initiative import rules
from directory.initiative.models import Edition
from directory.initiative.queries import get_edition, newest_data, newest_edition
from directory.initiative.reading import Data, shipped
from directory.initiative.vocab import TAXONOMIES, VERSIONED, Subject


def add_edition(
    session: Session, subject: Subject, data: Data, *, by: Account, note: str, seen_number: int, now: datetime
) -> Edition:
    """Set a subject anew: what `data` says counts from the commit on, in every process.

    data: in the form of `reading.shipped`. note: why, 1 to 500 characters, for colleagues. seen_number: of the edition that
    was seen, 0 where there was none. now: aware UTC time.
    Raises Conflict if there is a newer edition than was seen, Invalid if a value breaks a rule or nothing changes.
    """
    ledger = take_turn(session)
    newest = newest_edition(session, subject)
    if seen_number != (newest.number if newest else 0):
        raise Conflict(f"edition {newest.number if newest else 0} of {subject} counts, seen was {seen_number}")
    old = newest.data if newest else shipped(subject)
    note = rules.require_note(note)
    check_data(session, subject, data, now=now)
    if digest(data) == digest(old):
        raise Invalid("form", "unchanged")
    ledger.editions += 1
    edition = Edition(id=ledger.editions, subject=subject, number=seen_number + 1, data=dict(data), note=note, by=by, at=now)
    session.add(edition)
    changes = {"number": (seen_number or None, edition.number), "data": (digest(old), digest(data)), "note": (None, note)}
    record(session, "edition.add", by=Actor("staff", by.public_id), subject=("edition", subject), now=now, changes=changes)
    return edition


def take_up(
    session: Session, subject: Subject, number: int, *, by: Account, note: str, seen_number: int, now: datetime
) -> Edition:
    """Let the data of an earlier edition count again, as a new edition; 0 is what comes with the program.

    Terms that were added since, and versions of a text that were in force, stay: entries and consents rest on them.
    Raises Invalid where there is no such edition, and whatever `add_edition` raises.
    """
    earlier = get_edition(session, subject, number)
    if earlier is None and number:
        raise Invalid("number", "unknown")
    data = with_what_stays(subject, earlier.data if earlier else shipped(subject), newest_data(session, subject), now=now)
    return add_edition(session, subject, data, by=by, note=note, seen_number=seen_number, now=now)


def with_what_stays(subject: Subject, data: Data, newest: Data, *, now: datetime) -> Data:
    """Return earlier data of a subject with what was added since and cannot be taken away. newest: what counts now."""
    if subject in TAXONOMIES:
        known = {term["slug"] for term in data["terms"]}
        return {"terms": [*data["terms"], *(term for term in newest["terms"] if term["slug"] not in known)]}
    if subject in VERSIONED:
        known = {one["version"] for one in data["versions"]}
        today = now.date().isoformat()
        since = [one for one in newest["versions"] if one["version"] not in known and one["published_on"] <= today]
        return {"versions": sorted([*data["versions"], *since], key=itemgetter("published_on"))}
    return {**shipped(subject), **data} if subject is Subject.TIMES else data  # an older program knew fewer of them


def check_data(session: Session, subject: Subject, data: Data, *, now: datetime) -> None:
    """Hold data against the rules without keeping it. Raises Invalid if a value breaks one."""
    groups = {term["slug"] for term in newest_data(session, Subject.CATEGORY_GROUPS)["terms"]}
    rules.check(subject, data, old=newest_data(session, subject), groups=groups, today=now.date())


def digest(data: Any) -> str:
    """Return what the audit keeps of an edition's data."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
