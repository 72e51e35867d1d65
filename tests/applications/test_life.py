"""Lives of applications at random, by the real services on a real database, against a plain account of what must be there."""

import os
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from directory import audit, housekeeping
from directory.accounts.models import Account, AccountRole, Role
from directory.applications import access, retention, services
from directory.applications.models import AccessKey, Application
from directory.applications.states import EDITABLE, MOVES, WITH_STAFF, PointCode, RejectionCode, State
from directory.applications.vocab import Step
from directory.audit import AuditEvent
from directory.consents.vocab import ConsentKind
from directory.errors import DirectoryError
from directory.mail import OutboxLetter
from directory.review import closing
from directory.review import services as desk
from directory.review.vocab import Recommendation
from directory.storage.places import Place
from tests.conftest import NOW
from tests.factories import add_member, full_answers
from tests.review.cases import ALL_FINE

URL = "https://site.example/page"
STAFF_MAIL = "staff@site.example"
MESSAGE = "Written to the applicant, and long enough."
END = timedelta(days=30)
WRITTEN_TO_STAFF = {"submit": ["application_arrived"], "appeal": ["application_appeal"]}
ENDS = {State.APPROVED, State.EXPIRED}
EVEN_IF_CLOSED = ["take", "resume", "recommend", "put_aside_as_spam", "send_back"]
PICK = st.integers(0, 23)
Deed = Callable[[Application], object]


