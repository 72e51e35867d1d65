"""A real clamd with one signature of our own, for tests of the virus scan."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from directory.storage import Scanner, Verdict

MARK = b"a text that only our own signature knows"
SIGNATURE = "Directory.Test.Mark"
PATIENCE = 60


@contextmanager
def run_clamd(folder: Path) -> Iterator[str]:
    """Run a clamd for a while; give its address. Skips the test where it is not installed, but never on CI."""
    if shutil.which("clamd") is None:
        if os.environ.get("CI"):
            pytest.fail("clamd is missing")
        pytest.skip("ClamAV is not installed")
    database = folder / "signatures"
    database.mkdir()
    (database / "own.ndb").write_text(f"{SIGNATURE}:0:*:{MARK.hex()}\n")
    socket = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {database}\nForeground yes\nStreamMaxLength 25M\n"
        f"TemporaryDirectory {folder}\nConcurrentDatabaseReload no\nMaxThreads 2\n"
    )
    with (folder / "clamd.log").open("w") as log:
        process = subprocess.Popen(["clamd", "--config-file", str(folder / "clamd.conf")], stdout=log, stderr=log)
        try:
            _wait(f"unix:{socket}", process, folder / "clamd.log")
            yield f"unix:{socket}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if Scanner(url).scan(b"plain").verdict is Verdict.CLEAN:
            return
        time.sleep(0.1)
    pytest.fail(f"clamd does not answer: {log.read_text()[-1000:]}")
