"""Starts a PostgreSQL and a Redis of our own for one command, and stops them after it.

`python -m tests.services COMMAND…` sets TEST_POSTGRES_URL and TEST_REDIS_URL where they are not set and the servers
are installed; says in one line each which is left out; with CI=true a missing one is an error. TEST_SERVICES_FOLDER: where
PostgreSQL keeps its data; else in memory where there is room, since each test copies a database of some hundred files.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
MEMORY_LEAST = 4 * 1024**3
"""bytes; a hundred times what the databases of tests take"""
BROWSER = Path("/usr/bin/chromium")
PATIENCE = 30
STOPPED = 143


def main(command: list[str]) -> int:
    """Run the command with what it needs; return its exit status."""
    with contextlib.ExitStack() as stack:
        environ = dict(os.environ)
        if not environ.get("TEST_POSTGRES_URL") and (binaries := _postgres_binaries()):
            environ["TEST_POSTGRES_URL"] = stack.enter_context(_postgres(binaries))
        if not environ.get("TEST_REDIS_URL") and shutil.which("redis-server"):
            environ["TEST_REDIS_URL"] = stack.enter_context(_redis())
        left_out = [
            name
            for name, found in (
                ("PostgreSQL", environ.get("TEST_POSTGRES_URL")),
                ("Redis", environ.get("TEST_REDIS_URL")),
                ("Chromium", BROWSER.exists()),
                ("ClamAV", shutil.which("clamd")),
                ("the HTML validator", Path("node_modules/.bin/html-validate").exists()),
            )
            if not found
        ]
        for name in left_out:
            print(f"left out: {name} is not installed", flush=True)
        if left_out and environ.get("CI"):
            return 1
        return subprocess.run(command, env=environ, check=False).returncode


def _postgres_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextlib.contextmanager
def _postgres(binaries: Path) -> Iterator[str]:
    """Run a cluster that forgets everything; PostgreSQL refuses root, so there it runs as its own user."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_place()))
    as_user: list[str] = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    port = _free_port()
    data, log = str(folder / "data"), str(folder / "log")
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    options = f"-p {port} -k {folder} -c listen_addresses= -c max_connections=200 {fast}"
    initdb, control = [*as_user, str(binaries / "initdb"), "-D", data], [*as_user, str(binaries / "pg_ctl"), "-D", data]
    try:
        _quiet([*initdb, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"], folder)
        _quiet([*control, "-o", options, "-l", log, "-w", "start"], folder)
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}&port={port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd=folder, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path | None:
    named = os.environ.get("TEST_SERVICES_FOLDER")
    if named:
        return Path(named)
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_LEAST else None


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    port = _free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _quiet(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[-1]}: {done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # so that what was started is stopped
    sys.exit(main(sys.argv[1:]))
