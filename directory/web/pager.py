"""Links to the pages of a list."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from directory.i18n.formats import number_text
from directory.web.locale import current
from directory.web.paging import Page
from directory.web.patterns import Patterns

_PATTERNS = Patterns("macros/_pager.html")


def paged(address: str) -> Callable[[int], str]:
    """Return what makes the address of each page of a list. address: of the list, with its filters."""
    start = f"{address}{'&' if '?' in address else '?'}page="
    return lambda number: f"{start}{number}"


def pager(page: Page[Any], url: Callable[[int], str]) -> Markup:
    """Link to the pages of a list; nothing where there is but one. url: makes the address of a page number."""
    if page.last == 1:
        return Markup()
    fill, tag = _PATTERNS.here(), current().tag
    links = [fill("previous", url=url(page.number - 1))] if page.number > 1 else []
    for number in page.numbers():
        if number is None:
            links.append(fill("gap"))
        elif number == page.number:
            links.append(fill("this", number=number_text(number, tag)))
        else:
            links.append(fill("page", url=url(number), number=number_text(number, tag)))
    if page.number < page.last:
        links.append(fill("next", url=url(page.number + 1)))
    return fill("pager", links=Markup("\n").join(links))
