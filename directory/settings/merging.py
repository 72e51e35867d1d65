"""Putting together what two people set at once, each beginning from the same data."""

from collections.abc import Mapping, Sequence
from typing import Any

_NOTHING = object()
"""in the place of what is not there"""


def merge(base: Any, mine: Any, theirs: Any) -> Any:
    """Return `theirs` with what `mine` changed of `base`. Where both changed the same text, it is as in `mine`.

    Mappings are merged key by key, lists of terms and versions by their names.
    """
    if mine == base:
        return theirs
    if theirs in (base, mine):
        return mine
    if all(isinstance(one, Mapping) for one in (base, mine, theirs)):
        return _merge_by_key(base, mine, theirs)
    if all(_is_named(one) for one in (base, mine, theirs)):
        return _merge_lists(base, mine, theirs)
    return mine


def _merge_by_key(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    keys = dict.fromkeys((*theirs, *mine))
    merged = {key: merge(*(one.get(key, _NOTHING) for one in (base, mine, theirs))) for key in keys}
    return {key: value for key, value in merged.items() if value is not _NOTHING}


def _merge_lists(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Merge row by row, in the order of whoever moved rows; what the other added stands behind."""
    rows = [{_name(row): row for row in one} for one in (base, mine, theirs)]
    merged = _merge_by_key(*rows)
    was_moved = [name for name in rows[1] if name in rows[0]] != [name for name in rows[0] if name in rows[1]]
    first, then = (mine, theirs) if was_moved else (theirs, mine)
    order = dict.fromkeys(_name(row) for row in (*first, *then))
    return [merged[name] for name in order if name in merged]


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, Mapping) and _name(row) for row in value)


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("slug") or row.get("version") or "")
