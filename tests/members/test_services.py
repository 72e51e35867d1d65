from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.audit import SYSTEM, Actor, AuditEvent, AuditValue, verify
from directory.db import db
from directory.errors import Conflict, Invalid, WrongStatus
from directory.members import services
from directory.members.entry import NewContact, NewSource
from directory.members.interchange import as_new_member, as_record
from directory.members.models import REASON_MAX, EntryRevision, Member, MemberContact, OldSlug
from directory.members.queries import find_old_slug, get_member
from directory.members.rows import CERTIFICATE_LETTERS
from directory.members.vocab import Standing
from directory.search.changes import Change
from tests.conftest import NOW
from tests.factories import add_member, full_member, new_member, new_offering

CLERK = Actor("staff", "clerk-1")
REASON = "The register no longer lists it."
LATER = NOW + timedelta(days=1)


def _events(session):
    return [(e.action, e.actor_kind, e.subject_id) for e in session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence))]


def _values(session, action):
    rows = sa.select(AuditValue).join(AuditEvent).where(AuditEvent.action == action)
    return {v.field: (v.old, v.new) for v in session.scalars(rows)}


def _changed(session):
    return list(session.scalars(sa.select(Change.subject_id).order_by(Change.sequence)))


def test_admit_writes_everything_at_once(session):
    new = full_member(joined_on=date(2026, 6, 1))

    member = services.admit(session, new, by=CLERK, now=NOW, term_ends_on=date(2027, 5, 31), note="Welcome")
    session.commit()

    assert as_new_member(member) == new
    assert [(t.starts_on, t.ends_on) for t in member.terms] == [(date(2026, 6, 1), date(2027, 5, 31))]
    assert (member.published_revision, member.version, member.offerings_used) == (1, 1, 2)
    [revision] = session.scalars(sa.select(EntryRevision))
    assert (revision.number, revision.note, revision.published_by) == (1, "Welcome", "clerk-1")
    assert revision.content == as_record(new)
    assert "contact" not in revision.content
    assert _events(session) == [("member.admit", "staff", member.slug)]
    assert _changed(session) == [member.id]


def test_nothing_stays_of_an_admission_that_is_rolled_back(session):
    services.admit(session, new_member(), by=CLERK, now=NOW)
    session.rollback()

    counts = [session.scalar(sa.select(sa.func.count()).select_from(m)) for m in (Member, EntryRevision, AuditEvent, Change)]
    assert counts == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        ({"de": "Außenwirtschaft Köln e. V.", "en": "Foreign Trade Cologne"}, "foreign-trade-cologne"),
        ({"de": "Außenwirtschaft Köln e. V."}, "aussenwirtschaft-koln-e-v"),
        ({"zh-Hans": "上海市商会"}, "shanghaishishanghui"),
        ({"sr-Cyrl": "Привредна комора"}, "privredna-komora"),
        ({"en": "!!!"}, "member"),
        ({"en": "Search"}, "search-2"),
        ({"en": "x" * 200}, "x" * 112),
    ],
)
def test_a_slug_is_made_from_the_name(session, names, slug):
    member = services.admit(session, new_member(slug=None, names=names), by=CLERK, now=NOW)

    assert member.slug == slug


def test_a_slug_is_never_given_twice(session):
    for _ in range(3):
        add_member(session, slug=None, names={"en": "Same Name"})
    session.add(OldSlug(slug="same-name-4", member_id=1))
    add_member(session, slug=None, names={"en": "Same Name"})

    slugs = list(session.scalars(sa.select(Member.slug).order_by(Member.id)))
    assert slugs == ["same-name", "same-name-2", "same-name-3", "same-name-5"]


@pytest.mark.parametrize("slug", ["search", "With Space", "ümlaut", "", "a" * 121, "--", "x/y"])
def test_a_slug_that_may_not_be_one_is_refused(session, slug):
    with pytest.raises(Invalid, match="slug"):
        services.admit(session, new_member(slug=slug), by=CLERK, now=NOW)


def test_a_slug_of_another_member_is_refused(session):
    first = add_member(session, slug="taken")
    session.add(OldSlug(slug="once-taken", member_id=first.id))
    session.commit()

    for slug in ("taken", "once-taken"):
        with pytest.raises(Invalid, match="another member"):
            services.admit(session, new_member(slug=slug), by=CLERK, now=NOW)


def test_a_signature_without_certificate_gets_one(session):
    unsigned = replace(full_member().signature, certificate=None)

    numbers = [add_member(session, signature=unsigned).signature.certificate for _ in range(5)]

    assert len(set(numbers)) == 5
    for number in numbers:
        assert number.startswith("C-")
        assert len(number) == 12
        assert set(number[2:]) <= set(CERTIFICATE_LETTERS)


