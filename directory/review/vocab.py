"""Closed lists of the desk."""

from enum import StrEnum

from directory.accounts.models import Role

MAY_WRITE = frozenset({Role.REVIEWER, Role.APPROVER, Role.COORDINATOR})
"""Roles that work on applications; auditor and administrator read."""


class Recommendation(StrEnum):
    """What a reviewer recommends."""

    APPROVE = "approve"
    REJECT = "reject"
