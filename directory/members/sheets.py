"""Members as rows of a CSV file. What the columns do not hold of a member that is there stays as it is."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from directory.errors import Invalid
from directory.members.columns import (
    BETWEEN_NAMES,
    CONTACTS,
    EXAMPLE_NAME,
    Form,
    Heading,
    read_headings,
    template_cell,
    usual_headings,
)
from directory.members.entry import NewMember, NewSource
from directory.members.facts import ENTRY, renumbered
from directory.members.flaws import Flaw, Flawed
from directory.members.interchange import Record, as_record
from directory.members.vocab import NameKind
from directory.web.spreadsheets import BOM, cell, plain

SUFFIX = ".csv"
DELIMITERS = ",;\t"
YEAR = re.compile(r"[0-9]{1,9}")
_LISTS = frozenset({Form.CODES, Form.LANGUAGES, Form.COUNTRIES})
_LOWER = frozenset({"kind", "type", "demonstration"})
_TEXTS = ("slug", "kind", "type", "country", "city", "website", "joined_on")
_OTHER_NAMES = {"short_names": NameKind.SHORT, "former_names": NameKind.FORMER}
_PARTS = {"title": "title", "description": "description"}


@dataclass
class Row:
    """One row of a sheet. number: as a spreadsheet counts it; cells: by heading, of all columns of the file.

    services, registrations: numbers of the columns from which those of the record came, once it is put together.
    """

    number: int
    cells: Mapping[Heading, str]
    has_more: bool = False
    size: int = 0
    services: list[int] = field(default_factory=list)
    registrations: list[int] = field(default_factory=list)
    lead: str = ""

    def value(self) -> Mapping[str, str]:
        """Return the cells by the texts of their headings. Raises Flawed for a cell without a heading."""
        if self.has_more:
            raise Flawed("line", Flaw.NO_HEADING)
        if any(heading.text == "name" and text == EXAMPLE_NAME for heading, text in self.cells.items()):
            raise Flawed("line", Flaw.EXAMPLE_ROW)
        return {heading.text: text for heading, text in self.cells.items()}

    def whole(self, value: Mapping[str, str], old: NewMember | None) -> Record:
        """Return the record that the row and, for what it has no column for, the member that is there come to.

        value: what `value` returned. Raises Flawed where cells do not go together.
        """
        record: Record = as_record(old) if old else {}
        record |= {key: value[key] or None for key in _TEXTS if key in value}
        record |= {h.text: _list(text) for h, text in self.cells.items() if h.column.form in _LISTS and not h.number}
        if "founded" in value:
            founded = value["founded"]
            record["founded"] = (int(founded) if YEAR.fullmatch(founded) else founded) or None
        if "demonstration" in value:
            record["demonstration"] = {"": False, "false": False, "true": True}.get(
                value["demonstration"], value["demonstration"]
            )
        record["names"] = self._names(value, record.get("names", {}))
        record["summaries"] = self._tagged("summary", record.get("summaries", {}))
        record["alternate_names"] = self._other_names(value, record.get("alternate_names", []))
        record["registrations"] = self._registrations(record.get("registrations", []))
        places = self._offerings(record)
        record["sources"] = _sources(value.get("sources"), record.get("sources", []), places)
        if any(value.get(name) for name in CONTACTS):
            kept = vars(old.contact) if old and old.contact else {}
            contact = {
                name.removeprefix("contact_"): value.get(name, kept.get(name.removeprefix("contact_"))) for name in CONTACTS
            }
            record["contact"] = {name: text for name, text in contact.items() if text}
        return record

    def place(self, field: str) -> str:
        """Name the column in which a field of the record stands."""
        head, _dot, rest = field.partition(".")
        name, _bracket, number = head.rstrip("]").partition("[")
        match name:
            case "names":
                return "name" if rest in {"", self.lead} else f"name_{rest}"
            case "summaries":
                return f"summary_{rest}" if rest else field
            case "offerings" | "registrations" if number:
                numbers = self.services if name == "offerings" else self.registrations
                part = rest.partition(".")[0].partition("[")[0]
                return f"{'service' if name == 'offerings' else 'registration'}_{numbers[int(number) - 1]}_{part or 'title'}"
            case "contact" if rest:
                return f"contact_{rest}"
            case "alternate_names":
                return "short_names" if any(h.text == "short_names" for h in self.cells) else "former_names"
            case _:
                return name

    def _names(self, value: Mapping[str, str], old: Mapping[str, str]) -> dict[str, str]:
        first = next(iter(old), "")
        self.lead = lead = value.get("name_language") or first
        name = value.get("name", old.get(first, ""))
        if not name:
            raise Flawed("name", Flaw.EMPTY)
        if not lead:
            raise Flawed("name_language", Flaw.MISSING)
        others = self._tagged("name", {tag: text for tag, text in old.items() if tag not in {first, lead}})
        if others.pop(lead, name) != name:
            raise Flawed(f"name_{lead}", Flaw.TWICE)
        return {lead: name, **others}

    def _tagged(self, name: str, old: Mapping[str, str]) -> dict[str, str]:
        given = {h.tag: text for h, text in self.cells.items() if h.column.heading == f"{name}_<tag>"}
        return {tag: text for tag, text in {**old, **given}.items() if text}

    def _other_names(self, value: Mapping[str, str], old: Sequence[Record]) -> list[Record]:
        found = list(old)
        for column, kind in _OTHER_NAMES.items():
            if column in value:
                names = [name for text in value[column].split(BETWEEN_NAMES) if (name := text.strip())]
                found = [one for one in found if one["kind"] != kind or one["name"] in names]
                known = {one["name"] for one in found if one["kind"] == kind}
                found += [
                    {"tag": self.lead, "name": name, "kind": str(kind)} for name in dict.fromkeys(names) if name not in known
                ]
        return found

    def _registrations(self, old: Sequence[Record]) -> list[Record]:
        found = []
        for number, given in self._numbered("registration", len(old)):
            kept: Record = old[number - 1] if number <= len(old) else {}
            one = {part: given.get(part, kept.get(part)) or None for part in ("scheme", "value")}
            if any(one.values()):
                is_same = all(one[part] == kept.get(part) for part in one)
                found.append({**one, "checked_on": kept["checked_on"]} if is_same else one)
                self.registrations.append(number)
        return found

    def _offerings(self, record: Record) -> dict[int, int]:
        """Put the services into the record; return {place before: place now}."""
        old, found = record.get("offerings", []), []
        places: dict[int, int] = {}
        for number, given in self._numbered("service", len(old)):
            kept = old[number - 1] if number <= len(old) else None
            if "title" in given and not any(given.values()):
                continue
            found.append(_offering(given, kept, self.lead) if given else kept)
            self.services.append(number)
            if kept:
                places[number] = len(found)
        record["offerings"] = found
        return places

    def _numbered(self, name: str, known: int) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (number, {part: cell}) of what is there and of what has columns."""
        given: dict[int, dict[str, str]] = {}
        for heading, text in self.cells.items():
            if heading.number and heading.text.startswith(name):
                given.setdefault(heading.number, {})[heading.part] = text
        numbers = [number for number in given if number > known and any(given[number].values())]
        for number in sorted({*range(1, known + 1), *numbers}):
            yield number, given.get(number, {})


