"""What an applicant does with an application, and the one function that makes a move of the table.

Every function writes its event and its letter in the caller's transaction and leaves the commit to the caller, who
also holds the lock of the row (queries, `with_for_update`).
"""

import secrets
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory import audit, mail
from directory.accounts.models import Account
from directory.applications import consenting, letters, people, rules, sent, twins
from directory.applications.answers import part, with_names_apart
from directory.applications.models import FACTS_OF_MOVES, Application, MoveMade, Submission
from directory.applications.queries import find_sponsor, get_by_reference, get_by_token
from directory.applications.states import EDITABLE, MOVES, Move, State, Who
from directory.applications.vocab import CONSENT_TEXTS, Step
from directory.audit import Actor
from directory.consents.vocab import ConsentKind
from directory.db import new_public_id, take_turn
from directory.errors import Conflict, Incomplete, Invalid, NotAllowed, WrongStatus
from directory.mail import Letter

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_LENGTH = 6
CAN_START_AGAIN = frozenset({State.REJECTED, State.WITHDRAWN, State.LAPSED})
_SIGNED_ANEW = frozenset({"accepted", "version", "language", "processed", CONSENT_TEXTS, *map(str, ConsentKind)})
_GIVEN_ANEW: Mapping[str, frozenset[str]] = {
    Step.CONTACT: frozenset({"shown"}),
    Step.DOCUMENTS: frozenset({"files", "logo_published"}),
    Step.STATEMENT: _SIGNED_ANEW,
    "twins": frozenset({"same"}),
}
"""what is not carried over to a new application, by step"""


