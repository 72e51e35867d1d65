"""Passwords, codes and keys: hashing, checking, and the time step of a code. Nothing here knows of accounts."""

import hashlib
import hmac
import unicodedata
from datetime import datetime
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

STEP_SECONDS = 30
STEPS_AROUND = (-1, 0, 1)
"""A clock that is up to half a minute wrong is forgiven."""
CODE_DIGITS = 6
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password with Argon2id and a salt of its own."""
    return _HASHER.hash(_normal(password))


def is_password(password_hash: str | None, password: str) -> bool:
    """Say whether the password fits; without a hash the answer is no, after the same work."""
    try:
        return _HASHER.verify(password_hash or _no_ones_hash(), _normal(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def new_totp_secret() -> str:
    """Make a secret for an authenticator."""
    return pyotp.random_base32()


def totp_address(secret: str, *, account: str, issuer: str) -> str:
    """Return what the QR code holds: the otpauth address that authenticators read."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def find_step(secret: str | None, code: str, *, now: datetime) -> int | None:
    """Return the time step that `code` belongs to, None where it fits none near `now`.

    code: the digits as typed; spaces between them are forgiven. now: aware UTC time.
    """
    digits = "".join(code.split())
    if secret is None or len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    fitting = [here + n for n in STEPS_AROUND if hmac.compare_digest(generator.generate_otp(here + n), digits)]
    return fitting[-1] if fitting else None


def digest(key: str) -> str:
    """Return what is kept of a link's key: 128 random bits need no salt."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _normal(password: str) -> str:
    """Bring the same password typed on different machines into one form."""
    return unicodedata.normalize("NFC", password)


@cache
def _no_ones_hash() -> str:
    return _HASHER.hash(new_totp_secret())
