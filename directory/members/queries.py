"""Reading members. `visible` is the one rule of what the public sees; every public list goes through it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from directory.members.models import Member, Offering, OldSlug, Term
from directory.members.terms import oldest_public_end, state_of
from directory.members.vocab import Standing, TermState

NEWEST = 6


@dataclass(frozen=True)
class PublicCounts:
    """How many public members there are, in how many countries or regions, and how many offerings they have."""

    members: int
    countries: int
    offerings: int


def visible(today: date) -> ColumnElement[bool]:
    """Return THE visibility rule, for a statement over Member.

    Public is a published revision in good standing whose term is active, due or in grace on `today`.
    """
    term = and_(
        Term.member_id == Member.id,
        Term.starts_on <= today,
        or_(Term.ends_on.is_(None), Term.ends_on >= oldest_public_end(today)),
    )
    return and_(Member.published_revision.is_not(None), Member.standing == Standing.GOOD, exists().where(term))


def term_state(member: Member, today: date) -> TermState:
    """Say what the dates of a member's terms amount to on `today`."""
    return state_of(member.terms, today)


def get_visible(session: Session, slug: str, *, today: date) -> Member | None:
    """Return the public member at this address with all that its page shows, or None."""
    return session.scalar(select(Member).where(Member.slug == slug, visible(today)).options(*whole()))


def get_member(session: Session, slug: str) -> Member | None:
    """Return the member at this address whatever its standing, or None. For staff, and to say why a page is gone."""
    return session.scalar(select(Member).where(Member.slug == slug).options(*whole()))


def find_old_slug(session: Session, slug: str) -> str | None:
    """Return today's slug of the member that once had this one, or None."""
    return session.scalar(select(Member.slug).join(OldSlug, OldSlug.member_id == Member.id).where(OldSlug.slug == slug))


def load_cards(session: Session, ids: Sequence[int], *, today: date) -> list[Member]:
    """Return the public ones of these members, in this order, with names, summaries and offerings; a few queries."""
    if not ids:
        return []
    statement = select(Member).where(Member.id.in_(ids), visible(today)).options(*card())
    found = {member.id: member for member in session.scalars(statement)}
    return [found[id_] for id_ in ids if id_ in found]


def load_offerings(session: Session, ids: Sequence[int], *, today: date) -> list[Offering]:
    """Return those of these offerings whose member is public, in this order, each with its member's names."""
    if not ids:
        return []
    statement = (
        select(Offering)
        .join(Offering.member)
        .where(Offering.id.in_(ids), visible(today))
        .options(contains_eager(Offering.member).selectinload(Member.names), selectinload(Offering.texts))
    )
    found = {offering.id: offering for offering in session.scalars(statement)}
    return [found[id_] for id_ in ids if id_ in found]


def count_public(session: Session, *, today: date) -> PublicCounts:
    """Count what is public on `today`."""
    members = select(func.count(), func.count(Member.country.distinct())).select_from(Member).where(visible(today))
    offerings = select(func.count()).select_from(Offering).join(Offering.member).where(visible(today))
    count, countries = session.execute(members).one()
    return PublicCounts(count, countries, session.scalar(offerings) or 0)


def newest_members(session: Session, *, today: date, most: int = NEWEST) -> list[Member]:
    """Return the public members that signed last, newest first; then those that the announcement named, in its order."""
    public = select(Member).where(visible(today)).options(*card())
    signed = public.where(Member.joined_on.is_not(None)).order_by(Member.joined_on.desc(), Member.id.desc()).limit(most)
    found = list(session.scalars(signed))
    if len(found) < most:
        others = public.where(Member.joined_on.is_(None)).order_by(Member.named_order.is_(None), Member.named_order, Member.id)
        found += session.scalars(others.limit(most - len(found)))
    return found


def card() -> tuple[ORMOption, ...]:
    """Return what a card or a search document of a member needs, in a constant number of queries."""
    return (
        selectinload(Member.names),
        selectinload(Member.summaries),
        selectinload(Member.offerings).selectinload(Offering.texts),
    )


def whole() -> tuple[ORMOption, ...]:
    """Return all parts of an entry, in a constant number of queries."""
    parts = (Member.contact, Member.registrations, Member.claims, Member.sources, Member.signature, Member.terms)
    return (*card(), *(selectinload(part) for part in parts))
