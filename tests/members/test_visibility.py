"""One rule says what is public; each way of not being public is built and looked for everywhere."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from directory.audit import SYSTEM
from directory.members import services
from directory.members.documents import load_documents
from directory.members.models import Member, Term
from directory.members.published import load_published
from directory.members.queries import (
    get_member,
    get_visible,
    newest_ids,
    term_state,
    visible,
)
from directory.members.terms import TERMS
from directory.members.transfer import export_members
from directory.members.vocab import TermState
from tests.factories import add_member, new_offering

TODAY = datetime.now(UTC).date()
LONG_AGO = date(2026, 1, 1)
SECRET = "Hidden"


def _unpublish(session, member):
    member.published_revision = None


def _stand(verb):
    def change(session, member):
        getattr(services, verb)(
            session, member, by=SYSTEM, reason="a reason long enough", seen_version=member.version, now=datetime.now(UTC)
        )

    return change


def _term(starts_on, ends_on):
    def change(session, member):
        member.terms = []
        session.flush()
        if starts_on:
            member.terms = [Term(starts_on=starts_on, ends_on=ends_on)]

    return change


HIDDEN = {
    "unpublished": _unpublish,
    "suspended": _stand("suspend"),
    "resigned": _stand("resign"),
    "ended": _stand("end"),
    "expired": _term(LONG_AGO, TODAY - timedelta(days=TERMS.grace + 1)),
    "not begun": _term(TODAY + timedelta(days=1), None),
    "without term": _term(None, None),
}


@pytest.fixture(params=HIDDEN)
def two(request, session):
    """One public member and one that is not, as like as two peas."""
    offerings = (new_offering(titles={"en": f"{SECRET} help"}),)
    hidden = add_member(
        session, slug="hidden", names={"en": f"{SECRET} Chamber"}, city=f"{SECRET}ville", country="FR", offerings=offerings
    )
    add_member(session, slug="public", names={"en": "Open Chamber"}, country="RS")
    HIDDEN[request.param](session, hidden)
    session.commit()
    return session


def _ids(session, model):
    return list(session.scalars(sa.select(model.id).order_by(model.id)))


def test_only_the_public_one_comes_out_of_each_query(two):
    members = _ids(two, Member)

    assert list(two.scalars(sa.select(Member.slug).where(visible(TODAY)))) == ["public"]
    assert get_visible(two, "hidden", today=TODAY) is None
    assert get_visible(two, "public", today=TODAY).slug == "public"
    assert [m.slug for m in load_published(two, members, today=TODAY).values()] == ["public"]
    [public] = newest_ids(two, today=TODAY, most=6)
    assert two.get(Member, public).slug == "public"
    assert get_member(two, "hidden").slug == "hidden"


def test_only_the_public_one_has_documents(two):
    documents = load_documents(two, _ids(two, Member), today=TODAY)

    assert [d.slug for found in documents.values() for d in found] == ["public", "public--1"]


def test_only_the_public_one_is_exported(two):
    lines = list(export_members(two, today=TODAY))

    assert len(lines) == 1
    assert SECRET not in "".join(lines[0])


def test_the_hidden_one_stands_on_no_page(two, page, follow):
    follow()

    addresses = (
        "/en/", "/en/members/", "/en/services/", "/en/members/?country=FR", f"/en/members/?q={SECRET}",
        f"/en/services/?q={SECRET}", "/en/initiative", "/sitemap.xml",
    )  # fmt: skip
    for address in addresses:
        answer = page.client.get(address)
        body = answer.get_data(as_text=True)
        assert answer.status_code == 200, address
        assert f"{SECRET} Chamber" not in body, address
        assert f"{SECRET} help" not in body, address
        assert "/members/hidden" not in body, address


@pytest.mark.parametrize("how", ["suspended", "resigned", "ended", "expired"])
def test_the_profile_of_a_former_member_is_gone(session, page, how):
    member = add_member(session, slug="hidden", names={"en": f"{SECRET} Chamber"})
    HIDDEN[how](session, member)
    session.commit()

    answer = page.get("/en/members/hidden")

    assert answer.status == 410
    assert SECRET not in answer.html


def test_a_removal_shows_before_the_index_knows(session, page, follow):
    member = add_member(session, slug="hidden", names={"en": f"{SECRET} Chamber"})
    follow()
    assert SECRET in page.get("/en/members/").text

    services.suspend(
        session, member, by=SYSTEM, reason="a reason long enough", seen_version=member.version, now=datetime.now(UTC)
    )
    session.commit()

    assert SECRET not in page.get("/en/members/").html


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (None, TermState.ACTIVE),
        (TERMS.due, TermState.ACTIVE),
        (TERMS.due - 1, TermState.DUE),
        (0, TermState.DUE),
        (-1, TermState.GRACE),
        (-TERMS.grace, TermState.GRACE),
        (-TERMS.grace - 1, TermState.EXPIRED),
    ],
)
def test_term_state_and_visibility_agree(session, days, state):
    ends_on = None if days is None else TODAY + timedelta(days=days)
    member = add_member(session, joined_on=LONG_AGO, term_ends_on=ends_on)

    assert term_state(member, TODAY) == state
    assert (get_visible(session, member.slug, today=TODAY) is not None) == (state != TermState.EXPIRED)


def test_a_later_term_counts_from_its_first_day(session):
    member = add_member(session, joined_on=LONG_AGO, term_ends_on=date(2026, 2, 1))
    member.terms.append(Term(starts_on=TODAY, ends_on=None))
    session.commit()

    assert get_visible(session, member.slug, today=TODAY - timedelta(days=1)) is None
    assert get_visible(session, member.slug, today=TODAY) is not None
