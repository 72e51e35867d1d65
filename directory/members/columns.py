"""The columns of a file of members for spreadsheets: one table for reading, writing, the template and the help."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.formats import language_name
from directory.i18n.locales import LOCALES, plain_tag
from directory.members.facets import TAXONOMY_OF
from directory.members.flaws import Flaw, Flawed
from directory.members.models import OFFERINGS_MAX

REGISTRATIONS_MAX = 9
REGISTRATIONS_USUAL, SERVICES_USUAL = 2, 3
"""how many of them the template and the export have columns for"""
HEADINGS_KEPT = 512
"""headings that are looked up once: files may hold any"""
EXAMPLE_NAME = "EXAMPLE – Chamber of Sample Town (delete this row)"
"""by which the example of the template is known, so that it never becomes a member"""
BETWEEN_NAMES = "|"
_NUMBERED = re.compile(r"(registration|service)_([1-9][0-9]?)_([a-z]+)")
_TAGGED = re.compile(r"(name|summary)_([A-Za-z0-9-]+)")


class Form(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    NAMES = "names"
    CODE = "code"
    CODES = "codes"
    LANGUAGE = "language"
    LANGUAGES = "languages"
    COUNTRY = "country"
    COUNTRIES = "countries"
    DAY = "day"
    YEAR = "year"
    ADDRESS = "address"
    ADDRESSES = "addresses"
    TRUTH = "truth"


@dataclass(frozen=True)
class Column:
    """A column. heading: `<tag>` stands for a language tag in it, `<n>` for 1, 2, 3 …; facet: whose codes may stand there."""

    heading: str
    label: Any = field(compare=False)
    form: Form = Form.TEXT
    example: str = ""
    facet: str = ""


COLUMNS = (
    Column("slug", _l("Address on this site"), example="example-chamber"),
    Column("name", _lp("kind of name", "Official name"), example=EXAMPLE_NAME),
    Column("name_language", _l("Language of the official name"), Form.LANGUAGE, "en"),
    Column("name_<tag>", _lp("kind of name", "Name in another language"), example="BEISPIEL – Kammer von Musterstadt"),
    Column("short_names", _l("Short names"), Form.NAMES, "ECST"),
    Column("former_names", _l("Former names"), Form.NAMES),
    Column("kind", _l("Institution or enterprise"), Form.CODE, "institution", "kind"),
    Column("type", _l("Type of organisation"), Form.CODE, "chamber", "type"),
    Column("country", _l("Country or region"), Form.COUNTRY, "RS"),
    Column("city", _lp("of a seat", "City"), example="Sample Town"),
    Column("website", _lp("of an organisation", "Website"), Form.ADDRESS, "www.chamber.example"),
    Column("founded", _l("Year founded"), Form.YEAR, "1998"),
    Column("joined_on", _l("Joined on"), Form.DAY, "2026-05-06"),
    Column("languages", _l("Languages the organisation works in"), Form.LANGUAGES, "en, de"),
    Column("sectors", _l("Sectors the organisation works for"), Form.CODES, facet="sector"),
    Column("zones", _l("Zones the organisation works in"), Form.CODES, facet="zone"),
    Column("summary_<tag>", _l("Short description"), example="An invented chamber that shows how a row is filled in."),
    Column("registration_<n>_scheme", _l("Register"), Form.CODE, "RS-MB", "scheme"),
    Column("registration_<n>_value", _l("Number in this register"), example="00000000"),
    Column("contact_name", _l("Name of the contact person"), example="Sample Person"),
    Column("contact_email", _l("E-mail address"), example="person@chamber.example"),
    Column("contact_phone", _l("Telephone number"), example="+381 11 0000000"),
    Column("service_<n>_title", _l("Name of the service"), example="Help with the first steps"),
    Column("service_<n>_language", _l("Language of name and description"), Form.LANGUAGE, "en"),
    Column("service_<n>_category", _l("Category of the service"), Form.CODE, facet="category"),
    Column("service_<n>_description", _l("What the service is"), example="We answer questions and name who can help."),
    Column("service_<n>_sectors", _l("Sectors the service is for"), Form.CODES, facet="sector"),
    Column("service_<n>_serves", _l("Countries or regions served"), Form.COUNTRIES, "RS, DE"),
    Column("service_<n>_languages", _l("Languages of the service"), Form.LANGUAGES, "en"),
    Column("service_<n>_delivery", _l("How the service is given"), Form.CODES, "online", "delivery"),
    Column("service_<n>_fee", _l("What the service costs"), Form.CODE, "free", "fee"),
    Column("service_<n>_direction", _l("Direction of business"), Form.CODE, "both", "direction"),
    Column("sources", _l("Sources of the entry as a whole"), Form.ADDRESSES, "https://www.chamber.example/about"),
    Column("demonstration", _l("Demonstration data"), Form.TRUTH, "true"),
)
"""In the order in which people fill them in. Headings are code, the same in every language."""
CONTACTS = frozenset({"contact_name", "contact_email", "contact_phone"})
_BY_HEADING = {column.heading: column for column in COLUMNS}


class Heading(NamedTuple):
    """A column as it stands in a file. number: which registration or service; tag: which language."""

    text: str
    column: Column
    number: int = 0
    tag: str = ""

    @property
    def part(self) -> str:
        """What of a registration or a service it holds."""
        return self.column.heading.rpartition("_")[2]

    def words(self, locale: str) -> str:
        """Name the column for readers of `locale`, in which this request is."""
        number = str(self.number) if self.number else ""
        return " · ".join(word for word in (str(self.column.label), number, self.tag and language_name(self.tag, locale)) if word)


@lru_cache(HEADINGS_KEPT)
def heading_of(text: str) -> Heading | None:
    """Return the column that a heading names, or None where there is no such column."""
    if text in _BY_HEADING and "<" not in text:
        return Heading(text, _BY_HEADING[text])
    if match := _NUMBERED.fullmatch(text):
        most = OFFERINGS_MAX if match[1] == "service" else REGISTRATIONS_MAX
        column = _BY_HEADING.get(f"{match[1]}_<n>_{match[3]}")
        return Heading(text, column, int(match[2])) if column and int(match[2]) <= most else None
    if (match := _TAGGED.fullmatch(text)) and plain_tag(match[2]):
        return Heading(text, _BY_HEADING[f"{match[1]}_<tag>"], tag=match[2])
    return None


def read_headings(cells: Iterable[str]) -> tuple[Heading | None, ...]:
    """Read the first row of a file; a column without a heading is None.

    Raises Flawed for a heading that names no column or stands twice, and where neither address nor name has a column.
    """
    found: list[Heading | None] = []
    for text in (cell.strip() for cell in cells):
        heading = heading_of(text) or heading_of(text.lower()) if text else None
        if text and heading is None:
            raise Flawed("headings", Flaw.NO_COLUMN, heading=text)
        if heading and heading in found:
            raise Flawed("headings", Flaw.COLUMN_TWICE, heading=heading.text)
        found.append(heading)
    if not {"slug", "name"} & {heading.text for heading in found if heading}:
        raise Flawed("headings", Flaw.NO_NAME_COLUMN)
    return tuple(found)


def usual_headings(
    *, contacts: bool = False, services: int = SERVICES_USUAL, registrations: int = REGISTRATIONS_USUAL
) -> tuple[Heading, ...]:
    """Return the columns that are written: in the languages of the site, and for so many services and registrations."""
    most = {"service": services, "registration": registrations}
    texts = (text for column in COLUMNS for text in _written(column.heading, most) if contacts or text not in CONTACTS)
    return tuple(heading for text in sorted(texts, key=_rank) if (heading := heading_of(text)))


def template_cell(heading: Heading) -> str:
    """Return what stands below a heading in the template: one invented row, told as such by its name."""
    is_first = heading.number in {0, 1} and heading.tag in {"", "de" if heading.text.startswith("name") else "en"}
    if not is_first or heading.column.facet not in TAXONOMY_OF:
        return heading.column.example if is_first else ""
    terms = TAXONOMY_OF[heading.column.facet]().terms
    return next((slug for slug, term in terms.items() if term.successor is None), "")


def _written(heading: str, most: Mapping[str, int]) -> list[str]:
    if "<tag>" in heading:
        return [heading.replace("<tag>", tag) for tag in LOCALES]
    number = most.get(heading.partition("_<n>")[0], 0)
    return [heading.replace("<n>", str(n)) for n in range(1, number + 1)] if "<n>" in heading else [heading]


def _rank(text: str) -> tuple[int, int, int]:
    """Keep all of one service together."""
    heading = heading_of(text)
    if heading is None:
        return (len(COLUMNS), 0, 0)
    place = COLUMNS.index(heading.column)
    first = next(n for n, one in enumerate(COLUMNS) if one.heading.split("<")[0] == heading.column.heading.split("<")[0])
    return (first if heading.number else place, heading.number, place)
