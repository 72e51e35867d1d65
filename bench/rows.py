"""The rows of the measurement: what each asks, what it is compared with, and its bound."""

import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.instances import Instance, run_here
from bench.questions import Question, choose
from bench.slugs import read_slugs
from bench.web import get

PER_PAGE = 20
PAGES_ASKED = 3
DEEP = 4000
PAGES_OF_QUEUE = 100
_marks = itertools.count(int(time.time()) % 1_000_000 * 100_000)


@dataclass
class Survey:
    """What is known of a running instance. last: number of the list's last page. etag: of the plain list, where it has one."""

    base: str
    total: int
    locales: list[str]
    slugs: list[str]
    questions: dict[str, list[Question]]
    etag: str | None = None
    cookie: str = ""
    references: list[str] = field(default_factory=list)
    source: random.Random = field(default_factory=lambda: random.Random(3))

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


Paths = Callable[[Survey], Iterator[str]]


@dataclass(frozen=True)
class Row:
    """One row. of: path of the ceiling that it is compared with. bound: least ratio, by database.

    is_first: every request is one never asked before, and no answer may come from the page cache.
    is_desk: asked as a clerk who is signed in; at the largest size only, among OPEN_APPLICATIONS of bench/desk.py.
    growth: how many times the p50 may be at the largest size of what it is at the smallest; None: not bounded.
    """

    key: str
    title: str
    of: str
    bound: dict[str, float]
    paths: Paths
    is_first: bool = True
    expected: int = 200
    is_desk: bool = False
    growth: float | None = None


def survey(instance: Instance, base: str, *, with_desk: bool) -> Survey:
    """Look at a running instance; what is costly to find out is kept with it. with_desk: sign a clerk in, too."""
    front = get(base, "/en/members/")
    if front.total is None:
        sys.exit(f"the list of members answered {front.status}, and says no total")
    if "questions" not in instance.state:
        instance.state["questions"] = choose(base)
        instance.save()
    questions = {name: [(query, total) for query, total in rows] for name, rows in instance.state["questions"].items()}
    links = set(front.body.split('hreflang="')[1:])
    locales = sorted({link.split('"')[0] for link in links} - {"x-default"}) or ["en"]
    url = instance.url or f"sqlite:///{instance.folder / 'directory.db'}"
    found = Survey(base, front.total or 0, locales, read_slugs(url), questions, front.headers.get("etag"))
    if with_desk:
        told = json.loads(run_here(instance, [sys.executable, "-m", "bench.desk"]).splitlines()[-1])
        found.cookie, found.references = told["cookie"], told["references"]
    return found


def marked(paths: Iterator[str]) -> Iterator[str]:
    """Make each address one that was never asked, by a parameter without meaning."""
    for path in paths:
        yield f"{path}{'&' if '?' in path else '?'}n={next(_marks)}"


def _again(_survey: Survey) -> Iterator[str]:
    return itertools.repeat("/en/members/")


def _pages(survey: Survey) -> Iterator[str]:
    while True:
        yield f"/{survey.source.choice(survey.locales)}/members/?page={survey.source.randint(1, survey.last)}"


def _profiles(survey: Survey) -> Iterator[str]:
    for locale in itertools.cycle(survey.locales):
        for slug in survey.slugs:
            yield f"/{locale}/members/{slug}"


def _questions(name: str) -> Paths:
    def paths(survey: Survey) -> Iterator[str]:
        while survey.questions.get(name):
            query, total = survey.source.choice(survey.questions[name])
            page = survey.source.randint(1, min(PAGES_ASKED, -(-total // PER_PAGE)))
            yield f"/{survey.source.choice(survey.locales)}/members/?{query}" + (f"&page={page}" if page > 1 else "")

    return paths


def page_by_name(survey: Survey, page: int) -> Iterator[str]:
    """Ask for one page of the list by name, in all languages."""
    return itertools.cycle(f"/{locale}/members/?sort=name&page={page}" for locale in survey.locales)


def _desk(*paths: str) -> Paths:
    """Ask for pages of the desk; `{reference}` and `{slug}` stand for an application and a member, `{page}` for a number."""

    def ask(survey: Survey) -> Iterator[str]:
        while True:
            yield survey.source.choice(paths).format(
                reference=survey.source.choice(survey.references),
                slug=survey.source.choice(survey.slugs),
                page=survey.source.randint(1, PAGES_OF_QUEUE),
            )

    return ask


def _both(bound: float) -> dict[str, float]:
    return {"sqlite": bound, "postgresql": bound}


ROWS = (
    Row("repeat", "list, unfiltered, repeat visit", "/hello", _both(0.7), _again, is_first=False),
    Row("conditional", "conditional request", "/hello", _both(0.8), _again, is_first=False, expected=304),
    Row("list", "list, unfiltered, first visit", "/page", _both(0.5), _pages, growth=1.5),
    Row("facets", "list, two facets, first visit", "/page", _both(0.5), _questions("facets"), growth=1.5),
    *(
        Row(tag, f"search {tag}, first visit", "/page", _both(0.35), _questions(tag), growth=2.5)
        for tag in ("zh", "de", "ar", "sr")
    ),
    Row("half", "search en, half of all, first visit", "/page", _both(0.25), _questions("half"), growth=2.5),
    Row("profile", "profile, first visit", "/page", {"sqlite": 0.9, "postgresql": 0.6}, _profiles, growth=1.5),
    *(
        Row(f"desk-{name}", f"desk, {title}", "/page", _both(1 / 3), _desk(*paths), is_desk=True)
        for name, title, paths in (
            ("queue", "queue", ("/en/staff/applications/?page={page}",)),
            (
                "views",
                "queue, views and filters",
                (
                    "/de/staff/applications/?view=overdue",
                    "/en/staff/applications/?view=mine&country=RS",
                    "/en/staff/applications/?view=all&q=Company+4",
                ),
            ),
            ("case", "case", ("/en/staff/applications/{reference}", "/zh-Hans/staff/applications/{reference}")),
            ("members", "members", ("/en/staff/members/", "/en/staff/members/?q=data")),
            ("entry", "entry of a member", ("/en/staff/members/{slug}",)),
            ("figures", "figures", ("/en/staff/figures",)),
            ("audit", "audit", ("/en/staff/audit", "/en/staff/audit?who=system")),
            ("outbox", "outbox", ("/en/staff/outbox",)),
        )
    ),
)
OTHERS = {
    "deep": "a late page against page 1",
    "growth": "p50 at the largest size against the smallest",
    "memory": "memory after the load",
    "deaths": "workers that died under the load",
    "demo": "making the members",
    "rebuild": "making the index",
    "ready": "time from start to readiness",
    "fresh": "time until a new member is seen everywhere",
}
