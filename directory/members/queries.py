"""Reading members. `visible` is the one rule of what the public sees; every public list goes through it."""

from datetime import date

from sqlalchemy import BindParameter, ColumnElement, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from directory.members.models import Member, Merge, Offering, OldSlug, Term
from directory.members.terms import oldest_public_end, state_of
from directory.members.vocab import Standing, TermState


def visible(today: date) -> ColumnElement[bool]:
    """Return THE visibility rule, for a statement over Member.

    Public is a published revision in good standing whose term is active, due or in grace on `today`.
    """
    return visible_between(today, oldest_public_end(today))


def visible_between(today: date | BindParameter[date], oldest_end: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the rule for a statement that is made once: oldest_end is `oldest_public_end(today)`."""
    term = and_(Term.member_id == Member.id, Term.starts_on <= today, or_(Term.ends_on.is_(None), Term.ends_on >= oldest_end))
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
    """Return today's slug of the member that once had this one, or that a member of this one was merged into, or None."""
    renamed = select(OldSlug.member_id.label("id")).where(OldSlug.slug == slug)
    merged = select(Merge.member_id).join(Member, Member.id == Merge.member_id).where(Member.slug == slug)
    owner = union_all(renamed, merged).subquery()
    heir = func.coalesce(Merge.into_id, owner.c.id)
    found = select(Member.slug).select_from(owner).outerjoin(Merge, Merge.member_id == owner.c.id).join(Member, Member.id == heir)
    return session.scalar(found)


def newest_ids(session: Session, *, today: date, most: int) -> list[int]:
    """Return row numbers of the public members that signed last, newest first; then of those that the announcement named."""
    public = select(Member.id).where(visible(today))
    signed = public.where(Member.joined_on.is_not(None)).order_by(Member.joined_on.desc(), Member.id.desc()).limit(most)
    found = list(session.scalars(signed))
    if len(found) < most:
        others = public.where(Member.joined_on.is_(None)).order_by(Member.named_order.is_(None), Member.named_order, Member.id)
        found += session.scalars(others.limit(most - len(found)))
    return found


def whole() -> tuple[ORMOption, ...]:
    """Return all parts of an entry, in a constant number of queries."""
    parts = (Member.contact, Member.registrations, Member.claims, Member.sources, Member.signature, Member.terms)
    texts = (Member.names, Member.summaries)
    return (*(selectinload(part) for part in (*texts, *parts)), selectinload(Member.offerings).selectinload(Offering.texts))
