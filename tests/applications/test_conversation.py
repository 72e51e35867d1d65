"""The conversation on the status page: what the applicant reads, and writes to staff."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import audit
from directory.accounts.models import Account
from directory.applications import conversation, retention, unsaved
from directory.applications.conversation import MOST_A_DAY, OPEN_TO_WORDS, Said
from directory.applications.models import Application, Message, MoveMade, Note, Point, Translation
from directory.applications.states import PointCode, State
from directory.applications.vocab import Visibility
from directory.audit import AuditEvent, AuditValue
from directory.errors import NotAllowed, WrongStatus
from directory.mail import OutboxLetter
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application
from tests.page import Visitor

FORM = "form[action$='/messages']"
WORDS = "May we send <the proof> later?"


def _clerk(session: Session) -> Account:
    clerk = Account(email="clerk@staff.example", name="Clara Clerk", created_at=NOW)
    session.add(clerk)
    session.flush()
    return clerk


def _write(session: Session, application: Application, words: str = WORDS, **changes: object) -> None:
    values = {"desk_url": "http://site.example/desk", "staff_mail": "staff@site.example", "person": 1, "now": NOW}
    conversation.write(session, application, words=words, **values | changes)
    session.commit()


def _actions(session: Session) -> list[tuple[str, str | None]]:
    return [
        tuple(row) for row in session.execute(sa.select(AuditEvent.action, AuditEvent.actor_id).order_by(AuditEvent.sequence))
    ]


def test_message_is_kept_recorded_shown_and_told_to_staff(
    app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    version, browser = application.version, open_browser(app, application)
    page = browser.get(address_of(application, "status"))

    done = browser.submit(page, {"message-words": WORDS}, css=FORM)

    session.expire_all()
    assert "Your message has reached us." in done.text
    assert [text.partition(" · ")[0] for text in done.texts(".talk .meta")] == ["You wrote"]
    assert done.texts(".talk .quote") == [WORDS]
    assert [(one.words, one.person, one.by_id) for one in application.messages] == [(WORDS, 1, None)]
    assert (application.state, application.version) == (State.IN_REVIEW, version)
    assert _actions(session) == [("application.write", application.reference)]
    (letter,) = letters()
    assert (letter.template, letter.locale, letter.subject_id) == ("application_written", "en", application.reference)
    assert WORDS in letter.body
    assert f"/en/staff/applications/{application.reference}" in letter.body


@pytest.mark.parametrize("state", list(State))
def test_one_can_write_while_the_application_is_open(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)
    browser = open_browser(app, application)

    page = browser.get(address_of(application, "status"))
    sent = browser.post(address_of(application, "messages"), {"message-words": WORDS}, follow=True)

    session.expire_all()
    can = state in OPEN_TO_WORDS
    assert (bool(page.select(FORM)), len(application.messages)) == (can, int(can))
    if not can:
        assert "nothing can be written to us here" in sent.text
        assert sent.texts("#unsaved .quote") == [WORDS]
        with pytest.raises(WrongStatus):
            _write(session, application)


def test_an_empty_or_endless_message_is_refused_with_what_was_typed(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    browser = open_browser(app, application)
    page = browser.get(address_of(application, "status"))

    empty = browser.submit(page, {"message-words": " "}, css=FORM)
    long = browser.submit(page, {"message-words": "x" * 4001}, css=FORM)

    assert (empty.status, empty.errors) == (422, {"message-words": "Please write your message."})
    assert (long.status, long.form(FORM)["message-words"]) == (422, "x" * 4001)
    session.expire_all()
    assert application.messages == []


def test_answers_to_points_are_safe_beside_a_message_that_is_refused(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    point = Point(code=PointCode.OTHER, words="Which?", asked_by_id=_clerk(session).id, asked_at=NOW, answer="Half an answer")
    application.points.append(point)
    session.commit()
    browser = open_browser(app, application)

    page = browser.post(address_of(application, "messages"), {"message-words": ""})

    assert page.form("form[action$='/answers']")[f"point-{point.id}"] == "Half an answer"


def test_another_browser_reads_and_writes_nothing(app: Flask, session: Session, page: Visitor) -> None:
    application = add_application(session, state=State.IN_REVIEW)

    got = page.post(address_of(application, "messages"), {"message-words": WORDS})

    session.expire_all()
    assert (got.status, application.messages) == (404, [])
    assert [(one.page, one.fields) for one in unsaved.find_all(session, application, now=NOW)] == [
        ("message", {"message-words": [WORDS]})
    ]


def test_a_button_pressed_twice_sends_once(session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session, state=State.IN_REVIEW)

    _write(session, application)
    _write(session, application)
    _write(session, application, person=2)

    assert [one.person for one in application.messages] == [1, 2]
    assert len(letters()) == 2


def test_staff_are_not_flooded(app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    for number in range(MOST_A_DAY):
        _write(session, application, f"No. {number}")

    with pytest.raises(NotAllowed):
        _write(session, application, "One more")
    session.rollback()
    _write(session, application, "Next day", now=NOW + timedelta(days=1, minutes=1))

    assert len(letters()) == MOST_A_DAY + 1


def test_too_many_messages_keep_what_was_typed(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    later = NOW + timedelta(days=36500)
    application.messages = [Message(person=1, at=later, words=f"No. {n}") for n in range(MOST_A_DAY)]
    session.commit()

    page = open_browser(app, application).post(address_of(application, "messages"), {"message-words": WORDS})

    assert page.status == 422
    assert page.errors["message-words"].startswith("You have written to us very often within a day.")
    assert page.form(FORM)["message-words"] == WORDS


def _long_talk(session: Session) -> Application:
    """Store an application about which all kinds of things were said, in no order."""
    application = add_application(session, state=State.IN_REVIEW, appeal="You overlooked our entry.")
    clerk = _clerk(session)
    hours = [NOW + timedelta(hours=n) for n in range(6)]
    application.moves.append(MoveMade(name="appeal", source=State.REJECTED, target=State.IN_REVIEW, at=hours[4]))
    application.messages = [
        Message(by_id=clerk.id, at=hours[3], words="Thank you."),
        Message(person=1, at=hours[1], words="We are looking for it."),
    ]
    asked = {"asked_by_id": clerk.id, "asked_at": hours[0]}
    application.points = [
        Point(step="seat", code=PointCode.MISSING, words="Which register?", answer="Bremen.", answered_at=hours[2], **asked),
        Point(code=PointCode.UNCLEAR, answer="Clear now.", answered_at=hours[2], **asked),
    ]
    application.notes = [
        Note(by_id=clerk.id, at=hours[2], words="Between us", visibility=visibility) for visibility in Visibility
    ]
    application.translations = [
        Translation(place="appeal", tag="en", text="Between us too", source_digest="x", by_id=clerk.id, at=hours[5])
    ]
    session.commit()
    return application


def test_everything_stands_in_the_order_of_time(session: Session) -> None:
    application = _long_talk(session)

    found = [(entry.said, entry.by is not None, [n for n, _ in entry.points]) for entry in conversation.entries(application)]

    assert found == [
        (Said.ASKED, True, [1, 2]), (Said.MESSAGE, False, []), (Said.ANSWERED, False, [1, 2]), (Said.MESSAGE, True, []),
        (Said.APPEAL, False, []),
    ]  # fmt: skip


def test_status_page_shows_the_conversation_and_nothing_of_staff(app: Flask, session: Session) -> None:
    application = _long_talk(session)

    page = open_browser(app, application).get(address_of(application, "status"))

    assert [text.partition(" · ")[0] for text in page.texts(".talk .meta")] == [
        "The association asked", "You wrote", "You answered", "The association wrote", "You asked us to look again",
    ]  # fmt: skip
    assert page.texts(".talk .quote") == [
        "Which register?", "We are looking for it.", "Bremen.", "Clear now.", "Thank you.", "You overlooked our entry.",
    ]  # fmt: skip
    assert not any(word in page.html for word in ("Between us", "Clara", "clerk@staff.example"))


def test_open_points_stand_in_their_form_alone(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.CHANGES_REQUESTED)
    application.points.append(Point(code=PointCode.OTHER, words="Which?", asked_by_id=_clerk(session).id, asked_at=NOW))
    session.commit()

    page = open_browser(app, application).get(address_of(application, "status"))

    assert page.text.count("Which?") == 1


def test_own_data_holds_the_messages_and_no_translation(app: Flask, session: Session) -> None:
    application = _long_talk(session)

    answer = open_browser(app, application).client.get(address_of(application, "export"))

    kept = json.loads(answer.data)
    assert [(one["from"], one["person"], one["words"]) for one in kept["messages"]] == [
        ("association", None, "Thank you."), ("applicant", 1, "We are looking for it."),
    ]  # fmt: skip
    assert "Between us" not in answer.get_data(as_text=True)


def test_retention_takes_messages_and_translations_with_it(session: Session) -> None:
    application = _long_talk(session)
    _write(session, application, "One more")
    application.state = State.REJECTED
    application.rejection_code = "other"
    session.commit()

    retention.reduce(session, application, now=NOW)
    session.commit()

    assert [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Message, Translation, Note)] == [0, 0, 0]
    assert session.scalars(sa.select(AuditValue).where(AuditValue.field == "message")).all() == []
    assert audit.verify(session).broken is None


def test_a_removed_application_takes_them_along(session: Session) -> None:
    application = _long_talk(session)
    application.state = State.EXPIRED
    session.commit()

    retention.remove(session, application, now=NOW)
    session.commit()

    assert [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Message, Translation, Note)] == [0, 0, 0]


@pytest.mark.parametrize("writers", [{"by_id": None, "person": None}, {"by_id": 1, "person": 1}])
def test_a_message_has_one_writer(session: Session, writers: dict[str, int | None]) -> None:
    application, clerk = add_application(session), _clerk(session)
    by = {"by_id": clerk.id if writers["by_id"] else None, "person": writers["person"]}
    session.add(Message(application_id=application.id, at=NOW, words="x", **by))

    with pytest.raises(sa.exc.IntegrityError):
        session.commit()
