"""The index follows the database, whatever happens to either."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.db import Ledger
from directory.search.changes import Change, version
from directory.search.comparing import Report
from directory.search.embedded import EmbeddedEngine
from directory.search.engine import Document, Request, SearchUnavailable
from tests.search.library import Library, document, find

SOON = 2.0


def soon(check: Callable[[], object], *, within: float = SOON) -> None:
    """Wait until a check holds; fail when it does not in time."""
    until = time.monotonic() + within
    while not check():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.02)


def agrees(engine: EmbeddedEngine, library: Library) -> bool:
    with library.scope() as session:
        return engine.check(session).agrees


def test_changes_are_applied_in_order(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "One"), document(2, "Two"))
    engine.follow()
    library.put(document(1, "Uno"))
    library.drop(2)
    library.put(document(3, "Three"))

    followed = engine.follow()

    assert followed is not None
    assert (followed.changes, followed.rebuilt) == (3, False)
    assert find(engine) == [3, 1]
    assert (find(engine, "one"), find(engine, "uno"), find(engine, "two")) == ([], [1], [])
    assert agrees(engine, library)


def test_nothing_new_leaves_the_index_alone(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1))
    engine.follow()
    before = (engine.shelf.folder / "index.sqlite").stat()

    followed = engine.follow()

    assert followed is not None
    assert (followed.changes, followed.rebuilt) == (0, False)
    assert (engine.shelf.folder / "index.sqlite").stat() == before


def test_more_changes_than_a_batch_are_applied(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1))
    engine.follow()
    library.put(*(document(n) for n in range(2, 1102)))

    followed = engine.follow()

    assert followed is not None
    assert (followed.changes, followed.rebuilt) == (1100, False)
    assert len(find(engine, per_page=5000)) == 1101


def _delete(folder: Path) -> None:
    shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _truncate_all(folder: Path) -> None:
    for file in folder.iterdir():
        os.truncate(file, file.stat().st_size // 2)


def _truncate_to_nothing(folder: Path) -> None:
    os.truncate(folder / "index.sqlite", 0)


def _cut_the_last_page(folder: Path) -> None:
    os.truncate(folder / "index.sqlite", (folder / "index.sqlite").stat().st_size - 1)


def _write_nonsense(folder: Path) -> None:
    (folder / "index.sqlite").write_text("nonsense " * 10_000)


def _put_a_file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


DAMAGES = [_delete, _empty, _truncate_all, _truncate_to_nothing, _cut_the_last_page, _write_nonsense, _put_a_file_in_its_place]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_index_is_made_again(
    engine: EmbeddedEngine, library: Library, folder: Path, damage: Callable[[Path], None]
) -> None:
    library.put(document(1, "One"), document(2, "Two"))
    engine.follow()

    other = library.engine(folder)
    for one in (engine, other):  # neither has searched, so that no thread of theirs heals the folder meanwhile
        damage(folder)
        followed = one.follow()

        assert followed is not None
        assert followed.rebuilt
        assert agrees(one, library)
    assert find(other, "two") == [2]


def test_other_epoch_is_noticed(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1), document(2))
    engine.follow()
    del library.documents[2]  # a backup without it was restored, and nothing was noted
    with library.scope() as session:
        session.execute(sa.update(Ledger).values(epoch="another"))
        session.commit()

    followed = engine.follow()

    assert followed is not None
    assert (followed.rebuilt, followed.version[0]) == (True, "another")
    assert find(engine) == [1]


def test_index_ahead_of_the_database_is_noticed(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1))
    library.put(document(2))
    engine.follow()
    del library.documents[2]
    with library.scope() as session:
        session.execute(sa.delete(Change).where(Change.sequence == 2))
        session.execute(sa.update(Ledger).values(change_sequence=1))
        session.commit()

    followed = engine.follow()

    assert followed is not None
    assert (followed.rebuilt, followed.version[1]) == (True, 1)
    assert find(engine) == [1]


def test_log_that_no_longer_reaches_back_is_noticed(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1))
    engine.follow()
    library.put(document(2))
    library.put(document(3))
    with library.scope() as session:
        session.execute(sa.delete(Change).where(Change.sequence <= 2))
        session.commit()

    followed = engine.follow()

    assert followed is not None
    assert followed.rebuilt
    assert find(engine) == [1, 2, 3]


def test_index_of_another_format_is_made_again(engine: EmbeddedEngine, library: Library, folder: Path) -> None:
    library.put(document(1, order={"en": b"a", "fr": b"b"}))
    engine.follow()
    newer = library.engine(folder, ("en", "de", "fr"))

    followed = newer.follow()

    assert followed is not None
    assert followed.rebuilt
    assert find(newer, locale="fr") == [1]


def test_empty_database_has_an_index_too(engine: EmbeddedEngine) -> None:
    engine.follow()

    assert find(engine) == []
    assert engine.ready()


def test_check_names_what_differs(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1), document(2), document(3))
    engine.follow()
    del library.documents[1]
    library.documents[2] = [document(2, "Altered without a word")]
    library.documents[4] = [document(4)]

    with library.scope() as session:
        report = engine.check(session)

    assert (report.missing, report.extra, report.different) == ((4,), (1,), (2,))
    assert (report.agrees, report.subjects) == (False, 3)


def test_check_says_that_there_is_no_index(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1))

    with library.scope() as session:
        report = engine.check(session)

        assert report == Report(None, version(session), 1, missing=(1,), trouble=report.trouble)
        assert "index.sqlite" in report.trouble


def test_rebuild_reports_how_far_it_is_and_serves_meanwhile(engine: EmbeddedEngine, library: Library) -> None:
    library.put(*(document(n) for n in range(1, 1202)))
    engine.follow()
    told: list[tuple[int, int]] = []
    found: list[int] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        found.append(len(find(engine, per_page=5000)))

    followed = engine.rebuild(tell)

    assert told == [(0, 1201), (500, 1201), (1000, 1201), (1201, 1201)]
    assert found == [1201] * 4
    assert followed.rebuilt


def test_interrupted_rebuild_leaves_the_old_index(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "One"))
    engine.follow()

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.rebuild(interrupt)

    assert find(library.engine(engine.shelf.folder), "one") == [1]
    assert engine.follow() is not None


def test_changes_during_a_rebuild_are_not_lost(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "One"), document(2, "Two"))
    engine.follow()

    engine.rebuild(lambda done, _total: library.put(document(1, "Uno")) or library.drop(2) if done == 2 else None)

    assert (find(engine, "uno"), find(engine)) == ([1], [1])
    assert agrees(engine, library)


def test_second_writer_of_a_host_waits_or_leaves(engine: EmbeddedEngine, library: Library, folder: Path) -> None:
    library.put(document(1))
    other = library.engine(folder)

    with engine.shelf.lock(0):
        assert other.follow(patience=0.1) is None

    assert other.follow() is not None


def test_readers_learn_of_a_commit_in_the_background(engine: EmbeddedEngine, library: Library, folder: Path) -> None:
    library.put(document(1, "One"))
    engine.follow()
    readers = [library.engine(folder), library.engine(folder)]
    assert [find(reader) for reader in readers] == [[1], [1]]
    library.put(document(2, "Two"))
    engine.follow()

    for reader in readers:
        soon(lambda reader=reader: find(reader) == [1, 2])
        reader.close()


def test_readers_notice_a_deleted_folder_and_heal_it(engine: EmbeddedEngine, library: Library, folder: Path) -> None:
    library.put(document(1, "One"))
    engine.follow()
    assert find(engine) == [1]
    shutil.rmtree(folder)

    assert find(engine) == [1]
    soon(lambda: folder.is_dir() and agrees(engine, library))
    assert find(engine) == [1]


def test_first_search_of_a_process_makes_a_missing_index(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "One"))

    assert find(engine) == [1]


def test_search_says_by_name_that_it_cannot_serve(
    engine: EmbeddedEngine, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.embedded.FIRST_WAIT_SECONDS", 0.1)

    with engine.shelf.lock(0):
        assert not engine.ready()
        with pytest.raises(SearchUnavailable):
            find(engine)


def test_forked_process_has_its_own_watch(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1, "One"))
    engine.follow()
    assert find(engine) == [1]
    assert engine.watch._thread is not None
    read, write = os.pipe()

    with pytest.warns(DeprecationWarning, match="fork") if sys.version_info >= (3, 12) else nullcontext():
        child = os.fork()
    if not child:  # pragma: no cover (runs in the child)
        started = engine.watch._thread is None
        answered = find(engine) == [1] and engine.watch._thread is not None and engine.watch._thread.is_alive()
        os.write(write, b"yes" if started and answered else b"no")
        os._exit(0)
    try:
        soon(lambda: os.waitpid(child, os.WNOHANG)[0], within=20)
    except AssertionError:  # it waits for a lock that nobody will give back
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise

    assert os.read(read, 3) == b"yes"


KILLED = textwrap.dedent(
    """
    import json, os, random, sys
    from contextlib import contextmanager
    from pathlib import Path
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session
    from directory.search.changes import note_changes
    from directory.search.embedded import EmbeddedEngine
    from tests.search.library import document

    database = create_engine(os.environ["DATABASE_URL"])

    @contextmanager
    def scope():
        with Session(database) as session:
            yield session

    numbers = range(1, 3001)
    engine = EmbeddedEngine(
        Path(sys.argv[1]), scope=scope, locales=("en", "de"),
        load=lambda _s, ids: {n: [document(n, f"Killed {n}")] for n in ids}, all_ids=lambda _s: numbers,
    )
    engine.follow()
    print("ready", flush=True)
    while sys.argv[2].startswith("rebuild"):
        engine.rebuild(processes=1 + sys.argv[2].endswith("two"))
    while True:
        with scope() as session:
            note_changes(session, random.sample(numbers, 150))
            session.commit()
        engine.follow()
    """
)


@pytest.mark.parametrize("work", ["rebuild", "rebuild by two", "follow"])
@pytest.mark.parametrize("moment", [0.02, 0.1, 0.2, 0.3, 0.45, 0.6])
def test_killed_writer_leaves_what_the_next_heals(
    engine: EmbeddedEngine, library: Library, folder: Path, database_url: str, moment: float, work: str
) -> None:
    library.put(*(document(n, f"Killed {n}") for n in range(1, 3001)))
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(folder), work],
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(moment)

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    library.put(document(3001, "Afterwards"))
    assert engine.follow(patience=1) is not None

    assert find(engine, "afterwards") == [3001]
    assert agrees(engine, library)


def test_background_loop_shows_a_change_within_two_seconds(engine: EmbeddedEngine, library: Library, folder: Path) -> None:
    library.put(*(document(n) for n in range(1, 301)))
    engine.follow()
    reader = library.engine(folder)
    find(reader)
    library.put(document(999, "Newcomer"))
    committed = time.monotonic()

    time.sleep(0.5)  # the longest pause of the loop
    engine.follow()
    soon(lambda: find(reader, "newcomer") == [999])

    assert time.monotonic() - committed < SOON
    reader.close()


def test_offerings_leave_with_their_member(engine: EmbeddedEngine, library: Library) -> None:
    library.put(document(1), Document(5, 1, "offering", "one--1", (("en", "One"),)))
    engine.follow()
    library.drop(1)
    engine.follow()

    assert (find(engine), find(engine, kind="offering")) == ([], [])


def test_index_that_cannot_answer_is_made_again(engine: EmbeddedEngine, library: Library, folder: Path) -> None:
    library.put(*(document(n, f"Chamber {n}") for n in range(1, 301)))
    engine.follow()
    assert len(find(engine, "chamber", per_page=1000)) == 300
    file = folder / "index.sqlite"
    with file.open("r+b") as out:  # its length stays, and so does its first page
        out.seek(8192)
        out.write(b"\xff" * (file.stat().st_size - 8192))

    with pytest.raises(SearchUnavailable):
        find(engine, "misspelt")  # nobody read its part of the file before

    soon(lambda: agrees(engine, library))
    soon(lambda: engine.watch.look() is not None)
    assert len(find(engine, "chamber", per_page=1000)) == 300


@pytest.mark.parametrize(
    ("processes", "portion"), [(2, 100_000), (1, 100), (2, 100)], ids=["two", "portions", "two with portions"]
)
def test_an_index_is_the_same_however_it_is_made(
    engine: EmbeddedEngine, library: Library, folder: Path, processes: int, portion: int
) -> None:
    numbers = range(1, 2004)
    library.put(*(document(n, f"Chamber {n % 7}", related=(("de", f"Zoll {n % 900}"),)) for n in numbers if n % 10))
    engine.follow()
    texts = ("", "chamber", "chamber 3", "zoll 577", "zoll 12", "chambre", '"chamber 4"')
    expected = [find(engine, text, per_page=1000) for text in texts]
    assert (len(expected[0]), expected[3]) == (1000, [1477, 577])
    with closing(library.engine(folder.with_name("other"), portion=portion)) as other:
        other.rebuild(processes=processes)

        assert sorted(path.name for path in folder.with_name("other").iterdir()) == ["index.sqlite", "side.sqlite"]
        assert [find(other, text, per_page=1000) for text in texts] == expected
        assert agrees(other, library)
        library.put(document(577, "Changed", related=(("de", "Zoll 577"),)))
        other.follow()
        assert sorted(find(other, "zoll 577")) == [577, 1477]
        assert find(other, "changed") == [577]


def test_many_changes_leave_orders_and_counts_as_a_new_index_has_them(engine: EmbeddedEngine, library: Library) -> None:
    chance = random.Random(5)
    library.put(*(document(n) for n in range(1, 40)))
    engine.follow()
    for _ in range(12):
        for number in chance.sample(range(1, 60), 12):
            name = f"{chance.choice('abcdef')} {number}"
            day = f"2026-{chance.randint(1, 12):02}-01"
            facets = {"country": (chance.choice(("RS", "CN")),)}
            library.put(document(number, name, newest=day, facets=facets, order={"en": name.encode(), "de": name[::-1].encode()}))
        gone = chance.choice(sorted(library.documents))
        library.drop(gone)
        engine.follow()
    answers = [ask_all(engine, **changes) for changes in WAYS]

    followed = engine.rebuild()

    assert followed.rebuilt
    assert [ask_all(engine, **changes) for changes in WAYS] == answers


WAYS = (
    {},
    {"locale": "de"},
    {"sort": "newest"},
    {"text": "a"},
    {"text": "b", "sort": "relevance"},
    {"facets": {"country": ("RS",)}},
)


def ask_all(engine: EmbeddedEngine, **changes: object) -> tuple[object, ...]:
    answer = engine.search(Request(**({"kind": "member", "locale": "en", "per_page": 1000} | changes)))
    return answer.ids, answer.total, answer.counts


def test_a_long_reader_makes_the_writer_wait_and_nothing_is_made_anew(
    engine: EmbeddedEngine, library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.index.BUSY_SECONDS", 0.1)
    library.put(document(1, "One"))
    engine.follow()
    inode = (folder / "index.sqlite").stat().st_ino
    library.put(document(2, "Two"))
    reader = sqlite3.connect(folder / "index.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM posting").fetchone()

    assert engine.follow() is None
    reader.close()

    assert engine.follow() is not None
    assert (folder / "index.sqlite").stat().st_ino == inode
    assert find(engine) == [1, 2]
