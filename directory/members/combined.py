"""What becomes of an entry that takes over another one of the same organisation."""

from collections.abc import Collection
from dataclasses import replace

from directory.members.entry import AlternateName, NewMember, NewRegistration
from directory.members.facts import offering_number, renumbered
from directory.members.marks import fold_number
from directory.members.vocab import NameKind


def combine(entry: NewMember, other: NewMember, *, offerings: Collection[int], used: int) -> NewMember:
    """Return `entry` with what it takes over from `other`; what it says itself stays.

    Names and registration numbers that it has not come after its own, names as former ones unless they say what they are.
    So do the offerings of these numbers, each as a new one, with their sources. Signature, day of joining and contact come
    only where the entry has none. used: the highest number that one of its offerings ever had.
    """
    chosen = [offering for offering in other.offerings if offering.number in offerings]
    numbers = {offering.number or 0: used + place for place, offering in enumerate(chosen, 1)}
    theirs = [source for source in other.sources if offering_number(source.fact) in numbers]
    signature = entry.signature or other.signature
    return replace(
        entry,
        alternate_names=(*entry.alternate_names, *new_names(entry, other)),
        registrations=(*entry.registrations, *new_registrations(entry, other)),
        offerings=(*entry.offerings, *(replace(offering, number=numbers[offering.number or 0]) for offering in chosen)),
        sources=(*entry.sources, *renumbered(theirs, numbers.get)),
        signature=signature,
        joined_on=entry.joined_on or (other.joined_on if signature is not entry.signature else None),
        contact=entry.contact or other.contact,
    )


def new_names(entry: NewMember, other: NewMember) -> tuple[AlternateName, ...]:
    """Return the names of `other` that `entry` has not, whatever their case."""
    known = {name.casefold() for name in (*entry.names.values(), *(n.name for n in entry.alternate_names))}
    former = (AlternateName(tag, name, NameKind.FORMER) for tag, name in other.names.items())
    found: dict[str, AlternateName] = {}
    for one in (*former, *other.alternate_names):
        if one.name.casefold() not in known:
            found.setdefault(one.name.casefold(), one)
    return tuple(found.values())


def new_registrations(entry: NewMember, other: NewMember) -> tuple[NewRegistration, ...]:
    """Return the registration numbers of `other` that `entry` has not, however they are written."""
    known = {(row.scheme, fold_number(row.value)) for row in entry.registrations}
    return tuple(row for row in other.registrations if (row.scheme, fold_number(row.value)) not in known)
