"""One thing done to several applications at once: first an outlook, then each by itself, so that none keeps the others back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from directory.accounts.models import Account
from directory.applications import letter_texts
from directory.applications.models import Application, Interest
from directory.applications.states import MOVES
from directory.errors import Conflict, DirectoryError, Invalid, NotAllowed, WrongStatus
from directory.mail import Letter
from directory.review import closing, rules, services
from directory.review.amending import Amendment
from directory.review.services import NewPoint

TOGETHER_MAX = 50


class Deed(StrEnum):
    """What can be done to several at once. The values of the last three are names of moves."""

    ASSIGN = "assign"
    HOLD = "hold"
    ASK = "ask_for_changes"
    SPAM = "put_aside_as_spam"


@dataclass(frozen=True)
class Chosen:
    """An application as the clerk saw it. amendment: its letter as the clerk changed it, if they did."""

    reference: str
    seen_version: int
    amendment: Amendment | None = None


@dataclass(frozen=True)
class Order:
    """What is to be done. to: for ASSIGN, none: nobody; until, reason: for HOLD; point, answer_by, words: for ASK.

    words: what is added to the point in free words, by the language of the applicant.
    """

    deed: Deed
    to: Account | None = None
    until: date | None = None
    reason: str = ""
    point: NewPoint | None = None
    answer_by: date | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def points(self, application: Application) -> list[NewPoint]:
        """What this applicant is asked, with the words in their language."""
        return [replace(self.point, words=self.words.get(application.locale, ""))] if self.point else []


@dataclass(frozen=True)
class Outlook:
    """What would come of it for one application. why_not: code of what stands against it, or nothing; letter: what would go."""

    application: Application
    seen_version: int
    why_not: str = ""
    letter: Letter | None = None


Link = Callable[[Application], str]


def may_do(deed: Deed, account: Account) -> bool:
    """Say whether the account's roles let it do this at all."""
    if deed is Deed.ASSIGN:
        return rules.may_write(account)
    return bool(MOVES[deed].who & rules.roles_as_who(account))


def get_languages(session: Session, chosen: Sequence[Chosen]) -> list[str]:
    """Return the languages of the applicants who could be asked, each once."""
    references, states = [one.reference for one in chosen], sorted(MOVES[Deed.ASK].sources)
    sent = Application.reference.in_(references), Application.submitted_at.is_not(None), Application.state.in_(states)
    return sorted(session.scalars(select(Application.locale).where(*sent).distinct()))


def foresee(session: Session, chosen: Sequence[Chosen], order: Order, *, by: Account, status_url: Link) -> list[Outlook]:
    """Say of each application what would come of the order, in the order chosen; nothing is changed.

    An order without its details (`to` apart) is looked at for its state and roles alone. status_url: makes the address that
    the letter names. What is not there any more is left out.
    """
    found = {row.reference: row for row in _load(session, chosen)}
    with letter_texts.at_hand(session):
        return [_outlook(found[one.reference], one, order, by, status_url) for one in chosen if one.reference in found]


def carry_out(
    session: Session, chosen: Sequence[Chosen], order: Order, *, by: Account, status_url: Link, now: datetime
) -> tuple[list[str], list[str]]:
    """Do it to each application that still is as it was seen; return the references of those done and of those left alone.

    The caller commits: what was done counts together, each with its event and its letter.
    """
    done: list[str] = []
    left: list[str] = []
    for application, one in _with_chosen(session, chosen):
        try:
            with session.begin_nested():
                _do(session, application, one, order, by=by, status_url=status_url, now=now)
        except (DirectoryError, StaleDataError):
            left.append(one.reference)
        else:
            done.append(one.reference)
    return done, left


def _with_chosen(session: Session, chosen: Sequence[Chosen]) -> Iterator[tuple[Application, Chosen]]:
    """In the order of their rows, so that two clerks never wait for each other."""
    seen = {one.reference: one for one in chosen}
    for row in _load(session, chosen):
        yield row, seen[row.reference]


def _load(session: Session, chosen: Sequence[Chosen]) -> Sequence[Application]:
    return session.scalars(
        select(Application)
        .where(Application.reference.in_([one.reference for one in chosen]), Application.submitted_at.is_not(None))
        .options(
            joinedload(Application.assignee),
            selectinload(Application.moves),
            selectinload(Application.submissions),
            selectinload(Application.points),
            selectinload(Application.people),
            selectinload(Application.interests).joinedload(Interest.account),
        )
        .order_by(Application.id)
    ).all()


def _outlook(application: Application, one: Chosen, order: Order, by: Account, status_url: Link) -> Outlook:
    try:
        rules.require_seen(application, one.seen_version)
        rules.require_no_interest(application, by)
        if order.deed is Deed.ASSIGN:
            rules.require_may_be_given(application, order.to)
        else:
            rules.require_move(application, order.deed, by)
    except Conflict:
        return Outlook(application, one.seen_version, "changed")
    except WrongStatus:
        return Outlook(application, one.seen_version, "state")
    except NotAllowed as refusal:
        return Outlook(application, one.seen_version, refusal.reason)
    letter = None
    if order.deed is Deed.ASK and order.point and order.answer_by:
        link = status_url(application)
        letter = services.letter_of_points(
            application, points=order.points(application), answer_by=order.answer_by, status_url=link
        )
    return Outlook(application, one.seen_version, letter=letter)


def _do(
    session: Session, application: Application, one: Chosen, order: Order, *, by: Account, status_url: Link, now: datetime
) -> None:
    seen_version = one.seen_version
    if order.deed is Deed.ASSIGN:
        services.assign(session, application, by=by, to=order.to, seen_version=seen_version, now=now)
    elif order.deed is Deed.SPAM:
        closing.put_aside_as_spam(session, application, by=by, seen_version=seen_version, now=now)
    elif order.deed is Deed.HOLD and order.until:
        services.hold(session, application, by=by, until=order.until, reason=order.reason, seen_version=seen_version, now=now)
    elif order.deed is Deed.ASK and order.point and order.answer_by:
        services.ask_for_changes(
            session, application, by=by, points=order.points(application), answer_by=order.answer_by,
            status_url=status_url(application), seen_version=seen_version, now=now, amendment=one.amendment,
        )  # fmt: skip
    else:
        raise Invalid("deed", "details")
