"""Letters: rendered in the reader's language, kept in the outbox with the change they tell of, delivered with back-off."""

from directory.mail.delivery import (
    ATTEMPTS_MAX,
    FIRST_DELAY,
    LEASE,
    LONGEST_DELAY,
    Delivered,
    claim_due,
    compose,
    deliver_due,
    mark_failed,
    mark_sent,
)
from directory.mail.letters import TEMPLATES, Letter, queue, render
from directory.mail.models import SUBJECT_MAX, LetterState, OutboxLetter
from directory.mail.retention import count_old, forget_about, remove_old
from directory.mail.transport import FolderTransport, SmtpTransport, Transport, make_transport

__all__ = [
    "ATTEMPTS_MAX",
    "FIRST_DELAY",
    "LEASE",
    "LONGEST_DELAY",
    "SUBJECT_MAX",
    "TEMPLATES",
    "Delivered",
    "FolderTransport",
    "Letter",
    "LetterState",
    "OutboxLetter",
    "SmtpTransport",
    "Transport",
    "claim_due",
    "compose",
    "count_old",
    "deliver_due",
    "forget_about",
    "make_transport",
    "mark_failed",
    "mark_sent",
    "queue",
    "remove_old",
    "render",
]
