"""Words of the figures."""

from enum import StrEnum

from directory.i18n import lazy_pgettext as _lp


class Outcome(StrEnum):
    """How an application ended, by the name of the move that ended it."""

    APPROVED = "approve"
    REJECTED = "reject"
    DUPLICATE = "mark_duplicate"
    SPAM = "put_aside_as_spam"


DECISIONS = (Outcome.APPROVED, Outcome.REJECTED, Outcome.DUPLICATE)
"""What the applicant is told, and what counts as a decision in times; spam is told to nobody."""
ANSWERS = (*DECISIONS, "ask_for_changes")
"""Moves that say something to the applicant for the first time after the receipt, as do messages of staff."""
OUTCOME_LABELS = {
    Outcome.APPROVED: _lp("outcome of applications", "Approved"),
    Outcome.REJECTED: _lp("outcome of applications", "Rejected"),
    Outcome.DUPLICATE: _lp("outcome of applications", "Duplicates"),
    Outcome.SPAM: _lp("outcome of applications", "Put aside as spam"),
}
