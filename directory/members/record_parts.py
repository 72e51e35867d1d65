"""What a record of the interchange format says, part by part in words, and what differs between two of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, TypeAlias

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.formats import country_name, date_text, language_name
from directory.i18n.locales import plain_tag
from directory.i18n.wording_diff import ALIKE, Sides, compare_values, likeness
from directory.members.facts import ANNOUNCEMENT, ENTRY, NAMED_FACT, offering_number
from directory.members.interchange import Record
from directory.members.labels import NAME_KIND_LABELS, value_label
from directory.members.vocab import DELIVERY_LABELS, DIRECTION_LABELS, FEE_LABELS, SCHEME_LABELS, NameKind

LABELS: Mapping[str, Any] = {
    "slug": _lp("of a member", "Address on this site"),
    "kind": _lp("of an organisation", "Kind"),
    "type": _l("Type of organisation"),
    "country": _l("Country or region"),
    "city": _lp("of a seat", "City"),
    "zones": _l("Zones"),
    "joined_on": _l("Joined on"),
    "languages": _l("Languages"),
    "names": _l("Names"),
    "summaries": _l("Short descriptions"),
    "sectors": _lp("fact", "Sectors"),
    "website": _lp("of an organisation", "Website"),
    "contact": _l("Contact person"),
    "founded": _l("Year founded"),
    "alternate_names": _l("Short, former and other-script names"),
    "registrations": _l("Registration numbers"),
    "address": _l("Postal address"),
    "signature": _l("Signature"),
    "claims": _l("Licences and certificates"),
    "offerings": _l("Services"),
    "sources": _l("Sources"),
    "demonstration": _l("Demonstration data"),
}
OFFERING_LABELS: Mapping[str, Any] = {
    "title": _l("Name of the service"),
    "description": _l("What the service is"),
    "category": _l("Category of the service"),
    "sectors": _l("Sectors the service is for"),
    "serves": _l("Countries or regions served"),
    "languages": _l("Languages of the service"),
    "delivery": _l("How the service is given"),
    "fee": _l("What the service costs"),
    "direction": _l("Direction of business"),
    "data": _l("Data that it moves"),
}
_ROW_LABELS: Mapping[str, Any] = {
    "name": _lp("of an organisation", "Name"),
    "tag": _lp("of a text", "Language"),
    "email": _l("E-mail address"),
    "phone": _l("Telephone number"),
    "scheme": _l("Register"),
    "value": _l("Number in this register"),
    "signed_on": _lp("fact", "Signed on"),
    "address": _l("Web address of the source"),
}
_FACETS = {
    "kind": "kind", "type": "type", "country": "country", "zones": "zone", "sectors": "sector", "languages": "language",
    "category": "category", "serves": "serves",
}  # fmt: skip
_CHOICES: Mapping[str, Mapping[Any, Any]] = {"delivery": DELIVERY_LABELS, "fee": FEE_LABELS, "direction": DIRECTION_LABELS}
_DAYS = ("joined_on", "checked_on", "valid_until", "seen_on", "signed_on")
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One thing that a record says. tag: language of the values, empty where they have none; service: the one it is about."""

    label: str
    values: tuple[str, ...]
    tag: str = ""
    service: str = ""


@dataclass(frozen=True)
class Difference:
    """One part that differs; tags: language of the values before and now."""

    label: str
    sides: Sides
    old_tag: str = ""
    new_tag: str = ""
    service: str = ""


def parts_of(record: Mapping[str, Any], locale: str) -> list[tuple[str, list[Part]]]:
    """Return everything that a record says, as (title of a service, its parts); first, without title, what is about none."""
    parts = [part for part in _parts(record, locale, _places(record)).values() if part.values]
    parts.sort(key=lambda part: bool(part.service))
    return [(service, list(own)) for service, own in groupby(parts, key=lambda part: part.service)]


def differences_between(old: Mapping[str, Any], new: Mapping[str, Any], locale: str) -> list[Difference]:
    """Return what differs between two records, word by word, for readers of `locale`."""
    places = _same_services(old.get("offerings") or (), new.get("offerings") or ())
    before = _parts(old, locale, [places.get(place, f"before {place}") for place in _places(old)])
    after = _parts(new, locale, _places(new))
    found = []
    for path in dict.fromkeys((*after, *before)):
        known = after.get(path) or before[path]
        was, now = (side.get(path) or replace(known, values=(), tag="") for side in (before, after))
        if was.values != now.values:
            found.append(Difference(known.label, compare_values(was.values, now.values), was.tag, now.tag, known.service))
    return found


def fact_text(fact: str, titles: Mapping[int, str], locale: str) -> str:
    """Say what a source stands for. titles: of the services, by the numbers that facts name them by."""
    if fact == ENTRY:
        return _("The organisation in general")
    if fact == ANNOUNCEMENT:
        return _("The announcement")
    if match := NAMED_FACT.fullmatch(fact):
        return _("The announcement of %(day)s", day=_day(match[1], locale))
    number = offering_number(fact)
    return _("Service: %(title)s", title=titles.get(number, str(number))) if number else fact


def field_text(field: str, locale: str) -> str:
    """Name a field of a record, as a fault names it, in words."""
    head, *rest = field.replace("]", "").replace("[", ".").split(".")
    labels = OFFERING_LABELS if head == "offerings" else _ROW_LABELS
    words = [str(LABELS.get(head, head))]
    for step in rest:
        is_tag = step not in labels and not step.isdigit() and plain_tag(step)
        words.append(language_name(step, locale) if is_tag else str(labels.get(step, step)))
    return " · ".join(words)


