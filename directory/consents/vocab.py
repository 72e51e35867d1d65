"""The consents that are asked for, each by itself."""

from enum import StrEnum


class ConsentKind(StrEnum):
    """What is agreed to."""

    LISTED = "listed"
    CONTACT_SHARED = "contact_shared"
    ABROAD = "abroad"


NECESSARY = (ConsentKind.LISTED, ConsentKind.ABROAD)
"""Without these there can be no public entry; the page that asks says so, and why (docs/decisions/0012)."""
