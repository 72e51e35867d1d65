"""The people of one organisation who work on an application. Each has proved an address of their own, or was invited.

Rows are made once there is a second person; until then the one who began it, or whose address was proved, is number 1.
"""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from directory import audit
from directory.applications.models import AccessKey, Application, Person
from directory.audit import Actor
from directory.errors import Invalid, NotAllowed

FIRST = 1
PEOPLE_MAX = 10
COPIED = frozenset({"application_message", "changes_requested", "approved", "rejected", "duplicate", "reopened", "lapsed"})
"""letters of staff and of the clock that ask, tell or end something: the others get a copy of them if they want it"""


def present(application: Application) -> list[Person]:
    """Return those who may work on it or are invited to, in the order in which they came."""
    return [person for person in application.people if person.removed_at is None]


def may_open(application: Application, number: int) -> bool:
    """Say whether this person may still open the application."""
    if not application.people:
        return number == FIRST
    return any(person.number == number for person in present(application))


def is_proved(application: Application, number: int) -> bool:
    """Say whether this person has proved an address."""
    if not application.people:
        return number == FIRST and application.email_proved is not None
    return any(person.number == number and person.proved_at for person in present(application))


def actor(application: Application, number: int) -> Actor:
    """Return the person for the audit: the application's reference, and from the second on the person's number."""
    return Actor("applicant", application.reference if number == FIRST else f"{application.reference}/{number}")


def find_by_email(application: Application, email: str | None) -> Person | None:
    """Return the person with this address, or None."""
    return next((person for person in present(application) if email and person.email == email), None)


def has_proved(application: Application, email: str) -> bool:
    """Say whether the application was opened by a key that was mailed to this address, by who may still open it."""
    person = find_by_email(application, email)
    return bool(email) and (email == application.email_proved or (person is not None and person.proved_at is not None))


def copied_to(application: Application, template: str | None) -> list[str]:
    """Return the proved addresses, besides the contact's, that get a copy of a letter. template: of the letter."""
    if template not in COPIED:
        return []
    people = (person for person in present(application) if person.proved_at and person.wants_copies and person.email)
    return [str(person.email) for person in people if person.email != application.email_proved]


def add(session: Session, application: Application, *, name: str, email: str, by: int, now: datetime) -> Person:
    """Put somebody on the list, who counts from when they prove their address. by: number of the person who invites.

    Raises NotAllowed where `by` has proved no address or the list is full, Invalid where the address is on it.
    """
    if not is_proved(application, by):
        raise NotAllowed("not_proved")
    _make_rows(application, now)
    if len(present(application)) >= PEOPLE_MAX:
        raise NotAllowed("people")
    if find_by_email(application, email):
        raise Invalid("email", "known")
    person = Person(number=_next_number(application), name=name, email=email, added_at=now, wants_copies=True)
    application.people.append(person)
    _record(session, application, "invite", by, now, person)
    return person


def admit(session: Session, application: Application, email: str, *, now: datetime) -> int:
    """Take in the person who proved this address by a mailed key, and return their number.

    The first address that is proved is that of whoever began; a later one of the contact's is another person.
    """
    if not application.people and application.email_proved in {None, email}:
        return FIRST
    _make_rows(application, now)
    person = find_by_email(application, email)
    if person is None:
        person = next((p for p in present(application) if p.number == FIRST and p.email is None), None)
    if person is None:
        person = Person(number=_next_number(application), name="", added_at=now, wants_copies=True)
        application.people.append(person)
    if person.proved_at is None:
        person.email, person.proved_at = email, now
        if person.number != FIRST:
            _record(session, application, "join", person.number, now, person)
    return person.number


def remove(session: Session, application: Application, person: Person, *, by: int, now: datetime) -> None:
    """Take somebody off the list; whatever they have open closes at their next step.

    Raises NotAllowed where `by` has proved no address, and for the contact and the last one who has proved an address.
    """
    if not is_proved(application, by):
        raise NotAllowed("not_proved")
    if person.email is not None and person.email in {application.email, application.email_proved}:
        raise NotAllowed("contact")
    if not any(other.proved_at for other in present(application) if other is not person):
        raise NotAllowed("last_person")
    _record(session, application, "remove_person", by, now, person)
    session.execute(delete(AccessKey).where(AccessKey.application_id == application.id, AccessKey.email == person.email))
    person.removed_at, person.email, person.name = now, None, ""


def set_copies(session: Session, application: Application, person: Person, *, wanted: bool, now: datetime) -> None:
    """Keep whether a person wants copies of questions and decisions."""
    if person.wants_copies != wanted:
        person.wants_copies = wanted
        by, subject = actor(application, person.number), ("application", application.reference)
        changes = {"copies": (not wanted, wanted), "person": (None, person.number)}
        audit.record(session, "application.set_copies", by=by, subject=subject, now=now, changes=changes)


def carry_over(application: Application, fresh: Application) -> None:
    """Let the same people work on an application that goes on with the answers of another."""
    for old in application.people:
        columns = ("number", "name", "email", "proved_at", "wants_copies", "added_at", "removed_at")
        fresh.people.append(Person(**{column: getattr(old, column) for column in columns}))


def _make_rows(application: Application, now: datetime) -> None:
    """Write down the one person there was so far."""
    if not application.people:
        proved = now if application.email_proved else None
        first = Person(number=FIRST, name="", email=application.email_proved, proved_at=proved, added_at=now, wants_copies=True)
        application.people.append(first)


def _next_number(application: Application) -> int:
    return max(person.number for person in application.people) + 1


def _record(session: Session, application: Application, verb: str, by: int, now: datetime, person: Person) -> None:
    changes = {"person": (None, person.number), "email": (None, person.email)}
    subject = ("application", application.reference)
    audit.record(session, f"application.{verb}", by=actor(application, by), subject=subject, now=now, changes=changes)
