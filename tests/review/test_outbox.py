"""The outbox: how each letter stands, why it did not go, and trying it again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import AuditEvent
from directory.mail import LetterState
from tests.page import Visitor
from tests.review.cases import add_application, add_letter

SignIn = Callable[..., Visitor]


def test_outbox_resends_what_failed(session: Session, sign_in: SignIn, now: datetime) -> None:
    letter, clerk = add_letter(session, now), sign_in(Role.COORDINATOR)
    sent = add_letter(session, now, state=LetterState.SENT, subject="Schon fort")
    page = clerk.get("/en/staff/outbox?state=failed")

    done = clerk.submit(page, css="form[action$='/resend']")
    again = clerk.post(f"/en/staff/outbox/{sent.public_id}/resend")

    assert "no such host" in page.text
    assert "Schon fort" not in page.text
    assert "The letter will be tried again." in done.text
    session.expire_all()
    assert (letter.state, letter.attempts) == (LetterState.QUEUED, 0)
    assert again.status == 409
    assert list(session.scalars(select(AuditEvent.action))) == ["letter.resend"]


def test_outbox_tells_how_each_letter_stands(session: Session, sign_in: SignIn, now: datetime) -> None:
    add_letter(session, now)
    add_letter(session, now, state=LetterState.QUEUED, attempts=3, error="timed out", next_attempt_at=now + timedelta(minutes=2))
    add_letter(session, now, state=LetterState.SENT, attempts=1, error="")
    clerk = sign_in(Role.AUDITOR)

    page, failed = clerk.get("/en/staff/outbox"), clerk.get("/en/staff/outbox?state=failed")

    assert page.texts("[data-counts] a") == ["Waiting 1", "Being sent 0", "Sent 1", "Failed 1"]
    assert page.texts("tbody td:nth-child(n+4)") == [
        "Sent", "1 of 12", "–", "–",
        "Waiting", "3 of 12", "24 Nov 2026, 09:02 UTC", "The letter could not be sent. timed out",
        "Failed", "12 of 12", "–", "The letter could not be sent. no such host",
    ]  # fmt: skip
    assert (failed.total, page.total) == (1, 3)


def test_outbox_says_in_words_why_a_letter_did_not_go(session: Session, sign_in: SignIn, now: datetime) -> None:
    refused = "SMTPRecipientsRefused: {'a@b': (%s)}"
    replies = ("550, b'no'", "550, b'5.1.1 no such user'", "550, b'5.7.1 relay'", "451, b'4.3.0 later'")
    for error in ("ConnectionRefusedError: [Errno 111]", *(refused % reply for reply in replies), "MessageError: odd"):
        add_letter(session, now, error=error)

    page = sign_in(Role.AUDITOR).get("/de/staff/outbox")

    assert page.texts("tbody summary") == [
        "Das Schreiben konnte nicht gesendet werden.",
        "Der Mailserver nimmt das Schreiben jetzt nicht an.",
        "Der Mailserver nimmt von uns keine Schreiben für diese Adresse an.",
        "Der Mailserver nimmt keine Schreiben für diese Adresse an.",
        "Der Mailserver nimmt keine Schreiben für diese Adresse an.",
        "Der Mailserver war nicht zu erreichen.",
    ]


def test_outbox_is_searched_and_leads_to_the_case(session: Session, sign_in: SignIn, now: datetime) -> None:
    application = add_application(session)
    about = {"subject_kind": "application", "subject_id": application.reference}
    add_letter(session, now, recipient="bo@firma.example", state=LetterState.QUEUED, attempts=2, **about)
    add_letter(session, now, recipient="cy@firma.example")
    readers = [sign_in(role) for role in (Role.COORDINATOR, Role.ADMINISTRATOR)]

    pages = [reader.get(f"/en/staff/outbox?q={application.reference.lower()}&state=queued") for reader in readers]
    by_address = readers[0].get("/en/staff/outbox?q=CY@firma.example")
    again = readers[0].submit(pages[0], css="form[action$='/resend']")

    assert [page.texts("tbody td:nth-child(2)") for page in pages] == [["bo@firma.example"]] * 2
    assert [len(page.select(f"tbody a[href$='{application.reference}#letters']")) for page in pages] == [1, 0]
    assert by_address.texts("tbody td:nth-child(2)") == ["cy@firma.example"]
    assert by_address.texts("[data-counts] a") == ["Waiting 0", "Being sent 0", "Sent 0", "Failed 1"]
    assert "The letter will be tried again." in again.text


def test_a_letter_that_was_never_tried_is_not_tried_again(session: Session, sign_in: SignIn, now: datetime) -> None:
    letter, clerk = add_letter(session, now, state=LetterState.QUEUED, attempts=0, error=""), sign_in(Role.COORDINATOR)

    page = clerk.get("/en/staff/outbox")

    assert page.select("form[action$='/resend']") == []
    assert clerk.post(f"/en/staff/outbox/{letter.public_id}/resend").status == 409