def move(
    session: Session,
    application: Application,
    name: str,
    *,
    by: Actor,
    by_account: Account | None,
    who: frozenset[Who],
    guards: Mapping[str, Callable[[], None]],
    now: datetime,
    reason: str | None = None,
    letter: Letter | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> MoveMade:
    """Make one move of the table: the state, its history, its event and its letter.

    by_account: the staff account, None for the applicant and the clock. who: everything the mover is in the table.
    guards: those the caller knows, by name; each raises; those of the applicant are known here. reason, changes: more
    for the event; the history has the reason, and those of FACTS_OF_MOVES, too. letter: goes to the address last proved;
    the table says which template.
    Raises WrongStatus where the table has no such move from this state or retention left nothing to move, NotAllowed
    where `who` may not make it, and what the guards raise. LookupError is a programming error: a guard or the letter
    that the table names is missing.
    """
    allowed = MOVES[name]
    if application.state not in allowed.sources or application.reduced_at is not None:
        raise WrongStatus(str(application.state), name)
    if not allowed.who & who:
        raise NotAllowed("role")
    known = {**rules.guards(application, now=now), **guards}
    for guard in allowed.guards:
        if guard not in known:
            raise LookupError(f"the guard {guard} of {name} was not given")
        known[guard]()
    facts = {field: new for field, (_old, new) in (changes or {}).items() if field in FACTS_OF_MOVES and new is not None}
    made = MoveMade(
        name=name, source=application.state, target=allowed.target, by=by_account, at=now, words=reason or "", facts=facts
    )
    application.moves.append(made)
    application.state, application.state_since = allowed.target, now
    application.due_on, application.answer_by = sent.due_on(application), None
    touch(application, now)
    told = {"state": (str(made.source), str(made.target))} | ({"reason": (None, reason)} if reason else {})
    audit.record(
        session, f"application.{name}", by=by, subject=_subject(application), now=now, changes={**told, **(changes or {})}
    )
    _queue(session, application, allowed, letter, now)
    return made


def start_once(session: Session, *, token: str, locale: str, now: datetime) -> Application:
    """Begin an application, or return the draft that the same form has begun: who presses a button twice gets one.

    token: made of the form, the same however often it is sent. What was sent or closed meanwhile is left alone.
    """
    take_turn(session)  # of two that come at once, the second sees what the first began
    begun = get_by_token(session, token)
    if begun is None:
        return start(session, locale=locale, now=now, token=token)
    return begun if begun.state == State.DRAFT else start(session, locale=locale, now=now)


def start(session: Session, *, locale: str, now: datetime, number: int = people.FIRST, token: str | None = None) -> Application:
    """Begin an application in the applicant's language. token: None for a random one."""
    application = Application(
        token=token or new_public_id(), reference=_new_reference(session), state=State.DRAFT, locale=locale, answers={},
        created_at=now, updated_at=now, state_since=now,
    )  # fmt: skip
    session.add(application)
    session.flush()
    _record(session, application, "start", now, people.actor(application, number))
    return application


def save_step(
    session: Session,
    application: Application,
    step: Step,
    values: Mapping[str, Any],
    *,
    seen: str,
    locale: str,
    now: datetime,
    consents_url: str = "",
    by: Actor | None = None,
) -> None:
    """Keep what was typed in one step, however much is missing.

    values: JSON as `answers` describes it. seen: the `stamp` of the step as it was when its page was made.
    consents_url: page of the consents, for the letter that confirms that one was taken back. by: whoever typed it, of the
    people who work on it; none: the first of them, here and below.
    Raises WrongStatus where the applicant may not change answers now, Conflict where the step was changed meanwhile,
    Invalid for a sponsor that is no member.
    """
    _require_editable(application, "save")
    application.locale = locale
    values = _with_sponsor(session, application, values, now) if step is Step.STATEMENT else values
    if step is Step.DOCUMENTS and part(application.answers, step).get("files"):
        values = {**values, "files": part(application.answers, step)["files"]}  # they come and go by `files` alone
    if values == part(application.answers, step):
        return
    if part(application.answers, step) and seen != stamp(application, step):
        raise Conflict(f"{step} was changed meanwhile")
    application.answers = {**with_names_apart(application.answers), str(step): dict(values)}
    touch(application, now)
    if step is Step.CONTACT:
        application.email = values.get("email") or None
        if (person := people.find_by_email(application, application.email)) and person.proved_at:
            application.email_proved = application.email  # a colleague who has proved this address already
    if step is Step.STATEMENT:
        _accept(application, values, now)
        consenting.follow(session, application, values, locale=locale, url=consents_url, now=now, by=by)
    _record(session, application, "save", now, by, step=(None, str(step)))


def stamp(application: Application, step: Step) -> str:
    """Name the present answers of a step, so that a page that was made from older ones is noticed.

    Files count not: a window that adds one takes nothing from another.
    """
    return rules.stamp({name: value for name, value in part(application.answers, step).items() if name != "files"})


def submit(
    session: Session,
    application: Application,
    *,
    status_url: str,
    desk_url: str,
    staff_mail: str,
    locale: str,
    seen_version: int,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Send the application, or send it again with the asked points answered; tell the applicant and staff.

    Raises WrongStatus where it is with staff already, Conflict where it changed since `seen_version`,
    and Incomplete with everything that is missing.
    """
    _require_editable(application, "submit")
    _require_seen(application, seen_version)
    missing = rules.missing_for_submit(application)
    if missing:
        raise Incomplete(missing)
    application.locale = locale
    staff_letter = letters.staff_told(application, desk_url=desk_url)
    receipt = letters.received_again if application.submissions else letters.received
    letter = receipt(application, status_url=status_url)
    _move(session, application, "submit", now=now, letter=letter, by=by)
    for point in application.open_points:
        point.answered_at = now
    number = len(application.submissions) + 1
    application.submissions.append(Submission(number=number, answers=deepcopy(application.answers), at=now))
    application.submitted_at = application.submitted_at or now
    twins.keep_marks(application)
    sent.keep_facts(application)
    mail.queue(session, staff_letter, to=staff_mail, now=now, about=_subject(application))


def answer_points(
    session: Session,
    application: Application,
    answers: Mapping[int, str],
    *,
    seen: str,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Keep the applicant's answers to open points, by the point's number; they count when the application is sent again.

    seen: the `stamp_of_points` as it was when the page was made. Raises WrongStatus where no answer is waited for, Conflict
    where an answer that was given meanwhile would be lost.
    """
    if application.state != State.CHANGES_REQUESTED:
        raise WrongStatus(str(application.state), "answer")
    changed = [point for point in application.open_points if answers.get(point.id, point.answer) != point.answer]
    if seen != stamp_of_points(application) and any(point.answer for point in changed):
        raise Conflict("points were answered meanwhile")
    for point in changed:
        point.answer = answers[point.id]
    if changed:
        touch(application, now)
        _record(session, application, "answer", now, by, points=(None, [point.id for point in changed]))


def stamp_of_points(application: Application) -> str:
    """Name the present answers to open points, so that a page that was made from older ones is noticed."""
    return rules.stamp({str(point.id): point.answer for point in application.open_points})


def withdraw(session: Session, application: Application, *, status_url: str, now: datetime, by: Actor | None = None) -> None:
    """Take the application back. Raises WrongStatus where it is closed."""
    _move(session, application, "withdraw", now=now, letter=letters.withdrawn(application, status_url=status_url), by=by)


def revive(session: Session, application: Application, *, now: datetime, by: Actor | None = None) -> None:
    """Open an application again that lapsed, so that the applicant can answer after all.

    Raises WrongStatus in any other state, and where its answers are not kept any more.
    """
    _move(session, application, "revive", now=now, by=by)


def appeal(
    session: Session,
    application: Application,
    *,
    words: str,
    desk_url: str,
    staff_mail: str,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Ask staff to look at a decision again; tell them.

    words: why, in the applicant's words. Raises WrongStatus where nothing was decided against the applicant, NotAllowed
    after the time that rules.appeal_until gives.
    """
    letter = letters.appealed(application, words=words, desk_url=desk_url)
    _move(session, application, "appeal", now=now, reason=words, changes=decision(application), by=by)
    forget_decision(application)
    application.appeal = words
    mail.queue(session, letter, to=staff_mail, now=now, about=_subject(application))


def decision(application: Application) -> dict[str, tuple[Any, Any]]:
    """Return what a closed application loses when it is taken up again, as changes for its event."""
    old = {"code": application.rejection_code, "duplicate_of": application.duplicate_of}
    return {field: (str(value), None) for field, value in old.items() if value}


def forget_decision(application: Application) -> None:
    """Let decision and recommendation count no longer: the application is looked at anew."""
    application.rejection_code, application.duplicate_of = None, None
    application.decided_by, application.decided_at, application.decision_message = None, None, ""
    application.recommended_by, application.recommendation, application.recommendation_note = None, None, ""
    application.checklist = {}


def start_again(
    session: Session, application: Application, *, locale: str, now: datetime, number: int = people.FIRST
) -> Application:
    """Begin a new application with the answers of one that was rejected, withdrawn or lapsed; statement and consents anew.

    number: of the person who begins it; the same people go on. Raises WrongStatus in any other state.
    """
    if application.state not in CAN_START_AGAIN or application.reduced_at is not None:
        raise WrongStatus(str(application.state), "start_again")
    fresh = start(session, locale=locale, now=now, number=number)
    answers = deepcopy(dict(application.answers))
    kept = {step: {k: v for k, v in told.items() if k not in _GIVEN_ANEW.get(step, ())} for step, told in answers.items()}
    fresh.answers = {step: told for step, told in kept.items() if told or not answers[step]}
    fresh.email, fresh.email_proved = application.email, application.email_proved
    people.carry_over(application, fresh)
    fresh.sponsor_id, fresh.carried_from_id = application.sponsor_id, application.id
    session.flush()
    return fresh


def _require_editable(application: Application, verb: str) -> None:
    if application.state not in EDITABLE:
        raise WrongStatus(str(application.state), verb)


def _require_seen(application: Application, seen_version: int) -> None:
    if application.version != seen_version:
        raise Conflict(f"version {application.version}, seen {seen_version}")


def _with_sponsor(session: Session, application: Application, values: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """Find the member that was named as sponsor, and call it by its own name from here on."""
    name = values.get("sponsor_name")
    if name and name == part(application.answers, Step.STATEMENT).get("sponsor_name"):
        return {**values, "sponsor": part(application.answers, Step.STATEMENT)["sponsor"]}
    sponsor = find_sponsor(session, name, today=now.date()) if name else None
    if name and sponsor is None:
        raise Invalid("sponsor_name", "unknown")
    application.sponsor = sponsor
    return {**values, "sponsor": sponsor.slug, "sponsor_name": sponsor.official_name.name} if sponsor else values


def _accept(application: Application, values: Mapping[str, Any], now: datetime) -> None:
    """Note which version was accepted, and when; a box that is no longer ticked takes it back."""
    version = values.get("version") if values.get("accepted") else None
    if version != application.statement_version:
        application.statement_version = version
        application.statement_accepted_at = now if version else None


def touch(application: Application, now: datetime) -> None:
    """Note a change: the clock begins anew."""
    application.touch(now)


def _move(
    session: Session,
    application: Application,
    name: str,
    *,
    now: datetime,
    letter: Letter | None = None,
    reason: str | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    by: Actor | None = None,
) -> None:
    who = frozenset({Who.APPLICANT})
    move(
        session,
        application,
        name,
        by=by or applicant(application),
        by_account=None,
        who=who,
        guards={"no_interest": _nobody},
        now=now,
        letter=letter,
        reason=reason,
        changes=changes,
    )


def _nobody() -> None:
    """Refuse nobody: what may bind staff to the applicant does not keep the applicant from their own moves."""


def _queue(session: Session, application: Application, allowed: Move, letter: Letter | None, now: datetime) -> None:
    """Put the move's letter into the outbox, for the address last proved, and copies for colleagues who want them."""
    if letter is not None and letter.template != allowed.letter:
        raise LookupError(f"{allowed.name} has no letter {letter.template}")
    if application.email_proved is None or allowed.letter is None:
        return
    if letter is None:
        raise LookupError(f"the letter {allowed.letter} of {allowed.name} was not given")
    letters.post(session, application, letter, now=now)


def applicant(application: Application) -> Actor:
    """The applicant, for the audit."""
    return Actor("applicant", application.reference)


def _subject(application: Application) -> tuple[str, str]:
    return ("application", application.reference)


def _record(
    session: Session, application: Application, verb: str, now: datetime, by: Actor | None = None, **changes: tuple[Any, Any]
) -> None:
    by = by or applicant(application)
    audit.record(session, f"application.{verb}", by=by, subject=_subject(application), now=now, changes=changes)


def _new_reference(session: Session) -> str:
    while True:
        reference = "A-" + "".join(secrets.choice(_CROCKFORD) for _ in range(_REFERENCE_LENGTH))
        if get_by_reference(session, reference) is None:
            return reference
