"""The queue's filters in an address: read from it, and written into it."""

from collections.abc import Collection, Mapping
from typing import Any

from directory.applications.states import State
from directory.i18n.formats import COUNTRIES
from directory.i18n.locales import LOCALES
from directory.members.vocab import Kind
from directory.review.queue import PRIVATE, Filters, View
from directory.web.forms import one_line

Q_MAX = 100


def asked_filters(values: Mapping[str, str], *, accounts: Collection[str]) -> Filters:
    """Read the filters of an address; a value that there is not counts as none. accounts: public ids that work is given to."""
    state = values.get("state", "")
    view = View.ALL if state == "all" else values.get("view", "")
    return Filters(
        view=View(view) if view in set(View) else View.WITH_STAFF,
        state=state if state in set(State) - PRIVATE else "",
        assignee=_one_of(values.get("assignee", ""), {"mine", "unassigned", *accounts}),
        kind=_one_of(values.get("kind", ""), set(Kind)),
        country=_one_of(values.get("country", ""), set(COUNTRIES)),
        language=_one_of(values.get("language", ""), set(LOCALES)),
        q=(one_line(values.get("q")) or "")[:Q_MAX],
    )


def as_query(filters: Filters) -> dict[str, Any]:
    """Write the filters for an address, without what is blank or usual: {name: text}."""
    return {key: str(value) for key, value in vars(filters).items() if value and value != View.WITH_STAFF}


def _one_of(value: str, known: Collection[str]) -> str:
    return value if value in known else ""
