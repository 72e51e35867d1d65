"""The one row that gives the order of commits; how transactions end; rows that belong to no session."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, Role
from directory.db import as_read, connection_to_read, db, take_turn, writing
from tests.conftest import ON_POSTGRES
from tests.factories import NOW

AT_ONCE = 4
TIMES_UNTIL_PREPARED = 10
ROLE = {"account_id": 1, "role": "auditor"}


def test_who_records_first_at_the_same_time_makes_one_ledger(app: Flask) -> None:
    with app.app_context():
        engine = db.engine

    def record(_number: int) -> str:
        with writing(), Session(engine) as session:
            ledger = take_turn(session)
            ledger.change_sequence += 1
            session.commit()
            return ledger.epoch

    with ThreadPoolExecutor(AT_ONCE) as threads:
        epochs = set(threads.map(record, range(AT_ONCE)))

    with Session(engine) as session:
        assert (take_turn(session).change_sequence, len(epochs)) == (AT_ONCE, 1)


def _by_session(session: Session) -> None:
    session.add(AccountRole(**ROLE))
    session.flush()


@pytest.mark.parametrize(
    "write",
    [
        _by_session,
        lambda session: session.execute(insert(AccountRole).values(**ROLE)),
        lambda session: session.connection().execute(insert(AccountRole.__table__), [ROLE]),
        lambda session: session.execute(text("INSERT INTO account_role (account_id, role) VALUES (:account_id, :role)"), ROLE),
        lambda session: session.connection().exec_driver_sql("INSERT INTO account_role VALUES (1, 'auditor')"),
        pytest.param(
            lambda session: session.execute(
                select(insert(AccountRole).values(**ROLE).returning(AccountRole.account_id).cte("written").c.account_id)
            ),
            marks=pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no such statement"),
        ),
    ],
)
def test_what_was_not_committed_is_gone_however_it_was_written(session: Session, write: Callable[[Session], object]) -> None:
    session.add(Account(id=1, email="ana@staff.example", created_at=NOW))
    session.commit()
    count = select(func.count()).select_from(AccountRole)

    write(session)
    seen = session.scalar(count)
    session.rollback()

    assert (seen, session.scalar(count)) == (1, 0)


def test_what_was_written_before_a_reading_transaction_stays(session: Session) -> None:
    session.add(Account(id=1, email="ana@staff.example", created_at=NOW))
    session.commit()
    session.scalar(select(Account.id))
    session.rollback()

    assert session.scalar(select(Account.email)) == "ana@staff.example"


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server to be lost")
@pytest.mark.parametrize("asks_again", [True, False])
def test_a_connection_that_is_lost_midway_ends_as_any_other(app: Flask, *, asks_again: bool) -> None:
    with app.app_context():
        engine = db.engine
    session = Session(engine)
    lost = session.scalar(select(func.pg_backend_pid()))
    with engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:lost)"), {"lost": lost})

    if asks_again:
        with pytest.raises(OperationalError):
            session.scalar(select(func.count()).select_from(Account))
    session.rollback()

    assert session.scalar(select(func.pg_backend_pid())) != lost
    session.close()


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite knows no way to ask outside of a transaction here")
def test_a_request_that_only_reads_cannot_write(app: Flask) -> None:
    with app.app_context():
        session = Session(db.engine)
    connection_to_read(session).execute(select(Account.id))

    with pytest.raises(RuntimeError):
        session.execute(insert(Account).values(email="ana@staff.example", created_at=NOW))
    session.close()


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite prepares statements itself")
def test_statements_stay_prepared_when_a_reading_transaction_ends(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
    with engine.connect() as kept:
        for _ in range(TIMES_UNTIL_PREPARED):
            kept.execute(select(Account.id))
            kept.rollback()
        prepared = kept.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%account.id%'"))

    assert prepared == 1


def test_a_row_to_be_read_has_what_it_was_given_and_nothing_else(session: Session) -> None:
    row = as_read(Account, {"name": "Ana", "role_rows": [as_read(AccountRole, {"role": Role.AUDITOR})]})

    assert (row.shown_name, row.roles, row.disabled_at) == ("Ana", {Role.AUDITOR}, None)
    assert row not in session
