"""Connections to the database: those that a server closed, and those of requests that only read."""

from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from directory import db as database
from directory.db import connection_to_read, db, writing
from tests.conftest import ON_POSTGRES
from tests.factories import add_member
from tests.page import Visitor


def close_all(url: str) -> int:
    """Close all connections to a database from the server's side; return how many."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return len(connection.execute(f"SELECT pg_terminate_backend(pid) {others}".encode()).fetchall())


if ON_POSTGRES:  # SQLite has no server that could be restarted

    @pytest.mark.parametrize("idle", [0.0, 60.0])
    def test_visitors_do_not_notice_that_a_server_was_restarted(
        app: Flask, session: Session, database_url: str, follow: Callable[[], None], monkeypatch: pytest.MonkeyPatch, idle: float
    ) -> None:
        """idle: seconds after which a connection is looked at; where that is never, reading the ledger still notices."""
        monkeypatch.setattr(database, "IDLE_SECONDS", idle)
        add_member(session, slug="alpha", names={"en": "Alpha"})
        follow()
        visitor = Visitor(app)
        statuses = [visitor.get("/en/members/alpha").status]
        session.rollback()
        session.close()

        for path in ("/en/members/alpha?again", "/de/members/", "/de/members/alpha"):
            with app.app_context(), db.engine.connect() as one, db.engine.connect() as other:  # so that several lie in the pool
                assert one.scalar(sa.text("SELECT 1")) == other.scalar(sa.text("SELECT 1"))
            assert close_all(database_url) > 2
            statuses.append(visitor.get(path).status)

        assert statuses == [200] * 4


def test_only_a_request_that_reads_goes_without_a_transaction(app: Flask, database_url: str) -> None:
    def level(session: Session) -> object:
        return connection_to_read(session).get_execution_options().get("isolation_level")

    with app.app_context():
        with writing(), db.session() as session:
            for_writing = level(session)
        with db.session() as session:
            session.execute(sa.text("SELECT 1"))
            begun = level(session)
        with db.session() as session:
            reading = level(session)

    assert (for_writing, begun) == (None, None)
    assert reading == ("AUTOCOMMIT" if database_url.startswith("postgresql") else None)
