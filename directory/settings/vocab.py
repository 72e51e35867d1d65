"""Words of the settings: which facet a taxonomy is, what the parts of a subject are called, and why something is refused."""

from directory.applications.vocab import CONSENT_LABELS
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.initiative.vocab import Subject

FACETS = {Subject.CATEGORIES: "category", Subject.SECTORS: "sector", Subject.ZONES: "zone"}
"""{taxonomy: facet} of those that entries carry"""
TIME_LABELS = {
    "promised": _l("Working days to a decision, as promised"),
    "first_reminder": _l("Days without a change after which an applicant is reminded"),
    "second_reminder": _l("Days without a change after which an applicant is reminded again"),
    "end": _l("Days without a change after which a draft or an unanswered application is closed"),
    "expired_kept": _l("Days for which an expired draft is kept"),
    "closed_kept": _l("Days after which only name, dates and decision of a closed application are kept"),
    "documents_kept": _l("Days for which documents are kept after the end"),
    "appeal": _l("Days within which a decision can be appealed"),
    "enquiries_kept": _l("Days for which questions to members, and notices that are settled, are kept"),
    "letters_kept": _l("Days for which letters are kept"),
}
PART_LABELS = (
    TIME_LABELS
    | {str(kind): label for kind, label in CONSENT_LABELS.items()}
    | {
        "names": _lp("of the initiative", "Name"),
        "working_name": _l("Working name"),
        "announced_on": _l("Day of the announcement"),
        "announced_at": _l("Event of the announcement"),
        "source": _lp("settings", "Source"),
        "title": _lp("of a source", "Title"),
        "address": _lp("settings", "Address"),
        "operator": _lp("settings", "Operator"),
        "mail": _l("Mail address"),
        "labels": _lp("of a term", "Label"),
        "group": _lp("of a term", "Group"),
        "successor": _l("Instead of this retired term"),
        "order": _lp("of terms", "Order"),
        "w120": _lp("of a term", "Classification W/120"),
        "depa_modules": _lp("of a term", "Modules of DEPA"),
        "published_on": _l("In force from this day on"),
        "sample": _lp("of a statement", "Sample"),
        "texts": _lp("settings", "Text"),
        "replaces": _l("Stands in the place of our text"),
    }
)
REFUSALS = {
    "unchanged": _l("Nothing is different from what counts now."),
    "source_missing": _l("Please write the English text: it is shown where another language is missing."),
    "length": _l("This text is missing or too long."),
    "form": _l("This is not written as it has to be. Please check it."),
    "taken": _l("There is one of this name already. Please choose another name."),
    "itself": _l("A term cannot stand in its own place. Please choose another one."),
    "unknown": _l("Please choose one of the answers in the list."),
    "in_use": _l("This version was in force already, so it stays as it is. Please add another version."),
    "order": _l("This has to come after what stands before it."),
    "far": _l("This day is too long ago, or too far ahead."),
    "past": _l("A new version cannot begin on a day in the past."),
    "bounds": _l("This number of days is not possible."),
    "before_appeal": _l("Documents have to be kept at least as long as a decision can be appealed."),
    "nothing": _l("Please write a text, or leave our text in its place."),
    "not_carried": _l("No entry can carry this term."),
    "in_force": _l("This term is not retired."),
}
"""Sentences for the reasons of errors.Invalid."""
LEADS_HERE = _l("“%(term)s” leads to this term. Please choose another successor for “%(term)s” first.")
NOTE_NEEDED = _l("Please say why this is changed.")
