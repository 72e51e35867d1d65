"""Texts of letters to applicants: built in, edited, and filled in without gaps."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from jinja2 import meta
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications import letter_texts, letters
from directory.applications.letter_kinds import KIND_LABELS, PLACEHOLDER_LABELS, SENT_WHEN, SHAPES, LetterKind
from directory.applications.models import SECRET_LETTERS, Application
from directory.applications.states import MOVES, RejectionCode, State
from directory.mail import Letter, LetterText, render
from directory.mail import letters as mail_letters
from tests.conftest import NOW
from tests.review.cases import STATUS_URL, add_account, add_application

PROFILE_URL = "http://127.0.0.1:8000/en/members/sample"
WRITERS: dict[LetterKind, Callable[[Application], Letter]] = {
    LetterKind.RECEIVED: lambda a: letters.received(a, status_url=STATUS_URL),
    LetterKind.RECEIVED_AGAIN: lambda a: letters.received_again(a, status_url=STATUS_URL),
    LetterKind.CHANGES_REQUESTED: lambda a: letters.changes_requested(
        a,
        points=[("Seat", "Something is missing here.", "Which register?"), ("", "Please see our note.", "")],
        answer_by=date(2026, 12, 24),
        status_url=STATUS_URL,
    ),
    LetterKind.APPROVED: lambda a: letters.approved(a, message="Well done.", profile_url=PROFILE_URL),
    LetterKind.REJECTED: lambda a: letters.rejected(a, code=RejectionCode.OTHER, message="No room.", status_url=STATUS_URL),
    LetterKind.DUPLICATE: lambda a: letters.duplicate(a, message="", status_url=STATUS_URL),
    LetterKind.REOPENED: lambda a: letters.reopened(a, message="", status_url=STATUS_URL),
    LetterKind.WITHDRAWN: lambda a: letters.withdrawn(a, status_url=STATUS_URL),
    LetterKind.LAPSED: lambda a: letters.lapsed(a, status_url=STATUS_URL),
    LetterKind.REMINDER: lambda a: letters.reminder(a, status_url=STATUS_URL, ends_on=date(2026, 12, 24)),
}


def _edit(session: Session, kind: LetterKind, locale: str, subject: str, body: str, now: datetime, version: int = 1) -> None:
    by = add_account(session, Role.ADMINISTRATOR)
    row = LetterText(template=kind, locale=locale, version=version, subject=subject, body=body, edited_by_id=by.id, edited_at=now)
    session.add(row)
    session.commit()


def test_every_kind_has_its_words_and_every_letter_of_a_move_its_kind() -> None:
    files = {shape.file for shape in SHAPES.values()}

    assert set(SHAPES) == set(KIND_LABELS) == set(SENT_WHEN) == set(LetterKind)
    assert {name for shape in SHAPES.values() for name in shape.allowed} == set(PLACEHOLDER_LABELS)
    assert {move.letter for move in MOVES.values() if move.letter} | {"reminder"} == files
    assert files & SECRET_LETTERS == set()


def test_built_in_texts_pass_their_own_check_in_every_language(app: Flask) -> None:
    wrong = []
    with app.app_context():
        for tag in app.config["OFFERED_LOCALES"]:
            for kind in LetterKind:
                text = letter_texts.built_in(kind, tag)
                if letter_texts.has_problems(kind, text.subject, text.body):
                    wrong.append((tag, kind, text))

    assert wrong == []


def test_built_in_text_filled_in_is_the_built_in_letter(session: Session, now: datetime, app: Flask) -> None:
    for tag in app.config["OFFERED_LOCALES"]:
        application = add_application(session, state=State.CHANGES_REQUESTED, locale=tag)
        written = {kind: write(application) for kind, write in WRITERS.items()}
        for kind in WRITERS:
            text = letter_texts.built_in(kind, tag)
            _edit(session, kind, tag, text.subject, text.body, now)

        assert {kind: write(application) for kind, write in WRITERS.items()} == written


def test_letter_has_no_gap_and_no_placeholder(session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED, locale="en")

    for write in WRITERS.values():
        letter = write(application)
        assert re.findall(r"\n{3,}|[{}]|None", letter.body) == []
        assert letter.fixed


def test_points_and_answers_are_laid_out(session: Session) -> None:
    application = add_application(session, locale="en")

    asked, received = WRITERS[LetterKind.CHANGES_REQUESTED](application), WRITERS[LetterKind.RECEIVED](application)

    assert (
        "can decide.\n\n1. Seat: Something is missing here.\nWhich register?\n\n2. Please see our note.\n\nPlease answer each"
        in asked.body
    )
    assert re.search(
        r"sent us:\n\nYour organisation\n(- [^\n]+\n)+\nFurther names\n(- [^\n]+\n)+\nSeat and registration\n- ", received.body
    )


def test_edited_text_counts_in_its_own_language_only(session: Session, now: datetime) -> None:
    german, english = add_application(session), add_application(session, locale="en")
    before = letters.lapsed(english, status_url=STATUS_URL)
    _edit(session, LetterKind.LAPSED, "de", "Schluss {reference}", "Alt {status_url}", now)
    _edit(session, LetterKind.LAPSED, "de", "Ende {reference}", "Zu Ende: {organisation}\n{status_url}", now, version=2)

    letter = letters.lapsed(german, status_url=STATUS_URL)

    name = german.answers["organisation"]["name"]
    assert (letter.subject, letter.body) == (f"Ende {german.reference}", f"Zu Ende: {name}\n{STATUS_URL}\n")
    assert letters.lapsed(english, status_url=STATUS_URL) == before


def test_texts_at_hand_are_those_that_count(session: Session, now: datetime) -> None:
    german, english = add_application(session), add_application(session, locale="en")
    _edit(session, LetterKind.LAPSED, "de", "Ende {reference}", "Zu Ende.\n{status_url}", now)
    alone = [letters.lapsed(one, status_url=STATUS_URL) for one in (german, english)]

    with letter_texts.at_hand(session):
        together = [letters.lapsed(one, status_url=STATUS_URL) for one in (german, english)]

    assert together == alone
    assert together[0].subject == f"Ende {german.reference}"


def test_edited_text_of_a_draft_without_a_name_says_its_reference(session: Session, now: datetime) -> None:
    draft = add_application(session, state=State.DRAFT)
    draft.answers = {}
    _edit(session, LetterKind.WITHDRAWN, "de", "Ende {reference}", "Ende: {organisation}.\n{status_url}", now)

    assert letters.withdrawn(draft, status_url=STATUS_URL).body == f"Ende: {draft.reference}.\n{STATUS_URL}\n"


def test_edited_text_keeps_the_greeting(session: Session, now: datetime) -> None:
    application = add_application(session)
    application.answers = {**application.answers, "contact": {**application.answers["contact"], "addressed": "Frau Beispiel"}}
    _edit(session, LetterKind.WITHDRAWN, "de", "Ende {reference}", "Ende.\n{status_url}", now)

    assert letters.withdrawn(application, status_url=STATUS_URL).body.endswith(f"Frau Beispiel,\n\nEnde.\n{STATUS_URL}\n")


def test_text_whose_placeholders_no_longer_fit_does_not_count(session: Session, now: datetime) -> None:
    application = add_application(session)
    before = letters.withdrawn(application, status_url=STATUS_URL)
    _edit(session, LetterKind.WITHDRAWN, "de", "Ende {reference}", "{gone} {status_url}", now)

    assert letters.withdrawn(application, status_url=STATUS_URL) == before


@pytest.mark.parametrize("kind", list(LetterKind))
def test_sample_fills_every_letter(app: Flask, kind: LetterKind) -> None:
    with app.app_context():
        for tag in app.config["OFFERED_LOCALES"]:
            values = letter_texts.sample(kind, tag, status_url=STATUS_URL, profile_url=PROFILE_URL, day=date(2026, 12, 24))
            letter = letter_texts.fill(letter_texts.built_in(kind, tag), values)
            assert re.findall(r"[{}]|\n{3,}", letter.subject + letter.body) == []
            assert (set(values), all(values.values())) == (set(SHAPES[kind].allowed), True)


def test_subjects_of_all_letters_differ_in_every_language(app: Flask) -> None:
    flags = {"again", "is_draft", "is_member", "is_sent"}
    files = [p.stem for p in mail_letters.TEMPLATES.glob("*.txt") if p.stem not in {"closing", "enquiry_words"}]
    doubles = []
    with app.app_context():
        for tag in app.config["OFFERED_LOCALES"]:
            seen: dict[str, str] = {}
            for file in files:
                for subject in {_subject(file, tag, dict.fromkeys(flags, value)) for value in (True, False)}:
                    if subject.casefold() in seen:
                        doubles.append((tag, subject, file, seen[subject.casefold()]))
                    seen[subject.casefold()] = file

    assert len(files) > 20
    assert doubles == []


def _subject(file: str, tag: str, flags: dict[str, bool]) -> str:
    """Render a letter with the names of its values for values, and return its subject."""
    environment = mail_letters._LETTERS
    sources = [environment.loader.get_source(environment, name)[0] for name in environment.list_templates()]  # type: ignore[union-attr]
    names = {name for source in sources for name in meta.find_undeclared_variables(environment.parse(source))}
    moments = {name: NOW for source in sources for name in re.findall(r"(?:time|date)_text\((\w+)\)", source)}
    values: dict[str, Any] = {name: f"<{name}>" for name in names - environment.globals.keys()} | moments
    return render(file, locale=tag, **values | dict.fromkeys(("working_days", "appeal_days", "hours", "days"), 1) | flags).subject
