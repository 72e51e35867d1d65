"""Reading members for staff: all of them, whatever their standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.accounts.queries import LastEvent, last_event
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.members.models import EntryRevision, Member, MemberName, Merge, Term
from directory.members.vocab import MERGED, STANDING_LABELS, Kind, NameKind, Standing
from directory.web.paging import Page

PER_PAGE = 50


class Age(StrEnum):
    """How long ago an organisation last confirmed its entry. The two in months count all that is older."""

    NEVER = "never"
    YEAR = "12"
    TWO_YEARS = "24"


class Sort(StrEnum):
    """Orders of the desk's list; by address unless one is asked for.

    The address, which stands below the name, has an index and is in Latin letters, whatever script a name is in. An order by
    name would need a column with a sort key for each locale: neither database orders scripts as their readers do.
    """

    CONFIRMED = "confirmed"


AGE_LABELS = {
    Age.NEVER: _l("Never confirmed"),
    Age.YEAR: _l("Confirmed more than 12 months ago"),
    Age.TWO_YEARS: _l("Confirmed more than 24 months ago"),
}
SORT_LABELS = {"": _lp("order of a list", "Address"), Sort.CONFIRMED: _lp("order of a list", "Longest not confirmed")}
STANDING_CHOICES: Mapping[str, Any] = {
    **{str(one): label for one, label in STANDING_LABELS.items()},
    MERGED: _lp("standing of a member", "Merged"),
}
"""What the list can be narrowed to: mergers are ends of their own kind."""


@dataclass(frozen=True)
class DeskFilters:
    """Which members the desk lists, and how; blank: all, by address. ids: only these, none for all.

    standing: one of STANDING_CHOICES; age: one of Age; sort: one of Sort.
    """

    q: str = ""
    standing: str = ""
    age: str = ""
    sort: str = ""
    ids: frozenset[int] | None = None


class Row(NamedTuple):
    """What the desk's list shows of a member. tag, name: the official one; last_day: of its terms that have begun."""

    id: int
    slug: str
    kind: Kind
    country: str | None
    standing: Standing
    standing_reason: str
    demonstration: bool
    confirmed_on: date | None
    tag: str
    name: str
    last_day: date | None


_member, _name, _term = Member.__table__.c, MemberName.__table__.c, Term.__table__.c
_begun = (_term.member_id == _member.id, _term.starts_on <= bindparam("today", type_=Date()))
_ROWS = (
    select(
        _member.id, _member.slug, _member.kind, _member.country, _member.standing, _member.standing_reason, _member.demonstration,
        _member.confirmed_on, _name.tag, _name.name,
        select(func.max(func.coalesce(_term.ends_on, date.max))).where(*_begun).scalar_subquery(),
    )
    .join_from(Member.__table__, MemberName.__table__, and_(_name.member_id == _member.id, _name.kind == NameKind.OFFICIAL))
    .where(_member.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip
_PLAIN = select(Member).where(Member.slug == bindparam("slug")).options(joinedload(Member.terms))
_revision = EntryRevision.__table__.c
_REVISIONS = (
    select(_revision.number, _revision.published_at, _revision.note)
    .where(_revision.member_id == bindparam("member"))
    .order_by(_revision.number.desc())
)
"""Statements put together once: that takes as long as running one."""


def find_page(session: Session, filters: DeskFilters, *, page: int, today: date) -> Page[int]:
    """Return the row numbers on one page of members, suspended, resigned and ended ones too."""
    where, start = _conditions(filters, today), (page - 1) * PER_PAGE
    order = [Member.confirmed_on.asc().nulls_first()] if filters.sort else []
    ids = select(Member.id).where(*where).order_by(*order, Member.slug)
    if filters.q:  # every name is looked through, so once must do for the page and for the total
        found = session.scalars(ids).all()
        return Page(found[start : start + PER_PAGE], page, len(found), PER_PAGE)
    total = session.scalar(select(func.count()).select_from(Member).where(*where)) or 0
    return Page(session.scalars(ids.offset(start).limit(PER_PAGE)).all(), page, total, PER_PAGE)


def get_rows(session: Session, ids: Sequence[int], *, today: date) -> list[Row]:
    """Return what the desk's list shows of some members, in the order of their row numbers given."""
    rows = session.connection().execute(_ROWS, {"ids": list(ids), "today": today})
    found = {row.id: row for row in map(Row._make, rows)}
    return [found[number] for number in ids if number in found]


def count_by_age(session: Session, *, today: date) -> dict[Age, int]:
    """Count the members in good standing by the age of their last confirmation."""
    counts = [func.count(case((_is_of(age, today), 1))) for age in Age]
    row = session.execute(select(*counts).select_from(Member).where(Member.standing == Standing.GOOD)).one()
    return dict(zip(Age, row, strict=True))


def get_plain(session: Session, slug: str) -> Member | None:
    """Return the member at this address and its terms, without the parts of its entry, which are loaded when asked for."""
    return session.scalars(_PLAIN, {"slug": slug}).unique().one_or_none()


def heirs(session: Session) -> frozenset[int]:
    """Return the row numbers of all members that others were merged into."""
    return frozenset(session.scalars(select(Merge.into_id).distinct()))


def list_merged(session: Session, member: Member) -> list[Member]:
    """Return the members that were merged into this one, with their names."""
    statement = select(Member).join(Merge, Merge.member_id == Member.id).where(Merge.into_id == member.id)
    return list(session.scalars(statement.options(selectinload(Member.names)).order_by(Merge.at)))


def get_revisions(session: Session, member: Member) -> Sequence[Any]:
    """Return (number, published_at, note) of the published states of an entry, newest first."""
    return session.connection().execute(_REVISIONS, {"member": member.id}).all()


def get_state(session: Session, member: Member, number: int) -> Sequence[EntryRevision]:
    """Return the published state of this number and, if there is one, that before it; nothing where there is no such state."""
    statement = select(EntryRevision).where(EntryRevision.member_id == member.id, EntryRevision.number <= number)
    found = session.scalars(statement.order_by(EntryRevision.number.desc()).limit(2)).all()
    return found if found and found[0].number == number else ()


def get_last_event(session: Session, member: Member) -> LastEvent | None:
    """Return the last event about a member, to tell a second clerk what happened meanwhile."""
    return last_event(session, ("member", member.slug))


def _is_of(age: Age, today: date) -> ColumnElement[bool]:
    if age is Age.NEVER:
        return Member.confirmed_on.is_(None)
    return Member.confirmed_on < _years_before(today, int(age) // 12)


def _years_before(day: date, years: int) -> date:
    """Return the same day some years earlier; for 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _conditions(filters: DeskFilters, today: date) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filters.q:
        spellings = set() if filters.q.isascii() else {filters.q, filters.q.lower(), filters.q.upper(), filters.q.title()}
        names = [func.lower(MemberName.name).contains(filters.q.lower(), autoescape=True)]
        names += [MemberName.name.contains(text, autoescape=True) for text in sorted(spellings)]
        by_name = Member.id.in_(select(MemberName.member_id).where(or_(*names)))
        where.append(or_(Member.slug.contains(filters.q.lower(), autoescape=True), by_name))
    if filters.standing:
        is_merged = filters.standing == MERGED
        where.append(Member.standing == (Standing.ENDED if is_merged else Standing(filters.standing)))
        if is_merged or filters.standing == Standing.ENDED:
            where.append(Member.standing_reason == MERGED if is_merged else Member.standing_reason != MERGED)
    if filters.age:
        where.append(_is_of(Age(filters.age), today))
    if filters.ids is not None:
        where.append(Member.id.in_(filters.ids))
    return where
