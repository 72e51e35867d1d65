"""Sending an application: what it needs, what it writes, and sending it again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.applications import letters, rules, services
from directory.applications.models import Application, Point
from directory.applications.states import PointCode, State
from directory.applications.vocab import Step
from directory.audit import AuditEvent
from directory.errors import Conflict, Incomplete, NotAllowed, WrongStatus
from directory.mail import OutboxLetter
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, full_answers

URLS = {"status_url": "https://site.example/status", "desk_url": "https://site.example/desk", "staff_mail": "staff@site.example"}


def _submit(session: Session, application: Application) -> None:
    services.submit(session, application, **URLS, locale="en", seen_version=application.version, now=NOW)
    session.commit()


def _without(step: str, field: str) -> dict[str, object]:
    answers = full_answers()
    return answers | {step: {k: v for k, v in answers[step].items() if k != field}}


def _asked(session: Session, application: Application, *words: str) -> list[Point]:
    clerk = Account(email="clerk@staff.example", created_at=NOW)
    session.add(clerk)
    session.flush()
    application.points = [Point(step="seat", code=PointCode.UNCLEAR, words=w, asked_by_id=clerk.id, asked_at=NOW) for w in words]
    session.commit()
    return application.points


def test_submit_keeps_a_copy_writes_a_receipt_and_tells_staff(session: Session) -> None:
    application = add_application(session)

    _submit(session, application)

    assert (application.state, application.submitted_at) == (State.SUBMITTED, NOW)
    assert [(s.number, s.answers) for s in application.submissions] == [(1, full_answers())]
    receipt, told = session.scalars(sa.select(OutboxLetter).order_by(OutboxLetter.template.desc()))
    assert (receipt.template, receipt.recipient) == ("application_received", "ana@proba.example")
    assert receipt.subject == f"Application {application.reference} received"
    for words in ("Привредни савез Проба", "07012345", "Market entry in Serbia", URLS["status_url"], "10 working days"):
        assert words in receipt.body
    assert (told.template, told.recipient) == ("application_arrived", "staff@site.example")
    assert told.subject == f"New application {application.reference}: Привредни савез Проба"
    assert URLS["desk_url"] in told.body
    assert session.scalars(sa.select(AuditEvent.action)).all() == ["application.submit"]


@pytest.mark.parametrize(("step", "field"), [(str(step), field) for step, fields in rules.REQUIRED.items() for field in fields])
def test_submit_needs_each_required_answer(session: Session, step: str, field: str) -> None:
    application = add_application(session, answers=_without(step, field))

    with pytest.raises(Incomplete) as refusal:
        _submit(session, application)

    assert (step, field) in refusal.value.missing
    assert (application.state, application.submissions) == (State.DRAFT, [])
    assert session.scalars(sa.select(OutboxLetter)).all() == []


@pytest.mark.parametrize("field", rules.OFFERING_REQUIRED)
def test_submit_needs_whole_offerings(session: Session, field: str) -> None:
    one = full_answers()["offerings"]["offerings"][0]
    half = {k: v for k, v in one.items() if k != field}
    application = add_application(session, answers=full_answers(offerings={"offerings": [one, half]}))

    with pytest.raises(Incomplete) as refusal:
        _submit(session, application)

    assert refusal.value.missing == (("offerings", f"offerings-1-{field}"),)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"answers": full_answers(offerings={})}, ("offerings", "offerings")),
        ({"answers": full_answers(organisation=full_answers()["organisation"] | {"kind": "enterprise", "type": "enterprise"},
                                  seat={"country": "RS", "city": "Niš"})}, ("seat", "registrations")),
        ({"answers": full_answers(seat={"country": "RS", "city": "Niš", "registrations": [{"scheme": "LEI"}]})},
         ("seat", "registrations-0-value")),
        ({"email_proved": None}, ("contact", "email_proved")),
        ({"email_proved": "other@proba.example"}, ("contact", "email_proved")),
        ({"statement_version": None}, ("statement", "accepted")),
        ({"statement_version": "older"}, ("statement", "accepted")),
    ],
)  # fmt: skip
def test_submit_needs_offering_register_proof_and_statement(
    session: Session, changes: dict[str, object], missing: tuple[str, str]
) -> None:
    application = add_application(session, **changes)

    with pytest.raises(Incomplete) as refusal:
        _submit(session, application)

    assert refusal.value.missing == (missing,)
    assert application.state == State.DRAFT


def test_submit_names_everything_that_is_missing_at_once(session: Session) -> None:
    application = add_application(session, answers=_without("seat", "city"), email_proved=None, statement_version="older")

    with pytest.raises(Incomplete) as refusal:
        _submit(session, application)

    assert refusal.value.missing == (("seat", "city"), ("contact", "email_proved"), ("statement", "accepted"))


@pytest.mark.parametrize(
    ("guard", "changes"),
    [
        ("email_proved", {"email_proved": None}),
        ("complete", {"answers": full_answers(offerings={})}),
        ("statement_accepted", {"statement_version": "older"}),
    ],
)
def test_guard_holds_by_itself(session: Session, guard: str, changes: dict[str, object]) -> None:
    application = add_application(session, **changes)

    for name, check in rules.guards(application, now=NOW).items():
        if name == guard:
            with pytest.raises(Incomplete):
                check()
        else:
            check()


def test_appeal_is_open_for_thirty_days(session: Session) -> None:
    application = add_application(session, state=State.REJECTED)

    rules.guards(application, now=NOW + timedelta(days=30))["within_appeal"]()
    with pytest.raises(NotAllowed):
        rules.guards(application, now=NOW + timedelta(days=30, seconds=1))["within_appeal"]()


def test_institution_may_stand_in_no_register(session: Session) -> None:
    application = add_application(session, answers=full_answers(seat={"country": "RS", "city": "Niš"}))

    _submit(session, application)

    assert application.state == State.SUBMITTED


def test_submit_refuses_what_changed_since_it_was_seen(session: Session) -> None:
    application = add_application(session)

    with pytest.raises(Conflict):
        services.submit(session, application, **URLS, locale="en", seen_version=application.version - 1, now=NOW)


def test_submit_again_needs_each_point_answered(session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    first, second = _asked(session, application, "Which?", "Why?")
    services.answer_points(session, application, {first.id: "This."}, seen="", now=NOW)
    session.commit()

    with pytest.raises(Incomplete) as refusal:
        _submit(session, application)

    assert refusal.value.missing == (("status", f"point-{second.id}"),)
    assert first.answered_at is None


def test_submit_again_closes_the_points_and_writes_another_letter(session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED, submitted_at=NOW - timedelta(days=3))
    (point,) = _asked(session, application, "Which?")
    services.answer_points(session, application, {point.id: "This."}, seen="", now=NOW)

    _submit(session, application)

    assert (application.state, application.submitted_at) == (State.SUBMITTED, NOW - timedelta(days=3))
    assert (point.answer, point.answered_at) == ("This.", NOW)
    assert [s.number for s in application.submissions] == [1, 2]
    subjects = session.scalars(sa.select(OutboxLetter.subject).order_by(OutboxLetter.template.desc())).all()
    assert subjects == [
        f"Changed application {application.reference} received",
        f"Application {application.reference} came back: Привредни савез Проба",
    ]


@pytest.mark.parametrize("state", sorted(set(State) - {State.CHANGES_REQUESTED}))
def test_points_are_answered_only_when_asked(session: Session, state: State) -> None:
    application = add_application(session, state=state)

    with pytest.raises(WrongStatus):
        services.answer_points(session, application, {}, seen="", now=NOW)


def test_check_page_lists_what_is_missing_with_links(app: Flask, session: Session) -> None:
    application = add_application(session, answers=_without("seat", "city"), email_proved=None)
    browser = open_browser(app, application)

    refused = browser.submit(browser.get(address_of(application, "check")))

    assert refused.status == 422
    assert refused.errors == {
        "city": "City",
        "prove": "Proof of the e-mail address: use the link that we mailed to it",
    }
    links = [a["href"] for a in refused.select("#error-summary a")]
    assert links == [address_of(application, "seat#city"), address_of(application, "contact#prove")]


def test_task_list_says_how_far_each_part_is_and_what_is_missing(app: Flask, session: Session) -> None:
    answers = _without("seat", "city") | {"names": {}, "offerings": {}}
    application = add_application(session, answers=answers, email_proved=None)

    home = open_browser(app, application).get(address_of(application))

    assert home.texts(".tasks .badge") == [
        "Complete", "Not begun, optional", "Begun", "Begun", "Not begun", "Complete", "Complete",
    ]  # fmt: skip
    assert home.texts(".tasks details li") == ["City", "Proof of the e-mail address: use the link that we mailed to it"]
    links = [link["href"] for link in home.select(".tasks details a")]
    assert links == [address_of(application, "seat#city"), address_of(application, "contact#prove")]
    described = [link["aria-describedby"] for link in home.select(".tasks > li > a[aria-describedby]")]
    assert described == [f"state-{step}" for step in Step]


@pytest.mark.parametrize("step", list(Step))
def test_task_list_calls_optional_only_what_can_be_left_out(app: Flask, session: Session, step: Step) -> None:
    application = add_application(session, answers={k: v for k, v in full_answers().items() if k != step})
    browser = open_browser(app, application)

    shown, sent = browser.get(address_of(application)), browser.submit(browser.get(address_of(application, "check")))

    state = shown.texts(".tasks .badge")[list(Step).index(step)]
    assert (state, sent.status) in {("Not begun, optional", 200), ("Not begun", 422)}
    assert (state == "Not begun, optional") == (step is Step.NAMES)


def test_task_list_names_the_part_that_staff_asked_about(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    _asked(session, application, "Which register?")

    home = open_browser(app, application).get(address_of(application))

    assert home.texts(".tasks .badge") == ["Complete", "Complete", "Needs an answer", *["Complete"] * 4]


def test_check_page_shows_parts_in_which_nothing_is(app: Flask, session: Session) -> None:
    application = add_application(session, answers={"seat": {"city": "Niš"}})

    check = open_browser(app, application).get(address_of(application, "check"))

    assert check.texts("main h2") == [
        "Your organisation", "Further names", "Seat and registration", "Contact person", "Services you offer",
        "Documents and logo", "Statement and consent",
    ]  # fmt: skip


@pytest.mark.parametrize(("addressed", "first"), [("Frau Weber", "Good day, Frau Weber,"), ("", "Thank you. We have received")])
def test_letters_begin_as_the_person_wants_to_be_addressed(session: Session, addressed: str, first: str) -> None:
    answers = full_answers()
    answers["contact"] |= {"addressed": addressed}
    application = add_application(session, answers=answers)

    _submit(session, application)

    bodies = {letter.template: letter.body for letter in session.scalars(sa.select(OutboxLetter))}
    assert bodies["application_received"].startswith(first)
    assert not bodies["application_arrived"].startswith("Good day")


def test_letter_to_an_address_that_was_not_proved_carries_no_words_of_the_applicant(session: Session) -> None:
    application = add_application(session, answers=full_answers(contact={"addressed": "Buy now", "email": "ana@proba.example"}))

    letter = letters.access_key(application, key_url="https://site.example/key", hours=48)

    assert "Buy now" not in letter.body


def test_check_page_shows_every_answer(app: Flask, session: Session) -> None:
    application = add_application(session)

    check = open_browser(app, application).get(address_of(application, "check"))

    assert check.texts("main h2") == [
        "Your organisation", "Further names", "Seat and registration", "Contact person", "Service 1", "Documents and logo",
        "Statement and consent",
    ]  # fmt: skip
    assert "Serbia: registration number (matični broj): 07012345" in check.text
    assert check.select("dd [lang=sr-Cyrl]")[0].get_text() == "Привредни савез Проба"


def test_double_submit_sends_once(app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    check = browser.get(address_of(application, "check"))

    sent = [browser.submit(check, follow=False).location for _ in range(2)]

    assert sent == [address_of(application, "status")] * 2
    assert sorted(x.template for x in letters()) == ["application_arrived", "application_received"]
    session.rollback()
    assert len(application.submissions) == 1


def test_check_page_of_an_older_version_is_shown_again(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    check = browser.get(address_of(application, "check"))
    browser.submit(browser.get(address_of(application, "seat")), {"city": "Niš"})

    told = browser.submit(check)

    assert told.status == 409
    assert "changed in another window" in told.text
    assert letters() == []
    assert "Where your application stands" in browser.submit(told).text


@pytest.mark.parametrize("seen", ["", "x", "²", "-1", "9" * 50])
def test_check_page_copes_with_a_made_up_version(app: Flask, session: Session, seen: str) -> None:
    application = add_application(session)

    assert open_browser(app, application).post(address_of(application, "check"), {"seen_version": seen}).status == 409
