"""The supervisor behind `make run`: the site and the background process as two children that live and end together.

Both are forked from the prepared application, so that nothing is imported twice and a start takes little time.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess
from types import FrameType

from flask import Flask

from directory.background import work
from directory.config import ROOT

CONFIG = ROOT / "deploy" / "gunicorn.conf.py"
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.2
STOP_SECONDS = 25.0
FIRST_RESTART_SECONDS = 1.0
LONGEST_RESTART_SECONDS = 30.0
STEADY_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1
_FORK = multiprocessing.get_context("fork")


def supervise(app: Flask) -> int:
    """Run the site and the background process until the site ends or a signal comes; return the exit status.

    The background process is started again when it dies, after a pause that grows while it keeps dying.
    """
    stopping = _Stopping()
    site = _start(partial(run_site, app))
    keeper = _Keeper(partial(work, app, parent=os.getpid()))
    try:
        while site.is_alive() and not stopping.asked:
            keeper.look()
            time.sleep(LOOK_SECONDS)
    finally:
        _stop([site, *([keeper.child] if keeper.child else [])])
    return 0 if stopping.asked else site.exitcode or 0


def run_site(app: Flask) -> None:
    """Serve the application with gunicorn, as its configuration file says; does not come back."""
    from gunicorn.app.wsgiapp import WSGIApplication  # noqa: PLC0415 (no other command needs it)

    class Site(WSGIApplication):  # type: ignore[misc]  # gunicorn has no types
        """Gunicorn around an application that is loaded already."""

        def load(self) -> Flask:
            return app

    sys.argv = ["gunicorn", "--config", str(CONFIG), "wsgi:app"]
    Site("%(prog)s", prog="gunicorn").run()


class _Stopping:
    """Remembers that a signal asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


class _Keeper:
    """Keeps one child running."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.child: BaseProcess | None = None
        self.started = 0.0
        self.pause = 0.0
        self.due = 0.0

    def look(self) -> None:
        """Start the child where it is not running and the pause is over."""
        now = time.monotonic()
        if self.child is not None:
            if self.child.is_alive():
                return
            is_first = not self.pause or now - self.started > STEADY_SECONDS
            self.pause = FIRST_RESTART_SECONDS if is_first else min(self.pause * 2, LONGEST_RESTART_SECONDS)
            self.due = now + self.pause
            sys.stderr.write(f"The background process ended with {self.child.exitcode}; it is started again.\n")
            self.child = None
        if now >= self.due:
            self.child = _start(self.act)
            self.started = now


def _start(act: Callable[[], None]) -> BaseProcess:
    """Fork a child; a signal that comes meanwhile waits until both know what to do with it."""
    child = _FORK.Process(target=_child, args=(act, os.getpid()))
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    return child


def _child(act: Callable[[], None], parent: int) -> None:
    """Be a child in a session of its own: Ctrl-C reaches the supervisor alone, which passes it on."""
    os.setsid()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    _end_with(parent)
    act()


def _end_with(parent: int) -> None:
    """Ask the system to end this process when its supervisor dies, be it by kill -9 (Linux only; elsewhere nothing)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def _stop(children: list[BaseProcess]) -> None:
    """Ask all children to end, and end those that do not within STOP_SECONDS, with their own children."""
    for child in children:
        if child.is_alive():
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
        if child.is_alive() and child.pid is not None:
            os.killpg(child.pid, signal.SIGKILL)
            child.join()
