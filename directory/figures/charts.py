"""Where things stand in a drawing: columns of stacked parts, lines, and rows. In units of its view box, from the top left."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 30
TICKS = 4
LABELS_MOST = 12
"""labels under the columns; where there are more, some are left out"""
COLUMN_SHARE = 0.64
"""of the room that each column has"""
COLUMN_MOST = 56
ROWS_WIDTH = 480
"""of a drawing of rows: narrow, so that a telephone shows it whole"""
ROW_LABEL, ROW_BAR, ROW_GAP = 22, 14, 14
"""heights in it: a row's label, each bar below it, and the space to the next row"""
VALUE_ROOM = 60
"""room for a number behind the longest bar"""


@dataclass(frozen=True)
class Bar:
    """One part of a column, or one bar of a row. series: its number, from 0; value: the number that it stands for."""

    x: float
    y: float
    width: float
    height: float
    series: int
    value: int


@dataclass(frozen=True)
class Line:
    """One line. points: of those places that have a value; parts: runs of neighbours, as `x,y x,y …`."""

    points: tuple[tuple[float, float], ...]
    parts: tuple[str, ...]
    series: int


@dataclass(frozen=True)
class Chart:
    """A drawing. ticks: (y, value); labels: (x, number of the place it belongs to); heads: (y, place) of the labels of rows."""

    ticks: tuple[tuple[float, float], ...] = ()
    labels: tuple[tuple[float, int], ...] = ()
    heads: tuple[tuple[float, int], ...] = ()
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def columns(rows: Sequence[Sequence[int]]) -> Chart:
    """Draw one column for each row, its parts on top of one another."""
    top, step = _scale(max(map(sum, rows), default=0))
    room = _room(len(rows))
    width = min(COLUMN_MOST, room * COLUMN_SHARE)
    bars = []
    for place, row in enumerate(rows):
        below = 0
        for series, value in enumerate(row):
            if value:
                upper, lower = _y(below + value, top), _y(below, top)
                left = round(_x(place, room) - width / 2, 1)
                bars.append(Bar(left, upper, round(width, 1), round(lower - upper, 1), series, value))
            below += value
    return Chart(_ticks(top, step), _labels(len(rows), room), bars=tuple(bars))


def rows(values: Sequence[Sequence[int]]) -> Chart:
    """Draw a row for each place: its label, and below it a bar for each series, all to the same scale."""
    most = max((max(row, default=0) for row in values), default=0)
    unit = (ROWS_WIDTH - VALUE_ROOM) / max(1, most)
    bars, heads, y = [], [], TOP
    for place, row in enumerate(values):
        heads.append((y + ROW_LABEL * 0.7, place))
        y += ROW_LABEL
        for series, value in enumerate(row):
            bars.append(Bar(0, y, round(value * unit, 1), ROW_BAR, series, value))
            y += ROW_BAR
        y += ROW_GAP
    return Chart(heads=tuple(heads), bars=tuple(bars), width=ROWS_WIDTH, height=y)


def lines(series: Sequence[Sequence[float | None]]) -> Chart:
    """Draw a line for each series; where a place has no value, the line is broken."""
    places = max(map(len, series), default=0)
    top, step = _scale(max((value for values in series for value in values if value is not None), default=0))
    room = _room(places)
    return Chart(
        _ticks(top, step),
        _labels(places, room),
        lines=tuple(_line(values, number, room, top) for number, values in enumerate(series)),
    )


def _line(values: Sequence[float | None], series: int, room: float, top: float) -> Line:
    parts: list[list[str]] = [[]]
    points = []
    for place, value in enumerate(values):
        if value is None:
            parts.append([])
            continue
        points.append((_x(place, room), _y(value, top)))
        parts[-1].append("{},{}".format(*points[-1]))
    return Line(tuple(points), tuple(" ".join(part) for part in parts if len(part) > 1), series)


def _scale(most: float) -> tuple[float, float]:
    """Return (value at the top, step between ticks), both round."""
    if most <= TICKS:
        return TICKS, 1
    raw = most / TICKS
    unit = 10 ** floor(log10(raw))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= raw and unit * factor % 1 == 0)
    return step * ceil(most / step), step


def _ticks(top: float, step: float) -> tuple[tuple[float, float], ...]:
    return tuple((_y(step * number, top), step * number) for number in range(round(top / step) + 1))


def _labels(places: int, room: float) -> tuple[tuple[float, int], ...]:
    every = max(1, ceil(places / LABELS_MOST))
    return tuple((_x(place, room), place) for place in range(0, places, every))


def _room(places: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(1, places)


def _x(place: int, room: float) -> float:
    return round(LEFT + room * (place + 0.5), 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top, 1)