def test_a_certificate_of_another_member_is_refused(session):
    signature = full_member().signature
    add_member(session, signature=signature)

    with pytest.raises(Invalid, match="certificate"):
        services.admit(session, new_member(signature=signature), by=CLERK, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"names": {}}, "names"),
        ({"names": {"en": "x" * 201}}, "names.en"),
        ({"country": "XX"}, "country"),
        ({"city": "a\x00b"}, "city"),
        ({"offerings": (new_offering(category="magic"),)}, "category"),
        ({"offerings": (new_offering(number=1), new_offering(number=1))}, "same number"),
        ({"offerings": tuple(new_offering() for _ in range(13))}, "offerings"),
        ({"website": "javascript://alert"}, "website"),
        ({"named_on": date(2026, 5, 6)}, "sources"),
    ],
)
def test_admit_refuses_what_the_format_refuses(session, changes, field):
    with pytest.raises(Invalid, match=field):
        services.admit(session, new_member(**changes), by=CLERK, now=NOW)


def test_correct_publishes_a_revision_and_says_what_changed(session):
    member = add_member(session, city="Belgrad")
    new = replace(as_new_member(member), city="Belgrade")

    revision = services.correct(session, member, new, by=CLERK, note="A typing error", seen_version=1, now=LATER)
    session.commit()

    assert (member.city, member.version, member.published_revision, member.updated_at) == ("Belgrade", 2, 2, LATER)
    assert (revision.number, revision.note, revision.content["city"]) == (2, "A typing error", "Belgrade")
    assert _events(session)[1:] == [("member.correct", "staff", member.slug)]
    assert _values(session, "member.correct") == {"city": ('"Belgrad"', '"Belgrade"'), "note": ("null", '"A typing error"')}
    assert _changed(session) == [member.id, member.id]


def test_correct_can_change_every_part(session):
    member = add_member(session, **vars(full_member()))
    other = full_member(
        slug=member.slug, names={"en": "New Name", "de": "Neuer Name"}, summaries={"en": "New.", "sr-Cyrl": "Ново."}, zones=(),
        claims=(), registrations=(), alternate_names=(), address=None, founded=None, website=None, type=None,
    )  # fmt: skip

    services.correct(session, member, other, by=CLERK, note="", seen_version=1, now=LATER)
    session.commit()
    session.expunge_all()

    assert as_new_member(get_member(session, other.slug)) == other


def test_correct_keeps_numbers_and_never_gives_one_again(session):
    titles = [{"en": title} for title in ("One", "Two", "Three")]
    member = add_member(session, offerings=tuple(new_offering(titles=t) for t in titles))
    ids = {o.number: o.id for o in member.offerings}
    entry = as_new_member(member)
    source = NewSource("offering-2", "https://two.example/")

    third_gone = replace(entry, offerings=(entry.offerings[1], entry.offerings[0]), sources=(source,))
    services.correct(session, member, third_gone, by=CLERK, note="", seen_version=1, now=LATER)
    new_one = replace(as_new_member(member), offerings=(*as_new_member(member).offerings[1:], new_offering()))
    services.correct(session, member, new_one, by=CLERK, note="", seen_version=2, now=LATER)
    session.commit()

    assert [(o.number, o.position) for o in member.offerings] == [(1, 1), (4, 2)]
    assert member.offerings[0].id == ids[1]
    assert [s.fact for s in member.sources] == []


def test_correct_refuses_the_number_of_an_offering_that_is_gone(session):
    member = add_member(session, offerings=(new_offering(), new_offering()))
    entry = as_new_member(member)
    services.correct(session, member, replace(entry, offerings=entry.offerings[:1]), by=CLERK, note="", seen_version=1, now=LATER)

    with pytest.raises(Invalid, match="number 2"):
        services.correct(session, member, entry, by=CLERK, note="", seen_version=2, now=LATER)


def test_correct_keeps_contact_and_signature_that_are_not_given(session):
    full = full_member()
    member = add_member(session, **vars(full))

    services.correct(session, member, replace(full, contact=None, signature=None), by=CLERK, note="", seen_version=1, now=LATER)

    assert as_new_member(member) == full


def test_a_changed_slug_leaves_a_redirect_and_may_come_back(session):
    member = add_member(session, slug="old-name")
    entry = as_new_member(member)

    services.correct(session, member, replace(entry, slug="new-name"), by=CLERK, note="", seen_version=1, now=LATER)
    session.commit()
    assert (member.slug, find_old_slug(session, "old-name")) == ("new-name", "new-name")

    services.correct(session, member, entry, by=CLERK, note="", seen_version=2, now=LATER)
    session.commit()
    assert (member.slug, find_old_slug(session, "new-name"), find_old_slug(session, "old-name")) == (
        "old-name",
        "old-name",
        None,
    )


