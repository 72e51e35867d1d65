"""What changed between two submissions."""

from typing import Any

from sqlalchemy.orm import Session

from directory.applications.changes import Changes, changes_between
from tests.factories import full_answers

FIRST: dict[str, Any] = full_answers()["offerings"]["offerings"][0]
SECOND = {"title": "Translation of contracts", "description": "Into six languages.", "language": "en", "category": "translation"}
THIRD = {"title": "Office space", "description": "By the month.", "language": "en"}


def _with(*offerings: dict[str, Any], **steps: Any) -> dict[str, Any]:
    return full_answers(offerings={"offerings": list(offerings)}, **steps)


def _told(changes: Changes) -> list[tuple[str, str]]:
    return [(change.title, change.label) for change in changes.answers]


def test_nothing_changed(session: Session) -> None:
    assert not changes_between(full_answers(), full_answers(), "en")


def test_answers_are_named_with_their_part_and_language(session: Session) -> None:
    changes = changes_between(
        full_answers(),
        full_answers(
            seat={"country": "RS", "city": "Niš"},
            organisation=full_answers()["organisation"] | {"summary": "Wir helfen.", "summary_language": "de"},
        ),
        "en",
    )

    assert _told(changes) == [
        ("Your organisation", "Short description"), ("Your organisation", "Language of the short description"),
        ("Seat and registration", "City"), ("Seat and registration", "Registration number"),
    ]  # fmt: skip
    assert [(change.old_tag, change.new_tag) for change in changes.answers][:2] == [("en", "de"), (None, None)]


def test_a_removed_offering_is_one_thing_however_the_others_move_up(session: Session) -> None:
    changes = changes_between(_with(FIRST, SECOND, THIRD), _with(SECOND, THIRD), "en")

    assert (changes.answers, changes.added) == ((), ())
    assert [(one.title, one.rows[0].values) for one in changes.removed] == [("Service 1", ("Market entry in Serbia",))]


def test_an_added_offering_is_one_thing(session: Session) -> None:
    changes = changes_between(_with(SECOND), _with(FIRST, SECOND), "en")

    assert (changes.answers, changes.removed, [one.title for one in changes.added]) == ((), (), ["Service 1"])


def test_an_offering_that_is_worded_anew_is_the_same_one(session: Session) -> None:
    reworded = SECOND | {"title": "Translation of all contracts"}

    changes = changes_between(_with(FIRST, SECOND), _with(reworded), "en")

    assert _told(changes) == [("Service 1", "Name of the service")]
    assert [one.title for one in changes.removed] == ["Service 1"]


def test_another_order_is_said_once(session: Session) -> None:
    changes = changes_between(_with(FIRST, SECOND), _with(SECOND, FIRST), "en")

    assert _told(changes) == [("Services you offer", "Order of the services")]
    assert (changes.added, changes.removed) == ((), ())


def test_a_step_that_came_or_went(session: Session) -> None:
    without = {step: told for step, told in full_answers().items() if step != "seat"}

    there, gone = changes_between(without, full_answers(), "en"), changes_between(full_answers(), without, "en")

    labels = [("Seat and registration", label) for label in ("Country or region", "City", "Registration number")]
    assert (_told(there), _told(gone)) == (labels, labels)
    assert all(not change.sides.old for change in there.answers)
