"""The table of moves: each move, each absent move, who may make it, and what it writes."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.applications import services
from directory.applications.models import MoveMade
from directory.applications.states import MOVES, Move, State, Who
from directory.audit import Actor, AuditEvent
from directory.errors import NotAllowed, WrongStatus
from directory.mail import Letter, OutboxLetter
from tests.conftest import NOW
from tests.factories import add_application

ALLOWED = [(move, source) for move in MOVES.values() for source in sorted(move.sources)]
ABSENT = [(move, state) for move in MOVES.values() for state in State if state not in move.sources]
STRANGERS = [(move, who) for move in MOVES.values() for who in Who if who not in move.who]


S = State
DESIGN = {
    (S.DRAFT, S.SUBMITTED), (S.SUBMITTED, S.IN_REVIEW), (S.IN_REVIEW, S.READY_FOR_DECISION),
    (S.READY_FOR_DECISION, S.APPROVED), (S.READY_FOR_DECISION, S.REJECTED), (S.READY_FOR_DECISION, S.IN_REVIEW),
    (S.IN_REVIEW, S.CHANGES_REQUESTED), (S.CHANGES_REQUESTED, S.SUBMITTED), (S.IN_REVIEW, S.ON_HOLD), (S.ON_HOLD, S.IN_REVIEW),
    (S.IN_REVIEW, S.DUPLICATE), (S.SUBMITTED, S.REJECTED), (S.IN_REVIEW, S.REJECTED), (S.DUPLICATE, S.IN_REVIEW),
    (S.REJECTED, S.IN_REVIEW), (S.CHANGES_REQUESTED, S.LAPSED), (S.LAPSED, S.CHANGES_REQUESTED), (S.DRAFT, S.EXPIRED),
    (S.DRAFT, S.WITHDRAWN), (S.SUBMITTED, S.WITHDRAWN), (S.IN_REVIEW, S.WITHDRAWN), (S.CHANGES_REQUESTED, S.WITHDRAWN),
    (S.ON_HOLD, S.WITHDRAWN), (S.READY_FOR_DECISION, S.WITHDRAWN),
}  # fmt: skip
"""The life cycle as the design of the product has it, written down apart from the table."""


def test_table_is_that_of_the_design() -> None:
    assert {(source, move.target) for move in MOVES.values() for source in move.sources} == DESIGN


def _pass() -> None:
    """Refuse nothing."""


def _guards(move: Move) -> dict[str, Callable[[], None]]:
    return dict.fromkeys(move.guards, _pass)


def _letter(move: Move) -> Letter | None:
    return Letter(move.letter, "en", "Subject", "Body\n") if move.letter else None


@pytest.mark.parametrize(("move", "source"), ALLOWED, ids=lambda value: getattr(value, "name", value))
def test_move_writes_state_history_event_and_letter(session: Session, move: Move, source: State) -> None:
    application = add_application(session, state=source)
    application.rejection_code = "other"  # wanted by the table's check for what is rejected

    made = services.move(
        session, application, move.name, by=Actor("system"), by_account=None, who=move.who, guards=_guards(move), now=NOW,
        reason="why", letter=_letter(move),
    )  # fmt: skip
    session.commit()

    assert (application.state, application.state_since) == (move.target, NOW)
    assert [(m.name, m.source, m.target) for m in session.scalars(sa.select(MoveMade))] == [(move.name, source, move.target)]
    assert made.at == NOW
    event = session.scalars(sa.select(AuditEvent)).one()
    assert (event.action, event.subject_id) == (f"application.{move.name}", application.reference)
    assert {v.field: (v.old, v.new) for v in event.values} == {
        "reason": ("null", '"why"'),
        "state": (f'"{source}"', f'"{move.target}"'),
    }
    wanted = [(move.letter, "ana@proba.example")] if move.letter else []
    assert [(x.template, x.recipient) for x in session.scalars(sa.select(OutboxLetter))] == wanted


@pytest.mark.parametrize(("move", "state"), ABSENT, ids=lambda value: getattr(value, "name", value))
def test_absent_move_is_refused_and_writes_nothing(session: Session, move: Move, state: State) -> None:
    application = add_application(session, state=state)

    with pytest.raises(WrongStatus):
        services.move(
            session, application, move.name, by=Actor("system"), by_account=None, who=frozenset(Who), guards=_guards(move),
            now=NOW, letter=_letter(move),
        )  # fmt: skip

    assert application.state == state
    for table in (MoveMade, AuditEvent, OutboxLetter):
        assert session.scalars(sa.select(table)).all() == []


@pytest.mark.parametrize(("move", "who"), STRANGERS, ids=lambda value: getattr(value, "name", value))
def test_move_is_refused_to_who_may_not_make_it(session: Session, move: Move, who: Who) -> None:
    source = min(move.sources)
    application = add_application(session, state=source)

    with pytest.raises(NotAllowed):
        services.move(
            session, application, move.name, by=Actor("system"), by_account=None, who=frozenset({who}), guards=_guards(move),
            now=NOW, letter=_letter(move),
        )  # fmt: skip

    assert (application.state, application.moves) == (source, [])


@pytest.mark.parametrize(
    ("move", "guard"), [(m, g) for m in MOVES.values() for g in m.guards], ids=lambda v: getattr(v, "name", v)
)
def test_move_stops_at_each_guard(session: Session, move: Move, guard: str) -> None:
    def refuse() -> None:
        raise NotAllowed(guard)

    source = min(move.sources)
    application = add_application(session, state=source)

    with pytest.raises(NotAllowed, match=guard):
        services.move(
            session, application, move.name, by=Actor("system"), by_account=None, who=move.who,
            guards=_guards(move) | {guard: refuse}, now=NOW, letter=_letter(move),
        )  # fmt: skip

    assert (application.state, application.moves) == (source, [])


def test_move_without_a_guard_that_the_table_names_is_a_mistake(session: Session) -> None:
    application = add_application(session, state=State.READY_FOR_DECISION)

    with pytest.raises(LookupError, match="second_person"):
        services.move(
            session, application, "approve", by=Actor("system"), by_account=None, who=frozenset(Who),
            guards={"no_interest": _pass}, now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("letter", [None, Letter("rejected", "en", "Subject", "Body\n")])
def test_move_with_no_letter_or_another_is_a_mistake(session: Session, letter: Letter | None) -> None:
    application = add_application(session, state=State.IN_REVIEW)

    with pytest.raises(LookupError):
        services.move(
            session, application, "ask_for_changes", by=Actor("system"), by_account=None, who=frozenset(Who),
            guards={"has_points": _pass, "no_interest": _pass}, now=NOW, letter=letter,
        )  # fmt: skip


def test_move_writes_to_no_address_that_was_not_proved(session: Session) -> None:
    application = add_application(session, state=State.DRAFT, email_proved=None)

    services.withdraw(session, application, status_url="https://site.example/status", now=NOW)

    assert application.state == State.WITHDRAWN
    assert session.scalars(sa.select(OutboxLetter)).all() == []


def test_move_writes_to_the_address_last_proved_while_a_new_one_waits(session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED, email="new@proba.example")

    services.withdraw(session, application, status_url="https://site.example/status", now=NOW)

    assert session.scalars(sa.select(OutboxLetter.recipient)).all() == ["ana@proba.example"]
