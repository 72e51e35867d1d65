"""Migrations lead from nothing, and from the version before, to what the models say."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from directory.config import ROOT
from directory.db import db

MIGRATIONS = ROOT / "directory" / "migrations"


def _differences(app: Flask) -> list[object]:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, db.metadata))


def _tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(sa.inspect(db.engine).get_table_names())


def test_the_newest_version_is_what_the_models_say(app: Flask) -> None:
    assert _differences(app) == []


def test_each_version_leads_to_the_next_and_back(app: Flask) -> None:
    versions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]

    with app.app_context():
        downgrade(revision="base")
    assert _tables(app) == {"alembic_version"}

    for version in reversed(versions):
        with app.app_context():
            upgrade(revision=version)
    assert _differences(app) == []


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1
