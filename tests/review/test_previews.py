"""The letter before it goes: what it means for the applicant, and changing it for the one case."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.models import Role, StaffSession
from directory.applications.letter_kinds import LetterKind
from directory.applications.models import Application, Person
from directory.applications.states import RejectionCode, State
from directory.audit import AuditEvent
from directory.errors import Invalid
from directory.i18n.formats import date_text
from directory.mail import OutboxLetter
from directory.review import closing, letter_editing
from directory.review.amending import Amendment
from directory.review.rules import ANSWER_DAYS
from tests.factories import add_member
from tests.page import Page, Visitor
from tests.review.cases import STATUS_URL, add_account, add_application, add_ready, answers

Letters = Callable[[], list[OutboxLetter]]
SignIn = Callable[..., Visitor]
MESSAGE = "The register knows no such number."
REASON = "We could not verify the organisation from what was given and from public registers."


def _path(application: Application, page: str = "") -> str:
    return f"/en/staff/applications/{application.reference}/{page}".removesuffix("/")


def _rejection(session: Session, sign_in: SignIn) -> tuple[Application, Visitor, Page]:
    """Look at the letter of a rejection."""
    application, clerk = add_ready(session, locale="en"), sign_in(Role.APPROVER)
    words = {"decision-outcome": "reject", "decision-code": "not_verifiable", "decision-message": MESSAGE, "do": "preview"}
    return application, clerk, clerk.submit(clerk.get(_path(application, "decision")), words)


def _event(session: Session) -> tuple[str, dict[str, tuple[Any, Any]]]:
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    return event.action, {value.field: (json.loads(value.old), json.loads(value.new)) for value in event.values}


def test_changed_letter_goes_and_the_audit_has_both(session: Session, sign_in: SignIn, letters: Letters) -> None:
    application, clerk, page = _rejection(session, sign_in)
    written = page.form()["decision-letter_body"]
    body = written.replace("With kind regards,", "We are sorry, and remain, with kind regards,")

    changed = clerk.submit(
        page, {"decision-letter_subject": "About your application", "decision-letter_body": body, "do": "preview"}
    )
    done = clerk.submit(changed, {"do": "confirm"})

    assert changed.texts(".letter-subject") == ["About your application"]
    assert "We are sorry, and remain" in changed.select(".letter")[0].get_text()
    assert "Rejected. The applicant is told by mail." in done.text
    [letter] = letters()
    assert (letter.subject, letter.body.strip()) == ("About your application", body.strip())
    action, changes = _event(session)
    assert action == "application.reject"
    assert changes["letter_subject"] == (f"Decision on your application {application.reference}", "About your application")
    assert changes["letter_body"] == (written.strip() + "\n", letter.body)


def test_letter_that_nobody_changed_leaves_no_trace_of_a_change(session: Session, sign_in: SignIn) -> None:
    _application, clerk, page = _rejection(session, sign_in)

    clerk.submit(page, {"do": "confirm"})

    assert set(_event(session)[1]) == {"state", "reason", "code"}


@pytest.mark.parametrize("gone", ["link", "half the link", "reason"])
def test_what_must_stay_in_a_letter_is_asked_for_and_the_rest_kept(
    session: Session, sign_in: SignIn, letters: Letters, gone: str
) -> None:
    application, clerk, page = _rejection(session, sign_in)
    link = next(word for word in page.form()["decision-letter_body"].split() if word.startswith("http"))
    old, new, told = {"link": (link, "", link), "half the link": (link, f"{link}-x", link), "reason": (REASON, "No.", REASON)}[
        gone
    ]
    body = page.form()["decision-letter_body"].replace(old, new) + "\nPS: Do write."

    refused = clerk.submit(page, {"decision-letter_body": body, "do": "confirm"})

    assert (refused.status, refused.errors) == (
        422, {"decision-letter_body": f"This must stay in the letter, word for word: {told}"},
    )  # fmt: skip
    assert refused.form()["decision-letter_body"].strip() == body.strip()
    session.expire_all()
    assert (application.state, letters()) == (State.READY_FOR_DECISION, [])


@pytest.mark.parametrize("field", ["decision-letter_subject", "decision-letter_body"])
def test_letter_cannot_be_emptied(session: Session, sign_in: SignIn, letters: Letters, field: str) -> None:
    _application, clerk, page = _rejection(session, sign_in)

    refused = clerk.submit(page, {field: " ", "do": "confirm"})

    assert (refused.status, list(refused.errors), letters()) == (422, [field], [])


def test_services_refuse_a_letter_without_its_link(session: Session, now: datetime) -> None:
    application, by = add_ready(session, locale="en"), add_account(session, Role.APPROVER)

    with pytest.raises(Invalid) as refusal:
        closing.reject(
            session, application, by=by, code=RejectionCode.NOT_VERIFIABLE, message=MESSAGE, status_url=STATUS_URL,
            second_person=True, seen_version=application.version, now=now, amendment=Amendment("No", f"{REASON} {MESSAGE}"),
        )  # fmt: skip

    assert (refusal.value.field, refusal.value.reason) == ("letter_body", STATUS_URL)


def test_nothing_goes_that_was_not_seen(session: Session, sign_in: SignIn, letters: Letters) -> None:
    application, clerk, page = _rejection(session, sign_in)
    never = clerk.submit(clerk.get(_path(application, "decision")), {**page.form(), "decision-shown": "", "do": "confirm"})

    other = clerk.submit(page, {"decision-message": f"{MESSAGE} Please ask there.", "do": "confirm"})
    before = letters()
    clerk.submit(other, {"do": "confirm"})

    assert (never.status, never.errors, len(never.select(".letter"))) == (200, {}, 1)
    assert (other.status, list(other.errors), before) == (422, ["form"], [])
    assert "no longer the one that you saw" in other.errors["form"]
    assert "Please ask there." in other.select(".letter")[0].get_text()
    assert ["Please ask there." in letter.body for letter in letters()] == [True]


def test_text_that_was_edited_meanwhile_is_seen_before_it_goes(
    session: Session, sign_in: SignIn, letters: Letters, now: datetime
) -> None:
    _application, clerk, page = _rejection(session, sign_in)
    by = add_account(session, Role.ADMINISTRATOR)
    letter_editing.save(
        session, LetterKind.REJECTED, "en", by=by, subject="Decided: {reference}", body="{reason}\n\n{message}\n\n{status_url}",
        seen_version=0, now=now,
    )  # fmt: skip
    session.commit()

    other = clerk.submit(page, {"do": "confirm"})
    before = letters()
    clerk.submit(other, {"do": "confirm"})

    assert (other.status, before) == (422, [])
    assert other.select(".letter")[0].get_text().startswith(f"{REASON}\n\n{MESSAGE}\n\nhttp")
    assert [letter.subject.split(":")[0] for letter in letters()] == ["Decided"]


def test_change_by_hand_outlives_a_change_of_what_it_is_made_of(session: Session, sign_in: SignIn, letters: Letters) -> None:
    _application, clerk, page = _rejection(session, sign_in)
    body = page.form()["decision-letter_body"] + "\nPS: Do write."
    typed = {"decision-letter_body": body, "decision-message": f"{MESSAGE} Please ask there."}

    told = clerk.submit(page, {**typed, "do": "confirm"})
    anew = clerk.submit(told, {"do": "anew"})
    still = clerk.submit(told, {"do": "confirm"})
    before = letters()
    clerk.submit(still, {"decision-letter_body": body.replace(MESSAGE, f"{MESSAGE} Please ask there."), "do": "confirm"})

    assert (told.status, "You changed the letter by hand" in told.errors["form"]) == (422, True)
    assert (list(still.errors), before) == (["decision-letter_body"], [])
    assert "PS: Do write." in told.form()["decision-letter_body"]
    assert ["PS: Do write." in anew.html, "Please ask there." in anew.select(".letter")[0].get_text()] == [False, True]
    assert [("PS: Do write." in letter.body, "Please ask there." in letter.body) for letter in letters()] == [(True, True)]


def test_form_that_is_not_right_keeps_the_changed_letter(session: Session, sign_in: SignIn) -> None:
    _application, clerk, page = _rejection(session, sign_in)
    body = page.form()["decision-letter_body"] + "\nPS: Do write."

    wrong = clerk.submit(page, {"decision-message": "No.", "decision-letter_body": body, "do": "confirm"})
    right = clerk.submit(wrong, {"decision-message": MESSAGE, "do": "preview"})

    assert (wrong.status, list(wrong.errors)) == (422, ["decision-message"])
    assert "PS: Do write." in wrong.form()["decision-letter_body"]
    assert "PS: Do write." in right.select(".letter")[0].get_text()


def test_late_clerk_gets_the_changed_letter_back(session: Session, sign_in: SignIn) -> None:
    application, clerk, page = _rejection(session, sign_in)
    other = sign_in(Role.APPROVER)
    other.submit(other.submit(other.get(_path(application, "decision")), {"do": "preview"}), {"do": "confirm"})

    late = clerk.submit(page, {"do": "confirm"})
    later = clerk.submit(page, {"decision-letter_body": "My own letter.", "do": "confirm"})

    assert (late.status, late.texts("blockquote")) == (409, [MESSAGE])
    assert "My own letter." in later.texts("blockquote")


def test_approval_can_be_changed_too(session: Session, sign_in: SignIn, letters: Letters) -> None:
    application, clerk = add_ready(session, locale="en"), sign_in(Role.APPROVER)
    page = clerk.submit(clerk.get(_path(application, "decision")), {"do": "preview"})
    body = page.form()["decision-letter_body"].replace("We are glad to tell you", "What a day: we are glad to tell you")

    refused = clerk.submit(page, {"decision-letter_body": "You are in.", "do": "confirm"})
    clerk.submit(page, {"decision-letter_body": body, "do": "confirm"})

    assert refused.errors["decision-letter_body"].startswith("This must stay in the letter, word for word: http")
    session.expire_all()
    assert application.member is not None
    assert [("What a day" in letter.body, application.member.slug in letter.body) for letter in letters()] == [(True, True)]


def test_questions_can_be_changed_too(session: Session, sign_in: SignIn, letters: Letters) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW, locale="en"), sign_in(Role.REVIEWER)
    asked = {"ask-step_1": "seat", "ask-code_1": "missing", "do": "preview"}
    page = clerk.submit(clerk.get(_path(application, "changes")), asked)

    clerk.submit(page, {"ask-letter_body": "Dear all,\n\n" + page.form()["ask-letter_body"], "do": "confirm"})

    assert [letter.body.startswith("Dear all,\n\n") for letter in letters()] == [True]
    assert _event(session)[1]["letter_body"][1].startswith("Dear all,")


@pytest.mark.parametrize(
    ("move", "state", "role", "values", "template"),
    [
        ("mark_duplicate", State.IN_REVIEW, Role.REVIEWER, {"of": "ORIGINAL", "message": "See there."}, "duplicate"),
        ("reopen", State.DUPLICATE, Role.COORDINATOR, {"reason": "Our mistake.", "message": "See there."}, "reopened"),
    ],
)
def test_closing_and_reopening_show_the_letter_first(
    session: Session,
    sign_in: SignIn,
    letters: Letters,
    move: str,
    state: State,
    role: Role,
    values: dict[str, str],
    template: str,
) -> None:
    original, application, clerk = add_application(session), add_application(session, state=state, locale="en"), sign_in(role)
    typed = {f"{move}-{name}": text.replace("ORIGINAL", original.reference) for name, text in values.items()}
    case = clerk.get(f"/en/staff/applications/{application.reference}")

    shown = clerk.submit(case, typed, css=f"form[action$='/{move}']")
    before = letters()
    body = shown.form()[f"{move}-letter_body"] + "\nPS: Do write."
    clerk.submit(shown, {f"{move}-letter_body": body, "do": "confirm"})

    assert (shown.status, before, len(shown.select(".letter"))) == (200, [], 1)
    [letter] = letters()
    assert (letter.template, letter.body.strip()) == (template, body.strip())
    assert ("See there." in letter.body, "Our mistake." in letter.body) == (True, False)
    action, changes = _event(session)
    assert (action, "letter_body" in changes) == (f"application.{move}", True)


def test_duplicate_of_nothing_is_refused_before_the_letter(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW), sign_in(Role.REVIEWER)

    page = clerk.submit(clerk.get(_path(application, "mark_duplicate")), {"mark_duplicate-of": "nobody"})

    assert (page.status, list(page.errors), page.select(".letter")) == (422, ["mark_duplicate-of"], [])
    assert page.form()["mark_duplicate-of"] == "nobody"


@pytest.mark.parametrize(("move", "role"), [("mark_duplicate", Role.REVIEWER), ("reopen", Role.COORDINATOR)])
def test_page_of_a_move_that_is_not_possible_says_so(session: Session, sign_in: SignIn, move: str, role: Role) -> None:
    application, clerk = add_application(session), sign_in(role)

    page = clerk.get(_path(application, move))

    assert (page.status, page.select("main form"), len(page.select(".notice-warning"))) == (200, [], 1)


HIDDEN = "No entry becomes public."
APPEAL = "They can ask within 30 days that the decision be looked at again."
COPIES = "Copies go to colleagues of theirs: bo@verein.example, cy@verein.example"


@pytest.mark.parametrize(
    ("state", "page", "values", "effect"),
    [
        (
            State.READY_FOR_DECISION, "decision", {"decision-outcome": "approve"},
            ["They see this state: Approved", "Their entry is public at once.", "They can no longer change the application.", COPIES],
        ),
        (
            State.READY_FOR_DECISION, "decision",
            {"decision-outcome": "reject", "decision-code": "other", "decision-message": MESSAGE},
            ["They see this state: Not approved", HIDDEN, APPEAL, "They can begin a new application with their earlier answers.", COPIES],
        ),
        (
            State.IN_REVIEW, "changes", {"ask-code_1": "unclear"},
            ["They see this state: Waiting for your answer", HIDDEN, "They can change the application, answer, and send it again.", COPIES],
        ),
        (
            State.IN_REVIEW, "mark_duplicate", {"mark_duplicate-of": "ORIGINAL"},
            ["It is closed as a repetition of ORIGINAL.",
             "They see this state: Closed: this organisation has another application or entry", HIDDEN, APPEAL, COPIES],
        ),
        (
            State.REJECTED, "reopen", {"reopen-reason": "Our mistake."},
            ["They see this state: Being checked", HIDDEN,
             "They can follow the application and withdraw it, but change nothing in it.", COPIES],
        ),
    ],
)  # fmt: skip
def test_page_says_what_changes_for_the_applicant(
    session: Session, sign_in: SignIn, now: datetime, state: State, page: str, values: dict[str, str], effect: list[str]
) -> None:
    original, application = add_application(session), add_application(session, state=state, locale="en")
    for number, (email, wants, proved) in enumerate(
        [(application.email, True, now), ("bo@verein.example", True, now), ("cy@verein.example", True, now),
         ("di@verein.example", False, now), ("ed@verein.example", True, None)], 1,
    ):  # fmt: skip
        application.people.append(Person(number=number, name="", email=email, proved_at=proved, wants_copies=wants, added_at=now))
    session.commit()
    clerk = sign_in(Role.REVIEWER, Role.APPROVER, Role.COORDINATOR)
    typed = {name: text.replace("ORIGINAL", original.reference) for name, text in values.items()}

    shown = clerk.submit(clerk.get(_path(application, page)), {**typed, "do": "preview"})

    named = f"{original.sent_name} ({original.reference})"
    assert shown.texts("section[aria-labelledby=effect] li") == [text.replace("ORIGINAL", named) for text in effect]


def test_enter_key_shows_the_letter_and_sends_nothing(session: Session, sign_in: SignIn) -> None:
    _application, _clerk, page = _rejection(session, sign_in)

    assert str(page.select("main form button[type=submit]")[0]["value"]) == "preview"


@pytest.mark.parametrize("typed", ["{lower}", "http://127.0.0.1:8000/en/staff/applications/{reference}", " {reference} "])
def test_what_an_application_repeats_may_be_typed_in_any_way(session: Session, sign_in: SignIn, typed: str) -> None:
    original, application = add_application(session), add_application(session, state=State.IN_REVIEW)
    clerk, path = sign_in(Role.REVIEWER), _path(application, "mark_duplicate")
    text = typed.format(reference=original.reference, lower=original.reference.lower())

    page = clerk.submit(clerk.get(path), {"mark_duplicate-of": text, "do": "preview"})
    clerk.submit(page, {"do": "confirm"})

    session.expire_all()
    assert (application.state, application.duplicate_of) == (State.DUPLICATE, original.reference)


def test_the_application_itself_is_no_original(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW), sign_in(Role.REVIEWER)

    page = clerk.get(f"{_path(application, 'mark_duplicate')}?of={application.reference}")
    refused = clerk.submit(page, {"do": "preview"})

    assert page.form()["mark_duplicate-of"] == application.reference
    assert refused.errors == {"mark_duplicate-of": "This is the application itself. Please name the other one."}


def test_checks_lead_to_closing_as_a_duplicate_of_what_was_found(session: Session, sign_in: SignIn) -> None:
    given = answers()
    first, second = (add_application(session, state=State.IN_REVIEW, answers=given) for _ in range(2))

    pages = [sign_in(role).get(_path(first)) for role in (Role.REVIEWER, Role.AUDITOR)]

    links = [[str(link["href"]) for link in page.select(".checks a[href*=mark_duplicate]")] for page in pages]
    assert links == [[f"{_path(first, 'mark_duplicate')}?of={second.reference}"], []]


def test_who_decides_is_told_of_a_very_likely_duplicate(session: Session, sign_in: SignIn) -> None:
    given = answers()
    twin, in_review = (add_application(session, state=State.IN_REVIEW, answers=given) for _ in range(2))
    ready = add_ready(session, answers=given)
    clerk = sign_in(Role.REVIEWER, Role.APPROVER)

    decision, case = clerk.get(_path(ready, "decision")), clerk.get(_path(in_review))
    alone = clerk.get(_path(add_ready(session), "decision"))

    assert twin.sent_name in decision.texts(".notice-warning li")[0]
    assert "Very likely the same organisation" in case.texts("[id$=check_duplicates-hint]")[0]
    assert alone.select(".notice-warning") == []
    assert "The e-mail address was proved." in alone.text


def test_looking_at_a_letter_wants_no_password_and_sending_it_does(session: Session, sign_in: SignIn, letters: Letters) -> None:
    ready, closed = add_ready(session, locale="en"), add_application(session, state=State.REJECTED)
    in_review = add_application(session, state=State.IN_REVIEW)
    clerk = sign_in(Role.APPROVER, Role.COORDINATOR)
    session.execute(update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()
    asked = [
        (ready, "decision", {"decision-outcome": "approve"}), (closed, "reopen", {"reopen-reason": "Our mistake."}),
        (in_review, "mark_duplicate", {"mark_duplicate-of": closed.reference}),
    ]  # fmt: skip

    shown = [clerk.submit(clerk.get(_path(one, page)), {**values, "do": "preview"}) for one, page, values in asked]
    sent = [clerk.submit(page, {"do": "confirm"}) for page in shown]

    assert [(page.status, len(page.select(".letter"))) for page in shown] == [(200, 1)] * 3
    assert [page.status for page in sent] == [401] * 3
    assert letters() == []


def test_changed_letter_is_refused_when_it_is_shown(session: Session, sign_in: SignIn) -> None:
    _application, _clerk, page = _rejection(session, sign_in)

    shown = _clerk.submit(page, {"decision-letter_body": "Sorry.", "do": "preview"})

    assert (shown.status, list(shown.errors)) == (422, ["decision-letter_body"])


def test_another_reason_is_told_in_the_words_of_whoever_decides(session: Session, sign_in: SignIn, letters: Letters) -> None:
    application, clerk = add_ready(session, locale="en"), sign_in(Role.APPROVER)
    values = {"decision-outcome": "reject", "decision-code": "other", "decision-message": MESSAGE}

    clerk.submit(clerk.submit(clerk.get(_path(application, "decision")), {**values, "do": "preview"}), {"do": "confirm"})

    [letter] = letters()
    assert letter.body.count(MESSAGE) == 1
    assert "Another reason" not in letter.body


def test_a_draft_is_no_original_and_an_address_may_be_in_capitals(session: Session, sign_in: SignIn) -> None:
    draft, application = add_application(session, state=State.DRAFT), add_application(session, state=State.IN_REVIEW)
    add_member(session, slug="there", names={"en": "There Ltd"})
    clerk, path = sign_in(Role.REVIEWER), _path(application, "mark_duplicate")

    private = clerk.submit(clerk.get(path), {"mark_duplicate-of": draft.reference, "do": "preview"})
    member = clerk.submit(clerk.get(path), {"mark_duplicate-of": "THERE", "do": "preview"})

    assert list(private.errors) == ["mark_duplicate-of"]
    assert "There Ltd (there)" in member.texts("section[aria-labelledby=effect] li")[0]


def test_a_question_keeps_its_day_in_the_letter(session: Session, sign_in: SignIn, letters: Letters) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW, locale="en"), sign_in(Role.REVIEWER)
    shown = clerk.submit(clerk.get(_path(application, "changes")), {"ask-code_1": "unclear", "do": "preview"})
    body = shown.form()["ask-letter_body"]
    day = date_text(datetime.now(UTC).date() + timedelta(days=ANSWER_DAYS), "en")

    refused = clerk.submit(shown, {"ask-letter_body": body.replace(day, "soon"), "do": "confirm"})

    assert day in body
    assert (list(refused.errors), letters()) == (["ask-letter_body"], [])
