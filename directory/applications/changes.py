"""What changed between two submissions: answer by answer, word by word, and offerings that came or went as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from directory.applications.answers import Answers, Row, Section, offerings_of, sections
from directory.applications.vocab import STEP_LABELS, Step
from directory.i18n import force_locale
from directory.i18n import gettext as _
from directory.i18n.locales import LOCALES
from directory.i18n.wording_diff import ALIKE, Sides, compare_values, likeness


@dataclass(frozen=True)
class Change:
    """One answer that differs. title: of the part that it stands in; tags: language of the own words, before and now."""

    title: str
    label: str
    sides: Sides
    old_tag: str | None = None
    new_tag: str | None = None


@dataclass(frozen=True)
class Service:
    """An offering that came or went as a whole."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Changes:
    """All that differs. added, removed: whole offerings, with their number then."""

    answers: tuple[Change, ...]
    added: tuple[Service, ...]
    removed: tuple[Service, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.answers or self.added or self.removed)


def changes_between(old: Answers, new: Answers, locale: str) -> Changes:
    """Compare two states of the answers for readers of `locale`."""
    before, after = sections(old, locale), sections(new, locale)
    plain = list(_plain(before, after))
    was, now = _services(before), _services(after)
    pairs = _pairs(offerings_of(old), offerings_of(new))
    with force_locale(LOCALES[locale].babel):
        plain += _order(offerings_of(new), pairs)
    for one, other in sorted(pairs.items(), key=lambda pair: pair[1]):
        if one in was and other in now:
            plain += _rows(now[other].title, was[one].rows, now[other].rows)
    return Changes(
        tuple(plain),
        added=tuple(Service(found.title, found.rows) for place, found in now.items() if place not in pairs.values()),
        removed=tuple(Service(found.title, found.rows) for place, found in was.items() if place not in pairs),
    )


def _plain(before: Sequence[Section], after: Sequence[Section]) -> Iterator[Change]:
    was = {section.step: section for section in before if section.step != Step.OFFERINGS}
    now = {section.step: section for section in after if section.step != Step.OFFERINGS}
    for step in Step:
        found = now.get(step) or was.get(step)
        if found is not None:
            rows = (was[step].rows if step in was else (), now[step].rows if step in now else ())
            yield from _rows(found.title, *rows)


def _rows(title: str, before: Sequence[Row], after: Sequence[Row]) -> list[Change]:
    was, now = {row.label: row for row in before}, {row.label: row for row in after}
    empty = Row("", ())
    pairs = {label: (was.get(label, empty), now.get(label, empty)) for label in [*now, *was]}
    return [
        Change(title, label, compare_values(old.values, new.values), old.tag, new.tag)
        for label, (old, new) in pairs.items()
        if old.values != new.values
    ]


def _services(found: Sequence[Section]) -> dict[int, Section]:
    """Return the sections of offerings by their place."""
    return {section.place: section for section in found if section.place is not None}


def _pairs(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Say which offering became which, by their places: the same first, then the same name, then what is alike."""
    pairs: dict[int, int] = {}
    for likeness_of in (_same, _same_name, _alike):
        for one, was in enumerate(old):
            free = [other for other in range(len(new)) if other not in pairs.values()]
            if one not in pairs and free:
                scores = [(likeness_of(was, new[other]), other == one, -other) for other in free]
                score, _is_there, place = max(scores)
                if score >= ALIKE:
                    pairs[one] = -place
    return pairs


def _same(was: Mapping[str, Any], now: Mapping[str, Any]) -> float:
    return float(was == now)


def _same_name(was: Mapping[str, Any], now: Mapping[str, Any]) -> float:
    return float(bool(was.get("title")) and was.get("title") == now.get("title"))


def _alike(was: Mapping[str, Any], now: Mapping[str, Any]) -> float:
    old, new = (" ".join(str(row.get(field) or "") for field in ("title", "description")) for row in (was, now))
    return likeness(old, new)


def _order(new: Sequence[Mapping[str, Any]], pairs: Mapping[int, int]) -> list[Change]:
    """Say that offerings stand in another order, if those that stayed do."""
    before = [pairs[place] for place in sorted(pairs)]
    if before == sorted(before):
        return []
    titles = [[str(new[place].get("title") or "–") for place in order] for order in (before, sorted(before))]
    return [Change(str(STEP_LABELS[Step.OFFERINGS]), _("Order of the services"), compare_values(*titles))]
