"""The life of an application as a table. Data only: guards and letters are names in it; `services.move` reads it."""

from dataclasses import dataclass
from enum import StrEnum

from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    ON_HOLD = "on_hold"
    READY_FOR_DECISION = "ready_for_decision"
    APPROVED = "approved"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    EXPIRED = "expired"


class Who(StrEnum):
    """Who may make a move. Staff roles carry the names of accounts.models.Role."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    COORDINATOR = "coordinator"
    CLOCK = "clock"


OPEN = frozenset(
    {
        State.DRAFT,
        State.SUBMITTED,
        State.IN_REVIEW,
        State.CHANGES_REQUESTED,
        State.ON_HOLD,
        State.READY_FOR_DECISION,
    }
)
EDITABLE = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
"""States in which the applicant may change answers."""
WITH_STAFF = frozenset({State.SUBMITTED, State.IN_REVIEW, State.ON_HOLD, State.READY_FOR_DECISION})
"""States in which staff have the next word."""


@dataclass(frozen=True)
class Move:
    """One allowed move. guards: names that `services.move` looks up; letter: template to the applicant, if any."""

    name: str
    sources: frozenset[State]
    target: State
    who: frozenset[Who]
    guards: tuple[str, ...] = ()
    letter: str | None = None


def _move(
    name: str, sources: set[State], target: State, who: set[Who], guards: tuple[str, ...] = (), letter: str | None = None
) -> Move:
    return Move(name, frozenset(sources), target, frozenset(who), guards, letter)


_CHECKS = {Who.REVIEWER, Who.COORDINATOR}
_FREE = ("no_interest",)
"""of staff's moves: nothing binds whoever makes it to the organisation"""

MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _move(
            "submit",
            {State.DRAFT, State.CHANGES_REQUESTED},
            State.SUBMITTED,
            {Who.APPLICANT},
            ("email_proved", "complete", "statement_accepted", "consents_given", "points_answered"),
            "application_received",
        ),
        _move("take", {State.SUBMITTED}, State.IN_REVIEW, _CHECKS, _FREE),
        _move(
            "ask_for_changes", {State.IN_REVIEW}, State.CHANGES_REQUESTED, _CHECKS, (*_FREE, "has_points"), "changes_requested"
        ),
        _move("hold", {State.IN_REVIEW}, State.ON_HOLD, _CHECKS, _FREE),
        _move("resume", {State.ON_HOLD}, State.IN_REVIEW, _CHECKS, _FREE),
        _move("recommend", {State.IN_REVIEW}, State.READY_FOR_DECISION, _CHECKS, (*_FREE, "checklist_done")),
        _move("send_back", {State.READY_FOR_DECISION}, State.IN_REVIEW, {Who.APPROVER, Who.COORDINATOR}, _FREE),
        _move(
            "approve",
            {State.READY_FOR_DECISION},
            State.APPROVED,
            {Who.APPROVER},
            (*_FREE, "second_person", "not_sponsor", "consents_stand"),
            "approved",
        ),
        _move(
            "reject",
            {State.READY_FOR_DECISION},
            State.REJECTED,
            {Who.APPROVER},
            (*_FREE, "second_person", "not_sponsor", "has_reason"),
            "rejected",
        ),
        _move("put_aside_as_spam", {State.SUBMITTED, State.IN_REVIEW}, State.REJECTED, {Who.COORDINATOR}, _FREE),
        _move("mark_duplicate", {State.IN_REVIEW}, State.DUPLICATE, _CHECKS, (*_FREE, "has_original"), "duplicate"),
        _move("reopen", {State.DUPLICATE, State.REJECTED}, State.IN_REVIEW, {Who.COORDINATOR}, _FREE, "reopened"),
        _move("appeal", {State.DUPLICATE, State.REJECTED}, State.IN_REVIEW, {Who.APPLICANT}, ("within_appeal",)),
        _move("withdraw", set(OPEN), State.WITHDRAWN, {Who.APPLICANT}, (), "withdrawn"),
        _move("lapse", {State.CHANGES_REQUESTED}, State.LAPSED, {Who.CLOCK}, ("reminded_twice",), "lapsed"),
        _move("revive", {State.LAPSED}, State.CHANGES_REQUESTED, {Who.APPLICANT, Who.COORDINATOR}, _FREE),
        _move("expire", {State.DRAFT}, State.EXPIRED, {Who.CLOCK}),
    )
}

