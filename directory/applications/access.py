"""Single-use keys mailed to an applicant: they prove the address and open the application in the browser that uses one."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from directory import audit, mail
from directory.applications import letters, people
from directory.applications.models import AccessKey, Application
from directory.applications.queries import count_keys, count_strangers, digest, find_by_address, get_key, has_key
from directory.errors import NotAllowed
from directory.mail import Letter

KEY_LIFE = timedelta(hours=48)
KEYS_MAX = 10
LOST_MOST = 5
"""applications for which whoever lost their links is mailed new ones at once"""
STRANGERS_MAX = 5
"""applications besides this one for which links are under way to the same address"""


def send_key(
    session: Session,
    application: Application,
    *,
    to: str,
    link: Callable[[str], str],
    now: datetime,
    write: Callable[..., Letter] = letters.access_key,
) -> None:
    """Mail a single-use link. to: the address to prove, or one that was proved. link: makes the address of a key's page.

    write: makes the letter.

    Raises NotAllowed where KEYS_MAX links are under way already, or links for STRANGERS_MAX other applications to an
    address that was not proved, so that nobody is flooded in somebody's name.
    """
    if count_keys(session, application, since=now) >= KEYS_MAX:
        raise NotAllowed("keys")
    if to != application.email_proved and count_strangers(session, application, email=to, since=now) >= STRANGERS_MAX:
        raise NotAllowed("keys")
    key = secrets.token_urlsafe(32)
    session.add(AccessKey(application_id=application.id, email=to, digest=digest(key), expires_at=now + KEY_LIFE))
    hours = int(KEY_LIFE.total_seconds() // 3600)
    letter = write(application, key_url=link(key), hours=hours)
    mail.queue(session, letter, to=to, now=now, about=("application", application.reference))


def send_lost(session: Session, *, to: str, link: Callable[[Application, str], str], now: datetime) -> None:
    """Mail a link for each of the newest LOST_MOST applications in which this address was proved, to who lost theirs."""
    for application in find_by_address(session, to, most=LOST_MOST):
        if people.has_proved(application, to):
            with suppress(NotAllowed):  # enough links are under way
                send_key(session, application, to=to, link=partial(link, application), now=now)


def invite(
    session: Session, application: Application, *, name: str, email: str, link: Callable[[str], str], by: int, now: datetime
) -> None:
    """Put a colleague on the list of people and mail them a link. Raises what `people.add` and `send_key` raise."""
    people.add(session, application, name=name, email=email, by=by, now=now)
    session.flush()
    send_key(session, application, to=email, link=link, now=now, write=letters.invitation)


def ask_for_proof(session: Session, application: Application, *, link: Callable[[str], str], now: datetime) -> bool:
    """Mail a link to the address that the application names, unless it is proved or has one; say whether one was mailed.

    Raises NotAllowed as `send_key` does.
    """
    if application.email is None or application.email_is_proved:
        return False
    if has_key(session, application, email=application.email, now=now):
        return False
    send_key(session, application, to=application.email, link=link, now=now)
    return True


def may_use(session: Session, application: Application, key: str, *, now: datetime) -> bool:
    """Say whether a key would open the application now."""
    return _usable(session, application, key, now) is not None


def use_key(session: Session, application: Application, key: str, *, now: datetime) -> int:
    """Use a key once: its address counts as proved if the application still names it. Return whose it is, as a number.

    Raises NotAllowed for a key that is wrong, used, too old, or for an address that the application left.
    """
    found = _usable(session, application, key, now)
    if found is None:
        raise NotAllowed("key")
    found.used_at = now
    number = people.admit(session, application, found.email, now=now)
    if found.email == application.email and found.email != application.email_proved:
        application.email_proved = found.email
        by = people.actor(application, number)
        audit.record(session, "application.prove_email", by=by, subject=("application", application.reference), now=now)
    session.flush()
    return number


def _usable(session: Session, application: Application, key: str, now: datetime) -> AccessKey | None:
    found = get_key(session, application, key)
    if found is None or found.used_at is not None or found.expires_at <= now:
        return None
    known = {application.email, application.email_proved, *(person.email for person in people.present(application))}
    return found if found.email in known else None
