"""Several people of one organisation on one application."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications import access, people, retention, services
from directory.applications.models import Application, Person
from directory.applications.states import PointCode, RejectionCode, State
from directory.applications.vocab import Step
from directory.audit import SYSTEM, AuditEvent, verify
from directory.errors import Invalid, NotAllowed
from directory.mail import OutboxLetter
from directory.review import closing, conversation
from directory.review import services as desk
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, full_answers
from tests.page import Page, Visitor
from tests.review.cases import add_account, add_ready

URL = "https://site.example/page"
BO = {"name": "Bo Drugi", "email": "bo@proba.example"}
Letters = Callable[[], list[OutboxLetter]]


def _link(letter: OutboxLetter) -> str:
    found = re.search(r"http://[^/]+(/\S+/open/\S+)", letter.body)
    assert found is not None
    return found[1]


def _invite(app: Flask, application: Application, letters: Letters, **person: str) -> tuple[Visitor, Visitor]:
    """Invite a colleague from the first browser; give both browsers, the second one opened by the mailed link."""
    first, second = open_browser(app, application), Visitor(app)
    first.submit(first.get(address_of(application, "people")), BO | person, css="main form[novalidate]")
    assert second.submit(second.get(_link(letters()[-1]))).status == 200
    return first, second


def _list(page: Page) -> list[str]:
    return page.texts("main ul.plain li p")


def _add_person(session: Session, application: Application, email: str, **changes: object) -> Person:
    """Put a person who has proved an address on the list without mails."""
    person = people.add(session, application, name=email, email=email, by=people.FIRST, now=NOW)
    people.admit(session, application, email, now=NOW)
    for name, value in changes.items():
        setattr(person, name, value)
    session.commit()
    return person


def test_invited_colleague_opens_by_a_link_that_works_once(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)

    first, second = _invite(app, application, letters)

    assert second.get(address_of(application, "seat")).form("main form[novalidate]")["city"] == "Београд"
    assert Visitor(app).get(_link(letters()[-1])).texts("h1") == ["This link does not work any more"]
    assert _list(first.get(address_of(application, "people"))) == [
        "ana@proba.example You Contact person", "Bo Drugi bo@proba.example",
    ]  # fmt: skip
    assert _list(second.get(address_of(application, "people"))) == [
        "ana@proba.example Contact person",
        "Bo Drugi bo@proba.example You",
    ]
    assert [(letter.template, letter.recipient) for letter in letters()] == [("application_invitation", "bo@proba.example")]


def test_audit_says_which_person_did_what(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first, second = _invite(app, application, letters)

    second.submit(second.get(address_of(application, "seat")), {"city": "Ниш", "action": "save"}, css="main form[novalidate]")
    first.submit(first.get(address_of(application, "seat")), {"city": "Нови Сад", "action": "save"}, css="main form[novalidate]")
    second.submit(second.get(address_of(application, "withdraw")))

    events = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence)).all()
    one, two = application.reference, f"{application.reference}/2"
    assert [(event.action.removeprefix("application."), event.actor_id) for event in events] == [
        ("invite", one), ("join", two), ("save", two), ("save", one), ("withdraw", two),
    ]  # fmt: skip
    assert not any("bo@" in str([event.actor_id, event.digests, event.subject_id]) for event in events)
    assert verify(session).broken is None


def test_removed_person_has_no_access_at_once(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first, second = _invite(app, application, letters)
    open_page = second.get(address_of(application, "seat"))

    after = first.submit(first.get(address_of(application, "people")), css="form[action$='/2/remove']")

    assert "The application is not open to them any more." in after.text
    assert _list(after) == ["ana@proba.example You Contact person"]
    assert second.submit(open_page, {"city": "Ниш"}, css="main form[novalidate]").status == 400
    assert [second.get(address_of(application, page)).status for page in ("", "status", "people", "check")] == [404] * 4
    session.refresh(application)
    assert application.answers["seat"]["city"] == "Београд"
    assert [(p.number, p.name, p.email) for p in application.people] == [(1, "", "ana@proba.example"), (2, "", None)]


def test_link_of_who_was_removed_before_it_was_used_opens_nothing(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first = open_browser(app, application)
    first.submit(first.get(address_of(application, "people")), BO, css="main form[novalidate]")

    first.submit(first.get(address_of(application, "people")), css="form[action$='/2/remove']")

    assert Visitor(app).get(_link(letters()[-1])).status == 404


@pytest.mark.parametrize("changes", [{"email_proved": None}, {"email_proved": None, "answers": {}}])
def test_nobody_invites_before_an_address_is_proved(
    app: Flask, session: Session, letters: Letters, changes: dict[str, object]
) -> None:
    application = add_application(session, **changes)
    browser = open_browser(app, application)

    page = browser.get(address_of(application, "people"))
    answer = browser.post(address_of(application, "people"), BO)

    assert page.select("input[name=email]") == []
    assert (answer.status, answer.errors) == (422, {"form": "Please prove your own e-mail address first."})
    assert (letters(), session.scalars(sa.select(Person)).all()) == ([], [])


def test_invitation_carries_no_words_of_the_applicant(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)

    _invite(app, application, letters, name="Buy pills at spam.example")

    assert not any(word in letters()[-1].subject + letters()[-1].body for word in ("Привредни", "Buy pills"))


def test_address_never_counts_before_it_is_proved(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first = open_browser(app, application)
    first.submit(first.get(address_of(application, "people")), BO, css="main form[novalidate]")

    asked = Visitor(app).post(address_of(application, "link"), {"email": "bo@proba.example"}, follow=True)

    assert asked.status == 404
    assert [letter.template for letter in letters()] == ["application_invitation"]
    assert "Address not proved yet" in _list(first.get(address_of(application, "people")))[1]
    session.refresh(application)
    assert application.email_proved == "ana@proba.example"


def test_lost_link_goes_to_the_address_that_asks_and_the_answer_is_the_same(
    app: Flask, session: Session, letters: Letters
) -> None:
    application = add_application(session)
    _invite(app, application, letters)
    before = len(letters())

    asked = [
        Visitor(app).post(address_of(application, "link"), {"email": to}, follow=True)
        for to in ("BO@proba.example", "x@y.example")
    ]

    assert asked[0].html == asked[1].html
    assert [letter.recipient for letter in letters()[before:]] == ["bo@proba.example"]
    browser = Visitor(app)
    browser.submit(browser.get(_link(letters()[-1])))
    assert "Bo Drugi bo@proba.example You" in _list(browser.get(address_of(application, "people")))


def test_address_is_listed_once_and_at_most_ten_people(session: Session) -> None:
    application = add_application(session)
    add = partial(people.add, session, application, name="N", by=people.FIRST, now=NOW)
    for number in range(9):
        add(email=f"n{number}@proba.example")

    for email, error in (("n1@proba.example", NotAllowed), ("ten@proba.example", NotAllowed)):
        with pytest.raises(error):
            add(email=email)

    people.remove(session, application, application.people[9], by=people.FIRST, now=NOW)
    for email in ("n1@proba.example", "ana@proba.example"):
        with pytest.raises(Invalid):
            add(email=email)
    assert add(email="ten@proba.example").number == 11


def test_page_says_what_is_wrong_and_keeps_the_input(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first = open_browser(app, application)
    page = first.get(address_of(application, "people"))

    answers = [
        first.submit(page, BO | change, css="main form[novalidate]")
        for change in ({"email": "Ana@proba.example"}, {"email": "bo"}, {"name": ""})
    ]

    assert [(answer.status, answer.errors) for answer in answers] == [
        (422, {"email": "This address is on the list already."}),
        (422, {"email": "Please write a complete mail address, such as name@organisation.example."}),
        (422, {"name": "Please write the name of your colleague."}),
    ]
    assert answers[0].form("main form[novalidate]")["name"] == "Bo Drugi"
    assert letters() == []


@pytest.mark.parametrize("reason", ["contact", "not_proved", "last_person"])
def test_contact_and_last_proved_person_stay(session: Session, reason: str) -> None:
    application = add_application(session)
    _add_person(session, application, "bo@proba.example")
    first, second = application.people
    if reason == "last_person":
        application.email = application.email_proved = None
        first.proved_at = None
    by = 99 if reason == "not_proved" else 2

    with pytest.raises(NotAllowed, match=reason):
        people.remove(session, application, second if reason == "last_person" else first, by=by, now=NOW)

    assert [person.removed_at for person in application.people] == [None, None]


def test_old_contact_can_be_removed_once_another_is_named(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first, second = _invite(app, application, letters)

    second.submit(
        second.get(address_of(application, "contact")),
        {"email": "bo@proba.example", "action": "save"},
        css="main form[novalidate]",
    )
    second.submit(second.get(address_of(application, "people")), css="form[action$='/1/remove']")

    session.refresh(application)
    assert (application.email, application.email_proved) == ("bo@proba.example", "bo@proba.example")
    assert [letter.template for letter in letters()] == ["application_invitation"]
    assert (first.get(address_of(application)).status, second.get(address_of(application)).status) == (404, 200)


def test_new_contact_address_is_another_person(session: Session) -> None:
    application = add_application(session)
    keys: list[str] = []
    values = full_answers()["contact"] | {"email": "new@proba.example"}
    seen = services.stamp(application, Step.CONTACT)
    services.save_step(session, application, Step.CONTACT, values, seen=seen, locale="en", now=NOW)
    access.send_key(session, application, to="new@proba.example", link=lambda key: keys.append(key) or URL, now=NOW)

    number = access.use_key(session, application, keys[0], now=NOW)
    session.commit()

    assert (number, application.email_proved) == (2, "new@proba.example")
    assert [(p.number, p.email) for p in application.people] == [(1, "ana@proba.example"), (2, "new@proba.example")]


def _ask(session: Session, application: Application) -> None:
    point = desk.NewPoint("seat", PointCode.UNCLEAR, "Where?")
    clerk = add_account(session, Role.REVIEWER)
    desk.ask_for_changes(
        session, application, by=clerk, points=[point], answer_by=NOW.date() + timedelta(days=21), status_url=URL,
        seen_version=application.version, now=NOW,
    )  # fmt: skip


def _reject(session: Session, application: Application) -> None:
    closing.reject(
        session, application, by=add_account(session, Role.APPROVER), code=RejectionCode.OUT_OF_SCOPE, message="It lies outside of it.",
        status_url=URL, second_person=True, seen_version=application.version, now=NOW,
    )  # fmt: skip


def _reopen(session: Session, application: Application) -> None:
    closing.reopen(
        session, application, by=add_account(session, Role.COORDINATOR), reason="Our mistake.", message="", status_url=URL,
        seen_version=application.version, now=NOW,
    )  # fmt: skip


def _write(session: Session, application: Application) -> None:
    clerk = add_account(session, Role.REVIEWER)
    seen = conversation.so_far(application)
    conversation.send(session, application, by=clerk, words="Good day.", status_url=URL, seen=seen, now=NOW)


def _withdraw(session: Session, application: Application) -> None:
    services.withdraw(session, application, status_url=URL, now=NOW)


@pytest.mark.parametrize(
    ("deed", "state", "copied"),
    [
        (_ask, State.IN_REVIEW, True),
        (_reject, State.READY_FOR_DECISION, True),
        (_reopen, State.REJECTED, True),
        (_write, State.SUBMITTED, True),
        (_withdraw, State.IN_REVIEW, False),
    ],  # fmt: skip
)
def test_copies_go_to_those_who_want_them(
    session: Session, letters: Letters, deed: Callable[[Session, Application], None], state: State, copied: bool
) -> None:
    application = add_ready(session) if state is State.READY_FOR_DECISION else add_application(session, state=state)
    contact = str(application.email_proved)
    for email, changes in (
        ("yes@p.example", {}),
        ("no@p.example", {"wants_copies": False}),
        ("gone@p.example", {"removed_at": NOW}),
    ):
        _add_person(session, application, email, **changes)
    people.add(session, application, name="Invited", email="invited@p.example", by=people.FIRST, now=NOW)

    deed(session, application)
    session.commit()

    assert [letter.recipient for letter in letters()] == ([contact, "yes@p.example"] if copied else [contact])


def test_copies_are_switched_off_by_the_person_alone(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session)
    first, second = _invite(app, application, letters)
    page = second.get(address_of(application, "people"))

    assert page.form("form[action$='/copies']")["wanted"] == "y"
    off = second.submit(page, {"wanted": None}, css="form[action$='/copies']")

    session.refresh(application)
    assert [person.wants_copies for person in application.people] == [True, False]
    assert "wanted" not in off.form("form[action$='/copies']")
    assert first.get(address_of(application, "people")).select("form[action$='/copies']") == []


def test_export_has_the_people_and_erasure_has_not(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session, state=State.WITHDRAWN)
    first, _second = _invite(app, application, letters)

    kept = json.loads(first.client.get(address_of(application, "export")).data)
    retention.reduce(session, application, now=NOW)
    session.commit()

    assert [(one["number"], one["name"], one["email"], one["copies"]) for one in kept["people"]] == [
        (1, "", "ana@proba.example", True), (2, "Bo Drugi", "bo@proba.example", True),
    ]  # fmt: skip
    assert [(letter["to"], letter["text"]) for letter in kept["letters"]] == [("bo@proba.example", None)]
    assert [(one.name, one.email) for one in session.scalars(sa.select(Person))] == [("", None)] * 2
    assert letters() == []
    values = session.scalars(sa.select(AuditEvent)).all()
    assert not any("bo@" in value.new for event in values for value in event.values)
    assert verify(session).broken is None


def test_people_go_along_into_a_new_application(app: Flask, session: Session, letters: Letters) -> None:
    application = add_application(session, state=State.WITHDRAWN)
    _first, second = _invite(app, application, letters)

    begun = second.submit(second.get(address_of(application, "status")), css="form[action$='/again']")

    fresh = session.scalars(sa.select(Application).where(Application.carried_from_id == application.id)).one()
    assert begun.response.request.path == address_of(fresh)
    assert _list(second.get(address_of(fresh, "people"))) == ["ana@proba.example Contact person", "Bo Drugi bo@proba.example You"]
    started = session.scalars(sa.select(AuditEvent.actor_id).where(AuditEvent.action == "application.start"))
    assert started.all() == [f"{fresh.reference}/2"]


@pytest.mark.parametrize("page", ["people", "people/2/remove", "people/copies"])
def test_stranger_changes_nothing(app: Flask, session: Session, letters: Letters, page: str) -> None:
    application = add_application(session)
    _invite(app, application, letters)
    before = len(letters())

    answer = Visitor(app).post(address_of(application, page), BO | {"email": "x@y.example"})

    assert (answer.status, len(letters())) == (404, before)
    session.refresh(application)
    assert [(person.email, person.wants_copies) for person in application.people] == [
        ("ana@proba.example", True), ("bo@proba.example", True),
    ]  # fmt: skip


def test_who_was_removed_stays_out_after_retention(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.WITHDRAWN)
    second = _add_person(session, application, "second@proba.example", proved_at=NOW)
    application.email = application.email_proved = "second@proba.example"
    first = next(person for person in application.people if person.number == people.FIRST)
    people.remove(session, application, first, by=second.number, now=NOW)
    retention.reduce(session, application, by=SYSTEM, now=NOW)
    session.commit()

    assert [(person.number, person.name, person.email) for person in application.people] == [(1, "", None), (2, "", None)]
    assert (people.may_open(application, 1), people.may_open(application, 2)) == (False, True)
