"""`python -m bench`: prepare, serve, measure, report. Exit status 1 where a row is short, 2 where wrk is missing."""

import argparse
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench import plot, postgres, report
from bench.fresh import measure_fresh
from bench.instances import Instance, prepare
from bench.load import require_wrk
from bench.measuring import Setting, measure, measure_deep
from bench.results import Result, at_most
from bench.rows import OTHERS, ROWS, survey
from bench.servers import Server, ceiling, memory, site

KEYS = [*(row.key for row in ROWS), *OTHERS]
DATABASES = ("sqlite", "postgresql")
LARGE = 100_000
"""the size for which making members and index is bounded"""
STOPPED = 143


def main() -> int:
    """Measure what was asked for."""
    options = _options()
    require_wrk()
    options.folder.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    try:
        with ceiling(options.folder, options.worker_class) as limit:
            for database in _databases(options.databases):
                for size in sorted(options.sizes):
                    instance = prepare(database, size, options.folder)
                    results.extend(_told(_measured(instance, limit, options)))
    except KeyboardInterrupt:
        print("stopped; what was measured until then:", file=sys.stderr)
    finally:
        results += report.growth(results) if "growth" in options.rows else []
        _report(results, options)
    return 1 if any(result.is_short for result in results) else 0


def _report(results: list[Result], options: argparse.Namespace) -> None:
    """Print the table and write the files, also when the measurement was stopped midway."""
    if not results:
        return
    print("\n" + report.table(results))
    report.write(options.out, results, {name: value for name, value in vars(options).items() if name not in {"folder", "out"}})
    plot.draw(results, options.out.with_suffix(".svg"))
    print(f"\n{options.out} and its .svg hold the details")


def _measured(instance: Instance, limit: Server, options: argparse.Namespace) -> Iterator[Result]:
    """Measure all chosen rows of one instance."""
    if instance.url is not None:
        postgres.settle(instance.url)
    instance.warm()
    is_large = instance.size == max(options.sizes)
    yield from (result for result in _prepared(instance) if result.key in options.rows)
    with site(instance, options.worker_class) as server:
        if "ready" in options.rows:
            yield _plain(instance, "ready", "ready after start", server.ready, 4, "s")
        rows = [row for row in ROWS if row.key in options.rows and (is_large or not row.is_desk)]
        place = survey(instance, server.base, with_desk=any(row.is_desk for row in rows))
        setting = Setting(instance, place, server, limit, options.seconds, options.runs)
        yield from (measure(row, setting) for row in rows if not row.is_desk)
        if "deep" in options.rows:
            yield measure_deep(setting)
        if "memory" in options.rows:
            title = "memory (PSS) of master and two workers"
            yield _plain(instance, "memory", title, memory(server.process.pid), 360 if is_large else None, "MB")
        yield from (measure(row, setting) for row in rows if row.is_desk)
        if "fresh" in options.rows:
            yield measure_fresh(instance, server.base)
        if "deaths" in options.rows:
            died = replace(
                _plain(instance, "deaths", "workers that died", server.deaths(), 0, ""), why="gunicorn.log tells where"
            )
            yield died if died.is_short else replace(died, why="")


def _prepared(instance: Instance) -> Iterator[Result]:
    """Report how long the making took, which may have been on an earlier day."""
    is_bounded = (instance.database, instance.size) == ("sqlite", LARGE)
    for key, title, bound in (("demo", f"demo --members {instance.size}", 120), ("rebuild", "search rebuild", 60)):
        kept = instance.state[key]
        result = _plain(instance, key, title, kept["seconds"], bound if is_bounded else None, "s")
        yield replace(result, why=f"measured on {kept['measured_on']}")


def _plain(instance: Instance, key: str, title: str, value: float, bound: float | None, unit: str) -> Result:
    result = Result(key, title, instance.database, instance.size, **at_most(value, bound, unit))
    result.detail = {"value": round(value, 3), "unit": unit}
    return result


def _told(results: Iterator[Result]) -> Iterator[Result]:
    """Print each row when it is there, since the whole takes long."""
    for result in results:
        print(f"{result.database} {result.size:,}: {result.row}: {result.measured}, {result.verdict}", flush=True)
        yield result


def _databases(wanted: list[str]) -> list[str]:
    if "postgresql" in wanted and postgres.server() is None:
        print("left out: PostgreSQL, since TEST_POSTGRES_URL is not set", flush=True)
        return [database for database in wanted if database != "postgresql"]
    return wanted


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the site against the limit of its framework.")
    listed = lambda text: [part for part in text.split(",") if part]  # noqa: E731
    numbers = lambda text: [int(part) for part in listed(text)]  # noqa: E731
    parser.add_argument("--sizes", type=numbers, default=[1000, LARGE], help="numbers of members (1000,100000)")
    parser.add_argument("--databases", type=listed, default=list(DATABASES), help="sqlite,postgresql")
    parser.add_argument("--seconds", type=int, default=4, help="length of a run (4)")
    parser.add_argument("--runs", type=int, default=3, help="runs whose median counts (3)")
    parser.add_argument("--rows", type=listed, default=KEYS, help="which rows: " + ",".join(KEYS))
    parser.add_argument("--worker-class", choices=("gthread", "sync"), default="gthread")
    parser.add_argument("--folder", type=Path, default=Path("instance/bench"), help="where prepared instances are kept")
    parser.add_argument("--out", type=Path, help="file of results (results.json in the folder)")
    options = parser.parse_args()
    if strange := {*options.rows} - {*KEYS} | {*options.databases} - {*DATABASES}:
        parser.error(f"not known: {', '.join(sorted(strange))}")
    if not options.sizes or min(options.sizes) < 1 or options.seconds < 1 or options.runs < 1:
        parser.error("sizes, seconds and runs must be whole numbers from 1")
    options.out = options.out or options.folder / "results.json"
    return options


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # so that what was started is stopped
    sys.exit(main())
