"""Pages of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
PER_PAGE = 20
PAGE_HIGHEST = 1_000_000


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. number: from 1; total: rows of the whole list."""

    rows: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def last(self) -> int:
        """Number of the last page; 1 for an empty list."""
        return max(1, -(-self.total // self.per_page))

    @property
    def is_past_end(self) -> bool:
        """Whether this page lies behind the last."""
        return self.number > self.last

    @property
    def first_row(self) -> int:
        """Place of this page's first row in the whole list, from 1."""
        return (self.number - 1) * self.per_page + 1

    def numbers(self) -> list[int | None]:
        """Page numbers to link to: first, last, those around this one; None where some are left out."""
        shown = sorted({1, self.last, *range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)})
        numbers: list[int | None] = []
        for number in shown:
            if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def page_of(rows: Sequence[T], number: int) -> Page[T]:
    """Cut one page out of a whole list."""
    return Page(rows[(number - 1) * PER_PAGE : number * PER_PAGE], number, len(rows))


def parse_page(text: str | None) -> int | None:
    """Read a page number from an address: 1 where there is none, None where it is no page number."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(PAGE_HIGHEST))):
        return None
    number = int(text)
    return number if 1 <= number <= PAGE_HIGHEST else None
