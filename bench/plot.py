"""Draws the cost of a request against the number of members, as SVG; both axes are logarithmic."""

import math
from html import escape
from itertools import pairwise
from pathlib import Path

from bench.results import Result
from bench.rows import ROWS

COLOURS = ("#1b6ca8", "#c1440e", "#2e7d32", "#7b3fa0", "#b8860b", "#00838f", "#ad1457", "#5d4037", "#455a64", "#9e9d24")
DASHES = ("", "6 4")
LEFT, TOP, WIDTH, HEIGHT, LEGEND = 70, 50, 560, 400, 330
"""places and sizes in pixels"""
Line = tuple[str, list[tuple[int, float]], str, str]
"""(name, [(members, ms)], colour, dashes)"""


def draw(results: list[Result], file: Path) -> None:
    """Write the drawing; without a measured time there is none."""
    lines = _lines(results)
    if lines:
        file.write_text("\n".join(_svg(lines)) + "\n", encoding="utf-8")


def _lines(results: list[Result]) -> list[Line]:
    found: list[Line] = []
    for colour, row in zip(COLOURS, (row for row in ROWS if not row.is_desk), strict=True):
        for dash, database in zip(DASHES, ("sqlite", "postgresql"), strict=True):
            points = sorted((r.size, r.p50) for r in results if (r.key, r.database) == (row.key, database) and r.p50)
            if points:
                found.append((f"{row.title} ({database})", points, colour, dash))
    return found


class Scale:
    """Places numbers on an axis by their logarithm. start, length: pixels."""

    def __init__(self, low: float, high: float, start: float, length: float) -> None:
        self.low, self.high = math.log10(low), math.log10(max(high, low * 1.01))
        self.start, self.length = start, length

    def at(self, value: float) -> float:
        return self.start + self.length * (math.log10(value) - self.low) / (self.high - self.low)


def _svg(lines: list[Line]) -> list[str]:
    sizes = sorted({size for _, points, _, _ in lines for size, _ in points})
    times = [ms for _, points, _, _ in lines for _, ms in points]
    x = Scale(sizes[0] / 1.15, sizes[-1] * 1.15, LEFT, WIDTH)
    y = Scale(min(times) / 1.15, max(times) * 1.15, TOP + HEIGHT, -HEIGHT)
    width, height = LEFT + WIDTH + LEGEND + 20, max(TOP + HEIGHT + 70, TOP + 20 * len(lines) + 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        _text(LEFT, 25, "Cost of a request against the number of members", size=16),
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#444"/>',
    ]
    parts += _axes(x, y, sizes, min(times), max(times))
    for place, line in enumerate(lines):
        parts += _line(line, x, y, TOP + 10 + 20 * place)
    return [*parts, "</svg>"]


def _axes(x: Scale, y: Scale, sizes: list[int], low: float, high: float) -> list[str]:
    parts = [_text(LEFT + WIDTH / 2, TOP + HEIGHT + 45, "members (logarithmic)", anchor="middle")]
    middle = TOP + HEIGHT / 2
    parts.append(_text(20, middle, "p50 of a request, ms (logarithmic)", anchor="middle", turned=True))
    for size in sizes:
        parts.append(f'<line x1="{x.at(size):.1f}" x2="{x.at(size):.1f}" y1="{TOP}" y2="{TOP + HEIGHT}" stroke="#ddd"/>')
        parts.append(_text(x.at(size), TOP + HEIGHT + 20, f"{size:,}", anchor="middle"))
    for ms in _ticks(low / 1.15, high * 1.15):
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y.at(ms):.1f}" y2="{y.at(ms):.1f}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y.at(ms) + 4, f"{ms:g}", anchor="end"))
    return parts


def _ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [times * 10.0**power for power in powers for times in (1, 2, 5) if low <= times * 10.0**power <= high]


def _line(line: Line, x: Scale, y: Scale, legend: float) -> list[str]:
    name, points, colour, dash = line
    style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"' if dash else f'stroke="{colour}" stroke-width="2"'
    places = [(x.at(size), y.at(ms)) for size, ms in points]
    parts = [f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}" {style}/>' for (a, b), (c, d) in pairwise(places)]
    parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in places]
    left = LEFT + WIDTH + 20
    parts.append(f'<line x1="{left}" x2="{left + 30}" y1="{legend}" y2="{legend}" {style}/>')
    return [*parts, _text(left + 38, legend + 4, name)]


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="#222"{turn}>{escape(text)}</text>'
