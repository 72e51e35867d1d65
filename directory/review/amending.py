"""Changing the actual letter of one case before it goes: what must stay in it, and what the audit keeps of it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from directory.errors import Invalid
from directory.mail import Letter, as_body, as_subject


@dataclass(frozen=True)
class Amendment:
    """A letter as a clerk changed it."""

    subject: str
    body: str


def amended(letter: Letter, amendment: Amendment | None) -> Letter:
    """Return the letter as it goes: as the clerk changed it, or as it was written where they did not.

    Raises Invalid for `letter_subject` that is blank, and for `letter_body` where it is blank or something is missing that
    must stand in it word for word; the reason is what is missing.
    """
    if amendment is None:
        return letter
    subject, body = as_subject(amendment.subject), as_body(amendment.body)
    if not subject:
        raise Invalid("letter_subject", "")
    missing = next((text for text in letter.fixed if not holds(body, text)), None)
    if missing or not body.strip():
        raise Invalid("letter_body", missing or "")
    return replace(letter, subject=subject, body=body)


def holds(body: str, text: str) -> bool:
    """Say whether a text stands in a body, wherever its lines are broken; an address that goes on is another one."""
    return re.search(re.escape(" ".join(text.split())) + "(?![A-Za-z0-9/?#&=%_-])", " ".join(body.split())) is not None


def changes_of(written: Letter, sent: Letter) -> Mapping[str, tuple[str, str]]:
    """Return what was changed in a letter, as changes for the audit: (as it was written, as it went)."""
    parts = {"letter_subject": (written.subject, sent.subject), "letter_body": (written.body, sent.body)}
    return {name: (before, after) for name, (before, after) in parts.items() if before != after}


def fingerprint(subject: str, body: str) -> str:
    """Name a letter, so that another one, or a change in it, is noticed."""
    return hashlib.sha256(f"{' '.join(subject.split())}\n{body.strip()}".encode()).hexdigest()


def is_amended(values: Mapping[str, Any]) -> bool:
    """Say whether the letter in a form that was sent is another than the one it had shown. values: cleaned, of the form."""
    shown = values.get("shown")
    return bool(shown) and fingerprint(values.get("letter_subject") or "", values.get("letter_body") or "") != shown
