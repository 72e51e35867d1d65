"""Links that prove the address and open the application elsewhere."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.applications import access, people
from directory.applications.models import AccessKey, Application
from directory.audit import AuditEvent
from directory.errors import NotAllowed
from directory.mail import OutboxLetter
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application
from tests.page import Visitor


def _send(session: Session, application: Application, to: str = "ana@proba.example") -> str:
    keys: list[str] = []
    access.send_key(session, application, to=to, link=lambda key: keys.append(key) or f"https://site.example/{key}", now=NOW)
    session.commit()
    return keys[0]


def _link_in(letter: OutboxLetter) -> str:
    found = re.search(r"http://[^/]+(/\S+/open/\S+)", letter.body)
    assert found is not None
    return found[1]


def test_key_proves_the_address_once(session: Session) -> None:
    application = add_application(session, email_proved=None)
    key = _send(session, application)

    access.use_key(session, application, key, now=NOW)
    session.commit()

    assert application.email_is_proved
    assert session.scalars(sa.select(AuditEvent.action)).all() == ["application.prove_email"]
    with pytest.raises(NotAllowed):
        access.use_key(session, application, key, now=NOW)


def test_key_is_kept_as_digest_only(session: Session) -> None:
    application = add_application(session)

    key = _send(session, application)

    row = session.scalars(sa.select(AccessKey)).one()
    assert key not in (row.digest, row.email)
    assert len(row.digest) == 64


@pytest.mark.parametrize("after", [timedelta(hours=48), timedelta(days=30)])
def test_key_ends_after_two_days(session: Session, after: timedelta) -> None:
    application = add_application(session, email_proved=None)
    key = _send(session, application)

    with pytest.raises(NotAllowed):
        access.use_key(session, application, key, now=NOW + after)

    assert application.email_proved is None
    access.use_key(session, application, key, now=NOW + timedelta(hours=48, seconds=-1))


def test_key_of_another_application_opens_nothing(session: Session) -> None:
    mine, other = add_application(session, email_proved=None), add_application(session)
    key = _send(session, other)

    with pytest.raises(NotAllowed):
        access.use_key(session, mine, key, now=NOW)


def test_key_for_an_address_that_was_left_opens_nothing(session: Session) -> None:
    application = add_application(session, email_proved=None)
    key = _send(session, application)
    application.email = "new@proba.example"
    session.commit()

    with pytest.raises(NotAllowed):
        access.use_key(session, application, key, now=NOW)


def test_key_for_the_proved_address_does_not_prove_a_new_one(session: Session) -> None:
    application = add_application(session, email="new@proba.example")
    key = _send(session, application)

    access.use_key(session, application, key, now=NOW)

    assert (application.email_proved, application.email_is_proved) == ("ana@proba.example", False)


def test_keys_under_way_are_limited(session: Session) -> None:
    application = add_application(session)
    for _ in range(access.KEYS_MAX):
        _send(session, application)

    with pytest.raises(NotAllowed, match="keys"):
        _send(session, application)


def test_letter_to_an_unproved_address_carries_no_words_of_the_applicant(session: Session) -> None:
    application = add_application(session, email_proved=None)

    _send(session, application)

    letter = session.scalars(sa.select(OutboxLetter)).one()
    assert "Привредни" not in letter.subject + letter.body


def test_link_opens_the_application_in_another_browser(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session)
    other = Visitor(app)

    asked = other.submit(other.get(address_of(application, "contact")), {"email": "Ana@proba.example"})
    (letter,) = letters()
    button = other.get(_link_in(letter))

    assert "If this application exists and this e-mail address was proved in it" in asked.text
    assert asked.status == 404
    assert other.get(address_of(application)).status == 404
    opened = other.submit(button)
    assert application.reference in opened.text
    assert other.get(_link_in(letter)).status == 404
    assert Visitor(app).post(_link_in(letter)).status == 404


def test_link_is_asked_for_with_the_same_answer_whether_it_is_sent_or_not(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    known, unproved = add_application(session), add_application(session, email_proved=None)
    pages = []

    for token in (known.token, unproved.token, "guessed"):
        visitor = Visitor(app)
        pages.append(
            visitor.post(f"/en/apply/{token}/link", {"email": "ana@proba.example"}, follow=True).html.replace(token, "T")
        )

    assert pages[0] == pages[1] == pages[2]
    assert [x.recipient for x in letters()] == ["ana@proba.example"]


def test_link_with_a_nul_names_no_page(app: Flask, session: Session) -> None:
    application = add_application(session)

    for method in (Visitor(app).get, Visitor(app).post):
        answer = method(address_of(application, "open/%00"))
        assert (answer.status, answer.texts("h1")) == (404, ["This page does not exist"])


@pytest.mark.parametrize("key", ["wrong", "a" * 500, "ключ"])
def test_wrong_link_is_a_friendly_page(app: Flask, session: Session, key: str) -> None:
    application = add_application(session)

    for method in (Visitor(app).get, Visitor(app).post):
        answer = method(address_of(application, f"open/{key}"))
        assert (answer.status, answer.texts("h1")) == (404, ["This link does not work any more"])
    assert Visitor(app).get(f"/en/apply/guessed/open/{key}").texts("h1") == ["This link does not work any more"]


def test_proof_is_mailed_again_by_a_button(app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session, email_proved=None)
    browser = open_browser(app, application)

    browser.submit(browser.get(address_of(application, "contact")), css="#prove form")
    browser.submit(browser.get(address_of(application, "contact")), css="#prove form")

    assert [x.recipient for x in letters()] == ["ana@proba.example"] * 2


def test_proof_is_not_mailed_to_a_proved_address(app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session)

    open_browser(app, application).post(address_of(application, "prove"), {})

    assert letters() == []


def test_link_is_not_mailed_to_who_fills_in_the_trap(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session)

    Visitor(app).post(f"/en/apply/{application.token}/link", {"email_again": "robot@spam.example", "email": "ana@proba.example"})

    assert letters() == []


def test_links_of_many_applications_to_one_address_are_limited(session: Session) -> None:
    answers = {"contact": {"email": "victim@people.example"}}
    victims = [add_application(session, answers=answers, email_proved=None) for _ in range(access.STRANGERS_MAX + 1)]
    for application in victims[:-1]:
        _send(session, application, to="victim@people.example")

    with pytest.raises(NotAllowed, match="keys"):
        _send(session, victims[-1], to="victim@people.example")

    _send(session, victims[0], to="victim@people.example")
    recipients = session.scalars(sa.select(OutboxLetter.recipient)).all()
    assert recipients == ["victim@people.example"] * (access.STRANGERS_MAX + 1)


def test_links_to_a_proved_address_do_not_count_those_of_others(session: Session) -> None:
    for _ in range(access.STRANGERS_MAX):
        _send(session, add_application(session, email_proved=None))

    _send(session, add_application(session))

    assert len(session.scalars(sa.select(OutboxLetter)).all()) == access.STRANGERS_MAX + 1


def test_who_lost_every_address_is_mailed_links_with_the_same_answer_to_anybody(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    first, second, unproved = (add_application(session, email_proved=p) for p in ("ana@proba.example", "ana@proba.example", None))
    pages = []

    for email in ("Ana@Proba.example", "nobody@proba.example"):
        visitor = Visitor(app)
        lost = visitor.get(str(visitor.get("/en/apply/").select("main a[href$='/apply/link']")[0]["href"]))
        pages.append(visitor.submit(lost, {"email": email}, css="main form[novalidate]"))

    assert pages[0].html == pages[1].html
    assert "If this e-mail address was proved in an application, a link for it is on its way" in pages[0].text
    assert [x.recipient for x in letters()] == ["ana@proba.example"] * 2
    assert {x.subject_id for x in letters()} == {first.reference, second.reference}
    opened = (browser := Visitor(app)).submit(browser.get(_link_in(letters()[0])))
    assert letters()[0].subject_id in opened.text


def test_who_lost_every_address_must_have_proved_one_and_be_nobody_who_was_removed(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session)
    invited = people.add(session, application, name="Bo", email="bo@proba.example", by=people.FIRST, now=NOW)
    session.commit()

    def ask() -> list[str]:
        Visitor(app).post("/en/apply/link", {"email": "bo@proba.example"})
        return [x.recipient for x in letters()]

    before_proof = ask()
    invited.proved_at = NOW
    session.commit()
    proved = ask()
    people.remove(session, application, invited, by=people.FIRST, now=NOW)
    session.commit()

    assert (before_proof, proved, ask()) == ([], ["bo@proba.example"], ["bo@proba.example"])


def test_no_more_links_are_mailed_at_once_than_somebody_can_want(session: Session) -> None:
    applications = [add_application(session) for _ in range(access.LOST_MOST + 1)]

    access.send_lost(session, to="ana@proba.example", link=lambda one, key: f"{one.token}/{key}", now=NOW)

    newest = [application.reference for application in applications[:0:-1]]
    assert session.scalars(sa.select(OutboxLetter.subject_id).order_by(OutboxLetter.id)).all() == newest


@pytest.mark.parametrize("values", [{}, {"email": "ana"}, {"email": "ana@proba.example", "email_again": "robot@spam.example"}])
def test_nothing_is_mailed_to_no_address_or_to_a_robot(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]], values: dict[str, str]
) -> None:
    add_application(session)

    answer = Visitor(app).post("/en/apply/link", values)

    assert (answer.status in {200, 422}, answer.form("main form[novalidate]").get("email", "")) == (True, values.get("email", ""))
    assert letters() == []
