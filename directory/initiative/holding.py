"""What a process knows of the editions: loaded once, and anew when the ledger counts another one.

Whoever asks needs no session. A request has one state from its first question to its end, and asks the ledger for it once
(never where the cache of pages has just done so). Outside of requests the state is the one that the process took last.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, current_app, has_app_context, has_request_context, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from directory.db import Ledger, LedgerReader, LedgerState, reading
from directory.initiative.models import Edition, Initiative, PageText, Taxonomy, Times
from directory.initiative.reading import (
    Data,
    read_initiative,
    read_page,
    read_taxonomy,
    read_times,
    shipped,
)
from directory.initiative.vocab import PAGES, TAXONOMIES, Subject
from directory.web.findings import STATE
from directory.web.page_cache import is_anonymous_visit

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Setting:
    """Everything that administrators set, at one time. stamp: names this state; empty: as it comes with the program."""

    stamp: str
    data: Mapping[Subject, Data]

    @cached_property
    def initiative(self) -> Initiative:
        """The initiative with its statement."""
        return read_initiative(self.data[Subject.INITIATIVE], self.data[Subject.STATEMENT])

    @cached_property
    def taxonomies(self) -> Mapping[Subject, Taxonomy]:
        """All taxonomies."""
        return {subject: read_taxonomy(self.data[subject]) for subject in TAXONOMIES}

    @cached_property
    def times(self) -> Times:
        """The terms of time."""
        return read_times(self.data[Subject.TIMES])

    @cached_property
    def pages(self) -> Mapping[Subject, PageText]:
        """The administrators' own words for pages."""
        return {subject: read_page(self.data[subject]) for subject in PAGES}


SHIPPED = Setting("", {subject: shipped(subject) for subject in Subject})
_here: ContextVar[Setting | None] = ContextVar("setting", default=None)


class Editions:
    """Keeps the setting that an application took last. scope: opens a session of its own."""

    def __init__(self, ledger: LedgerReader, scope: Callable[[], AbstractContextManager[Session]]) -> None:
        self._ledger = ledger
        self._scope = scope
        self._held: Setting | None = None

    @property
    def held(self) -> Setting:
        """The setting taken last; the first time, the one that the ledger counts now."""
        return self._held or self.now()

    def now(self) -> Setting:
        """Return what counts now."""
        return self.of(self._ledger.read())

    def state(self, *, was_read: bool) -> LedgerState | None:
        """Return what the ledger says now. was_read: it was read for this very request."""
        return self._ledger.last if was_read else self._ledger.read()

    def of(self, state: LedgerState | None) -> Setting:
        """Return what counts in a state; where the database did not answer, what counted last."""
        return self.at(state) if state else self._held or SHIPPED

    def at(self, state: LedgerState) -> Setting:
        """Return what counts in a state of the ledger."""
        stamp = f"{state.epoch} {state.editions}" if state.editions else ""
        held = self._held
        if held is None or held.stamp != stamp:
            try:
                held = self._held = Setting(stamp, self._load(state.editions)) if stamp else SHIPPED
            except SQLAlchemyError:
                log.exception("the editions could not be read")
                return held or SHIPPED
        return held

    def _load(self, last: int) -> Mapping[Subject, Data]:
        newest = select(func.max(Edition.id)).where(Edition.id <= last).group_by(Edition.subject)
        with reading(), self._scope() as session:
            found = {row.subject: row.data for row in session.execute(select(Edition).where(Edition.id.in_(newest))).scalars()}
        return {subject: found.get(subject, SHIPPED.data[subject]) for subject in Subject}


def init_editions(app: Flask, editions: Editions) -> None:
    """Let each request of an application have the setting that counts when it begins."""
    app.extensions["editions"] = editions
    app.before_request(_begin)
    app.teardown_request(_forget)


def _begin() -> None:
    """Ask the ledger before anything else is read: what is found out in the request is then no older than its state."""
    if request.endpoint != "static":
        setting()


def _forget(_error: BaseException | None) -> None:
    _here.set(None)


def setting() -> Setting:
    """Return the setting that counts here."""
    return _here.get() or _take()


def stamp() -> str:
    """Name the setting that counts here: whatever is kept of labels or texts is kept for it alone."""
    return setting().stamp


def refresh() -> None:
    """Take the setting that counts now, outside of requests: at the beginning of a round of work in the background."""
    _editions().now()


@contextmanager
def as_of(session: Session) -> Iterator[None]:
    """Let the setting that a session sees count inside the block."""
    row = session.execute(select(Ledger.epoch, Ledger.change_sequence, Ledger.editions)).first()
    token = _here.set(_editions().at(LedgerState(row.epoch, row.change_sequence, "", row.editions)) if row else SHIPPED)
    try:
        yield
    finally:
        _here.reset(token)


def _take() -> Setting:
    if not has_app_context():
        return SHIPPED
    editions = _editions()
    if not has_request_context():
        return editions.held
    request.environ[STATE] = state = editions.state(was_read=is_anonymous_visit())
    taken = editions.of(state)
    _here.set(taken)
    return taken


def _editions() -> Editions:
    editions: Editions = current_app.extensions["editions"]
    return editions
