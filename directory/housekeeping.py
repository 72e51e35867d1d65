"""What falls due by the calendar: reminders, ends, and the deletion of what is kept no longer.

Each application is a transaction of its own, looked at again under its lock, so that a run may be cut off, repeated, or
run beside another one.
"""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from enum import StrEnum
from functools import partial

from sqlalchemy.orm import Session

from directory import mail
from directory.accounts import sessions
from directory.applications import clock, files, retention, sent, unsaved
from directory.applications.models import SECRET_LETTERS, Application
from directory.db import writing
from directory.enquiries import retention as enquiries
from directory.initiative.queries import times
from directory.members import incoming
from directory.storage import Place, PlaceFailed

log = logging.getLogger(__name__)
StatusUrl = Callable[[Application], str]
OPENING = SECRET_LETTERS | {"account_invitation", "account_new_set_up", "account_reset"}
"""templates of letters whose text opens something"""


class Task(StrEnum):
    """What may be due. FAILED: an application that an error kept from being dealt with; it is tried again each time."""

    REMIND_DRAFT = "remind_draft"
    REMIND_OF_POINTS = "remind_of_points"
    EXPIRE = "expire"
    LAPSE = "lapse"
    REMOVE = "remove"
    REDUCE = "reduce"
    DOCUMENTS = "documents"
    FILES = "files"
    ENQUIRIES = "enquiries"
    LETTERS = "letters"
    SESSIONS = "sessions"
    UNSAVED = "unsaved"
    FACTS = "facts"
    UPLOADS = "uploads"
    FAILED = "failed"


def run(session: Session, *, now: datetime, status_url: StatusUrl, place: Place, dry_run: bool = False) -> Counter[Task]:
    """Do all that is due and commit it; return how often each was done, or in a dry run how often it would be.

    status_url: makes the address of the status page of an application. place: where files of documents lie.
    """
    done: Counter[Task] = Counter()
    with nullcontext() if dry_run else writing():
        tidy_enquiries, tidy_letters = (enquiries.count, mail.count_old) if dry_run else (enquiries.remove, mail.remove_old)
        done[Task.ENQUIRIES] = tidy_enquiries(session, now=now)
        done[Task.UNSAVED] = (unsaved.count_old if dry_run else unsaved.remove_old)(session, now=now)
        done[Task.UPLOADS] = (incoming.count_old if dry_run else incoming.remove_old)(session, now=now)
        done[Task.LETTERS] = tidy_letters(session, secret=OPENING, kept=times().letters_kept, now=now)
        done[Task.SESSIONS] = (sessions.count_old if dry_run else sessions.remove_old)(session, now=now)
        session.commit()
        done[Task.FACTS] = sent.count_missing(session) if dry_run else _fill_in(session, now)
    by_clock = partial(clock.act, status_url=status_url)
    for ids, due, act in ((clock.waiting, clock.due, by_clock), (retention.over, retention.due, retention.act)):
        found = ids(session, now=now)
        session.commit()  # each application below is a transaction of its own
        for id_ in found:
            try:
                with nullcontext() if dry_run else writing():
                    application = _locked(session, id_)
                    deed = application and (due(application, now=now) if dry_run else act(session, application, now=now))
                    session.commit()
            except Exception:  # one application that cannot be dealt with must not keep the others waiting
                session.rollback()
                log.exception("housekeeping of application %s failed", id_)
                done[Task.FAILED] += 1
            else:
                if deed:
                    done[Task(deed)] += 1
    done[Task.FILES] = _sweep(session, place, now, dry_run=dry_run)
    return done


def _fill_in(session: Session, now: datetime) -> int:
    """Fill in the facts that are missing, a transaction for so many, so that nobody waits for all of them; return how many."""
    total = 0
    while filled := sent.fill_missing(session, now=now):
        session.commit()
        total += filled
    session.commit()
    return total


def _sweep(session: Session, place: Place, now: datetime, *, dry_run: bool) -> int:
    """Delete the files that no document names any more; return how many there were."""
    try:
        found = files.orphans(session, place, now=now)
    except PlaceFailed:
        log.exception("the place of documents does not answer")
        found = []
    if not dry_run:
        files.discard(session, place, found)
    session.commit()
    return len(found)


def _locked(session: Session, id_: int) -> Application | None:
    return session.get(Application, id_, with_for_update={"of": Application}, populate_existing=True)
