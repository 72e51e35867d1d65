"""What the figures are, worked out from plain rows. Times are counted in days of 24 hours from the first submission."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from directory.applications.rules import working_days
from directory.applications.states import State
from directory.figures.vocab import Outcome
from directory.initiative.queries import times as terms_of_time

FIRST_BANDS = (2, 5)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The days that figures are about, both included."""

    first: date
    last: date

    def months(self) -> list[date]:
        """Return the first day of each month that the span touches."""
        found = [self.first.replace(day=1)]
        while (following := next_month(found[-1])) <= self.last:
            found.append(following)
        return found


@dataclass(frozen=True)
class Reached:
    """An application that reached something for the first time: an answer, or a decision. country, kind: blank if not known."""

    submitted_at: datetime
    at: datetime
    country: str = ""
    kind: str = ""

    @property
    def days(self) -> float:
        """How long that took."""
        return (self.at - self.submitted_at) / DAY


@dataclass(frozen=True)
class Times:
    """How long something took. number: of applications; median, most: days, most for nine of ten; None where there were none."""

    number: int
    median: float | None
    most: float | None


@dataclass(frozen=True)
class Group:
    """What one country, or one kind of organisation, has in the span. code: blank where it is not known."""

    code: str
    received: int
    approved: int
    answer: Times
    decision: Times


def next_month(day: date) -> date:
    """Return the first day of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_ends(span: Span) -> list[date]:
    """Return the last day of each month of a span, and of the last one the day on which the span ends."""
    return [min(next_month(month) - DAY, span.last) for month in span.months()]


def age_bands() -> tuple[int, ...]:
    """Return the working days up to which an application belongs to each band; one more band holds all that are older.

    The last of them ends with the promised time, so that what is older is overdue.
    """
    promised = terms_of_time().promised
    return (*(days for days in FIRST_BANDS if days < promised), promised)


def by_age(waiting: Iterable[tuple[State, datetime]], *, now: datetime) -> dict[State, tuple[int, ...]]:
    """Count open applications by state and by band of age. waiting: (state, first submission)."""
    counts: dict[State, list[int]] = {}
    bands = age_bands()
    for state, submitted_at in waiting:
        age = working_days(submitted_at, now)
        band = sum(age > most for most in bands)
        counts.setdefault(state, [0] * (len(bands) + 1))[band] += 1
    return {state: tuple(counts[state]) for state in State if state in counts}


def by_month(made: Iterable[tuple[Outcome, datetime]], span: Span) -> list[tuple[date, Mapping[Outcome, int]]]:
    """Count what was decided in each month of a span."""
    counts = {month: Counter[Outcome]() for month in span.months()}
    for outcome, at in made:
        counts[at.date().replace(day=1)][outcome] += 1
    return list(counts.items())


def times(reached: Iterable[Reached]) -> Times:
    """Return median and 90th percentile; the latter is a time that really occurred (nearest rank)."""
    days = sorted(one.days for one in reached)
    if not days:
        return Times(0, None, None)
    return Times(len(days), median(days), days[ceil(0.9 * len(days)) - 1])


def times_by_month(reached: Sequence[Reached], span: Span) -> list[tuple[date, Times]]:
    """Return the times of each month of a span, by when it was reached."""
    return [(month, times(one for one in reached if _is_in_month(one.at, month))) for month in span.months()]


def groups(
    received: Iterable[str],
    approved: Iterable[str],
    answers: Mapping[str, Sequence[Reached]],
    decisions: Mapping[str, Sequence[Reached]],
) -> Iterator[Group]:
    """Yield what each group has, the largest first. received, approved: the group of each application."""
    came, became = Counter(received), Counter(approved)
    codes = came.keys() | became.keys() | answers.keys() | decisions.keys()
    for code in sorted(codes, key=lambda code: (-came[code], not code, code)):
        yield Group(code, came[code], became[code], times(answers.get(code, ())), times(decisions.get(code, ())))


def _is_in_month(at: datetime, month: date) -> bool:
    return month <= at.date() < next_month(month)
