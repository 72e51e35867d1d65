"""How Alembic reaches the application's database and models."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from directory.db import UtcDateTime

database = current_app.extensions["migrate"].db


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our time type as the plain one, so that migrations stand alone."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Run migrations over the application's engine, each in a transaction of its own."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=_render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
