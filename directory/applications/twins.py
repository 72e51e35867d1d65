"""Organisations that may be the applicant's: members that the applicant is asked about, and candidates that staff see.

The applicant is asked about public members only; of all others, and of other applications, nothing is said to them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Row, literal, select, union_all
from sqlalchemy.orm import Session, selectinload

from directory import audit
from directory.applications.answers import Answers, part
from directory.applications.models import Application, ApplicationMark
from directory.applications.states import EDITABLE, OPEN, State
from directory.applications.vocab import Step
from directory.audit import Actor
from directory.errors import Invalid, WrongStatus
from directory.members.alike import Alike, Degree, Match, degree_of, find_alike, find_alike_in
from directory.members.marks import Mark, mark_rows, marks_of, website_domain
from directory.members.models import Member, MemberMark, MemberName
from directory.members.queries import visible
from directory.members.vocab import NameKind

KEY = "twins"
"""where `Application.answers` keeps what the applicant said about members that may be the same"""
MEMBER, APPLICATION = "member", "application"
_DEGREES = list(Degree)
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


class Told(NamedTuple):
    """What an organisation that applies can be told by. application, member: row numbers that are its own.

    same, denied: slugs of members that the applicant says it is, or is not.
    """

    application: int
    member: int | None
    marks: frozenset[Mark]
    same: str
    denied: tuple[str, ...]

    def word_of(self, slug: str) -> str:
        """Return what the applicant says of a member."""
        return "same" if slug == self.same else "denied" if slug in self.denied else ""


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


def told_by(application: Application) -> Told:
    """Return what the organisation of an application can be told by, as last sent."""
    answers = application.sent_answers
    said = _said(answers)
    denied = tuple(said.get("denied") or ())
    return Told(application.id, application.member_id, _marks(answers), str(said.get("same") or ""), denied)


def twins_of(session: Session, told: Told) -> tuple[Twin, ...]:
    """Return members in any standing and other sent applications that may be the same, what is likeliest first; for staff."""
    alike = find_alike_in(session, (MemberMark.member_id, ApplicationMark.application_id), told.marks)
    members, applications = _but(told.member, alike[0]), _but(told.application, alike[1])
    if not members and not applications:
        return ()
    of_members, of_applications = [], []
    for what, id_, address, name in _named(session, members, applications):
        if what == MEMBER:
            of_members.append(Twin(name, members[id_], slug=address, said=told.word_of(address)))
        else:
            of_applications.append(Twin(name or address, applications[id_], reference=address))
    return tuple(sorted((*_likeliest(of_members), *_likeliest(of_applications)), key=_rank))


def ask_about(session: Session, application: Application, *, today: date) -> list[Member]:
    """Return the public members that the applicant should be asked about, with their names."""
    if application.state != State.DRAFT:
        return []
    alike = find_alike(session, MemberMark.member_id, _marks(application.answers))
    denied = _said(application.answers).get("denied") or []
    statement = (
        select(Member)
        .where(Member.id.in_(alike), visible(today), Member.slug.not_in(denied))
        .options(selectinload(Member.names))
        .order_by(Member.id)
    )
    return sorted(session.scalars(statement), key=lambda member: _DEGREES.index(degree_of(alike[member.id])))[:ASKED_MOST]


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


def _but(own: int | None, alike: Alike) -> Alike:
    return {id_: reasons for id_, reasons in alike.items() if id_ != own}


def _named(session: Session, members: Collection[int], applications: Collection[int]) -> list[Row[str, int, str, str]]:
    """Return (what it is, row number, slug or reference, name) of members, and of the applications that count."""
    official = select(literal(MEMBER), Member.id, Member.slug, MemberName.name).join(Member.names)
    sent = select(literal(APPLICATION), Application.id, Application.reference, Application.sent_name)
    rows: CompoundSelect[str, int, str, str] = union_all(
        official.where(Member.id.in_(members), MemberName.kind == NameKind.OFFICIAL),
        sent.where(Application.id.in_(applications), Application.state.in_(sorted(COMPARED))),
    )
    return sorted(session.execute(rows), key=lambda row: row[1])


def _likeliest(twins: Iterable[Twin]) -> list[Twin]:
    """Return those for which most speaks, as many as a clerk can look at."""
    return sorted(twins, key=_rank)[:SHOWN_MOST]


def _rank(twin: Twin) -> int:
    return _DEGREES.index(twin.degree)
