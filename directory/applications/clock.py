"""What the clock does to an application that waits for its applicant: two reminders, then an end that can be undone.

Days, as administrators set them, are counted from the last change, by whoever made it. However late the clock comes, there
are PAUSE days between two of its letters, and between the last one and the end.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from directory import mail
from directory.applications import letters, services
from directory.applications.models import Application
from directory.applications.states import EDITABLE, State, Who
from directory.audit import SYSTEM, record
from directory.errors import NotAllowed
from directory.initiative.queries import times

REMINDERS = 2
PAUSE = timedelta(days=7)


class Deed(StrEnum):
    """What is due, and at the end, what was done."""

    REMIND_DRAFT = "remind_draft"
    REMIND_OF_POINTS = "remind_of_points"
    EXPIRE = "expire"
    LAPSE = "lapse"


def waiting(session: Session, *, now: datetime) -> list[int]:
    """Return the row numbers of applications that nobody has touched for as long as the first reminder takes."""
    quiet = select(Application.id).where(Application.state.in_(EDITABLE), Application.updated_at <= now - times().reminders[0])
    return list(session.scalars(quiet.order_by(Application.id)))


def due(application: Application, *, now: datetime) -> Deed | None:
    """Say what the clock has to do, if anything. An address that was not proved is never written to."""
    is_draft = application.state == State.DRAFT
    if application.state not in EDITABLE:
        return None
    sent = application.reminders
    reminds = application.email_proved is not None and sent < REMINDERS
    earliest = application.updated_at + times().reminders[sent] if reminds else _end_of_patience(application)
    if application.reminded_at is not None and sent:
        earliest = max(earliest, application.reminded_at + PAUSE)
    if now < earliest:
        return None
    if reminds:
        return Deed.REMIND_DRAFT if is_draft else Deed.REMIND_OF_POINTS
    return Deed.EXPIRE if is_draft else Deed.LAPSE


def act(session: Session, application: Application, *, status_url: Callable[[Application], str], now: datetime) -> Deed | None:
    """Do what is due and say what it was; the caller holds the lock of the row and commits.

    status_url: makes the address of the status page.
    """
    deed = due(application, now=now)
    if deed in {Deed.REMIND_DRAFT, Deed.REMIND_OF_POINTS}:
        _remind(session, application, status_url(application), now)
    elif deed is Deed.EXPIRE:
        _move(session, application, "expire", now)
    elif deed is Deed.LAPSE:
        _move(session, application, "lapse", now, letters.lapsed(application, status_url=status_url(application)))
    return deed


def ends_on(application: Application, *, now: datetime) -> datetime:
    """Return when the clock ends an application to which nothing happens from now on, at the earliest."""
    last = application.reminded_at or now
    if application.reminders < REMINDERS:
        last = max(application.updated_at + times().reminders[-1], last + PAUSE)
    return max(_end_of_patience(application), last + PAUSE)


def _end_of_patience(application: Application) -> datetime:
    """Return when the clock may end it: never before the day until which staff asked for an answer is over."""
    end = application.updated_at + timedelta(days=times().end)
    if application.answer_by is None:
        return end
    return max(end, datetime.combine(application.answer_by + timedelta(days=1), time(), UTC))


def _remind(session: Session, application: Application, address: str, now: datetime) -> None:
    """Write the next reminder. The version stays: to the applicant's open page nothing has changed."""
    if application.email_proved is None:
        raise LookupError("nobody can be reminded whose address was not proved")
    number = application.reminders + 1
    table = cast("Table", Application.__table__)
    session.execute(update(table).where(table.c.id == application.id).values(reminders=number, reminded_at=now))
    session.refresh(application, ["reminders", "reminded_at"])
    letter = letters.reminder(application, status_url=address, ends_on=ends_on(application, now=now).date())
    about = ("application", application.reference)
    record(session, "application.remind", by=SYSTEM, subject=about, now=now, changes={"reminder": (None, number)})
    letters.post(session, application, letter, now=now)


def _move(session: Session, application: Application, name: str, now: datetime, letter: mail.Letter | None = None) -> None:
    def reminded_twice() -> None:
        if application.email_proved is not None and application.reminders < REMINDERS:
            raise NotAllowed("not_reminded")

    clock = frozenset({Who.CLOCK})
    guards = {"reminded_twice": reminded_twice}
    services.move(session, application, name, by=SYSTEM, by_account=None, who=clock, guards=guards, now=now, letter=letter)
