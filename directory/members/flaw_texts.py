"""Sentences for what is wrong with a line of a file of members."""

from typing import Any

from directory.errors import Invalid
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.members.flaws import Flaw, Flawed
from directory.members.importing import Fault

FLAW_TEXTS = {
    # Translators: of a file of members; JSON knows objects {…}, lists […] and texts "…"
    Flaw.NOT_OBJECT: _l("An object of JSON must stand here, in curly brackets."),
    Flaw.UNKNOWN_KEY: _l("The format has no key “%(key)s” here."),
    Flaw.MISSING: _l("This is missing."),
    Flaw.NOT_TEXT: _l("A text must stand here, in quotation marks."),
    Flaw.NOT_TEXTS: _l("A list of texts must stand here."),
    Flaw.BAD_CHARACTER: _l("There is a character in it that may not stand in a text."),
    Flaw.EMPTY: _l("This must not be empty."),
    Flaw.LONG: _l("This is longer than %(most)s characters."),
    Flaw.NOT_TAG: _l("“%(value)s” is not a known language tag."),
    Flaw.NOT_TAGGED: _l("An object of language tags and texts must stand here."),
    Flaw.NOT_LIST: _l("A list must stand here, in square brackets."),
    Flaw.MANY: _l("There are more than %(most)s entries in it."),
    Flaw.UNKNOWN: _l("“%(value)s” is not known here."),
    Flaw.TWICE: _l("The same is named twice."),
    Flaw.NOT_ONE_OF: _l("“%(value)s” is none of these: %(choices)s."),
    Flaw.NOT_DAY: _l("A date such as 2026-05-06 must stand here."),
    Flaw.NOT_YEAR: _l("A year from %(low)s to %(high)s must stand here."),
    Flaw.NOT_ADDRESS: _l("An address that starts with https:// or http:// must stand here."),
    Flaw.NOT_WEBSITE: _l("A web address must stand here, such as www.organisation.example."),
    Flaw.NOT_MAIL: _l("A mail address must stand here."),
    Flaw.NOT_COUNTRY: _l("“%(value)s” is no known country or region."),
    Flaw.NOT_BOOLEAN: _l("Either true or false must stand here."),
    Flaw.NOT_OTHER_NAME: _l("One of short, former and script must stand here."),
    Flaw.NOT_OFFERED: _l("“%(fact)s” names a service that this entry does not have."),
    Flaw.NO_ANNOUNCEMENT: _l("A member that the announcement named needs the announcement as a source."),
    Flaw.ANNOUNCED_TWICE: _l("The announcement is named twice."),
    Flaw.NO_DATE: _l("“%(value)s” is no date."),
    Flaw.SLUG_SHAPE: _l("Only a-z, 0-9 and hyphens may stand in this address."),
    Flaw.RESERVED: _l("This address is kept for a page of the site. Please choose another one."),
    Flaw.SAME_NUMBER: _l("Two services have the same number."),
    Flaw.BAD_NUMBER: _l("The number %(number)s may not be used for a service."),
    Flaw.OF_ANOTHER: _l("This belongs to another member."),
    Flaw.OF_MERGED: _l("This belongs to a member that was merged into another one."),
    Flaw.ON_LINE: _l("The same stands on line %(line)s."),
    Flaw.NO_CONSENT: _l("This person has not agreed to be shown, or no longer does."),
    Flaw.BYTES: _l("The line is longer than %(most)s bytes."),
    Flaw.NOT_UTF8: _l("The line is not in UTF-8."),
    Flaw.NOT_JSON: _l("The line is not JSON; the mistake is near character %(place)s."),
    Flaw.ODD_JSON: _l("The line is not JSON that this format allows."),
    Flaw.KEY_TWICE: _l("The key “%(key)s” stands twice in one object."),
    Flaw.FUTURE: _l("This day lies in the future. Please write a day that has come."),
    Flaw.AFTER_TERM: _l("The first term of the membership ends before this day."),
    Flaw.NO_COLUMN: _l("The first row must hold the names of columns, and “%(heading)s” is none of them."),
    Flaw.COLUMN_TWICE: _l("The column “%(heading)s” stands twice in the first row."),
    Flaw.EXAMPLE_ROW: _l("This is the example of the template. Please delete the row."),
    Flaw.NO_NAME_COLUMN: _l("The first row must hold the names of columns, “slug” or “name” among them."),
    Flaw.NO_HEADING: _l("There is a cell in a column without a heading."),
    Flaw.NOT_NUMBER: _l("“%(value)s” is no number of JSON."),
}


def fault_text(fault: Fault | Flawed) -> Any:
    """Say in a sentence what is wrong with a line or with a value."""
    return FLAW_TEXTS[fault.flaw] % fault.values


def refused_text(error: Invalid) -> Any:
    """Say in a sentence why a value that was typed cannot be kept."""
    return fault_text(error) if isinstance(error, Flawed) else _("This cannot be kept as it is written. Please check it.")
