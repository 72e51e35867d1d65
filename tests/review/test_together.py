"""One thing done to several applications: what the page shows before, and what is done to each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role, StaffSession
from directory.applications.models import Application, Interest
from directory.applications.states import State
from directory.audit import AuditEvent, verify
from directory.db import db
from directory.mail import OutboxLetter
from tests.page import Visitor
from tests.review.cases import add_account, add_application

SignIn = Callable[..., Visitor]
QUEUE = "/en/staff/applications/"
TOGETHER = f"{QUEUE}together"


def _chosen(*applications: Application) -> list[str]:
    return [f"{one.reference}:{one.version}" for one in applications]


def _in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def _actions(session: Session) -> list[tuple[str, str]]:
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence))
    return [(one.action, one.subject_id) for one in events if one.action.startswith("application.")]


def _refresh(session: Session, *applications: Application) -> list[str]:
    session.expire_all()
    return [str(one.state) for one in applications]


def test_spam_shows_what_it_does_before_it_does_it(session: Session, sign_in: SignIn) -> None:
    one, two = add_application(session), add_application(session, state=State.IN_REVIEW)
    decided = add_application(session, state=State.APPROVED)
    clerk = sign_in(Role.COORDINATOR)
    queue, seen = clerk.get(f"{QUEUE}?view=all"), _chosen(one, two)

    shown = clerk.submit(queue, {"deed": "put_aside_as_spam", "chosen": _chosen(one, two, decided)}, css="form[action*=together]")
    before = _refresh(session, one, two, decided)
    done = clerk.submit(shown, {"do": "confirm"}, css="form[action*=together]")

    assert "Nobody is written to;" in shown.text
    assert [str(box["value"]) for box in shown.select("input[name=chosen][checked]")] == seen
    assert f"{decided.reference} {decided.sent_name} : This cannot be done in the state it is in." in " ".join(shown.text.split())
    assert before == ["submitted", "in_review", "approved"]
    assert _refresh(session, one, two, decided) == ["rejected", "rejected", "approved"]
    assert f"Done: {one.reference}, {two.reference}." in done.text
    assert session.scalars(select(OutboxLetter)).all() == []
    assert _actions(session) == [
        ("application.put_aside_as_spam", one.reference),
        ("application.put_aside_as_spam", two.reference),
    ]
    assert verify(session).why == ""


def test_rejecting_several_wants_the_password_again_and_nothing_else_does(session: Session, sign_in: SignIn) -> None:
    one = add_application(session, state=State.IN_REVIEW)
    clerk = sign_in(Role.COORDINATOR)
    session.execute(update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()
    sent = {"chosen": _chosen(one), "until": _in_days(5), "reason": "The register answers.", "assignee": ""}
    deeds = ("assign", "hold", "ask_for_changes", "put_aside_as_spam")

    shown = [clerk.post(TOGETHER, {**sent, "deed": deed, "do": "preview"}).status for deed in deeds]
    asked = clerk.post(TOGETHER, {**sent, "deed": "put_aside_as_spam", "do": "confirm"})
    preview = clerk.post(TOGETHER, {**sent, "deed": "hold", "do": "preview"})
    done = clerk.submit(preview, {"do": "confirm"}, follow=False).status

    assert (401 in shown, asked.status, done) == (False, 401, 303)
    assert [str(box["value"]) for box in asked.select("input[name=chosen]")] == sent["chosen"]
    assert _refresh(session, one) == ["on_hold"]


@pytest.mark.parametrize(
    ("deed", "first", "then"),
    [
        ("hold", {"until": _in_days(5), "reason": "one"}, {"until": _in_days(9), "reason": "another"}),
        ("assign", {"assignee": "ana"}, {"assignee": ""}),
    ],
)
def test_nothing_else_is_done_than_what_was_shown(
    session: Session, sign_in: SignIn, deed: str, first: dict[str, str], then: dict[str, str]
) -> None:
    one, ana = add_application(session, state=State.IN_REVIEW), add_account(session, Role.REVIEWER, name="Ana")
    ana.public_id = "ana"
    session.commit()
    clerk = sign_in(Role.COORDINATOR)
    shown = clerk.post(TOGETHER, {"deed": deed, "chosen": _chosen(one), "do": "preview", **first})

    other = clerk.submit(shown, {**then, "do": "confirm"}, css="form[action*=together]")
    before = _actions(session)
    again = clerk.submit(other, {"do": "preview"}, css="form[action*=together]")
    clerk.submit(again, {"do": "confirm"}, css="form[action*=together]")

    assert (other.status, before) == (422, [])
    assert "This is not what you saw. Please look at it, then confirm." in other.text
    assert _actions(session) == [(f"application.{deed}", one.reference)]
    session.expire_all()
    assert (one.hold_reason or "", one.assignee) == (then.get("reason", ""), None)


def test_asking_shows_each_letter_in_its_language(session: Session, sign_in: SignIn) -> None:
    german = add_application(session, state=State.IN_REVIEW, locale="de")
    spanish = add_application(session, state=State.IN_REVIEW, locale="es")
    clerk = sign_in(Role.REVIEWER)
    first = clerk.post(TOGETHER, {"deed": "ask_for_changes", "chosen": _chosen(german, spanish)})

    empty = clerk.submit(first, {"do": "preview"})
    shown = clerk.submit(empty, {"step": "seat", "code": "missing", "do": "preview"})
    before = session.scalars(select(OutboxLetter)).all()
    clerk.submit(shown, {"do": "confirm"})

    assert (first.select("button[value=confirm]"), empty.status, list(empty.errors)) == ([], 422, ["code"])
    assert [str(one["lang"]) for one in shown.select(".letter")] == ["de", "es"]
    assert [f"Letter to {one.email_proved}" in shown.text for one in (german, spanish)] == [True, True]
    assert before == []
    assert _refresh(session, german, spanish) == ["changes_requested", "changes_requested"]
    letters = session.scalars(select(OutboxLetter).order_by(OutboxLetter.id)).all()
    assert [(one.template, one.recipient, one.locale) for one in letters] == [
        ("changes_requested", german.email_proved, "de"), ("changes_requested", spanish.email_proved, "es"),
    ]  # fmt: skip
    assert [letter.body for letter in letters] == [text.get_text() for text in shown.select(".letter")]


def test_words_are_added_in_each_language_that_occurs(session: Session, sign_in: SignIn) -> None:
    german, chinese, second = (add_application(session, state=State.IN_REVIEW, locale=tag) for tag in ("de", "zh-Hans", "de"))
    clerk = sign_in(Role.REVIEWER)
    first = clerk.post(TOGETHER, {"deed": "ask_for_changes", "chosen": _chosen(german, chinese, second)})

    words = {"words_de": "Bitte bis Freitag.", "words_zh_Hans": "请在周五前答复。"}
    long = clerk.submit(first, {**words, "code": "missing", "words_de": "x" * 2001, "do": "preview"})
    shown = clerk.submit(long, {**words, "do": "preview"})
    clerk.submit(shown, {"do": "confirm"})

    boxes = {str(box["name"]): (box["lang"], box["dir"]) for box in first.select("textarea")}
    assert boxes == {"words_de": ("de", "ltr"), "words_zh_Hans": ("zh-Hans", "ltr")}
    assert (long.status, list(long.errors)) == (422, ["words_de"])
    letters = session.scalars(select(OutboxLetter).order_by(OutboxLetter.id)).all()
    assert [letter.body for letter in letters] == [text.get_text() for text in shown.select(".letter")]
    assert [[text in letter.body for text in words.values()] for letter in letters] == [
        [True, False],
        [False, True],
        [True, False],
    ]
    session.expire_all()
    assert [point.words for one in (german, chinese) for point in one.points] == list(words.values())


def test_what_changed_meanwhile_is_left_alone(session: Session, sign_in: SignIn) -> None:
    stays, changes = add_application(session, state=State.IN_REVIEW), add_application(session, state=State.IN_REVIEW)
    clerk = sign_in(Role.REVIEWER)
    shown = clerk.post(
        TOGETHER,
        {
            "deed": "hold",
            "chosen": _chosen(stays, changes),
            "until": _in_days(9),
            "reason": "The register answers.",
            "do": "preview",
        },
    )
    changes.recommendation_note = "A colleague was here."
    session.commit()

    done = clerk.submit(shown, {"do": "confirm"}, follow=True)

    assert _refresh(session, stays, changes) == ["on_hold", "in_review"]
    assert (stays.hold_until, stays.hold_reason) == (datetime.now(UTC).date() + timedelta(days=9), "The register answers.")
    assert f"Done: {stays.reference}." in done.text
    assert f"Left as they are, since they changed or this cannot be done: {changes.reference}." in done.text
    assert _actions(session) == [("application.hold", stays.reference)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"deed": "hold", "until": "2020-01-01", "reason": "Wait."}, "until"),
        ({"deed": "hold", "until": "soon", "reason": "Wait."}, "until"),
        ({"deed": "hold", "until": "", "reason": "Wait."}, "until"),
        ({"deed": "ask_for_changes", "code": "missing", "answer_by": "2020-01-01"}, "answer_by"),
        ({"deed": "ask_for_changes", "code": "nonsense", "answer_by": _in_days(9)}, "code"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "confirm"])
def test_bad_input_is_told_and_kept(session: Session, sign_in: SignIn, values: dict[str, str], field: str, do: str) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    clerk = sign_in(Role.COORDINATOR)

    page = clerk.post(TOGETHER, {"chosen": _chosen(application), "do": do} | values)

    assert (page.status, list(page.errors)) == (422, [field])
    assert page.form()["chosen"] == _chosen(application)[0]
    assert _refresh(session, application) == ["in_review"]


def test_reviewers_take_work_on_and_coordinators_give_it(session: Session, sign_in: SignIn) -> None:
    one, two = add_application(session), add_application(session)
    other = add_account(session, Role.REVIEWER)
    reviewer, coordinator = sign_in(Role.REVIEWER), sign_in(Role.COORDINATOR)

    page = reviewer.post(TOGETHER, {"deed": "assign", "chosen": _chosen(one, two)})
    offered = [str(option["value"]) for option in page.select("option")]
    refused = reviewer.post(TOGETHER, {"deed": "assign", "chosen": _chosen(one), "assignee": other.public_id, "do": "confirm"})
    coordinator.post(TOGETHER, {"deed": "assign", "chosen": _chosen(one, two), "assignee": other.public_id, "do": "confirm"})

    assert offered == [reviewer.account]
    assert (refused.status, list(refused.errors)) == (422, ["assignee"])
    session.expire_all()
    assert [row.assignee for row in (one, two)] == [other, other]


def test_nobody_is_given_what_binds_them(session: Session, sign_in: SignIn, now: datetime) -> None:
    other = add_account(session, Role.REVIEWER)
    free, bound = add_application(session), add_application(session)
    bound.interests.append(Interest(account_id=other.id, words="A relative works there.", declared_at=now))
    session.commit()
    clerk = sign_in(Role.COORDINATOR)

    seen = _chosen(free, bound)
    values = {"deed": "assign", "chosen": seen, "assignee": other.public_id}
    shown = clerk.post(TOGETHER, values | {"do": "preview"})
    clerk.post(TOGETHER, values | {"do": "confirm"})

    assert [str(box["value"]) for box in shown.select("input[name=chosen]")] == seen[:1]
    session.expire_all()
    assert (free.assignee, bound.assignee) == (other, None)


@pytest.mark.parametrize(
    ("role", "deed", "status"),
    [
        (Role.REVIEWER, "put_aside_as_spam", 403), (Role.APPROVER, "hold", 403), (Role.APPROVER, "ask_for_changes", 403),
        (Role.COORDINATOR, "put_aside_as_spam", 200), (Role.REVIEWER, "hold", 200), (Role.APPROVER, "assign", 200),
        (Role.REVIEWER, "approve", 303), (Role.REVIEWER, "", 303),
    ],
)  # fmt: skip
def test_each_role_does_its_own(session: Session, sign_in: SignIn, role: Role, deed: str, status: int) -> None:
    application = add_application(session, state=State.IN_REVIEW)

    assert sign_in(role).post(TOGETHER, {"deed": deed, "chosen": _chosen(application)}).status == status


@pytest.mark.parametrize(
    "chosen", [[], ["A-T00001"], ["A-T00001:x"], [":1"], ["A-T00001:99999999999"], ["x" * 4000 + ":1"], ["A\x00B:1"]]
)
def test_nothing_chosen_leads_back_to_the_list_as_it_was(sign_in: SignIn, chosen: list[str]) -> None:
    back = sign_in(Role.REVIEWER).post(f"{TOGETHER}?view=mine&country=RS", {"deed": "assign", "chosen": chosen})

    assert (back.status, back.location) == (303, f"{QUEUE}?view=mine&country=RS")


def test_costs_the_same_for_two_and_for_five(session: Session, sign_in: SignIn) -> None:
    clerk, counts = sign_in(Role.REVIEWER), []
    chosen = _chosen(*[add_application(session, state=State.IN_REVIEW) for _ in range(5)])
    values: dict[str, Any] = {"deed": "ask_for_changes", "code": "missing", "answer_by": _in_days(9), "do": "preview"}

    for number in (2, 5):
        statements: list[str] = []

        def note(*args: Any, seen: list[str] = statements) -> None:
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        clerk.post(TOGETHER, values | {"chosen": chosen[:number]})
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_reviewers_own_account_is_found(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session), sign_in(Role.REVIEWER)

    clerk.post(TOGETHER, {"deed": "assign", "chosen": _chosen(application), "assignee": clerk.account, "do": "confirm"})

    session.expire_all()
    assert application.assignee == session.scalars(select(Account).where(Account.public_id == clerk.account)).one()


def test_letters_that_nobody_saw_do_not_go(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW), sign_in(Role.REVIEWER)
    order = {"deed": "ask_for_changes", "code": "missing", "answer_by": _in_days(9)}

    unseen = clerk.post(TOGETHER, order | {"chosen": _chosen(application), "do": "confirm"})
    other = clerk.submit(unseen, {"words_de": "And quickly.", "do": "confirm"})
    before = (_refresh(session, application), session.scalars(select(OutboxLetter)).all())
    clerk.submit(other, {"do": "confirm"})

    told = "These are not the letters that you saw. Please look at them, then confirm."
    assert [told in page.text for page in (unseen, other)] == [True, True]
    assert before == (["in_review"], [])
    assert _refresh(session, application) == ["changes_requested"]
    assert "And quickly." in session.scalars(select(OutboxLetter.body)).one()


def _asked_of(clerk: Visitor, *applications: Application) -> Any:
    order = {"deed": "ask_for_changes", "code": "missing", "answer_by": _in_days(9), "do": "preview"}
    return clerk.post(TOGETHER, order | {"chosen": _chosen(*applications)})


def test_letter_of_one_is_changed_for_its_own_case(session: Session, sign_in: SignIn) -> None:
    one, two = (add_application(session, state=State.IN_REVIEW, locale="en") for _ in range(2))
    clerk = sign_in(Role.REVIEWER)
    shown = _asked_of(clerk, one, two)
    body = f"letter-{one.reference}-letter_body"
    own = "Dear Ms Probić, as we said on the telephone:\n\n" + shown.form()[body]

    again = clerk.submit(shown, {body: own, "do": "preview"})
    clerk.submit(again, {"do": "confirm"})

    assert [text.get_text().startswith("Dear Ms Probić") for text in again.select("div.letter")] == [True, False]
    sent = session.scalars(select(OutboxLetter).order_by(OutboxLetter.id)).all()
    assert [letter.body.strip() for letter in sent] == [text.get_text().strip() for text in again.select("div.letter")]
    assert _refresh(session, one, two) == ["changes_requested", "changes_requested"]
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert ["letter_body" in event.digests for event in events if event.action == "application.ask_for_changes"] == [True, False]


def test_letter_without_its_address_keeps_all_from_going(session: Session, sign_in: SignIn) -> None:
    one, two = (add_application(session, state=State.IN_REVIEW, locale="en") for _ in range(2))
    clerk = sign_in(Role.REVIEWER)
    shown = _asked_of(clerk, one, two)
    field = f"letter-{two.reference}-letter_body"

    refused = clerk.submit(shown, {field: "Please send it.", "do": "confirm"})

    assert (refused.status, list(refused.errors)) == (422, [field])
    assert refused.select(f"#error-summary a[href='#{field}']")
    assert refused.form()[field] == "Please send it."
    assert _refresh(session, one, two) == ["in_review", "in_review"]
    assert session.scalars(select(OutboxLetter)).all() == []


def test_what_is_asked_differently_after_a_letter_was_changed_is_told(session: Session, sign_in: SignIn) -> None:
    one = add_application(session, state=State.IN_REVIEW, locale="en")
    clerk = sign_in(Role.REVIEWER)
    shown = _asked_of(clerk, one)
    body = f"letter-{one.reference}-letter_body"
    own = f"Hello!\n\n{shown.form()[body]}"

    told = clerk.submit(shown, {body: own, "code": "unclear", "do": "confirm"})
    anew = clerk.submit(told, {"do": "anew"})

    assert told.status == 422
    assert "You changed the letter by hand, and then something that it is made of." in told.text
    assert told.form()[body] == own.strip()
    assert "Please explain this more clearly." in anew.form()[body]
    assert not anew.form()[body].startswith("Hello!")
    assert [bool(page.select("button[value=anew]")) for page in (shown, told, anew)] == [False, True, False]
    assert _refresh(session, one) == ["in_review"]


def test_a_letter_of_several_is_written_anew_alone(session: Session, sign_in: SignIn) -> None:
    one, two = (add_application(session, state=State.IN_REVIEW, locale="en") for _ in range(2))
    clerk = sign_in(Role.REVIEWER)
    shown = _asked_of(clerk, one, two)
    fields = [f"letter-{application.reference}-letter_body" for application in (one, two)]
    typed = {name: f"Hello!\n\n{shown.form()[name]}" for name in fields}

    again = clerk.submit(shown, {**typed, "anew": two.reference})

    assert [again.form()[name].startswith("Hello!") for name in fields] == [True, False]


def test_error_of_a_letter_names_its_application(session: Session, sign_in: SignIn) -> None:
    one, two = (add_application(session, state=State.IN_REVIEW, locale="en") for _ in range(2))
    clerk = sign_in(Role.REVIEWER)
    shown = _asked_of(clerk, one, two)

    refused = clerk.submit(shown, {f"letter-{two.reference}-letter_body": "Hm.", "do": "confirm"})

    [told] = refused.texts("#error-summary li")
    assert told.startswith(f"{two.reference}: This must stay in the letter, word for word:")
