"""Processes that are forked from one with open connections to the database."""

import os
import signal
import sys
from contextlib import nullcontext

import pytest
import sqlalchemy as sa

ROUNDS = 30
PATIENCE = 30
"""seconds for a child; it ends itself when it waits for an answer that its parent has read"""


def test_child_asks_nothing_through_a_connection_of_its_parent(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    seen = []
    for turn in range(ROUNDS):
        with engine.connect() as connection:
            assert connection.scalar(sa.text(f"SELECT {turn}")) == turn

        with pytest.warns(DeprecationWarning, match="fork") if sys.version_info >= (3, 12) else nullcontext():
            child = os.fork()
        if not child:  # pragma: no cover (runs in the child)
            signal.alarm(PATIENCE)
            with engine.connect() as connection:
                own = connection.scalar(sa.text(f"SELECT {-turn}")) == -turn
            os._exit(0 if own else 1)
        asked = range(turn, turn + 20)
        for number in asked:
            with engine.connect() as connection:
                seen.append(connection.scalar(sa.text(f"SELECT {number}")) == number)
        assert os.waitpid(child, 0)[1] == 0

    assert len(seen) == ROUNDS * 20
    assert all(seen)
    engine.dispose()
