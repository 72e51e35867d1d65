"""When an application may be sent: what is required, and the guards that the table of moves names."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from directory.applications.answers import Answers, is_agreed, offerings_of, part
from directory.applications.models import Application
from directory.applications.states import MOVES, WITH_STAFF
from directory.applications.vocab import CONSENT_TEXTS, Purpose, Step
from directory.consents.queries import standing_of
from directory.consents.texts import texts_today
from directory.consents.vocab import NECESSARY, ConsentKind
from directory.errors import Incomplete, NotAllowed
from directory.initiative.queries import get_initiative, times
from directory.members.vocab import Kind

ANEW = frozenset({"appeal", "reopen"})
SATURDAY = 5
REQUIRED = {
    Step.ORGANISATION: ("name", "name_language", "kind", "type", "languages", "sectors", "summary", "summary_language"),
    Step.NAMES: (),
    Step.SEAT: ("country", "city"),
    Step.CONTACT: ("name", "email"),
    Step.DOCUMENTS: (),
    Step.STATEMENT: ("signatory", "capacity", "listed", "abroad"),
}
OFFERING_REQUIRED = ("title", "description", "language", "category")
Missing = tuple[str, str]
"""(step, field); the field of an offering is `offerings-<place from 0>-<field>`, as in its form."""


def missing_answers(answers: Answers) -> tuple[Missing, ...]:
    """List the required answers that are not there, in the order of the form."""
    found: list[Missing] = []
    for step in Step:
        answered = part(answers, step)
        if step is Step.OFFERINGS:
            found += _missing_in_offerings(answers)
        else:
            found += [(str(step), field) for field in REQUIRED[step] if not _has(answered, field)]
        if step is Step.NAMES:
            found += _half_rows(step, "names", answered, ("name", "language"))
        if step is Step.SEAT:
            found += _missing_registrations(answers)
        if step is Step.DOCUMENTS:
            found += _missing_proof(answered)
    return tuple(found)


def missing_for_submit(application: Application) -> tuple[Missing, ...]:
    """List everything that keeps the application from being sent: answers, the proof of the address, the statement, points."""
    found = list(missing_answers(application.answers))
    if application.email and not application.email_is_proved:
        found.append((str(Step.CONTACT), "email_proved"))
    if not is_statement_accepted(application):
        found.append((str(Step.STATEMENT), "accepted"))
    found += [(str(Step.STATEMENT), str(kind)) for kind in _not_asked_today(application)]
    found += [("status", f"point-{point.id}") for point in application.open_points if not point.answer]
    order = [*map(str, Step), "status"]
    return tuple(sorted(dict.fromkeys(found), key=lambda pair: order.index(pair[0])))


def is_statement_accepted(application: Application) -> bool:
    """Say whether the version that is signed today was accepted."""
    return application.statement_version is not None and application.statement_version == get_initiative().statement.version


def consents_lacking(application: Application) -> tuple[ConsentKind, ...]:
    """List the necessary consents that do not stand, and without which nobody can approve or list.

    What was sent before all of them were asked for is judged by what was asked then.
    """
    is_older = part(application.answers, Step.STATEMENT).get("processed")
    asked = (ConsentKind.LISTED,) if is_older else NECESSARY
    return tuple(kind for kind in asked if not is_agreed(application, kind))


def require_consents(application: Application) -> None:
    """Raise NotAllowed where a necessary consent was taken back or never given."""
    if consents_lacking(application):
        raise NotAllowed("consent")


def promised_by(application: Application, *, promised: int | None = None) -> date:
    """Return the last day of the promised time: so many working days with staff, this stretch included.

    Only for an application that is with staff: its last stretch has no end. promised: how many; none: as they are set.
    """
    *ended, (since, _end) = stretches_with_staff(application)
    left = max(0, (promised or times().promised) - sum(working_days(start, end) for start, end in ended if end))
    day = since.date()
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day


def days_with_staff(application: Application, *, now: datetime) -> int:
    """Count the working days that the application has waited for staff; the applicant's own time does not count."""
    return sum(working_days(start, end or now) for start, end in stretches_with_staff(application))


def stretches_with_staff(application: Application) -> list[tuple[datetime, datetime | None]]:
    """Return (since, until) of each time that staff had the next word; the last one may have no end.

    What was decided once and is looked at again has its whole time anew.
    """
    if application.submitted_at is None:
        return []
    found: list[tuple[datetime, datetime | None]] = [(application.submitted_at, None)]
    for made in application.moves:
        if made.name in ANEW:
            found = [(made.at, None)]
        is_open = found[-1][1] is None
        if made.target in WITH_STAFF and not is_open:
            found.append((made.at, None))
        elif made.target not in WITH_STAFF and is_open:
            found[-1] = (found[-1][0], made.at)
    return found


