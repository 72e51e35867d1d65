"""Closed lists of a member's entry, with the words that pages show for them."""

from enum import StrEnum

from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp


class Kind(StrEnum):
    """The two kinds of member."""

    INSTITUTION = "institution"
    ENTERPRISE = "enterprise"


class OrganisationType(StrEnum):
    """The finer kind."""

    CHAMBER = "chamber"
    AGENCY = "agency"
    ASSOCIATION = "association"
    DEVELOPMENT_GROUP = "development-group"
    PUBLIC_BODY = "public-body"
    INTERNATIONAL_ORGANISATION = "international-organisation"
    UNIVERSITY = "university"
    ENTERPRISE = "enterprise"
    OTHER = "other"


class MarkKind(StrEnum):
    """What an organisation can be told by."""

    NAME = "name"
    WEBSITE = "website"
    REGISTRATION = "registration"


class NameKind(StrEnum):
    """What a name is to its organisation. The interchange format keeps the first two in `names`."""

    OFFICIAL = "official"
    TRANSLATION = "translation"
    SHORT = "short"
    FORMER = "former"
    SCRIPT = "script"


class Delivery(StrEnum):
    """How an offering reaches its user."""

    ONLINE = "online"
    ON_SITE = "on-site"


class Fee(StrEnum):
    """What an offering costs."""

    FREE = "free"
    MEMBERS = "members"
    PAID = "paid"


class Direction(StrEnum):
    """Whether an offering helps enterprises going abroad, coming in, or both."""

    GOING_ABROAD = "going-abroad"
    COMING_IN = "coming-in"
    BOTH = "both"


class Standing(StrEnum):
    """What is recorded about a membership besides the dates of its terms."""

    GOOD = "good"
    SUSPENDED = "suspended"
    RESIGNED = "resigned"
    ENDED = "ended"


class TermState(StrEnum):
    """What the dates of the terms say today."""

    ACTIVE = "active"
    DUE = "due"
    GRACE = "grace"
    EXPIRED = "expired"


class TextAuthor(StrEnum):
    """Who wrote a text."""

    MEMBER = "member"
    STAFF = "staff"
    MACHINE = "machine"


OWN_WISH = "own-wish"
"""Reason of a suspension for which the organisation's own withdrawn consent is enough; too short for anybody to type."""

MERGED = "merged"
"""Reason of an end that was a merger into another member; as short as the other."""

KIND_LABELS = {
    Kind.INSTITUTION: _lp("kind of member", "Institution"),
    Kind.ENTERPRISE: _lp("kind of member", "Enterprise"),
}
TYPE_LABELS = {
    OrganisationType.CHAMBER: _l("Chamber of commerce"),
    OrganisationType.AGENCY: _l("Promotion agency"),
    OrganisationType.ASSOCIATION: _l("Business association"),
    OrganisationType.DEVELOPMENT_GROUP: _l("Park or development group"),
    OrganisationType.PUBLIC_BODY: _l("Public body"),
    OrganisationType.INTERNATIONAL_ORGANISATION: _l("International organisation"),
    OrganisationType.UNIVERSITY: _l("University or research institute"),
    OrganisationType.ENTERPRISE: _lp("type of organisation", "Enterprise"),
    OrganisationType.OTHER: _l("Other organisation"),
}
DELIVERY_LABELS = {
    Delivery.ONLINE: _lp("delivery of a service", "Online"),
    Delivery.ON_SITE: _lp("delivery of a service", "On site"),
}
FEE_LABELS = {
    Fee.FREE: _l("Free of charge"),
    Fee.MEMBERS: _l("Free for the organisation’s own members"),
    Fee.PAID: _l("Paid service"),
}
DIRECTION_LABELS = {
    Direction.GOING_ABROAD: _l("For enterprises going abroad"),
    Direction.COMING_IN: _l("For enterprises coming in"),
    Direction.BOTH: _l("For enterprises going abroad and coming in"),
}
STANDING_LABELS = {
    Standing.GOOD: _l("In good standing"),
    Standing.SUSPENDED: _lp("standing of a member", "Suspended"),
    Standing.RESIGNED: _lp("standing of a member", "Resigned"),
    Standing.ENDED: _lp("standing of a member", "Ended"),
}
TERM_LABELS = {
    TermState.ACTIVE: _lp("state of a term", "Active"),
    TermState.DUE: _lp("state of a term", "Due for renewal"),
    TermState.GRACE: _lp("state of a term", "In grace period"),
    TermState.EXPIRED: _lp("state of a term", "Expired"),
}
SCHEME_LABELS = {
    "AR-CUIT": _l("Argentina: tax identification code (CUIT)"),
    "CN-USCC": _l("China: unified social credit code"),
    "DE-HR": _l("Germany: commercial register (Handelsregister)"),
    "DE-VR": _l("Germany: register of associations (Vereinsregister)"),
    "ES-NIF": _l("Spain: tax identification number (NIF)"),
    "GB-COH": _l("United Kingdom: Companies House"),
    "HK-CR": _l("Hong Kong: Companies Registry"),
    "KR-BRN": _l("Korea: business registration number"),
    "RS-MB": _l("Serbia: registration number (matični broj)"),
    "RS-PIB": _l("Serbia: tax identification number (PIB)"),
    "SG-UEN": _l("Singapore: unique entity number (UEN)"),
    "LEI": _l("Legal entity identifier (LEI)"),
    "VAT": _l("VAT number"),
    "other": _l("Another register"),
}
"""Registers that an applicant can name; an entry may carry the code of any other."""
WRONG_NUMBER = {
    "AR-CUIT": _l("A CUIT has 11 digits, the last of which is a check digit. Please compare it with your certificate."),
    "CN-USCC": _l(
        "A unified social credit code has 18 digits and capital letters, the last of which is a check digit. "
        "Please compare it with your business licence."
    ),
    "DE-HR": _l("Please write court, department and number of the register, such as “Stuttgart HRB 12345”."),
    "DE-VR": _l("Please write court and number of the register, such as “Stuttgart VR 1234”."),
    "ES-NIF": _l(
        "A NIF has 9 digits and letters, the last of which is a check character. Please compare it with your certificate."
    ),
    "GB-COH": _l("A Companies House number has 8 digits, or two letters and 6 digits."),
    "HK-CR": _l("A company number of Hong Kong has 7 or 8 digits."),
    "KR-BRN": _l(
        "A Korean business registration number has 10 digits, the last of which is a check digit. "
        "Please compare it with your certificate."
    ),
    "LEI": _l(
        "A legal entity identifier has 20 letters and digits, the last two of which are check digits. "
        "Please compare it with your certificate."
    ),
    "RS-MB": _l("A matični broj has 8 digits."),
    "RS-PIB": _l("A PIB has 9 digits, the last of which is a check digit. Please compare it with your certificate."),
    "SG-UEN": _l(
        "A unique entity number has 9 or 10 digits and letters, the last of which is a check letter. "
        "Please compare it with your certificate."
    ),
    "VAT": _l("This cannot be a VAT number. Please write it with its country code, as it stands on your invoices."),
}
"""What somebody reads who typed a number that cannot be one of its register."""
