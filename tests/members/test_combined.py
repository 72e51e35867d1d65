"""What an entry takes over from a duplicate of it."""

from dataclasses import replace
from datetime import date

from directory.members.combined import combine
from directory.members.entry import AlternateName, NewContact, NewRegistration, NewSignature, NewSource
from directory.members.vocab import NameKind
from tests.factories import new_member, new_offering


def _stays(**changes):
    return new_member(names={"en": "Proba Union"}, city="Belgrade", offerings=(new_offering(number=1),), **changes)


def test_its_own_facts_stay():
    entry = replace(
        _stays(), contact=NewContact("Ana"), signature=NewSignature("sample-1", "en", date(2026, 6, 1), certificate="C-1")
    )
    other = new_member(
        names={"en": "Proba Union"}, city="Niš", website="other.example", contact=NewContact("Eva"),
        signature=NewSignature("sample-1", "en", date(2026, 7, 1), certificate="C-2"), joined_on=date(2026, 7, 1),
    )  # fmt: skip

    assert combine(entry, other, offerings=(), used=1) == entry


def test_names_that_it_has_not_come_after_its_own():
    entry = _stays(alternate_names=(AlternateName("en", "PU", NameKind.SHORT),))
    other = new_member(
        names={"sr-Cyrl": "Савез Проба", "en": "PROBA UNION"},
        alternate_names=(AlternateName("en", "pu", NameKind.SHORT), AlternateName("sr-Latn", "Savez Proba", NameKind.SCRIPT)),
    )

    assert combine(entry, other, offerings=(), used=1).alternate_names == (
        AlternateName("en", "PU", NameKind.SHORT),
        AlternateName("sr-Cyrl", "Савез Проба", NameKind.FORMER),
        AlternateName("sr-Latn", "Savez Proba", NameKind.SCRIPT),
    )


def test_numbers_are_the_same_however_they_are_written():
    entry = _stays(registrations=(NewRegistration("RS-MB", "0701 2345"),))
    other = new_member(registrations=(NewRegistration("RS-MB", "07012345"), NewRegistration("VAT", "07012345", date(2026, 1, 1))))

    assert combine(entry, other, offerings=(), used=1).registrations == (
        NewRegistration("RS-MB", "0701 2345"),
        NewRegistration("VAT", "07012345", date(2026, 1, 1)),
    )


def test_chosen_offerings_are_new_ones_and_bring_their_sources():
    other = new_member(
        offerings=(new_offering(number=1), new_offering(titles={"en": "Second"}, number=2)),
        sources=(
            NewSource("offering-1", "https://x.example/1"),
            NewSource("offering-2", "https://x.example/2"),
            NewSource("entry", "https://x.example/"),
        ),
    )

    found = combine(_stays(), other, offerings=(2,), used=4)

    assert [(one.number, one.titles) for one in found.offerings] == [
        (1, {"en": "Help with trade documents"}),
        (5, {"en": "Second"}),
    ]
    assert found.sources == (NewSource("offering-5", "https://x.example/2"),)


def test_what_it_has_not_at_all_it_takes_over():
    signature = NewSignature("sample-1", "en", date(2026, 7, 1), "Petar", "President", "C-2")
    other = new_member(signature=signature, joined_on=date(2026, 7, 1), contact=NewContact("Eva"))

    found = combine(_stays(joined_on=None), other, offerings=(), used=1)

    assert (found.signature, found.joined_on, found.contact) == (signature, date(2026, 7, 1), NewContact("Eva"))
