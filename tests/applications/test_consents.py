"""Consents: given, taken back, given anew, before and after approval, each with event, letter and effect."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications import consenting, retention, services
from directory.applications.answers import as_new_member, is_agreed
from directory.applications.models import Application
from directory.applications.rules import missing_for_submit
from directory.applications.states import State
from directory.applications.vocab import Step
from directory.audit import SYSTEM, AuditEvent
from directory.consents.models import Consent
from directory.consents.queries import standing_of
from directory.consents.texts import digest, texts_of, texts_today, versions
from directory.consents.vocab import NECESSARY, ConsentKind
from directory.errors import Conflict, Incomplete, Invalid, NotAllowed, WrongStatus
from directory.i18n.locales import LOCALES
from directory.mail import OutboxLetter
from directory.members import services as members
from directory.members.interchange import as_new_member as entry_of
from directory.members.models import Member
from directory.members.rules import is_off_by_own_wish
from directory.members.vocab import Standing
from directory.review import closing
from directory.review.rules import require_may_decide
from directory.search.changes import Change
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, full_answers
from tests.page import Page, Visitor
from tests.review.cases import add_account, add_ready
from tests.test_catalogues import PROMISED

URLS = {"url": "https://site.example/consents", "desk_url": "https://site.example/desk", "staff_mail": "staff@site.example"}
LATER = NOW + timedelta(days=1)
ALL = list(ConsentKind)
BOXES = {"listed": "y", "contact_shared": "y", "abroad": "y"}
VERSION = "consents-1"


def _all_given(**changes: object) -> dict[str, object]:
    answers = full_answers()
    return answers | {"statement": answers["statement"] | {"contact_shared": True}} | changes


def _rows(session: Session) -> list[tuple[str, bool]]:
    """(kind, whether it was taken back) in the order they were given."""
    session.expire_all()
    return [(row.kind, row.revoked_at is not None) for row in session.scalars(sa.select(Consent).order_by(Consent.id))]


def _actions(session: Session) -> list[str]:
    return list(session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.sequence)))


def _letters(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(sa.select(OutboxLetter).order_by(OutboxLetter.id))
    return [(row.template, row.recipient) for row in rows if row.template.startswith("consent")]


def _take_back(session: Session, application: Application, kind: ConsentKind) -> None:
    consenting.take_back(session, application, kind, **URLS, now=LATER)
    session.commit()


def _give(session: Session, application: Application, kind: ConsentKind) -> None:
    consenting.give(session, application, kind, version=VERSION, locale="en", now=LATER)
    session.commit()


def _approved(session: Session) -> tuple[Application, Member]:
    application = add_ready(session, locale="en")
    _give(session, application, ConsentKind.CONTACT_SHARED)
    by = add_account(session, Role.APPROVER)
    member = closing.approve(
        session, application, by=by, message="", profile_link=lambda slug: f"https://site.example/{slug}", second_person=True,
        seen_version=application.version, now=NOW,
    )  # fmt: skip
    session.commit()
    return application, member


def _save(browser: Visitor, application: Application, **boxes: str | None) -> Page:
    return browser.submit(browser.get(address_of(application, "statement")), boxes, css="main form", follow=False)


def test_every_promised_locale_has_every_text_of_every_version() -> None:
    found = {(one.version, kind, tag) for one in versions() for kind in ALL for tag in one.texts[kind] if one.texts[kind][tag]}

    assert found == {(one.version, kind, tag) for one in versions() for kind in ALL for tag in PROMISED}
    assert set(PROMISED) <= set(LOCALES)


def test_boxes_are_three_unticked_and_say_which_are_needed(app: Flask, session: Session) -> None:
    application = add_application(session, answers={"seat": {"city": "Niš"}})

    shown = open_browser(app, application).get(address_of(application, "statement"))

    assert [box["name"] for box in shown.select("#consents input[type=checkbox]")] == ["listed", "contact_shared", "abroad"]
    assert shown.select("#consents input[checked]") == []
    assert [text.split(":")[0] for text in shown.texts("#consents .field .hint")] == ["Needed", "As you like", "Needed"]
    assert shown.texts("#consents label") == [texts_today().text(kind, "en").text for kind in ALL]


@pytest.mark.parametrize("kind", ALL)
def test_each_consent_is_given_by_itself_with_its_text(app: Flask, session: Session, kind: ConsentKind) -> None:
    application = add_application(session, answers={"seat": {"city": "Niš"}})

    _save(open_browser(app, application), application, **{kind: "y"})

    assert _rows(session) == [(kind, False)]
    row = session.scalars(sa.select(Consent)).one()
    assert (row.version, row.locale, row.member_id) == (VERSION, "en", None)
    assert row.digest == digest(texts_today().texts[kind]["en"])
    assert _actions(session) == ["application.give_consent", "application.save"]
    assert application.answers["statement"] == {str(kind): True, "consents": VERSION}


def test_saving_the_same_boxes_gives_nothing_twice(app: Flask, session: Session) -> None:
    application = add_application(session, answers={"seat": {"city": "Niš"}})
    browser = open_browser(app, application)

    _save(browser, application, **BOXES)
    _save(browser, application, signatory="Petar")

    assert _rows(session) == [(kind, False) for kind in ALL]


def test_an_emptied_box_takes_back_and_a_ticked_one_gives_anew(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)

    _save(browser, application, listed=None)
    _save(browser, application, listed="y")

    assert _rows(session) == [("listed", True), ("abroad", False), ("listed", False)]
    assert _letters(session) == [("consent_revoked", "ana@proba.example")]


def test_boxes_of_a_text_that_changed_are_refused(app: Flask, session: Session) -> None:
    application = add_application(session, answers={"seat": {"city": "Niš"}})

    told = _save(open_browser(app, application), application, **BOXES, consents="consents-0")

    assert (told.status, list(told.errors)) == (422, ["listed"])
    assert told.select("#consents input[checked]") == []
    assert _rows(session) == []


def test_one_consent_to_a_new_text_ticks_no_box_of_an_older_one(app: Flask, session: Session) -> None:
    answers = full_answers()
    application = add_application(session, answers=answers | {"statement": answers["statement"] | {"consents": "consents-0"}})
    session.execute(sa.update(Consent).values(version="consents-0"))
    session.commit()

    _give(session, application, ConsentKind.CONTACT_SHARED)
    browser = open_browser(app, application)
    shown = browser.get(address_of(application, "statement"))

    assert [box["name"] for box in shown.select("#consents input[checked]")] == ["contact_shared"]
    assert [pair for pair in missing_for_submit(application) if pair[1] in ALL] == [
        ("statement", "listed"),
        ("statement", "abroad"),
    ]
    _save(browser, application, **BOXES)
    standing = {kind: standing_of(application.consents, kind) for kind in ALL}
    assert {kind: row.version for kind, row in standing.items() if row} == dict.fromkeys(ALL, VERSION)
    assert _rows(session)[-3:] == [("contact_shared", False), ("listed", False), ("abroad", False)]
    assert (missing_for_submit(application), _letters(session)) == ((), [])


@pytest.mark.parametrize("kind", NECESSARY)
def test_nothing_is_sent_without_a_necessary_consent(session: Session, kind: ConsentKind) -> None:
    application = add_application(session)
    _take_back(session, application, kind)

    with pytest.raises(Incomplete) as refusal:
        services.submit(
            session, application, status_url="s", desk_url="d", staff_mail="staff@site.example", locale="en",
            seen_version=application.version, now=LATER,
        )  # fmt: skip

    assert refusal.value.missing == (("statement", str(kind)),)


def test_a_draft_of_the_older_form_is_asked_anew(app: Flask, session: Session) -> None:
    older = full_answers()
    older["statement"] = {k: v for k, v in older["statement"].items() if k not in {"consents", "abroad"}} | {"processed": True}
    older["contact"]["shown"] = True
    application = add_application(session, answers=older)
    browser = open_browser(app, application)

    shown, check = browser.get(address_of(application, "statement")), browser.get(address_of(application, "check"))

    assert shown.select("#consents input[checked]") == []
    assert shown.form("main form")["signatory"] == "Petar Ogledni"
    assert check.texts("main .notice li") == ["Agreed to be listed", "Agreed to reading and keeping abroad"]
    assert "Agreed to the processing of data" in check.text


def test_what_was_sent_with_the_older_form_is_judged_by_what_was_asked(session: Session) -> None:
    older = full_answers()
    older["statement"] = {k: v for k, v in older["statement"].items() if k not in {"consents", "abroad"}} | {"processed": True}
    older["contact"]["shown"] = True
    application = add_application(session, state=State.READY_FOR_DECISION, answers=older)
    approver = add_account(session, Role.APPROVER)

    require_may_decide(application, "approve", approver, second_person=True)
    contact = as_new_member(application, today=NOW.date()).contact
    assert contact is not None
    assert contact.shown is True
    _take_back(session, application, ConsentKind.LISTED)
    assert _rows(session) == [("listed", True)]
    assert consenting.consents_lacking(application) == (ConsentKind.LISTED,)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("state", sorted(State))
def test_taking_back_in_each_state(session: Session, state: State, kind: ConsentKind) -> None:
    application = add_application(session, state=state, answers=_all_given())
    if state not in consenting.CHANGEABLE:
        with pytest.raises(WrongStatus):
            consenting.take_back(session, application, kind, **URLS, now=LATER)
        assert _rows(session) == [(one, False) for one in ALL]
        return

    _take_back(session, application, kind)
    _take_back(session, application, kind)

    assert _rows(session) == [(one, one == kind) for one in ALL]
    assert is_agreed(application, kind) is False
    assert kind not in application.answers["statement"]
    assert _actions(session) == ["application.revoke_consent"]
    to_staff = kind in NECESSARY and state is not State.DRAFT
    staff = [("consent_revoked_staff", "staff@site.example")] if to_staff else []
    assert _letters(session) == [("consent_revoked", "ana@proba.example"), *staff]


@pytest.mark.parametrize("kind", ALL)
def test_given_again_is_a_new_row(session: Session, kind: ConsentKind) -> None:
    application = add_application(session, state=State.IN_REVIEW, answers=_all_given())
    _take_back(session, application, kind)

    _give(session, application, kind)
    _give(session, application, kind)

    assert _rows(session) == [*((one, one == kind) for one in ALL), (kind, False)]
    assert application.answers["statement"][kind] is True
    assert _actions(session) == ["application.revoke_consent", "application.give_consent"]


@pytest.mark.parametrize("kind", NECESSARY)
def test_approval_waits_for_a_necessary_consent(session: Session, kind: ConsentKind) -> None:
    application, by = add_ready(session, locale="en"), add_account(session, Role.APPROVER)
    _take_back(session, application, kind)
    seen = application.version

    with pytest.raises(NotAllowed, match="consent"):
        closing.approve(
            session, application, by=by, message="", profile_link=str, second_person=True, seen_version=seen, now=LATER
        )

    session.rollback()
    assert (application.state, session.scalars(sa.select(Member)).all()) == (State.READY_FOR_DECISION, [])
    _give(session, application, kind)
    closing.approve(
        session, application, by=by, message="", profile_link=str, second_person=True, seen_version=application.version, now=LATER
    )
    assert application.state == State.APPROVED


def test_decision_page_says_why_nobody_may_approve_and_lets_reject(session: Session, sign_in: Callable[..., Visitor]) -> None:
    application = add_ready(session, locale="en")
    _take_back(session, application, ConsentKind.LISTED)
    clerk = sign_in(Role.APPROVER)
    decision = clerk.get(f"/en/staff/applications/{application.reference}/decision")

    told = clerk.submit(decision, {"decision-outcome": "approve", "do": "preview"})
    letter = clerk.submit(
        decision, {"decision-outcome": "reject", "decision-code": "other", "decision-message": "It does not fit us, we fear.", "do": "preview"}
    )  # fmt: skip

    assert told.status == 422
    assert told.errors["decision-outcome"].startswith("The applicant has not given, or has taken back, a consent")
    assert letter.status == 200


def test_approval_shows_the_contact_only_where_that_was_agreed(session: Session) -> None:
    _application, member = _approved(session)

    assert member.contact is not None
    assert member.contact.shown is True
    assert {row.member_id for row in session.scalars(sa.select(Consent))} == {member.id}


def test_contact_is_hidden_and_shown_again_at_once(app: Flask, session: Session, page: Visitor) -> None:
    application, member = _approved(session)
    address = f"/en/members/{member.slug}"
    email = str(application.email)
    assert email in page.get(address).text
    changes = session.scalar(sa.select(sa.func.count()).select_from(Change)) or 0

    _take_back(session, application, ConsentKind.CONTACT_SHARED)

    assert email not in page.get(address).text
    assert _actions(session)[-2:] == ["application.revoke_consent", "member.hide_contact"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Change)) == changes + 1
    assert _letters(session) == [("consent_revoked", email)]
    _give(session, application, ConsentKind.CONTACT_SHARED)
    assert email in page.get(address).text
    assert _actions(session)[-1] == "member.show_contact"


def test_staff_cannot_show_a_contact_that_did_not_agree(session: Session) -> None:
    application, member = _approved(session)
    _take_back(session, application, ConsentKind.CONTACT_SHARED)
    entry = entry_of(member)
    assert entry.contact is not None
    shown = replace(entry.contact, shown=True)

    with pytest.raises(Invalid):
        members.set_contact(session, member, shown, by=SYSTEM, seen_version=member.version, now=LATER)
    with pytest.raises(Invalid):
        changed = replace(entry, contact=shown)
        members.correct(session, member, changed, by=SYSTEM, note="", seen_version=member.version, now=LATER)

    assert member.contact is not None
    assert member.contact.shown is False


@pytest.mark.parametrize("kind", NECESSARY)
def test_entry_leaves_the_directory_and_comes_back(session: Session, page: Visitor, kind: ConsentKind) -> None:
    application, member = _approved(session)
    address = f"/en/members/{member.slug}"

    _take_back(session, application, kind)

    assert page.get(address).status == 410
    assert (member.standing, is_off_by_own_wish(member)) == (Standing.SUSPENDED, True)
    assert _actions(session)[-2:] == ["application.revoke_consent", "member.take_off_list"]
    letters = [("consent_revoked", str(application.email)), ("consent_revoked_staff", "staff@site.example")]
    assert _letters(session) == letters
    _give(session, application, kind)
    assert page.get(address).status == 200
    assert (member.standing, _actions(session)[-1]) == (Standing.GOOD, "member.list_again")


def test_entry_waits_for_both_necessary_consents(session: Session) -> None:
    application, member = _approved(session)
    for kind in NECESSARY:
        _take_back(session, application, kind)

    _give(session, application, ConsentKind.LISTED)
    assert member.standing == Standing.SUSPENDED
    _give(session, application, ConsentKind.ABROAD)

    assert member.standing == Standing.GOOD


def test_staff_cannot_bring_back_what_left_by_its_own_wish(session: Session) -> None:
    application, member = _approved(session)
    _take_back(session, application, ConsentKind.LISTED)

    with pytest.raises(NotAllowed, match="own_wish"):
        members.restore(session, member, by=SYSTEM, reason="We want it back.", seen_version=member.version, now=LATER)

    assert member.standing == Standing.SUSPENDED


def test_a_consent_does_not_lift_what_staff_suspended(session: Session) -> None:
    application, member = _approved(session)
    members.suspend(session, member, by=SYSTEM, reason="Under examination.", seen_version=member.version, now=NOW)
    _take_back(session, application, ConsentKind.LISTED)

    _give(session, application, ConsentKind.LISTED)

    assert (member.standing, member.standing_reason) == (Standing.SUSPENDED, "Under examination.")


@pytest.mark.parametrize("kind", NECESSARY)
@pytest.mark.parametrize("verb", ["suspend", "end", "resign"])
def test_staff_cannot_list_again_what_lost_its_consent_meanwhile(session: Session, verb: str, kind: ConsentKind) -> None:
    application, member = _approved(session)
    reason = "Under examination."
    getattr(members, verb)(session, member, by=SYSTEM, reason=reason, seen_version=member.version, now=NOW)
    _take_back(session, application, kind)

    with pytest.raises(NotAllowed, match="own_wish"):
        members.restore(session, member, by=SYSTEM, reason="All is well now.", seen_version=member.version, now=LATER)

    assert member.standing != Standing.GOOD
    _give(session, application, kind)
    members.restore(session, member, by=SYSTEM, reason="All is well now.", seen_version=member.version, now=LATER)
    assert member.standing == Standing.GOOD


def test_desk_says_why_a_suspended_entry_cannot_come_back(session: Session, sign_in: Callable[..., Visitor]) -> None:
    application, member = _approved(session)
    members.suspend(session, member, by=SYSTEM, reason="Under examination.", seen_version=member.version, now=NOW)
    session.commit()
    clerk, address = sign_in(Role.COORDINATOR), f"/en/staff/members/{member.slug}"
    before = clerk.get(address)
    _take_back(session, application, ConsentKind.LISTED)

    after, refused = clerk.get(address), clerk.submit(before, {"restore-reason": "All is well now."}, css="form[action$=restore]")

    assert (len(before.select("form[action$=restore]")), len(after.select("form[action$=restore]"))) == (1, 0)
    assert after.texts(".notice-warning p")[1:] == [
        "Under examination.", "The organisation itself took its entry off the directory. Only its own consent brings it back.",
    ]  # fmt: skip
    assert refused.status == 403
    assert "Only its own consent brings it back." in refused.text


def test_page_lists_texts_versions_and_history(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    _take_back(session, application, ConsentKind.LISTED)

    shown = open_browser(app, application).get(address_of(application, "consents"))

    assert shown.texts("main h2") == [
        "To be listed in the public directory", "To give visitors the contact", "To have it read and kept abroad",
    ]  # fmt: skip
    assert shown.texts("main .badge") == ["Not given", "Not given", "Given"]
    assert shown.texts("main blockquote") == [texts_today().text(kind, "en").text for kind in ALL]
    assert len(shown.texts("#listed li")) == 1
    assert "taken back on" in shown.texts("#listed li")[0]
    assert "in version consents-1" in shown.texts("#abroad li")[0]


def test_page_says_of_an_older_consent_that_its_words_were_not_kept(app: Flask, session: Session) -> None:
    older = full_answers()
    older["statement"] = {"listed": True, "processed": True}
    application = add_application(session, state=State.IN_REVIEW, answers=older)

    shown = open_browser(app, application).get(address_of(application, "consents"))

    assert shown.texts("main .badge") == ["Given", "Not given", "Not given"]
    assert "before we kept its words" in shown.texts("#listed")[0]
    assert shown.select("#listed blockquote") == []


def test_a_consent_to_a_newer_text_is_taken_back_with_the_older_one(session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    row = Consent(kind=ConsentKind.LISTED, version="consents-2", locale="en", digest="", given_at=NOW)
    application.consents.append(row)
    session.commit()

    _take_back(session, application, ConsentKind.LISTED)

    assert _rows(session) == [("listed", True), ("abroad", False), ("listed", True)]


def test_page_takes_back_by_one_button_after_saying_what_follows(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    browser = open_browser(app, application)
    asked = browser.get(address_of(application, "consents/listed"))

    done = browser.submit(asked, follow=False)
    again = browser.submit(asked, follow=False)

    assert "The application cannot be approved without it" in asked.text
    assert (done.location, again.location) == (address_of(application, "consents"),) * 2
    assert _rows(session) == [("listed", True), ("abroad", False)]
    letters = session.scalars(sa.select(OutboxLetter).where(OutboxLetter.template == "consent_revoked")).all()
    assert address_of(application, "consents") in letters[0].body
    assert len(letters) == 1


def test_page_gives_no_consent_to_another_text(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)

    told = open_browser(app, application).post(
        address_of(application, "consents/contact_shared"), {"deed": "give", "version": "consents-0"}
    )

    assert told.status == 409
    assert _rows(session) == [("listed", False), ("abroad", False)]
    with pytest.raises(Conflict):
        consenting.give(session, application, ConsentKind.CONTACT_SHARED, version="x", locale="en", now=NOW)


@pytest.mark.parametrize("where", ["consents", "consents/listed"])
def test_page_of_a_closed_application_and_of_another_browser(app: Flask, session: Session, where: str) -> None:
    application = add_application(session, state=State.WITHDRAWN)

    assert open_browser(app, application).get(address_of(application, where)).location == address_of(application, "status")
    assert Visitor(app).get(address_of(application, where)).status == 404


def test_staff_see_state_and_history(session: Session, sign_in: Callable[..., Visitor]) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    _take_back(session, application, ConsentKind.ABROAD)
    clerk = sign_in(Role.REVIEWER)

    shown = clerk.get(f"/en/staff/applications/{application.reference}")

    texts = [text for text in shown.texts(".card-box .plain li") if "abroad" in text or "listed" in text or "visitors" in text]
    assert [text.split(" To ")[0] for text in texts[:3]] == ["Given", "Not given", "Not given"]
    assert "taken back on" in texts[2]


def test_export_holds_consents_and_erasure_removes_them(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.WITHDRAWN)

    kept = json.loads(open_browser(app, application).client.get(address_of(application, "export")).data)
    retention.erase(session, application, by=SYSTEM, now=LATER)

    assert [(one["consent"], one["version"], one["revoked_at"]) for one in kept["consents"]] == [
        ("listed", VERSION, None), ("abroad", VERSION, None),
    ]  # fmt: skip
    assert _rows(session) == []


def test_a_new_application_from_an_old_one_asks_anew(session: Session) -> None:
    application = add_application(session, state=State.REJECTED, answers=_all_given())

    fresh = services.start_again(session, application, locale="en", now=LATER)

    assert fresh.answers[Step.STATEMENT] == {"signatory": "Petar Ogledni", "capacity": "President"}
    assert fresh.consents == []
    assert texts_of("consents-9") is None


def test_status_page_says_which_consent_is_lacking(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW, answers=_all_given())
    browser = open_browser(app, application)
    before = browser.get(address_of(application, "status")).texts(".notice-warning")
    for kind in (ConsentKind.CONTACT_SHARED, ConsentKind.ABROAD):
        consenting.take_back(session, application, kind, **URLS, now=LATER)
    session.commit()

    after = browser.get(address_of(application, "status"))

    [said] = after.texts(".notice-warning")
    assert before == []
    assert said.startswith(
        "This consent was taken back or never given: To have it read and kept abroad. Without it nobody can be listed."
    )
    assert after.select(".notice-warning a")[0]["href"] == address_of(application, "consents")


@pytest.mark.parametrize("kind", NECESSARY)
def test_a_tick_whose_consent_was_taken_back_counts_no_longer(session: Session, kind: ConsentKind) -> None:
    application = add_application(session)
    next(one for one in application.consents if one.kind == kind).revoked_at = NOW

    assert application.answers["statement"][str(kind)] is True
    assert missing_for_submit(application) == (("statement", str(kind)),)
