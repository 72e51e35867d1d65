"""What the command `audit verify` says where somebody went behind the program, and where others record while it walks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import audit
from directory.applications import letter_texts
from directory.applications.letter_kinds import LetterKind
from directory.audit import SYSTEM, AuditEvent, record, verify
from directory.db import db, writing
from directory.initiative import proof
from directory.initiative.models import Edition
from directory.initiative.vocab import Subject
from directory.mail import LetterText
from directory.review import letter_editing
from tests.conftest import ON_POSTGRES
from tests.initiative.setting import administrator, change_term


def _run(app: Flask) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    return done.exit_code, done.stdout


def _record(session: Session, how_many: int) -> None:
    for number in range(how_many):
        record(session, "account.sign_in", by=SYSTEM, subject=("account", f"clerk{number}"), now=datetime.now(UTC))
    session.commit()


def _alter(session: Session, *statements: str) -> None:
    for statement in statements:
        session.execute(sa.text(statement))
    session.commit()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE ledger SET audit_sequence = 3, audit_head = (SELECT hash FROM audit_event WHERE sequence = 3)",
            "Entry 4 is broken: not in the ledger. 3 entries before it stand.\n",
        ),
        (
            "UPDATE ledger SET audit_sequence = 0",
            "Entry 1 is broken: not in the ledger. 0 entries before it stand.\n",
        ),
        (
            "UPDATE ledger SET audit_sequence = 3",
            "Entry 3 is broken: not the one that the ledger names. 2 entries before it stand.\n",
        ),
        (
            "UPDATE ledger SET audit_head = 'another'",
            "Entry 5 is broken: not the one that the ledger names. 4 entries before it stand.\n",
        ),
        ("DELETE FROM ledger", "Entry 1 is broken: not in the ledger, which is missing. 0 entries before it stand.\n"),
    ],
)
def test_altered_ledger_hides_nothing(app: Flask, session: Session, statement: str, said: str) -> None:
    _record(session, 5)
    _alter(session, statement)

    assert _run(app) == (1, said)


def test_forged_entry_above_the_ledger_is_looked_at(app: Flask, session: Session) -> None:
    _record(session, 5)
    lower = "UPDATE ledger SET audit_sequence = 3, audit_head = (SELECT hash FROM audit_event WHERE sequence = 3)"
    _alter(session, lower, "UPDATE audit_event SET actor_kind = 'staff' WHERE sequence = 5")

    assert _run(app) == (1, "Entry 5 is broken: altered. 4 entries before it stand.\n")


def test_empty_directory_stands(app: Flask) -> None:
    assert _run(app)[0] == 0


def test_what_others_record_meanwhile_stands(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody records after each batch, until the walk has no more to wait for."""
    monkeypatch.setattr(audit, "VERIFY_BATCH", 2)
    _record(session, 4)
    recorded = []

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM audit_event" in statement and "audit_value" not in statement and len(recorded) < 3:
            recorded.append(statement)
            with writing(), Session(db.engine) as other:
                _record(other, 1)

    sa.event.listen(db.engine, "after_cursor_execute", meanwhile)
    try:
        verdict = verify(session)
    finally:
        sa.event.remove(db.engine, "after_cursor_execute", meanwhile)

    session.rollback()
    assert (verdict.broken, verdict.why, len(recorded)) == (None, "", 3)
    assert verdict.entries == (7 if ON_POSTGRES else 4), "SQLite shows what was there when the walk began"
    assert verify(session).entries == 7


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "infinity"), ("digests", "[]"), ("digests", "null"), ("digests", "7")]
    if ON_POSTGRES
    else [("at", "some day"), ("digests", "{"), ("digests", ""), ("digests", "[]"), ("digests", "null")],
)
def test_entry_that_cannot_be_read_is_named(app: Flask, session: Session, column: str, value: str) -> None:
    _record(session, 5)
    _alter(session, f"UPDATE audit_event SET {column} = '{value}' WHERE sequence = 4")  # noqa: S608 (both of them our own)

    assert _run(app) == (1, "Entry 4 is broken: cannot be read. 3 entries before it stand.\n")


def _settings(session: Session) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "One"})
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Two"})


def _letters(session: Session) -> None:
    by, kind = administrator(session), LetterKind.WITHDRAWN
    built_in = letter_texts.built_in(kind, "en")
    words = {"by": by, "now": datetime.now(UTC)}
    letter_editing.save(session, kind, "en", subject=built_in.subject, body=f"Hello.\n\n{built_in.body}", seen_version=0, **words)
    letter_editing.return_to_built_in(session, kind, "en", seen_version=1, **words)
    letter_editing.save(session, kind, "en", subject="Closed", body=built_in.body, seen_version=2, **words)
    session.commit()


