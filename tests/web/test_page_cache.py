"""Anonymous pages are answered again without being made, until anything changes; nothing of a person is ever kept."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.audit import SYSTEM
from directory.db import LedgerReader, db, writing
from directory.members import services
from directory.members.lapses import sweep_terms
from directory.members.models import Member
from directory.search.engine import Answer, Request
from directory.web.page_cache import PageCache, build_digest
from tests.conftest import FreshClient, give_up, make_settings
from tests.factories import add_member
from tests.page import Visitor

Follow = Callable[[], None]
PAGES = ("/en/", "/zh-Hans/members/", "/de/services/?country=RS", "/en/members/alpha", "/en/initiative", "/es/about")


class Door:
    """A lock that counts who came to it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.came = 0

    def __enter__(self) -> None:
        self.came += 1
        self.lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self.lock.release()


@pytest.fixture
def alpha(session: Session, follow: Follow) -> None:
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"})
    follow()


def status(answer: TestResponse) -> str:
    return answer.headers.get("Cache-Status", "")


@pytest.mark.usefixtures("alpha")
@pytest.mark.parametrize("path", PAGES)
def test_public_page_may_be_kept_and_is_answered_again(app: Flask, path: str) -> None:
    first, second = app.test_client().get(path), app.test_client().get(path)

    assert (status(first), status(second)) == ("directory; fwd=miss", "directory; hit")
    assert first.data == second.data
    for answer in (first, second):
        assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=60, stale-while-revalidate=30"
        assert answer.headers["Vary"] == "Cookie"
        assert "Set-Cookie" not in answer.headers
        assert b"csrf_token" not in answer.data
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.usefixtures("alpha")
def test_who_has_the_page_is_told_so(app: Flask) -> None:
    tag = app.test_client().get("/en/members/").headers["ETag"]

    again = app.test_client().get("/en/members/", headers={"If-None-Match": f'"other", {tag}'})
    other = app.test_client().get("/de/members/", headers={"If-None-Match": tag})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"].startswith("public")
    assert other.status_code == 200


@pytest.mark.usefixtures("alpha")
@pytest.mark.parametrize(("path", "code"), [("/en/members/", 200), ("/en/members/nobody", 404), ("/en/staff/members/", 302)])
def test_a_star_is_no_page_that_somebody_has(app: Flask, path: str, code: int) -> None:
    assert app.test_client().get(path, headers={"If-None-Match": "*"}).status_code == code


@pytest.mark.usefixtures("alpha")
def test_head_is_answered_without_the_page(app: Flask) -> None:
    page = app.test_client().get("/en/members/")

    head = app.test_client().head("/en/members/")

    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(page.data)))


@pytest.mark.usefixtures("alpha")
@pytest.mark.parametrize(
    "path", ["/en/apply/", "/en/members/alpha/enquiry", "/en/staff/sign-in", "/en/nowhere", "/en/members/?page=99"]
)
def test_other_pages_are_never_kept(app: Flask, path: str) -> None:
    answers = [app.test_client().get(path) for _ in range(2)]

    assert [status(answer) for answer in answers] == ["", ""]
    assert {answer.headers["Cache-Control"] for answer in answers} <= {"private, no-cache", "no-store"}


@pytest.mark.usefixtures("alpha")
@pytest.mark.parametrize("path", PAGES)
def test_nothing_of_a_signed_in_person_is_kept_or_answered_from_what_is_kept(
    app: Flask, sign_in: Callable[..., Visitor], path: str
) -> None:
    clerk = sign_in("reviewer")
    cache: PageCache = app.extensions["pages"]

    before = clerk.client.get(path)
    kept = len(cache._kept)
    anonymous = app.test_client().get(path)
    after = clerk.client.get(path)

    assert (kept, status(before), status(anonymous), status(after)) == (0, "", "directory; fwd=miss", "")
    assert {answer.headers["Cache-Control"] for answer in (before, after)} == {"private, no-cache"}


@pytest.mark.usefixtures("alpha")
def test_a_choice_of_language_is_kept_by_an_answer_that_is_not(app: Flask) -> None:
    came_from = {"Referer": "http://localhost/en/members/"}
    app.test_client().get("/de/members/")

    answer = app.test_client().get("/de/members/", headers=came_from)

    assert answer.headers["Set-Cookie"].startswith("locale=de;")
    assert (answer.headers["Cache-Control"], status(answer)) == ("private, no-cache", "")
    assert "Set-Cookie" not in app.test_client().get("/de/members/").headers


@pytest.mark.usefixtures("alpha")
def test_a_change_is_another_page(app: Flask, session: Session, follow: Follow) -> None:
    before = app.test_client().get("/en/members/")
    add_member(session, slug="beta", names={"en": "Beta Chamber"})
    between = app.test_client().get("/en/members/")  # the index has not followed yet: kept for this moment only
    follow()

    after = app.test_client().get("/en/members/")

    assert len({answer.headers["ETag"] for answer in (before, between, after)}) == 3
    assert [b"Beta Chamber" in answer.data for answer in (before, between, after)] == [False, False, True]


@pytest.mark.usefixtures("alpha")
def test_another_day_is_another_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2031, 1, 1, tzinfo=UTC)

    today = app.test_client().get("/en/members/").headers["ETag"]
    monkeypatch.setattr("directory.web.page_cache.datetime", Tomorrow)

    assert app.test_client().get("/en/members/").headers["ETag"] != today


