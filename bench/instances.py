"""Prepared instances: a database with N invented members and its index, made once and kept."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.environment import FLASK, ROOT, environment
from bench.postgres import database_url, make_database, rows_of
from bench.slugs import count_members

DATA_CODE = ("directory/members/*.py", "directory/data/*.json", "directory/migrations/**/*.py", "directory/audit.py")
BLOCK = 1024 * 1024
INDEX_CODE = ("directory/search/*.py", "directory/members/documents.py")


@dataclass
class Instance:
    """One database of one size. state: what is kept beside it: times of its making in seconds, words, prints of the code."""

    database: str
    size: int
    folder: Path
    url: str | None
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.folder, self.url)

    @property
    def file(self) -> Path:
        return self.folder.with_suffix(".json")

    def save(self) -> None:
        self.file.write_text(json.dumps(self.state, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def members(self) -> int:
        """Count the members that are really there; 0 where there is no database."""
        return count_members(self.folder / "directory.db") if self.url is None else rows_of(self.url)

    def warm(self) -> None:
        """Read every file once: a host in service has them in its file cache, which a quiet machine may have given back."""
        for file in self.folder.rglob("*"):
            if file.is_file():
                with file.open("rb") as content:
                    while content.read(BLOCK):
                        pass


def prepare(database: str, size: int, folder: Path) -> Instance:
    """Return the instance, made anew where it is missing, too small, or the code that makes it has changed."""
    place = folder.resolve() / f"{database}-{size}"
    instance = Instance(database, size, place, database_url(size) if database == "postgresql" else None)
    if instance.file.exists():
        instance.state = json.loads(instance.file.read_text(encoding="utf-8"))
    if instance.state.get("data_code") != _print_of(DATA_CODE) or instance.members() < size:
        _make(instance)
    if instance.state.get("index_code") != _print_of(INDEX_CODE):
        print(f"{database} {size}: making the index", flush=True)
        instance.state.pop("questions", None)
        _timed(instance, "rebuild", ["search", "rebuild"])
        instance.state["index_code"] = _print_of(INDEX_CODE)
        instance.save()
    return instance


def run_flask(instance: Instance, arguments: list[str]) -> float:
    """Run one command of the project and return how many seconds it took; end with its words where it fails."""
    began = time.perf_counter()
    run_here(instance, [*FLASK, *arguments])
    return time.perf_counter() - began


def run_here(instance: Instance, command: list[str]) -> str:
    """Run a command for an instance and return what it printed; end with its words where it fails."""
    done = subprocess.run(command, cwd=ROOT, env=instance.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def _make(instance: Instance) -> None:
    print(f"{instance.database} {instance.size}: making the members", flush=True)
    instance.file.unlink(missing_ok=True)
    shutil.rmtree(instance.folder, ignore_errors=True)
    instance.folder.mkdir(parents=True)
    instance.state = {}
    if instance.database == "postgresql":
        make_database(instance.size)
    run_flask(instance, ["db", "upgrade"])
    _timed(instance, "demo", ["demo", "--members", f"{instance.size}"])
    instance.state["data_code"] = _print_of(DATA_CODE)
    instance.save()


def _timed(instance: Instance, name: str, arguments: list[str]) -> None:
    """Run a command and keep how long it took, with the day, so that a later run can still tell."""
    seconds = run_flask(instance, arguments)
    instance.state[name] = {"seconds": round(seconds, 2), "measured_on": datetime.now(UTC).date().isoformat()}


def _print_of(patterns: Iterable[str]) -> str:
    """Return a hash over the contents of files, to see whether the code changed since."""
    digest = hashlib.sha256()
    for pattern in patterns:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(f"{file.relative_to(ROOT)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
