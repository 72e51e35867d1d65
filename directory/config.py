"""All settings, read from the environment once, refused early and by name."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from directory.errors import SettingError

ROOT = Path(__file__).resolve().parent.parent
SECRET_MIN = 32
_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
STAFF_MAIL = "staff@initiative.example"
"""a reserved address, which reaches nobody: for trying the site out"""


@dataclass(frozen=True)
class Settings:
    """What the surroundings decide: addresses, keys, folders. Times of the trade are in `Terms`."""

    production: bool
    instance_path: Path
    database_url: str
    secret_key: str
    public_url: str
    redis_url: str | None
    smtp_url: str | None
    mail_from: str
    staff_mail: str
    trusted_proxies: int
    port: int
    workers: int
    second_person: bool = True
    """whether whoever recommended a decision is kept from making it"""
    testing: bool = False
    upload_url: str | None = None
    """a folder or s3://…; none: a folder of this host"""
    clamd_url: str | None = None

    @property
    def uploads(self) -> str:
        """Where files that people hand in are kept: a folder, or an address of a bucket."""
        return self.upload_url or str(self.instance_path / "uploads")

    @property
    def mail_folder(self) -> Path:
        """Where letters are written as .eml files when no SMTP_URL is set."""
        return self.instance_path / "mail"

    @property
    def index_folder(self) -> Path:
        """This host's search index."""
        return self.instance_path / "index"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's, with `.env` below it in development).

    Raises SettingError with one line that names the variable that is missing or malformed.
    """
    if environ is None:
        dotenv = {} if os.environ.get("APP_ENV") == "production" else dotenv_values(ROOT / ".env")
        environ = {**{k: v for k, v in dotenv.items() if v is not None}, **os.environ}
    env = _Reader(environ)
    app_env = env.text("APP_ENV") or "development"
    if app_env not in {"development", "production"}:
        raise SettingError("APP_ENV must be development or production")
    production = app_env == "production"
    instance = _folder(Path(env.text("INSTANCE_PATH") or ROOT / "instance").resolve(), "INSTANCE_PATH")
    port = env.number("PORT", 8000, low=1, high=65535)
    public_url = env.url("PUBLIC_URL", {"http", "https"})
    if public_url and (urlsplit(public_url).query or urlsplit(public_url).fragment):
        raise SettingError("PUBLIC_URL must be an address without ? and #")
    if production and not public_url:
        raise SettingError("PUBLIC_URL is required in production")
    return Settings(
        production=production,
        instance_path=instance,
        database_url=_database_url(env.text("DATABASE_URL"), instance),
        secret_key=_secret_key(env.text("SECRET_KEY"), instance, production=production),
        public_url=(public_url or f"http://127.0.0.1:{port}").rstrip("/"),
        redis_url=env.url("REDIS_URL", {"redis", "rediss", "unix"}),
        smtp_url=_smtp_url(env.url("SMTP_URL", {"smtp", "smtps"})),
        mail_from=env.address("MAIL_FROM", "directory@initiative.example", required=production),
        staff_mail=env.address("STAFF_MAIL", STAFF_MAIL, required=production),
        trusted_proxies=env.number("TRUSTED_PROXIES", 0, low=0, high=10),
        port=port,
        workers=env.number("WEB_CONCURRENCY", 2, low=1, high=64),
        second_person=env.switch("SECOND_PERSON", default=True),
        upload_url=_upload_url(env.text("UPLOAD_URL")),
        clamd_url=_clamd_url(env.text("CLAMD_URL")),
    )


class _Reader:
    """Reads one variable at a time and names it when it is malformed; blank counts as unset."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise SettingError(f"{name} must be a whole number from {low} to {high}")
        return int(text)

    def switch(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text not in {None, "on", "off"}:
            raise SettingError(f"{name} must be on or off")
        return default if text is None else text == "on"

    def url(self, name: str, schemes: set[str]) -> str | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        is_odd = any(c.isspace() or not c.isprintable() for c in text)
        if is_odd or parts.scheme not in schemes or not (parts.hostname or parts.scheme == "unix"):
            raise SettingError(f"{name} must be an address that starts with {' or '.join(sorted(schemes))}://")
        return text

    def address(self, name: str, default: str, *, required: bool) -> str:
        text = self.text(name)
        if text is None and required:
            raise SettingError(f"{name} is required in production")
        if text is None:
            return default
        if not _MAIL.fullmatch(text):
            raise SettingError(f"{name} must be a mail address")
        return text


def _folder(path: Path, name: str) -> Path:
    """Make a folder that only this user may look into, or take one that is there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{name} must be a folder that can be made and written: {error.strerror}") from error
    return path


def _smtp_url(text: str | None) -> str | None:
    """Refuse a misspelt wish for encryption, which would send everything in the open."""
    if text is not None and urlsplit(text).query not in {"", "starttls=0", "starttls=1"}:
        raise SettingError("SMTP_URL must be without a query, or end in ?starttls=1")
    return text


def _upload_url(text: str | None) -> str | None:
    """Take a folder that can be written and is not served, or a bucket where the extra for it is installed."""
    if text is None:
        return None
    wanted = "UPLOAD_URL must be a folder, or s3://bucket/prefix with ?endpoint=https://… where it is not Amazon's"
    parts = urlsplit(text) if text.isprintable() else None
    if parts is not None and parts.scheme == "s3":
        given = dict(parse_qsl(parts.query))
        is_known = given.keys() <= {"endpoint", "region"} and urlsplit(given.get("endpoint", "https://")).scheme in {
            "http",
            "https",
        }
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{2,62}", parts.netloc) or not is_known:
            raise SettingError(wanted)
        if find_spec("boto3") is None:
            raise SettingError("UPLOAD_URL must be a folder unless the extra “bucket” is installed (pip install boto3)")
        return text
    if parts is None or "://" in text:
        raise SettingError(wanted)
    if Path(text).resolve().is_relative_to(ROOT / "directory"):
        raise SettingError("UPLOAD_URL must be a folder outside the program, where nothing is served")
    folder = _folder(Path(text).resolve(), "UPLOAD_URL")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingError("UPLOAD_URL must be a folder that can be written")
    return str(folder)


def _clamd_url(text: str | None) -> str | None:
    """Take tcp://host:port or unix:/path."""
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        is_tcp = parts.scheme == "tcp" and bool(parts.hostname) and parts.port is not None and not parts.path.strip("/")
    except ValueError:
        parts, is_tcp = urlsplit(""), False
    is_socket = parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/")
    if " " in text or not text.isprintable() or not (is_tcp or is_socket):
        raise SettingError("CLAMD_URL must be tcp://host:port or unix:/path of a clamd")
    return text


def _database_url(text: str | None, instance: Path) -> str:
    if text is None:
        return f"sqlite:///{instance / 'directory.db'}"
    wanted = "DATABASE_URL must be an SQLAlchemy address of SQLite (a file) or PostgreSQL (psycopg)"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingError(wanted) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise SettingError(wanted)
    if url.get_backend_name() == "sqlite":
        _require_file(url, wanted)
    return url.render_as_string(hide_password=False)


def _require_file(url: URL, wanted: str) -> None:
    """Refuse a database in memory, which every process would have of its own, and a file in a folder that is not there."""
    if not url.database or url.database == ":memory:":
        raise SettingError(wanted)
    if not Path(url.database).resolve().parent.is_dir():
        raise SettingError(f"DATABASE_URL must be a file in a folder that is there; {Path(url.database).parent} is not")


def _secret_key(text: str | None, instance: Path, *, production: bool) -> str:
    """Return the key that signs sessions; in development it is made once and kept in the instance folder."""
    if text is not None:
        if production and len(text) < SECRET_MIN:
            raise SettingError(f"SECRET_KEY must have at least {SECRET_MIN} characters in production")
        return text
    if production:
        raise SettingError("SECRET_KEY is required in production")
    file = instance / "secret_key"
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii")
