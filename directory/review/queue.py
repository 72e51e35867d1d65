"""The queue: which applications a clerk looks at, oldest first, and how many there are in each view."""

import re
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from directory.accounts.models import Account
from directory.applications.models import Application, ApplicationMark
from directory.applications.sent import folded
from directory.applications.states import OPEN, WITH_STAFF, State
from directory.members.marks import fold_number
from directory.members.vocab import MarkKind

PRIVATE = frozenset({State.DRAFT, State.EXPIRED})
"""States that staff never see: the applicant did not send it."""
AT_WORK = OPEN - PRIVATE
"""States of applications that somebody still has to do something about, be it the applicant."""


REFERENCE = re.compile(r"A-[0-9A-Z]{6}", re.IGNORECASE)


class View(StrEnum):
    """A view that every clerk finds in the queue. WITH_STAFF is the one it opens with."""

    WITH_STAFF = "with_staff"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    READY = "ready"
    WAITING = "waiting"
    OVERDUE = "overdue"
    ON_HOLD = "on_hold"
    ALL = "all"


@dataclass(frozen=True)
class Filters:
    """What the queue shows; blank: any.

    view: where it begins; state: then only these, of any view; assignee: `mine`, `unassigned` or the public id of an account;
    kind, country: as last sent; language: locale of the applicant; q: a whole reference, which is found whatever else is
    chosen, a mail address, a registration number, or part of a name in any spelling.
    """

    view: View = View.WITH_STAFF
    state: str = ""
    assignee: str = ""
    kind: str = ""
    country: str = ""
    language: str = ""
    q: str = ""


class Row(NamedTuple):
    """What the queue shows of an application by itself; the version stands for its moves and what it sent."""

    id: int
    reference: str
    version: int
    state: State
    locale: str
    name: str | None
    country: str | None
    kind: str | None
    due_on: date | None
    answer_by: date | None
    hold_until: date | None
    assignee: str | None


_SHOWN = (
    Application.id, Application.reference, Application.version, Application.state, Application.locale, Application.sent_name,
    Application.sent_country, Application.sent_kind, Application.due_on, Application.answer_by, Application.hold_until,
    func.coalesce(func.nullif(Account.name, ""), Account.email),
)  # fmt: skip


def search_applications(session: Session, filters: Filters, *, account: Account, today: date) -> "array[int]":
    """Return the row numbers of all applications that the queue holds, oldest first, counted from the first submission."""
    found = select(Application.id).where(*_conditions(filters, account, today))
    return array("q", session.scalars(found.order_by(Application.submitted_at, Application.id)))


def get_rows(session: Session, ids: Sequence[int]) -> list[Row]:
    """Return what the queue shows of some applications, in the order of their row numbers given."""
    rows = session.execute(select(*_SHOWN).outerjoin(Application.assignee).where(Application.id.in_(ids)))
    found = {row.id: row for row in map(Row._make, rows)}
    return [found[number] for number in ids if number in found]


def loader(session: Session, ids: Collection[int]) -> Callable[[int], Application]:
    """Return what finds one of some applications with its moves and what it sent; all are loaded when one is asked for."""

    @cache
    def loaded() -> dict[int, Application]:
        asked = select(Application).where(Application.id.in_(ids))
        rows = session.scalars(asked.options(selectinload(Application.moves), selectinload(Application.submissions)))
        return {row.id: row for row in rows}

    return lambda number: loaded()[number]


def count_views(session: Session, *, account: Account, today: date) -> Mapping[View, int]:
    """Count what each view but `ALL` holds for this account, by one statement."""
    conditions = {view: and_(*_view(view, account, today)) for view in View if view is not View.ALL}
    counted = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in conditions.values()]
    row = session.execute(
        select(*counted).where(Application.state.in_(sorted(AT_WORK)), Application.submitted_at.is_not(None))
    ).one()
    return dict(zip(conditions, (int(number) for number in row), strict=True))


def count_by_state(session: Session) -> dict[State, int]:
    """Count the applications that staff may see, by state."""
    rows = session.execute(
        select(Application.state, func.count()).where(Application.submitted_at.is_not(None)).group_by(Application.state)
    )
    return {State(state): count for state, count in rows}


def countries_of_applicants(session: Session) -> list[str]:
    """Return the codes of the countries or regions that applications came from, to choose from."""
    sent = select(Application.sent_country).where(Application.sent_country.is_not(None)).distinct()
    return sorted(code for code in session.scalars(sent) if code)


def _view(view: View, account: Account, today: date) -> Iterable[ColumnElement[bool]]:
    states = {
        View.MINE: AT_WORK,
        View.READY: {State.READY_FOR_DECISION},
        View.WAITING: {State.CHANGES_REQUESTED},
        View.ON_HOLD: {State.ON_HOLD},
    }
    if view is not View.ALL:
        yield Application.state.in_(sorted(states.get(view, WITH_STAFF)))
    if view is View.MINE:
        yield Application.assignee_id == account.id
    elif view is View.UNASSIGNED:
        yield Application.assignee_id.is_(None)
    elif view is View.OVERDUE:
        yield Application.due_on < today


def _conditions(filters: Filters, account: Account, today: date) -> Iterable[ColumnElement[bool]]:
    yield Application.submitted_at.is_not(None)
    if REFERENCE.fullmatch(filters.q):
        yield Application.reference == filters.q.upper()
        return
    if filters.state:
        yield Application.state == State(filters.state)
    else:
        yield from _view(filters.view, account, today)
    if filters.assignee == "mine":
        yield Application.assignee_id == account.id
    elif filters.assignee == "unassigned":
        yield Application.assignee_id.is_(None)
    elif filters.assignee:
        yield Application.assignee.has(Account.public_id == filters.assignee)
    for column, value in (
        (Application.sent_kind, filters.kind),
        (Application.sent_country, filters.country),
        (Application.locale, filters.language),
    ):
        if value:
            yield column == value
    if filters.q:
        yield or_(*_in_words(filters.q))


def _in_words(q: str) -> Iterable[ColumnElement[bool]]:
    """Yield what an application may be meant by."""
    wanted, number, address = folded(q), fold_number(q), q.casefold()
    if wanted:
        yield Application.sent_names.contains(wanted, autoescape=True)
    if "@" in q:
        yield Application.email == address
        yield Application.email_proved == address
    of_it = (ApplicationMark.kind == MarkKind.REGISTRATION, ApplicationMark.value == number)
    yield Application.id.in_(select(ApplicationMark.application_id).where(*of_it))
