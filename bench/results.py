"""What was measured, row by row, and its verdict."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.load import Load


@dataclass
class Result:
    """One row of the table. project, ceiling: requests per second (medians). p50, p95: ms. same: ratio at the same weight.

    measured, bound: as they are shown. is_short: whether the bound is missed. why: what went wrong, or what to know.
    """

    key: str
    row: str
    database: str
    size: int
    measured: str
    bound: str = "-"
    is_short: bool = False
    why: str = ""
    project: float | None = None
    ceiling: float | None = None
    ratio: float | None = None
    same: float | None = None
    p50: float | None = None
    p95: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.bound == "-" and not self.is_short:
            return f"- ({self.why})" if self.why else "-"
        word = "short" if self.is_short else "ok"
        return f"{word} ({self.why})" if self.why else word


def at_most(value: float, bound: float | None, unit: str) -> dict[str, Any]:
    """Say a value that should not exceed a bound; None: it has none."""
    measured = f"{round(value, 1):g} {unit}".rstrip()
    if bound is None:
        return {"measured": measured}
    return {"measured": measured, "bound": f"≤ {bound:g} {unit}".rstrip(), "is_short": value > bound}


def spread(loads: list[Load]) -> float:
    """Return (highest - lowest) / median of the requests per second, in percent."""
    rates = [load.rate for load in loads]
    return round(100 * (max(rates) - min(rates)) / median(rates), 1) if median(rates) else 0.0


def ratio(project: list[Load], ceiling: list[Load]) -> float:
    """Return the median of the ratios of runs that were made one after the other."""
    return median(a.rate / b.rate if b.rate else 0.0 for a, b in zip(project, ceiling, strict=True))


def told(loads: list[Load]) -> dict[str, Any]:
    """Return all runs of one server for the file of results."""
    return {"spread_percent": spread(loads), "runs": [asdict(load) for load in loads]}
