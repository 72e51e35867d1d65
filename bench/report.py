"""The table, the file of results and what is computed from several rows."""

import json
import os
import platform
import unicodedata
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.results import Result, at_most
from bench.rows import ROWS

HEAD = ("row", "database", "size", "project/s", "ceiling/s", "measured", "same weight", "p50 ms", "p95 ms", "bound", "verdict")
RIGHT = frozenset(range(2, 9))


def growth(results: list[Result]) -> list[Result]:
    """Compare each row's p50 at the largest size with that at the smallest, for each database.

    Each is taken against the p50 of its own row's ceiling: minutes lie between the two, in which a machine changes.
    """
    found = []
    for row in ROWS:
        for database in dict.fromkeys(result.database for result in results):
            same = [r for r in results if (r.key, r.database) == (row.key, database) and r.p50 is not None]
            if row.growth is not None and len({r.size for r in same}) > 1:
                small, large = min(same, key=lambda r: r.size), max(same, key=lambda r: r.size)
                found.append(_growth(row.key, row.growth, small, large))
    return found


def _growth(key: str, bound: float, small: Result, large: Result) -> Result:
    before, after = small.p50 or 0.0, large.p50 or 0.0
    ceilings = [median(run["p50"] for run in result.detail["ceiling"]["runs"]) for result in (small, large)]
    times = (after / ceilings[1]) / (before / ceilings[0]) if before and all(ceilings) else 0.0
    title = f"growth of p50 from {small.size:,}: {key}"
    result = Result("growth", title, large.database, large.size, **at_most(times, bound, "×"))
    result.detail = {"row": key, "p50_ms": [before, after], "ceiling_p50_ms": ceilings}
    return result


def table(results: list[Result]) -> str:
    """Return all rows as text in columns."""
    rows = [HEAD, *(_cells(result) for result in results)]
    widths = [max(_width(row[at]) for row in rows) for at in range(len(HEAD))]
    return "\n".join("  ".join(_padded(row[at], widths[at], at) for at in range(len(HEAD))).rstrip() for row in rows)


def _cells(result: Result) -> tuple[str, ...]:
    def number(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    return (
        result.row,
        result.database,
        f"{result.size:,}",
        number(result.project, ",.0f"),
        number(result.ceiling, ",.0f"),
        result.measured,
        f"{result.same:.2f} ×" if result.same is not None else "",
        number(result.p50, ".1f"),
        number(result.p95, ".1f"),
        result.bound,
        result.verdict,
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int, column: int) -> str:
    gap = " " * (width - _width(text))
    return gap + text if column in RIGHT else text + gap


def write(file: Path, results: list[Result], options: dict[str, Any]) -> None:
    """Write everything that was measured, with the machine it was measured on."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    rows = [{**asdict(result), "verdict": result.verdict} for result in results]
    content = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "options": options, "rows": rows}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
