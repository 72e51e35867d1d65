"""Words of the desk for moves, states of letters and what the audit names."""

import re

from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.mail import LetterState
from directory.review.queue import View
from directory.review.vocab import Back, CheckItem, CheckResult

MOVE_LABELS = {
    "submit": _l("Sent by the applicant"),
    "take": _l("Taken into review"),
    "ask_for_changes": _l("Changes asked for"),
    "hold": _lp("move of an application", "Put on hold"),
    "resume": _l("Taken off hold"),
    "recommend": _l("Decision recommended"),
    "send_back": _l("Sent back to review"),
    "approve": _lp("move of an application", "Approved"),
    "reject": _lp("move of an application", "Rejected"),
    "put_aside_as_spam": _lp("move of an application", "Put aside as spam"),
    "mark_duplicate": _l("Marked as a duplicate"),
    "reopen": _l("Reopened"),
    "appeal": _l("Appealed by the applicant"),
    "withdraw": _l("Withdrawn by the applicant"),
    "lapse": _l("Lapsed without an answer"),
    "revive": _l("Taken up again"),
    "expire": _l("Draft expired"),
}
VIEW_LABELS = {
    View.WITH_STAFF: _lp("view of the queue", "With staff"),
    View.MINE: _lp("view of the queue", "Mine"),
    View.UNASSIGNED: _lp("view of the queue", "Unassigned"),
    View.READY: _lp("view of the queue", "Ready for decision"),
    View.WAITING: _lp("view of the queue", "Waiting for applicant"),
    View.OVERDUE: _lp("view of the queue", "Overdue"),
    View.ON_HOLD: _lp("view of the queue", "On hold"),
    View.ALL: _lp("view of the queue", "All"),
}
BACK_LABELS = {
    Back.ANSWERED: _lp("an application came back", "Answered"),
    Back.APPEALED: _lp("an application came back", "Appeal"),
    Back.REOPENED: _lp("an application came back", "Reopened"),
}
HEADS = {
    "reference": _lp("of an application", "Reference"),
    "name": _lp("of an organisation", "Name"),
    "country": _l("Country or region"),
    "language": _lp("of an application", "Language"),
    "kind": _lp("of an organisation", "Kind"),
    "state": _lp("of an application", "State"),
    "days": _l("Working days"),
    "assignee": _l("Assigned to"),
}
"""of the columns of the queue"""
CHECK_LABELS = {
    CheckItem.IDENTITY: _l("The organisation exists, and a public register or body says so"),
    CheckItem.AUTHORITY: _l("Whoever signs may sign for the organisation"),
    CheckItem.CONTACT: _l("The contact works for the organisation"),
    CheckItem.SCOPE: _l("What it offers lies within the initiative"),
    CheckItem.TEXTS: _l("The texts state facts, in the language they are marked as"),
    CheckItem.DUPLICATES: _l("It is not a member already, and has no other application"),
}
RESULT_LABELS = {
    CheckResult.FINE: _lp("result of a check", "In order"),
    CheckResult.DOUBT: _lp("result of a check", "Not in order"),
    CheckResult.NOT_NEEDED: _lp("result of a check", "Does not apply here"),
}
RESULT_TONES = {CheckResult.FINE: "good", CheckResult.DOUBT: "bad", CheckResult.NOT_NEEDED: "neutral"}
LETTER_LABELS = {
    LetterState.QUEUED: _lp("state of a letter", "Waiting"),
    LetterState.SENDING: _lp("state of a letter", "Being sent"),
    LetterState.SENT: _lp("state of a letter", "Sent"),
    LetterState.FAILED: _lp("state of a letter", "Failed"),
}
LETTER_TONES = {
    LetterState.QUEUED: "neutral",
    LetterState.SENDING: "neutral",
    LetterState.SENT: "good",
    LetterState.FAILED: "bad",
}
FAILURES = (
    (re.compile(r"SMTPRecipientsRefused.*\(4\d\d,"), _l("The mail server does not take the letter now.")),
    (re.compile(r"SMTPRecipientsRefused.*(\b5\.1\.\d|\(55[013], b?['\"](?!5\.))"),
     _l("The mail server does not take letters for this address.")),
    (re.compile(r"SMTPRecipientsRefused"), _l("The mail server does not take letters from us for this address.")),
    (re.compile(r"SMTPAuthenticationError"), _l("The mail server does not know us: its user or password is wrong.")),
    (re.compile(r"SMTPSenderRefused"), _l("The mail server does not take letters from our address.")),
    (re.compile(r"SMTPServerDisconnected|SMTPConnectError|Connection\w*Error|TimeoutError|gaierror|BrokenPipeError"),
     _l("The mail server could not be reached.")),
    (re.compile(r"SSL"), _l("No safe connection to the mail server could be made.")),
    (re.compile(r"SMTP"), _l("The mail server refused the letter.")),
)  # fmt: skip
"""what an error that was kept begins with, and what it means; the first that fits"""
FAILED = _l("The letter could not be sent.")
ACTOR_LABELS = {
    "staff": _lp("who acted", "Staff"),
    "applicant": _lp("who acted", "Applicant"),
    "member": _lp("who acted", "Member"),
    "visitor": _lp("who acted", "Visitor"),
    "system": _lp("who acted", "The system"),
}


def failure_label(error: str) -> str:
    """Say in words why a letter did not go. error: as delivery kept it."""
    return str(next((words for pattern, words in FAILURES if pattern.match(error)), FAILED))
