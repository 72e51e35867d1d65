from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from directory.audit import SYSTEM
from directory.members import services
from directory.members.interchange import as_new_member
from directory.members.lapses import sweep_terms
from directory.members.models import Member
from directory.members.published import as_shown, confirm_published, load_published, read_shown
from directory.members.queries import get_visible, newest_ids
from directory.search.changes import note_changes, version
from tests.conftest import NOW
from tests.factories import add_member, add_named, full_member, new_offering
from tests.members.counting import statements

TODAY = datetime.now(UTC).date()


def _touch(member: Member) -> list[object]:
    return [member.name_texts, member.summary_texts, [(o.titles, o.descriptions) for o in member.offerings]]


def test_cards_of_one_and_of_three_cost_the_same(session):
    ids = [add_member(session, offerings=(new_offering(), new_offering())).id for _ in range(3)]

    costs = []
    for some in (ids[:1], ids):
        session.expunge_all()
        with statements(session) as found:
            assert len(load_published(session, some, today=TODAY)) == len(some)
        costs.append(len(found))

    assert costs[0] == costs[1]


def test_a_whole_entry_of_one_and_of_three_parts_costs_the_same(session):
    add_member(session, slug="one")
    whole = full_member(slug="three")
    add_member(session, **vars(whole))

    costs = []
    for slug in ("one", "three"):
        session.expunge_all()
        with statements(session) as found:
            member = get_visible(session, slug, today=TODAY)
            assert [_touch(member), member.contact, member.claims, member.sources, member.registrations, member.signature]
        costs.append(len(found))

    assert costs[1] - costs[0] <= 1


def test_cards_keep_the_order_asked_for(session):
    one, two, three = (add_member(session).id for _ in range(3))

    assert list(load_published(session, [three, one, 999, two], today=TODAY)) == [three, one, two]
    assert load_published(session, [], today=TODAY) == {}


def test_newest_first_then_those_named_in_their_order(session):
    add_named(session, slug="named-b", named_order=2)
    add_named(session, slug="named-a", named_order=1)
    add_member(session, slug="early", joined_on=date(2026, 6, 1))
    add_member(session, slug="late", joined_on=date(2026, 7, 1))

    slugs = {member.id: member.slug for member in session.scalars(sa.select(Member))}
    assert [slugs[i] for i in newest_ids(session, today=TODAY, most=6)] == ["late", "early", "named-a", "named-b"]
    assert [slugs[i] for i in newest_ids(session, today=TODAY, most=1)] == ["late"]


def test_a_published_entry_says_what_its_rows_say(session):
    member = add_member(session, **vars(full_member(slug="tried")))

    found = load_published(session, [member.id], today=TODAY)[member.id]

    names = ("slug", "kind", "type", "country", "city", "zones", "sectors", "languages", "name_texts", "summary_texts")
    names += ("joined_on", "named_on", "confirmed_on", "demonstration", "version")
    assert {name: getattr(found, name) for name in names} == {name: getattr(member, name) for name in names}
    assert found.other_names == (("en", "TC"), ("en", "Old Chamber"))
    assert (found.official_name.tag, found.official_name.name) == ("sr-Cyrl", "Комора Испробана")
    parts = (
        "id",
        "number",
        "titles",
        "descriptions",
        "category",
        "sectors",
        "serves",
        "languages",
        "delivery",
        "fee",
        "direction",
    )
    assert [[getattr(o, name) for name in parts] for o in found.offerings] == [
        [getattr(o, name) for name in parts] for o in member.offerings
    ]


def test_what_lists_show_is_read_back_as_it_was(session):
    member = add_member(session, **vars(full_member(slug="tried")))
    found = load_published(session, [member.id], today=TODAY)[member.id]

    again = read_shown(as_shown(found))

    assert again._replace(other_names=tuple(map(tuple, again.other_names))) == found


def test_what_was_read_before_is_confirmed_or_loaded_anew_or_dropped(session):
    same, changed, gone = (add_member(session, names={"en": name}) for name in ("Same", "Old", "Gone"))
    known = load_published(session, [same.id, changed.id, gone.id], today=TODAY).values()
    new = replace(as_new_member(changed), names={"en": "New"})
    services.correct(session, changed, new, by=SYSTEM, note="", seen_version=changed.version, now=NOW)
    services.suspend(session, gone, by=SYSTEM, reason="a reason long enough", seen_version=gone.version, now=NOW)
    session.commit()

    found = confirm_published(session, known, today=TODAY)

    assert {id_: member.name_texts["en"] for id_, member in found.items()} == {same.id: "Same", changed.id: "New"}


def test_what_was_read_before_stands_while_the_ledger_says_that_nothing_changed(session):
    member = add_member(session, names={"en": "Now"})
    sweep_terms(session, today=TODAY)
    session.commit()
    before = load_published(session, [member.id], today=TODAY)[member.id]._replace(name_texts={"en": "Before"}, version=0)
    epoch, sequence = version(session)
    tomorrow = TODAY + timedelta(days=1)

    def name(of, day):
        return confirm_published(session, [before], today=day, of=of)[member.id].name_texts["en"]

    assert name((epoch, sequence), TODAY) == "Before"
    assert name((epoch, sequence - 1), TODAY) == "Now"
    assert name(("another", sequence), TODAY) == "Now"
    assert name((epoch, sequence), tomorrow) == "Now"  # the calendar may have hidden it, and nobody looked yet
    note_changes(session, [member.id])
    session.commit()
    assert name((epoch, sequence), TODAY) == "Now"
