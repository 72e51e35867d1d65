"""Rules of sign-in: how long a failure makes wait, what a password must be."""

from datetime import timedelta

from directory.accounts.models import PASSWORD_MAX, PASSWORD_MIN
from directory.errors import Invalid

SESSION_TIME = timedelta(hours=8)
RESET_PAUSE = timedelta(minutes=5)
"""No second letter goes to one address within this time, whoever asks for it."""
FREE_FAILURES = 2
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)


def wait_after(failures: int) -> timedelta:
    """Return how long nothing is looked at after so many failures in a row: a slip is free, then it doubles."""
    if failures <= FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def require_password(password: str, *, email: str) -> None:
    """Raise Invalid("password", …) where it is too short, too long, or just the mail address."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid("password", "length")
    if password.strip().lower() == email:
        raise Invalid("password", "is_address")
