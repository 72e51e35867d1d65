import sqlalchemy as sa

from directory.audit import AuditEvent, verify
from directory.members import commands, demo
from directory.members.interchange import as_record
from directory.members.invented import invented_member
from directory.members.models import EntryRevision, Member
from directory.members.queries import get_member
from directory.search.changes import Change
from tests.conftest import NOW


def _run(app, *words):
    return app.test_cli_runner().invoke(commands.demo, list(words))


def _count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_demo_adds_labelled_members_whose_change_is_noted(app, session):
    result = _run(app, "--members", "25")

    assert result.output == "25 demonstration members added, 0 were there\n"
    assert list(session.scalars(sa.select(Member.demonstration).distinct())) == [True]
    assert [_count(session, model) for model in (Member, EntryRevision, Change)] == [25, 25, 25]
    assert list(session.scalars(sa.select(AuditEvent.action))) == ["member.demo"]
    assert verify(session).broken is None


def test_demo_is_the_same_each_time_and_adds_nothing_twice(app, session):
    _run(app, "--members", "5", "--seed", "7")

    result = _run(app, "--members", "8", "--seed", "7")

    assert result.output == "3 demonstration members added, 5 were there\n"
    for number in range(1, 9):
        raw = invented_member(7, number)
        assert as_record(get_member(session, raw["slug"]), contact=True) == raw


def test_another_seed_is_another_world():
    assert invented_member(1, 1) != invented_member(2, 1)
    assert invented_member(1, 1)["slug"] == "klonlantrim-es-1"


def test_stopping_keeps_whole_batches(app, session, monkeypatch):
    monkeypatch.setattr(demo, "BATCH", 2)
    steps = demo.add_invented(session, 6, seed=1, now=NOW)

    assert next(steps) == (2, 2)
    steps.close()
    session.rollback()

    assert _count(session, Member) == 2
    assert list(demo.add_invented(session, 6, seed=1, now=NOW)) == [(2, 0), (2, 2), (2, 2)]
