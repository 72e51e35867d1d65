"""Facts that a source stands for: those that name an offering, and the one that says a founding member's place.

Stored facts and those of a NewMember name an offering by its number; a record names it by its place in the record.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from directory.members.entry import NewMember, NewSource
from directory.members.flaws import Flaw, Flawed

ANNOUNCEMENT = "announcement"
ENTRY = "entry"
OFFERING_FACT = re.compile(r"offering-([1-9][0-9]{0,5})")
NAMED_FACT = re.compile(r"named in the announcement of ([0-9]{4}-[0-9]{2}-[0-9]{2})(?:, place ([1-9][0-9]{0,5}))?")


def offering_fact(number: int) -> str:
    """Return the fact of a source that an offering comes from."""
    return f"offering-{number}"


def offering_number(fact: str) -> int | None:
    """Return the number that a fact names an offering by, or None where it is about something else."""
    match = OFFERING_FACT.fullmatch(fact)
    return int(match[1]) if match else None


def renumbered(sources: Iterable[NewSource], number: Callable[[int], int | None]) -> tuple[NewSource, ...]:
    """Return sources whose offerings carry other numbers. number: gives the new one, or None to leave the source out."""
    found = []
    for source in sources:
        old = offering_number(source.fact)
        if old is None:
            found.append(source)
        elif (new := number(old)) is not None:
            found.append(replace(source, fact=offering_fact(new)))
    return tuple(found)


def with_places(new: NewMember) -> tuple[NewSource, ...]:
    """Return an entry's sources as a record has them: an offering named by its place."""
    places = {offering.number: place for place, offering in enumerate(new.offerings, 1) if offering.number is not None}
    return renumbered(new.sources, places.get)


def named_fact(new: NewMember, sources: Iterable[NewSource]) -> list[NewSource]:
    """Return sources as a record has them: the announcement's says when it named the member, and in which place."""
    found = list(sources)
    if new.named_on is None:
        return found
    fact = f"named in the announcement of {new.named_on.isoformat()}"
    if new.named_order is not None:
        fact += f", place {new.named_order}"
    for place, source in enumerate(found):
        if source.fact == ANNOUNCEMENT:
            found[place] = replace(source, fact=fact)
            return found
    raise Flawed("sources", Flaw.NO_ANNOUNCEMENT)


def parse_named(sources: Iterable[NewSource]) -> tuple[tuple[NewSource, ...], date | None, int | None]:
    """Return a record's sources as they are stored, with the date and place at which the announcement named the member."""
    found: list[NewSource] = []
    named_on, order = None, None
    for source in sources:
        match = NAMED_FACT.fullmatch(source.fact)
        if match is None:
            found.append(source)
            continue
        if named_on is not None or any(s.fact == ANNOUNCEMENT for s in found):
            raise Flawed("sources", Flaw.ANNOUNCED_TWICE)
        try:
            named_on = date.fromisoformat(match[1])
        except ValueError as error:
            raise Flawed("sources", Flaw.NO_DATE, value=match[1]) from error
        order = int(match[2]) if match[2] else None
        found.append(replace(source, fact=ANNOUNCEMENT))
    return tuple(found), named_on, order
