"""The texts of the consents, in versions: what people saw when they agreed can be shown for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from directory.consents.vocab import ConsentKind
from directory.i18n.content import Shown, choose
from directory.initiative.models import in_force
from directory.initiative.queries import consent_data


@dataclass(frozen=True)
class ConsentTexts:
    """One version. published_on: the first day on which it is asked for; texts: {kind: {tag: sentence}}."""

    version: str
    published_on: date
    texts: Mapping[ConsentKind, Mapping[str, str]]

    def text(self, kind: ConsentKind, locale: str) -> Shown:
        """Return the sentence for readers of `locale`, with the language it is in."""
        shown = choose(self.texts[kind], locale)
        if shown is None:
            raise LookupError(f"consent {kind} of {self.version} has no text")
        return shown


def versions() -> tuple[ConsentTexts, ...]:
    """Return all versions, the newest last."""
    return tuple(
        ConsentTexts(one["version"], date.fromisoformat(one["published_on"]), {kind: one["texts"][kind] for kind in ConsentKind})
        for one in consent_data()["versions"]
    )


def texts_today() -> ConsentTexts:
    """Return the version that is asked for today (UTC)."""
    return in_force(versions(), datetime.now(UTC).date())


def texts_of(version: str) -> ConsentTexts | None:
    """Return a version by its name, or None where there is none of it."""
    return next((one for one in versions() if one.version == version), None)


def digest(text: str) -> str:
    """Return what is kept of a sentence beside each consent: whoever changes the sentence later is found out."""
    return hashlib.sha256(text.encode()).hexdigest()
