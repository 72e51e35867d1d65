"""Documents and a real virus scanner: at once, later, and while it is away."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.applications.models import Application, Document
from directory.applications.scans import scan_waiting
from directory.applications.states import State
from directory.applications.vocab import DocumentState
from directory.audit import AuditEvent
from directory.background import make_tasks, status_url
from directory.config import Settings
from directory.mail import OutboxLetter
from directory.storage import Scanner
from tests.applications.browsers import address_of, open_browser
from tests.applications.test_documents import draft, hand_in, rows, stored
from tests.clamd import MARK, SIGNATURE, run_clamd
from tests.conftest import NOW, give_up
from tests.page import Visitor
from tests.uploads import pdf

AWAY = "tcp://127.0.0.1:9"


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a clamd for the tests of this file."""
    with run_clamd(tmp_path_factory.mktemp("clamd")) as url:
        yield url


def _later(app: Flask, session: Session, url: str) -> int:
    session.commit()
    number = scan_waiting(session, app.extensions["uploads"], Scanner(url), status_url=status_url(app), clock=lambda: NOW)
    session.expire_all()
    return number


def _hand_in_two(app: Flask, session: Session, url: str) -> tuple[Application, list[Document]]:
    app.extensions["scanner"] = Scanner(url)
    application = draft(session)
    sent = (("registration", pdf(words=MARK), "bad.pdf"), ("other", pdf(), "good.pdf"))
    hand_in(open_browser(app, application), application, *sent)
    return application, rows(session)


def test_a_verdict_at_once(
    app: Flask, session: Session, settings: Settings, clamd: str, letters: Callable[[], list[OutboxLetter]]
) -> None:
    app.extensions["scanner"] = Scanner(clamd)
    application = draft(session)

    sent = (("registration", pdf(words=MARK), "bad.pdf"), ("other", pdf(), "good.pdf"))
    told = hand_in(open_browser(app, application), application, *sent)

    bad, good = rows(session)
    assert (told.status, list(told.errors)) == (422, ["registration_files"])
    assert (bad.state, bad.signature, bad.storage_name) == (DocumentState.INFECTED, f"{SIGNATURE}.UNOFFICIAL", None)
    assert (good.state, stored(settings)) == (DocumentState.CLEAN, [good.storage_name])
    (letter,) = letters()
    assert (letter.template, letter.recipient) == ("document_infected", "ana@proba.example")
    assert "“bad.pdf”" in letter.body
    assert told.texts(".documents .badge-danger") == ["A virus was found; the file was deleted"]


def test_what_waits_is_scanned_later_and_nothing_is_lost(
    app: Flask, session: Session, settings: Settings, clamd: str, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application, (bad, good) = _hand_in_two(app, session, AWAY)
    browser = open_browser(app, application)
    assert [bad.state, good.state] == [DocumentState.WAITING] * 2
    assert browser.get(address_of(application, f"documents/{good.public_id}")).status == 404

    assert (_later(app, session, AWAY), len(stored(settings)), letters()) == (0, 2, [])
    assert (_later(app, session, clamd), _later(app, session, clamd)) == (2, 0)

    assert [bad.state, good.state] == [DocumentState.INFECTED, DocumentState.CLEAN]
    assert stored(settings) == [good.storage_name]
    assert browser.client.get(address_of(application, f"documents/{good.public_id}")).data == pdf()
    assert [letter.template for letter in letters()] == ["document_infected"]
    assert [one.get("infected") for one in application.answers["documents"]["files"]] == [True, None]
    scans = sa.select(AuditEvent.action).where(AuditEvent.action == "application.scan_document")
    assert len(session.scalars(scans).all()) == 2
    assert "Our scanner found a virus in a document" in browser.get(address_of(application, "status")).text


def test_staff_see_what_was_found(app: Flask, session: Session, clamd: str, sign_in: Callable[..., Visitor]) -> None:
    application, (bad, good) = _hand_in_two(app, session, AWAY)
    session.execute(sa.update(Application).values(state=State.SUBMITTED, submitted_at=NOW))
    _later(app, session, clamd)

    case = sign_in("reviewer").get(f"/en/staff/applications/{application.reference}")

    assert case.texts("#documents + ul .badge") == ["A virus was found; the file was deleted", "No virus found"]
    assert case.texts("#documents + ul code") == [f"{SIGNATURE}.UNOFFICIAL"]
    assert case.texts("#documents + ul a") == ["good.pdf", "Look at it here"]


def test_what_was_removed_meanwhile_stays_removed(app: Flask, session: Session, clamd: str) -> None:
    application, (bad, _good) = _hand_in_two(app, session, AWAY)
    hand_in(open_browser(app, application), application, action=f"remove-{bad.public_id}")

    assert _later(app, session, clamd) == 1
    assert (bad.state, bad.removed_at is not None) == (DocumentState.WAITING, True)


def test_a_file_that_is_not_there_keeps_nothing_else_waiting(
    app: Flask, session: Session, settings: Settings, clamd: str
) -> None:
    _application, (bad, good) = _hand_in_two(app, session, AWAY)
    (Path(settings.uploads) / str(bad.storage_name)).unlink()

    assert _later(app, session, clamd) == 1
    assert [bad.state, good.state] == [DocumentState.WAITING, DocumentState.CLEAN]


def test_the_background_process_scans_where_there_is_a_scanner(
    app: Flask, session: Session, settings: Settings, clamd: str
) -> None:
    from threading import Event

    from directory.app import create_app

    scanning = create_app(dataclasses.replace(settings, clamd_url=clamd))
    _application, (_bad, good) = _hand_in_two(app, session, AWAY)
    session.commit()

    app.extensions["scanner"] = None

    (task,) = [one for one in make_tasks(scanning, stop=Event()) if one.name == "scans"]
    task.act()

    session.expire_all()
    assert good.state == DocumentState.CLEAN
    assert [one.name for one in make_tasks(app, stop=Event()) if one.name == "scans"] == []
    give_up(scanning)
