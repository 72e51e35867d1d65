"""Closed lists of the desk."""

from enum import StrEnum

from directory.accounts.models import Role

MAY_WRITE = frozenset({Role.REVIEWER, Role.APPROVER, Role.COORDINATOR})
"""Roles that work on applications; auditor and administrator read."""


class CheckItem(StrEnum):
    """What a reviewer looks at before recommending a decision."""

    IDENTITY = "identity"
    AUTHORITY = "authority"
    CONTACT = "contact"
    SCOPE = "scope"
    TEXTS = "texts"
    DUPLICATES = "duplicates"


class CheckResult(StrEnum):
    """What was found of one item."""

    FINE = "fine"
    DOUBT = "doubt"
    NOT_NEEDED = "not_needed"


class Recommendation(StrEnum):
    """What a reviewer recommends."""

    APPROVE = "approve"
    REJECT = "reject"
