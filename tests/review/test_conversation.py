"""Notes with their readers, and messages to the applicant, at the desk."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications.models import Interest, Message, Note, Person, Point
from directory.applications.states import PointCode, State
from directory.applications.vocab import Visibility
from directory.audit import AuditEvent, AuditValue
from directory.db import db
from directory.errors import NotAllowed, WrongStatus
from directory.mail import OutboxLetter
from directory.review import conversation, services
from directory.review.dossier import get_dossier
from directory.review.vocab import readable_notes
from tests.page import Visitor
from tests.review.cases import STATUS_URL, add_account, add_application

SignIn = Callable[..., Visitor]
CASE = "/en/staff/applications/"
SECRET = "For approvers: the signatory is under a cloud."


def _events(session: Session) -> list[tuple[str, dict[str, str]]]:
    rows = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence))
    return [(row.action, {value.field: value.new for value in row.values}) for row in rows]


@pytest.mark.parametrize("role", list(Role))
def test_a_note_for_approvers_reaches_nobody_else(session: Session, sign_in: SignIn, now: datetime, role: Role) -> None:
    approver, application = add_account(session, Role.APPROVER), add_application(session)
    conversation.note(session, application, by=approver, words=SECRET, visibility=Visibility.APPROVERS, now=now)
    conversation.note(session, application, by=approver, words="For all.", now=now)
    session.commit()
    clerk = sign_in(role)

    page = clerk.get(CASE + application.reference)

    reads = role in {Role.APPROVER, Role.COORDINATOR, Role.AUDITOR}
    by = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()
    dossier = get_dossier(session, application.reference, readable=readable_notes(by.roles))
    found = [note.words for note in dossier.application.notes] if dossier else []
    assert (SECRET in page.html, SECRET in found) == (reads, reads)
    assert ("For all." in page.html) == (role is not Role.ADMINISTRATOR)
    if reads:
        assert "Approvers, coordinators and auditors only" in page.texts("section.staff-only .meta")[0]
        assert "Approvers" not in page.texts("section.staff-only .meta")[1]


def test_the_record_of_such_a_note_holds_no_words(session: Session, sign_in: SignIn, now: datetime) -> None:
    approver, application = add_account(session, Role.APPROVER), add_application(session)

    conversation.note(session, application, by=approver, words=SECRET, visibility=Visibility.APPROVERS, now=now)
    session.commit()

    ((action, values),) = _events(session)
    assert (action, sorted(values), values["visibility"]) == ("application.note", ["sha256", "visibility"], '"approvers"')
    assert SECRET not in sign_in(Role.ADMINISTRATOR).get("/en/staff/audit").html


@pytest.mark.parametrize(
    ("role", "may"), [(Role.REVIEWER, False), (Role.APPROVER, True), (Role.COORDINATOR, True), (Role.AUDITOR, False)]
)
def test_who_writes_notes_for_approvers(session: Session, sign_in: SignIn, now: datetime, role: Role, may: bool) -> None:
    application, clerk = add_application(session), sign_in(role)
    by = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()

    page = clerk.get(CASE + application.reference)
    clerk.post(f"{CASE}{application.reference}/note", {"note-words": SECRET, "note-visibility": "approvers"})

    asks = bool(page.select("form[action$='/note'] [name=note-visibility]"))
    kept = session.scalars(select(Note.visibility)).all()
    assert asks == may
    assert kept == ([Visibility.APPROVERS] if may else [Visibility.STAFF] if role is Role.REVIEWER else [])
    if not may:
        with pytest.raises(NotAllowed):
            conversation.note(session, application, by=by, words=SECRET, visibility=Visibility.APPROVERS, now=now)


def test_a_note_is_for_all_who_read_unless_said_otherwise(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session), sign_in(Role.APPROVER)

    page = clerk.get(CASE + application.reference)
    clerk.submit(page, {"note-words": "Hm."}, css="form[action$='/note']")
    odd = clerk.submit(page, {"note-words": "Hm.", "note-visibility": "applicant"}, css="form[action$='/note']")

    assert session.scalars(select(Note.visibility)).all() == [Visibility.STAFF]
    assert (odd.status, list(odd.errors)) == (422, ["note-visibility"])
    assert readable_notes(frozenset({Role.ADMINISTRATOR})) == frozenset()


def test_message_shows_the_letter_first_and_is_part_of_the_case(
    session: Session, sign_in: SignIn, letters: Callable[[], list[OutboxLetter]]
) -> None:
    application, clerk = (
        add_application(session, state=State.IN_REVIEW, locale="en"),
        sign_in(Role.APPROVER, email="anna@staff.example"),
    )
    version = application.version
    page = clerk.get(f"{CASE}{application.reference}/message")
    empty = clerk.submit(page, {"do": "confirm"})

    preview = clerk.submit(page, {"message-words": "We look into <it>.", "do": "preview"})
    before = letters()
    done = clerk.submit(preview, {"do": "confirm"})

    assert (empty.status, empty.errors, before) == (422, {"message-words": "Please write your message."}, [])
    shown = preview.select(".letter")[0].get_text().strip()
    (letter,) = letters()
    assert (letter.body.strip(), letter.recipient, letter.template) == (shown, application.email, "application_message")
    assert "We look into <it>." in shown
    assert f"/en/apply/{application.token}/status" in shown
    assert done.texts(".with-applicant .talk strong") == ["anna@staff.example wrote to the applicant"]
    assert done.texts(".with-applicant .talk .quote") == ["We look into <it>."]
    assert "We look into" not in done.select("section.staff-only")[0].get_text()
    session.expire_all()
    assert (application.state, application.version) == (State.IN_REVIEW, version)
    assert [action for action, _values in _events(session)] == ["application.message"]


def test_message_says_who_gets_a_copy(session: Session, sign_in: SignIn, now: datetime) -> None:
    application, clerk = add_application(session, locale="en"), sign_in(Role.REVIEWER)
    for number, email in enumerate((application.email, "bo@verein.example"), 1):
        application.people.append(Person(number=number, name="", email=email, proved_at=now, wants_copies=True, added_at=now))
    session.commit()

    page = clerk.get(f"{CASE}{application.reference}/message")
    shown = clerk.submit(page, {"message-words": "Good day.", "do": "preview"})

    assert shown.texts("section[aria-labelledby=effect] li") == [
        "The state of the application stays as it is.",
        "A copy goes to a colleague of theirs: bo@verein.example",
    ]


def test_message_goes_in_the_frame_of_the_applicants_language(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, locale="de")

    letter = conversation.letter_of_message(application, words="Guten Tag.", status_url=STATUS_URL)

    assert letter.locale == "de"
    assert "Guten Tag." in letter.body
    assert by.id


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.REVIEWER, 303), (Role.APPROVER, 303), (Role.COORDINATOR, 303), (Role.AUDITOR, 403), (Role.ADMINISTRATOR, 403)],
)
def test_who_writes_to_the_applicant(session: Session, sign_in: SignIn, now: datetime, role: Role, status: int) -> None:
    application, clerk = add_application(session), sign_in(role)
    by = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()

    path = f"{CASE}{application.reference}/message"

    unseen = clerk.post(path, {"message-words": "Hello.", "do": "confirm"})
    nothing = session.scalars(select(Message)).all()
    sent = clerk.submit(unseen, {"do": "confirm"}, follow=False) if status == 303 else unseen

    assert (unseen.status, nothing) == (200 if status == 303 else status, [])
    assert sent.status == status
    if status == 403:
        with pytest.raises(NotAllowed):
            conversation.send(session, application, by=by, words="Hello.", status_url=STATUS_URL, seen="1.0", now=now)


@pytest.mark.parametrize("state", [State.APPROVED, State.REJECTED, State.WITHDRAWN, State.LAPSED, State.DUPLICATE])
def test_nobody_writes_from_a_closed_case(session: Session, sign_in: SignIn, now: datetime, state: State) -> None:
    application, clerk = add_application(session, state=state), sign_in(Role.REVIEWER)

    page = clerk.get(f"{CASE}{application.reference}/message")
    late = clerk.post(f"{CASE}{application.reference}/message", {"message-words": "Hello there.", "do": "confirm"})

    assert page.select("main form") == []
    assert (late.status, "Hello there." in late.text) == (409, True)
    assert session.scalars(select(Message)).all() == []
    with pytest.raises(WrongStatus):
        by = add_account(session, Role.REVIEWER)
        conversation.send(session, application, by=by, words="Hello.", status_url=STATUS_URL, seen="1.0", now=now)


def test_a_message_sent_twice_goes_once(session: Session, now: datetime, letters: Callable[[], list[OutboxLetter]]) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)

    for _ in range(2):
        conversation.send(session, application, by=by, words="Hello.", status_url=STATUS_URL, seen="1.0", now=now)
        session.commit()

    assert (len(application.messages), len(letters())) == (1, 1)


@pytest.mark.parametrize("what", ["applicant", "colleague", "move"])
def test_a_message_waits_where_something_came_meanwhile(session: Session, sign_in: SignIn, now: datetime, what: str) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW, locale="en"), sign_in(Role.REVIEWER)
    other = add_account(session, Role.COORDINATOR)
    page = clerk.get(f"{CASE}{application.reference}/message")
    preview = clerk.submit(page, {"message-words": "Please send the extract.", "do": "preview"})
    if what == "move":
        until, seen = now.date() + timedelta(days=9), application.version
        services.hold(session, application, by=other, until=until, reason="The register.", seen_version=seen, now=now)
    else:
        writer: dict[str, int] = {"person": 1} if what == "applicant" else {"by_id": other.id}
        application.messages.append(Message(**writer, at=now, words="Here is the extract."))
    session.commit()
    had = len(session.scalars(select(Message)).all())

    told = clerk.submit(preview, {"do": "confirm"})
    kept = len(session.scalars(select(Message)).all())
    clerk.submit(told, {"do": "confirm"})

    assert (told.status, list(told.errors), told.form()["message-words"]) == (409, ["form"], "Please send the extract.")
    assert kept == had
    assert session.scalars(select(Message.words).order_by(Message.id.desc())).first() == "Please send the extract."


def test_reasons_stand_in_both_languages(session: Session, sign_in: SignIn, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, locale="de")
    application.points.append(Point(code=PointCode.MISSING, asked_by_id=by.id, asked_at=now))
    session.commit()
    clerk = sign_in(Role.AUDITOR)

    english, german = (clerk.get(f"/{tag}/staff/applications/{application.reference}") for tag in ("en", "de"))

    assert "Something is missing here." in english.texts(".talk")[0]
    assert "Hier fehlt etwas." in english.texts(".talk [lang=de]")
    assert "As the applicant reads it:" not in german.html
    assert german.texts(".talk [lang=de]") == []


def test_case_costs_the_same_for_few_and_for_many_words(session: Session, sign_in: SignIn, now: datetime) -> None:
    clerk, counts = sign_in(Role.COORDINATOR), []
    for number in (1, 4):
        application = add_application(session)
        for n in range(number):
            by, at = add_account(session, Role.REVIEWER), now + timedelta(hours=n)
            application.notes.append(Note(by_id=by.id, at=at, words="x"))
            application.messages.append(Message(by_id=by.id, at=at, words="x"))
            application.points.append(Point(code=PointCode.MISSING, asked_by_id=by.id, asked_at=at))
        session.commit()
        clerk.get(CASE + application.reference)
        statements: list[str] = []

        def note(*args: object, seen: list[str] = statements) -> None:
            seen.append(str(args[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        clerk.get(CASE + application.reference)
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert session.scalars(select(AuditValue)).all() == []


def test_a_message_changed_after_it_was_shown_is_shown_again(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW, locale="en"), sign_in(Role.REVIEWER)
    preview = clerk.submit(
        clerk.get(f"{CASE}{application.reference}/message"), {"message-words": "Please send it.", "do": "preview"}
    )

    told = clerk.submit(preview, {"message-words": "Please send it soon.", "do": "confirm"})
    before = session.scalars(select(Message)).all()
    clerk.submit(told, {"do": "confirm"})

    assert (told.status, list(told.errors), before) == (422, ["form"], [])
    assert session.scalars(select(Message.words)).all() == ["Please send it soon."]


def test_who_is_bound_is_told_before_and_loses_no_words(session: Session, sign_in: SignIn, now: datetime) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW), sign_in(Role.REVIEWER)
    open_tab = clerk.get(f"{CASE}{application.reference}/message")
    by = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()
    application.interests.append(Interest(account_id=by.id, words="My cousin works there.", declared_at=now))
    session.commit()

    page = clerk.get(f"{CASE}{application.reference}/message")
    late = clerk.submit(open_tab, {"message-words": "Hello there.", "do": "preview"})

    assert (page.status, page.select("main form"), len(page.select(".notice-warning"))) == (200, [], 1)
    assert (late.status, late.texts("blockquote")) == (403, ["Hello there."])


def test_what_came_between_beginning_and_looking_is_noticed(session: Session, sign_in: SignIn, now: datetime) -> None:
    application, clerk = add_application(session, state=State.IN_REVIEW, locale="en"), sign_in(Role.REVIEWER)
    page = clerk.get(f"{CASE}{application.reference}/message")
    application.messages.append(Message(person=1, at=now, words="Here it is."))
    session.commit()

    preview = clerk.submit(page, {"message-words": "Please send it.", "do": "preview"})
    told = clerk.submit(preview, {"do": "confirm"})

    assert (preview.status, told.status) == (200, 409)
