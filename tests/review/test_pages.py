"""The desk's pages as clerks see them."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications import access, retention
from directory.applications.models import Application, MoveMade, Submission
from directory.applications.rules import promised_by
from directory.applications.states import REJECTION_LABELS, RejectionCode, State
from directory.db import db
from directory.i18n import force_locale
from directory.mail import Letter, OutboxLetter, queue
from directory.review import closing, services
from directory.review.labels import CHECK_LABELS
from directory.review.vocab import CheckItem, Recommendation
from tests.factories import add_member
from tests.page import Page, Visitor
from tests.review.cases import ALL_FINE, STATUS_URL, TICKED, add_account, add_application, add_ready, answers

SignIn = Callable[..., Visitor]
QUEUE = "/en/staff/applications/"


def _path(application: Application, action: str = "") -> str:
    return f"{QUEUE}{application.reference}{'/' + action if action else ''}"


def _references(page: Page) -> list[str]:
    return [str(row["data-reference"]) for row in page.select("[data-reference]")]


def _now_days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def test_queue_lists_what_is_with_staff_oldest_first(session: Session, sign_in: SignIn) -> None:
    new = add_application(session, submitted_at=_now_days_ago(1))
    old = add_application(session, state=State.ON_HOLD, submitted_at=_now_days_ago(40))
    waiting = add_application(session, state=State.CHANGES_REQUESTED, submitted_at=_now_days_ago(50))
    add_application(session, state=State.DRAFT)
    clerk = sign_in(Role.AUDITOR)

    page, everything = clerk.get(QUEUE), clerk.get(f"{QUEUE}?state=all")

    assert _references(page) == [old.reference, new.reference]
    assert _references(everything) == [waiting.reference, old.reference, new.reference]
    assert ["Overdue" in text for text in page.texts("tbody tr")] == [True, False]
    assert page.texts("tbody th") == [old.answers["organisation"]["name"], new.answers["organisation"]["name"]]


def test_queue_filters(session: Session, sign_in: SignIn) -> None:
    one = add_application(session, answers=answers(organisation={"name": "上海数据交易所", "name_language": "zh-Hans"}))
    two = add_application(session, answers=answers(organisation={"names": [{"name": "Société Générale", "language": "fr"}]}))
    three = add_application(session, state=State.IN_REVIEW)
    clerk = sign_in(Role.REVIEWER)
    three.assignee = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()
    session.commit()
    one_ref = f"q={one.reference.lower()}"

    found = {
        query: _references(clerk.get(f"{QUEUE}?{query}"))
        for query in ("q=数据", "q=société", one_ref, "assignee=mine", "state=in_review", "q=none at all",
                      "assignee=unassigned", "state=nonsense&assignee=nobody-knows", "q=%00%E2%80%AE", "page=1")
    }  # fmt: skip

    assert found == {
        "q=数据": [one.reference], "q=société": [two.reference], one_ref: [one.reference], "assignee=mine": [three.reference],
        "state=in_review": [three.reference], "q=none at all": [], "assignee=unassigned": [one.reference, two.reference],
        "state=nonsense&assignee=nobody-knows": [one.reference, two.reference, three.reference],
        "q=%00%E2%80%AE": [one.reference, two.reference, three.reference],
        "page=1": [one.reference, two.reference, three.reference],
    }  # fmt: skip


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1000000000", "2"])
def test_queue_without_such_a_page(session: Session, sign_in: SignIn, number: str) -> None:
    add_application(session)

    page = sign_in(Role.REVIEWER).get(f"{QUEUE}?page={number}")

    assert page.status == 404


def test_queue_costs_the_same_for_one_and_for_many(session: Session, sign_in: SignIn) -> None:
    clerk, counts = sign_in(Role.REVIEWER), []

    for number in (1, 4):
        for _ in range(number):
            add_application(session, assignee=db.session.scalars(select(Account)).first())
        clerk.get(QUEUE)
        statements: list[str] = []

        def note(*args: Any, seen: list[str] = statements) -> None:
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        clerk.get(QUEUE)
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_draft_is_private(session: Session, sign_in: SignIn) -> None:
    draft = add_application(session, state=State.DRAFT)

    page = sign_in(*Role).get(_path(draft))

    assert page.status == 404


def test_case_shows_everything_on_one_page(session: Session, sign_in: SignIn) -> None:
    twin = add_application(session)
    given = deepcopy(twin.answers)
    given["organisation"]["website"] = "https://other.example"
    application = add_application(session, answers=given)
    later = deepcopy(given)
    later["seat"]["city"] = "Hamburg"
    application.submissions.append(Submission(number=2, answers=later, at=application.submitted_at))
    application.answers = later
    session.commit()

    page = sign_in(Role.REVIEWER).get(_path(application))

    for text in (
        "Handelsverein", "Hilfe bei Zollpapieren", "Never shown to the applicant.", "The e-mail address was proved.",
        f"application {twin.reference}): the same name and the same registration number",
        "Take into review", "The mail address ends in", "removed: Bremen added: Hamburg",
    ):  # fmt: skip
        assert text in page.text
    assert [str(e["lang"]) for e in page.select("dd [lang]")][:2] == ["de", "de"]


def test_case_shows_codes_as_staff_and_as_the_applicant_reads_them(session: Session, sign_in: SignIn) -> None:
    german, english = (add_application(session, locale=tag, state=State.REJECTED) for tag in ("de", "en"))
    clerk = sign_in(Role.REVIEWER)

    page = clerk.get(_path(german))
    theirs = [one.get_text() for one in page.select(".answers dd .meta [lang=de]")]
    reason = [one.get_text() for one in page.select("#facts + dl dd .meta [lang=de]")]
    other = clerk.get(_path(english))

    seat = next(dd for dd in page.select(".answers dd") if "Deutschland" in dd.get_text())
    assert seat.get_text(" ", strip=True) == "Germany As the applicant reads it: Deutschland"
    assert "Bremen" not in theirs
    with force_locale("de"):
        assert reason == [str(REJECTION_LABELS[RejectionCode.NOT_VERIFIABLE])]
    assert "As the applicant reads it:" not in other.text


def test_case_shows_no_link_that_opens_the_application(session: Session, sign_in: SignIn, now: datetime) -> None:
    application = add_application(session)
    about = ("application", application.reference)
    access.send_key(session, application, to="ana@firma.example", link=lambda key: f"https://site.example/{key}", now=now)
    queue(session, Letter("withdrawn", "de", "Zur Kenntnis", "Guten Tag.\n"), to="ana@firma.example", now=now, about=about)
    session.commit()

    page = sign_in(Role.AUDITOR).get(_path(application))

    assert "site.example" not in page.html
    assert "This letter holds a personal link, which only its reader may see." in page.text
    assert "Guten Tag." in page.text


def test_case_offers_only_what_the_role_may_do(session: Session, sign_in: SignIn) -> None:
    cases = {state: add_application(session, state=state) for state in (State.SUBMITTED, State.IN_REVIEW)}
    cases[State.READY_FOR_DECISION] = add_ready(session)
    found = {}
    for role in (Role.REVIEWER, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR):
        clerk = sign_in(role)
        for state, application in cases.items():
            page = clerk.get(_path(application))
            forms = [str(f["action"]).rpartition("/")[2] for f in page.select("main form")]
            links = [str(a["href"]).rpartition("/")[2] for a in page.select("main a.btn")]
            found[role.value, state.value] = forms + links

    assert found == {
        ("reviewer", "submitted"): ["take", "assign", "interest", "note"],
        ("reviewer", "in_review"): ["recommend", "hold", "assign", "mark_duplicate", "interest", "note", "changes"],
        ("reviewer", "ready_for_decision"): ["assign", "interest", "note"],
        ("approver", "submitted"): ["assign", "interest", "note"],
        ("approver", "in_review"): ["assign", "interest", "note"],
        ("approver", "ready_for_decision"): ["send_back", "assign", "interest", "note", "decision"],
        ("coordinator", "submitted"): ["take", "assign", "put_aside_as_spam", "interest", "note"],
        ("coordinator", "in_review"): [
            "recommend",
            "hold",
            "assign",
            "mark_duplicate",
            "put_aside_as_spam",
            "interest",
            "note",
            "changes",
        ],
        ("coordinator", "ready_for_decision"): ["send_back", "assign", "interest", "note"],
        ("auditor", "submitted"): [],
        ("auditor", "in_review"): [],
        ("auditor", "ready_for_decision"): [],
    }


def test_take_note_recommend_by_forms(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session), sign_in(Role.REVIEWER)
    page = clerk.get(_path(application))

    page = clerk.submit(page, css="form[action$='/take']")
    page = clerk.submit(page, {"note-words": "Alles geprüft."}, css="form[action$='/note']")
    page = clerk.submit(
        page, {"recommend-recommendation": "approve", "recommend-words": "Fits.", **TICKED}, css="form[action$='/recommend']"
    )

    assert "Your recommendation was kept." in page.text
    assert "Alles geprüft." in page.text
    session.expire_all()
    assert application.state == State.READY_FOR_DECISION


def test_a_form_that_is_not_right_keeps_what_was_typed(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW), sign_in(Role.REVIEWER)

    page = clerk.get(_path(application))
    page = clerk.submit(page, {"hold-until": "tomorrow", "hold-reason": "Wir warten."}, css="form[action$='/hold']")

    assert (page.status, list(page.errors)) == (422, ["hold-until"])
    assert page.form("form[action$='/hold']")["hold-reason"] == "Wir warten."
    past = clerk.submit(page, {"hold-until": "2020-01-01"}, css="form[action$='/hold']")
    assert (past.status, past.errors) == (422, {"hold-until": "Please choose a day to come, within 365 days."})


def test_ask_shows_the_letter_first(session: Session, sign_in: SignIn, letters: Callable[[], list[OutboxLetter]]) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW, locale="en"), sign_in(Role.REVIEWER)
    page = clerk.get(_path(application, "changes"))
    empty = clerk.submit(page, {"do": "preview"})

    preview = clerk.submit(
        page, {"ask-step_1": "seat", "ask-code_1": "missing", "ask-words_1": "Which register?", "do": "preview"}
    )
    sent = clerk.submit(preview, {"do": "confirm"})

    assert (empty.status, list(empty.errors)) == (422, ["ask-code_1"])
    shown = preview.select(".letter")[0].get_text()
    assert "Which register?" in shown
    assert "The applicant is asked by mail." in sent.text
    assert [letter.body.strip() for letter in letters()] == [shown.strip()]


def test_decision_shows_the_letter_that_goes(
    session: Session, sign_in: SignIn, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application, clerk = add_ready(session, locale="en"), sign_in(Role.APPROVER)
    page = clerk.get(_path(application, "decision"))

    preview = clerk.submit(page, {"decision-message": "Welcome.", "do": "preview"})
    before = letters()
    done = clerk.submit(preview, {"do": "confirm"})

    assert before == []
    assert "the organisation is in the directory at once" in preview.text
    assert "Approved. The organisation is in the directory" in done.text
    [letter] = letters()
    assert (preview.select(".letter")[0].get_text().strip(), preview.texts(".letter-subject")) == (
        letter.body.strip(), [letter.subject],
    )  # fmt: skip
    assert letter.subject_id == application.reference


def test_decision_to_reject_needs_code_and_words(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_ready(session), sign_in(Role.APPROVER)
    page = clerk.get(_path(application, "decision"))

    page = clerk.submit(page, {"decision-outcome": "reject", "decision-message": "No.", "do": "confirm"})

    assert (page.status, sorted(page.errors)) == (422, ["decision-code", "decision-message"])
    assert page.form()["decision-message"] == "No."


def test_whoever_recommended_is_told_why_they_cannot_decide(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.REVIEWER, Role.APPROVER)
    by = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()
    application = add_ready(session, by=by)

    case, page = clerk.get(_path(application)), clerk.get(_path(application, "decision"))
    forced = clerk.post(
        _path(application, "decision"),
        {"decision-outcome": "approve", "decision-seen_version": str(application.version), "do": "confirm"},
    )

    why = "Whoever recommended a decision does not make it: please leave this one to a colleague."
    assert why in case.text
    assert (why in page.text, page.select("main form")) == (True, [])
    assert (forced.status, why in forced.text) == (403, True)


def test_the_second_clerk_is_told_who_and_when(session: Session, sign_in: SignIn) -> None:
    application = add_ready(session)
    first, second = sign_in(Role.APPROVER, email="first@staff.example"), sign_in(Role.APPROVER)
    page = second.get(_path(application, "decision"))
    words = "Dies ist die Begründung der Ablehnung."
    typed = {"decision-outcome": "reject", "decision-code": "other", "decision-message": words, "do": "confirm"}
    first.submit(first.submit(first.get(_path(application, "decision")), {"do": "preview"}), {"do": "confirm"})

    late = second.submit(page, typed)

    session.expire_all()
    assert late.status == 409
    assert f"first@staff.example changed application {application.reference} on " in late.text
    assert "Approved" in late.text
    assert f"{application.decided_at:%Y}" in late.text
    assert words in late.text
    assert application.state == State.APPROVED


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", set(Role)),
        ("applications/", set(Role) - {Role.ADMINISTRATOR}),
        ("applications/REF", set(Role) - {Role.ADMINISTRATOR}),
        ("applications/REF/decision", {Role.APPROVER}),
        ("applications/REF/changes", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/mark_duplicate", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/reopen", {Role.COORDINATOR}),
        ("applications/REF/message", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/translations", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("outbox", {Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR}),
        ("letters/", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("letters/approved/de", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("audit", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("members/", set(Role) - {Role.ADMINISTRATOR}),
        ("members/SLUG", set(Role) - {Role.ADMINISTRATOR}),
        ("members/SLUG/correct", {Role.APPROVER, Role.COORDINATOR}),
    ],
)
def test_who_reads_what(session: Session, sign_in: SignIn, path: str, allowed: set[Role]) -> None:
    application, member = add_application(session), add_member(session)
    address = "/en/staff/" + path.replace("REF", application.reference).replace("SLUG", member.slug)

    statuses = {role: sign_in(role).get(address).status for role in Role}

    assert {role for role, status in statuses.items() if status in {200, 302}} == allowed
    assert {status for role, status in statuses.items() if role not in allowed} <= {403}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("applications/REF/take", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/assign", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/note", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/hold", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/resume", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/recommend", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/revive", {Role.COORDINATOR}),
        ("applications/REF/interest", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/interest/nobody/lift", {Role.COORDINATOR}),
        ("applications/together", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/send_back", {Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/decision", {Role.APPROVER}),
        ("applications/REF/changes", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/message", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/translations", {Role.REVIEWER, Role.APPROVER, Role.COORDINATOR}),
        ("applications/REF/mark_duplicate", {Role.REVIEWER, Role.COORDINATOR}),
        ("applications/REF/put_aside_as_spam", {Role.COORDINATOR}),
        ("applications/REF/reopen", {Role.COORDINATOR}),
        ("outbox/LETTER/resend", {Role.ADMINISTRATOR, Role.COORDINATOR}),
        ("letters/approved/de", {Role.ADMINISTRATOR}),
        ("letters/approved/de/save", {Role.ADMINISTRATOR}),
        ("letters/approved/de/built-in", {Role.ADMINISTRATOR}),
        ("members/SLUG/correct", {Role.APPROVER, Role.COORDINATOR}),
        ("members/SLUG/confirm", {Role.APPROVER, Role.COORDINATOR}),
        ("members/SLUG/suspend", {Role.APPROVER, Role.COORDINATOR}),
        ("members/SLUG/restore", {Role.APPROVER, Role.COORDINATOR}),
        ("members/SLUG/notices/x", {Role.APPROVER, Role.COORDINATOR}),
    ],
)
def test_who_changes_what(session: Session, sign_in: SignIn, path: str, allowed: set[Role]) -> None:
    application, member = add_application(session), add_member(session)
    address = path.replace("REF", application.reference).replace("SLUG", member.slug).replace("LETTER", "none")

    statuses = {role: sign_in(role).post(f"/en/staff/{address}").status for role in Role}

    assert {role for role, status in statuses.items() if status == 403} == set(Role) - allowed
    assert not [status for status in statuses.values() if status >= 500]


def test_audit_tells_who_did_what(session: Session, sign_in: SignIn) -> None:
    application = add_application(session)
    clerk = sign_in(Role.REVIEWER, email="rita@staff.example")
    clerk.submit(clerk.get(_path(application)), css="form[action$='/take']")
    clerk.post(_path(application, "note"), {"note-words": "Hm <b>."})
    auditor = sign_in(Role.AUDITOR)

    everything = auditor.get("/en/staff/audit")
    one = auditor.get(f"/en/staff/audit?subject={application.reference}&action=application.take")

    assert everything.texts("tbody td:nth-child(5) code") == ["application.note", "application.take"]
    assert one.texts("tbody td:nth-child(5)") == ["Taken into review application.take"]
    assert one.texts("tbody td:nth-child(3)") == ["rita@staff.example"]
    assert "Hm <b>." in everything.text


def test_desk_leads_to_where_the_role_works(sign_in: SignIn) -> None:
    targets = {role: sign_in(role).get("/en/staff/").location for role in Role}

    assert targets == dict.fromkeys(Role, QUEUE) | {Role.ADMINISTRATOR: "/en/staff/accounts/"}


@pytest.mark.parametrize("name", ["%00", "A-%00", "%ED%A0%80", "..%2Fx", "x" * 3000, "%E2%80%AE", "' OR 1=1"])
@pytest.mark.parametrize(
    "path",
    [
        "applications/{}",
        "applications/{}/decision",
        "applications/{}/changes",
        "applications/{}/message",
        "applications/{}/translations",
        "applications/A-1/documents/{}/preview",
        "applications/{}/documents/x/pages/1.png",
        "members/{}",
        "members/{}/correct",
    ],  # fmt: skip
)
def test_a_name_that_nobody_has_is_a_friendly_404(sign_in: SignIn, path: str, name: str) -> None:
    page = sign_in(*Role).get(f"/en/staff/{path.format(name)}")

    assert page.status == 404


@pytest.mark.parametrize("path", ["applications/{}/take", "applications/{}/note", "outbox/{}/resend", "members/{}/suspend"])
def test_a_form_for_nobody_is_a_friendly_404(sign_in: SignIn, path: str) -> None:
    statuses = {sign_in(*Role).post(f"/en/staff/{path.format(name)}").status for name in ("nothing", "%00", "%ED%A0%80")}

    assert statuses == {404}


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ED%A0%80", "state=%00", "subject=%00&action=%25", "standing=%00", "page=%00", f"q={'x' * 5000}"]
)
@pytest.mark.parametrize("path", ["applications/", "members/", "outbox", "audit"])
def test_an_odd_question_gets_an_answer(sign_in: SignIn, path: str, query: str) -> None:
    assert sign_in(*Role).get(f"/en/staff/{path}?{query}").status in {200, 404}


def test_odd_words_are_cleaned_and_shown_as_they_are(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session), sign_in(Role.REVIEWER)

    clerk.post(_path(application, "note"), {"note-words": "a\x00b\u202ec <script>alert(1)</script>"})
    long = clerk.post(_path(application, "note"), {"note-words": "x" * 1_000_000})

    session.expire_all()
    assert [note.words for note in application.notes] == ["abc <script>alert(1)</script>"]
    assert "abc <script>alert(1)</script>" in clerk.get(_path(application)).text
    assert (long.status, list(long.errors)) == (422, ["note-words"])
    assert len(long.form("form[action$='/note']")["note-words"]) == 1_000_000


def test_case_shows_what_was_sent_and_not_what_is_being_typed(session: Session, sign_in: SignIn) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    sent = deepcopy(application.answers)
    application.answers = {**sent, "seat": {**sent["seat"], "city": "Half-typed"}}
    session.commit()

    page = sign_in(Role.REVIEWER).get(_path(application))

    assert "Half-typed" not in page.html
    assert sent["seat"]["city"] in page.text


def test_twin_without_a_name_is_called_by_its_reference(session: Session, sign_in: SignIn) -> None:
    given = answers()
    nameless = add_application(
        session, state=State.CHANGES_REQUESTED, answers={**given, "organisation": {"website": "https://same.example"}}
    )
    application = add_application(
        session, answers={**given, "organisation": {**given["organisation"], "website": "https://same.example"}}
    )

    page = sign_in(Role.REVIEWER).get(_path(application))

    assert page.status == 200
    assert f"application {nameless.reference}" in page.text


def test_late_clerk_is_told_of_an_assignment_too(session: Session, sign_in: SignIn) -> None:
    application = add_application(session)
    first, second = sign_in(Role.COORDINATOR, email="carla@staff.example"), sign_in(Role.REVIEWER)
    page = second.get(_path(application))
    form = "form[action$=assign]"
    first.submit(first.get(_path(application)), css=form)

    late = second.submit(page, css="form[action$=take]")

    assert late.status == 409
    assert f"carla@staff.example changed application {application.reference} on" in late.text


def test_time_of_the_applicant_does_not_count(session: Session, sign_in: SignIn) -> None:
    application = add_application(session, submitted_at=_now_days_ago(60))
    for name, source, target, days in (
        ("ask_for_changes", State.IN_REVIEW, State.CHANGES_REQUESTED, 60),
        ("submit", State.CHANGES_REQUESTED, State.SUBMITTED, 0),
    ):
        application.moves.append(MoveMade(name=name, source=source, target=target, at=_now_days_ago(days)))
    session.commit()

    [row] = sign_in(Role.AUDITOR).get(QUEUE).texts("tbody tr")

    assert "Overdue" not in row
    assert promised_by(application) > datetime.now(UTC).date()


def test_history_says_why_each_move_was_made(session: Session, sign_in: SignIn, now: datetime) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    rita, ada = add_account(session, Role.REVIEWER), add_account(session, Role.APPROVER, Role.COORDINATOR)
    steps = [
        lambda seen: services.hold(
            session, application, by=rita, until=now.date() + timedelta(days=9), reason="The register answers.",
            seen_version=seen, now=now,
        ),
        lambda seen: services.resume(session, application, by=rita, seen_version=seen, now=now),
        lambda seen: services.recommend(
            session, application, by=rita, recommendation=Recommendation.APPROVE, checklist=ALL_FINE, words="All is well.",
            seen_version=seen, now=now,
        ),
        lambda seen: services.send_back(
            session, application, by=ada, reason="Please look at the number again.", seen_version=seen, now=now
        ),
    ]  # fmt: skip
    for step in steps:
        step(application.version)
        session.commit()

    history = sign_in(Role.REVIEWER).get(_path(application)).select(".history > li")

    assert [" ".join(line.get_text(" ").split()).partition(" UTC ")[2] for line in history] == [
        "Please look at the number again.",
        "Approve the application All is well. What was checked "
        + " ".join(f"In order {label}" for label in CHECK_LABELS.values()),
        "",
        "until 3 December 2026 The register answers.",
    ]
    assert application.recommendation is None


def test_history_of_what_was_reduced_keeps_no_words(session: Session, sign_in: SignIn, now: datetime) -> None:
    application, ada = add_ready(session), add_account(session, Role.APPROVER)
    closing.reject(
        session, application, by=ada, code=RejectionCode.OUT_OF_SCOPE, message="You sell ice cream, do you not?",
        status_url=STATUS_URL, second_person=True, seen_version=application.version, now=now,
    )  # fmt: skip
    application.moves[0].facts |= {"duplicate_of": "a-member", "checklist": {"scope": "doubt"}}
    before = [(made.words, made.facts["code"]) for made in application.moves]
    retention.reduce(session, application, now=now)
    session.commit()

    assert before == [("You sell ice cream, do you not?", "out_of_scope")]
    assert [(made.words, made.facts) for made in application.moves] == [("", {"code": "out_of_scope"})]
    assert "ice cream" not in sign_in(Role.REVIEWER).get(_path(application)).text


def test_late_clerk_gets_the_checklist_back(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW), sign_in(Role.REVIEWER)
    page = clerk.get(_path(application))
    application.hold_reason = "A colleague was here."
    session.commit()

    late = clerk.submit(
        page, {**TICKED, "recommend-recommendation": "approve", "recommend-words": "Fine."}, css="form[action$='/recommend']"
    )

    assert late.status == 409
    assert late.texts("blockquote")[0] == "Fine."
    assert f"{CHECK_LABELS[CheckItem.IDENTITY]} – In order" in late.texts("blockquote")


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.APPROVED, State.REJECTED])
def test_case_offers_to_assign_what_is_open(session: Session, sign_in: SignIn, state: State) -> None:
    page = sign_in(Role.COORDINATOR).get(_path(add_application(session, state=state)))

    assert bool(page.select("form[action$='/assign']")) is (state is State.IN_REVIEW)
