"""Rules of sign-in: how long a failure makes wait, what a password must be."""

from datetime import timedelta

from directory.accounts.models import PASSWORD_MAX, PASSWORD_MIN
from directory.errors import Invalid

SESSION_TIME = timedelta(hours=8)
CONFIRMED_TIME = timedelta(minutes=15)
"""So long a password and a code, or a passkey, count for decisions and for changes of accounts."""
CHALLENGE_TIME = timedelta(minutes=5)
"""So long a passkey may take to answer."""
SESSIONS_KEPT = timedelta(days=90)
RECOVERY_CODES = 10
STRENGTH_MIN = 3
"""of zxcvbn's 0 to 4: safe against guessing that is slowed down only where the hash was stolen"""
READ_BY_ZXCVBN = 72
"""characters; the library's own limit"""
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


def is_behind(kept: int, given: int) -> bool:
    """Say whether a passkey's count did not grow, so that there may be a copy of the key. Keys that never count give 0."""
    return (kept, given) != (0, 0) and given <= kept


def require_password(password: str, *, email: str, name: str = "") -> None:
    """Raise Invalid("password", …) where it is too short, too long, just the mail address, or easily guessed.

    email, name: the person's own, which are guessed first.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid("password", "length")
    if password.strip().lower() == email:
        raise Invalid("password", "is_address")
    if _strength(password, (email, *email.split("@"), *name.split())) < STRENGTH_MIN:
        raise Invalid("password", "guessable")


def _strength(password: str, own: tuple[str, ...]) -> int:
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415 (its lists of words take 20 MB, and hardly any process sets a password)

    return int(zxcvbn(password[:READ_BY_ZXCVBN], user_inputs=list(own))["score"])
