"""The queue: views with their counts, filters in the address, and days that are due."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications.models import Application, MoveMade, Submission
from directory.applications.sent import count_missing, fill_missing
from directory.applications.states import State
from directory.review import services
from directory.review.queue import View, count_views
from tests.page import Page, Visitor
from tests.review.cases import add_account, add_application, add_ready, answers

SignIn = Callable[..., Visitor]
QUEUE = "/en/staff/applications/"


def _references(page: Page) -> list[str]:
    return [str(row["data-reference"]) for row in page.select("[data-reference]")]


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _own_account(session: Session, clerk: Visitor) -> Account:
    return session.scalars(sa.select(Account).where(Account.public_id == clerk.account)).one()


def test_views_hold_what_they_say_and_count_it(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.COORDINATOR)
    own = _own_account(session, clerk)
    late = add_application(session, submitted_at=_days_ago(40))
    new = add_application(session, submitted_at=_days_ago(1), assignee=own)
    waiting = add_application(session, state=State.CHANGES_REQUESTED, submitted_at=_days_ago(50), assignee=own)
    held = add_application(session, state=State.ON_HOLD, submitted_at=_days_ago(3))
    ready = add_ready(session, submitted_at=_days_ago(2))
    over = add_application(session, state=State.REJECTED, submitted_at=_days_ago(60), assignee=own)
    add_application(session, state=State.DRAFT)

    found = {view: _references(clerk.get(f"{QUEUE}?view={view}")) for view in View}
    page = clerk.get(QUEUE)
    counts = {str(one["data-view"]): one.get_text() for one in page.select("[data-view]")}

    assert {view: set(references) for view, references in found.items()} == {
        View.WITH_STAFF: {late.reference, held.reference, ready.reference, new.reference},
        View.MINE: {waiting.reference, new.reference},
        View.UNASSIGNED: {late.reference, held.reference, ready.reference},
        View.READY: {ready.reference},
        View.WAITING: {waiting.reference},
        View.OVERDUE: {late.reference},
        View.ON_HOLD: {held.reference},
        View.ALL: {late.reference, new.reference, waiting.reference, held.reference, ready.reference, over.reference},
    }
    assert found[View.WITH_STAFF] == [late.reference, held.reference, ready.reference, new.reference]
    assert counts == {str(view): f"{len(references)}" for view, references in found.items() if view is not View.ALL}


def test_filters_by_what_was_sent(session: Session, sign_in: SignIn) -> None:
    firm = add_application(
        session,
        locale="es",
        answers=answers(organisation={"kind": "enterprise", "name": "Müller & Söhne"}, seat={"country": "AR", "city": "Rosario"}),
    )
    club = add_application(
        session,
        answers=answers(organisation={"name": "Привредни клуб", "name_language": "sr-Cyrl"}, seat={"country": "RS"}),
    )
    colleague = add_account(session, Role.REVIEWER)
    club.assignee = colleague
    session.commit()
    clerk = sign_in(Role.REVIEWER)

    asked = ("kind=enterprise", "country=RS", "language=es", "country=RS&kind=enterprise", f"assignee={colleague.public_id}",
             "q=MULLER", "q=privredni", "q=Привредни", "q=%21%21", "kind=none&country=xx&language=tlh&view=whatever")  # fmt: skip
    found = {query: _references(clerk.get(f"{QUEUE}?{query}")) for query in asked}

    assert list(found.values()) == [
        [firm.reference], [club.reference], [firm.reference], [], [club.reference],
        [firm.reference], [club.reference], [club.reference], [], [firm.reference, club.reference],
    ]  # fmt: skip


def test_what_is_typed_into_an_asked_application_moves_no_row(session: Session, sign_in: SignIn) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED, answers=answers(seat={"country": "DE"}))
    application.answers = {**application.answers, "seat": {"country": "FR", "city": "Paris"}}
    session.commit()
    clerk = sign_in(Role.REVIEWER)

    found = {code: _references(clerk.get(f"{QUEUE}?view=waiting&country={code}")) for code in ("DE", "FR")}

    assert found == {"DE": [application.reference], "FR": []}


def test_rows_say_until_when(session: Session, sign_in: SignIn) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    held = add_application(session, state=State.ON_HOLD, hold_until=yesterday, submitted_at=_days_ago(2))
    asked = add_application(session, state=State.CHANGES_REQUESTED, answer_by=yesterday, submitted_at=_days_ago(2))

    page = sign_in(Role.AUDITOR).get(f"{QUEUE}?view=all")
    rows = {str(row["data-reference"]): " ".join(row.get_text(" ").split()) for row in page.select("[data-reference]")}

    assert "Look again" in rows[held.reference]
    assert "No answer in time" in rows[asked.reference]
    assert page.select("input[name=chosen]") == []


def test_promised_day_follows_the_moves(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, submitted_at=now, now=now)
    sent = application.due_on

    services.take(session, application, by=by, seen_version=application.version, now=now + timedelta(days=1))
    taken = application.due_on
    services.ask_for_changes(
        session, application, by=by, points=[services.NewPoint("", services.PointCode.UNCLEAR)], answer_by=date(2026, 12, 20),
        status_url="https://directory.example/", seen_version=application.version, now=now + timedelta(days=2),
    )  # fmt: skip
    asked = application.due_on

    assert (sent, taken, asked) == (date(2026, 12, 8), date(2026, 12, 8), None)  # ten working days after 24 November


def test_facts_that_an_older_program_left_out_are_filled_in(session: Session, sign_in: SignIn, now: datetime) -> None:
    application = add_application(session, submitted_at=_days_ago(40))
    closed = add_application(session, state=State.REJECTED)
    table = Application.__table__
    session.execute(sa.update(table).values(sent_name=None, sent_names="", sent_kind=None, sent_country=None, due_on=None))
    session.commit()
    clerk = sign_in(Role.REVIEWER)
    before = (clerk.get(QUEUE).texts("tbody th"), _references(clerk.get(f"{QUEUE}?view=overdue")))
    seen = application.version

    filled = fill_missing(session, now=now)
    session.commit()

    assert before == ([application.reference], [])
    assert (filled, fill_missing(session, now=now), application.version) == (2, 0, seen)
    assert _references(clerk.get(f"{QUEUE}?view=overdue")) == [application.reference]
    assert _references(clerk.get(f"{QUEUE}?view=overdue&country=DE&kind=institution")) == [application.reference]
    assert (closed.sent_name, closed.due_on) == (closed.answers["organisation"]["name"], None)


def test_facts_of_an_earlier_submission_are_noticed(session: Session, sign_in: SignIn, now: datetime) -> None:
    application, other = add_application(session), add_application(session)
    again = answers(organisation={"name": "Neuer Name e.V.", "kind": "enterprise"}, seat={"country": "RS"})
    application.answers = again
    application.submissions.append(Submission(number=2, answers=again, at=now))  # as an older program sends it again
    session.commit()
    clerk = sign_in(Role.REVIEWER)
    before = _references(clerk.get(f"{QUEUE}?country=RS&kind=enterprise"))
    counted = count_missing(session)

    filled = fill_missing(session, now=now)
    session.commit()

    assert (before, counted, filled, count_missing(session)) == ([], 1, 1, 0)
    assert _references(clerk.get(f"{QUEUE}?country=RS&kind=enterprise&q=neuer")) == [application.reference]
    assert other.sent_number == 1


def test_counting_views_is_one_statement_and_nothing_of_others(session: Session, now: datetime) -> None:
    account = add_account(session, Role.REVIEWER)
    add_application(session, assignee=add_account(session, Role.REVIEWER))

    counts = count_views(session, account=account, today=now.date())

    assert (counts[View.WITH_STAFF], counts[View.MINE], counts[View.UNASSIGNED]) == (1, 0, 0)


def test_what_is_typed_since_shows_on_no_page_of_the_desk(session: Session, sign_in: SignIn) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    own = {**application.answers["organisation"], "name": "Not Sent Yet", "name_language": "fr"}
    application.answers = {**application.answers, "organisation": own}
    session.commit()
    clerk = sign_in(*Role)
    pages = ("", "/changes", "/decision", "/mark_duplicate", "/reopen", "/message", "/translations")

    shown = [clerk.get(f"{QUEUE}{application.reference}{page}") for page in pages]
    listed = clerk.get(f"{QUEUE}?view=waiting")

    assert {page.status for page in shown} == {200}
    assert [page.response.request.path for page in (*shown, listed) if "Not Sent Yet" in page.html] == []
    assert [str(name["lang"]) for name in listed.select("tbody th span")] == ["de"]


def test_a_whole_reference_is_found_whatever_is_chosen(session: Session, sign_in: SignIn) -> None:
    decided, clerk = add_application(session, state=State.APPROVED), sign_in(Role.REVIEWER)
    add_application(session)

    found = clerk.get(f"{QUEUE}?q={decided.reference.lower()}&view=mine&country=RS&state=in_review")

    assert _references(found) == [decided.reference]
    assert clerk.get(QUEUE + decided.reference.lower()).status == 200


def test_address_and_number_are_found(session: Session, sign_in: SignIn) -> None:
    number = {"registrations": [{"scheme": "RS-MB", "value": "070-1234 5"}]}
    one, two = add_application(session, answers=answers(seat=number)), add_application(session)
    clerk = sign_in(Role.REVIEWER)

    found = [_references(clerk.get(f"{QUEUE}?q={q}")) for q in (two.email.upper(), "07012345", "0701234")]  # type: ignore[union-attr]

    assert found == [[two.reference], [one.reference], []]


def test_search_that_finds_nothing_leads_to_all(session: Session, sign_in: SignIn) -> None:
    given = answers(organisation={"name": "Kontor Weser"})
    decided, clerk = add_application(session, state=State.APPROVED, answers=given), sign_in(Role.REVIEWER)

    nothing = clerk.get(f"{QUEUE}?q=weser")
    [link] = nothing.select("main a[href*='q=weser']")

    assert _references(nothing) == []
    assert _references(clerk.get(str(link["href"]))) == [decided.reference]


def test_what_came_back_says_so(session: Session, sign_in: SignIn, now: datetime) -> None:
    clerk, path = sign_in(Role.COORDINATOR), [State.SUBMITTED, State.IN_REVIEW]
    told = {}
    for moves, state in (
        ((), State.SUBMITTED), (("ask_for_changes", "submit"), State.SUBMITTED), (("reject", "appeal"), State.IN_REVIEW),
        (("reject", "reopen"), State.IN_REVIEW), (("reject", "appeal", "recommend"), State.READY_FOR_DECISION),
        (("reject", "appeal", "reject"), State.REJECTED),
    ):  # fmt: skip
        application = add_application(session, state=state)
        application.moves = [MoveMade(name=name, source=path[0], target=path[1], at=now) for name in moves]
        told[application.reference] = (moves, state)
    session.commit()

    queue = clerk.get(f"{QUEUE}?view=all")
    badges = [[one.get_text() for one in row.select("[data-label=State] .badge")][1:2] for row in queue.select("tbody tr")]
    cases = [clerk.get(QUEUE + reference).texts("h1 + p .badge")[1:2] for reference in told]

    assert badges == [[], ["Answered"], ["Appeal"], ["Reopened"], ["Appeal"], []]
    assert [["Answered"] if one == ["Answered"] else one for one in cases] == badges
