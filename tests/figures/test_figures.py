"""Figures of the desk: right against a recount of random histories, and readable without the drawings."""

import csv
import random
import statistics
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications.models import Application, Message, MoveMade, Submission
from directory.applications.states import MOVES, OPEN, RejectionCode, State
from directory.audit import SYSTEM, record
from directory.db import db
from directory.errors import WrongStatus
from directory.figures import queries
from directory.figures.charts import columns, lines, rows
from directory.figures.measures import Reached, Span, by_age, by_month, month_ends, times
from directory.figures.tables import figures
from directory.figures.vocab import Outcome
from directory.members import services as members
from directory.members.entry import NewMember
from directory.members.interchange import as_new_member
from directory.members.models import Member
from tests.conftest import NOW
from tests.factories import add_member, full_answers
from tests.page import Visitor
from tests.review.cases import add_application

SignIn = Callable[..., Visitor]
SPAN = Span(date(2026, 1, 15), date(2026, 6, 20))
BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
STAFF_MOVES = ("take", "ask_for_changes", "hold", "resume", "recommend", "send_back", "approve", "reject", "put_aside_as_spam",
               "mark_duplicate", "reopen")  # fmt: skip


def add_history(session: Session, chance: random.Random, clerk: int | None = None) -> None:
    """Store an application that went its way through the table of moves, at random times, with messages to and fro."""
    at = BEGIN + timedelta(minutes=chance.randrange(300 * 24 * 60))
    answers = full_answers(seat={"country": chance.choice(["RS", "DE", "CN", None])})
    answers["organisation"]["kind"] = chance.choice(["institution", "enterprise"])
    application = Application(
        reference=f"A-{chance.getrandbits(40):010X}", state=State.SUBMITTED, locale="en", answers={}, created_at=at,
        updated_at=at, submitted_at=at, state_since=at, rejection_code=RejectionCode.OTHER,
    )  # fmt: skip
    application.submissions = [
        Submission(number=1, answers={"seat": {"country": "FR"}}, at=at),
        Submission(number=2, answers=answers, at=at),
    ]
    for _ in range(chance.randrange(9)):
        open_moves = [MOVES[name] for name in STAFF_MOVES if application.state in MOVES[name].sources]
        if not open_moves:
            break
        move = chance.choice(open_moves)
        at += timedelta(minutes=chance.randrange(30 * 24 * 60))
        application.moves.append(MoveMade(name=move.name, source=application.state, target=move.target, at=at))
        application.state = move.target
    for _ in range(chance.choice([0, 0, 1, 2]) if clerk else 0):
        written = application.submitted_at + timedelta(minutes=chance.randrange(90 * 24 * 60))
        writer = {"by_id": clerk} if chance.random() < 0.5 else {"person": 1}
        application.messages.append(Message(**writer, at=written, words="About the papers."))
    session.add(application)


def add_histories(session: Session, seed: int, number: int) -> None:
    """Store so many of them and nothing else, in a transaction that the test rolls back."""
    session.rollback()
    for table in ("move_made", "message", "submission", "application"):
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (names of ours)
    chance, clerk = random.Random(seed), Account(email="ana@staff.example", created_at=NOW)
    session.add(clerk)
    session.flush()
    for _ in range(number):
        add_history(session, chance, clerk.id)
    session.flush()


def _renamed(member: Member) -> NewMember:
    return replace(as_new_member(member), slug="renamed")


TIMES = "SELECT application_id, name, at, id FROM move_made"
WRITTEN = " UNION ALL SELECT application_id, 'message', at, id FROM message WHERE by_id IS NOT NULL"


def _sent(session: Session) -> dict[int, tuple[str, str]]:
    """Give (country, kind) of each application as it was last sent."""
    rows = session.scalars(db.select(Submission).order_by(Submission.number))
    return {
        r.application_id: (r.answers["seat"]["country"] or "", r.answers.get("organisation", {}).get("kind", "")) for r in rows
    }


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)


def _is_within(at: datetime) -> bool:
    return SPAN.first <= at.date() <= SPAN.last