@pytest.fixture
def houses(database_url: str, tmp_path: Path) -> Iterator[list[Flask]]:
    """Two workers of one host, which share its index, and one of another host, all on one database."""
    folders = (tmp_path / "one", tmp_path / "one", tmp_path / "other")
    made = [create_app(make_settings(folder, database_url)) for folder in folders]
    for app in made:
        app.test_client_class = FreshClient
    yield made
    for app in made:
        give_up(app)


def test_what_was_removed_is_shown_by_no_worker_of_any_host_after_the_commit(session: Session, houses: list[Flask]) -> None:
    member = add_member(session, slug="alpha", names={"en": "Alphachamber"})
    add_member(session, slug="beta", names={"en": "Beta Chamber"})
    for house in houses:
        house.extensions["search"].follow()
    paths = (
        "/en/",
        "/en/members/",
        "/en/members/?q=alpha",
        "/en/services/",
        "/en/members/alpha",
        "/en/suggestions?q=alp",
        "/en/initiative",
    )
    for house in houses:
        for path in paths:
            assert [status(house.test_client().get(path)) for _ in range(2)][1] == "directory; hit"
            assert b"Alphachamber" in house.test_client().get(path).data

    services.suspend(
        session, member, by=SYSTEM, reason="a reason long enough", seen_version=member.version, now=datetime.now(UTC)
    )
    session.commit()

    for house in houses:
        for path in paths:
            answer = house.test_client().get(path)
            assert b"Alphachamber" not in answer.data, path
            assert status(answer) != "directory; hit"
            assert answer.status_code == (410 if path.endswith("alpha") and "?" not in path else 200)


@pytest.mark.usefixtures("alpha")
def test_what_is_removed_while_a_page_is_made_is_not_on_it(
    app: Flask, session: Session, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_terms(session, today=datetime.now(UTC).date())
    session.commit()
    follow()
    engine = app.extensions["search"]
    search = engine.search

    def removed_meanwhile(asked: Request) -> Answer:
        answer: Answer = search(asked)
        with writing(), Session(db.engine) as other:
            member = other.scalars(sa.select(Member)).one()
            reason, now = "a reason long enough", datetime.now(UTC)
            services.suspend(other, member, by=SYSTEM, reason=reason, seen_version=member.version, now=now)
            other.commit()
        return answer

    before = app.test_client().get("/en/members/")
    monkeypatch.setattr(engine, "search", removed_meanwhile)
    after = app.test_client().get("/en/members/?sort=name")

    assert [b"Alpha Chamber" in answer.data for answer in (before, after)] == [True, False]


def test_two_hosts_follow_one_database(session: Session, houses: list[Flask]) -> None:
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"})
    for house in houses:
        house.extensions["search"].follow()
        assert b'data-slug="alpha"' in house.test_client().get("/en/members/?q=alpha").data
    add_member(session, slug="beta", names={"en": "Beta Chamber"})
    committed = time.monotonic()

    for house in (houses[0], houses[2]):  # one background process on each host
        house.extensions["search"].follow()
    while not all(b'data-slug="beta"' in house.test_client().get("/en/members/?q=beta").data for house in houses):
        assert time.monotonic() - committed < 2.0
        time.sleep(0.05)

    folders = {house.extensions["search"].shelf.folder for house in houses}
    assert len(folders) == 2
    for house in houses:
        assert house.extensions["search"].check(session).agrees


def test_what_is_kept_is_bounded_in_bytes(app: Flask) -> None:
    cache = PageCache(app, lambda: "1", most=30_000)

    for number in range(50):
        cache._kept[str(number)] = ([], bytes(5000))

    assert cache._kept.currsize <= 30_000
    assert len(cache._kept) == 30_000 // 7000


def test_build_is_named_by_what_it_is_made_of(tmp_path: Path) -> None:
    def of(name: str, **files: str) -> str:
        folder = tmp_path / name / "templates"
        folder.mkdir(parents=True)
        for file, text in files.items():
            (folder / file).write_text(text)
        return build_digest(tmp_path / name)

    assert of("one", page="a") == of("same", page="a")
    assert len({of("text", page="b"), of("name", other="a"), of("more", page="a", other=""), build_digest(tmp_path / "one")}) == 4


def test_version_is_read_by_a_connection_that_comes_back(app: Flask, session: Session) -> None:
    with app.app_context():
        engine = db.engine
    reader = LedgerReader(lambda: engine)
    assert reader.read() is None
    add_member(session)

    found = reader.read()
    reader._held.connection.close()

    assert found is not None
    assert reader.read() == found
    assert found[1] == session.scalar(sa.text("SELECT change_sequence FROM ledger"))


def test_who_comes_while_the_version_is_read_has_one_that_was_read_after(app: Flask, session: Session) -> None:
    """Three come while a reading is under way: none takes that one, and one reads for all."""
    with app.app_context():
        engine = db.engine
    reader = LedgerReader(lambda: engine)
    add_member(session, slug="before")
    before = reader.read()
    reader._lock = door = Door()
    with ThreadPoolExecutor(3) as threads:
        with door.lock:
            reader._begun += 1  # as a reading does that has begun and not ended
            came = [threads.submit(reader.read) for _ in range(3)]
            while door.came < len(came):
                time.sleep(0.01)
            add_member(session, slug="after")
        answers = {one.result() for one in came}

    assert answers == {reader.read()}
    assert before not in answers
    assert reader._begun == 4
    reader.close()


def test_version_of_a_database_that_is_away_is_not_known() -> None:
    engine = sa.create_engine("sqlite:////nowhere/at/all.db")

    assert LedgerReader(lambda: engine).read() is None
