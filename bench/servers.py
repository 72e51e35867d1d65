"""Starts and stops the two servers, the site and the ceiling, with the same workers, on 127.0.0.1 only."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gunicorn

from bench.environment import ROOT
from bench.instances import Instance
from bench.web import get

CONFIG = ROOT / "deploy" / "gunicorn.conf.py"
CONTROL = ["--no-control-socket"] if gunicorn.version_info >= (25, 1) else []
"""newer ones would share one socket in the user's home"""
WORKERS = 2
THREADS = 4
READY_MOST = 60
"""seconds until a start counts as failed"""
LOOK = 0.02
STOP_MOST = 30


@dataclass
class Server:
    """A running server. ready: seconds from its start to the first good answer."""

    process: subprocess.Popen[bytes]
    base: str
    log: Path
    ready: float = 0.0

    def deaths(self) -> int:
        """Count the workers that a signal ended since the start, as the log tells."""
        return self.log.read_text(errors="replace").count(" was sent SIG")


@contextlib.contextmanager
def site(instance: Instance, worker_class: str) -> Iterator[Server]:
    """Serve one instance with the project's own configuration; the options given here come before what stands there."""
    options = ["--config", str(CONFIG)] if CONFIG.exists() else []
    with _gunicorn(
        "wsgi:app", options, worker_class, instance.environment, instance.folder / "gunicorn.log", "/readyz"
    ) as server:
        yield server


@contextlib.contextmanager
def ceiling(folder: Path, worker_class: str) -> Iterator[Server]:
    """Serve the ceiling."""
    environ = {name: value for name, value in os.environ.items() if name != "GUNICORN_CMD_ARGS"}
    with _gunicorn("bench.ceiling:app", [], worker_class, environ, folder / "ceiling.log", "/hello") as server:
        yield server


@contextlib.contextmanager
def background(instance: Instance) -> Iterator[None]:
    """Run the project's background process, which lets the index follow the database."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "work"]
    with (instance.folder / "background.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=instance.environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            stop(process)


@contextlib.contextmanager
def _gunicorn(app: str, options: list[str], worker_class: str, environ: dict[str, str], log: Path, path: str) -> Iterator[Server]:
    port = free_port()
    bind = [*CONTROL, "--bind", f"127.0.0.1:{port}", "--preload", "--keep-alive", "5", "--worker-class", worker_class]
    many = ["--workers", f"{WORKERS}", "--threads", f"{THREADS if worker_class == 'gthread' else 1}"]
    command = [sys.executable, "-m", "gunicorn", *options, *bind, *many, app]
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env={**environ, "PORT": f"{port}"}, stdout=out, stderr=out)
        server = Server(process, f"http://127.0.0.1:{port}", log)
        try:
            server.ready = _wait(server, path, began)
            yield server
        finally:
            stop(process)


def _wait(server: Server, path: str, began: float) -> float:
    """Return how many seconds passed from `began` to the first 200; end with the log's last lines where none came."""
    while time.perf_counter() - began < READY_MOST and server.process.poll() is None:
        if get(server.base, path, patience=READY_MOST).status == 200:
            return time.perf_counter() - began
        time.sleep(LOOK)
    sys.exit(f"the server did not start ({path}):\n{server.log.read_text(errors='replace')[-2000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here, and those below it where it does not end by itself."""
    below = tree(process.pid)
    process.terminate()
    try:
        process.wait(STOP_MOST)
    except subprocess.TimeoutExpired:
        for number in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        process.wait()


def tree(number: int) -> list[int]:
    """Return the numbers of a process and of all below it."""
    found = [number]
    for each in found:
        for file in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in file.read_text().split()]
    return found


def busy(number: int) -> list[int]:
    """Return the processor time that each worker of a server has used until now, in ticks, in the order of their numbers."""
    ticks = []
    for each in sorted(tree(number)[1:]):
        with contextlib.suppress(OSError):
            values = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks.append(int(values[11]) + int(values[12]))
    return ticks


def memory(number: int) -> float:
    """Return the memory of a process and of all below it in MB (PSS: what is shared is counted once)."""
    total = 0
    for each in tree(number):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
