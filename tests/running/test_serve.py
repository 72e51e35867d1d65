"""`serve`, from an empty folder to no process left."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from directory.background import LOCK
from directory.config import ROOT
from tests.running.test_delivery import free_port

STARTS_IN_SECONDS = 90


class Served:
    """A running `serve` in a folder of its own."""

    def __init__(self, instance: Path, database_url: str) -> None:
        self.instance = instance
        self.port = free_port()
        self.environment = os.environ | {
            "INSTANCE_PATH": str(instance),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "PUBLIC_URL": "",
            "WEB_CONCURRENCY": "1",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "directory", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert wait_for(lambda: self.status("/healthz") == 200), self.stop()

    def status(self, path: str) -> int | None:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:  # noqa: S310 (our own site)
                return int(answer.status)
        except (URLError, OSError):
            return None

    def stop(self) -> str:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        printed, _ = self.process.communicate(timeout=60)
        return printed

    @property
    def background(self) -> int:
        text = (self.instance / LOCK).read_text() if (self.instance / LOCK).exists() else ""
        return int(text or 0)

    def is_port_taken(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def wait_for(happened: Callable[[], bool]) -> bool:
    deadline = monotonic() + STARTS_IN_SECONDS
    while not happened() and monotonic() < deadline:
        sleep(0.1)
    return happened()


def is_running(number: int) -> bool:
    """Say whether a process is there and not just unburied."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[Served]:
    found = Served(tmp_path / "instance", database_url)
    yield found
    if found.process is not None and found.process.poll() is None:
        found.stop()
    if found.process is not None and found.process.stdout is not None:
        found.process.stdout.close()


def test_first_and_second_start(served: Served) -> None:
    served.start()
    answers = [served.status(path) for path in ("/en/", "/en/members/", "/en/staff/sign-in")]
    assert wait_for(lambda: served.status("/readyz") == 200)
    first = served.stop()
    served.start()
    second = served.stop()

    assert answers == [200, 200, 200]
    assert (first.count("/en/staff/set-up/"), second.count("/en/staff/set-up/")) == (1, 0)
    assert (served.process is not None and served.process.returncode, served.is_port_taken()) == (0, False)


def test_background_is_started_again_and_stops_with_the_rest(served: Served) -> None:
    served.start()
    assert wait_for(lambda: served.background > 0)
    killed = served.background

    os.kill(killed, signal.SIGKILL)

    assert wait_for(lambda: served.background not in {0, killed})
    again = served.background
    assert is_running(again)
    served.stop()
    assert not is_running(again)


def test_nothing_outlives_a_killed_supervisor(served: Served) -> None:
    served.start()
    assert wait_for(lambda: served.background > 0)
    assert served.process is not None

    served.process.kill()
    served.process.wait()

    assert wait_for(lambda: not is_running(served.background) and not served.is_port_taken())
