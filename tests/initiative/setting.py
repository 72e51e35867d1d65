"""Setting a subject as an administrator would, without its pages."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.initiative.models import Edition
from directory.initiative.queries import newest_data, newest_edition
from directory.initiative.vocab import Subject
from directory.settings import services
from tests.conftest import NOW

EMAIL = "adminka@staff.example"


def administrator(session: Session) -> Account:
    found = session.scalar(select(Account).where(Account.email == EMAIL))
    if found is None:
        found = Account(email=EMAIL, name="Ada Minka", created_at=NOW)
        session.add(found)
        session.commit()
    return found


def data_of(session: Session, subject: Subject) -> Any:
    return deepcopy(dict(newest_data(session, subject)))


def set_anew(session: Session, subject: Subject, data: Any, *, now: datetime = NOW, seen: int | None = None) -> Edition:
    """Store data as the newest edition and commit."""
    newest = newest_edition(session, subject)
    number = (newest.number if newest else 0) if seen is None else seen
    by = administrator(session)
    edition = services.change(session, subject, data, by=by, note="As the board decided.", seen_number=number, now=now)
    session.commit()
    return edition


def change_term(session: Session, subject: Subject, slug: str, **changes: Any) -> Edition:
    """Store a taxonomy with one term changed; a value None takes the key away."""
    data = data_of(session, subject)
    term = next(one for one in data["terms"] if one["slug"] == slug)
    term |= changes
    for key in [key for key, value in term.items() if value is None]:
        del term[key]
    return set_anew(session, subject, data)


def add_term(session: Session, subject: Subject, slug: str, label: str, **more: Any) -> Edition:
    data = data_of(session, subject)
    data["terms"].append({"slug": slug, "labels": {"en": label}, **more})
    return set_anew(session, subject, data)
