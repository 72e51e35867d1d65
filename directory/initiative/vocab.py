"""What administrators set, and within which bounds."""

from enum import StrEnum

from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp


class Subject(StrEnum):
    """What is set as a whole, in editions of its own; also its name in addresses."""

    INITIATIVE = "initiative"
    STATEMENT = "statement"
    CONSENTS = "consents"
    CATEGORIES = "categories"
    CATEGORY_GROUPS = "category-groups"
    SECTORS = "sectors"
    ZONES = "zones"
    TIMES = "times"
    PAGE_HOME = "page-home"
    PAGE_ABOUT = "page-about"
    PAGE_PRIVACY = "page-privacy"
    PAGE_ACCESSIBILITY = "page-accessibility"


VERSIONED = (Subject.STATEMENT, Subject.CONSENTS)
"""Texts in versions, each in force from a day on; what was in force stays as it was."""
TAXONOMIES = (Subject.CATEGORIES, Subject.CATEGORY_GROUPS, Subject.SECTORS, Subject.ZONES)
PAGES = (Subject.PAGE_HOME, Subject.PAGE_ABOUT, Subject.PAGE_PRIVACY, Subject.PAGE_ACCESSIBILITY)
SUBJECT_LABELS = {
    Subject.INITIATIVE: _l("Name, announcement and operator"),
    Subject.STATEMENT: _l("Statement that members sign"),
    Subject.CONSENTS: _l("Texts of the consents"),
    Subject.CATEGORIES: _l("Kinds of services"),
    Subject.CATEGORY_GROUPS: _l("Groups of kinds of services"),
    Subject.SECTORS: _lp("settings", "Sectors"),
    Subject.ZONES: _lp("settings", "Zones"),
    Subject.TIMES: _l("Promised times and terms"),
    Subject.PAGE_HOME: _l("Page: home"),
    Subject.PAGE_ABOUT: _l("Page: about and contact"),
    Subject.PAGE_PRIVACY: _l("Page: privacy"),
    Subject.PAGE_ACCESSIBILITY: _l("Page: accessibility"),
}
TIMES = {
    "promised": (1, 90),
    "first_reminder": (1, 90),
    "second_reminder": (2, 180),
    "end": (3, 365),
    "expired_kept": (1, 365),
    "closed_kept": (30, 3650),
    "documents_kept": (1, 3650),
    "appeal": (1, 365),
    "enquiries_kept": (30, 3650),
    "letters_kept": (4, 3650),
}
"""{term of time: (fewest, most days)}; `promised` counts working days"""
