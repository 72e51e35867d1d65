"""Organisations that may be the applicant's: members that the applicant is asked about, and candidates that staff see.

The applicant is asked about public members only; of all others, and of other applications, nothing is said to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from directory import audit
from directory.applications.answers import Answers, organisation_name, part
from directory.applications.models import Application, ApplicationMark
from directory.applications.states import EDITABLE, OPEN, State
from directory.applications.vocab import Step
from directory.audit import Actor
from directory.errors import Invalid, WrongStatus
from directory.members.alike import Degree, Match, degree_of, find_alike
from directory.members.marks import Mark, mark_rows, marks_of, website_domain
from directory.members.models import Member, MemberMark
from directory.members.queries import visible

KEY = "twins"
"""where `Application.answers` keeps what the applicant said about members that may be the same"""
ASKED_MOST = 3
SHOWN_MOST = 20
COMPARED = frozenset((OPEN - {State.DRAFT}) | {State.DUPLICATE})


@dataclass(frozen=True)
class Twin:
    """A member (slug) or another application (reference) that may be the same organisation.

    said: what the applicant says about it: `same`, `denied`, or nothing.
    """

    name: str
    reasons: tuple[Match, ...]
    slug: str = ""
    reference: str = ""
    said: str = ""

    @property
    def degree(self) -> Degree:
        """How much speaks for it."""
        return degree_of(self.reasons)


def names_of(answers: Answers) -> tuple[str, ...]:
    """Return the official name and all others that were given."""
    own = part(answers, Step.ORGANISATION)
    others = (row.get("name") for row in part(answers, Step.NAMES).get("names") or [])
    return tuple(str(name) for name in (own.get("name"), *others) if name)


def website_of(answers: Answers) -> str:
    """Return the host of the website that was given, without www, or nothing."""
    return website_domain(part(answers, Step.ORGANISATION).get("website"))


def keep_marks(application: Application) -> None:
    """Keep what the organisation can be told by as it was last sent, in the transaction that sends it."""
    application.marks = [ApplicationMark(**row) for row in mark_rows(_marks(application.sent_answers))]


def find_twins(session: Session, application: Application) -> tuple[Twin, ...]:
    """Return members in any standing and other sent applications that may be the same, what is likeliest first; for staff."""
    answers = application.sent_answers
    marks = _marks(answers)
    found = (*_members(session, application, marks), *_applications(session, application, marks))
    rank = list(Degree)
    return tuple(sorted(found, key=lambda twin: rank.index(twin.degree)))


def ask_about(session: Session, application: Application, *, today: date) -> list[Member]:
    """Return the public members that the applicant should be asked about, with their names."""
    if application.state != State.DRAFT:
        return []
    alike = find_alike(session, MemberMark, MemberMark.member_id, _marks(application.answers))
    denied = _said(application.answers).get("denied") or []
    statement = (
        select(Member)
        .where(Member.id.in_(alike), visible(today), Member.slug.not_in(denied))
        .options(selectinload(Member.names))
        .order_by(Member.id)
    )
    rank = list(Degree)
    return sorted(session.scalars(statement), key=lambda member: rank.index(degree_of(alike[member.id])))[:ASKED_MOST]


def claim(session: Session, application: Application, member: Member, *, by: Actor, now: datetime) -> None:
    """Keep that the applicant says to be this member. Raises as `deny` does."""
    said = _require_asked(session, application, member, now)
    _keep(session, application, {**said, "same": member.slug}, "claim_twin", member, by, now)


def deny(session: Session, application: Application, member: Member, *, by: Actor, now: datetime) -> None:
    """Keep that the applicant says not to be this member; it is not asked about again.

    Raises WrongStatus where the applicant may not change answers now, Invalid for a member that was not asked about.
    """
    said = _require_asked(session, application, member, now)
    denied = [*(said.get("denied") or []), member.slug]
    same = {key: value for key, value in said.items() if key == "same" and value != member.slug}
    _keep(session, application, {**same, "denied": denied}, "deny_twin", member, by, now)


def _require_asked(session: Session, application: Application, member: Member, now: datetime) -> Mapping[str, Any]:
    if application.state not in EDITABLE:
        raise WrongStatus(str(application.state), "twin")
    if member not in ask_about(session, application, today=now.date()):
        raise Invalid("member", "not asked about")
    return _said(application.answers)


def _keep(
    session: Session, application: Application, said: Mapping[str, Any], verb: str, member: Member, by: Actor, now: datetime
) -> None:
    application.answers = {**application.answers, KEY: dict(said)}
    application.touch(now)
    subject = ("application", application.reference)
    audit.record(session, f"application.{verb}", by=by, subject=subject, now=now, changes={"twin": (None, member.slug)})


def _said(answers: Answers) -> Mapping[str, Any]:
    found: Mapping[str, Any] = answers.get(KEY) or {}
    return found


def _marks(answers: Answers) -> frozenset[Mark]:
    rows = part(answers, Step.SEAT).get("registrations") or []
    website = part(answers, Step.ORGANISATION).get("website")
    return marks_of(names=names_of(answers), website=website, numbers=(row.get("value") for row in rows))


def _members(session: Session, application: Application, marks: frozenset[Mark]) -> Iterator[Twin]:
    alike = find_alike(session, MemberMark, MemberMark.member_id, marks)
    said = _said(application.sent_answers)
    ids = _likeliest({id_: reasons for id_, reasons in alike.items() if id_ != application.member_id})
    rows = session.scalars(select(Member).where(Member.id.in_(ids)).options(selectinload(Member.names)).order_by(Member.id))
    for member in rows:
        word = "same" if member.slug == said.get("same") else "denied" if member.slug in (said.get("denied") or ()) else ""
        yield Twin(member.official_name.name, alike[member.id], slug=member.slug, said=word)


def _applications(session: Session, application: Application, marks: frozenset[Mark]) -> Iterator[Twin]:
    alike = find_alike(session, ApplicationMark, ApplicationMark.application_id, marks)
    others = select(Application.id).where(Application.id.in_(alike), Application.state.in_(sorted(COMPARED)))
    open_ones = set(session.scalars(others)) - {application.id}
    ids = _likeliest({id_: reasons for id_, reasons in alike.items() if id_ in open_ones})
    rows = session.scalars(
        select(Application).where(Application.id.in_(ids)).options(joinedload(Application.submissions)).order_by(Application.id)
    )
    for other in rows.unique():
        name = organisation_name(other.sent_answers) or other.reference
        yield Twin(name, alike[other.id], reference=other.reference)


def _likeliest(alike: Mapping[int, tuple[Match, ...]]) -> list[int]:
    """Return the row numbers of those for which most speaks, as many as a clerk can look at."""
    rank = list(Degree)
    return sorted(alike, key=lambda id_: (rank.index(degree_of(alike[id_])), id_))[:SHOWN_MOST]
