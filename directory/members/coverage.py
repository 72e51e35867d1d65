"""Which services members offer for which countries and regions, and where nobody does: counted from the search index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from directory.i18n.formats import COUNTRIES
from directory.initiative.queries import categories, category_groups
from directory.search.engine import Engine, Request

COLUMNS = (8, 12, 24)
"""how many countries or regions are shown where none were chosen; the second is usual"""
COLUMNS_MAX = 40


class By(StrEnum):
    """What a column is: where services are for, or where members sit. The values are names of facets."""

    SERVES = "serves"
    SEAT = "country"


@dataclass(frozen=True)
class Asked:
    """What the table is to show. chosen: codes of countries; none: those with most members, `most` of them."""

    by: By = By.SERVES
    chosen: tuple[str, ...] = ()
    most: int = COLUMNS[1]


@dataclass(frozen=True)
class Cell:
    """Members that the public list shows for a category and a country, and single services that meet both."""

    code: str
    members: int
    services: int

    @property
    def is_gap(self) -> bool:
        """Whether somebody should be found who offers this."""
        return self.services == 0


@dataclass(frozen=True)
class Row:
    """One category. total: members that offer it anywhere."""

    category: str
    label: str
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    """Categories that belong together."""

    slug: str
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Coverage:
    """The whole table. columns: codes of countries; counts: members by country, of each that has any."""

    columns: tuple[str, ...]
    counts: Mapping[str, int]
    groups: tuple[Group, ...]

    @property
    def gaps(self) -> int:
        """How many cells are places to recruit."""
        return sum(cell.is_gap for group in self.groups for row in group.rows for cell in row.cells)


def parse_asked(by: str, chosen: Sequence[str], most: str) -> Asked:
    """Read what an address asks for; what makes no sense is left out."""
    codes = tuple(dict.fromkeys(code for code in chosen if code in COUNTRIES))[:COLUMNS_MAX]
    number = int(most) if most in map(str, COLUMNS) else COLUMNS[1]
    return Asked(By(by) if by in set(By) else By.SERVES, codes, number)


def coverage(engine: Engine, asked: Asked, *, locale: str) -> Coverage:
    """Count members and services for each category and each column, for readers of `locale`.

    Raises SearchUnavailable while there is no index to ask.
    """
    counts = engine.search(Request(kind="member", locale=locale, per_page=0)).counts
    there = {code: n for code, n in counts[asked.by].items() if code in COUNTRIES}
    columns = asked.chosen or tuple(sorted(there, key=lambda code: (-there[code], code))[: asked.most])
    members = engine.cross("member", "category", asked.by, columns)
    services = engine.cross("offering", "category", asked.by, columns)

    def row(category: str) -> Row:
        ours, theirs = members.get(category, {}), services.get(category, {})
        cells = tuple(Cell(code, ours.get(code, 0), theirs.get(code, 0)) for code in columns)
        return Row(category, categories().label(category, locale), counts["category"].get(category, 0), cells)

    groups = category_groups()
    own: dict[str, list[Row]] = {slug: [] for slug, _label in groups.choices(locale)}
    for slug, term in categories().terms.items():
        if term.successor is None:
            own.setdefault(groups.resolve(term.group or ""), []).append(row(slug))
    shown = (Group(slug, groups.label(slug, locale), tuple(rows)) for slug, rows in own.items() if rows)
    return Coverage(columns, there, tuple(shown))
