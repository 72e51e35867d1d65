"""Reading applications."""

import hashlib
from datetime import date, datetime
from statistics import median

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from directory.applications.models import AccessKey, Application, Person
from directory.applications.states import RejectionCode
from directory.members.models import SLUG_MAX, Member, MemberName
from directory.members.queries import get_visible, visible

USUAL_OF = 20
USUAL_LEAST = 5
"""decisions; from fewer nobody could tell what is usual"""


def get_by_token(session: Session, token: str, *, with_for_update: bool = False) -> Application | None:
    """Return the application that the token names, or None. with_for_update: lock its row until commit."""
    statement = select(Application).where(Application.token == token)
    return session.scalar(_lock(statement) if with_for_update else statement)


def get_by_reference(session: Session, reference: str, *, with_for_update: bool = False) -> Application | None:
    """Return the application with this reference, or None. with_for_update: lock its row until commit."""
    statement = select(Application).where(Application.reference == reference)
    return session.scalar(_lock(statement) if with_for_update else statement)


def find_by_address(session: Session, email: str, *, most: int) -> list[Application]:
    """Return the newest applications in which this address stands as proved, as many as `most`; their rows are locked."""
    theirs = union(
        select(Application.id).where(Application.email_proved == email),
        select(Person.application_id).where(Person.email == email),
    )
    newest = select(Application).where(Application.id.in_(theirs)).order_by(Application.id.desc()).limit(most)
    return list(session.scalars(_lock(newest)))


def get_key(session: Session, application: Application, key: str) -> AccessKey | None:
    """Return the access key of this application that was mailed as `key`, used or not, or None."""
    return session.scalar(select(AccessKey).where(AccessKey.application_id == application.id, AccessKey.digest == digest(key)))


def count_keys(session: Session, application: Application, *, since: datetime) -> int:
    """Count the keys mailed for an application that nobody has used yet and that were still good at `since`."""
    unused = (AccessKey.application_id == application.id, AccessKey.used_at.is_(None), AccessKey.expires_at > since)
    return session.scalar(select(func.count()).where(*unused)) or 0


def count_strangers(session: Session, application: Application, *, email: str, since: datetime) -> int:
    """Count the other applications for which unused keys were mailed to this address that were still good at `since`."""
    others = select(func.count(AccessKey.application_id.distinct())).where(
        AccessKey.email == email,
        AccessKey.application_id != application.id,
        AccessKey.used_at.is_(None),
        AccessKey.expires_at > since,
    )
    return session.scalar(others) or 0


def has_key(session: Session, application: Application, *, email: str, now: datetime) -> bool:
    """Say whether a key that still works was mailed to this address."""
    keys = select(AccessKey.id).where(
        AccessKey.application_id == application.id,
        AccessKey.email == email,
        AccessKey.used_at.is_(None),
        AccessKey.expires_at > now,
    )
    return session.scalar(keys.limit(1)) is not None


def find_sponsor(session: Session, text: str, *, today: date) -> Member | None:
    """Return the one public member that `text` names: by the address of its page, the last part of it, or a name."""
    slug = text.rstrip("/").rpartition("/")[2].lower()
    found = get_visible(session, slug, today=today) if len(slug) <= SLUG_MAX else None
    if found is not None:
        return found
    named = select(Member).where(visible(today), Member.names.any(func.lower(MemberName.name) == func.lower(text))).limit(2)
    members = session.scalars(named).all()
    return members[0] if len(members) == 1 else None


def usual_days(session: Session) -> int | None:
    """Return the median of days from sending to decision over the last USUAL_OF decisions; None for fewer than USUAL_LEAST."""
    decided = (
        select(Application.submitted_at, Application.decided_at)
        .where(
            Application.decided_at.is_not(None),
            Application.submitted_at.is_not(None),
            Application.rejection_code.is_distinct_from(RejectionCode.SPAM),
        )
        .order_by(Application.decided_at.desc())
        .limit(USUAL_OF)
    )
    days = [(until - since).days for since, until in session.execute(decided) if since and until]
    return max(1, round(median(days))) if len(days) >= USUAL_LEAST else None


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _lock(statement: Select[Application]) -> Select[Application]:
    return statement.with_for_update(of=Application).execution_options(populate_existing=True)