STAFF_LABELS = {
    State.DRAFT: _lp("state of an application, for staff", "Draft"),
    State.SUBMITTED: _lp("state of an application, for staff", "New"),
    State.IN_REVIEW: _lp("state of an application, for staff", "In review"),
    State.CHANGES_REQUESTED: _lp("state of an application, for staff", "Waiting for applicant"),
    State.ON_HOLD: _lp("state of an application, for staff", "On hold"),
    State.READY_FOR_DECISION: _lp("state of an application, for staff", "Ready for decision"),
    State.APPROVED: _lp("state of an application, for staff", "Approved"),
    State.REJECTED: _lp("state of an application, for staff", "Rejected"),
    State.DUPLICATE: _lp("state of an application, for staff", "Duplicate"),
    State.WITHDRAWN: _lp("state of an application, for staff", "Withdrawn"),
    State.LAPSED: _lp("state of an application, for staff", "Lapsed"),
    State.EXPIRED: _lp("state of an application, for staff", "Expired"),
}
PUBLIC_LABELS = {
    State.DRAFT: _l("Not sent yet"),
    State.SUBMITTED: _l("Received, waiting for a reviewer"),
    State.IN_REVIEW: _l("Being checked"),
    State.CHANGES_REQUESTED: _l("Waiting for your answer"),
    State.ON_HOLD: _l("Being checked; we are waiting for information from elsewhere"),
    State.READY_FOR_DECISION: _l("Checked, waiting for the decision"),
    State.APPROVED: _l("Approved"),
    State.REJECTED: _l("Not approved"),
    State.DUPLICATE: _l("Closed: this organisation has another application or entry"),
    State.WITHDRAWN: _l("Withdrawn by you"),
    State.LAPSED: _l("Closed: we had no answer to our questions"),
    State.EXPIRED: _l("Closed: the draft was not sent in time"),
}


class PointCode(StrEnum):
    """Why a point is asked."""

    UNCLEAR = "unclear"
    MISSING = "missing"
    NOT_PROVED = "not_proved"
    DIFFERENT_REGISTER = "different_register"
    WRONG_LANGUAGE = "wrong_language"
    TOO_PROMOTIONAL = "too_promotional"
    OTHER = "other"


POINT_LABELS = {
    PointCode.UNCLEAR: _l("Please explain this more clearly."),
    PointCode.MISSING: _l("Something is missing here."),
    PointCode.NOT_PROVED: _l("Please tell us where this can be verified."),
    PointCode.DIFFERENT_REGISTER: _l("This differs from what the public register says."),
    PointCode.WRONG_LANGUAGE: _l("This text does not seem to be in the language you chose for it."),
    PointCode.TOO_PROMOTIONAL: _l("Please describe the service itself rather than advertise it."),
    PointCode.OTHER: _l("Please see our note."),
}


class RejectionCode(StrEnum):
    """Why an application was rejected. SPAM is told to nobody."""

    NOT_ELIGIBLE = "not_eligible"
    NOT_VERIFIABLE = "not_verifiable"
    OUT_OF_SCOPE = "out_of_scope"
    NO_AUTHORITY = "no_authority"
    OTHER = "other"
    SPAM = "spam"


REJECTION_LABELS = {
    RejectionCode.NOT_ELIGIBLE: _l("The organisation does not meet the conditions for becoming a member."),
    RejectionCode.NOT_VERIFIABLE: _l("We could not verify the organisation from what was given and from public registers."),
    RejectionCode.OUT_OF_SCOPE: _l("What the organisation offers lies outside the initiative."),
    RejectionCode.NO_AUTHORITY: _l("We could not confirm that the signatory may sign for the organisation."),
    RejectionCode.OTHER: _l("Another reason, explained below."),
    RejectionCode.SPAM: _l("Spam"),
}