def _parts(record: Mapping[str, Any], locale: str, keys: Sequence[str]) -> dict[Path, Part]:
    """Return {what: part}. keys: one for each service, by which it is the same in another record."""
    found: dict[Path, Part] = {}
    titles = dict(enumerate(_titles(record), 1))
    for key in (key for key in LABELS if key in record):
        value = record[key]
        if key == "names":
            found |= _names(value or {}, locale)
        elif key == "summaries":
            found |= _tagged((key,), str(LABELS[key]), value or {}, locale)
        elif key == "offerings":
            for place, (name, offering) in enumerate(zip(keys, value or (), strict=True), 1):
                found |= _offering(name, titles[place], offering, locale)
        elif key == "sources":
            texts = (f"{fact_text(one['fact'], titles, locale)}: {one['address']}" for one in value or ())
            found[(key,)] = Part(str(LABELS[key]), tuple(texts))
        else:
            found[(key,)] = Part(str(LABELS[key]), tuple(_texts(key, value, locale)))
    return found


def _names(names: Mapping[str, str], locale: str) -> dict[Path, Part]:
    if not names:
        return {}
    lead = next(iter(names))
    official = Part(f"{NAME_KIND_LABELS[NameKind.OFFICIAL]} · {language_name(lead, locale)}", (names[lead],), lead)
    others = {tag: text for tag, text in names.items() if tag != lead}
    return {("names",): official, **_tagged(("names",), str(NAME_KIND_LABELS[NameKind.TRANSLATION]), others, locale)}


def _tagged(path: Path, label: str, texts: Mapping[str, str], locale: str) -> dict[Path, Part]:
    return {(*path, tag): Part(f"{label} · {language_name(tag, locale)}", (text,), tag) for tag, text in texts.items()}


def _offering(key: str, title: str, offering: Record, locale: str) -> dict[Path, Part]:
    found: dict[Path, Part] = {}
    for part, label in OFFERING_LABELS.items():
        if part in {"title", "description"}:
            found |= _tagged(("offerings", key, part), str(label), offering[part], locale)
        else:
            found["offerings", key, part] = Part(str(label), tuple(_texts(part, offering.get(part), locale)))
    return {path: replace(part, service=title) for path, part in found.items()}


def _texts(key: str, value: Any, locale: str) -> Iterator[str]:
    """Write a value that is no text of people, in words."""
    for one in value if isinstance(value, list) else [value]:
        if one in (None, "", False):
            continue
        if isinstance(one, dict):
            yield from _rows(key, one, locale)
        elif key in _FACETS:
            yield value_label(_FACETS[key], one, locale)
        elif key in _CHOICES:
            yield str(_CHOICES[key][one])
        elif key in _DAYS:
            yield _day(one, locale)
        else:
            yield _("Yes") if one is True else str(one)


def _rows(key: str, row: Record, locale: str) -> Iterable[str]:
    """Write what has parts of its own in one line."""
    match key:
        case "alternate_names":
            return [f"{row['name']} ({NAME_KIND_LABELS[NameKind(row['kind'])]}, {language_name(row['tag'], locale)})"]
        case "registrations":
            checked = [_("checked on %(day)s", day=_day(row["checked_on"], locale))] if row["checked_on"] else []
            return [" · ".join((f"{SCHEME_LABELS.get(row['scheme'], row['scheme'])}: {row['value']}", *checked))]
        case "signature":
            tail = (row["by"], row["capacity"], row["certificate"])
            words = (_day(row["signed_on"], locale), row["statement_version"], language_name(row["tag"], locale), *tail)
            return [" · ".join(word for word in words if word)]
        case "data":
            return [country_name(text, locale) if len(text) == 2 else text for value in row.values() for text in _flat(value)]
        case _:
            texts = ((name, text) for name, value in row.items() for text in _flat(value))
            return [" · ".join(_day(text, locale) if name in _DAYS else text for name, text in texts)]


def _flat(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _day(text: str, locale: str) -> str:
    return date_text(date.fromisoformat(text), locale)


def _titles(record: Mapping[str, Any]) -> list[str]:
    return [next(iter(offering["title"].values())) for offering in record.get("offerings") or ()]


def _places(record: Mapping[str, Any]) -> list[str]:
    return [str(place) for place, _one in enumerate(record.get("offerings") or ())]


def _same_services(old: Sequence[Record], new: Sequence[Record]) -> dict[str, str]:
    """Return {place before: place now} of services that stayed: those with a title in common, else with words in common."""
    found: dict[str, str] = {}
    for is_same in (_shares_title, _is_alike):
        for place, one in enumerate(old):
            free = [other for other in range(len(new)) if str(other) not in found.values()]
            match = next((other for other in free if is_same(one, new[other])), None)
            if str(place) not in found and match is not None:
                found[str(place)] = str(match)
    return found


def _shares_title(one: Record, other: Record) -> bool:
    return bool(one["title"].items() & other["title"].items())


def _is_alike(one: Record, other: Record) -> bool:
    texts = (" ".join((*row["title"].values(), *row["description"].values())) for row in (one, other))
    return likeness(*texts) >= ALIKE