class Life(RuleBasedStateMachine):
    """One application after another, and beside it what its history, its events, its letters and its answers must be."""

    session: Session
    place: Place
    clerk_ids: dict[str, int]
    member: str
    made: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self._begin(services.start(self.session, locale="en", now=self.now))

    def _begin(self, application: Application) -> None:
        self.session.commit()
        self.reference = application.reference
        self.state, self.changed = State.DRAFT, self.now
        self.email, self.proved = application.email, application.email_proved
        self.answers: dict[str, Any] = deepcopy(application.answers)
        self.accepted = False
        self.consents = set[ConsentKind]()
        self.sent: list[dict[str, Any]] = []
        self.points: list[str] = []
        self.answered = 0
        self.moves: list[tuple[str, str, str]] = []
        self.events, self.letters = ["application.start"], list[tuple[str, str]]()
        self.recommended_by: str | None = None
        self.reduced = self.removed = False

    # what is there

    @property
    def application(self) -> Application | None:
        """The row, read again under its lock."""
        found = sa.select(Application).where(Application.reference == self.reference).with_for_update(of=Application)
        return self.session.scalar(found.execution_options(populate_existing=True))

    def _about(self, table: Any) -> Any:
        return (table.subject_kind == "application", table.subject_id == self.reference)

    def _read_events(self) -> list[str]:
        rows = sa.select(AuditEvent.action).where(*self._about(AuditEvent)).order_by(AuditEvent.sequence)
        return list(self.session.scalars(rows))

    def _read_letters(self) -> list[tuple[str, str]]:
        rows = sa.select(OutboxLetter.template, OutboxLetter.recipient).where(*self._about(OutboxLetter))
        return [(template, to) for template, to in self.session.execute(rows.order_by(OutboxLetter.id))]

    # how anything is done

    def _try(self, deed: Deed, *, allowed: bool) -> bool:
        """Do it and commit; what is not allowed must be refused, and the invariants then find everything as before."""
        application = self.application
        if application is None:
            return False
        version = application.version
        try:
            deed(application)
            self.session.commit()
        except DirectoryError as refusal:
            self.session.rollback()
            assert not allowed, f"refused: {refusal!r}"
            assert application.version == version
            return False
        assert allowed, "was not refused"
        return True

    def _move(self, name: str, deed: Deed, *, by: str = "applicant", stale: bool = False, fine: bool = True) -> bool:
        """Try a move of the table. fine: what its guards say, as far as this account knows."""
        move = MOVES[name]
        may = by in set(map(str, move.who)) or (by == "both" and bool({"reviewer", "approver"} & set(map(str, move.who))))
        allowed = self.state in move.sources and may and fine and not stale and not self.reduced
        if not self._try(deed, allowed=allowed):
            return False
        self._note_move(name)
        return True

    def _note_move(self, name: str) -> None:
        move = MOVES[name]
        self.made.add(name)
        self.moves.append((name, str(self.state), str(move.target)))
        self.events.append(f"application.{name}")
        if move.letter and self.proved:
            self.letters.append((move.letter, self.proved))
        self.letters += [(template, STAFF_MAIL) for template in WRITTEN_TO_STAFF.get(name, [])]
        self.state, self.changed = move.target, self.now
        if name in {"reopen", "appeal", "send_back"}:
            self.recommended_by = None

    def _clerk(self, name: str) -> Account:
        return self.session.get_one(Account, self.clerk_ids[name])

    def _seen(self, application: Application, stale: bool) -> int:
        return application.version - stale

    # the applicant

    @rule(step=st.sampled_from(Step), words=st.sampled_from(["", "Niš", "北京"]), full=st.booleans(), stale=st.booleans())
    def save(self, step: Step, words: str, full: bool, stale: bool) -> None:
        """Save a step: empty, in part or whole, now and then from a page that is no longer true."""
        values: dict[str, Any] = full_answers()[step] if full else {}
        if words:
            values = values | {"city" if step is Step.SEAT else "role" if step is Step.CONTACT else "capacity": words}
        before = self.answers.get(step, {})
        is_same = values == before
        allowed = self.state in EDITABLE and (is_same or not before or not stale)

        def deed(application: Application) -> None:
            seen = "older" if stale else services.stamp(application, step)
            services.save_step(self.session, application, step, values, seen=seen, locale="en", now=self.now)

        if self._try(deed, allowed=allowed) and not is_same:
            self.answers[str(step)] = values
            if step is Step.STATEMENT:
                self._note_consents(values)
            self.events.append("application.save")
            self.changed = self.now
            if step is Step.CONTACT:
                self.email = values.get("email")
            if step is Step.STATEMENT:
                self.accepted = bool(values.get("accepted"))

    def _note_consents(self, values: dict[str, Any]) -> None:
        """Each consent that is ticked now is given, each that is not any more is taken back with a letter."""
        for kind in ConsentKind:
            if values.get(kind) and kind not in self.consents:
                self.consents.add(kind)
                self.events.append("application.give_consent")
            elif not values.get(kind) and kind in self.consents:
                self.consents.remove(kind)
                self.events.append("application.revoke_consent")
                self.letters += [("consent_revoked", self.proved)] if self.proved else []

    @rule()
    def save_all(self) -> None:
        """Fill in everything."""
        for step in Step:
            self.save(step, "", full=True, stale=False)

    @rule()
    def send(self) -> None:
        """Do all that is needed, one after the other."""
        self.save_all()
        self.prove()
        self.answer("Gladly.", stale=False)
        self.submit(stale=False)

    @rule()
    def prove(self) -> None:
        """Use the link that was mailed to the address."""
        application = self.application
        if application is None or self.email is None or self.reduced:
            return
        self.session.execute(sa.delete(AccessKey).where(AccessKey.application_id == application.id))
        keys: list[str] = []
        access.send_key(self.session, application, to=self.email, link=lambda key: keys.append(key) or URL, now=self.now)  # type: ignore[func-returns-value]
        access.use_key(self.session, application, keys[0], now=self.now)
        self.session.commit()
        self.letters.append(("application_key", self.email))
        if self.proved != self.email:
            self.events.append("application.prove_email")
        self.proved = self.email

    @rule(stale=st.booleans())
    def submit(self, stale: bool) -> None:
        """Send it, be it too early or from an old page."""
        whole = full_answers()
        is_whole = all(whole[step].keys() <= self.answers.get(step, {}).keys() for step in Step)
        fine = is_whole and self.accepted and self.email == self.proved and all(self.points[self.answered :])

        def deed(application: Application) -> None:
            services.submit(
                self.session, application, status_url=URL, desk_url=URL, staff_mail=STAFF_MAIL, locale="en",
                seen_version=self._seen(application, stale), now=self.now,
            )  # fmt: skip

        if self._move("submit", deed, stale=stale, fine=fine):
            self.sent.append(deepcopy(self.answers))
            self.answered = len(self.points)

    @rule(words=st.sampled_from(["", "In the register of Belgrade", "见附件"]), stale=st.booleans())
    def answer(self, words: str, stale: bool) -> None:
        """Answer all open points alike."""
        waiting = self.points[self.answered :]

        def deed(application: Application) -> None:
            answers = {point.id: words for point in application.open_points}
            services.answer_points(
                self.session, application, answers, seen=services.stamp_of_points(application) if not stale else "", now=self.now
            )

        is_lost = stale and any(one and one != words for one in waiting)
        if self._try(deed, allowed=self.state == State.CHANGES_REQUESTED and not is_lost) and any(
            one != words for one in waiting
        ):
            self.points[self.answered :] = [words] * len(waiting)
            self.events.append("application.answer")
            self.changed = self.now

    @rule()
    def withdraw(self) -> None:
        """Take it back."""
        self._move("withdraw", lambda one: services.withdraw(self.session, one, status_url=URL, now=self.now))

    @rule()
    def revive(self) -> None:
        """Open it again after it lapsed."""
        self._move("revive", lambda one: services.revive(self.session, one, now=self.now))

    @rule()
    def appeal(self) -> None:
        """Ask to look at the decision again, be it too late."""
        self._move(
            "appeal",
            lambda one: services.appeal(
                self.session, one, words="You overlooked it.", desk_url=URL, staff_mail=STAFF_MAIL, now=self.now
            ),
            fine=self.now - self.changed <= END,
        )

    @rule()
    def start_again(self) -> None:
        """Begin anew with the answers of a closed one, which stays as it is."""
        fresh: list[Application] = []
        allowed = self.state in {State.REJECTED, State.WITHDRAWN, State.LAPSED} and not self.reduced
        old = self.answers
        if self._try(
            lambda one: fresh.append(services.start_again(self.session, one, locale="en", now=self.now)), allowed=allowed
        ):
            self.compare()
            self._clear(but=fresh[0])
            self._begin(fresh[0])
            anew = {"statement": {"accepted", "version", "language", "consents", *ConsentKind}, "contact": {"shown"}}
            kept = {step: {k: v for k, v in part.items() if k not in anew.get(step, ())} for step, part in old.items()}
            assert self.answers == kept

    # the desk

    @rule(name=st.sampled_from(EVEN_IF_CLOSED), by=st.sampled_from(["reviewer", "coordinator", "both"]), stale=st.booleans())
    def work(self, name: str, by: str, stale: bool) -> None:
        """Make one of the moves that need no more than a word."""
        more = {"reason": "To be looked at."} if name == "send_back" else {}
        if name == "recommend":
            more = {"recommendation": Recommendation.APPROVE, "checklist": ALL_FINE, "words": "Found in the register."}
        verb: Any = closing.put_aside_as_spam if name == "put_aside_as_spam" else getattr(desk, name)
        if self._move(
            name,
            lambda one: verb(self.session, one, by=self._clerk(by), seen_version=self._seen(one, stale), now=self.now, **more),
            by=by, stale=stale,
        ) and name == "recommend":  # fmt: skip
            self.recommended_by = by

    @rule(number=st.sampled_from([0, 1, 2]), by=st.sampled_from(["reviewer", "approver"]))
    def ask(self, number: int, by: str) -> None:
        """Ask for changes in so many points, none being too few."""
        points = [desk.NewPoint("seat", PointCode.UNCLEAR, "Which register?")] * number
        if self._move(
            "ask_for_changes",
            lambda one: desk.ask_for_changes(
                self.session, one, by=self._clerk(by), points=points, answer_by=self.now.date() + timedelta(days=21), status_url=URL,
                seen_version=one.version, now=self.now,
            ),
            by=by, fine=number > 0,
        ):  # fmt: skip
            self.points += [""] * number

    @rule(days=st.sampled_from([0, 5]))
    def hold(self, days: int) -> None:
        """Wait for something until a day, which must not be over."""
        until = self.now.date() + timedelta(days=days)
        self._move(
            "hold",
            lambda one: desk.hold(
                self.session, one, by=self._clerk("reviewer"), until=until, reason="Wait.", seen_version=one.version, now=self.now
            ),
            by="reviewer", fine=days > 0,
        )  # fmt: skip

    @rule(by=st.sampled_from(["approver", "both", "coordinator"]), stale=st.booleans())
    def approve(self, by: str, stale: bool) -> None:
        """Approve it, unless one recommended it oneself."""
        self._move(
            "approve",
            lambda one: closing.approve(
                self.session, one, by=self._clerk(by), message="", profile_link=str, second_person=True,
                seen_version=self._seen(one, stale), now=self.now,
            ),
            by=by, stale=stale, fine=by != self.recommended_by,
        )  # fmt: skip

    @rule(by=st.sampled_from(["approver", "both", "reviewer"]), message=st.sampled_from([MESSAGE, "Short."]))
    def reject(self, by: str, message: str) -> None:
        """Reject it, for a reason that is long enough."""
        self._move(
            "reject",
            lambda one: closing.reject(
                self.session, one, by=self._clerk(by), code=RejectionCode.OUT_OF_SCOPE, message=message, status_url=URL,
                second_person=True, seen_version=one.version, now=self.now,
            ),
            by=by, fine=by != self.recommended_by and message == MESSAGE,
        )  # fmt: skip

    @rule(known=st.booleans())
    def mark_duplicate(self, known: bool) -> None:
        """Close it as a repetition of a member that is there, or is not."""
        self._move(
            "mark_duplicate",
            lambda one: closing.mark_duplicate(
                self.session, one, by=self._clerk("reviewer"), of=self.member if known else "nobody", message="", status_url=URL,
                seen_version=one.version, now=self.now,
            ),
            by="reviewer", fine=known,
        )  # fmt: skip

    @rule(by=st.sampled_from(["coordinator", "reviewer"]))
    def reopen(self, by: str) -> None:
        """Take a closed one up again."""
        self._move(
            "reopen",
            lambda one: closing.reopen(
                self.session, one, by=self._clerk(by), reason="New papers.", message="", status_url=URL, seen_version=one.version,
                now=self.now,
            ),
            by=by,
        )  # fmt: skip

    # the clock

    @rule(passed=st.sampled_from([timedelta(hours=1), timedelta(days=8), timedelta(days=15), timedelta(days=31)]))
    def wait(self, passed: timedelta) -> None:
        """Let time pass, and housekeeping do what is due."""
        self.now += passed
        self._keep_house()

    @rule()
    def wait_a_year(self) -> None:
        """Let more time pass than anything closed is kept whole."""
        if self.state in retention.CLOSED:
            self.now += timedelta(days=366)
            self._keep_house()

    def _keep_house(self) -> None:
        done = housekeeping.run(self.session, now=self.now, status_url=lambda _application: URL, place=self.place)
        assert not done[housekeeping.Task.FAILED]
        self.session.expire_all()
        tasks = [task for task in done.elements() if task not in {housekeeping.Task.ENQUIRIES, housekeeping.Task.LETTERS}]
        assert len(tasks) <= 1, tasks
        for task in tasks:
            self._note_deed(str(task))
        if not tasks and self.state in EDITABLE:
            assert self.now - self.changed < (END if self.proved is None else timedelta(days=7)) or self._reminded

    @property
    def _reminded(self) -> int:
        return next((n for n, name in enumerate(reversed(self.events)) if name != "application.remind"), 0)

    def _note_deed(self, task: str) -> None:
        quiet = self.now - self.changed
        if task in {"remind_draft", "remind_of_points"}:
            assert self.proved is not None
            assert self._reminded < 2
            assert self.state == (State.DRAFT if task == "remind_draft" else State.CHANGES_REQUESTED)
            self.events.append("application.remind")
            self.letters.append(("reminder", self.proved))
        elif task in {"expire", "lapse"}:
            assert quiet >= END
            assert self.proved is None or self._reminded == 2
            self._note_move(task)
        else:
            assert quiet >= (END if task == "remove" else timedelta(days=365))
            assert self.state in ({State.EXPIRED} if task == "remove" else retention.CLOSED)
            self.events.append(f"application.{task}")
            self.letters = []
            self._forget(task)

    def _forget(self, task: str) -> None:
        self.removed, self.reduced = task == "remove", True
        own = self.answers.get("organisation", {})
        kept = {name: own[name] for name in ("name", "name_language") if own.get(name)}
        self.answers, self.sent, self.points, self.answered = {"organisation": kept} if kept else {}, [], [], 0
        self.email = self.proved = None

    @rule()
    def another(self) -> None:
        """Begin another one where this one has come to its end."""
        if self.state in ENDS or self.reduced:
            self.compare()
            self._clear()
            self._begin(services.start(self.session, locale="en", now=self.now))

    # the ways that lead on

    def _go_on(self, pick: int) -> None:
        """Go one of the ways that are open from here."""
        ways = [way for name, way in self._ways() if self.state in MOVES[name].sources and not self.reduced]
        if ways:
            ways[pick % len(ways)]()
        else:
            self.start_again()
            self.another()

    def _ways(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            *[("submit", self.send)] * 3,
            ("take", lambda: self.work("take", "reviewer", stale=False)),
            *[("take", lambda: self.work("take", "coordinator", stale=False))] * 2,
            *[("ask_for_changes", lambda: self.ask(2, "reviewer"))] * 3,
            ("put_aside_as_spam", lambda: self.work("put_aside_as_spam", "coordinator", stale=False)),
            ("hold", lambda: self.hold(5)),
            ("resume", lambda: self.work("resume", "coordinator", stale=False)),
            *[("recommend", lambda: self.work("recommend", "both", stale=False))] * 4,
            *[("send_back", lambda: self.work("send_back", "coordinator", stale=False))] * 2,
            *[("approve", lambda: self.approve("approver", stale=False))] * 2,
            ("reject", lambda: self.reject("approver", MESSAGE)),
            *[("mark_duplicate", lambda: self.mark_duplicate(known=True))] * 2,
            ("reopen", lambda: self.reopen("coordinator")),
            ("appeal", self.appeal),
            *[("lapse", self._wait_long)] * 3,
            ("expire", self._wait_long),
            ("revive", self.revive),
        ]

    def _wait_long(self) -> None:
        for days in (8, 15, 31):
            self.wait(timedelta(days=days))

    @rule(pick=PICK)
    def go_on(self, pick: int) -> None:
        """Go on; more than one rule does so, or most lives would end as drafts."""
        self._go_on(pick)

    @rule(picks=st.lists(PICK, min_size=4, max_size=12))
    def go_far(self, picks: list[int]) -> None:
        """Go some steps on, with a look at everything after each."""
        for pick in picks:
            self._go_on(pick)
            self.compare()

    # what must be true after each step

    @invariant()
    def compare(self) -> None:
        """History, events, letters and answers are those of this account: nothing is lost, nothing came beside."""
        application = self.application
        assert (application is None) == self.removed
        assert self._read_events() == self.events
        assert self._read_letters() == self.letters
        if application is not None:
            assert application.state == self.state
            assert application.answers == self.answers
            assert [one.answers for one in application.submissions] == self.sent
            assert [point.answer for point in application.points] == self.points
            assert len(application.open_points) == len(self.points) - self.answered
            assert [(made.name, made.source, made.target) for made in application.moves] == self.moves
            assert (application.email, application.email_proved) == (self.email, self.proved)
            assert (application.member is not None) == (self.state == State.APPROVED)
            assert self.state not in WITH_STAFF or self.sent[-1] == self.answers
        self.session.rollback()

    def teardown(self) -> None:
        """Look whether the chain of events stands, and leave nothing for the next example but that chain."""
        assert audit.verify(self.session).why == ""
        self._clear()

    def _clear(self, *, but: Application | None = None) -> None:
        """Delete all applications but one; whatever hangs on them goes with them."""
        self.session.rollback()
        kept = but.id if but else 0
        self.session.execute(sa.update(Application).values(carried_from_id=None))
        self.session.execute(sa.delete(Application).where(Application.id != kept))
        self.session.commit()


