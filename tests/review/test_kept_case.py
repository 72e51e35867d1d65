"""The case page is kept by all that it shows, and by nothing else: what was committed shows at the next visit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, Role
from directory.applications.models import (
    Application,
    Document,
    Interest,
    Message,
    MoveMade,
    Note,
    Person,
    Point,
    Submission,
    Translation,
)
from directory.applications.states import PointCode, State
from directory.applications.vocab import DocumentState, Purpose, Visibility
from directory.consents.vocab import ConsentKind
from directory.initiative.vocab import Subject
from directory.mail import LetterState, OutboxLetter
from directory.members.models import Member
from directory.review import conversation, interests, services
from directory.review.dossier import get_dossier
from directory.review.translations import digest
from tests.conftest import NOW
from tests.factories import add_member
from tests.initiative.setting import change_term, data_of, set_anew
from tests.members.counting import statements
from tests.page import Visitor
from tests.review.cases import add_account, add_application, answers

SignIn = Callable[..., Visitor]
Change = Callable[[Session, Application, Account], object]


def _path(application: Application, tag: str = "en") -> str:
    return f"/{tag}/staff/applications/{application.reference}"


def _document(application: Application, **changes: Any) -> Document:
    values = {
        "purpose": Purpose.REGISTRATION, "name": "extract.pdf", "type": "application/pdf", "size": 2048, "sha256": "0" * 64,
        "storage_name": f"file{len(application.documents)}", "state": DocumentState.CLEAN, "uploaded_at": NOW,
    }  # fmt: skip
    document = Document(**values | changes)
    application.documents.append(document)
    return document


def _letter(application: Application, **changes: Any) -> OutboxLetter:
    values = {
        "template": "application_received", "locale": "en", "recipient": "erika@verein.example", "subject": "It is here",
        "body": "It came.", "subject_kind": "application", "subject_id": application.reference, "next_attempt_at": NOW,
        "created_at": NOW,
    }  # fmt: skip
    return OutboxLetter(**values | changes)


def _hand_in(session: Session, **changes: Any) -> tuple[Application, Document]:
    """Store an application that was sent with a document."""
    application = add_application(session, state=State.IN_REVIEW)
    document = _document(application, **changes)
    session.flush()
    files = {"files": [{"id": document.public_id, "name": document.name, "purpose": str(document.purpose)}]}
    application.answers = {**application.answers, "documents": files}
    session.commit()
    return application, document


def _send_again(session: Session, application: Application, by: Account) -> None:
    answers = {**application.answers, "seat": {**application.answers["seat"], "city": "Emden"}}
    application.answers = answers
    application.submissions.append(Submission(number=len(application.submissions) + 1, answers=answers, at=NOW))


def _take_consent_back(session: Session, application: Application, by: Account) -> None:
    given = next(row for row in application.consents if row.kind == ConsentKind.LISTED)
    given.revoked_at = given.given_at + timedelta(hours=1)


CHANGES: dict[str, tuple[str, Change]] = {
    "note": ("Seen by all", lambda s, a, by: conversation.note(s, a, by=by, words="Seen by all.", now=NOW)),
    "message": ("wrote to the applicant", lambda _s, a, by: a.messages.append(Message(by_id=by.id, at=NOW, words="Hello."))),
    "point": (
        "Please say more",
        lambda _s, a, by: a.points.append(Point(code=PointCode.OTHER, words="Please say more.", asked_by_id=by.id, asked_at=NOW)),
    ),
    "translation": (
        "We help enterprises",
        lambda _s, a, by: a.translations.append(
            Translation(
                place="organisation.summary", tag="en", text="We help enterprises.", source_digest=digest("Wir helfen Unternehmen."),
                by_id=by.id, at=NOW,
            )
        ),
    ),
    "taken": ("Taken into review", lambda s, a, by: services.take(s, a, by=by, seen_version=a.version, now=NOW)),
    "interest": (
        "On its board",
        lambda s, a, by: interests.declare_interest(s, a, by=by, words="On its board.", seen_version=a.version, now=NOW),
    ),
    "sent again": ("Emden", _send_again),
    "consent taken back": ("taken back on", _take_consent_back),
    "letter": ("It is here", lambda s, a, _by: s.add(_letter(a))),
    "twin among members": (
        "Very likely the same organisation",
        lambda s, a, _by: add_member(s, names={"de": a.answers["organisation"]["name"]}, website=a.answers["organisation"]["website"]),
    ),
    "twin among applications": (
        "Likely the same organisation", lambda s, a, _by: add_application(s, answers=answers(organisation={"name": a.answers["organisation"]["name"]})),
    ),
    "sponsor": ("Introduced by", lambda s, a, _by: setattr(a, "sponsor", add_member(s, names={"en": "House of Introductions"}))),
    "renamed colleague": ("Renamed Person", lambda s, a, by: setattr(s.merge(by), "name", "Renamed Person")),
    "reduced": ("reduced@", lambda _s, a, _by: setattr(a, "email", "reduced@verein.example")),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_shows_at_once(session: Session, sign_in: SignIn, name: str) -> None:
    by, clerk = add_account(session, Role.REVIEWER), sign_in(Role.COORDINATOR)
    application = add_application(session, state=State.SUBMITTED, assignee=by)
    expected, change = CHANGES[name]
    before = clerk.get(_path(application))
    assert clerk.get(_path(application)).text == before.text

    change(session, application, by)
    session.commit()

    assert expected not in before.text
    assert expected in clerk.get(_path(application)).text


def test_a_document_that_is_gone_is_not_offered(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.REVIEWER)
    application, document = _hand_in(session, state=DocumentState.WAITING)
    waiting = clerk.get(_path(application))
    document.state = DocumentState.CLEAN
    session.commit()
    clean = clerk.get(_path(application))

    document.storage_name, document.removed_at = None, NOW
    session.commit()

    link = f"a[href$='{document.public_id}']"
    assert [len(page.select(link)) for page in (waiting, clean, clerk.get(_path(application)))] == [0, 1, 0]


def test_a_letter_that_went_out_says_so(session: Session, sign_in: SignIn) -> None:
    clerk, application = sign_in(Role.REVIEWER), add_application(session)
    letter = _letter(application)
    session.add(letter)
    session.commit()
    before = clerk.get(_path(application)).texts("#letters + ol .badge")

    letter.state, letter.sent_at = LetterState.SENT, NOW
    session.commit()

    assert (before, clerk.get(_path(application)).texts("#letters + ol .badge")) == (["Waiting"], ["Sent"])


def test_a_twin_that_was_decided_is_one_no_longer(session: Session, sign_in: SignIn) -> None:
    clerk, application = sign_in(Role.REVIEWER), add_application(session)
    other = add_application(session, answers=answers(organisation={"name": application.answers["organisation"]["name"]}))
    before = clerk.get(_path(application))

    other.state = State.WITHDRAWN
    session.commit()

    assert f"application {other.reference}" in before.text
    assert other.reference not in clerk.get(_path(application)).text


def test_another_edition_is_said_at_once(session: Session, sign_in: SignIn) -> None:
    clerk, application = sign_in(Role.REVIEWER), add_application(session)
    before = clerk.get(_path(application))

    change_term(session, Subject.SECTORS, "fintech", labels={"en": "Money by machine"})
    set_anew(session, Subject.TIMES, {**data_of(session, Subject.TIMES), "promised": 33})

    after = clerk.get(_path(application))
    assert "Money by machine" not in before.text
    assert "Money by machine" in after.text
    assert "of 33 working days" in after.text


def test_each_reader_has_a_page_of_their_own(session: Session, sign_in: SignIn, now: datetime) -> None:
    application = add_application(session)
    by = add_account(session, Role.APPROVER)
    application.notes.append(Note(by_id=by.id, at=now, words="For few.", visibility=Visibility.APPROVERS))
    session.commit()
    readers = [sign_in(role) for role in (Role.APPROVER, Role.REVIEWER, Role.AUDITOR)]

    pages = [reader.get(_path(application)) for reader in readers for _ in (1, 2)]

    assert ["For few." in page.text for page in pages] == [True, True, False, False, True, True]
    assert [bool(page.select("form[action$=note]")) for page in pages] == [True] * 4 + [False] * 2
    german = readers[0].get(_path(application, "de"))
    assert german.texts("#notes") == ["Notizen für Kolleginnen und Kollegen"]


def test_a_role_that_was_taken_away_offers_nothing(session: Session, sign_in: SignIn) -> None:
    clerk, application = sign_in(Role.COORDINATOR, Role.AUDITOR), add_application(session)
    before = clerk.get(_path(application))

    account = session.scalars(select(Account).where(Account.public_id == clerk.account)).one()
    account.role_rows = [AccountRole(role=Role.AUDITOR)]
    session.commit()

    assert before.select("form[action$=assign]")
    assert clerk.get(_path(application)).select("main form") == []


def test_colleagues_who_left_cannot_be_chosen(session: Session, sign_in: SignIn) -> None:
    clerk, application = sign_in(Role.COORDINATOR), add_application(session)
    leaving = add_account(session, Role.REVIEWER, name="Leaving Person")
    before = clerk.get(_path(application))

    leaving.disabled_at = NOW
    session.commit()

    assert "Leaving Person" in before.text
    assert "Leaving Person" not in clerk.get(_path(application)).text


def test_forms_carry_the_version_that_is_shown(session: Session, sign_in: SignIn) -> None:
    by, clerk = add_account(session, Role.COORDINATOR), sign_in(Role.COORDINATOR)
    first, second = add_application(session), add_application(session)
    services.assign(session, first, by=by, to=by, seen_version=first.version, now=NOW)
    services.assign(session, first, by=by, to=None, seen_version=first.version, now=NOW)
    session.commit()

    pages = [(one, clerk.get(_path(one))) for one in (first, second)]

    assert first.version != second.version
    for application, page in pages:
        form = page.select("form[action$=take]")[0]
        assert form["action"] == f"{_path(application)}/take"
        assert form.select("[name=take-seen_version]")[0]["value"] == str(application.version)


@pytest.mark.csrf
def test_each_browser_has_its_own_token(session: Session, sign_in: SignIn) -> None:
    application = add_application(session)
    readers = [sign_in(Role.COORDINATOR), sign_in(Role.COORDINATOR)]

    tokens = [{field["value"] for field in reader.get(_path(application)).select("[name$=csrf_token]")} for reader in readers]

    assert [len(one) for one in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    page = readers[0].get(_path(application))
    assert readers[0].submit(page, css="form[action$=take]", follow=False).status == 303


def test_days_go_on(session: Session, sign_in: SignIn) -> None:
    monday = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    with time_machine.travel(monday, tick=False) as clock:
        clerk, application = sign_in(Role.REVIEWER), add_application(session, submitted_at=monday)
        first = clerk.get(_path(application))
        clock.shift(timedelta(hours=1))
        second = clerk.get(_path(application))

    assert "0 of 10 working days" in first.text
    assert "1 of 10 working days" in second.text


def _add_all(session: Session, application: Application, number: int) -> None:
    """Give an application so many of each thing that the page shows."""
    offering = application.answers["offerings"]["offerings"][0]
    for n in range(number):
        by, at = add_account(session, Role.REVIEWER), NOW + timedelta(hours=n)
        application.messages.append(Message(by_id=by.id, at=at, words="x"))
        application.notes.append(Note(by_id=by.id, at=at, words="x"))
        application.points.append(Point(code=PointCode.MISSING, asked_by_id=by.id, asked_at=at))
        application.moves.append(MoveMade(name="take", source=State.IN_REVIEW, target=State.IN_REVIEW, by_id=by.id, at=at))
        application.interests.append(Interest(account_id=by.id, words="x", declared_at=at))
        application.translations.append(
            Translation(place=f"offerings.{n}.title", tag="en", text="x", source_digest="0" * 64, by_id=by.id, at=at)
        )
        application.people.append(Person(number=n + 1, email=f"p{n}@x.example", wants_copies=False, added_at=at))
        _document(application)
        session.add(_letter(application))
        add_application(session, answers=answers(organisation={"name": application.answers["organisation"]["name"]}))
        add_member(session, names={"de": application.answers["organisation"]["name"]})
        told = {**application.answers, "offerings": {"offerings": [offering] * (n + 1)}}
        application.submissions.append(Submission(number=n + 2, answers=told, at=at))
        application.answers = told
    session.commit()


def test_case_costs_the_same_for_one_and_for_many_of_each(session: Session, sign_in: SignIn) -> None:
    clerk, counts = sign_in(Role.COORDINATOR), []
    for number in (1, 15):
        application = add_application(session, state=State.IN_REVIEW)
        _add_all(session, application, number)
        clerk.get("/en/staff/applications/A-NOTHERE")
        for _ in ("made", "kept"):
            with statements(session) as found:
                page = clerk.get(_path(application))
            counts.append(len(found))
        assert len(page.select(".history li")) == number
        assert session.query(Member).count() >= number

    assert len(set(counts)) == 1


def test_dossier_says_what_the_tables_say(session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW, assignee=add_account(session, Role.REVIEWER))
    application.sponsor = add_member(session, names={"en": "House of Introductions"})
    _add_all(session, application, 2)

    found = get_dossier(session, application.reference, readable=frozenset(Visibility))

    assert found is not None
    read = found.application
    lists = ("points", "messages", "submissions", "moves", "documents", "interests", "consents", "translations", "notes")
    assert _columns(read) == _columns(application)
    assert [_columns(row) for name in lists for row in getattr(read, name)] == [
        _columns(row) for name in lists for row in getattr(application, name)
    ]
    assert [note.by.shown_name for note in read.notes] == [note.by.shown_name for note in application.notes]
    assert read.sponsor is not None
    assert (read.sponsor.slug, read.sponsor.official_name.name) == (application.sponsor.slug, "House of Introductions")
    assert [letter.subject for letter in found.letters] == ["It is here"] * 2
    assert application.assignee.public_id in [one.public_id for one in found.colleagues]


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.c}
