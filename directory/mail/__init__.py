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
from directory.mail.letters import TEMPLATES, Letter, as_body, as_subject, queue, render
from directory.mail.models import BODY_MAX, SUBJECT_MAX, LetterState, LetterText, OutboxLetter
from directory.mail.queries import count_by_state
from directory.mail.retention import count_old, forget_about, remove_old
from directory.mail.transport import FolderTransport, SmtpTransport, Transport, make_transport

__all__ = [
    "ATTEMPTS_MAX",
    "BODY_MAX",
    "FIRST_DELAY",
    "LEASE",
    "LONGEST_DELAY",
    "SUBJECT_MAX",
    "TEMPLATES",
    "Delivered",
    "FolderTransport",
    "Letter",
    "LetterState",
    "LetterText",
    "OutboxLetter",
    "SmtpTransport",
    "Transport",
    "as_body",
    "as_subject",
    "claim_due",
    "compose",
    "count_by_state",
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
