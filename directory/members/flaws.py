"""What can be wrong with a line of the interchange format: a code with its values; pages make a sentence of it."""

from enum import StrEnum
from typing import Any

from directory.errors import Invalid


class Flaw(StrEnum):
    """A way in which a value breaks the format; its text is what the command line says."""

    NOT_OBJECT = "must be an object"
    UNKNOWN_KEY = "unknown key %(key)a"
    MISSING = "is missing"
    NOT_TEXT = "must be a text"
    NOT_TEXTS = "must be a list of texts"
    BAD_CHARACTER = "has a character that may not stand in a text"
    EMPTY = "is empty"
    LONG = "is longer than %(most)s characters"
    NOT_TAG = "%(value)a is not a known language tag"
    NOT_TAGGED = "must be an object of language tags and texts"
    NOT_LIST = "must be a list"
    MANY = "has more than %(most)s entries"
    UNKNOWN = "%(value)a is not known"
    TWICE = "names the same twice"
    NOT_ONE_OF = "%(value)a is not one of %(choices)s"
    NOT_DAY = "must be a date such as 2026-05-06"
    NOT_YEAR = "must be a year from %(low)s to %(high)s"
    NOT_ADDRESS = "must be an address that starts with https:// or http://"
    NOT_WEBSITE = "must be a web address"
    NOT_MAIL = "must be a mail address"
    NOT_COUNTRY = "%(value)a is not a known country or region"
    NOT_BOOLEAN = "must be true or false"
    NOT_OTHER_NAME = "must be short, former or script"
    NOT_OFFERED = "%(fact)s is not among the offerings"
    NO_ANNOUNCEMENT = "a member that the announcement named needs the announcement as a source"
    ANNOUNCED_TWICE = "names the announcement twice"
    NO_DATE = "%(value)s is not a date"
    SLUG_SHAPE = "must consist of a-z, 0-9 and hyphens"
    RESERVED = "is reserved"
    SAME_NUMBER = "two of them have the same number"
    BAD_NUMBER = "number %(number)s may not be used"
    OF_ANOTHER = "belongs to another member"
    OF_MERGED = "belongs to a member that was merged into another one"
    ON_LINE = "stands on line %(line)s too"
    NO_CONSENT = "no consent"
    BYTES = "is longer than %(most)s bytes"
    NOT_UTF8 = "is not UTF-8"
    NOT_JSON = "is not JSON: %(why)s at character %(place)s"
    ODD_JSON = "is not JSON of this format"
    KEY_TWICE = "has the key %(key)a twice"
    FUTURE = "lies in the future"
    AFTER_TERM = "lies after the end of the first term"
    NO_COLUMN = "no column is called %(heading)a"
    COLUMN_TWICE = "the column %(heading)a stands twice"
    EXAMPLE_ROW = "is the example of the template"
    NO_NAME_COLUMN = "the first row has neither the column slug nor the column name"
    NO_HEADING = "has a cell below no heading"
    NOT_NUMBER = "%(value)s is not a number of JSON"


class Flawed(Invalid):
    """A value breaks the format. values: what the flaw's text has places for, each as it can be printed."""

    def __init__(self, field: str, flaw: Flaw, **values: Any) -> None:
        super().__init__(field, flaw % values)
        self.flaw = flaw
        self.values = {name: _printable(value) for name, value in values.items()}


def _printable(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else ascii(value)
