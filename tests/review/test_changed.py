"""What changed between two submissions, on the case page; and what the checks say they rest on."""

import socket
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications.models import Application, Submission
from directory.applications.states import State
from tests.page import Page, Visitor
from tests.review.cases import add_application, answers

SignIn = Callable[..., Visitor]


def _sent_often(session: Session, *summaries: str) -> Application:
    """Store an application that was sent once for each of these short descriptions."""
    given = answers()
    states = [deepcopy(given) | {"organisation": given["organisation"] | {"summary": text}} for text in summaries]
    application = add_application(session, state=State.IN_REVIEW, answers=states[-1])
    first = application.submissions[0]
    first.answers = states[0]
    application.submissions += [
        Submission(number=n, answers=state, at=first.at + timedelta(hours=n)) for n, state in enumerate(states[1:], 2)
    ]
    session.commit()
    return application


def _case(visitor: Visitor, application: Application, query: str = "") -> Page:
    return visitor.get(f"/en/staff/applications/{application.reference}{query}")


def test_changed_words_alone_are_marked(session: Session, sign_in: SignIn) -> None:
    application = _sent_often(session, "Wir helfen kleinen Firmen.", "Wir helfen allen Firmen.")

    page = _case(sign_in(Role.AUDITOR), application)

    assert page.texts(".changes td") == ["Wir helfen removed: kleinen Firmen.", "Wir helfen added: allen Firmen."]
    assert page.texts(".changes del") == ["removed: kleinen"]
    assert page.texts(".changes th[scope=row]") == ["Short description Your organisation"]
    assert [str(e["lang"]) for e in page.select(".changes .quote")] == ["de", "de"]


@pytest.mark.parametrize(
    ("query", "chosen", "cells"),
    [
        ("", ["2", "3"], ["removed: zwei", "added: drei"]),
        ("?before=1&after=3", ["1", "3"], ["removed: eins", "added: drei"]),
        ("?before=3&after=1", ["3", "1"], ["removed: drei", "added: eins"]),
        ("?before=1&after=9", ["2", "3"], ["removed: zwei", "added: drei"]),
        ("?before=x&after=%00", ["2", "3"], ["removed: zwei", "added: drei"]),
        ("?before=2&after=2", ["2", "2"], []),
    ],
)
def test_any_two_submissions_are_compared(
    session: Session, sign_in: SignIn, query: str, chosen: list[str], cells: list[str]
) -> None:
    application = _sent_often(session, "eins", "zwei", "drei")

    page = _case(sign_in(Role.REVIEWER), application, query)

    assert page.texts(".changes td") == cells
    assert [str(option["value"]) for option in page.select("form.desk-filters option[selected]")] == chosen
    assert ("Nothing in the answers changed." in page.text) == (not cells)


def test_a_service_that_went_is_one_thing(session: Session, sign_in: SignIn) -> None:
    application = _sent_often(session, "eins", "eins")
    first = deepcopy(application.submissions[0].answers)
    first["offerings"]["offerings"].insert(0, {"title": "Büroräume", "language": "de", "description": "Monatlich."})
    application.submissions[0].answers = first
    session.commit()

    page = _case(sign_in(Role.REVIEWER), application)

    assert page.texts("details.answers summary") == ["Service 1 was removed as a whole"]
    assert page.select(".changes") == []


def test_one_submission_is_compared_with_nothing(session: Session, sign_in: SignIn) -> None:
    page = _case(sign_in(Role.REVIEWER), add_application(session))

    assert page.select("#changed") == []


def test_checks_say_what_was_compared_and_by_which_rule(session: Session, sign_in: SignIn) -> None:
    numbers: list[dict[str, Any]] = [
        {"scheme": "CN-USCC", "value": "91110000600037341L"}, {"scheme": "DE-VR", "value": "Bremen VR 1"}, {"scheme": "X", "value": "7"},
    ]  # fmt: skip
    application = add_application(session, answers=answers(seat={"registrations": numbers}))
    domain = application.email.partition("@")[2]

    page = _case(sign_in(Role.AUDITOR), application)

    lines = page.texts(".checks > li")
    assert lines[0].endswith(f"A single-use link that was mailed to {application.email} was opened.")
    assert f"Compared: what follows the @ of the mail address ({domain}) with the host of the website ({domain})" in lines[1]
    assert "China: unified social credit code" in lines[2]
    assert "as the library python-stdnum 2." in lines[2]
    assert lines[3].endswith("Rule: the form of this register’s numbers. The register was not asked.")
    assert lines[4].endswith("There is no rule for it here. Please look the number up in the register itself.")
    assert page.texts(".checks details dd") == [
        f"{application.answers['organisation']['name']} {application.answers['organisation']['names'][0]['name']}",
        domain, "91110000600037341L Bremen VR 1 7",
    ]  # fmt: skip


def test_no_address_of_an_applicant_is_asked(session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    application = _sent_often(session, "https://evil.example/a", "https://evil.example/b")
    clerk = sign_in(Role.REVIEWER)
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def note(host: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(str(host))
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    page = _case(clerk, application)

    assert "evil.example" in page.text
    assert [host for host in asked if host.endswith(".example")] == []
    assert "no website, mail server or register was asked" in page.text
