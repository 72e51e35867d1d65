"""Texts of letters with placeholders, such as {reference}: they are data, and filling them in runs nothing of them."""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.mail.models import LetterText

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BRACES = re.compile(r"\S*[{}｛｝]\S*")
_GAP = re.compile(r"\n{3,}")


class Problem(StrEnum):
    """What can be wrong with a text."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    MISSING = "missing"


def problems(text: str, *, allowed: Collection[str], needed: Collection[str] = ()) -> Iterator[tuple[Problem, str]]:
    """Yield what is wrong with the placeholders of a text, with the piece of it or the name that is meant.

    allowed: names that may stand in braces; needed: those of them that must. Any other brace is refused, wide ones too.
    """
    found = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    yield from ((Problem.UNKNOWN, name) for name in found if name not in allowed)
    broken = _BRACES.search(_PLACEHOLDER.sub(" ", text))
    if broken:
        yield Problem.MALFORMED, broken[0]
    yield from ((Problem.MISSING, name) for name in needed if name not in found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of placeholders. A line of nothing but a blank one goes, and leaves no gap."""
    lines = [line for line in text.split("\n") if not _is_blank(line, values)]
    return _PLACEHOLDER.sub(lambda found: values[found[1]], _GAP.sub("\n\n", "\n".join(lines)))


def get_newest(session: Session, template: str, locale: str) -> LetterText | None:
    """Return the newest version of a letter's text, be it edited or built in again; None where it was never edited."""
    about = select(LetterText).where(LetterText.template == template, LetterText.locale == locale)
    return session.scalar(about.order_by(LetterText.version.desc()).limit(1))


def list_newest(session: Session, locale: str | None = None) -> dict[tuple[str, str], LetterText]:
    """Return the newest version of each text by (template, locale). locale: none for all."""
    last = select(func.max(LetterText.id)).group_by(LetterText.template, LetterText.locale)
    where = [LetterText.id.in_(last), *([LetterText.locale == locale] if locale else [])]
    return {(row.template, row.locale): row for row in session.scalars(select(LetterText).where(*where))}


def list_versions(session: Session, template: str, locale: str, *, most: int) -> list[LetterText]:
    """Return the versions of a text, newest first."""
    about = select(LetterText).where(LetterText.template == template, LetterText.locale == locale)
    return list(session.scalars(about.order_by(LetterText.version.desc()).limit(most)))


def get_version(session: Session, template: str, locale: str, version: str) -> LetterText | None:
    """Return one version of a text. version: as it stands in an address; whatever names none finds none."""
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return None
    about = select(LetterText).where(LetterText.template == template, LetterText.locale == locale)
    return session.scalar(about.where(LetterText.version == int(version)))


def _is_blank(line: str, values: Mapping[str, str]) -> bool:
    found = _PLACEHOLDER.fullmatch(line.strip())
    return found is not None and not values[found[1]]
