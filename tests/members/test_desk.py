"""The desk's pages of members: reading, correcting, confirming, suspending, settling."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import SYSTEM, AuditEvent, AuditValue
from directory.enquiries.models import Notice, NoticeKind
from directory.members import services
from directory.members.entry import NewContact, NewSource
from directory.members.interchange import as_new_member
from directory.members.models import EntryRevision, Member
from directory.members.vocab import Standing
from tests.factories import add_member, add_named, full_member, new_offering
from tests.members.counting import statements
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


def test_the_list_shows_the_address_by_which_it_is_ordered(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="b-second", names={"en": "Able"})
    add_member(session, slug="a-first", names={"en": "Zest"})

    assert sign_in(Role.AUDITOR).get(DESK).texts("tbody th") == ["Zest a-first", "Able b-second"]


def test_correct_what_was_typed_wrongly_when_it_joined(session: Session, sign_in: SignIn) -> None:
    member = add_named(session, slug="named", offerings=(new_offering(),))
    clerk = sign_in(Role.APPROVER)
    page = clerk.submit(clerk.get(f"{DESK}named/correct"), {"action": "add-sources"}, css=FORM)

    changes = {
        "joined_on": "2026-05-20", "sources-0-address": "https://news.example/other", "sources-1-fact": "offering-1",
        "sources-1-address": "https://named.example/help", "note": "The form says so.", "action": "save",
    }  # fmt: skip
    clerk.submit(page, changes, css=FORM)

    session.expire_all()
    assert (str(member.joined_on), [str(term.starts_on) for term in member.terms]) == ("2026-05-20", ["2026-05-20"])
    assert [(s.fact, s.address) for s in member.sources] == [
        ("announcement", "https://news.example/other"), ("offering-1", "https://named.example/help"),
    ]  # fmt: skip
    revision = session.scalars(select(EntryRevision).order_by(EntryRevision.number.desc()).limit(1)).one()
    assert (revision.content["joined_on"], revision.content["sources"][1]["address"]) == (
        "2026-05-20",
        "https://named.example/help",
    )
    assert json.loads(session.scalars(select(AuditValue.new).where(AuditValue.field == "first_term")).one()) == "2026-05-20"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"joined_on": "9999-12-31"}, {"joined_on": "This day lies in the future. Please write a day that has come."}),
        ({"joined_on": "2026-06-30"}, {"joined_on": "The first term of the membership ends before this day."}),
        ({"sources-0-address": "news"}, {"form": "Sources · 1 · Web address of the source: "
                                         "An address that starts with https:// or http:// must stand here."}),
    ],
)  # fmt: skip
def test_correct_says_what_is_wrong(session: Session, sign_in: SignIn, changes: dict[str, str], errors: dict[str, str]) -> None:
    add_member(
        session,
        slug="short",
        joined_on=date(2026, 5, 6),
        term_ends_on=date(2026, 6, 1),
        sources=(NewSource("entry", "https://x.example"),),
    )
    clerk = sign_in(Role.APPROVER)

    page = clerk.submit(clerk.get(f"{DESK}short/correct"), {**changes, "note": "Because.", "action": "save"}, css=FORM)

    assert (page.status, page.errors) == (422, errors)


def test_a_day_to_come_that_stands_there_already_stays(session: Session, sign_in: SignIn) -> None:
    member = add_member(session, slug="early")
    member.joined_on = date(9999, 12, 31)
    session.commit()
    clerk = sign_in(Role.APPROVER)

    clerk.submit(clerk.get(f"{DESK}early/correct"), {"city": "Elsewhere", "note": "They moved.", "action": "save"}, css=FORM)

    session.expire_all()
    assert (member.city, str(member.joined_on)) == ("Elsewhere", "9999-12-31")


def test_each_published_state_has_a_page(session: Session, sign_in: SignIn) -> None:
    add_member(
        session,
        slug="told",
        summaries={"en": "We help enterprises."},
        offerings=(new_offering(), new_offering(titles={"en": "Old help"})),
    )
    clerk = sign_in(Role.APPROVER)
    page = clerk.submit(clerk.get(f"{DESK}told/correct"), {"action": "remove-offerings-1"}, css=FORM)
    page = clerk.submit(
        page, {"summaries-0-text": "We help small enterprises.", "country": "DE", "note": "By mail.", "action": "save"}, css=FORM
    )

    reader = sign_in(Role.AUDITOR)
    links = [str(a["href"]) for a in reader.get(f"{DESK}told").select("#revisions + ol a")]
    newest, first = (reader.get(link) for link in links)

    assert links == [f"{DESK}told/states/2", f"{DESK}told/states/1"]
    assert newest.texts(".changes tbody tr")[:2] == [
        "Country or region removed: Serbia added: Germany",
        "Short descriptions · English We help enterprises. We help added: small enterprises.",
    ]
    assert newest.texts(".changes tbody th")[2] == "Name of the service · English Old help"
    assert "By mail." in newest.text
    assert "This is what the entry says today." in newest.text
    assert "It is the first one." in first.text
    assert "Serbia" in first.texts("dl.facts dd")
    assert [reader.get(f"{DESK}told/states/{number}").status for number in ("3", "0", "99999999999999999999")] == [404, 404, 404]


def test_a_state_takes_the_same_questions_however_many_there_are(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="often")
    clerk = sign_in(Role.APPROVER)
    counts = []
    for city in ("One", "Two", "Three"):
        clerk.submit(clerk.get(f"{DESK}often/correct"), {"city": city, "note": "They moved.", "action": "save"}, css=FORM)
        with statements(session) as found:
            clerk.get(f"{DESK}often/states/2")
        counts.append(len(found))

    assert len(set(counts)) == 1


def test_sources_are_links_that_say_in_words_what_they_are_for(session: Session, sign_in: SignIn) -> None:
    sources = (NewSource("announcement", "https://news.example/a"), NewSource("offering-1", "https://x.example/help"))
    add_named(session, slug="sourced", offerings=(new_offering(titles={"en": "First help"}),), sources=sources)

    page = sign_in(Role.AUDITOR).get(f"{DESK}sourced")

    assert page.texts(".sources li") == [
        "The announcement : https://news.example/a",
        "Service: First help : https://x.example/help",
    ]
    assert [str(a["href"]) for a in page.select(".sources a")] == ["https://news.example/a", "https://x.example/help"]


def test_a_stale_correction_is_told_before_its_fields_are_looked_at(session: Session, sign_in: SignIn, now: datetime) -> None:
    source = NewSource("offering-1", "https://alpha.example/services")
    member = add_member(session, slug="alpha", offerings=(new_offering(number=1),), sources=(source,))
    clerk = sign_in(Role.APPROVER)
    page = clerk.get(f"{DESK}alpha/correct")
    services.correct(
        session, member, new=replace(as_new_member(member), offerings=(), sources=()), by=SYSTEM, note="", seen_version=member.version,
        now=now,
    )  # fmt: skip
    session.commit()

    late = clerk.submit(page, {"city": "Novi Sad", "note": "Moved.", "action": "save"}, css="main form[novalidate]")

    assert late.status == 409
    assert "This entry changed on" in late.text
    assert late.form("main form[novalidate]")["city"] == "Novi Sad"
