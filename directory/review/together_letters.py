"""The letters of one question to several applicants: each shown as it will go, and open to changes for its one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request

from directory.mail import Letter
from directory.review.previews import ANEW, LetterPart, Shown, look
from directory.review.together import Chosen, Outlook


@dataclass(frozen=True)
class Told:
    """A letter of the page. part: its fields; shown: the letter as the page shows it."""

    part: LetterPart
    shown: Shown


Letters = Mapping[str, Told]
"""by reference"""


def look_at_letters(outlook: Sequence[Outlook]) -> Letters:
    """Put the letters of an outlook into fields, or what the clerk made of them, with what keeps one from going beside it."""
    return {one.application.reference: _look(one.application.reference, one.letter) for one in outlook if one.letter}


def may_go(letters: Letters) -> bool:
    """Say whether all letters were seen as they are, are confirmed, and hold what they must."""
    return all(told.shown.may_go for told in letters.values())


def is_flawed(letters: Letters) -> bool:
    """Say whether a letter lacks what it must hold; that is then said beside it."""
    return any(told.part.letter_subject.errors or told.part.letter_body.errors for told in letters.values())


def with_amendments(chosen: Sequence[Chosen], letters: Letters) -> list[Chosen]:
    """Return what was chosen, each with what the clerk made of its letter."""
    amendments = {reference: told.shown.amendment for reference, told in letters.items()}
    return [replace(one, amendment=amendments.get(one.reference)) for one in chosen]


def _look(reference: str, written: Letter) -> Told:
    part = LetterPart(prefix=f"letter-{reference}", meta={"csrf": False})
    if request.form.get(ANEW) == reference:
        part.shown.data = ""  # as if it had not been shown: it is written anew
    return Told(part, look(part, written))