def is_sheet(name: str) -> bool:
    """Say by its name whether a file is a sheet."""
    return name.lower().endswith(SUFFIX)


def read_sheet(content: bytes) -> Iterator[Row]:
    """Yield the rows of a CSV file in UTF-8 that are not blank; its first row holds the headings.

    Raises Flawed for headings that are wrong, Invalid (`utf8`, `table`) for a file that is no sheet.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("file", "utf8") from error
    first = text.lstrip().partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    headings: tuple[Heading | None, ...] = ()
    try:
        for number, cells in enumerate(rows, 1):
            texts = [plain(text.strip()) for text in cells]
            if not any(texts):
                continue
            if not headings:
                headings = read_headings(texts)
                continue
            padded = texts + [""] * (len(headings) - len(texts))
            given = {heading: _as_written(heading, text) for heading, text in zip(headings, padded, strict=False) if heading}
            nowhere = [text for heading, text in zip(headings, padded, strict=False) if heading is None]
            yield Row(number, given, has_more=any((*nowhere, *padded[len(headings) :])))
    except csv.Error as error:
        raise Invalid("file", "table") from error


def template() -> str:
    """Return a sheet with all usual headings and one invented row."""
    headings = usual_headings(contacts=True)
    return BOM + as_csv([heading.text for heading in headings]) + as_csv([template_cell(heading) for heading in headings])


def as_csv(cells: Sequence[Any]) -> str:
    """Write one row, safe for spreadsheets, its end included."""
    out = io.StringIO()
    csv.writer(out).writerow(map(cell, cells))
    return out.getvalue()


def as_cells(record: Record, headings: Sequence[Heading]) -> list[str]:
    """Return what stands below each heading for a record."""
    return [_cell(record, heading) for heading in headings]


def _cell(record: Record, heading: Heading) -> str:
    lead = next(iter(record["names"]))
    match heading.column.heading:
        case "name":
            return str(record["names"][lead])
        case "name_language":
            return str(lead)
        case "name_<tag>":
            return "" if heading.tag == lead else record["names"].get(heading.tag, "")
        case "summary_<tag>":
            return str(record["summaries"].get(heading.tag, ""))
        case "short_names" | "former_names" as column:
            names = (one["name"] for one in record.get("alternate_names", ()) if one["kind"] == _OTHER_NAMES[column])
            return f" {BETWEEN_NAMES} ".join(names)
        case "sources":
            return " ".join(one["address"] for one in record.get("sources", ()) if one["fact"] == ENTRY)
        case _ if heading.number:
            return _numbered_cell(record, heading)
        case _:
            return _written(record.get(heading.text))


def _numbered_cell(record: Record, heading: Heading) -> str:
    rows = record.get("offerings" if heading.text.startswith("service") else "registrations", [])
    row = rows[heading.number - 1] if heading.number <= len(rows) else None
    if row is None:
        return ""
    tag = next(iter(row["title"])) if "title" in row else ""
    if heading.part == "language":
        return tag
    return str(row[heading.part].get(tag, "")) if heading.part in _PARTS else _written(row[heading.part])


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _as_written(heading: Heading, text: str) -> str:
    """Bring codes into their usual spelling, as far as only the case of letters is odd."""
    if heading.column.form in {Form.COUNTRY, Form.COUNTRIES}:
        return text.upper()
    return text.lower() if heading.text in _LOWER else text


def _list(text: str) -> list[str]:
    """Read codes, whatever stands between them."""
    return text.replace(",", " ").replace(";", " ").split()


def _offering(given: Mapping[str, str], kept: Record | None, lead: str) -> Record:
    """Return a service; what there is no column for, and its texts in other languages, are kept."""
    first = next(iter(kept["title"]), lead) if kept else lead
    tag = given.get("language") or first
    found: Record = dict(kept or {"title": {}, "description": {}})
    for part in _PARTS:
        text = given.get(part, found[part].get(first, ""))
        others = {t: x for t, x in found[part].items() if t not in {first, tag}}
        found[part] = ({tag: text} if text else {}) | others
    found |= {part: _list(given[part]) for part in ("sectors", "serves", "languages", "delivery") if part in given}
    return found | {part: given[part] or None for part in ("category", "fee", "direction") if part in given}


def _sources(cell_text: str | None, old: Sequence[Record], places: Mapping[int, int]) -> list[Record]:
    """Return the sources: those of services that stay follow them, those of the entry as a whole are as the cell says."""
    moved = renumbered((NewSource(one["fact"], one["address"]) for one in old), places.get)
    found = [{"fact": one.fact, "address": one.address} for one in moved]
    if cell_text is None:
        return found
    addresses = cell_text.split()
    kept = [one for one in found if one["fact"] != ENTRY or one["address"] in addresses]
    known = {one["address"] for one in kept if one["fact"] == ENTRY}
    return [*kept, *({"fact": ENTRY, "address": one} for one in dict.fromkeys(addresses) if one not in known)]
