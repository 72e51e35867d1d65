"""Puts the application together: the only file that knows everybody."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import orjson
from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from directory.accounts.guard import login_manager
from directory.applications import merging as applications_merging
from directory.config import ROOT, Settings, load_settings
from directory.db import LedgerReader, db
from directory.enquiries import merging as enquiries_merging
from directory.enquiries.for_desk import DeskNotices
from directory.i18n.catalogues import compile_catalogues
from directory.initiative.holding import Editions, init_editions, stamp
from directory.initiative.queries import get_initiative
from directory.members.documents import all_ids, label_texts, load_documents
from directory.search.embedded import EmbeddedEngine
from directory.search.engine import Engine
from directory.storage import make_place, make_scanner
from directory.web import locale as web_locale
from directory.web.findings import Findings
from directory.web.fragments import Fragments
from directory.web.http import init_http
from directory.web.limits import limiter
from directory.web.page_cache import PageCache
from directory.web.templates import init_templates

FORM_BYTES_MAX = 4 * 1024 * 1024
TABLES = (
    "directory.audit",
    "directory.mail",
    "directory.search.changes",
    "directory.accounts.models",
    "directory.initiative.models",
    "directory.members.models",
    "directory.members.incoming",
    "directory.applications.models",
    "directory.enquiries.models",
)
"""Modules that declare tables, so that migrations see them all."""
PAGES = (
    "directory.accounts.views",
    "directory.members.views",
    "directory.members.desk",
    "directory.applications.views",
    "directory.review.views",
    "directory.figures.views",
    "directory.settings.views",
    "directory.enquiries.views",
    "directory.pages.views",
)
"""Modules whose `bp` stands below `/<locale>`."""


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. settings: those of the environment unless given."""
    settings = settings or load_settings()
    app = Flask(
        "directory",
        root_path=str(ROOT / "directory"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.instance_path),
    )
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["ledger"] = ledger = _ledger_reader(app)
    app.extensions["pages"] = cache = PageCache(app, _version(app, ledger))  # first, so that it sees each answer last
    app.wsgi_app = cache  # type: ignore[method-assign]  # Flask means it to be
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(cache, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]  # the same
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "directory" / "migrations"))
    Babel(app, locale_selector=lambda: web_locale.current().babel)
    limiter.init_app(app)
    login_manager.init_app(app, add_context_processor=False)  # templates know `signed_in`
    init_editions(app, Editions(ledger, _sessions(app)))
    web_locale.init_locale(app)
    init_http(app)
    init_templates(app)
    app.extensions["initiative_name"] = lambda locale: get_initiative().name(locale).text
    app.jinja_env.globals["initiative"] = LocalProxy(get_initiative)  # whatever counts when a template asks
    for name in TABLES:
        import_module(name)
    app.extensions["search"] = EmbeddedEngine(
        settings.index_folder,
        scope=_sessions(app),
        load=load_documents,
        all_ids=all_ids,
        labels=label_texts,
        labels_stamp=stamp,
        locales=app.config["OFFERED_LOCALES"],
    )
    app.extensions["uploads"] = make_place(settings.uploads)
    app.extensions["scanner"] = make_scanner(settings.clamd_url)
    app.extensions["fragments"] = Fragments(setting=stamp)
    app.extensions["notices"] = DeskNotices()
    app.extensions["findings"] = Findings()
    app.extensions["followers"] = (applications_merging, enquiries_merging)
    for name in PAGES:
        app.register_blueprint(import_module(name).bp, url_prefix="/<locale:locale>")
    app.register_blueprint(import_module("directory.pages.root").bp)
    import_module("directory.cli").init_cli(app)
    return app


def _ledger_reader(app: Flask) -> LedgerReader:
    def engine() -> Database:
        with app.app_context():
            return db.engine

    return LedgerReader(engine)


def _version(app: Flask, ledger: LedgerReader) -> Callable[[], str | None]:
    """Return a way to name the directory's state, as the database and this process's index have it."""

    def version() -> str | None:
        search: Engine = app.extensions["search"]
        state, index = ledger.read(), search.version()
        return f"{state.epoch} {state.sequence} {state.editions} {index}" if state and index else None

    return version


def _sessions(app: Flask) -> Callable[[], AbstractContextManager[Session]]:
    """Return a way to open a session apart from any request's: the search index reads what is committed."""

    @contextmanager
    def scope() -> Iterator[Session]:
        with app.app_context(), Session(db.engine) as session:
            yield session

    return scope


def _flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"json_deserializer": orjson.loads},
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "BABEL_DEFAULT_LOCALE": "en",
        "OFFERED_LOCALES": compile_catalogues(),
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(settings.redis_url),
        "RATELIMIT_ENABLED": not settings.testing,
        "FORM_TIMES_CHECKED": not settings.testing,
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": FORM_BYTES_MAX,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES_MAX,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "TESTING": settings.testing,
    }
