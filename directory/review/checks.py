"""What the desk checks by itself before a person does: addresses that fit, and organisations that may be the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.applications.answers import part
from directory.applications.models import Application
from directory.applications.states import OPEN, State
from directory.applications.vocab import Step
from directory.i18n import lazy_gettext as _l
from directory.members.models import Member, MemberName, Registration
from directory.members.registers import Verdict, check_number
from directory.members.vocab import Standing
from directory.review import names
from directory.review.domains import is_same_house, mail_domain, website_domain
from directory.search.engine import Engine, Request

CANDIDATES = 20
APPLICATIONS_MAX = 1000


class Match(StrEnum):
    """Why two organisations may be one."""

    NAME = "name"
    WEBSITE = "website"
    REGISTRATION = "registration"


MATCH_LABELS = {
    Match.NAME: _l("the same name"),
    Match.WEBSITE: _l("the same website"),
    Match.REGISTRATION: _l("the same registration number"),
}


@dataclass(frozen=True)
class Twin:
    """A member (slug) or an open application (reference) that may be the same organisation, with the reasons."""

    name: str
    reasons: tuple[Match, ...]
    slug: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Number:
    """A registration number as given. verdict: what form and check digits tell; None: nothing, of a register unknown here."""

    scheme: str
    value: str
    verdict: Verdict | None


VERDICT_LABELS = {
    Verdict.GOOD: _l("form and check digits are right"),
    Verdict.PLAUSIBLE: _l("the form is right; these numbers have no check digits"),
    Verdict.DOUBTFUL: _l("the check digits are right, but the authority or court in it is not known"),
    Verdict.WRONG: _l("this cannot be such a number"),
    None: _l("nothing is known here of numbers of this register"),
}


@dataclass(frozen=True)
class Checks:
    """What was found. domains_fit: None where one of the two is not known."""

    email_proved: bool
    mail_domain: str
    website_domain: str
    domains_fit: bool | None
    twins: tuple[Twin, ...]
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True)
class _Marks:
    """What an organisation can be told by."""

    names: frozenset[str]
    website: str
    registrations: frozenset[str]

    def shared_with(self, other: "_Marks") -> tuple[Match, ...]:
        found = (
            (Match.NAME, bool(self.names & other.names)),
            (Match.WEBSITE, bool(self.website) and self.website == other.website),
            (Match.REGISTRATION, bool(self.registrations & other.registrations)),
        )
        return tuple(match for match, holds in found if holds)


def check(session: Session, application: Application, *, engine: Engine | None, locale: str) -> Checks:
    """Check an application. engine: finds members by name in other spellings; none: only equal spellings are found."""
    mail, site = mail_domain(application.email), names.website_of(application.sent_answers)
    own = _marks(application)
    twins = (*_members(session, application, own, engine, locale), *_applications(session, application, own))
    fits = is_same_house(mail, site) if mail and site else None
    return Checks(application.email_is_proved, mail, site, fits, twins, tuple(_numbers(application)))


def _numbers(application: Application) -> Iterator[Number]:
    seat = part(application.sent_answers, Step.SEAT)
    for row in seat.get("registrations") or ():
        if row.get("value"):
            scheme = row.get("scheme") or "other"
            yield Number(scheme, row["value"], check_number(scheme, row["value"], country=seat.get("country")))


def _marks(application: Application) -> _Marks:
    answers = application.sent_answers
    return _Marks(names.fold_names(names.names_of(answers)), names.website_of(answers), names.registrations_of(answers))


def _members(session: Session, application: Application, own: _Marks, engine: Engine | None, locale: str) -> Iterator[Twin]:
    given = names.names_of(application.sent_answers)
    where = [
        Member.id.in_(select(MemberName.member_id).where(func.lower(MemberName.name).in_({name.lower() for name in given}))),
        Member.id.in_(_found_by_search(given, engine, locale)),
        Member.standing != Standing.GOOD,
    ]
    if own.website:
        where.append(Member.website.contains(own.website, autoescape=True))
    if own.registrations:
        value = func.replace(func.replace(func.upper(Registration.value), " ", ""), "-", "")
        where.append(Member.id.in_(select(Registration.member_id).where(value.in_(own.registrations))))
    statement = (
        select(Member)
        .where(or_(*where), Member.id != (application.member_id or 0))
        .options(selectinload(Member.names), selectinload(Member.registrations))
        .order_by(Member.id)
    )
    for member in session.scalars(statement):
        theirs = _Marks(
            names.fold_names(n.name for n in member.names),
            website_domain(member.website),
            frozenset(names.fold_number(r.value) for r in member.registrations),
        )
        if reasons := own.shared_with(theirs):
            yield Twin(member.official_name.name, reasons, slug=member.slug)


def _found_by_search(given: Iterable[str], engine: Engine | None, locale: str) -> set[int]:
    if engine is None:
        return set()
    found: set[int] = set()
    for name in given:
        found |= set(engine.search(Request("member", locale, text=name, per_page=CANDIDATES)).ids)
    return found


def _applications(session: Session, application: Application, own: _Marks) -> Iterator[Twin]:
    states = sorted((OPEN - {State.DRAFT}) | {State.DUPLICATE})
    others = session.scalars(
        select(Application)
        .where(Application.state.in_(states), Application.id != application.id)
        .options(joinedload(Application.submissions))
        .order_by(Application.submitted_at)
        .limit(APPLICATIONS_MAX)
    )
    for other in others.unique():
        if reasons := own.shared_with(_marks(other)):
            name = next(iter(names.names_of(other.sent_answers)), other.reference)
            yield Twin(name, reasons, reference=other.reference)