def recount(session: Session, names: tuple[str, ...]) -> list[tuple[float, str, str]]:
    """Give (days, country, kind) of the first of these that happened in the span, by plain SQL and a plain walk."""
    rows = session.execute(
        text(
            f"SELECT a.id, a.submitted_at, m.name, m.at FROM application a JOIN ({TIMES}{WRITTEN}) m ON m.application_id = a.id"  # noqa: S608 (texts of ours)
            " ORDER BY a.id, m.at, m.id"
        )
    ).all()
    sent = _sent(session)
    found, seen = [], set()
    for id_, submitted_at, name, at in rows:
        if name not in names or id_ in seen:
            continue
        seen.add(id_)
        if _is_within(_moment(at)):
            days = round((_moment(at) - _moment(submitted_at)).total_seconds() / 86400, 6)
            found.append((days, *sent[id_]))
    return sorted(found)


def spread(days: list[float]) -> tuple[float, float] | None:
    """Give the median, and the shortest time in which nine of ten were through."""
    if not days:
        return None
    return statistics.median(days), min(one for one in days if 10 * sum(other <= one for other in days) >= 9 * len(days))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), number=st.integers(0, 40))
def test_times_and_decisions_agree_with_a_recount(session: Session, seed: int, number: int) -> None:
    add_histories(session, seed, number)

    answers, decisions = queries.first_answers(session, SPAN), queries.first_decisions(session, SPAN)
    made = queries.outcomes(session, SPAN)

    decided = ("approve", "reject", "mark_duplicate")
    for found, names in ((answers, (*decided, "ask_for_changes", "message")), (decisions, decided)):
        counted_anew = recount(session, names)
        assert sorted((round(one.days, 6), one.country, one.kind) for one in found) == counted_anew
        told = times(found)
        assert told.number == len(counted_anew)
        assert ((told.median, told.most) if found else None) == pytest.approx(
            spread([days for days, _c, _k in counted_anew]), abs=1e-5
        )
    all_moves = session.scalars(db.select(MoveMade)).all()
    counted = [
        (m.name, m.at) for m in all_moves if m.name in {*decided, "put_aside_as_spam"} and SPAN.first <= m.at.date() <= SPAN.last
    ]
    assert sorted((str(outcome), at) for outcome, at in made) == sorted(counted)
    session.rollback()


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), number=st.integers(0, 40))
def test_what_waits_and_what_came_in_agree_with_a_recount(session: Session, seed: int, number: int) -> None:
    add_histories(session, seed, number)

    waiting = queries.waiting(session)
    came, approved = queries.received(session, SPAN), queries.approved(session, SPAN)

    closed = ("approved", "rejected", "duplicate", "withdrawn", "lapsed", "draft")
    rows = session.execute(text("SELECT id, state, submitted_at FROM application")).all()
    sent = _sent(session)
    assert sorted(map(tuple, waiting)) == sorted((r.state, _moment(r.submitted_at)) for r in rows if r.state not in closed)
    assert sorted(map(tuple, came)) == sorted(sent[r.id] for r in rows if _is_within(_moment(r.submitted_at)))
    moves = session.execute(text("SELECT application_id, at FROM move_made WHERE name = 'approve'")).all()
    assert sorted(map(tuple, approved)) == sorted(sent[m.application_id] for m in moves if _is_within(_moment(m.at)))
    session.rollback()


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), number=st.integers(0, 40))
def test_columns_agree_with_a_recount_day_by_day(session: Session, seed: int, number: int) -> None:
    add_histories(session, seed, number)
    now = BEGIN + timedelta(days=330)

    aged = by_age(queries.waiting(session), now=now)
    months = by_month(queries.outcomes(session, SPAN), SPAN)

    rows = session.execute(text("SELECT state, submitted_at FROM application")).all()
    ages = [(r.state, _weekdays_after(_moment(r.submitted_at).date(), now.date())) for r in rows if r.state in OPEN]
    within = ((0, 2), (3, 5), (6, 10), (11, 10**6))
    assert {state: counts for state, counts in aged.items() if any(counts)} == {
        state: tuple(sum(low <= age <= high for own, age in ages if own == state) for low, high in within)
        for state in {own for own, _age in ages}
    }
    made = session.execute(text("SELECT name, at FROM move_made")).all()
    assert [month for month, _counts in months] == [date(2026, month, 1) for month in range(1, 7)]
    for month, counts in months:
        days = [_moment(m.at).date() for m in made if m.name in set(Outcome) and SPAN.first <= _moment(m.at).date() <= SPAN.last]
        assert sum(counts.values()) == sum(day.month == month.month for day in days)
    session.rollback()


