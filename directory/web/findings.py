"""What is costly to find out, kept by each process until anything is recorded anew."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from flask import current_app
from sqlalchemy.orm import Session

from directory.db import recorded_state

KEPT = 32
Finding = TypeVar("Finding")


class Findings:
    """Keeps the newest findings by their question and the state in which it was asked."""

    def __init__(self, most: int = KEPT) -> None:
        self._kept: LRUCache[Hashable, Any] = LRUCache(most)
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Finding]) -> Finding:
        """Return what is kept under a key; find it out where there is nothing."""
        with self._lock:
            kept: Finding | None = self._kept.get(key)
        if kept is None:
            kept = make()
            with self._lock:
                self._kept[key] = kept
        return kept


def find_out(session: Session, question: Hashable, make: Callable[[], Finding]) -> Finding:
    """Return the answer to a question; it is worked out once for each state of what is recorded.

    question: names it with all that it depends on besides the database, such as the day and the locale.
    """
    findings: Findings = current_app.extensions["findings"]
    return findings.get((recorded_state(session), question), make)
