"""The page of one member: all that is known, nothing that is not public, and what an address that is none answers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from directory.audit import SYSTEM
from directory.members import services as member_services
from directory.members.entry import NewClaim, NewContact
from directory.members.interchange import as_new_member
from directory.members.models import Member
from tests.conftest import NOW
from tests.factories import add_member, add_named, full_member, new_offering
from tests.page import Page, Visitor


def _admit(session: Session, **changes: object) -> Member:
    member = member_services.admit(session, full_member(slug="tried", **changes), by=SYSTEM, now=NOW)
    session.commit()
    return member


def _facts(page: Page) -> dict[str, str]:
    terms, texts = page.texts("section[aria-labelledby=facts] dt"), page.texts("section[aria-labelledby=facts] dd")
    return dict(zip(terms, texts, strict=True))


def test_profile_shows_all_that_is_known(page: Visitor, session: Session) -> None:
    _admit(session, demonstration=False, named_on=None, named_order=None)

    found = page.get("/en/members/tried")

    assert found.texts("h1") == ["Tried Chamber"]
    assert _facts(found) == {
        "Names": (
            "Комора Испробана Serbian (Cyrillic) · Official name Tried Chamber English · Name in another language "
            "TC English · Short name Old Chamber English · Former name"
        ),
        "Seat": "Belgrade, Serbia",
        "Founded": "1990",
        "Website": "tried.example",
        "Languages": "Serbian (Cyrillic) and English",
        "Sectors": "Fintech",
        "Zones": "Lingang Special Area and Pudong New Area",
        "Registration numbers": (
            "123 MB Seen in the register by the association on 1 May 2026 "
            "456 VAT number As stated by the organisation; not checked in the register"
        ),
        "Licences and certificates": (
            "Licence Issued by: Ministry Number: L-1 Valid until 1 January 2030 Seen by the association on 2 May 2026 "
            "Badge As stated by the organisation; not seen by the association"
        ),
        "Contact": "Ana Probić ana@tried.example +381 11 1234567 Main Street 1 11000 Belgrade",
    }
    [website] = found.select("section[aria-labelledby=facts] a[rel~=external]")
    assert (website["href"], website["rel"]) == ("https://tried.example", ["external", "noopener", "nofollow"])
    assert found.texts("section[aria-labelledby=services] article")[0] == (
        "Certificates On paper or not. Kind of service Trade documents, certificates of origin and carnets Sectors Fintech "
        "Countries and regions served Serbia · China Languages of the service Serbian (Cyrillic) Delivery On site · Online "
        "Fee Free for the organisation’s own members For whom For enterprises going abroad and coming in "
        "Data from China Data to Serbia Stored in Serbia Legal instrument standard contract"
    )
    assert found.texts("#service-2 .sources") == ["Source: https://tried.example/second"]
    assert found.texts("section[aria-labelledby=signature] dd") == ["1 June 2026", "sample-1", "English", "C-TRYTRYTRY0"]
    assert found.texts("dl.sources dt") == ["The announcement", "Its services", "The organisation in general"]
    assert [str(a["href"]) for a in found.select("dl.sources a")] == [
        "https://news.example/announcement",
        "https://tried.example/second",
        "https://tried.example/",
    ]


def test_personal_data_needs_leave(page: Visitor, session: Session) -> None:
    contact = NewContact("Ana Probić", "ana@tried.example", "+381 11 1234567", "sr-Latn", shown=False)
    _admit(session, contact=contact)

    found = page.get("/en/members/tried")

    assert (
        _facts(found)["Contact"] == "No contact person is shown here. You can reach the organisation through “Ask this member”."
    )
    for secret in ("Ana Probić", "ana@tried.example", "+381", "Main Street", "Petar Ogledni"):
        assert secret not in found.html


def test_missing_facts_are_said_to_be_not_known(page: Visitor, session: Session) -> None:
    bare = new_offering(titles={"en": "Help"}, category="helpdesk")
    add_member(session, slug="bare", country=None, city=None, languages=(), offerings=(bare,))

    found = page.get("/en/members/bare")

    facts = _facts(found)
    assert [facts[name] for name in ("Seat", "Founded", "Website", "Languages")] == [
        "Seat not known",
        "not known",
        "not known",
        "not known",
    ]
    assert found.texts("#service-1 dt") == ["Kind of service", "Not known"]
    assert (
        found.texts("#service-1 dd")[1]
        == "Sectors · Countries and regions served · Languages of the service · Delivery · Fee · For whom"
    )


def test_what_no_service_tells_is_said_once(page: Visitor, session: Session) -> None:
    plain = new_offering(titles={"en": "Help"}, category="helpdesk")
    served = new_offering(titles={"en": "More"}, category="helpdesk", serves=("DE",))
    add_member(session, slug="bare", languages=(), offerings=(plain, served))

    found = page.get("/en/members/bare")

    once = "Not known for any of these services: Sectors · Languages of the service · Delivery · Fee · For whom"
    assert once in found.text
    assert found.texts("#service-1 dt") == ["Kind of service", "Not known"]
    assert found.texts("#service-1 dd")[1] == "Countries and regions served"
    assert found.texts("#service-2 dt") == ["Kind of service", "Countries and regions served"]


@pytest.mark.parametrize(
    ("locale", "seat"), [("zh-Hans", "塞尔维亚 贝尔格莱德"), ("de", "Belgrad, Serbien"), ("sr-Cyrl", "Београд, Србија")]
)
def test_city_is_named_as_the_reader_calls_it(page: Visitor, session: Session, locale: str, seat: str) -> None:
    add_member(session, slug="bare", country="RS", city="Belgrade")

    assert seat in page.get(f"/{locale}/members/bare").text


def test_lapsed_claim_leaves_the_page(page: Visitor, session: Session) -> None:
    today = NOW.date()
    claims = (
        NewClaim("Lapsed", valid_until=today - timedelta(days=400)),
        NewClaim("Holding", valid_until=today + timedelta(days=4000)),
    )
    _admit(session, claims=claims)

    found = page.get("/en/members/tried")

    assert "Lapsed" not in found.html
    assert _facts(found)["Licences and certificates"].startswith("Holding")


def test_unconfirmed_entry_says_so_until_it_is_confirmed(page: Visitor, session: Session) -> None:
    member = add_named(session, slug="named")
    mark = "Named in the announcement of 6 May 2026; not yet confirmed by the organisation"

    before = page.get("/en/members/named")
    member_services.confirm(session, member, by=SYSTEM, seen_version=member.version, now=NOW)
    session.commit()
    after = page.get("/en/members/named")

    assert (mark in before.text, mark in after.text) == (True, False)
    assert _facts(after)["Last confirmed by the organisation"] == "24 November 2026"
    assert _facts(after)["Named in the announcement"] == "6 May 2026"


def test_texts_in_another_language_carry_it(page: Visitor, session: Session) -> None:
    texts = {"names": {"ar": "غرفة الاختبار"}, "summaries": {"ar": "نص"}}
    add_member(session, slug="rtl", **texts)

    found = page.get("/en/members/rtl")

    assert [(s["lang"], s["dir"]) for s in found.select("h1 span, p.quote span")] == [("ar", "rtl"), ("ar", "rtl")]
    assert found.select("title")[0].get_text().startswith("غرفة الاختبار")


def test_hostile_text_stays_text(page: Visitor, session: Session) -> None:
    hostile = "<script>alert(1)</script><b>bold</b>"
    add_member(
        session,
        slug="hostile",
        names={"en": hostile},
        summaries={"en": hostile},
        offerings=(new_offering(titles={"en": hostile}),),
    )

    found = page.get("/en/members/hostile")

    assert found.texts("h1") == [hostile]
    assert found.select("main script, main b") == []


@pytest.mark.parametrize("how", ["suspend", "resign", "end", "lapse"])
def test_entry_that_is_no_longer_public_is_gone(page: Visitor, session: Session, how: str) -> None:
    member = add_member(session, slug="former", names={"en": "Former Name"}, term_ends_on=NOW.date())
    if how == "lapse":
        member.terms[0].starts_on, member.terms[0].ends_on = NOW.date() - timedelta(days=400), NOW.date() - timedelta(days=200)
    else:
        leave = getattr(member_services, how)
        leave(session, member, by=SYSTEM, reason="A reason that nobody outside may read", seen_version=member.version, now=NOW)
    session.commit()

    for address in ("/en/members/former", "/en/members/former/enquiry", "/en/members/former/notice"):
        found = page.get(address)
        assert found.status == 410
        assert found.texts("h1") == ["No longer listed"]
        for secret in ("Former Name", "nobody outside", "Belgrade", "trade documents"):
            assert secret not in found.html


def test_old_slug_leads_to_the_new_one_while_that_is_public(page: Visitor, session: Session) -> None:
    member = add_member(session, slug="old-name", names={"en": "Renamed Chamber"})
    new = replace(as_new_member(member), slug="new-name")
    member_services.correct(session, member, new, by=SYSTEM, note="Renamed", seen_version=member.version, now=NOW)
    session.commit()

    moved = [page.get(f"/en/members/old-name{rest}") for rest in ("", "/enquiry", "/notice")]
    member_services.suspend(session, member, by=SYSTEM, reason="Under review by the board", seen_version=member.version, now=NOW)
    session.commit()
    gone = page.get("/en/members/old-name")

    assert [(m.status, m.location) for m in moved] == [
        (301, f"/en/members/new-name{rest}") for rest in ("", "/enquiry", "/notice")
    ]
    assert (gone.status, gone.location) == (410, None)


def test_entry_that_never_was_public_is_not_found(page: Visitor, session: Session) -> None:
    member = add_member(session, slug="draft")
    member.published_revision = None
    session.commit()

    assert page.get("/en/members/draft").status == 404


@pytest.mark.parametrize(
    "slug", ["nobody", "NOBODY", "%00", "%ED%A0%80", "a%00b", "<script>", "..%2f..%2fetc", "x" * 500, "伦敦", "-- "]
)
def test_guessed_address_is_not_found(page: Visitor, slug: str) -> None:
    assert [page.get(f"/en/members/{slug}{rest}").status for rest in ("", "/enquiry", "/notice")] == [404, 404, 404]