def _weekdays_after(first: date, last: date) -> int:
    day, found = first, 0
    while day < last:
        day += timedelta(days=1)
        found += day.isoweekday() <= 5
    return found


def add_membership(session: Session, chance: random.Random) -> Callable[[date], bool]:
    """Store a member that comes, goes and comes back at random; return what tells whether it was shown at the end of a day."""
    joined = BEGIN.date() + timedelta(days=chance.randrange(200))
    ends = joined + timedelta(days=chance.randrange(150)) if chance.random() < 0.5 else None
    member = add_member(session, joined_on=joined, term_ends_on=ends)
    stands = [(BEGIN - timedelta(days=1), True)]
    at = BEGIN + timedelta(days=chance.randrange(60))
    for _ in range(chance.randrange(6)):
        if stands[-1][1]:
            change = chance.choice([members.suspend, members.suspend, members.resign, members.end])
        else:
            change = chance.choice([members.restore, members.end])
        try:
            change(session, member, by=SYSTEM, reason="as chance had it", seen_version=member.version, now=at)
        except WrongStatus:
            continue
        stands.append((at, change is members.restore))
        at += timedelta(minutes=chance.randrange(60 * 24 * 60))
    session.commit()

    def was_shown(day: date) -> bool:
        is_listed = [listed for moment, listed in stands if moment.date() <= day][-1]
        return is_listed and joined <= day and (ends is None or day <= ends + timedelta(days=60))

    return was_shown


