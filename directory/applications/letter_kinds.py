"""Letters to an applicant whose text administrators may edit: which move sends each, and what may stand in it. Data only.

Letters that carry a key are none of them: their text opens something, and they go to addresses that were not proved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from directory.i18n import lazy_gettext as _l


class LetterKind(StrEnum):
    """A letter by what it is for. One file in `templates/mail` may hold two."""

    RECEIVED = "received"
    RECEIVED_AGAIN = "received_again"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REMINDER_DRAFT = "reminder_draft"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Shape:
    """What a letter is made of.

    file: its built-in template, with flags for it. needed: placeholders that must stand in the body, since nothing else
    carries what they hold; optional: further ones that may, besides COMMON.
    """

    file: str
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    flags: Mapping[str, bool] = field(default_factory=dict)

    @property
    def allowed(self) -> tuple[str, ...]:
        """All placeholders that may stand in the body."""
        return (*COMMON, *self.needed, *self.optional)


COMMON = ("organisation", "reference", "initiative")
"""placeholders of every letter, and the only ones of a subject"""
FIXED = frozenset({"status_url", "profile_url", "reason", "message", "points", "answer_by"})
"""placeholders whose value must still stand in a letter that a clerk changed for one case"""
SHAPES = {
    LetterKind.RECEIVED: Shape("application_received", ("answers", "status_url"), ("working_days",), {"again": False}),
    LetterKind.RECEIVED_AGAIN: Shape("application_received", ("answers", "status_url"), (), {"again": True}),
    LetterKind.CHANGES_REQUESTED: Shape("changes_requested", ("points", "answer_by", "status_url")),
    LetterKind.APPROVED: Shape("approved", ("message", "profile_url")),
    LetterKind.REJECTED: Shape("rejected", ("reason", "message", "status_url"), ("appeal_days",)),
    LetterKind.DUPLICATE: Shape("duplicate", ("message", "status_url"), ("appeal_days",)),
    LetterKind.REOPENED: Shape("reopened", ("message", "status_url")),
    LetterKind.WITHDRAWN: Shape("withdrawn", ("status_url",)),
    LetterKind.LAPSED: Shape("lapsed", ("status_url",)),
    LetterKind.REMINDER_DRAFT: Shape("reminder", ("status_url", "ends_on"), (), {"is_draft": True}),
    LetterKind.REMINDER: Shape("reminder", ("status_url", "ends_on"), (), {"is_draft": False}),
}
KIND_LABELS = {
    LetterKind.RECEIVED: _l("Receipt of an application"),
    LetterKind.RECEIVED_AGAIN: _l("Receipt of a changed application"),
    LetterKind.CHANGES_REQUESTED: _l("Questions to the applicant"),
    LetterKind.APPROVED: _l("Approval"),
    LetterKind.REJECTED: _l("Rejection"),
    LetterKind.DUPLICATE: _l("Closed as a duplicate"),
    LetterKind.REOPENED: _l("Open again"),
    LetterKind.WITHDRAWN: _l("Confirmation of a withdrawal"),
    LetterKind.LAPSED: _l("Closed without an answer"),
    LetterKind.REMINDER_DRAFT: _l("Reminder of a draft"),
    LetterKind.REMINDER: _l("Reminder of questions"),
}
SENT_WHEN = {
    LetterKind.RECEIVED: _l("Sent when the applicant sends the application for the first time."),
    LetterKind.RECEIVED_AGAIN: _l("Sent when the applicant has answered questions and sends the application again."),
    LetterKind.CHANGES_REQUESTED: _l("Sent when staff ask for changes."),
    LetterKind.APPROVED: _l("Sent when staff approve the application."),
    LetterKind.REJECTED: _l("Sent when staff reject the application, but not when they put it aside as spam."),
    LetterKind.DUPLICATE: _l("Sent when staff close the application as a duplicate."),
    LetterKind.REOPENED: _l("Sent when staff reopen the application."),
    LetterKind.WITHDRAWN: _l("Sent when the applicant withdraws the application."),
    LetterKind.LAPSED: _l("Sent when questions were not answered and the application is closed by the calendar."),
    LetterKind.REMINDER_DRAFT: _l("Sent twice when a draft is not touched for a while."),
    LetterKind.REMINDER: _l("Sent twice when questions are not answered for a while."),
}
PLACEHOLDER_LABELS = {
    "organisation": _l("the name of the organisation; the reference number where there is no name yet"),
    "reference": _l("the reference number of the application"),
    "initiative": _l("the name of the initiative"),
    "answers": _l("everything that the applicant sent, part by part"),
    "answer_by": _l("the day by which we want an answer"),
    "points": _l("what is asked, point by point"),
    "message": _l("what the clerk writes to the applicant; nothing where the clerk writes nothing"),
    "reason": _l("the reason for the rejection, in the language of the letter"),
    "status_url": _l("the address of the page on which the applicant follows the application"),
    "profile_url": _l("the address of the new entry in the directory"),
    "working_days": _l("the number of working days that we promise"),
    "appeal_days": _l("the number of days within which a decision can be appealed"),
    "ends_on": _l("the day on which the application is closed unless something happens"),
}
