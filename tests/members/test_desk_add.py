"""Adding a member by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.audit import AuditEvent
from directory.initiative.queries import get_initiative
from directory.members.models import EntryRevision, Member
from directory.members.queries import get_member
from tests.factories import add_member
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
NEW = "/en/staff/members/new"
FORM = "main form[novalidate]"
VERSION = get_initiative().statement.version


def _payload(**changes: Any) -> dict[str, Any]:
    return {
        "action": "save",
        "names-0-name": "Савез Проба",
        "names-0-tag": "sr-Cyrl",
        "kind": "institution",
        "type": "association",
        "country": "RS",
        "city": "Niš",
        "website": "proba.example",
        "joined_on": "2026-06-02",
        "note": "Signed at the fair in Novi Sad.",
    } | changes


def _send(clerk: Visitor, **changes: Any) -> Page:
    return clerk.submit(clerk.get(NEW), _payload(**changes), css=FORM)


def test_a_member_is_added_and_public(session: Session, sign_in: SignIn, page: Visitor) -> None:
    done = _send(
        sign_in(Role.APPROVER), statement_version=VERSION, statement_tag="en", signed_on="2026-06-01", signed_by="Petar Ogledni",
        capacity="President",
    )  # fmt: skip

    assert "The member is added and public." in done.text
    member = get_member(session, "savez-proba")
    assert member is not None
    assert member.signature is not None
    assert (str(member.joined_on), str(member.terms[0].starts_on)) == ("2026-06-02", "2026-06-02")
    assert (member.signature.signed_by, member.signature.capacity, str(member.signature.signed_on)) == (
        "Petar Ogledni", "President", "2026-06-01",
    )  # fmt: skip
    event = session.scalar(select(AuditEvent))
    assert event is not None
    assert (event.action, event.actor_kind) == ("member.admit", "staff")
    assert session.scalars(select(EntryRevision.note)).all() == ["Signed at the fair in Novi Sad."]
    assert page.get("/en/members/savez-proba").status == 200


def test_services_and_sources_come_by_rows(session: Session, sign_in: SignIn, page: Visitor) -> None:
    clerk = sign_in(Role.COORDINATOR)
    first = clerk.submit(clerk.get(NEW), _payload(action="add-offerings"), css=FORM)
    second = clerk.submit(first, {"action": "add-sources"}, css=FORM)

    clerk.submit(
        second,
        {
            "action": "save", "offerings-0-title": "Advice", "offerings-0-tag": "en", "offerings-0-category": "market-entry-advisory",
            "offerings-0-serves": ["CN", "DE"], "sources-0-address": "https://proba.example/about",
        },
        css=FORM,
    )  # fmt: skip

    member = get_member(session, "savez-proba")
    assert member is not None
    assert [(o.number, o.titles, o.serves) for o in member.offerings] == [(1, {"en": "Advice"}, ["CN", "DE"])]
    assert [(s.fact, s.address) for s in member.sources] == [("entry", "https://proba.example/about")]
    assert "proba.example" in page.get("/en/members/savez-proba").text


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"note": ""}, ["note"]),
        ({"names-0-name": ""}, ["names-0-name"]),
        ({"kind": ""}, ["kind"]),
        ({"joined_on": "soon"}, ["joined_on"]),
        ({"signed_by": "Petar"}, ["statement_version", "statement_tag", "signed_on"]),
        ({"statement_version": "unheard-of"}, ["statement_version"]),
        ({"slug": "new"}, ["slug"]),
        ({"website": "javascript:alert(1)"}, ["website"]),
    ],
)
def test_what_is_not_right_is_kept_and_named(
    session: Session, sign_in: SignIn, changes: dict[str, str], errors: list[str]
) -> None:
    page = _send(sign_in(Role.APPROVER), **{"city": "Typed", **changes})

    assert page.status == 422
    assert [name for name in page.errors if name in errors] == errors
    assert 'value="Typed"' in page.html
    assert session.scalars(select(Member)).all() == []


def test_who_may_be_the_same_is_shown_first(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="there", names={"en": "Elsewhere"}, website="www.proba.example")
    clerk = sign_in(Role.APPROVER)

    asked = _send(clerk)
    still = clerk.submit(asked, {"action": "save"}, css=FORM)
    add_member(session, slug="there-too", names={"sr-Latn": "Savez Proba"})
    more = clerk.submit(asked, {"action": "save", "is_another": "y"}, css=FORM)
    done = clerk.submit(more, {"action": "save", "is_another": "y"}, css=FORM)

    shown = [[str(one["data-candidate"]) for one in page.select("[data-candidate]")] for page in (asked, still, more)]
    assert shown == [["there"], ["there"], ["there", "there-too"]]
    assert [(page.status, list(page.errors)) for page in (asked, still, more)] == [(422, ["is_another"])] * 3
    assert "the same website. Likely the same organisation." in asked.text
    assert "The member is added and public." in done.text


def test_a_taken_address_is_told(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="taken")

    page = _send(sign_in(Role.APPROVER), slug="taken")

    assert (page.status, list(page.errors)) == (422, ["slug"])


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"website": "nowhere"}, {"website": "A web address must stand here, such as www.organisation.example."}),
        ({"founded": "3000"}, {"founded": f"A year from 500 to {datetime.now(UTC).year} must stand here."}),
        ({"slug": "new"}, {"slug": "This address is kept for a page of the site. Please choose another one."}),
        ({"joined_on": "9999-12-31"}, {"joined_on": "This day lies in the future. Please write a day that has come."}),
        (
            {"statement_version": VERSION, "statement_tag": "en", "signed_on": "2999-01-01"},
            {"signed_on": "This day lies in the future. Please write a day that has come."},
        ),
    ],
)
def test_what_is_wrong_is_said(session: Session, sign_in: SignIn, changes: dict[str, str], errors: dict[str, str]) -> None:
    page = _send(sign_in(Role.APPROVER), **changes)

    assert (page.status, page.errors) == (422, errors)
    assert session.scalars(select(Member)).all() == []