def working_days(since: datetime, until: datetime) -> int:
    """Count the working days (Monday to Friday, UTC) after the day of `since` up to the day of `until`."""
    first, last = since.date(), until.date()
    whole, rest = divmod(max((last - first).days, 0), 7)
    return whole * 5 + sum((first + timedelta(days=n)).weekday() < SATURDAY for n in range(1, rest + 1))


def stamp(answered: Mapping[str, Any]) -> str:
    """Name one state of the answers of a step: the same answers, the same stamp."""
    return hashlib.sha256(json.dumps(answered, sort_keys=True).encode()).hexdigest()[:16]


def guards(application: Application, *, now: datetime) -> Mapping[str, Callable[[], None]]:
    """Return the guards that concern the applicant. now: aware UTC time."""
    return {
        "email_proved": lambda: _require(application, lambda pair: pair == (Step.CONTACT, "email_proved")),
        "complete": lambda: _require(application, lambda pair: pair in missing_answers(application.answers)),
        "statement_accepted": lambda: _require(application, lambda pair: pair == (Step.STATEMENT, "accepted")),
        "consents_given": lambda: _require(application, lambda pair: pair in _consents(application)),
        "points_answered": lambda: _require(application, lambda pair: pair[0] == "status"),
        "consents_stand": lambda: require_consents(application),
        "within_appeal": lambda: _require_within_appeal(application, now),
    }


def _not_asked_today(application: Application) -> list[ConsentKind]:
    """Return the necessary consents that were not given to the text that is asked for today."""
    standing = {kind: standing_of(application.consents, kind) for kind in NECESSARY}
    return [kind for kind, row in standing.items() if row is None or row.version != texts_today().version]


def _consents(application: Application) -> set[Missing]:
    return {(str(Step.STATEMENT), str(kind)) for kind in _not_asked_today(application)}


def _has(answered: Mapping[str, Any], field: str) -> bool:
    """Say whether an answer is there; a consent counts for the text that is asked for today only."""
    is_of_today = field not in set(NECESSARY) or answered.get(CONSENT_TEXTS) == texts_today().version
    return bool(answered.get(field)) and is_of_today


def _require(application: Application, concerns: Callable[[Missing], bool]) -> None:
    missing = tuple(pair for pair in missing_for_submit(application) if concerns(pair))
    if missing:
        raise Incomplete(missing)


def may_appeal(application: Application, *, now: datetime) -> bool:
    """Say whether the applicant may ask to look at a decision again."""
    is_decided = application.state in MOVES["appeal"].sources and application.reduced_at is None
    return is_decided and now <= appeal_until(application)


def appeal_until(application: Application) -> datetime:
    """Return when the time to ask for another look at the last decision is over."""
    return application.state_since + timedelta(days=times().appeal)


def _require_within_appeal(application: Application, now: datetime) -> None:
    if now > appeal_until(application):
        raise NotAllowed("appeal_over")


def _missing_in_offerings(answers: Answers) -> list[Missing]:
    offerings = offerings_of(answers)
    if not offerings:
        return [(str(Step.OFFERINGS), "offerings")]
    return [
        (str(Step.OFFERINGS), f"offerings-{place}-{field}")
        for place, offering in enumerate(offerings)
        for field in OFFERING_REQUIRED
        if not offering.get(field)
    ]


def _missing_registrations(answers: Answers) -> list[Missing]:
    """An enterprise stands in a register; an institution may be in none, but what it gives must be whole."""
    seat = part(answers, Step.SEAT)
    if not seat.get("registrations"):
        enterprise = part(answers, Step.ORGANISATION).get("kind") == Kind.ENTERPRISE
        return [(str(Step.SEAT), "registrations")] if enterprise else []
    return _half_rows(Step.SEAT, "registrations", seat, ("scheme", "value"))


def _missing_proof(answered: Mapping[str, Any]) -> list[Missing]:
    """A file counts unless a virus was found in it; “later” is an answer."""
    given = any(row["purpose"] == Purpose.REGISTRATION and not row.get("infected") for row in answered.get("files") or [])
    return [] if given or answered.get("registration_later") else [(str(Step.DOCUMENTS), "registration")]


def _half_rows(step: Step, field: str, answered: Mapping[str, Any], columns: tuple[str, str]) -> list[Missing]:
    """Columns that are empty in rows that are there."""
    return [
        (str(step), f"{field}-{place}-{column}")
        for place, row in enumerate(answered.get(field) or [])
        for column in columns
        if not row.get(column)
    ]
