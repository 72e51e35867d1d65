"""The whole suite: on SQLite, then the HTML of every page it fetched, then on PostgreSQL without the browser."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VALIDATOR = Path("node_modules/.bin/html-validate")
LARGEST = 300_000
"""bytes; a page that shows a megabyte of input again is built like a small one, and takes the validator minutes"""
OUTPUT_SHOWN = 6000


def main() -> int:
    """Run all of it; return the first exit status that is not 0."""
    with tempfile.TemporaryDirectory(prefix="pages-") as pages:
        failed = _pytest("SQLite", {"TEST_DATABASE": "sqlite", "KEEP_PAGES": pages}) or _validate(Path(pages))
    if not failed and os.environ.get("TEST_POSTGRES_URL"):
        failed = _pytest("PostgreSQL", {"TEST_DATABASE": "postgresql"}, "-m", "not browser")
    return failed


def _pytest(name: str, surroundings: Mapping[str, str], *options: str) -> int:
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", *options]
    return subprocess.run(command, env={**os.environ, **surroundings}, check=False).returncode


def _validate(pages: Path) -> int:
    """Validate one of each kind of page; the answer stands for all that are built alike."""
    if not VALIDATOR.exists():
        return 0
    files = sorted(file for file in pages.glob("*.html") if file.stat().st_size <= LARGEST)
    cores = os.cpu_count() or 1
    print(f"== HTML of {len(files)} kinds of pages", flush=True)
    with ThreadPoolExecutor(cores) as pool:
        shares = [share for n in range(cores) if (share := files[n::cores])]
        done = list(pool.map(_run_validator, shares))
    print("".join(one.stdout + one.stderr for one in done)[-OUTPUT_SHOWN:] or "all valid", flush=True)
    return max((one.returncode for one in done), default=1)


def _run_validator(files: Sequence[Path]) -> "subprocess.CompletedProcess[str]":
    command = [str(VALIDATOR), "--config", ".htmlvalidate.json", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
