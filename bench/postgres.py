"""Databases of their own on the PostgreSQL server that TEST_POSTGRES_URL names."""

import os

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url


def server() -> str | None:
    """Return the address of the server; None where none is given."""
    return os.environ.get("TEST_POSTGRES_URL") or None


def database_url(size: int) -> str:
    """Return the address of the database for a number of members."""
    url = make_url(server() or "").set(drivername="postgresql+psycopg", database=f"bench_{size}")
    return url.render_as_string(hide_password=False)


def make_database(size: int) -> None:
    """Make an empty database for a number of members; one of that name is dropped."""
    name = sql.Identifier(f"bench_{size}")
    with psycopg.connect(_plain(server() or ""), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(name))


def rows_of(url: str) -> int:
    """Count the members of a database; 0 where it is not there."""
    try:
        with psycopg.connect(_plain(url)) as connection:
            row = connection.execute("SELECT count(*) FROM member").fetchone()
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return 0
    return int(row[0]) if row else 0


def settle(url: str) -> None:
    """Let the server gather its statistics, as it does by itself within minutes of a large import."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _plain(url: str) -> str:
    """Turn an address of SQLAlchemy into one that psycopg reads."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