def _add_clerk(session: Session, *roles: Role) -> int:
    account = Account(email=f"{'-'.join(roles)}@staff.example", name="", created_at=NOW)
    account.role_rows = [AccountRole(role=role) for role in roles]
    session.add(account)
    session.commit()
    return account.id


@pytest.fixture
def machine(app: Flask, session: Session) -> type[Life]:
    """Give the machine, on a database with a member and clerks."""
    Life.session, Life.made, Life.place = session, set(), app.extensions["uploads"]
    Life.member = add_member(session).slug
    Life.clerk_ids = {str(role): _add_clerk(session, role) for role in (Role.REVIEWER, Role.COORDINATOR, Role.APPROVER)}
    Life.clerk_ids["both"] = _add_clerk(session, Role.REVIEWER, Role.APPROVER)
    return Life


def test_one_way_through_every_move_of_the_table(machine: type[Life]) -> None:
    life = machine()
    ways = dict(life._ways()) | {"withdraw": life.withdraw, "again": life.start_again, "another": life.another}

    for name in (
        "submit", "take", "ask_for_changes", "lapse", "revive", "submit", "take", "hold", "resume", "mark_duplicate", "reopen",
        "recommend", "send_back", "recommend", "reject", "appeal", "put_aside_as_spam", "again", "submit", "take", "recommend",
        "approve", "another", "withdraw", "again", "expire",
    ):  # fmt: skip
        ways[name]()
        life.compare()

    life.teardown()
    assert life.made == set(MOVES)


def test_lives_at_random_lose_nothing_and_take_no_absent_way(machine: type[Life]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, derandomize="CI" in os.environ,  # new walks at every desk
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],  # shrinking takes minutes
        ),
    )  # fmt: skip
