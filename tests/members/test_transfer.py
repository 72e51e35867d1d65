import json
import stat

import pytest
import sqlalchemy as sa
from click.testing import Result

from directory.audit import SYSTEM, AuditEvent, verify
from directory.members import commands, importing, services, transfer
from directory.members.interchange import as_new_member, as_record
from directory.members.invented import invented_member
from directory.members.lines import LINE_MAX
from directory.members.models import EntryRevision, Member
from directory.members.queries import get_member
from directory.search.changes import Change
from tests.conftest import NOW
from tests.factories import add_member, full_member

LEFT_OUT = {"contact"}


@pytest.fixture
def run(app, session):
    """Give a way to call `members …` and to see the database afterwards."""

    def call(*words: object) -> Result:
        session.rollback()
        result = app.test_cli_runner().invoke(commands.members, [str(word) for word in words])
        session.expire_all()
        return result

    return call


def _write(file, *records):
    file.write_text("".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    return file


def _small(slug="small", **changes):
    return {"slug": slug, "kind": "enterprise", "names": {"en": slug.title()}} | changes


def _count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def _slugs(session):
    return list(session.scalars(sa.select(Member.slug).order_by(Member.id)))


def test_import_export_import_is_identical(run, session, tmp_path):
    full = as_record(full_member(), contact=True)
    records = [full, *(invented_member(1, n) for n in range(1, 30))]
    given = _write(tmp_path / "in.jsonl", *records)
    once, twice = tmp_path / "1.jsonl", tmp_path / "2.jsonl"

    first = run("import", given)
    run("export", once, "--with-contacts")
    second = run("import", once)
    run("export", twice, "--with-contacts")

    assert (first.exit_code, first.stdout) == (0, "30 added, 0 changed, 0 unchanged, 0 refused\n")
    assert (second.exit_code, second.stdout) == (0, "0 added, 0 changed, 30 unchanged, 0 refused\n")
    assert once.read_bytes() == twice.read_bytes()
    assert [json.loads(line) for line in once.read_text().splitlines()] == records


def test_each_new_member_has_its_event_and_its_change(run, session, tmp_path):
    run("import", _write(tmp_path / "in.jsonl", _small("a"), _small("b")))

    rows = session.execute(sa.select(AuditEvent.action, AuditEvent.actor_kind, AuditEvent.subject_id))
    assert sorted(map(tuple, rows)) == [("member.admit", "system", "a"), ("member.admit", "system", "b")]
    assert _count(session, Change) == 2
    assert _count(session, EntryRevision) == 2
    assert verify(session).broken is None


def test_contacts_stay_here_unless_asked_for(run, session, tmp_path):
    add_member(session, **vars(full_member()))
    plain, with_contacts = tmp_path / "plain", tmp_path / "contacts"

    run("export", plain)
    run("export", with_contacts, "--with-contacts")

    assert "Ana Probić" not in plain.read_text()
    assert "Ana Probić" in with_contacts.read_text()
    assert stat.S_IMODE(with_contacts.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir() if not file.name.startswith("instance")) != []


def test_an_export_without_contacts_takes_none_away(run, session, tmp_path):
    full = full_member()
    add_member(session, **vars(full))
    file = tmp_path / "plain"

    run("export", file)
    result = run("import", file)

    assert result.stdout == "0 added, 0 changed, 1 unchanged, 0 refused\n"
    assert as_new_member(get_member(session, full.slug)) == full


def test_good_lines_go_in_and_bad_ones_are_named(run, session, tmp_path):
    file = _write(
        tmp_path / "in.jsonl",
        _small("good"),
        "not json\n",
        "\n",
        _small("bad", country="XX"),
        _small("good"),
        '{"kind": "enterprise", "kind": "institution", "names": {"en": "Twice"}}\n',
        _small("nan").__str__().replace("'", '"').replace("}}", '}, "founded": NaN}') + "\n",
        "[" * 100_000 + "\n",
        _small("last", joined_on=None),
    )

    result = run("import", file)

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "line 2: is not JSON: Expecting value at character 1",
        "line 4: country: 'XX' is not a known country or region",
        "line 5: slug: stands on line 1 too",
        "line 6: has the key 'kind' twice",
        "line 7: NaN is not a number of JSON",
        "line 8: is not JSON of this format",
    ]
    assert result.stdout == "2 added, 0 changed, 0 unchanged, 6 refused\n"
    assert _slugs(session) == ["good", "last"]


def test_bytes_that_are_no_text_and_lines_without_end(run, session, tmp_path):
    file = tmp_path / "in.jsonl"
    lines = (b'\xef\xbb\xbf{"kind":"enterprise","names":{"en":"First"}}', b"\xff\xfe", b'"' + b"x" * LINE_MAX * 2 + b'"')
    file.write_bytes(b"\n".join((*lines, json.dumps(_small("end")).encode())))

    result = run("import", file)

    assert result.stderr.splitlines() == ["line 2: is not UTF-8", f"line 3: is longer than {LINE_MAX} bytes"]
    assert _slugs(session) == ["first", "end"]


def test_surrogates_and_nul_are_refused(run, session, tmp_path):
    texts = ('{"kind":"enterprise","names":{"en":"a\\ud800"}}\n', '{"kind":"enterprise","names":{"en":"a\\u0000"}}\n')

    result = run("import", _write(tmp_path / "in.jsonl", *texts))

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [f"line {n}: names.en: has a character that may not stand in a text" for n in (1, 2)]


