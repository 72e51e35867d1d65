"""Documents at the desk: who gets them, and that each download is recorded."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications.models import Application, Document
from directory.applications.states import State
from directory.audit import AuditEvent
from tests.applications.browsers import address_of, open_browser
from tests.applications.test_documents import draft, hand_in, rows
from tests.conftest import NOW
from tests.page import Visitor
from tests.uploads import pdf


def _sent(app: Flask, session: Session) -> tuple[Application, Document]:
    """Store an application that was sent with one document."""
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("registration", pdf(), "proof.pdf"))
    assert browser.submit(browser.get(address_of(application, "check"))).errors == {}
    session.expire_all()
    return application, rows(session)[0]


@pytest.mark.parametrize("role", list(Role))
def test_each_role(app: Flask, session: Session, sign_in: Callable[..., Visitor], role: Role) -> None:
    application, document = _sent(app, session)
    clerk = sign_in(role)

    got = clerk.client.get(f"/en/staff/applications/{application.reference}/documents/{document.public_id}")

    session.rollback()
    events = session.scalars(sa.select(AuditEvent.actor_id).where(AuditEvent.action == "application.download")).all()
    networks = session.scalars(sa.select(AuditEvent.network).where(AuditEvent.action == "application.download")).all()
    assert set(networks) <= {"127.0.0.0/24"}
    if role is Role.ADMINISTRATOR:
        assert (got.status_code, events) == (403, [])
    else:
        assert (got.status_code, got.data, events) == (200, pdf(), [clerk.account])
        assert got.headers["Content-Disposition"] == "attachment; filename=proof.pdf"
        assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_case_lists_documents_with_verdict_and_size(app: Flask, session: Session, sign_in: Callable[..., Visitor]) -> None:
    application, _document = _sent(app, session)

    case = sign_in("auditor").get(f"/en/staff/applications/{application.reference}")

    (line,) = case.texts("#documents + ul li")
    assert line.startswith("Proof of registration · proof.pdf (1 kB) · Look at it here Not scanned for viruses Handed in on")


def test_case_says_that_the_proof_comes_later(app: Flask, session: Session, sign_in: Callable[..., Visitor]) -> None:
    application, _document = _sent(app, session)
    session.execute(sa.delete(Document))
    answers = {**application.answers, "documents": {"registration_later": True}}
    session.execute(sa.update(Application).values(answers=answers))
    session.commit()

    case = sign_in("auditor").get(f"/en/staff/applications/{application.reference}")

    assert "The applicant wants to send the proof of registration later." in case.text
    assert "No documents were sent." in case.text


def test_what_is_not_sent_yet_is_the_applicants_own(app: Flask, session: Session, sign_in: Callable[..., Visitor]) -> None:
    application, document = _sent(app, session)
    session.execute(sa.update(Application).values(state=State.CHANGES_REQUESTED))
    session.commit()
    hand_in(open_browser(app, application), application, ("other", pdf(words=b"2"), "second.pdf"))
    second, clerk = rows(session)[1], sign_in("reviewer")

    case = clerk.get(f"/en/staff/applications/{application.reference}")
    asked = [
        clerk.client.get(f"/en/staff/applications/{application.reference}/documents/{one.public_id}").status_code
        for one in (document, second)
    ]

    assert case.texts("#documents + ul bdi") == ["proof.pdf"]
    assert asked == [200, 404]


def test_a_document_of_another_case_or_of_none_is_not_there(
    app: Flask, session: Session, sign_in: Callable[..., Visitor]
) -> None:
    application, document = _sent(app, session)
    other = draft(session, state=State.SUBMITTED, now=NOW)
    clerk = sign_in("reviewer")

    for reference, name in (
        (other.reference, document.public_id),
        (application.reference, "made-up"),
        ("A-0", document.public_id),
    ):
        assert clerk.get(f"/en/staff/applications/{reference}/documents/{name}").status == 404
