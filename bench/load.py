"""Runs wrk over a list of addresses and reads what it counted."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("replay.lua")
THREADS = 1
CONNECTIONS = 8
"""as many as the site has threads"""
TIMEOUT = 30


@dataclass(frozen=True)
class Load:
    """What one run gave. p50, p95: ms. bad: unexpected statuses; broken: connections that failed or took too long.

    hits: answers from the page cache; told: answers that said at all whether they were; wrapped: requests sent again.
    """

    rate: float
    p50: float
    p95: float
    requests: int
    bad: int
    broken: int
    hits: int
    told: int
    wrapped: int


def require_wrk() -> None:
    """End with one line where wrk is not installed."""
    if shutil.which("wrk") is None:
        print("wrk is not installed; Debian has it: apt-get install wrk", file=sys.stderr)
        sys.exit(2)


def load(base: str, paths: Iterable[str], seconds: int, *, expected: int = 200, headers: Iterable[str] = ()) -> Load:
    """Ask for `paths` in their order, and again from the first where they do not suffice. headers: lines `Name: value`."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        options = [f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", f"{TIMEOUT}s", "-s", str(SCRIPT)]
        command = ["wrk", *options, base, "--", file.name, f"{expected}", f"{THREADS}", *headers]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 4 * TIMEOUT, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("result ")]
    if not lines:
        sys.exit(f"wrk failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return _read(lines[-1])


def _read(line: str) -> Load:
    raw = {name: float(value) for name, _, value in (part.partition("=") for part in line.split()[1:])}
    requests = int(raw["requests"])
    return Load(
        rate=requests / raw["seconds"] if raw["seconds"] else 0.0,
        p50=raw["p50"],
        p95=raw["p95"],
        requests=requests,
        bad=int(raw["bad"]),
        broken=int(raw["broken"]) if requests else 1,
        hits=int(raw["hits"]),
        told=int(raw["told"]),
        wrapped=int(raw["wrapped"]),
    )
