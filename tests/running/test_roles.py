"""The role that docs/operating.md gives the site on PostgreSQL: it works, and cannot bend the record."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from directory.app import create_app
from directory.applications.states import State
from directory.audit import SYSTEM, AuditEvent, erase, verify
from directory.config import ROOT
from directory.db import db, writing
from directory.members.services import suspend
from tests.conftest import NOW, ON_POSTGRES, give_up, make_settings
from tests.factories import add_application, add_member
from tests.page import Visitor

REFUSED = (
    "UPDATE audit_event SET actor_id = 'somebody else'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event CASCADE",
    "ALTER TABLE audit_event DROP COLUMN hash",
    "DROP TABLE audit_event CASCADE",
    "UPDATE audit_value SET new = '1'",
    "DELETE FROM ledger",
    "UPDATE edition SET note = ''",
    "DELETE FROM edition",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE TABLE mine (id int)",
)

if ON_POSTGRES:  # SQLite has no roles

    @pytest.fixture
    def site(database_url: str, tmp_path: Path) -> Iterator[Flask]:
        """Give the application as it runs under the role of the site."""
        role = f"site_{uuid.uuid4().hex}"
        owner = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        grants = (ROOT / "deploy" / "postgresql-roles.sql").read_text(encoding="utf-8").replace("directory_site", role)
        with owner.connect() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
            connection.connection.cursor().execute(grants)
        url = make_url(database_url).set(username=role).render_as_string(hide_password=False)
        app = create_app(make_settings(tmp_path / "site", url))
        yield app
        give_up(app)
        with owner.connect() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")
        owner.dispose()

    def test_site_does_its_work(site: Flask) -> None:
        with site.app_context(), writing():
            session = db.session()
            member = add_member(session, slug="alpha", names={"en": "Alpha Chamber"})
            suspend(session, member, by=SYSTEM, reason="It asked for it.", seen_version=member.version, now=NOW)
            application = add_application(session, state=State.SUBMITTED)
            erase(session, ("application", application.reference))
            session.commit()
        site.extensions["search"].follow()

        statuses = [Visitor(site).get(path).status for path in ("/en/members/", "/en/members/alpha", "/en/apply/")]

        assert statuses == [200, 410, 200]
        with site.app_context():
            verdict = verify(db.session())
            assert (verdict.broken, verdict.entries > 1) == (None, True)

    @pytest.mark.parametrize("statement", REFUSED)
    def test_site_cannot_bend_the_record(site: Flask, statement: str) -> None:
        with site.app_context(), writing():
            add_member(db.session(), slug="alpha", names={"en": "Alpha Chamber"})
            db.session.commit()

            with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
                db.session.execute(sa.text(statement))

            db.session.rollback()
            assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
