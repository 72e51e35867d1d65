"""Numbers of offerings: each is its own within the member and never used again."""

from collections.abc import Iterable
from dataclasses import replace

from directory.members.entry import NewMember, NewOffering
from directory.members.facts import renumbered
from directory.members.flaws import Flaw, Flawed


def number_offerings(new: NewMember, *, known: Iterable[int] = (), used: int = 0) -> NewMember:
    """Return the entry with a number on each offering, and without sources of offerings it no longer has.

    known: numbers of the member's present offerings; used: the highest it ever gave. A number that was given but is
    neither known nor new is refused: it belonged to an offering that is gone. Raises Invalid.
    """
    present = set(known)
    given = [offering.number for offering in new.offerings if offering.number is not None]
    if len(set(given)) != len(given):
        raise Flawed("offerings", Flaw.SAME_NUMBER)
    for number in given:
        if number < 1 or (number <= used and number not in present):
            raise Flawed("offerings", Flaw.BAD_NUMBER, number=number)
    following = max([used, *given], default=0)
    offerings = []
    for offering in new.offerings:
        if offering.number is None:
            following += 1
            offerings.append(replace(offering, number=following))
        else:
            offerings.append(offering)
    numbers = {offering.number for offering in offerings}
    sources = renumbered(new.sources, lambda number: number if number in numbers else None)
    return replace(new, offerings=tuple(offerings), sources=sources)


def match_offerings(new: NewMember, present: Iterable[NewOffering], *, used: int) -> NewMember:
    """Return an entry that was read from a record with the numbers its offerings already have.

    An offering is taken for a present one that is equal, else for one that has a title in common; others get new numbers.
    """
    left = {offering.number: offering for offering in present}
    found: dict[int | None, int] = {}
    for is_same in (_is_equal, _shares_title):
        for offering in new.offerings:
            match = next((n for n, old in left.items() if n is not None and is_same(offering, old)), None)
            if offering.number not in found and match is not None:
                found[offering.number] = match
                del left[match]
    for offering in new.offerings:
        if offering.number not in found:
            used += 1
            found[offering.number] = used
    offerings = tuple(replace(offering, number=found[offering.number]) for offering in new.offerings)
    return replace(new, offerings=offerings, sources=renumbered(new.sources, found.get))


def _is_equal(one: NewOffering, other: NewOffering) -> bool:
    return replace(one, number=None) == replace(other, number=None)


def _shares_title(one: NewOffering, other: NewOffering) -> bool:
    return bool(one.titles.items() & other.titles.items())