def test_all_or_nothing_takes_nothing_from_a_file_with_a_bad_line(run, session, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "BATCH", 2)
    add_member(session, slug="there", names={"en": "There"})
    lines = [_small("a"), _small("there", names={"en": "Changed"}), _small("b"), _small("c", country="XX"), _small("d")]

    result = run("import", _write(tmp_path / "in.jsonl", *lines), "--all-or-nothing")

    assert (result.exit_code, result.stdout) == (1, "Nothing was changed, since 1 lines are bad\n")
    assert result.stderr == "line 4: country: 'XX' is not a known country or region\n"
    assert _slugs(session) == ["there"]
    assert get_member(session, "there").name_texts == {"en": "There"}
    assert _count(session, Change) == 1


def test_all_or_nothing_takes_a_good_file(run, session, tmp_path):
    result = run("import", _write(tmp_path / "in.jsonl", _small("a"), _small("b")), "--all-or-nothing")

    assert (result.exit_code, _slugs(session)) == (0, ["a", "b"])


def test_a_dry_run_says_the_same_and_changes_nothing(run, session, tmp_path):
    add_member(session, slug="there", names={"en": "There"})
    lines = [_small("a"), _small("there"), _small("a"), _small("b", zones=["moon"])]

    result = run("import", _write(tmp_path / "in.jsonl", *lines), "--dry-run")

    assert result.exit_code == 1
    assert result.stdout == "Nothing was changed. It would be: 1 added, 1 changed, 0 unchanged, 2 refused\n"
    assert result.stderr.splitlines() == ["line 3: slug: stands on line 1 too", "line 4: zones: 'moon' is not known"]
    assert _slugs(session) == ["there"]
    assert _count(session, Change) == 1


def test_a_line_of_a_member_corrects_it_and_keeps_its_offerings(run, session, tmp_path):
    full = full_member()
    member = add_member(session, **vars(full))
    ids = {offering.number: offering.id for offering in member.offerings}
    record = as_record(full)
    record["city"] = "Novi Sad"
    record["offerings"] = [record["offerings"][1], {"title": {"en": "New"}, "category": "helpdesk"}]
    record["sources"][1]["fact"] = "offering-1"

    result = run("import", _write(tmp_path / "in.jsonl", record))
    member = get_member(session, full.slug)

    assert result.stdout == "0 added, 1 changed, 0 unchanged, 0 refused\n"
    assert (member.city, member.published_revision) == ("Novi Sad", 2)
    assert [(o.number, o.id == ids.get(o.number)) for o in member.offerings] == [(2, True), (3, False)]
    assert [s.fact for s in member.sources] == ["announcement", "offering-2", "entry"]
    assert as_new_member(member).contact == full.contact


def test_another_contact_is_not_shown_before_that_person_agreed(run, session, tmp_path):
    full = full_member()
    add_member(session, **vars(full))
    record = as_record(full, contact=True)
    record["contact"] = {"name": "Somebody Else", "email": "else@tried.example"}

    run("import", _write(tmp_path / "in.jsonl", record))

    contact = get_member(session, full.slug).contact
    assert (contact.name, contact.shown, contact.locale) == ("Somebody Else", False, "sr-Latn")


def test_lines_without_slug_are_not_added_twice(run, session, tmp_path):
    record = {"kind": "enterprise", "names": {"en": "Same Name"}}
    file = _write(tmp_path / "in.jsonl", record, {**record, "city": "Elsewhere"})

    first, second = run("import", file), run("import", file)

    assert first.stdout == "2 added, 0 changed, 0 unchanged, 0 refused\n"
    assert second.stdout == "0 added, 0 changed, 2 unchanged, 0 refused\n"
    assert _slugs(session) == ["same-name", "same-name-2"]


def test_a_suspended_member_is_corrected_but_not_restored(run, session, tmp_path):
    member = add_member(session, slug="there", names={"en": "There"})
    services.suspend(session, member, by=SYSTEM, reason="a reason long enough", seen_version=1, now=NOW)
    session.commit()

    run("import", _write(tmp_path / "in.jsonl", _small("there", names={"en": "Changed"})))

    member = get_member(session, "there")
    assert (member.standing, member.name_texts) == ("suspended", {"en": "Changed"})


def test_a_certificate_stands_once(run, session, tmp_path):
    signature = as_record(full_member())["signature"]
    add_member(session, signature=full_member().signature)
    other = signature | {"certificate": "C-OTHER"}
    lines = [_small("a", signature=signature), _small("b", signature=other), _small("c", signature=other)]

    result = run("import", _write(tmp_path / "in.jsonl", *lines))

    assert result.stderr.splitlines() == [
        "line 1: signature.certificate: belongs to another member",
        "line 3: signature.certificate: stands on line 2 too",
    ]


def test_stopping_keeps_whole_batches(run, session, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    real = importing.prepare

    def interrupt(session_, new, *, now):
        if new.slug == "d":
            raise KeyboardInterrupt
        return real(session_, new, now=now)

    monkeypatch.setattr(importing, "prepare", interrupt)

    result = run("import", _write(tmp_path / "in.jsonl", *map(_small, "abcde")))

    assert result.exit_code == commands.STOPPED
    assert _slugs(session) == ["a", "b"]
    assert verify(session).broken is None


def test_a_failed_export_leaves_the_old_file(run, session, tmp_path, monkeypatch):
    add_member(session)
    file = _write(tmp_path / "out.jsonl", "the old one\n")

    def fail(*_args, **_kwargs):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(commands, "export_members", fail)

    assert run("export", file).exit_code == commands.STOPPED
    assert file.read_text() == "the old one\n"
    assert [f.name for f in tmp_path.glob(".*unfinished")] == []