def test_what_administrators_set_is_as_its_entries_say(app: Flask, session: Session) -> None:
    _settings(session)
    _letters(session)

    status, said = _run(app)

    assert (status, said.splitlines()[0], said.splitlines()[2]) == (
        0,
        "All 5 entries stand; 0 values were erased.",
        "Settings and texts of letters are as their entries say.",
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE edition SET data = '{}' WHERE id = 2", "edition 2 of zones is not as entry 2 says (contents)"),
        ("UPDATE edition SET note = 'No.' WHERE id = 1", "edition 1 of zones is not as entry 1 says (note)"),
        ("DELETE FROM edition WHERE id = 2", "edition 2 of zones is missing, which entry 2 tells of"),
        ("UPDATE edition SET number = 9 WHERE id = 2", "edition 2 of zones is missing, which entry 2 tells of"),
        ("UPDATE edition SET id = 9 WHERE id = 1", "edition 1 of zones is not as entry 1 says (place among the others)"),
    ],
)
def test_altered_setting_is_named(app: Flask, session: Session, statement: str, said: str) -> None:
    _settings(session)
    _alter(session, statement)

    status, lines = _run(app)

    assert (status, lines.splitlines()[1]) == (1, f"What administrators set was altered: {said}.")


def test_setting_that_another_time_or_person_is_put_to_is_named(app: Flask, session: Session) -> None:
    _settings(session)
    session.execute(sa.update(Edition).where(Edition.id == 2).values(at=datetime.now(UTC) - timedelta(days=1)))
    session.commit()

    assert "edition 2 of zones is not as entry 2 says (when)" in _run(app)[1]


def test_setting_without_an_entry_is_named(app: Flask, session: Session) -> None:
    _settings(session)
    by = administrator(session)
    session.add(Edition(id=3, subject="times", number=1, data={}, note="Quietly.", by=by, at=datetime.now(UTC)))
    session.commit()

    assert _run(app)[1].splitlines()[1] == (
        "What administrators set was altered: edition 1 of times is there, of which no entry tells."
    )


def test_setting_that_is_set_while_it_is_looked_at_is_no_difference(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _settings(session)
    kept = proof._kept

    def set_meanwhile(reading: Session) -> Any:
        change_term(session, Subject.ZONES, "pudong", labels={"en": "Three"})
        return kept(reading)

    monkeypatch.setattr(proof, "_kept", set_meanwhile)

    assert proof.find_difference(session) == ""


if not ON_POSTGRES:  # there it refuses what is no JSON

    def test_setting_that_cannot_be_read_is_named(app: Flask, session: Session) -> None:
        _settings(session)
        _alter(session, "UPDATE edition SET data = '{' WHERE id = 1")

        assert _run(app)[1].splitlines()[1] == "What administrators set was altered: edition 1 of zones cannot be read."


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda rows: rows.where(LetterText.version == 1).values(body="Hello. {status_url}"), "entry 1 says (text)"),
        (lambda rows: rows.where(LetterText.version == 1).values(subject="Lost"), "entry 1 says (contents)"),
        (lambda rows: rows.where(LetterText.version == 3).values(subject="Lost"), "entry 3 says (contents)"),
        (lambda rows: rows.where(LetterText.version == 2).values(subject="Lost", body="{status_url}"), "entry 2 says (text)"),
    ],
)
def test_altered_text_of_a_letter_is_named(app: Flask, session: Session, alter: Callable[[Any], Any], said: str) -> None:
    _letters(session)
    session.execute(alter(sa.update(LetterText)))
    session.commit()

    status, lines = _run(app)

    assert (status, said in lines, "of the letter text withdrawn/en is not as" in lines) == (1, True, True)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM letter_text WHERE version = 2", "version 2 of the letter text withdrawn/en is missing, which entry 2 tells of"),
        ("UPDATE letter_text SET locale = 'de' WHERE version = 3", "version 3 of the letter text withdrawn/en is missing, which entry 3 tells of"),
        (
            "INSERT INTO letter_text SELECT 99, template, locale, 4, NULL, NULL, edited_by_id, edited_at FROM letter_text WHERE id = 3",
            "version 4 of the letter text withdrawn/en is there, of which no entry tells",
        ),
    ],
)  # fmt: skip
def test_text_of_a_letter_that_is_missing_or_was_slipped_in_is_named(
    app: Flask, session: Session, statement: str, said: str
) -> None:
    _letters(session)
    _alter(session, statement)

    assert _run(app)[1].splitlines()[1] == f"What administrators set was altered: {said}."


def test_events_of_an_older_program_are_enough(app: Flask, session: Session) -> None:
    """It kept no digest of a whole version."""
    by, words = administrator(session), {"subject": "Closed", "body": "{status_url}"}
    now = datetime.now(UTC)
    session.add(LetterText(template="withdrawn", locale="en", version=1, edited_by_id=by.id, edited_at=now, **words))
    changes = {"subject": ("Withdrawn", "Closed")}
    actor = audit.Actor("staff", by.public_id)
    record(session, "letter_text.edit", by=actor, subject=("letter_text", "withdrawn/en"), now=now, changes=changes)
    session.commit()
    assert session.scalars(sa.select(AuditEvent.sequence)).all() == [1]

    assert _run(app)[0] == 0
