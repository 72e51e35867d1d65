"""What the desk does with an open application: each verb of a clerk, in one transaction with its event and its letter.

Every function locks the row, refuses a clerk who saw an older version, and leaves the commit to its caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory import audit
from directory.accounts.models import Account
from directory.applications import letters
from directory.applications.models import Application, Point
from directory.applications.states import POINT_LABELS, PointCode
from directory.applications.vocab import STEP_LABELS, Step
from directory.errors import WrongStatus
from directory.i18n import force_locale
from directory.i18n.locales import LOCALES
from directory.mail import Letter, LetterState, OutboxLetter
from directory.review import rules
from directory.review.amending import Amendment, amended, changes_of
from directory.review.moving import forget_recommendation, lock, make_move, record, staff_actor
from directory.review.vocab import CheckItem, CheckResult, Recommendation


@dataclass(frozen=True)
class NewPoint:
    """One thing to ask. step: which part of the answers, blank for the whole; words: plain text."""

    step: str
    code: PointCode
    words: str = ""


def take(session: Session, application: Application, *, by: Account, seen_version: int, now: datetime) -> None:
    """Begin the review of a new application and make it one's own."""
    lock(session, application, seen_version)
    application.assignee = by
    make_move(session, application, "take", by=by, now=now)


def assign(
    session: Session, application: Application, *, by: Account, to: Account | None, seen_version: int, now: datetime
) -> None:
    """Give an application to a colleague, to oneself, or to nobody.

    Raises NotAllowed unless `by` coordinates, or takes part in the work and takes it on themselves, and where something
    binds one of the two to the organisation; Invalid where `to` does not take part in the work; WrongStatus for what is no
    longer open.
    """
    lock(session, application, seen_version)
    rules.require_no_interest(application, by)
    rules.require_may_assign(by, to)
    rules.require_may_be_given(application, to)
    before = application.assignee
    application.assignee = to
    application.updated_at = now
    change = {"assignee": (before and before.public_id, to and to.public_id)}
    record(session, application, "assign", by, now, change)


def ask_for_changes(
    session: Session,
    application: Application,
    *,
    by: Account,
    points: Sequence[NewPoint],
    answer_by: date,
    status_url: str,
    seen_version: int,
    now: datetime,
    amendment: Amendment | None = None,
) -> None:
    """Ask the applicant to change or explain, point by point, and write to them.

    points: one to POINTS_AT_ONCE. answer_by: the day named to the applicant; the clock does not end the application before
    it is over. status_url: where the applicant answers. amendment: the letter as the clerk changed it. Raises Invalid where
    there is no point, for a day that is no day from tomorrow to rules.ANSWER_DAYS_MAX, and for a letter that lacks what it
    must hold.
    """
    lock(session, application, seen_version)
    rules.require_answer_by(answer_by, today=now.date())
    for point in points:
        row = Point(step=point.step, code=point.code, words=point.words, asked_by_id=by.id, asked_at=now)
        application.points.append(row)
    written = letter_of_points(application, points=points, answer_by=answer_by, status_url=status_url)
    letter = amended(written, amendment)
    asked = [[p.step, str(p.code), p.words] for p in points]
    told = {"points": (None, asked), "answer_by": (None, answer_by.isoformat()), **changes_of(written, letter)}
    make_move(session, application, "ask_for_changes", by=by, now=now, letter=letter, changes=told,
          guards={"has_points": lambda: rules.require_points(len(points))})  # fmt: skip
    application.answer_by = answer_by


def letter_of_points(application: Application, *, points: Sequence[NewPoint], answer_by: date, status_url: str) -> Letter:
    """Write the letter that asks for changes, in the applicant's language; for the preview and for the outbox."""
    with force_locale(LOCALES[application.locale].babel):
        told = [(_title(point.step), str(POINT_LABELS[point.code]), point.words) for point in points]
    return letters.changes_requested(application, points=told, answer_by=answer_by, status_url=status_url)


def hold(
    session: Session, application: Application, *, by: Account, until: date, reason: str, seen_version: int, now: datetime
) -> None:
    """Put an application on hold until a day, for a reason that colleagues read.

    Raises Invalid for a day that is over, or further away than rules.HOLD_DAYS_MAX.
    """
    lock(session, application, seen_version)
    rules.require_to_come(until, today=now.date())
    application.hold_until, application.hold_reason = until, reason
    make_move(session, application, "hold", by=by, now=now, reason=reason, changes={"hold_until": (None, until.isoformat())})


def resume(session: Session, application: Application, *, by: Account, seen_version: int, now: datetime) -> None:
    """Go on with an application that was on hold."""
    lock(session, application, seen_version)
    application.hold_until, application.hold_reason = None, ""
    make_move(session, application, "resume", by=by, now=now)


def recommend(
    session: Session,
    application: Application,
    *,
    by: Account,
    recommendation: Recommendation,
    checklist: Mapping[CheckItem, CheckResult],
    words: str,
    seen_version: int,
    now: datetime,
) -> None:
    """Say how to decide; from then on `by` does not decide.

    checklist: what was looked at, and what was found. words: why, for colleagues. Raises Invalid, naming the item, where an
    approval is recommended although something was not looked at or is not in order.
    """
    lock(session, application, seen_version)
    application.recommended_by, application.recommendation = by, str(recommendation)
    application.recommendation_note, application.checklist = words, {str(item): str(found) for item, found in checklist.items()}
    told = {"recommendation": (None, str(recommendation)), "checklist": (None, application.checklist)}
    guards = {"checklist_done": lambda: rules.require_checklist(checklist, recommendation)}
    make_move(session, application, "recommend", by=by, now=now, reason=words, changes=told, guards=guards)


def revive(session: Session, application: Application, *, by: Account, seen_version: int, now: datetime) -> None:
    """Open a lapsed application again, so that the applicant can answer after all; the clock begins anew."""
    lock(session, application, seen_version)
    make_move(session, application, "revive", by=by, now=now)


def send_back(session: Session, application: Application, *, by: Account, reason: str, seen_version: int, now: datetime) -> None:
    """Return an application from decision to review; its recommendation counts no longer."""
    lock(session, application, seen_version)
    forget_recommendation(application)
    make_move(session, application, "send_back", by=by, now=now, reason=reason)


def resend(session: Session, letter: OutboxLetter, *, by: Account, now: datetime) -> None:
    """Let a letter that could not be delivered be tried again at once. Raises WrongStatus where no attempt has failed."""
    if letter.state != LetterState.FAILED and not (letter.state == LetterState.QUEUED and letter.attempts):
        raise WrongStatus(str(letter.state), "resend")
    letter.state, letter.attempts, letter.next_attempt_at = LetterState.QUEUED, 0, now
    audit.record(session, "letter.resend", by=staff_actor(by), subject=("letter", letter.public_id), now=now)


def _title(step: str) -> str:
    return str(STEP_LABELS[Step(step)]) if step else ""
