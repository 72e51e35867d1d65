"""Closed lists of the desk."""

from enum import StrEnum

from directory.accounts.models import Role
from directory.applications.vocab import Visibility

MAY_WRITE = frozenset({Role.REVIEWER, Role.APPROVER, Role.COORDINATOR})
"""Roles that work on applications; auditor and administrator read."""

NOTE_READERS = {
    Visibility.STAFF: frozenset({Role.REVIEWER, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR}),
    Visibility.APPROVERS: frozenset({Role.APPROVER, Role.COORDINATOR, Role.AUDITOR}),
}
"""Roles that read each kind of note; what is meant for approvers is kept from who only reviews."""


def readable_notes(roles: frozenset[Role]) -> frozenset[Visibility]:
    """Return which notes somebody with these roles reads."""
    return frozenset(visibility for visibility, readers in NOTE_READERS.items() if readers & roles)


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


class Back(StrEnum):
    """Why an application that staff had done with waits for them again."""

    ANSWERED = "answered"
    APPEALED = "appealed"
    REOPENED = "reopened"
