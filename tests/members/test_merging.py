"""Merging a duplicate: what goes over, what the public sees then, who is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications import consenting
from directory.applications.states import State
from directory.audit import SYSTEM, AuditEvent, AuditValue, verify
from directory.consents.models import Consent
from directory.consents.queries import may_be_listed
from directory.consents.texts import texts_today
from directory.consents.vocab import ConsentKind
from directory.enquiries.models import Enquiry, Notice, NoticeKind
from directory.errors import Conflict, Invalid, NotAllowed, WrongStatus
from directory.figures.queries import members_on
from directory.initiative.models import Taxonomy, Term
from directory.members import merging, services
from directory.members.carrying import count_uses, move_to_successor
from directory.members.documents import load_documents
from directory.members.entry import NewContact, NewRegistration, NewSignature
from directory.members.importing import Importer
from directory.members.interchange import as_new_member
from directory.members.lines import Line
from directory.members.models import EntryRevision, Member
from directory.members.queries import find_old_slug, get_member
from directory.members.transfer import export_members
from directory.members.vocab import Standing
from directory.search.changes import Change
from tests.conftest import NOW
from tests.factories import add_application, add_member, new_offering
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
DESK = "/en/staff/members/"
NOTE = "Both are the same chamber."
FORM = "main form[action$='/merge']"


@pytest.fixture
def merge(app: Flask, session: Session) -> Callable[..., None]:
    """Give a way to merge the member of one slug into that of another."""

    def call(slug: str, into: str, **changes: Any) -> None:
        member, other = get_member(session, slug), get_member(session, into)
        assert member is not None
        assert other is not None
        values = {
            "into": other, "offerings": (), "note": NOTE, "followers": app.extensions["followers"], "by": SYSTEM,
            "seen_version": member.version, "seen_into": other.version, "now": datetime.now(UTC),
        }  # fmt: skip
        merging.merge(session, member, **values | changes)
        session.commit()

    return call


@pytest.fixture
def two(session: Session) -> Session:
    """Give the same organisation twice."""
    add_member(session, slug="stays", names={"en": "Proba Union"}, city="Belgrade")
    add_member(
        session, slug="goes", names={"sr-Cyrl": "Савез Проба"}, city="Hiddenville", contact=NewContact("Eva", "eva@goes.example"),
        registrations=(NewRegistration("RS-MB", "07012345"),), offerings=(new_offering(titles={"en": "Rare help"}),),
    )  # fmt: skip
    return session


def test_the_public_sees_one_entry_and_every_old_address_leads_to_it(
    two: Session, merge: Callable[..., None], page: Visitor, follow: Callable[[], None]
) -> None:
    goes = get_member(two, "goes")
    assert goes is not None
    moved = replace(as_new_member(goes), slug="goes-now")
    services.correct(two, goes, moved, by=SYSTEM, note="", seen_version=goes.version, now=NOW)
    two.commit()
    follow()

    merge("goes-now", "stays", offerings=[1])

    found = {path: page.get(path) for path in ("/en/members/goes", "/en/members/goes-now", "/de/members/goes-now/enquiry")}
    assert {path: (one.status, one.location) for path, one in found.items()} == {
        "/en/members/goes": (301, "/en/members/stays"),
        "/en/members/goes-now": (301, "/en/members/stays"),
        "/de/members/goes-now/enquiry": (301, "/de/members/stays/enquiry"),
    }
    assert page.get("/en/members/").slugs == ["stays"]
    profile = page.get("/en/members/stays").text
    assert "Савез Проба" in profile
    assert "Rare help" in profile
    assert "Hiddenville" not in profile
    follow()
    assert page.get("/en/members/?q=Савез").slugs == ["stays"]
    assert page.get("/en/members/?q=Hiddenville").slugs == []
    assert "goes" not in page.client.get("/sitemap.xml").get_data(as_text=True)


def test_only_the_one_that_stays_is_public(two: Session, merge: Callable[..., None]) -> None:
    before = members_on(two, [datetime.now(UTC).date()])

    merge("goes", "stays")

    today = datetime.now(UTC).date()
    ids = list(two.scalars(sa.select(Member.id)))
    assert [d.slug for found in load_documents(two, ids, today=today).values() for d in found] == ["stays", "stays--1"]
    assert len(list(export_members(two, today=today))) == 1
    assert (before, members_on(two, [today])) == ([2], [1])


def test_all_of_it_is_recorded_in_one_transaction(two: Session, merge: Callable[..., None]) -> None:
    merge("goes", "stays", offerings=[1])

    stays, goes = get_member(two, "stays"), get_member(two, "goes")
    assert stays is not None
    assert goes is not None
    events = two.execute(sa.select(AuditEvent.action, AuditEvent.subject_id).order_by(AuditEvent.sequence)).all()
    assert [tuple(event) for event in events[-2:]] == [("member.merge", "stays"), ("member.merge_into", "goes")]
    last = sa.select(AuditEvent.sequence).where(AuditEvent.action == "member.merge").scalar_subquery()
    told = {v.field: v.new for v in two.scalars(sa.select(AuditValue).where(AuditValue.sequence == last))}
    assert told.keys() == {"alternate_names", "registrations", "offerings", "contact", "merged", "note"}
    assert told["merged"] == '"goes"'
    assert list(two.scalars(sa.select(Change.subject_id).order_by(Change.sequence)))[-2:] == [stays.id, goes.id]
    assert (stays.version, stays.published_revision) == (2, 2)
    revision = two.scalar(sa.select(EntryRevision).where(EntryRevision.member_id == stays.id, EntryRevision.number == 2))
    assert revision is not None
    assert (revision.note, [o["title"] for o in revision.content["offerings"]]) == (
        NOTE, [{"en": "Help with trade documents"}, {"en": "Rare help"}]
    )  # fmt: skip
    assert (goes.standing, goes.is_merged, goes.heir.slug, goes.contact) == (Standing.ENDED, True, "stays", None)
    assert [r.value for r in stays.registrations] == ["07012345"]
    assert (stays.contact.name, stays.city) == ("Eva", "Belgrade")
    assert verify(two).broken is None


def test_a_signature_goes_over_with_its_certificate_where_there_is_none(session: Session, merge: Callable[..., None]) -> None:
    signature = NewSignature("sample-1", "en", date(2026, 6, 1), "Petar", "President", "C-GOESGOES00")
    add_member(session, slug="stays", joined_on=None)
    add_member(session, slug="goes", signature=signature, joined_on=date(2026, 6, 1))

    merge("goes", "stays")

    stays, goes = get_member(session, "stays"), get_member(session, "goes")
    assert stays is not None
    assert goes is not None
    assert (stays.signature.certificate, stays.joined_on, goes.signature) == ("C-GOESGOES00", date(2026, 6, 1), None)


def test_the_desk_shows_a_signature_where_it_is_now(session: Session, merge: Callable[..., None], sign_in: SignIn) -> None:
    signature = NewSignature("sample-1", "en", date(2026, 6, 1), "Petar", "President", "C-GOESGOES00")
    add_member(session, slug="stays", joined_on=None)
    add_member(session, slug="goes", signature=signature, joined_on=date(2026, 6, 1))

    merge("goes", "stays")

    clerk = sign_in(Role.APPROVER)
    shown = {slug: "C-GOESGOES00" in clerk.get(f"{DESK}{slug}").text for slug in ("stays", "goes")}
    assert shown == {"stays": True, "goes": False}


def test_two_signatures_stay_where_they_are(session: Session, merge: Callable[..., None]) -> None:
    for slug, certificate in (("stays", "C-STAYSSTAYS"), ("goes", "C-GOESGOES00")):
        add_member(session, slug=slug, signature=NewSignature("sample-1", "en", date(2026, 6, 1), certificate=certificate))

    merge("goes", "stays")

    assert [(m.slug, m.signature.certificate) for slug in ("stays", "goes") if (m := get_member(session, slug))] == [
        ("stays", "C-STAYSSTAYS"),
        ("goes", "C-GOESGOES00"),
    ]


def test_a_chain_of_mergers_has_one_step(session: Session, merge: Callable[..., None], page: Visitor) -> None:
    for slug in ("first", "second", "third"):
        add_member(session, slug=slug)

    merge("first", "second")
    merge("second", "third")

    assert [find_old_slug(session, slug) for slug in ("first", "second", "third")] == ["third", "third", None]
    assert page.get("/en/members/first").location == "/en/members/third"


def test_where_the_one_that_stays_leaves_too_the_old_address_is_gone(
    two: Session, merge: Callable[..., None], page: Visitor
) -> None:
    merge("goes", "stays")
    stays = get_member(two, "stays")
    assert stays is not None
    services.suspend(two, stays, by=SYSTEM, reason="a reason long enough", seen_version=stays.version, now=NOW)
    two.commit()

    assert page.get("/en/members/goes").status == 410


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"standing": Standing.SUSPENDED, "standing_reason": "Fees are due."}, Invalid, "standing"),
        ({"demonstration": True}, Invalid, "demonstration"),
    ],
)
def test_what_must_stay_apart(
    two: Session, merge: Callable[..., None], change: dict[str, Any], error: type[Exception], reason: str
) -> None:
    stays = get_member(two, "stays")
    for name, value in change.items():
        setattr(stays, name, value)
    two.commit()

    with pytest.raises(error) as raised:
        merge("goes", "stays")

    assert raised.value.reason == reason  # type: ignore[attr-defined]


def test_itself_and_what_was_merged_before(two: Session, merge: Callable[..., None]) -> None:
    with pytest.raises(Invalid, match="itself"):
        merge("goes", "goes")
    two.rollback()
    merge("goes", "stays")

    for slug, into in (("goes", "stays"), ("stays", "goes")):
        with pytest.raises(WrongStatus):
            merge(slug, into)
        two.rollback()


def test_too_many_services(session: Session, merge: Callable[..., None]) -> None:
    many = tuple(new_offering(titles={"en": f"Help {n}"}) for n in range(12))
    add_member(session, slug="stays", offerings=many)
    add_member(session, slug="goes")

    with pytest.raises(Invalid, match="offerings"):
        merge("goes", "stays", offerings=[1])


@pytest.mark.parametrize("seen", ["seen_version", "seen_into"])
def test_a_version_that_nobody_saw(two: Session, merge: Callable[..., None], seen: str) -> None:
    with pytest.raises(Conflict):
        merge("goes", "stays", **{seen: 99})
    two.rollback()

    assert find_old_slug(two, "goes") is None


def test_nobody_changes_what_was_merged(two: Session, merge: Callable[..., None]) -> None:
    merge("goes", "stays")
    goes = get_member(two, "goes")
    assert goes is not None
    common = {"by": SYSTEM, "seen_version": goes.version, "now": NOW}

    for verb in ("suspend", "resign", "end", "restore"):
        with pytest.raises(WrongStatus):
            getattr(services, verb)(two, goes, reason="a reason long enough", **common)
    with pytest.raises(WrongStatus):
        services.confirm(two, goes, **common)


def test_notices_and_enquiries_follow(two: Session, merge: Callable[..., None]) -> None:
    goes = get_member(two, "goes")
    two.add(Notice(member=goes, kind=NoticeKind.CORRECT, locale="en", name="Erika", email="e@x.example", at=NOW))
    two.add(Enquiry(member=goes, locale="en", name="Ana", email="a@x.example", words="What?", relayed_to_staff=False, at=NOW))
    two.commit()

    merge("goes", "stays")

    assert [one.member.slug for table in (Notice, Enquiry) for one in two.scalars(sa.select(table))] == ["stays", "stays"]


def test_the_application_and_its_consents_follow(two: Session, merge: Callable[..., None]) -> None:
    application = _approved(two, "goes")

    merge("goes", "stays")

    two.refresh(application)
    assert application.member is not None
    assert application.member.slug == "stays"
    assert {one.member_id for one in two.scalars(sa.select(Consent))} == {application.member_id}


def test_an_organisation_that_applied_twice_can_still_take_its_entry_off(
    two: Session, merge: Callable[..., None], page: Visitor
) -> None:
    kept, other = _approved(two, "stays"), _approved(two, "goes")
    merge("goes", "stays")
    two.refresh(other)
    assert other.member is not None
    assert (kept.member is not None, other.member.slug) == (True, "goes")

    urls = {"url": "https://d.example/c", "desk_url": "https://d.example/d", "staff_mail": "staff@d.example"}
    consenting.take_back(two, other, ConsentKind.LISTED, now=NOW, **urls)
    two.commit()

    assert page.get("/en/members/stays").status == 410
    consenting.give(two, other, ConsentKind.LISTED, version=texts_today().version, locale="en", now=NOW)
    two.commit()
    assert page.get("/en/members/stays").status == 200


def test_who_took_its_consent_back_is_not_published_by_a_merger(two: Session, merge: Callable[..., None]) -> None:
    goes = get_member(two, "goes")
    assert goes is not None
    services.take_off_list(two, goes, by=SYSTEM, now=NOW)
    two.commit()

    with pytest.raises(NotAllowed):
        merge("goes", "stays")


@pytest.mark.parametrize("first", [True, False])
def test_either_of_two_applicants_keeps_what_became_one_entry_off(two: Session, merge: Callable[..., None], first: bool) -> None:
    one, other = _approved(two, "stays"), _approved(two, "goes")
    merge("goes", "stays")
    member = one.member
    assert may_be_listed(two, member.id)

    for consent in (one if first else other).consents:
        if consent.kind == ConsentKind.LISTED:
            consent.revoked_at = NOW
    two.flush()

    assert not may_be_listed(two, member.id)


def _approved(session: Session, slug: str) -> Any:
    application = add_application(session, state=State.APPROVED)
    application.member = get_member(session, slug)
    for consent in application.consents:
        consent.member_id = application.member.id
    session.commit()
    return application


def _compared(clerk: Visitor) -> Page:
    return clerk.get(f"{DESK}goes/merge?into=stays")


def test_desk_offers_who_may_be_the_same(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="goes", names={"en": "Proba Union"}, website="proba.example")
    add_member(session, slug="stays", names={"en": "Proba Union"}, website="www.proba.example")
    add_member(session, slug="other", names={"en": "Elsewhere"})
    clerk = sign_in(Role.APPROVER)

    shown = clerk.get(f"{DESK}goes/merge")

    assert [str(one["data-candidate"]) for one in shown.select("[data-candidate]")] == ["stays"]
    assert "the same name and the same website. Very likely the same organisation." in shown.text
    assert clerk.get(f"{DESK}goes/merge?into=nobody").errors == {"into": "There is no member with the address “nobody”."}
    assert "Merge Proba Union" in clerk.get(f"{DESK}goes/merge?into=https://d.example/en/members/stays?x=1").text


@pytest.mark.usefixtures("two")
def test_desk_shows_both_and_says_what_happens(sign_in: SignIn) -> None:
    shown = _compared(sign_in(Role.COORDINATOR))

    assert [row[:2] for row in ([td.get_text(" ", strip=True) for td in tr.select("td")] for tr in shown.select("tbody tr"))][
        0
    ] == [
        "goes",
        "stays",
    ]
    assert "Savez" not in shown.text
    assert "Names, so that it is found by them: Савез Проба (Former name)" in shown.text
    assert "This cannot be undone." in shown.text


@pytest.mark.usefixtures("two")
def test_desk_merges_and_shows_where_it_went(session: Session, sign_in: SignIn, page: Visitor) -> None:
    clerk = sign_in(Role.APPROVER)

    unsure = clerk.submit(_compared(clerk), {"note": NOTE}, css=FORM)
    done = clerk.submit(unsure, {"is_sure": "y", "offerings": ["1"]}, css=FORM)

    assert (unsure.status, list(unsure.errors)) == (422, ["is_sure"])
    assert NOTE in unsure.html
    assert "The two entries are one now." in done.text
    assert "Merged into this entry: Савез Проба" in done.text
    gone = clerk.get(f"{DESK}goes")
    assert "Merged into Proba Union on" in gone.text
    assert gone.select("main form") == []
    for told in [clerk.get(f"{DESK}goes/{way}") for way in ("correct", "merge")]:
        assert (told.status, told.texts("h1")) == (409, ["Савез Проба was merged into another entry"])
        assert f"{DESK}stays" in {str(a["href"]) for a in told.select("main a")}
        assert "Merged into Proba Union on" in told.text
        assert "What you sent" not in told.text
    assert {q: len(clerk.get(f"{DESK}?standing={q}").select("[data-member]")) for q in ("merged", "ended", "good")} == {
        "merged": 1, "ended": 0, "good": 1,
    }  # fmt: skip
    assert page.get("/en/members/goes").status == 301


@pytest.mark.usefixtures("two")
def test_desk_keeps_what_was_typed_when_a_colleague_was_faster(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _compared(clerk)
    clerk.submit(clerk.get(f"{DESK}stays"), css="form[action$='/confirm']")

    late = clerk.submit(shown, {"is_sure": "y", "offerings": ["1"], "note": NOTE}, css=FORM)
    done = clerk.submit(late, css=FORM)

    assert late.status == 409
    assert "changed one of these entries on" in late.text
    assert NOTE in late.html
    assert "The two entries are one now." in done.text


def test_a_merged_entry_keeps_a_retired_term_and_does_not_keep_others_from_moving(
    two: Session, merge: Callable[..., None]
) -> None:
    merge("goes", "stays")
    old, new = "trade-documents", "e-invoicing"
    taxonomy = Taxonomy({slug: Term(slug, {}, successor=new if slug == old else None) for slug in (old, new)})
    before = count_uses(two, "category", [old])[old].offerings

    moved = move_to_successor(two, "category", old, taxonomy, by=SYSTEM, note=NOTE, now=NOW)

    assert (before, moved, count_uses(two, "category", [old])[old].offerings) == (1, 1, 0)
    assert [o.category for slug in ("stays", "goes") if (m := get_member(two, slug)) for o in m.offerings] == [new, old]


def test_a_line_of_a_file_for_a_merged_entry_is_refused(two: Session, merge: Callable[..., None]) -> None:
    merge("goes", "stays")
    text = b'{"slug":"goes","kind":"enterprise","names":{"en":"Goes"}}'

    step = Importer(two, NOW, is_dry=True).take([Line(1, text, len(text))])

    assert [str(fault) for fault in step.faults] == ["line 1: slug: belongs to a member that was merged into another one"]
