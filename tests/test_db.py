"""The one row that gives the order of commits."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy.orm import Session

from directory.db import db, take_turn, writing

AT_ONCE = 4


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
