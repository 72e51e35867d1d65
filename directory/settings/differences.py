"""What a subject says, part by part, and how two editions differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from directory.i18n import gettext as _
from directory.i18n.locales import LOCALES
from directory.i18n.wording_diff import Kind, Line, Piece, changed_lines, compare_texts
from directory.initiative.reading import Data
from directory.settings.vocab import PART_LABELS

LONG = 200
"""characters from which only the lines that differ are shown"""
_Path = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One part of a subject. label: which one; text: what it says; tag: its language, empty where it has none."""

    label: str
    text: str
    tag: str = ""


@dataclass(frozen=True)
class Difference:
    """One part that differs. old, new: what it said and says; empty where there was or is nothing.

    Pieces are marked as changed only where others stayed: else the two texts side by side say it all.
    """

    label: str
    old: Line
    new: Line
    tag: str = ""


def parts(data: Data) -> list[Part]:
    """Return everything that a subject says, in its order."""
    return [Part(_label(path), text, _tag(path)) for path, text in _flat(data).items() if text]


def differences(old: Data, new: Data) -> list[Difference]:
    """Return what differs between two states of a subject, word by word; of long texts the lines that differ.

    The texts of a version that is new are compared with those of the version before it; those that it repeats are left out.
    """
    before, after = _flat(old), _flat(new)
    paths = [path for path in dict.fromkeys((*before, *after)) if before.get(path, "").strip() != after.get(path, "").strip()]
    earlier = _earlier_versions(old, new)
    found = []
    for path in paths:
        last = earlier.get(path[0]) if "texts" in path else None
        if last is None:
            found.append(_difference(_label(path), path, before.get(path, ""), after.get(path, "")))
        elif (kept := after.get((last, *path[1:]), "")).strip() != after[path].strip():
            label = _("%(part)s, compared with %(version)s", part=_label(path), version=last)
            found.append(_difference(label, path, kept, after[path]))
    return [*found, *_moved(old, new)]


def unchanged_languages(old: Data, new: Data) -> list[str]:
    """Return the languages in which a version that is new says word for word what the one before it says, by their own names."""
    after, earlier = _flat(new), _earlier_versions(old, new)
    tags: dict[str, bool] = {}
    for path, text in after.items():
        if (last := earlier.get(path[0])) and "texts" in path:
            is_same = after.get((last, *path[1:]), "").strip() == text.strip()
            tags[path[-1]] = tags.get(path[-1], True) and is_same
    return [str(LOCALES[tag].own_name) for tag, is_same in tags.items() if is_same] if not all(tags.values()) else []


def _earlier_versions(old: Data, new: Data) -> dict[str, str]:
    """Return, for each version that is new, the one before it."""
    known = {row["version"] for row in old.get("versions", ())}
    versions = [row["version"] for row in new.get("versions", ())]
    return {version: before for before, version in pairwise(versions) if version not in known}


def _difference(label: str, path: _Path, old: str, new: str) -> Difference:
    if old and new and max(len(old), len(new)) > LONG:
        old, new = changed_lines(old, new)
    return Difference(label, *_compared(old, new), _tag(path))


def _compared(old: str, new: str) -> tuple[Line, Line]:
    before, after = compare_texts(old, new)
    if any(piece.kind is Kind.SAME and piece.text.strip() for piece in before):
        return before, after
    return _plain(old), _plain(new)


def _plain(text: str) -> Line:
    return (Piece(Kind.SAME, text),) if text else ()


def _moved(old: Data, new: Data) -> Iterator[Difference]:
    """Yield the order of a taxonomy's terms where those that both have stand otherwise."""
    if "terms" not in old:
        return
    before, after = ([term["slug"] for term in data["terms"]] for data in (old, new))
    common = set(before) & set(after)
    if [slug for slug in before if slug in common] != [slug for slug in after if slug in common]:
        yield Difference(str(PART_LABELS["order"]), *_compared(" · ".join(before), " · ".join(after)))


def _flat(data: Data) -> dict[_Path, str]:
    """Return {path: text}; what a list holds goes by its own name."""
    return dict(_walk(data, ()))


def _walk(value: Any, path: _Path) -> Iterator[tuple[_Path, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in {"slug", "version"}:
                yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        for row in value:
            yield from _walk(row, (*path[:-1], row.get("slug") or row.get("version")))
    elif isinstance(value, bool):
        yield path, _("Yes") if value else _("No")
    else:
        yield path, "" if value is None else str(value)


def _label(path: _Path) -> str:
    return " · ".join(str(_word(part)) for part in path)


def _word(part: str) -> Any:
    if part in LOCALES:
        return LOCALES[part].own_name
    return PART_LABELS.get(part, part)


def _tag(path: _Path) -> str:
    return path[-1] if path and path[-1] in LOCALES else ""
