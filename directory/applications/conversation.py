"""What staff and applicant have said to each other, in the order of time, and how the applicant writes to staff.

Notes that staff write for each other are no part of it: they lie in another table, which nothing here reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy.orm import Session

from directory import audit, mail
from directory.accounts.models import Account
from directory.applications import letters, people
from directory.applications.models import Application, Message, Point
from directory.applications.states import OPEN, State
from directory.errors import NotAllowed, WrongStatus

OPEN_TO_WORDS = frozenset(OPEN - {State.DRAFT})
"""states in which staff and applicant can write to each other"""
A_DAY = timedelta(days=1)
MOST_A_DAY = 20
"""messages of the applicant's side, each of which is a letter to staff"""


class Said(StrEnum):
    """What an entry of the conversation is."""

    MESSAGE = "message"
    ASKED = "asked"
    ANSWERED = "answered"
    APPEAL = "appeal"


@dataclass(frozen=True)
class Entry:
    """One thing that was said. by: who of staff said it; none: the applicant.

    place: where the text stands, for a translation. points: (number from 1, point) of what was asked or answered.
    """

    said: Said
    at: datetime
    by: Account | None = None
    text: str = ""
    place: str = ""
    points: tuple[tuple[int, Point], ...] = ()


def may_write(application: Application) -> bool:
    """Say whether staff and applicant can write to each other now."""
    return application.state in OPEN_TO_WORDS and application.email_proved is not None


def require_may_write(application: Application) -> None:
    """Raise WrongStatus where `may_write` says no."""
    if not may_write(application):
        raise WrongStatus(str(application.state), "write")


def entries(application: Application) -> list[Entry]:
    """Return the whole conversation, oldest first; an answer counts from when it was sent."""
    return sorted([*_messages(application), *_asked(application), *_answered(application), *_appeal(application)], key=_time)


def write(
    session: Session, application: Application, *, words: str, desk_url: str, staff_mail: str, person: int, now: datetime
) -> None:
    """Keep what somebody of the organisation writes to staff, and tell staff; the state stays as it is.

    words: plain text. desk_url: the case page. person: the number of who writes. The caller holds the lock of the row.
    The same words sent twice in a row are kept once. Raises WrongStatus where the application is closed or was never
    sent, NotAllowed after MOST_A_DAY within a day.
    """
    require_may_write(application)
    last = application.messages[-1] if application.messages else None
    if last is not None and (last.person, last.words) == (person, words):
        return
    if sum(one.by_id is None and one.at > now - A_DAY for one in application.messages) >= MOST_A_DAY:
        raise NotAllowed("messages")
    application.messages.append(Message(person=person, at=now, words=words))
    by, subject = people.actor(application, person), ("application", application.reference)
    audit.record(session, "application.write", by=by, subject=subject, now=now, changes={"message": (None, words)})
    letter = letters.written(application, words=words, desk_url=desk_url)
    mail.queue(session, letter, to=staff_mail, now=now, about=subject)


def _messages(application: Application) -> Iterator[Entry]:
    for one in application.messages:
        yield Entry(Said.MESSAGE, one.at, by=one.by, text=one.words, place=f"messages.{one.id}")


def _asked(application: Application) -> Iterator[Entry]:
    numbered = sorted(enumerate(application.points, 1), key=lambda pair: (pair[1].asked_at, pair[1].asked_by_id, pair[0]))
    for (at, _by), group in groupby(numbered, key=lambda pair: (pair[1].asked_at, pair[1].asked_by_id)):
        points = tuple(group)
        yield Entry(Said.ASKED, at, by=points[0][1].asked_by, points=points)


def _answered(application: Application) -> Iterator[Entry]:
    sent: dict[datetime, list[tuple[int, Point]]] = {}
    for number, point in enumerate(application.points, 1):
        if point.answered_at is not None:
            sent.setdefault(point.answered_at, []).append((number, point))
    for at, points in sent.items():
        yield Entry(Said.ANSWERED, at, points=tuple(points))


def _appeal(application: Application) -> Iterator[Entry]:
    if application.appeal:
        made = [move.at for move in application.moves if move.name == "appeal"]
        yield Entry(Said.APPEAL, made[-1] if made else application.state_since, text=application.appeal, place="appeal")


def _time(entry: Entry) -> datetime:
    return entry.at
