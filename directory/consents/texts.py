"""The texts of the consents, in versions: what people saw when they agreed can be shown for ever."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from directory.config import ROOT
from directory.consents.vocab import ConsentKind
from directory.i18n.content import Shown, choose

FILE = ROOT / "directory" / "data" / "consents.json"


@dataclass(frozen=True)
class ConsentTexts:
    """One version. texts: {kind: {tag: sentence}}."""

    version: str
    published_on: date
    texts: Mapping[ConsentKind, Mapping[str, str]]

    def text(self, kind: ConsentKind, locale: str) -> Shown:
        """Return the sentence for readers of `locale`, with the language it is in."""
        shown = choose(self.texts[kind], locale)
        if shown is None:
            raise LookupError(f"consent {kind} of {self.version} has no text")
        return shown


@cache
def versions() -> tuple[ConsentTexts, ...]:
    """Return all versions, the one that is asked for today last."""
    raw = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        ConsentTexts(one["version"], date.fromisoformat(one["published_on"]), {kind: one["texts"][kind] for kind in ConsentKind})
        for one in raw["versions"]
    )


def texts_today() -> ConsentTexts:
    """Return the version that is asked for today."""
    return versions()[-1]


def texts_of(version: str) -> ConsentTexts | None:
    """Return a version by its name, or None where the file has lost it."""
    return next((one for one in versions() if one.version == version), None)


def digest(text: str) -> str:
    """Return what is kept of a sentence beside each consent: whoever changes the sentence later is found out."""
    return hashlib.sha256(text.encode()).hexdigest()
