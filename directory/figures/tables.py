"""The figures as tables in the reader's language: what stands on the page, and in the files behind it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from sqlalchemy.orm import Session

from directory.applications.states import STAFF_LABELS
from directory.figures import queries
from directory.figures.charts import Chart, columns, lines, rows
from directory.figures.measures import (
    Group,
    Reached,
    Span,
    Times,
    age_bands,
    by_age,
    by_month,
    groups,
    month_ends,
    times,
    times_by_month,
)
from directory.figures.vocab import OUTCOME_LABELS, Outcome
from directory.i18n import gettext as _
from directory.i18n import ngettext, pgettext
from directory.i18n.formats import country_name, date_text, month_text
from directory.members.vocab import KIND_LABELS, Kind

DRAWN_MOST = 12
"""groups in a drawing, the largest; the table has all"""
Cell: TypeAlias = str | int | float | None
"""A float is a number of days; None where there is nothing to say."""


@dataclass(frozen=True)
class Figure:
    """One figure: a table, and a drawing of it where there is one. about: what is counted, and how.

    places: what the drawing's labels say, by place; series: what its colours and patterns mean.
    """

    name: str
    title: str
    about: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Chart | None = None
    places: tuple[str, ...] = ()
    series: tuple[str, ...] = ()


def figures(session: Session, span: Span, *, now: datetime, locale: str) -> list[Figure]:
    """Work out all figures of a span, for readers of `locale`. now: aware UTC time."""
    answers, decisions = queries.first_answers(session, span), queries.first_decisions(session, span)
    received, approved = queries.received(session, span), queries.approved(session, span)
    return [
        _waiting(session, now),
        _decisions(session, span, locale),
        _answer_times(answers, span, locale),
        _decision_times(decisions, span, locale),
        _by_country(_groups(received, approved, answers, decisions, lambda one: one.country), locale),
        _by_kind(_groups(received, approved, answers, decisions, lambda one: one.kind)),
        _members(session, span, locale),
    ]


def _waiting(session: Session, now: datetime) -> Figure:
    counts = by_age(queries.waiting(session), now=now)
    bands = _bands()
    return Figure(
        "waiting",
        _("Open applications by state and age"),
        _("As it is now. The age is in working days since the application was first sent, the applicant's own time included."),
        (pgettext("of an application", "State"), *bands, _("Together")),
        tuple((str(STAFF_LABELS[state]), *row, sum(row)) for state, row in counts.items()),
        columns(list(counts.values())),
        tuple(str(STAFF_LABELS[state]) for state in counts),
        bands,
    )


def _bands() -> tuple[str, ...]:
    ends = age_bands()
    between = [_band(before + 1, last) for before, last in pairwise(ends)]
    return (_("up to %(days)s working days", days=ends[0]), *between, _("more than %(days)s working days", days=ends[-1]))


def _band(first: int, last: int) -> str:
    if first == last:
        return ngettext("%(days)s working day", "%(days)s working days", last, days=last)
    return _("%(first)s to %(last)s working days", first=first, last=last)


def _decisions(session: Session, span: Span, locale: str) -> Figure:
    months = by_month(queries.outcomes(session, span), span)
    counts = [[found[outcome] for outcome in Outcome] for _month, found in months]
    names = tuple(month_text(month, locale) for month, _found in months)
    series = tuple(str(OUTCOME_LABELS[outcome]) for outcome in Outcome)
    return Figure(
        "decisions",
        _("Decisions per month"),
        _("Every decision counts in the month in which it was made, also one that was looked at again later."),
        (_("Month"), *series, _("Together")),
        tuple((name, *row, sum(row)) for name, row in zip(names, counts, strict=True)),
        columns(counts),
        names,
        series,
    )


def _answer_times(reached: Sequence[Reached], span: Span, locale: str) -> Figure:
    return _times(
        "answers",
        _("Time to the first answer"),
        _("Days from the first submission until the applicant first heard from staff: a question or a decision, by its month."),
        reached,
        span,
        locale,
    )


def _decision_times(reached: Sequence[Reached], span: Span, locale: str) -> Figure:
    return _times(
        "decision-times",
        _("Time to the decision"),
        _("Days from the first submission to the first decision, by the month of that decision. Spam is left out."),
        reached,
        span,
        locale,
    )


def _times(name: str, title: str, about: str, reached: Sequence[Reached], span: Span, locale: str) -> Figure:
    months = times_by_month(reached, span)
    names = tuple(month_text(month, locale) for month, _found in months)
    series = (pgettext("of times", "Median"), pgettext("of times", "Nine of ten within"))
    rows = [(label, *_cells(found)) for label, (_month, found) in zip(names, months, strict=True)]
    drawn = lines([[found.median for _month, found in months], [found.most for _month, found in months]])
    return Figure(
        name,
        title,
        about,
        (_("Month"), _("Applications"), *series),
        (*rows, (_("Whole time"), *_cells(times(reached)))),
        drawn,
        names,
        series,
    )


def _by_country(found: Iterable[Group], locale: str) -> Figure:
    name: Callable[[str], str] = lambda code: country_name(code, locale)  # noqa: E731 (one line, used once)
    return _grouped("countries", _("By country or region"), _("Country or region"), found, name)


def _by_kind(found: Iterable[Group]) -> Figure:
    name: Callable[[str], str] = lambda code: str(KIND_LABELS[Kind(code)])  # noqa: E731 (one line, used once)
    return _grouped("kinds", _("By kind of organisation"), pgettext("of an organisation", "Kind"), found, name)


def _grouped(name: str, title: str, heading: str, found: Iterable[Group], named: Callable[[str], str]) -> Figure:
    shown = [(named(group.code) if group.code else pgettext("missing fact", "not known"), group) for group in found]
    series = pgettext("applications", "Received"), pgettext("applications", "Approved")
    return Figure(
        name,
        title,
        _grouped_about(len(shown)),
        (
            heading,
            *series,
            _("First answer, median"),
            _("First answer, nine of ten within"),
            _("Decision, median"),
            _("Decision, nine of ten within"),
        ),
        tuple(
            (label, group.received, group.approved, *_cells(group.answer)[1:], *_cells(group.decision)[1:])
            for label, group in shown
        ),
        rows([(group.received, group.approved) for _label, group in shown[:DRAWN_MOST]]),
        tuple(label for label, _group in shown[:DRAWN_MOST]),
        series,
    )


def _grouped_about(number: int) -> str:
    if number > DRAWN_MOST:
        return _(
            "As the application was last sent; what was erased since is not known any more. Times are in days. "
            "The drawing shows the %(most)s with the most applications, the table all %(number)s.",
            most=DRAWN_MOST, number=number,
        )  # fmt: skip
    return _("As the application was last sent; what was erased since is not known any more. Times are in days.")


def _members(session: Session, span: Span, locale: str) -> Figure:
    days = month_ends(span)
    counts = queries.members_on(session, days)
    names = tuple(month_text(day, locale) for day in days)
    return Figure(
        "members",
        _("Members over time"),
        _("Members in good standing at the end of each month, those within the time of grace included."),
        (_("Month"), _("Counted on"), _("Members")),
        tuple((name, date_text(day, locale), n) for name, day, n in zip(names, days, counts, strict=True)),
        lines([counts]),
        names,
        (_("Members"),),
    )


def _cells(found: Times) -> tuple[Cell, ...]:
    return found.number, found.median, found.most


def _groups(
    received: Sequence[queries.Received],
    approved: Sequence[queries.Received],
    answers: Sequence[Reached],
    decisions: Sequence[Reached],
    of: Callable[[queries.Received | Reached], str],
) -> Iterable[Group]:
    return groups(map(of, received), map(of, approved), _split(answers, of), _split(decisions, of))


def _split(reached: Iterable[Reached], of: Callable[[Reached], str]) -> Mapping[str, Sequence[Reached]]:
    found: dict[str, list[Reached]] = {}
    for one in reached:
        found.setdefault(of(one), []).append(one)
    return found
