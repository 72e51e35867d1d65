"""“Is this you?”: what an applicant is asked, what they never learn, and what staff see."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from directory.applications import services, twins
from directory.applications.models import Application, ApplicationMark, Submission
from directory.applications.states import State
from directory.audit import SYSTEM, Actor, AuditEvent
from directory.db import db
from directory.errors import Invalid, WrongStatus
from directory.members.alike import Degree, Match
from directory.members.demo import add_invented
from directory.members.entry import NewRegistration
from directory.members.services import suspend
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, add_member, add_named, full_answers
from tests.page import Page, Visitor

NAME = "Привредни савез Проба"
ASKED = ".notice h2"
BY = Actor("applicant", "A-1")


def _asked(page: Page) -> list[str]:
    return page.texts("form[action$='/twin']")


@pytest.mark.parametrize(
    "entry",
    [
        {"names": {"sr-Latn": "PRIVREDNI SAVEZ PROBA d.o.o."}},
        {"names": {"en": "Proba Busines Union"}},
        {"website": "http://www.proba.example/o-nama"},
        {"registrations": (NewRegistration("RS-MB", "070 123 45"),)},
    ],
)
@pytest.mark.parametrize("page", ["", "check"])
def test_applicant_is_asked_about_a_public_member(app: Flask, session: Session, page: str, entry: dict[str, object]) -> None:
    member = add_member(session, **entry)
    application = add_application(session)

    found = open_browser(app, application).get(address_of(application, page))

    assert found.texts(ASKED) == ["Is this you?"]
    assert [link["href"] for link in found.select(".notice p a[href*='/members/']")] == [f"/en/members/{member.slug}"]
    assert _asked(found) == ["Yes, this is us No, we are another organisation"]


def test_no_is_kept_and_not_asked_again_and_told_to_staff(app: Flask, session: Session) -> None:
    member = add_member(session, names={"sr-Cyrl": NAME})
    application = add_application(session)
    browser = open_browser(app, application)

    after = browser.submit(browser.get(address_of(application)), {"said": "other"}, css="form[action$='/twin']")

    assert (after.response.request.path, _asked(after)) == (address_of(application), [])
    session.refresh(application)
    assert application.answers["twins"] == {"denied": [member.slug]}
    [told] = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "application.deny_twin"))
    assert [(value.field, value.new) for value in told.values] == [("twin", f'"{member.slug}"')]
    [twin] = twins.twins_of(session, twins.told_by(application))
    assert (twin.slug, twin.reasons, twin.degree, twin.said) == (member.slug, (Match.NAME,), Degree.LIKELY, "denied")


def test_saving_a_step_keeps_what_was_said(app: Flask, session: Session) -> None:
    member = add_member(session, names={"sr-Cyrl": NAME})
    application = add_application(session)
    browser = open_browser(app, application)
    browser.submit(browser.get(address_of(application, "check")), {"said": "other"}, css="form[action$='/twin']")

    page = browser.submit(
        browser.get(address_of(application, "organisation")), {"founded": "1999", "action": "save"}, css="main form[novalidate]"
    )

    session.refresh(application)
    assert (application.answers["organisation"]["founded"], application.answers["twins"]) == (1999, {"denied": [member.slug]})
    assert _asked(page) == []


def test_yes_leads_to_what_to_do_instead(app: Flask, session: Session) -> None:
    member = add_named(session, names={"sr-Cyrl": NAME})
    application = add_application(session)
    browser = open_browser(app, application)

    page = browser.submit(browser.get(address_of(application, "check")), {"said": "same"}, css="form[action$='/twin']")

    assert page.texts("h1") == ["You need not apply"]
    assert [link["href"] for link in page.select("main a")] == [
        f"/en/members/{member.slug}", f"/en/members/{member.slug}/notice", "/en/about", address_of(application, "erase"),
    ]  # fmt: skip
    session.refresh(application)
    assert application.answers["twins"] == {"same": member.slug}
    browser.submit(browser.get(address_of(application, "erase")))
    assert session.scalars(sa.select(Application)).all() == []


def test_no_after_yes_takes_the_yes_back(session: Session) -> None:
    member = add_member(session, names={"sr-Cyrl": NAME})
    application = add_application(session)

    twins.claim(session, application, member, by=BY, now=NOW)
    twins.deny(session, application, member, by=BY, now=NOW)

    assert application.answers["twins"] == {"denied": [member.slug]}


def _hidden(session: Session, how: str) -> None:
    """Make the same organisation exist where the public cannot see it."""
    registration = (NewRegistration("RS-MB", "07012345"),)
    if how == "suspended":
        member = add_member(session, names={"sr-Cyrl": NAME}, website="proba.example", registrations=registration)
        suspend(session, member, by=SYSTEM, reason="It asked for a pause.", seen_version=member.version, now=NOW)
    elif how == "expired":
        add_member(
            session,
            names={"sr-Cyrl": NAME},
            registrations=registration,
            joined_on=date(2020, 1, 1),
            term_ends_on=date(2021, 1, 1),
        )
    elif how != "nothing":
        add_application(session, state=State(how), answers=full_answers())
    session.commit()


@pytest.mark.parametrize("how", ["suspended", "expired", "draft", "in_review", "duplicate"])
def test_applicant_learns_nothing_that_is_not_public(app: Flask, session: Session, how: str) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    seen: list[tuple[list[str], int]] = []

    for hidden in ("nothing", how):
        _hidden(session, hidden)
        statements: list[str] = []
        note = lambda *args, seen=statements: seen.append(str(args[2]))  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        pages = [browser.get(address_of(application, page)).html for page in ("", "check")]
        pages += [
            browser.post(address_of(application, "twin"), {"member": "chamber", "said": said}).location
            for said in ("same", "other")
        ]
        event.remove(db.engine, "before_cursor_execute", note)
        seen.append((pages, len(statements)))

    assert seen[0] == seen[1]


def test_answer_about_a_member_that_was_not_asked_about_changes_nothing(app: Flask, session: Session) -> None:
    other = add_member(session, names={"en": "Somebody Else"})
    application = add_application(session)
    browser = open_browser(app, application)

    for slug in (other.slug, "nobody", ""):
        for said in ("same", "other"):
            assert browser.post(address_of(application, "twin"), {"member": slug, "said": said}).status == 303

    session.refresh(application)
    assert "twins" not in application.answers
    assert session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_kind == "application")).all() == []
    with pytest.raises(Invalid):
        twins.deny(session, application, other, by=BY, now=NOW)


def test_answer_is_refused_once_the_application_is_sent(session: Session) -> None:
    member = add_member(session, names={"sr-Cyrl": NAME})
    application = add_application(session, state=State.SUBMITTED)

    for say in (twins.claim, twins.deny):
        with pytest.raises(WrongStatus):
            say(session, application, member, by=BY, now=NOW)

    assert "twins" not in application.answers


def test_page_of_a_member_that_is_not_public_is_none(app: Flask, session: Session) -> None:
    member = add_member(session, names={"sr-Cyrl": NAME})
    suspend(session, member, by=SYSTEM, reason="It asked for a pause.", seen_version=member.version, now=NOW)
    application = add_application(session)

    assert open_browser(app, application).get(address_of(application, f"listed/{member.slug}")).status == 404


def test_submission_keeps_marks_of_what_was_sent(session: Session, letters: Callable[[], list[object]]) -> None:
    application = add_application(session)

    services.submit(
        session, application, status_url="https://site.example", desk_url="https://site.example", staff_mail="staff@site.example",
        locale="en", seen_version=application.version, now=NOW,
    )  # fmt: skip
    session.commit()
    services.withdraw(session, application, status_url="https://site.example", now=NOW)

    marks = session.scalars(sa.select(ApplicationMark).order_by(ApplicationMark.value))
    assert [mark.value for mark in marks] == ["07012345", "privrednisavezproba", "proba.example", "probabusinessunion"]


def test_staff_see_candidates_with_reason_and_degree(session: Session) -> None:
    near = add_member(session, names={"en": "Proba Businss Union"})
    sure = add_member(session, names={"en": "Proba Business Union Ltd"}, website="proba.example")
    suspend(session, sure, by=SYSTEM, reason="It asked for a pause.", seen_version=sure.version, now=NOW)
    add_application(session, state=State.WITHDRAWN)
    other = add_application(session, state=State.SUBMITTED, now=NOW - timedelta(days=3))
    application = add_application(session, state=State.IN_REVIEW)

    found = twins.twins_of(session, twins.told_by(application))

    assert [(twin.slug or twin.reference, twin.reasons, twin.degree) for twin in found] == [
        (sure.slug, (Match.NAME, Match.WEBSITE), Degree.VERY_LIKELY),
        (other.reference, (Match.NAME, Match.WEBSITE, Match.REGISTRATION), Degree.VERY_LIKELY),
        (near.slug, (Match.NEAR_NAME,), Degree.POSSIBLE),
    ]


def test_finding_asks_no_more_among_many_than_among_few(session: Session) -> None:
    """Each name, number and address is looked up, whoever else there is."""
    name = "Alone Here Union"
    alone_id = add_member(session, names={"en": name}).id
    template = full_answers()
    application = add_application(session, answers=template | {"organisation": template["organisation"] | {"name": name}})
    id_, few = application.id, _work_of(session, application.id)
    for _ in add_invented(session, 3000, seed=1, now=NOW):
        pass
    for number in range(1000):
        own = template["organisation"] | {
            "name": f"Verein {number:04} zu Bremen",
            "website": f"https://v{number}.example",
            "names": [],
        }
        answers = template | {"organisation": own, "seat": {"registrations": [{"scheme": "x", "value": f"HRB {number:06}"}]}}
        row = Application(
            reference=f"A-Z{number:05}", state=State.SUBMITTED, locale="en", answers=answers, created_at=NOW, updated_at=NOW,
            state_since=NOW, submitted_at=NOW, submissions=[Submission(number=1, answers=answers, at=NOW)],
        )  # fmt: skip
        twins.keep_marks(row)
        session.add(row)
    session.commit()

    many = _work_of(session, id_)

    assert few == many
    assert few[0] == [alone_id]


def _work_of(session: Session, id_: int) -> tuple[list[int], int]:
    """Return the members that the applicant is asked about, and how many statements that took."""
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    application = session.get_one(Application, id_)
    event.listen(db.engine, "before_cursor_execute", note)
    found = [member.id for member in twins.ask_about(session, application, today=NOW.date())]
    event.remove(db.engine, "before_cursor_execute", note)
    return found, len(statements)


def test_visitor_of_another_browser_may_not_answer(app: Flask, session: Session) -> None:
    member = add_member(session, names={"sr-Cyrl": NAME})
    application = add_application(session)

    answer = Visitor(app).post(address_of(application, "twin"), {"member": member.slug, "said": "other"})

    session.refresh(application)
    assert (answer.status, "twins" in application.answers) == (404, False)


def test_new_application_does_not_say_to_be_the_member_that_the_old_one_said(session: Session) -> None:
    told = full_answers() | {"twins": {"same": "first", "denied": ["second"]}}
    old = add_application(session, state=State.WITHDRAWN, answers=told)

    fresh = services.start_again(session, old, locale="en", now=NOW)

    assert fresh.answers["twins"] == {"denied": ["second"]}
