"""What the rows need from a database itself: how many members there are, and their slugs."""

import sqlite3
from pathlib import Path

from sqlalchemy import create_engine, text


def count_members(file: Path) -> int:
    """Count the members of an SQLite file; 0 where it is not there or has no such table."""
    if not file.exists():
        return 0
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute("SELECT count(*) FROM member").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def read_slugs(url: str, most: int = 20_000) -> list[str]:
    """Return at most `most` slugs, taken evenly from the whole table. url: of SQLAlchemy."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT slug FROM member WHERE demonstration AND slug NOT LIKE 'bench-%' ORDER BY id"
            slugs = [row[0] for row in connection.execute(text(query))]
    finally:
        engine.dispose()
    step = max(1, len(slugs) // most)
    return slugs[::step][:most]
