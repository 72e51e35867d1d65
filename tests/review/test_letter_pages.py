"""Texts of letters as administrators edit them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role, StaffSession
from directory.applications import letter_texts, letters
from directory.applications.letter_kinds import LetterKind
from directory.audit import AuditEvent
from directory.db import db
from directory.mail import LetterText, OutboxLetter
from directory.review import letter_editing
from tests.page import Page, Visitor
from tests.review.cases import STATUS_URL, add_account, add_application

SignIn = Callable[..., Visitor]
LIST = "/en/staff/letters/"
SAVE = "/save"
PATH = f"{LIST}withdrawn/de"
BODY = "Guten Tag,\n\n{organisation} hat den Antrag {reference} zurückgezogen.\n\n{status_url}"


def _save(clerk: Visitor, page: Page, path: str = PATH, **changes: str) -> Page:
    """Press the button that saves."""
    values = {f"text-{name}": text for name, text in changes.items()}
    return clerk.post(f"{path}{SAVE}", {**page.form(f"form[action='{path}']"), **values}, follow=True)


def _rows(session: Session) -> list[tuple[str, str, int, str | None]]:
    session.expire_all()
    rows = session.scalars(select(LetterText).order_by(LetterText.id))
    return [(row.template, row.locale, row.version, row.subject) for row in rows]


def _events(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence))
    return [(e.action, e.subject_id, {v.field: (json.loads(v.old), json.loads(v.new)) for v in e.values}) for e in events]


def test_saved_text_is_what_letters_are_written_from(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.ADMINISTRATOR, email="ada@staff.example")
    german, english = add_application(session), add_application(session, locale="en")
    before = letters.withdrawn(english, status_url=STATUS_URL)
    built_in = letter_texts.built_in(LetterKind.WITHDRAWN, "de")

    done = _save(clerk, clerk.get(PATH), subject="Zurückgezogen: {reference}", body=BODY)

    assert "The text is saved. Letters are written from it from now on." in done.text
    letter = letters.withdrawn(german, status_url=STATUS_URL)
    name = german.answers["organisation"]["name"]
    assert (letter.subject, letter.body) == (
        f"Zurückgezogen: {german.reference}",
        f"Guten Tag,\n\n{name} hat den Antrag {german.reference} zurückgezogen.\n\n{STATUS_URL}\n",
    )
    assert letters.withdrawn(english, status_url=STATUS_URL) == before
    assert _rows(session) == [("withdrawn", "de", 1, "Zurückgezogen: {reference}")]
    digest = letter_editing.digest("Zurückgezogen: {reference}", BODY)
    assert _events(session) == [
        ("letter_text.edit", "withdrawn/de",
         {"subject": (built_in.subject, "Zurückgezogen: {reference}"), "body": (built_in.body, BODY), "data": (None, digest)}),
    ]  # fmt: skip
    listed = clerk.get(LIST).texts("[data-text='withdrawn/de']")
    assert "Edited ada@staff.example" in listed[0]


def test_saving_what_stands_there_changes_nothing(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.ADMINISTRATOR)

    _save(clerk, clerk.get(PATH))

    assert (_rows(session), _events(session)) == ([], [])


def test_auditor_reads_texts_and_their_history_without_a_form(session: Session, sign_in: SignIn) -> None:
    clerk, auditor = sign_in(Role.ADMINISTRATOR, email="ada@staff.example"), sign_in(Role.AUDITOR)
    _save(clerk, clerk.get(PATH), subject="Zurückgezogen: {reference}", body=BODY)

    listed, shown = auditor.get(LIST), auditor.get(PATH)

    assert listed.texts("[data-text='withdrawn/de']")[0].startswith("Read ")
    assert listed.texts(".main-nav [aria-current]") == ["Texts"]
    assert shown.texts(".letter-subject")[0] == "Zurückgezogen: {reference}"
    assert shown.texts(".letter")[0] == " ".join(BODY.split())
    assert shown.texts("#versions + ol summary .meta")[0].startswith("ada@staff.example, ")
    assert [page.select("main form, main button, main input") for page in (listed, shown)] == [[], []]
    refused = [auditor.post(f"{PATH}{deed}", {"text-subject": "x"}).status for deed in ("", SAVE, "/built-in")]
    assert refused == [403, 403, 403]


def test_preview_saves_and_sends_nothing(session: Session, sign_in: SignIn, letters: Callable[[], list[OutboxLetter]]) -> None:
    clerk = sign_in(Role.ADMINISTRATOR)
    form = f"form[action='{PATH}']"

    page = clerk.submit(clerk.get(PATH), {"text-body": BODY, "do": "preview"}, css=form)

    assert "Beispielorganisation" in page.texts(".letter")[0] or "Sample organisation" in page.texts(".letter")[0]
    assert "/de/apply/sample/status" in page.texts(".letter")[0]
    assert page.form(form)["text-body"] == BODY
    assert (_rows(session), _events(session), letters()) == ([], [], [])


def test_test_letter_goes_to_ones_own_address(
    session: Session, sign_in: SignIn, letters: Callable[[], list[OutboxLetter]]
) -> None:
    clerk = sign_in(Role.ADMINISTRATOR, email="ada@staff.example")
    form = f"form[action='{LIST}changes_requested/en']"

    page = clerk.submit(clerk.get(f"{LIST}changes_requested/en"), {"do": "test"}, css=form)

    assert "A test letter is on its way to ada@staff.example." in page.html
    [letter] = letters()
    assert (letter.recipient, letter.locale) == ("ada@staff.example", "en")
    assert letter.subject == "Test: Questions about your application A-7F3K9B"
    assert "1. Seat and registration: This differs from what the public register says." in letter.body
    assert _events(session) == [("letter_text.test", "changes_requested/en", {})]
    assert _rows(session) == []


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"body": "{status_url} {password}"},
         {"text-body": "There is no placeholder {password} here. Please take one of the list."}),
        ({"body": "{status_url} {reference.x}"},
         {"text-body": "Please write each placeholder as in the list, in a pair of plain braces: “{reference.x}” is none."}),
        ({"body": "Closed."},
         {"text-body": "Please put {status_url} in again: without it the letter would lack what its reader needs."}),
        ({"subject": "{status_url}"},
         {"text-subject": "There is no placeholder {status_url} here. Please take one of the list."}),
        ({"subject": " "}, {"text-subject": "Please write a subject."}),
        ({"body": ""}, {"text-body": "Please write the letter."}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("deed", ["", SAVE])
def test_text_with_wrong_placeholders_is_refused_and_kept(
    session: Session, sign_in: SignIn, changes: dict[str, str], errors: dict[str, str], deed: str
) -> None:
    clerk = sign_in(Role.ADMINISTRATOR)
    values = clerk.get(PATH).form(f"form[action='{PATH}']") | {f"text-{name}": text for name, text in changes.items()}

    page = clerk.post(f"{PATH}{deed}", {**values, "do": "preview"})

    assert (page.status, page.errors, _rows(session)) == (422, errors, [])
    for name, text in changes.items():
        assert page.form(f"form[action='{PATH}']")[f"text-{name}"] == text.strip()


def test_subject_of_another_letter_is_refused(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.ADMINISTRATOR)
    taken = letter_texts.built_in(LetterKind.LAPSED, "de").subject

    built_in = _save(clerk, clerk.get(PATH), subject=taken.upper().replace("{REFERENCE}", "{reference}"))
    _save(clerk, clerk.get(f"{LIST}lapsed/de"), f"{LIST}lapsed/de", subject="Ende {reference}")
    edited = _save(clerk, clerk.get(PATH), subject="ende  {reference}")
    free = _save(clerk, clerk.get(PATH), subject=taken)
    back = clerk.submit(clerk.get(f"{LIST}lapsed/de"), css="form[action$='/built-in']")

    told = "Another letter has this subject in this language: Closed without an answer. Please choose another."
    assert [(page.status, page.errors) for page in (built_in, edited)] == [(422, {"text-subject": told})] * 2
    assert (free.status, free.errors) == (200, {})
    assert (back.status, list(back.errors)) == (422, ["text-subject"])


def test_built_in_text_comes_back_and_the_history_stays(session: Session, sign_in: SignIn) -> None:
    clerk, application = sign_in(Role.ADMINISTRATOR, email="ada@staff.example"), add_application(session)
    before = letters.withdrawn(application, status_url=STATUS_URL)
    built_in = letter_texts.built_in(LetterKind.WITHDRAWN, "de")
    _save(clerk, clerk.get(PATH), subject="Eins {reference}")
    _save(clerk, clerk.get(PATH), subject="Zwei {reference}")

    page = clerk.submit(clerk.get(PATH), css="form[action$='/built-in']")
    old = clerk.get(f"{PATH}?version=1")

    assert "The built-in text counts again." in page.html
    assert letters.withdrawn(application, status_url=STATUS_URL) == before
    assert [row[2:] for row in _rows(session)] == [(1, "Eins {reference}"), (2, "Zwei {reference}"), (3, None)]
    assert [action for action, _subject, _changes in _events(session)] == [
        "letter_text.edit", "letter_text.edit", "letter_text.return_to_built_in",
    ]  # fmt: skip
    assert [text.split(" – ")[0].split(" ada@")[0] for text in page.texts("main summary")] == [
        "Version 3 Built in",
        "Version 2",
        "Version 1",
    ]
    second = page.select("main details")[1]
    assert ([d.get_text() for d in second.select("del")], [i.get_text() for i in second.select("ins")]) == (
        ["removed: Eins"],
        ["added: Zwei"],
    )
    assert page.form(f"form[action='{PATH}']")["text-subject"] == built_in.subject
    assert old.form(f"form[action='{PATH}']")["text-subject"] == "Eins {reference}"


def test_second_editor_is_told_and_keeps_what_they_typed(session: Session, sign_in: SignIn) -> None:
    first, second = sign_in(Role.ADMINISTRATOR, email="ada@staff.example"), sign_in(Role.ADMINISTRATOR)
    page = second.get(PATH)
    _save(first, first.get(PATH), subject="Eins {reference}")

    late = _save(second, page, subject="Zwei {reference}")
    returned = second.post(f"{PATH}/built-in", {"back-seen_version": "0"})
    again = _save(second, late)

    assert late.status == 409
    assert "ada@staff.example edited this text on " in late.text
    assert late.form(f"form[action='{PATH}']")["text-subject"] == "Zwei {reference}"
    assert returned.status == 409
    assert (again.status, [row[2:] for row in _rows(session)]) == (200, [(1, "Eins {reference}"), (2, "Zwei {reference}")])


@pytest.mark.parametrize("deed", [SAVE, "/built-in"])
def test_saving_wants_the_password_again(session: Session, sign_in: SignIn, deed: str) -> None:
    clerk = sign_in(Role.ADMINISTRATOR)
    values = clerk.get(PATH).form(f"form[action='{PATH}']")
    session.execute(sa.update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    session.commit()

    asked = clerk.post(f"{PATH}{deed}", {**values, "text-subject": "Eins {reference}"})

    assert (asked.status, _rows(session)) == (401, [])
    if deed == SAVE:
        assert asked.form()["text-subject"] == "Eins {reference}"


@pytest.mark.parametrize("path", ["nothing/de", "withdrawn/xx", "withdrawn/ar", "application_key/en", "%00/de", "withdrawn/%00"])
def test_text_that_nobody_may_edit_is_a_friendly_404(sign_in: SignIn, path: str) -> None:
    clerk = sign_in(Role.ADMINISTRATOR)

    assert [clerk.get(LIST + path).status, *(clerk.post(f"{LIST}{path}{deed}").status for deed in ("", SAVE, "/built-in"))] == [
        404
    ] * 4


@pytest.mark.parametrize("version", ["0", "-1", "x", "²", "99999999999", "%00"])
def test_version_that_there_is_not_leaves_the_present_text(sign_in: SignIn, version: str) -> None:
    page = sign_in(Role.ADMINISTRATOR).get(f"{PATH}?version={version}")

    assert page.form(f"form[action='{PATH}']")["text-subject"] == letter_texts.built_in(LetterKind.WITHDRAWN, "de").subject


def test_list_costs_the_same_for_one_edit_and_for_many(session: Session, sign_in: SignIn, now: datetime) -> None:
    clerk, by, counts = sign_in(Role.ADMINISTRATOR), add_account(session, Role.ADMINISTRATOR), []

    for kinds in ([LetterKind.WITHDRAWN], [LetterKind.LAPSED, LetterKind.APPROVED, LetterKind.REMINDER]):
        for kind in kinds:
            session.add(
                LetterText(
                    template=kind, locale="de", version=1, subject=f"{kind}", body="{x}", edited_by_id=by.id, edited_at=now
                )
            )
        session.commit()
        clerk.get(LIST)
        statements: list[str] = []

        def note(*args: Any, seen: list[str] = statements) -> None:
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        clerk.get(LIST)
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert session.scalars(select(Account)).first() is not None
