"""How soon a new member is seen: in the list, in a facet's total and in the search, whichever worker answers."""

import json
import random
import string
import subprocess
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.environment import FLASK, ROOT
from bench.instances import Instance
from bench.results import Result, at_most
from bench.servers import background
from bench.web import get

COUNTRY = "IS"
STREAK = 30
"""so many answers in a row, each over a new connection, must show the member"""
BOUND = 2.0
PATIENCE = 60.0
SETTLE = 3.0
"""seconds for the background process to start"""
LOOK = 0.01


def measure_fresh(instance: Instance, base: str) -> Result:
    """Import one member while site and background process run; count from its commit to the first of STREAK good answers."""
    result = Result(
        "fresh", "a new member visible in list, facets and search of every worker", instance.database, instance.size, "-"
    )
    name = "".join(random.Random().choices(string.ascii_lowercase, k=14)).capitalize()  # no typing mistake away from another
    file = instance.folder / "new_member.jsonl"
    file.write_text(json.dumps(_record(name), ensure_ascii=False) + "\n", encoding="utf-8")
    with background(instance):
        time.sleep(SETTLE)
        wanted = _wanted(base, name)
        seconds = _import_and_watch(instance, file, base, wanted)
    if seconds is None:
        result.bound, result.is_short, result.why = f"≤ {BOUND:g} s", True, f"not seen within {PATIENCE:g} s"
        return result
    for key, value in at_most(seconds, BOUND, "s").items():
        setattr(result, key, value)
    result.detail = {"seconds": round(seconds, 3)}
    return result


def _record(name: str) -> dict[str, object]:
    offering = {"title": {"en": f"Advice from {name}"}, "description": {"en": "Advice on the far north."}, "category": "helpdesk"}
    offering |= {"sectors": ["fintech"], "serves": [COUNTRY], "languages": ["en"], "delivery": ["online"], "fee": "free"}
    return {
        "slug": f"bench-{name.lower()}",
        "kind": "enterprise",
        "type": "enterprise",
        "country": COUNTRY,
        "city": "Nordvik",
        "zones": [],
        "joined_on": "2026-06-01",
        "languages": ["en"],
        "names": {"en": f"{name} Ltd"},
        "summaries": {"en": f"{name} is invented for a measurement."},
        "website": f"https://{name.lower()}.example/",
        "offerings": [{**offering, "direction": "both"}],
        "demonstration": True,
    }


def _wanted(base: str, name: str) -> list[tuple[str, int]]:
    """Return (list, total with the new member); ask often enough that every worker has answered and keeps what it likes to."""
    counted, search = ("/en/members/", f"/en/members/?country={COUNTRY}"), f"/en/members/?q={name}"
    totals = {path: get(base, path).total or 0 for _ in range(STREAK // 3) for path in (*counted, search)}
    return [*((path, totals[path] + 1) for path in counted), (search, 1)]


def _import_and_watch(instance: Instance, file: Path, base: str, wanted: list[tuple[str, int]]) -> float | None:
    """Return the seconds from commit to visibility; None where it was not seen within PATIENCE."""
    url = instance.url or f"sqlite:///{instance.folder / 'directory.db'}"
    command = [*FLASK, "members", "import", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, env=instance.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        began = _committed(url, json.loads(file.read_text(encoding="utf-8"))["slug"])
        return None if began is None else _watch(base, wanted, began)
    finally:
        process.wait(PATIENCE)


def _committed(url: str, slug: str) -> float | None:
    """Wait until another connection reads the member; return that time."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    until = time.perf_counter() + PATIENCE
    try:
        with engine.connect() as connection:
            while time.perf_counter() < until:
                if connection.scalar(text("SELECT 1 FROM member WHERE slug = :slug"), {"slug": slug}):
                    return time.perf_counter()
                time.sleep(LOOK)
    finally:
        engine.dispose()
    return None


def _watch(base: str, wanted: list[tuple[str, int]], began: float) -> float | None:
    good, since = 0, 0.0
    while time.perf_counter() - began < PATIENCE:
        for path, total in wanted:
            if get(base, path).total != total:
                good = 0
                continue
            good += 1
            since = time.perf_counter() - began if good == 1 else since
        if good >= STREAK:
            return since
    return None
