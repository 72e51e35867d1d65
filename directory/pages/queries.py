"""What the site's own pages read: signatories in order of signing, addresses for the sitemap, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from directory.initiative.models import Term
from directory.initiative.queries import categories, category_groups
from directory.members.models import Member
from directory.members.queries import visible
from directory.search.engine import NOT_STATED, Engine, Request
from directory.web.paging import Page

SIGNATORIES_PER_PAGE = 100


@dataclass(frozen=True)
class Figures:
    """How large the directory is."""

    members: int
    countries: int
    offerings: int


@dataclass(frozen=True)
class Way:
    """A group of service categories that somebody offers. categories: the offered ones with their number of members."""

    group: Term
    categories: tuple[tuple[Term, int], ...]


def count_all(engine: Engine, *, locale: str) -> tuple[Figures, list[Way]]:
    """Count members, countries and offerings, and members for each category that somebody offers.

    Raises SearchUnavailable while there is no index to ask.
    """
    members = engine.search(Request("member", locale, per_page=1))
    offerings = engine.search(Request("offering", locale, per_page=1))
    countries = sum(1 for code, n in members.counts.get("country", {}).items() if n and code != NOT_STATED)
    offered = members.counts.get("category", {})
    ways = []
    groups = category_groups()
    for slug, group in groups.terms.items():
        own = [term for term in categories().terms.values() if groups.resolve(term.group or "") == slug and not term.successor]
        found = [(term, offered[term.slug]) for term in own if offered.get(term.slug)]
        if found:
            ways.append(Way(group, tuple(found)))
    return Figures(members.total, countries, offerings.total), ways


def list_signatories(session: Session, *, number: int, today: date) -> Page[Member]:
    """Return one page of the public members in order of signing: those the announcement names, in its order, then by date."""
    order = (Member.named_on.is_(None), Member.named_on, Member.named_order, Member.joined_on, Member.id)
    total = session.scalar(select(func.count()).select_from(Member).where(visible(today))) or 0
    statement = (
        select(Member)
        .where(visible(today))
        .options(selectinload(Member.names), selectinload(Member.signature))
        .order_by(*order)
        .limit(SIGNATORIES_PER_PAGE)
        .offset((number - 1) * SIGNATORIES_PER_PAGE)
    )
    return Page(session.scalars(statement).all(), number, total, SIGNATORIES_PER_PAGE)


def count_visible(session: Session, *, today: date) -> int:
    """Count the public members."""
    return session.scalar(select(func.count()).select_from(Member).where(visible(today))) or 0


def list_addresses(session: Session, *, first: int, most: int, today: date) -> Sequence[tuple[str, datetime]]:
    """Return (slug, last change) of public members, `most` of them after the first `first`, oldest entry first."""
    statement = select(Member.slug, Member.updated_at).where(visible(today)).order_by(Member.id).limit(most).offset(first)
    return [(slug, changed) for slug, changed in session.execute(statement)]
