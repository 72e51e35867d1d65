"""The parts of an application, the words for their answers, and the closed lists of its own."""

from enum import StrEnum

from directory.consents.vocab import ConsentKind
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp


class Step(StrEnum):
    """The parts that answers are given in, in the order of the form; the key of each in `Application.answers`."""

    ORGANISATION = "organisation"
    NAMES = "names"
    SEAT = "seat"
    CONTACT = "contact"
    OFFERINGS = "offerings"
    DOCUMENTS = "documents"
    STATEMENT = "statement"


class Precision(StrEnum):
    """How much of the address the public sees."""

    CITY = "city"
    ADDRESS = "address"


class Purpose(StrEnum):
    """What a document is for."""

    REGISTRATION = "registration"
    AUTHORITY = "authority"
    OTHER = "other"
    LOGO = "logo"


class DocumentState(StrEnum):
    """What the virus scanner said. WAITING: nothing yet, so nobody gets the file; NOT_SCANNED: there is no scanner."""

    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


class Visibility(StrEnum):
    """Who reads a note. What the applicant reads is no note but a `Message`, in a table of its own."""

    STAFF = "staff"
    APPROVERS = "approvers"


OPEN_TO_READERS = frozenset({DocumentState.CLEAN, DocumentState.NOT_SCANNED})
"""states in which a document may be handed out"""
PURPOSE_LABELS = {
    Purpose.REGISTRATION: _l("Proof of registration"),
    Purpose.AUTHORITY: _l("Proof that the signatory may sign"),
    Purpose.OTHER: _l("Another document"),
    Purpose.LOGO: _lp("of an organisation", "Logo"),
}
DOCUMENT_STATE_LABELS = {
    DocumentState.WAITING: _l("Waiting for the virus scan"),
    DocumentState.CLEAN: _l("No virus found"),
    DocumentState.INFECTED: _l("A virus was found; the file was deleted"),
    DocumentState.NOT_SCANNED: _l("Not scanned for viruses"),
}
CROP_LABELS = {
    "whole": _lp("a logo in a frame", "Whole, with an even margin"),
    "centre": _lp("a logo in a frame", "Filling the frame, its edges cut off"),
}

STEP_LABELS = {
    Step.ORGANISATION: _l("Your organisation"),
    Step.NAMES: _l("Further names"),
    Step.SEAT: _l("Seat and registration"),
    Step.CONTACT: _l("Contact person"),
    Step.OFFERINGS: _l("Services you offer"),
    Step.DOCUMENTS: _l("Documents and logo"),
    Step.STATEMENT: _l("Statement and consent"),
}

FIELD_LABELS = {
    Step.ORGANISATION: {
        "name": _l("Official name"),
        "name_language": _l("Language of the official name"),
        "kind": _l("Institution or enterprise"),
        "type": _l("Type of organisation"),
        "website": _lp("of an organisation", "Website"),
        "founded": _l("Year founded"),
        "languages": _l("Languages you work in"),
        "sectors": _lp("of an organisation", "Sectors"),
        "zones": _l("Zones you work in"),
        "summary": _l("Short description"),
        "summary_language": _l("Language of the short description"),
    },
    Step.NAMES: {
        "names": _l("Further names"),
    },
    Step.SEAT: {
        "country": _l("Country or region"),
        "street": _l("Street and number, or what stands there instead"),
        "postcode": _l("Postcode"),
        "city": _lp("of a seat", "City"),
        "region": _l("Province, state or region"),
        "precision": _l("What the public sees of the address"),
        "registrations": _l("Registration number"),
    },
    Step.CONTACT: {
        "name": _l("Name of the contact person"),
        "addressed": _l("How should we address you?"),
        "role": _l("Position in the organisation"),
        "email": _l("E-mail address"),
        "phone": _l("Telephone number"),
        "shown": _l("Contact shown to visitors"),
    },
    Step.OFFERINGS: {
        "offerings": _l("At least one service"),
        "title": _l("Name of the service"),
        "description": _l("What the service is"),
        "language": _l("Language of these two texts"),
        "category": _l("Category of the service"),
        "sectors": _l("Sectors the service is for"),
        "serves": _l("Countries or regions served"),
        "languages": _l("Languages of the service"),
        "delivery": _l("How the service is given"),
        "fee": _l("What the service costs"),
        "direction": _l("Direction of business"),
    },
    Step.DOCUMENTS: {
        "registration": _l("Proof of registration, or the answer that you send it later"),
        "files": _l("Documents"),
        "registration_later": _l("Proof of registration is sent later"),
        "logo_published": _l("Agreed that the logo is published"),
        "logo_crop": _l("How the logo is shown"),
    },
    Step.STATEMENT: {
        "accepted": _l("Statement accepted"),
        "signatory": _l("Name of the signatory"),
        "capacity": _l("Capacity in which the signatory signs"),
        "listed": _l("Agreed to be listed"),
        "contact_shared": _l("Agreed that visitors are given the contact"),
        "abroad": _l("Agreed to reading and keeping abroad"),
        "processed": _l("Agreed to the processing of data"),
        "sponsor": _l("Member that introduces you"),
    },
}
"""What pages, letters and the desk call each answer; some are asked no more, and stand in what was sent before."""

CONSENT_TEXTS = "consents"
"""Where the answers on the statement keep the version of the consents that were read."""
CONSENT_LABELS = {
    ConsentKind.LISTED: _l("To be listed in the public directory"),
    ConsentKind.CONTACT_SHARED: _l("To give visitors the contact"),
    ConsentKind.ABROAD: _l("To have it read and kept abroad"),
}

PRECISION_LABELS = {
    Precision.CITY: _l("The city only"),
    Precision.ADDRESS: _l("The whole address, beside the contact person"),
}

MOVE_WORDS = {
    "submit": _l("You sent the application."),
    "take": _l("We began to check it."),
    "ask_for_changes": _l("We asked you for changes."),
    "hold": _l("We wait for information from elsewhere."),
    "resume": _l("We went on checking it."),
    "recommend": _l("We finished checking it."),
    "send_back": _l("We check something once more."),
    "approve": _l("The application was approved."),
    "reject": _l("The application was not approved."),
    "put_aside_as_spam": _l("The application was closed."),
    "mark_duplicate": _l("The application was closed: the organisation has another application or entry."),
    "reopen": _l("We opened the application again."),
    "appeal": _l("You asked us to look at the decision again."),
    "withdraw": _l("You withdrew the application."),
    "lapse": _l("The application was closed because our questions were not answered."),
    "revive": _l("The application was opened again for your answers."),
    "expire": _l("The draft was closed because it was not sent in time."),
}
"""What the applicant reads in the history, for each move of the table."""
