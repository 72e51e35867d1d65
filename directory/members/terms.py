"""Times of membership, and what the dates of a member's terms say on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from directory.members.models import Term
from directory.members.vocab import TermState


@dataclass(frozen=True)
class Terms:
    """Times in days. due: how long before its last day a term asks for renewal; grace: how long after it stays public."""

    due: int = 60
    grace: int = 60


TERMS = Terms()


def state_of(terms: Iterable[Term], today: date) -> TermState:
    """Say what the terms that have begun amount to on `today`; without one, the membership counts as expired."""
    return state_until(max((term.ends_on or date.max for term in terms if term.starts_on <= today), default=date.min), today)


def state_until(last: date, today: date) -> TermState:
    """Say the same of their last day. last: date.max where one has no end, date.min where there is none."""
    if last == date.max:
        return TermState.ACTIVE
    if last >= today + timedelta(days=TERMS.due):
        return TermState.ACTIVE
    if last >= today:
        return TermState.DUE
    if last >= oldest_public_end(today):
        return TermState.GRACE
    return TermState.EXPIRED


def oldest_public_end(today: date) -> date:
    """Return the earliest last day of a term that is still public on `today`."""
    return today - timedelta(days=TERMS.grace)
