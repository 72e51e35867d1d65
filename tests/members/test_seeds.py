import json
from dataclasses import replace

import sqlalchemy as sa

from directory.audit import SYSTEM, AuditEvent
from directory.initiative.queries import DATA
from directory.members import commands, services
from directory.members.interchange import as_new_member, as_record, parse_record
from directory.members.models import Member
from directory.members.queries import get_member
from directory.members.seeds import founders, seed_founders
from tests.conftest import NOW

SLUGS = [
    "pks-serbia",
    "argentine-chamber-shanghai",
    "bwa-germany",
    "london-and-partners",
    "depa-international-center",
    "lingang-group",
    "shanghai-digital-overseas-association",
]


def _raw():
    return {row["slug"]: row for row in json.loads((DATA / "signatories.json").read_text())["signatories"]}


def test_the_seven_are_there_in_the_announcements_order(session):
    assert seed_founders(session, now=NOW) == SLUGS

    rows = session.execute(sa.select(Member.slug, Member.named_on, Member.joined_on).order_by(Member.named_order))
    assert [(slug, str(named), joined) for slug, named, joined in rows] == [(slug, "2026-05-06", None) for slug in SLUGS]


def test_nothing_is_claimed_that_no_source_says(session):
    seed_founders(session, now=NOW)

    for slug, raw in _raw().items():
        member = get_member(session, slug)
        assert member.name_texts == raw["names"]
        assert (member.country, member.city, member.website, member.founded, member.type) == (
            raw["country"],
            raw["seat_city"],
            raw["website"],
            raw["founded"],
            raw["type"],
        )
        assert [o.titles for o in member.offerings] == [{"en": s["title_en"]} for s in raw["services"]]
        assert [(t.starts_on.isoformat(), t.ends_on) for t in member.terms] == [("2026-05-06", None)]
        unknown = (member.languages, member.zones, member.summaries, member.contact, member.signature, member.confirmed_on)
        assert unknown == ([], [], [], None, None, None)
        assert not member.demonstration
        for offering in member.offerings:
            assert (offering.serves, offering.languages, offering.sectors, offering.fee) == ([], [], [], None)


def test_each_fact_has_its_source(session):
    seed_founders(session, now=NOW)

    for slug, raw in _raw().items():
        sources = [(s.fact, s.address) for s in get_member(session, slug).sources]
        assert sources[0][0] == "announcement"
        assert sources[1 : 1 + len(raw["services"])] == [
            (f"offering-{n}", service["source"]) for n, service in enumerate(raw["services"], 1)
        ]
        addresses = [text.split("(")[-1].rstrip(")") for text in raw["sources"]]
        assert {address for _, address in sources} == {*addresses, *(service["source"] for service in raw["services"])}


def test_the_official_name_is_in_the_language_of_the_seat():
    assert [next(iter(founder.names)) for founder in founders()] == ["sr-Latn", "en", "de", "en", "en", "zh-Hans", "en"]


def test_seeding_again_adds_what_is_missing_and_touches_nothing_else(session):
    seed_founders(session, now=NOW)
    edited = get_member(session, "bwa-germany")
    new = replace(as_new_member(edited), city="Bonn", slug="bwa")
    services.correct(session, edited, new, by=SYSTEM, note="", seen_version=1, now=NOW)
    session.delete(get_member(session, "lingang-group"))
    session.commit()

    assert seed_founders(session, now=NOW) == ["lingang-group"]
    assert get_member(session, "bwa").city == "Bonn"
    assert get_member(session, "bwa-germany") is None


def test_founders_survive_the_interchange_format():
    for founder in founders():
        assert parse_record(as_record(founder)) == founder


def test_the_command_says_what_it_did(app, session):
    runner = app.test_cli_runner()

    first, second = runner.invoke(commands.seed), runner.invoke(commands.seed)

    assert first.output == f"7 founding members added: {', '.join(SLUGS)}\n"
    assert second.output == "0 founding members added; all were there\n"
    actions = session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_kind == "member"))
    assert list(actions) == ["member.admit"] * 7
