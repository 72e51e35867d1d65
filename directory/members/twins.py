"""Who may be the organisation of a line that would be a new member: members that are there, and earlier lines of the file."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from directory.members.alike import match_of
from directory.members.candidates import Candidate, entry_marks, find_candidates_each
from directory.members.entry import NewMember


@dataclass(frozen=True)
class Twins:
    """What a clerk must compare a line with. lines: numbers of earlier lines."""

    members: tuple[Candidate, ...]
    lines: tuple[int, ...]

    @property
    def told(self) -> list[str]:
        """All of it in short, to know whether it is still the same."""
        return [*(f"{one.member.slug}: {', '.join(one.reasons)}" for one in self.members), *map(str, self.lines)]


def find_twins(session: Session, entries: Mapping[int, NewMember]) -> dict[int, Twins]:
    """Return {line: who may be the same}, of the lines that have anybody. entries: {line: a new member}."""
    candidates = find_candidates_each(session, list(entries.values()))
    marks = {line: entry_marks(new) for line, new in entries.items()}
    found = {}
    for (line, own), members in zip(marks.items(), candidates, strict=True):
        lines = tuple(other for other, theirs in marks.items() if other < line and any(match_of(mark, own) for mark in theirs))
        if members or lines:
            found[line] = Twins(tuple(members), lines)
    return found
