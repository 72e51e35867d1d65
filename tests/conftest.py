"""Fixtures: a database of its own for each test, a client whose pages are audited, a clock that stands still.

TEST_DATABASE=postgresql runs the same tests on the server of TEST_POSTGRES_URL; default is SQLite.
"""

import dataclasses
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from directory.accounts import sessions
from directory.accounts.models import Account, AccountRole, Role
from directory.app import create_app
from directory.audit import AuditEvent
from directory.config import Settings, load_settings
from directory.db import db
from directory.mail import OutboxLetter
from directory.review.audit_words import ACTIONS, SUBJECTS
from tests.page import AS_A_BROWSER, Visitor

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
ON_POSTGRES = os.environ.get("TEST_DATABASE") == "postgresql"


@sa.event.listens_for(AuditEvent, "before_insert")
def _has_a_word(_mapper: Any, _connection: Any, event: AuditEvent) -> None:
    """Refuse what the audit page could not name."""
    assert event.action in ACTIONS or event.action.split(".")[0] not in SUBJECTS, event.action


def make_settings(instance: Path, database_url: str, **changes: object) -> Settings:
    """Make settings for a test, without looking at the surroundings."""
    settings = load_settings(
        {"INSTANCE_PATH": str(instance), "DATABASE_URL": database_url, "SECRET_KEY": "a key for tests only, of no worth at all"}
    )
    return dataclasses.replace(settings, testing=True, **changes)  # type: ignore[arg-type]


def _server() -> str:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.exit("TEST_DATABASE=postgresql needs TEST_POSTGRES_URL", returncode=2)
    return url


def _command(sql: str) -> None:
    url = make_url(_server()).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.encode())


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Make one migrated database, which each test copies. Gives its file, or its name on the server."""
    folder = tmp_path_factory.mktemp("template")
    if ON_POSTGRES:
        name = f"template_{uuid.uuid4().hex}"
        _command(f"CREATE DATABASE {name}")
        url = make_url(_server()).set(database=name).render_as_string(hide_password=False)
    else:
        name = str(folder / "template.db")
        url = f"sqlite:///{name}"
    app = create_app(make_settings(folder, url))
    with app.app_context():
        upgrade()
        if not ON_POSTGRES:
            db.session.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()
    yield name
    if ON_POSTGRES:
        _command(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def fresh_database(template: str, folder: Path) -> Iterator[str]:
    """Copy the migrated database and give the copy's address; it goes with the `with` block."""
    if ON_POSTGRES:
        name = f"test_{uuid.uuid4().hex}"
        _command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield make_url(_server()).set(database=name).render_as_string(hide_password=False)
        _command(f"DROP DATABASE {name} WITH (FORCE)")
    else:
        file = folder / "directory.db"
        shutil.copyfile(template, file)
        yield f"sqlite:///{file}"


@pytest.fixture
def database_url(template_database: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh, migrated, empty database."""
    with fresh_database(template_database, tmp_path) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine, and every question to a name server."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or str(address[0]) in LOOPBACK, f"a test wants to reach {address}"
        return connect(self, address)

    def guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        assert name in LOOPBACK or name is None, f"a test wants to resolve {name}"
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


class _Compiled(BytecodeCache):
    """Templates as they were compiled for whichever application came first."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template, if it is there."""
        if code := self._kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _compile_once() -> Iterator[None]:
    """Let the applications of all tests share what each would compile for itself: templates, and the builders of addresses."""
    builders: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def shared(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 (as werkzeug has it)
        key = (rule.rule, *rule._trace, repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", shared)
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": _Compiled()})
        yield


class FreshClient(FlaskClient):
    """A client whose requests share no context with the test: neither `g` nor the database session nor who is signed in."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request after ending the test's own transaction, so that the test reads afterwards what it changed."""
        if has_app_context():
            db.session.commit()
        kwargs.setdefault("buffered", True)  # or a streamed answer that no test reads would keep its connection
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give the settings that `app` is made with."""
    return make_settings(tmp_path / "instance", database_url)


def give_up(application: Flask) -> None:
    """Let go of all that an application holds: first the thread of its search, which could be using a connection."""
    application.extensions["search"].close()
    application.extensions["ledger"].close()
    with application.app_context():
        db.engine.dispose()


def let_through(application: Flask) -> None:
    """Let an application take forms that a test made up, without their token; what a page was sent with, it still checks."""

    @application.before_request
    def _let_through() -> None:
        if AS_A_BROWSER not in flask.request.environ:
            g.csrf_valid = True


@pytest.fixture
def app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Give the application.

    Forms want their CSRF token where a test sends them as a browser would, by `Visitor.submit`, and everywhere in tests
    marked `csrf`; what a test makes up goes without.
    """
    application = create_app(settings)
    application.test_client_class = FreshClient
    if request.node.get_closest_marker("csrf") is None:
        let_through(application)
    search = application.extensions["search"]  # a test may put something else in its place
    yield application
    application.extensions["search"] = search
    give_up(application)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Give a session of the test's own, outside any request; commit before fetching a page."""
    with app.app_context():
        yield db.session  # type: ignore[misc]
        db.session.remove()


@pytest.fixture
def now() -> datetime:
    """Give the moment at which tests happen."""
    return NOW


@pytest.fixture
def page(app: Flask) -> Visitor:
    """Give a visitor whose every page is audited."""
    return Visitor(app)


@pytest.fixture
def follow(app: Flask) -> Callable[[], None]:
    """Give a way to bring the search index up to date at once."""
    return app.extensions["search"].follow  # type: ignore[no-any-return]


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Visitor]:
    """Give a way to get a visitor who is signed in as staff with these roles."""
    numbers = iter(range(1, 1000))

    def make(*roles: Role | str, email: str | None = None) -> Visitor:
        with app.app_context():
            account = Account(email=email or f"clerk{next(numbers)}@staff.example", name="", created_at=NOW)
            account.role_rows = [AccountRole(role=Role(role)) for role in roles]
            db.session.add(account)
            db.session.commit()
            network, browser = "127.0.0.0/24", ""  # as a client of the tests has them
            key = sessions.begin(db.session(), account, network=network, browser=browser, now=datetime.now(UTC))  # type: ignore[arg-type]
            db.session.commit()
            public_id = account.public_id
        visitor = Visitor(app, account=public_id)
        with visitor.client.session_transaction() as cookie:
            cookie["_user_id"] = key
            cookie["_fresh"] = True
        return visitor

    return make


@pytest.fixture
def letters(app: Flask) -> Callable[[], list[OutboxLetter]]:
    """Give a way to read all letters in the outbox, oldest first."""

    def read() -> list[OutboxLetter]:
        with app.app_context():
            return list(db.session.scalars(sa.select(OutboxLetter).order_by(OutboxLetter.id)))

    return read