def test_correct_refuses_the_slug_of_another(session):
    add_member(session, slug="other")
    member = add_member(session)

    with pytest.raises(Invalid, match="another member"):
        services.correct(
            session, member, replace(as_new_member(member), slug="other"), by=CLERK, note="", seen_version=1, now=LATER
        )


def test_who_saw_an_older_version_is_refused(session):
    member = add_member(session)
    services.confirm(session, member, by=CLERK, seen_version=1, now=LATER)
    session.commit()

    with pytest.raises(Conflict):
        services.confirm(session, member, by=CLERK, seen_version=1, now=LATER)
    with pytest.raises(Conflict):
        services.correct(session, member, as_new_member(member), by=CLERK, note="", seen_version=1, now=LATER)
    with pytest.raises(Conflict):
        services.suspend(session, member, by=CLERK, reason=REASON, seen_version=1, now=LATER)
    with pytest.raises(Conflict):
        services.set_contact(session, member, None, by=CLERK, seen_version=1, now=LATER)


def test_a_stale_copy_in_another_session_is_noticed(session):
    member = add_member(session)
    member_id = member.id
    session.close()
    with Session(db.engine, expire_on_commit=False) as mine:
        stale = mine.get_one(Member, member_id)
        mine.commit()
        with Session(db.engine) as other:
            theirs = other.get_one(Member, member_id)
            services.suspend(other, theirs, by=CLERK, reason=REASON, seen_version=1, now=LATER)
            other.commit()

        with pytest.raises(Conflict):
            services.suspend(mine, stale, by=CLERK, reason=REASON, seen_version=1, now=LATER)


VERBS = {"suspend": Standing.SUSPENDED, "resign": Standing.RESIGNED, "end": Standing.ENDED, "restore": Standing.GOOD}
ALLOWED = {
    ("good", "suspend"), ("good", "resign"), ("good", "end"), ("suspended", "resign"), ("suspended", "end"),
    ("suspended", "restore"), ("resigned", "restore"), ("ended", "restore"),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("standing", list(Standing))
def test_each_standing_and_each_verb(session, standing, verb):
    member = add_member(session)
    if standing is not Standing.GOOD:
        member.standing, member.standing_reason = standing, "An earlier reason"
        session.commit()
    seen = member.version
    change = getattr(services, verb)

    if (standing, verb) not in ALLOWED:
        with pytest.raises(WrongStatus):
            change(session, member, by=CLERK, reason=REASON, seen_version=seen, now=LATER)
        return
    change(session, member, by=CLERK, reason=f" {REASON} ", seen_version=seen, now=LATER)
    session.commit()

    assert (member.standing, member.standing_since, member.version) == (VERBS[verb], LATER, seen + 1)
    assert member.standing_reason == ("" if verb == "restore" else REASON)
    assert _events(session)[1:] == [(f"member.{verb}", "staff", member.slug)]
    assert _values(session, f"member.{verb}")["reason"] == ("null", f'"{REASON}"')
    assert _changed(session) == [member.id, member.id]


@pytest.mark.parametrize("reason", ["", "too short", " " * 20, "x" * (REASON_MAX + 1)])
@pytest.mark.parametrize("verb", VERBS)
def test_a_standing_needs_a_reason(session, verb, reason):
    member = add_member(session)
    if verb == "restore":
        services.suspend(session, member, by=CLERK, reason=REASON, seen_version=1, now=NOW)
    before = _events(session)

    with pytest.raises(Invalid, match="reason"):
        getattr(services, verb)(session, member, by=CLERK, reason=reason, seen_version=member.version, now=LATER)

    assert _events(session) == before


def test_confirm_says_when_and_changes_nothing_else(session):
    full = full_member()
    member = add_member(session, **vars(full))

    services.confirm(session, member, by=Actor("member"), seen_version=1, now=LATER)
    session.commit()

    assert member.confirmed_on == LATER.date()
    assert as_new_member(member) == full
    assert _events(session)[1:] == [("member.confirm", "member", member.slug)]


def test_a_contact_is_set_and_removed(session):
    member = add_member(session)
    contact = NewContact("Ana", "ana@a.example", None, "de", shown=False)

    services.set_contact(session, member, contact, by=CLERK, seen_version=1, now=LATER)
    session.commit()
    assert as_new_member(member).contact == contact

    services.set_contact(session, member, None, by=CLERK, seen_version=2, now=LATER)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(MemberContact)) == 0
    assert [action for action, *_ in _events(session)] == ["member.admit", "member.set_contact", "member.set_contact"]


def test_the_chain_of_events_holds(session):
    member = add_member(session)
    services.confirm(session, member, by=SYSTEM, seen_version=member.version, now=datetime.now(UTC))
    session.commit()

    assert verify(session).broken is None
