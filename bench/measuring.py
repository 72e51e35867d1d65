"""Measures rows of requests: the site and the ceiling in turns, so that a noisy machine disturbs both alike."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from statistics import median

from bench.instances import Instance
from bench.load import Load, load
from bench.results import Result, at_most, ratio, told
from bench.rows import DEEP, Row, Survey, marked, page_by_name
from bench.servers import Server, busy
from bench.web import Answer, get

RATE_MOST = 3000
"""requests per second for which a slice of a list suffices"""
CHECKED = 8
WARM_SECONDS = 1
EVEN_TRIES = 8
EVEN_SHARE = 0.5
"""of the busier worker's processor time"""
CEILING_PAGES = 100


@dataclass(frozen=True)
class Setting:
    """Where and how long to measure."""

    instance: Instance
    survey: Survey
    project: Server
    ceiling: Server
    seconds: int
    runs: int


def measure(row: Row, setting: Setting) -> Result:
    """Measure one row."""
    instance, bound = setting.instance, row.bound[setting.instance.database]
    result = Result(row.key, row.title, instance.database, instance.size, "-", f"≥ {bound:g} × {row.of[1:]}")
    paths, headers = _paths(row, setting.survey), _headers(row, setting.survey)
    answers = [get(setting.project.base, path, headers) for path in islice(paths, CHECKED)]
    if trouble := _trouble(row, setting.survey, answers):
        return replace(result, is_short=True, why=trouble)
    weight = round(median(answer.weight for answer in answers))
    ways = [_ceiling(row.of, 0), *([_ceiling(row.of, weight)] if row.of == "/page" else [])]
    project, ceilings = _in_turns(row, setting, paths, ways)
    return _judge(row, replace(result, detail={"weight_bytes": weight}), bound, project, ceilings)


def measure_deep(setting: Setting) -> Result:
    """Compare a late page of the list by name with its first page."""
    instance, page = setting.instance, min(DEEP, setting.survey.last)
    lists = [marked(page_by_name(setting.survey, number)) for number in (1, page)]
    runs: list[list[Load]] = [[], []]
    for at in range(setting.runs + 1):
        for paths, loads in zip(lists, runs, strict=True):
            seconds = setting.seconds if at else WARM_SECONDS
            loads.append(_evenly(setting.project, partial(_ask, setting.project, paths, RATE_MOST * seconds, seconds)))
    first, late = (loads[1:] for loads in runs)
    times = median(b.p50 / a.p50 if a.p50 else 0.0 for a, b in zip(first, late, strict=True))
    result = Result("deep", f"page {page:,} against page 1 by name, p50", instance.database, instance.size, "-")
    result = replace(result, **at_most(times, 1.5, "×"), p50=median(x.p50 for x in late), p95=median(x.p95 for x in late))
    result.detail = {"first": told(first), "late": told(late)}
    result.project = median(x.rate for x in late)
    return _failed(result, [*first, *late], is_first=True)


def _in_turns(row: Row, setting: Setting, paths: Iterator[str], ways: list[list[str]]) -> tuple[list[Load], list[list[Load]]]:
    """Return the runs of the site, and those of each way to ask the ceiling; the first round warms up and is dropped."""
    headers = [f"{name}: {value}" for name, value in _headers(row, setting.survey).items()]
    project: list[Load] = []
    ceilings: list[list[Load]] = [[] for _ in ways]
    for at in range(setting.runs + 1):
        seconds = setting.seconds if at else WARM_SECONDS
        number = RATE_MOST * seconds if row.is_first else 1
        ask = partial(_ask, setting.project, paths, number, seconds, expected=row.expected, headers=headers)
        project.append(_evenly(setting.project, ask))
        for way, loads in zip(ways, ceilings, strict=True):
            loads.append(_evenly(setting.ceiling, partial(load, setting.ceiling.base, way, seconds)))
    return project[1:], [loads[1:] for loads in ceilings]


def _ask(
    server: Server, paths: Iterator[str], number: int, seconds: int, *, expected: int = 200, headers: Iterable[str] = ()
) -> Load:
    """Ask for the next `number` of `paths`."""
    return load(server.base, islice(paths, number), seconds, expected=expected, headers=headers)


def _evenly(server: Server, run: Callable[[], Load]) -> Load:
    """Run until both workers took part, EVEN_TRIES times at most.

    A worker keeps the connections that it accepted, and sometimes one of two accepts all of them: such a run measures half
    a server, on either side, and says nothing.
    """
    for _ in range(EVEN_TRIES):
        before = busy(server.process.pid)
        done = run()
        used = [after - earlier for earlier, after in zip(before, busy(server.process.pid), strict=False)]
        if min(used, default=0) >= EVEN_SHARE * max(used, default=1):
            break
    return done


def _judge(row: Row, result: Result, bound: float, project: list[Load], ceilings: list[list[Load]]) -> Result:
    value = ratio(project, ceilings[0])
    result = replace(
        result,
        measured=f"{value:.2f} ×",
        is_short=value < bound,
        project=median(x.rate for x in project),
        ceiling=median(x.rate for x in ceilings[0]),
        ratio=value,
        same=ratio(project, ceilings[1]) if len(ceilings) > 1 else None,
        p50=median(x.p50 for x in project),
        p95=median(x.p95 for x in project),
    )
    result.detail |= {"project": told(project), "ceiling": told(ceilings[0])}
    result.detail |= {"ceiling_same_weight": told(ceilings[1])} if len(ceilings) > 1 else {}
    return _failed(result, project, is_first=row.is_first, others=[x for loads in ceilings for x in loads])


def _failed(result: Result, project: list[Load], *, is_first: bool, others: list[Load] | None = None) -> Result:
    """Let a row fail for errors, and a first visit for answers from the page cache; say what was left unknown."""
    bad = sum(x.bad + x.broken for x in [*project, *(others or [])])
    hits, asked, said = (sum(getattr(x, name) for x in project) for name in ("hits", "requests", "told"))
    result.detail |= {"errors": bad, "cache_hits": hits, "requests": asked}
    if bad:
        return replace(result, is_short=True, why="errors")
    if is_first and hits:
        return replace(result, is_short=True, why=f"{hits} of {asked} from the page cache")
    if is_first and any(x.wrapped for x in project):
        return replace(result, is_short=True, why="the list of requests was too short")
    return result if said else replace(result, why="no Cache-Status")


def _paths(row: Row, survey: Survey) -> Iterator[str]:
    return marked(row.paths(survey)) if row.is_first else row.paths(survey)


def _headers(row: Row, survey: Survey) -> dict[str, str]:
    if row.is_desk:
        return {"Cookie": survey.cookie}
    return {"If-None-Match": survey.etag or '"none"'} if row.expected == 304 else {}


def _trouble(row: Row, survey: Survey, answers: list[Answer]) -> str:
    """Say why a row cannot be measured: nothing to ask, a wrong answer, an empty list."""
    if not answers:
        return "no fitting words or values were found"
    if row.expected == 304 and survey.etag is None:
        return "no ETag"
    if wrong := [answer.status for answer in answers if answer.status != row.expected]:
        return f"answered {wrong[0]}"
    return "an empty list" if any(answer.total == 0 for answer in answers) else ""


def _ceiling(path: str, weight: int) -> list[str]:
    if path != "/page":
        return [path]
    return [f"/page?page={page}" + (f"&weight={weight}" if weight else "") for page in range(1, CEILING_PAGES + 1)]
