"""What is costly to find out, kept by each process until anything is recorded anew."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from flask import current_app, request

from directory.web.http import SAFE_METHODS

KEPT = 64
STATE = "directory.state"
"""where the environment of a request says what the ledger said when it began"""
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


def found_state() -> Hashable | None:
    """Return the state of what is recorded that this request found when it began, for what is kept by it.

    None: a request that writes sees what is not recorded yet, so that nothing is to be kept.
    """
    return request.environ.get(STATE) if request.method in SAFE_METHODS else None


def find_out(question: Hashable, make: Callable[[], Finding]) -> Finding:
    """Return the answer to a question; it is worked out once for each state of what is recorded.

    question: names it with all that it depends on besides the database, such as the day and the locale.
    """
    state = found_state()
    if state is None:
        return make()
    findings: Findings = current_app.extensions["findings"]
    return findings.get((state, question), make)
