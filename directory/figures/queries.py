"""Rows that figures are worked out from: a constant number of queries, however many applications there are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, SelectBase, and_, case, func, or_, select, union_all
from sqlalchemy.orm import Session

from directory.applications.models import Application, Message, MoveMade, Submission
from directory.applications.states import OPEN, State
from directory.audit import AuditEvent
from directory.figures.measures import Reached, Span
from directory.figures.vocab import ANSWERS, DECISIONS, Outcome
from directory.members.models import Member, OldSlug, Term
from directory.members.terms import oldest_public_end

LEAVING = ("member.suspend", "member.take_off_list", "member.resign", "member.end", "member.merge_into")
RETURNING = ("member.restore", "member.list_again")


class Received(NamedTuple):
    """An application that came in. country, kind: blank where they are not known any more."""

    country: str
    kind: str


def waiting(session: Session) -> list[tuple[State, datetime]]:
    """Return (state, first submission) of each open application that was sent."""
    rows = session.execute(select(Application.state, Application.submitted_at).where(Application.state.in_(sorted(OPEN))))
    return [(State(state), submitted_at) for state, submitted_at in rows if submitted_at]


def outcomes(session: Session, span: Span) -> list[tuple[Outcome, datetime]]:
    """Return (outcome, when) of each decision of the span, also of those that were looked at again later."""
    start, end = _bounds(span)
    made = select(MoveMade.name, MoveMade.at).where(MoveMade.name.in_(list(Outcome)), MoveMade.at >= start, MoveMade.at < end)
    return [(Outcome(name), at) for name, at in session.execute(made)]


def received(session: Session, span: Span) -> list[Received]:
    """Return the applications first sent in the span."""
    start, end = _bounds(span)
    found = _of_applications().where(Application.submitted_at >= start, Application.submitted_at < end)
    return [_received(row) for row in session.execute(found)]


def approved(session: Session, span: Span) -> list[Received]:
    """Return the applications approved in the span."""
    start, end = _bounds(span)
    found = _of_applications().join(MoveMade, MoveMade.application_id == Application.id)
    within = (MoveMade.name == Outcome.APPROVED, MoveMade.at >= start, MoveMade.at < end)
    return [_received(row) for row in session.execute(found.where(*within))]


def first_answers(session: Session, span: Span) -> list[Reached]:
    """Return the applications whose applicants first heard from staff in the span."""
    moved = select(MoveMade.application_id, MoveMade.at).where(MoveMade.name.in_(ANSWERS))
    written = select(Message.application_id, Message.at).where(Message.by_id.is_not(None))
    return _reached(session, union_all(moved, written), span)


def first_decisions(session: Session, span: Span) -> list[Reached]:
    """Return the applications first decided in the span."""
    return _reached(session, select(MoveMade.application_id, MoveMade.at).where(MoveMade.name.in_(DECISIONS)), span)


def members_on(session: Session, days: Sequence[date]) -> list[int]:
    """Count the members that the directory showed, or would have shown had it existed, at the end of each day."""
    within = [func.count(func.distinct(case((_holds_on(day), Term.member_id)))) for day in days]
    shown = select(*within).join(Member, Member.id == Term.member_id).where(Member.published_revision.is_not(None))
    counts = list(session.execute(shown).one())
    away = _times_away(session)
    terms = defaultdict(list)
    if away:
        for term in session.scalars(select(Term).where(Term.member_id.in_(sorted(away)))):
            terms[term.member_id].append(term)
    for place, day in enumerate(days):
        gone = (id_ for id_, stretches in away.items() if any(_is_away(stretch, day) for stretch in stretches))
        counts[place] -= sum(any(_covers(term, day) for term in terms[id_]) for id_ in gone)
    return counts


def _of_applications() -> Select[Any]:
    """Select country and kind as they were last sent."""
    last = select(func.max(Submission.number)).where(Submission.application_id == Application.id).correlate(Application)
    of_it = (Submission.application_id == Application.id, Submission.number == last.scalar_subquery())
    country, kind = Submission.answers["seat"]["country"].as_string(), Submission.answers["organisation"]["kind"].as_string()
    return select(country.label("country"), kind.label("kind")).select_from(Application).outerjoin(Submission, and_(*of_it))


def _received(row: Any) -> Received:
    return Received(row.country or "", row.kind or "")


def _reached(session: Session, times: SelectBase, span: Span) -> list[Reached]:
    """Return the applications of which the first of some times, as (application, when), lies in the span."""
    start, end = _bounds(span)
    of = times.subquery().c
    first = (
        select(of.application_id, func.min(of.at).label("at"))
        .group_by(of.application_id)
        .having(func.min(of.at) >= start, func.min(of.at) < end)
        .subquery()
    )
    found = _of_applications().add_columns(Application.submitted_at, first.c.at)
    rows = session.execute(found.join(first, first.c.application_id == Application.id))
    return [Reached(row.submitted_at, row.at, *_received(row)) for row in rows]


def _bounds(span: Span) -> tuple[datetime, datetime]:
    """Return the first moment of a span, and the first after it."""
    first, after = (datetime.combine(day, time(), UTC) for day in (span.first, span.last + timedelta(days=1)))
    return first, after


def _holds_on(day: date) -> Any:
    return (Term.starts_on <= day) & or_(Term.ends_on.is_(None), Term.ends_on >= oldest_public_end(day))


def _covers(term: Term, day: date) -> bool:
    return term.starts_on <= day and (term.ends_on is None or term.ends_on >= oldest_public_end(day))


def _is_away(stretch: tuple[datetime, datetime | None], day: date) -> bool:
    """Say whether somebody was away at the end of a day."""
    since, until = stretch
    return since.date() <= day and (until is None or until.date() > day)


def _times_away(session: Session) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """Return, by member, the stretches in which it was suspended or had left, as the audit has them."""
    events = session.execute(
        select(AuditEvent.subject_id, AuditEvent.action, AuditEvent.at)
        .where(AuditEvent.action.in_([*LEAVING, *RETURNING]))
        .order_by(AuditEvent.sequence)
    ).all()
    slugs = {event.subject_id for event in events}
    ids = {
        row.slug: row.member_id for row in session.execute(select(OldSlug.slug, OldSlug.member_id).where(OldSlug.slug.in_(slugs)))
    }
    ids |= {row.slug: row.id for row in session.execute(select(Member.slug, Member.id).where(Member.slug.in_(slugs)))}
    away: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for slug, action, at in events:
        stretches = away.setdefault(ids[slug], [])
        if stretches and stretches[-1][1] is None:
            stretches[-1] = (stretches[-1][0], at)
        if action not in RETURNING:
            stretches.append((at, None))
    return away