@pytest.mark.parametrize("seed", range(4))
def test_members_over_time_agree_with_a_recount(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    shown = [add_membership(session, chance) for _ in range(12)]
    days = [BEGIN.date() + timedelta(days=days) for days in range(0, 330, 5)]

    counts = queries.members_on(session, days)

    assert counts == [sum(was_shown(day) for was_shown in shown) for day in days]
    assert {True, False} <= {before < after for before, after in pairwise(counts) if before != after}  # some came, some left


def test_a_message_of_staff_is_a_first_answer_and_one_of_the_applicant_is_none(session: Session) -> None:
    one, two = (add_application(session, state=State.IN_REVIEW, now=datetime(2026, 3, 2, tzinfo=UTC)) for _ in range(2))
    clerk = Account(email="ana@staff.example", created_at=NOW)
    session.add(clerk)
    session.flush()
    one.messages.append(Message(by_id=clerk.id, at=datetime(2026, 3, 5, tzinfo=UTC), words="Which register?"))
    two.messages.append(Message(person=1, at=datetime(2026, 3, 4, tzinfo=UTC), words="How long does it take?"))
    session.commit()

    assert [answer.at for answer in queries.first_answers(session, SPAN)] == [datetime(2026, 3, 5, tzinfo=UTC)]


def test_members_are_counted_as_they_stood_on_each_day(session: Session) -> None:
    add_member(session, joined_on=date(2026, 1, 20))
    add_member(session, joined_on=date(2026, 2, 28), term_ends_on=date(2026, 3, 15))
    away = add_member(session, joined_on=date(2026, 1, 1))
    gone = add_member(session, joined_on=date(2026, 1, 1))
    for change, month in ((members.suspend, 3), (members.restore, 5)):
        when = datetime(2026, month, 10, 12, tzinfo=UTC)
        change(session, away, by=SYSTEM, reason="while under review", seen_version=away.version, now=when)
    members.end(
        session, gone, by=SYSTEM, reason="no longer active", seen_version=gone.version, now=datetime(2026, 2, 28, tzinfo=UTC)
    )
    members.correct(session, away, new=_renamed(away), by=SYSTEM, note="", seen_version=away.version, now=NOW)
    session.commit()

    counts = queries.members_on(session, [date(2025, 12, 31), *month_ends(SPAN)])

    assert month_ends(SPAN)[-1] == date(2026, 6, 20)
    assert counts == [0, 3, 3, 2, 2, 2, 2]  # grace ends 60 days after the last day, in May, when the suspended one is back


def test_spread_of_times_is_a_time_that_occurred() -> None:
    reached = [Reached(NOW, NOW + timedelta(days=days)) for days in range(10, 0, -1)]

    found = times(reached)

    assert (found.number, found.median, found.most) == (10, 5.5, 9.0)
    assert times([]).median is None


def test_ages_are_counted_in_working_days() -> None:
    friday = datetime(2026, 6, 5, 12, tzinfo=UTC)
    sent = [friday - timedelta(days=days) for days in (0, 4, 7, 14, 15, 100)]

    found = by_age([(State.IN_REVIEW, at) for at in sent] + [(State.SUBMITTED, friday)], now=friday)

    assert found == {State.SUBMITTED: (1, 0, 0, 0), State.IN_REVIEW: (1, 2, 1, 2)}


def test_columns_stack_their_parts_without_gaps() -> None:
    chart = columns([(3, 0, 2), (0, 0, 0), (10, 5, 0)])

    places = sorted({bar.x for bar in chart.bars})
    first, third = ([bar for bar in chart.bars if bar.x == x] for x in places)
    assert [(bar.series, round(bar.y + bar.height, 1)) for bar in first] == [(0, chart.floor), (2, first[0].y)]
    assert sum(bar.height for bar in third) == pytest.approx(3 * sum(bar.height for bar in first), abs=0.5)
    assert [value for _, value in chart.ticks] == [0, 5, 10, 15]


def test_rows_draw_their_bars_to_one_scale_below_their_labels() -> None:
    chart = rows([(10, 5), (0, 20)])

    assert [(bar.series, bar.value, round(bar.width / chart.bars[-1].width, 2)) for bar in chart.bars] == [
        (0, 10, 0.5), (1, 5, 0.25), (0, 0, 0), (1, 20, 1),
    ]  # fmt: skip
    assert chart.bars[-1].width < chart.width
    (first, _), (second, _) = chart.heads
    assert first < chart.bars[0].y < chart.bars[1].y < second < chart.bars[2].y < chart.height
    assert rows([]).bars == rows([(0, 0)]).bars[:0]


def test_groups_are_drawn_as_the_table_counts_them(session: Session) -> None:
    chance = random.Random(6)
    for _ in range(40):
        add_history(session, chance)
    session.commit()

    shown = {one.name: one for one in figures(session, SPAN, now=NOW, locale="en")}

    for name, number in (("countries", 4), ("kinds", 2)):
        figure = shown[name]
        assert figure.places == tuple(row[0] for row in figure.rows)
        assert len(figure.rows) == number
        assert [bar.value for bar in figure.chart.bars] == [count for row in figure.rows for count in row[1:3]]  # type: ignore[union-attr]


def test_many_groups_leave_the_smallest_to_the_table(session: Session, sign_in: SignIn) -> None:
    for number, country in enumerate(["AT", "BE", "BG", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"]):
        for _ in range(20 - number):
            add_application(session, now=datetime(2026, 3, 2, tzinfo=UTC), answers=full_answers(seat={"country": country}))
    session.commit()

    found = sign_in(Role.AUDITOR).get("/en/staff/figures?from=2026-01-15&to=2026-06-20")

    (countries,) = [part for part in found.select("section") if part["aria-labelledby"] == "countries-title"]
    assert len(countries.select("tbody tr")) == 14
    assert [label.get_text() for label in countries.select("svg text.head")][:2] == ["Austria", "Belgium"]
    assert len(countries.select("svg text.head")) == 12
    assert "The drawing shows the 12 with the most applications, the table all 14." in countries.get_text()


def test_lines_break_where_nothing_is_known() -> None:
    (line,) = lines([[1.0, 2.0, None, 4.0, 3.0, None, 2.0]]).lines

    assert [len(part.split()) for part in line.parts] == [2, 2]
    assert len(line.points) == 5


def test_page_shows_each_figure_as_table_and_drawing(session: Session, sign_in: SignIn) -> None:
    chance = random.Random(3)
    for _ in range(30):
        add_history(session, chance)
    session.commit()

    found = sign_in(Role.AUDITOR).get("/en/staff/figures?from=2026-01-15&to=2026-06-20")

    shown = figures(session, SPAN, now=datetime.now(UTC), locale="en")
    assert found.texts("section h2") == [one.title for one in shown]
    assert [len(section.select("tbody tr")) for section in found.select("section")] == [len(one.rows) for one in shown]
    assert [len(section.select("svg.drawing")) for section in found.select("section")] == [one.chart is not None for one in shown]
    decisions = next(one for one in shown if one.name == "decisions")
    assert sum(row[-1] for row in decisions.rows) == len(queries.outcomes(session, SPAN)) > 0


def test_file_behind_a_figure_holds_its_table(session: Session, sign_in: SignIn) -> None:
    chance = random.Random(4)
    for _ in range(30):
        add_history(session, chance)
    session.commit()

    answer = sign_in(Role.APPROVER).client.get("/de/staff/figures/countries.csv?from=2026-01-15&to=2026-06-20")

    wanted = next(one for one in figures(session, SPAN, now=NOW, locale="de") if one.name == "countries")
    rows = list(csv.reader(answer.get_data(as_text=True).removeprefix("\ufeff").splitlines()))
    assert answer.headers["Content-Disposition"] == "attachment; filename=countries-2026-01-15-2026-06-20.csv"
    assert [len(row) for row in rows] == [7] * (1 + len(wanted.rows))
    assert [(int(row[1]), int(row[2])) for row in rows[1:]] == [row[1:3] for row in wanted.rows]
    assert {row[0] for row in rows[1:]} == {"Serbien", "Deutschland", "China", "nicht bekannt"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=soon", "from"), ("to=2026-02-30", "to"), ("from=2026-06-02&to=2026-06-01", "to"), ("from=0001-01-01", "from"),
        ("to=0001-01-01", "to"), ("from=2001-01-01&to=2026-01-01", "from"), ("to=9999-12-31", "to"),
    ],
)  # fmt: skip
def test_time_that_makes_no_sense_is_told_and_kept(sign_in: SignIn, query: str, field: str) -> None:
    found = sign_in(Role.REVIEWER).get(f"/en/staff/figures?{query}")

    assert found.status == 422
    assert list(found.errors) == [field]
    typed = dict(pair.split("=") for pair in query.split("&"))
    assert {name: found.select(f"input[name={name}]")[0]["value"] for name in typed} == typed
    assert sign_in(Role.REVIEWER).client.get(f"/en/staff/figures/waiting.csv?{query}").status_code == 404


def test_figures_cost_the_same_number_of_queries(session: Session, sign_in: SignIn) -> None:
    clerk, chance, counts = sign_in(Role.REVIEWER), random.Random(5), []
    asked: list[Any] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for number in (1, 20):
        for _ in range(number):
            add_history(session, chance)
        record(session, "history.add", by=SYSTEM, subject=("history", f"{number}"), now=NOW)  # as all that is done is recorded
        session.commit()
        asked.clear()
        clerk.get("/en/staff/figures?from=2026-01-15&to=2026-06-20")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_figures_hold_until_anything_is_recorded(session: Session, sign_in: SignIn) -> None:
    clerk, path = sign_in(Role.REVIEWER), "/en/staff/figures"
    record(session, "history.begin", by=SYSTEM, subject=("history", "one"), now=NOW)
    session.commit()
    first, asked = clerk.get(path), []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    again = clerk.get(path)
    kept = len(asked)
    add_application(session, now=datetime.now(UTC))
    record(session, "history.add", by=SYSTEM, subject=("history", "one"), now=NOW)
    session.commit()
    asked.clear()
    anew = clerk.get(path)

    assert again.texts("td") == first.texts("td")
    assert kept < len(asked)
    assert anew.texts("td") != first.texts("td")
