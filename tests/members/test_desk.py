"""The desk's pages of members: reading, correcting, confirming, suspending, settling."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import AuditEvent, AuditValue
from directory.enquiries.models import Notice, NoticeKind
from directory.members.entry import NewContact
from directory.members.models import EntryRevision, Member
from directory.members.vocab import Standing
from tests.factories import add_member, add_named, full_member, new_offering
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
DESK = "/en/staff/members/"
FORM = "main form[novalidate]"


def _slugs(page: Page) -> list[str]:
    return [str(row["data-member"]) for row in page.select("[data-member]")]


def _actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))


def _add_notice(session: Session, member: Member, now: Any) -> Notice:
    notice = Notice(
        member=member,
        kind=NoticeKind.CORRECT,
        locale="de",
        name="Erika",
        email="erika@x.example",
        words="Der Ort ist falsch.",
        at=now,
    )
    session.add(notice)
    session.commit()
    return notice


def test_list_shows_members_of_any_standing(session: Session, sign_in: SignIn, now: Any) -> None:
    good = add_member(session, slug="a-good", names={"sr-Cyrl": "Привредна комора"}, demonstration=True)
    suspended = add_member(session, slug="b-suspended")
    suspended.standing, suspended.standing_reason = Standing.SUSPENDED, "Fees are due."
    _add_notice(session, good, now)
    clerk = sign_in(Role.AUDITOR)

    found = {
        query: _slugs(clerk.get(f"{DESK}?{query}"))
        for query in ("", "standing=suspended", "q=привредна", "q=B-SUSP", "notices=open", "q=nobody", "standing=odd", "q=%00")
    }

    both = ["a-good", "b-suspended"]
    assert found == {
        "": both, "standing=suspended": ["b-suspended"], "q=привредна": ["a-good"], "q=B-SUSP": ["b-suspended"],
        "notices=open": ["a-good"], "q=nobody": [], "standing=odd": both, "q=%00": both,
    }  # fmt: skip
    rows = clerk.get(DESK).texts("tbody tr")
    assert ["Demonstration" in row for row in rows] == [True, False]
    assert ["Suspended" in row for row in rows] == [False, True]


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1000000000", "2"])
def test_list_without_such_a_page(sign_in: SignIn, number: str) -> None:
    assert sign_in(Role.REVIEWER).get(f"{DESK}?page={number}").status == 404


def test_entry_of_nobody(sign_in: SignIn) -> None:
    assert sign_in(Role.APPROVER).get(f"{DESK}nobody").status == 404


def test_entry_shows_what_the_public_does_not_see(session: Session, sign_in: SignIn) -> None:
    member = add_member(session, contact=NewContact("Hidden Person", "hidden@x.example", None, "de", shown=False))

    page, auditor = sign_in(Role.APPROVER).get(DESK + member.slug), sign_in(Role.AUDITOR).get(DESK + member.slug)

    assert "Hidden Person" in page.text
    assert "Not shown to visitors" in page.text
    assert [str(f["action"]).rpartition("/")[2] for f in page.select("main form")] == ["confirm", "suspend", "resign", "end"]
    assert auditor.select("main form") == []
    assert "Your role reads this entry and changes nothing." in auditor.text


def test_suspend_hides_and_restore_shows(session: Session, sign_in: SignIn, page: Visitor, follow: Callable[[], None]) -> None:
    member = add_member(session, names={"en": "Steady Chamber"})
    clerk, profile = sign_in(Role.APPROVER), f"/en/members/{member.slug}"
    follow()
    seen = [(page.get(profile).status, page.get("/en/members/").slugs)]

    short = clerk.submit(clerk.get(DESK + member.slug), {"suspend-reason": "No."}, css="form[action$='/suspend']")
    clerk.submit(clerk.get(DESK + member.slug), {"suspend-reason": "Its register entry lapsed."}, css="form[action$='/suspend']")
    seen.append((page.get(profile).status, page.get("/en/members/").slugs))
    follow()
    done = clerk.submit(clerk.get(DESK + member.slug), {"restore-reason": "The entry is back."}, css="form[action$='/restore']")
    follow()
    seen.append((page.get(profile).status, page.get("/en/members/").slugs))

    assert (short.status, list(short.errors)) == (422, ["suspend-reason"])
    assert seen == [(200, [member.slug]), (410, []), (200, [member.slug])]
    assert "The member is in good standing again." in done.text
    assert _actions(session) == ["member.admit", "member.suspend", "member.restore"]


def test_confirm(session: Session, sign_in: SignIn, page: Visitor) -> None:
    member, clerk = add_named(session), sign_in(Role.COORDINATOR)
    before = page.get(f"/en/members/{member.slug}").text

    clerk.submit(clerk.get(DESK + member.slug), css="form[action$='/confirm']")

    assert "not yet confirmed by the organisation" in before
    assert "not yet confirmed by the organisation" not in page.get(f"/en/members/{member.slug}").text
    assert _actions(session) == ["member.admit", "member.confirm"]


def test_settle_a_notice(session: Session, sign_in: SignIn, now: Any) -> None:
    member = add_named(session)
    notice, clerk = _add_notice(session, member, now), sign_in(Role.APPROVER)
    page = clerk.get(DESK + member.slug)

    done = clerk.submit(page, css=f"form[action$='/notices/{notice.public_id}']")
    again = clerk.post(f"{DESK}{member.slug}/notices/{notice.public_id}")
    unknown = clerk.post(f"{DESK}{member.slug}/notices/nothing")

    assert "Der Ort ist falsch." in page.text
    assert "The notice is settled." in done.text
    assert "No open notices." in done.text
    assert (again.status, unknown.status) == (409, 404)
    assert _actions(session)[-1] == "notice.settle"


def test_correct_changes_what_was_changed_and_nothing_else(session: Session, sign_in: SignIn) -> None:
    from directory.members.interchange import as_record

    member = add_member(session, **dict(vars(full_member(slug="tried")).items()))
    before = as_record(member, contact=True)
    clerk = sign_in(Role.APPROVER)
    page = clerk.get(f"{DESK}tried/correct")

    done = clerk.submit(page, {"city": "Novi Sad", "note": "By mail of 20 November.", "action": "save"}, css=FORM)

    session.expire_all()
    after = as_record(member, contact=True)
    assert "The corrected entry is published." in done.text
    assert {key: after[key] for key in after if after[key] != before.get(key)} == {"city": "Novi Sad"}
    assert before.keys() == after.keys()
    assert [o.number for o in member.offerings] == [1, 2]
    assert member.contact is not None
    assert (member.contact.shown, member.contact.locale) == (True, "sr-Latn")
    revision = session.scalars(select(EntryRevision).order_by(EntryRevision.number.desc()).limit(1)).one()
    assert (revision.number, revision.note) == (2, "By mail of 20 November.")
    assert _actions(session) == ["member.admit", "member.correct"]


def test_correct_adds_and_takes_out_rows_without_script(session: Session, sign_in: SignIn) -> None:
    member = add_member(session, slug="rows")
    clerk = sign_in(Role.COORDINATOR)
    page = clerk.get(f"{DESK}rows/correct")

    page = clerk.submit(page, {"city": "Kept", "action": "add-offerings"}, css=FORM)
    added = page.form(FORM)
    page = clerk.submit(
        page,
        {"offerings-1-title": "New help", "offerings-1-tag": "en", "offerings-1-category": "trade-documents",
         "action": "remove-offerings-0"},
        css=FORM,
    )  # fmt: skip
    done = clerk.submit(page, {"note": "The service changed.", "action": "save"}, css=FORM)

    session.expire_all()
    assert added["city"] == "Kept"
    assert "The corrected entry is published." in done.text
    assert [(o.number, o.titles) for o in member.offerings] == [(2, {"en": "New help"})]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({}, ["note"]),
        ({"note": "Because.", "names-0-name": ""}, ["names-0-name"]),
        ({"note": "Because.", "founded": "soon"}, ["founded"]),
        ({"note": "Because.", "contact_email": "nobody"}, ["contact_email"]),
        ({"note": "Because.", "website": "javascript:alert(1)"}, ["website"]),
        ({"note": "Because.", "country": "XX"}, ["country"]),
        ({"note": "Because.", "offerings-0-category": "nonsense"}, ["offerings-0-category"]),
    ],
)
def test_correct_that_is_not_right_keeps_what_was_typed(
    session: Session, sign_in: SignIn, changes: dict[str, str], errors: list[str]
) -> None:
    add_member(session, slug="kept")
    clerk = sign_in(Role.APPROVER)

    page = clerk.submit(clerk.get(f"{DESK}kept/correct"), {"city": "Typed", **changes, "action": "save"}, css=FORM)

    assert (page.status, sorted(page.errors)) == (422, errors)
    assert page.form(FORM)["city"] == "Typed"
    assert _actions(session) == ["member.admit"]


def test_correct_what_a_colleague_changed_meanwhile(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="shared")
    first, second = sign_in(Role.APPROVER, email="first@staff.example"), sign_in(Role.APPROVER)
    page = second.get(f"{DESK}shared/correct")
    first.submit(first.get(f"{DESK}shared/correct"), {"city": "One", "note": "First.", "action": "save"}, css=FORM)

    late = second.submit(page, {"city": "Two", "note": "Second thoughts.", "action": "save"}, css=FORM)

    session.expire_all()
    assert late.status == 409
    assert "first@staff.example changed this entry on" in late.text
    assert (late.form(FORM)["city"], late.form(FORM)["note"].strip()) == ("Two", "Second thoughts.")
    assert session.scalars(select(Member.city)).one() == "One"

    done = second.submit(late, {"action": "save"}, css=FORM)

    session.expire_all()
    assert "The corrected entry is published." in done.text
    assert session.scalars(select(Member.city)).one() == "Two"


def test_corrected_address_leads_on_from_the_old_one(session: Session, sign_in: SignIn, page: Visitor) -> None:
    add_member(session, slug="old-name")
    clerk = sign_in(Role.APPROVER)
    form = clerk.get(f"{DESK}old-name/correct")

    refused = clerk.submit(form, {"slug": "Neuer Name", "note": "They moved.", "action": "save"}, css=FORM)
    clerk.submit(form, {"slug": "new-name", "note": "They moved.", "action": "save"}, css=FORM)

    led = page.get("/de/members/old-name")
    assert (refused.status, list(refused.errors)) == (422, ["slug"])
    assert (led.status, led.location, page.get("/de/members/new-name").status) == (301, "/de/members/new-name", 200)


def test_correction_keeps_languages_of_a_service_that_no_list_offers(session: Session, sign_in: SignIn) -> None:
    member = add_member(session, slug="tried", offerings=(new_offering(languages=("en", "fil", "ka")),))
    clerk = sign_in(Role.APPROVER)

    clerk.submit(clerk.get(f"{DESK}tried/correct"), {"city": "Elsewhere", "note": "They moved.", "action": "save"}, css=FORM)

    session.expire_all()
    assert sorted(member.offerings[0].languages) == ["en", "fil", "ka"]


def test_showing_a_contact_leaves_its_trace(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="tried", contact=NewContact("Ana", "ana@tried.example", None, "de", shown=False))
    clerk = sign_in(Role.APPROVER)

    clerk.submit(clerk.get(f"{DESK}tried/correct"), {"contact_shown": "y", "note": "Agreed by mail.", "action": "save"}, css=FORM)

    session.expire_all()
    value = session.scalars(select(AuditValue).where(AuditValue.field == "contact")).all()[-1]
    assert ("shown" in json.loads(value.old), json.loads(value.new)["shown"]) == (False, True)
