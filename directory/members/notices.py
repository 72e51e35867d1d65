"""What the members' desk needs to know of notices about entries, which the package of enquiries keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from directory.audit import Actor
from directory.members.models import Member


class Notice(Protocol):
    """One notice that waits to be settled."""

    public_id: str
    kind_label: Any
    locale: str
    name: str
    role: str
    email: str
    words: str
    at: datetime


class Notices(Protocol):
    """Where the desk reads and settles notices; `app.py` hands it over."""

    def count_open(self, session: Session) -> Mapping[int, int]:
        """Return {row number of a member: open notices}, of those that have any."""
        ...

    def list_open(self, session: Session, member: Member) -> Sequence[Notice]:
        """Return the open notices about a member's entry, oldest first."""
        ...

    def settle(self, session: Session, public_id: str, *, member: Member, by: Actor, by_id: int, now: datetime) -> bool:
        """Record that a notice was dealt with; False where the member has no such notice. Raises WrongStatus if it was before."""
        ...
