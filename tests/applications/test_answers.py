"""Answers as people read them, and the entry that they become."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from directory.applications.answers import Change, as_new_member, differences, sections
from directory.applications.todo import todos
from directory.errors import Incomplete
from directory.members.entry import NewContact, NewOffering, NewRegistration, NewSignature
from directory.members.vocab import Delivery, Direction, Fee, Kind, OrganisationType
from tests.conftest import NOW
from tests.factories import add_application, full_answers


def test_sections_hold_what_was_answered(session: Session) -> None:
    seat = full_answers()["seat"]

    (section,) = sections({"seat": seat, "organisation": {}, "offerings": {"offerings": [{}]}}, "en")

    assert (section.step, section.title) == ("seat", "Seat and registration")
    assert [(row.label, row.values, row.tag) for row in section.rows] == [
        ("Country or region", ("Serbia",), None),
        ("City", ("Београд",), None),
        ("Registration number", ("Serbia: registration number (matični broj): 07012345",), None),
    ]


def test_sections_of_nothing(session: Session) -> None:
    assert sections({}, "en") == []


def test_differences_name_each_answer_that_changed(session: Session) -> None:
    old = full_answers()
    offering = old["offerings"]["offerings"][0]
    new = full_answers(
        seat={"country": "RS", "city": "Niš"},
        offerings={"offerings": [offering | {"title": "Market entry"}, {"title": "Second", "language": "en"}]},
    )

    found = differences(old, new, "en")

    assert found == [
        Change("seat", "City", ("Београд",), ("Niš",)),
        Change("seat", "Registration number", ("Serbia: registration number (matični broj): 07012345",), ()),
        Change("offerings", "Service 1 · Name of the service", ("Market entry in Serbia",), ("Market entry",)),
        Change("offerings", "Service 2 · Name of the service", (), ("Second",)),
        Change("offerings", "Service 2 · Language of these two texts", (), ("English",)),
    ]
    assert differences(old, full_answers(), "en") == []


def test_new_member_is_made_of_the_answers(session: Session) -> None:
    application = add_application(session)

    new = as_new_member(application, today=date(2026, 12, 1))

    assert (new.kind, new.type) == (Kind.INSTITUTION, OrganisationType.ASSOCIATION)
    assert list(new.names.items()) == [("sr-Cyrl", "Привредни савез Проба"), ("en", "Proba Business Union")]
    assert (new.country, new.city, new.website, new.founded) == ("RS", "Београд", "https://proba.example", 1998)
    assert (new.languages, new.zones, new.joined_on) == (("en", "sr-Cyrl"), ("lingang",), date(2026, 12, 1))
    assert new.summaries == {"en": "We help digital enterprises in Serbia."}
    assert new.contact == NewContact("Ana Probić", "ana@proba.example", "+381111234567", "en", shown=False)
    assert new.registrations == (NewRegistration("RS-MB", "07012345"),)
    assert new.signature == NewSignature("sample-1", "en", NOW.date(), "Petar Ogledni", "President")
    assert new.offerings == (
        NewOffering(
            titles={"en": "Market entry in Serbia"},
            descriptions={"en": "Advice on the first steps."},
            category="market-entry-advisory",
            sectors=("e-commerce", "fintech"),
            serves=("CN", "DE"),
            languages=("en",),
            delivery=(Delivery.ON_SITE, Delivery.ONLINE),
            fee=Fee.FREE,
            direction=Direction.COMING_IN,
        ),
    )


def test_new_member_keeps_an_offerings_own_sectors(session: Session) -> None:
    offering = full_answers()["offerings"]["offerings"][0] | {"sectors": ["life-sciences"]}
    application = add_application(session, answers=full_answers(offerings={"offerings": [offering]}))

    new = as_new_member(application, today=NOW.date())

    assert new.offerings[0].sectors == ("life-sciences",)
    assert new.sectors == ("e-commerce", "fintech")


@pytest.mark.parametrize("answers", [{"seat": {"country": "RS"}}, full_answers(offerings={"offerings": [{"title": "x"}]})])
def test_new_member_is_not_made_of_half_an_application(session: Session, answers: dict[str, object]) -> None:
    with pytest.raises(Incomplete):
        as_new_member(add_application(session, answers=answers), today=NOW.date())


def test_todos_have_words_and_places(session: Session) -> None:
    missing = [("seat", "registrations"), ("offerings", "offerings-1-title"), ("names", "names-0-language"),
               ("contact", "email_proved"), ("status", "point-1"), ("status", "point-2")]  # fmt: skip

    assert [(t.step, t.label, t.anchor) for t in todos(missing)] == [
        ("seat", "Registration number", "registrations-0-value"),
        ("offerings", "Service 2: Name of the service", "offerings-1-title"),
        ("names", "Further names: row 1 is incomplete", "names-0-language"),
        ("contact", "Proof of the e-mail address: use the link that we mailed to it", "prove"),
        ("status", "Your answer to each of our points", "point-1"),
    ]
