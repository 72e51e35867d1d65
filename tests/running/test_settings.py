"""Settings that are missing or malformed stop the program with one line that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from directory.config import ROOT, load_settings
from directory.errors import SettingError

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "x" * 32,
    "PUBLIC_URL": "https://directory.example",
    "MAIL_FROM": "directory@association.example",
    "STAFF_MAIL": "staff@association.example",
}
BAD = [
    ("APP_ENV", "staging"),
    ("DATABASE_URL", "mysql://db/x"),
    ("DATABASE_URL", "no address"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:////no/such/folder/x.db"),
    ("DATABASE_URL", "postgresql://db:port/x"),
    ("DATABASE_URL", "postgresql+psycopg2://db/x"),
    ("INSTANCE_PATH", "/dev/null"),
    ("PUBLIC_URL", "https://directory.example/?x=1"),
    ("PUBLIC_URL", "https://direct ory.example"),
    ("SMTP_URL", "smtp://mail.example?starttls=true"),
    ("MAIL_FROM", "a b@c d"),
    ("PUBLIC_URL", "directory.example"),
    ("REDIS_URL", "http://redis"),
    ("SMTP_URL", "mail.example:25"),
    ("SMTP_URL", "smtp://mail.example:port"),
    ("MAIL_FROM", "nobody"),
    ("STAFF_MAIL", "a@b@c"),
    ("TRUSTED_PROXIES", "-1"),
    ("PORT", "http"),
    ("PORT", "70000"),
    ("WEB_CONCURRENCY", "0"),
    ("WEB_CONCURRENCY", "²"),
    ("UPLOAD_URL", "ftp://files.example/x"),
    ("UPLOAD_URL", "s3://"),
    ("UPLOAD_URL", "s3://Files/x"),
    ("UPLOAD_URL", "s3://files?endpoint=files.example"),
    ("UPLOAD_URL", "s3://files?key=secret"),
    ("UPLOAD_URL", "/dev/null/uploads"),
    ("UPLOAD_URL", str(ROOT / "directory" / "static" / "uploads")),
    ("CLAMD_URL", "clamd:3310"),
    ("CLAMD_URL", "tcp://clamd.example"),
    ("CLAMD_URL", "tcp://clamd.example:port"),
    ("CLAMD_URL", "unix:clamd.sock"),
    ("CLAMD_URL", "http://clamd.example:3310"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_malformed(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({"INSTANCE_PATH": str(tmp_path), name: value})

    assert str(refused.value).startswith(f"{name} must be ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:3310", "unix:/run/clamav/clamd.ctl", "tcp://[::1]:3310"])
def test_address_of_a_scanner(url: str, tmp_path: Path) -> None:
    assert load_settings({"INSTANCE_PATH": str(tmp_path), "CLAMD_URL": url}).clamd_url == url


def test_place_of_uploads(tmp_path: Path) -> None:
    surroundings = {"INSTANCE_PATH": str(tmp_path)}

    assert load_settings(surroundings).uploads == str(tmp_path / "uploads")
    assert load_settings(surroundings | {"UPLOAD_URL": str(tmp_path / "elsewhere")}).uploads == str(tmp_path / "elsewhere")
    assert load_settings(surroundings | {"UPLOAD_URL": "s3://files/x?region=eu-1"}).uploads == "s3://files/x?region=eu-1"
    assert not (ROOT / "directory" / "static" / "uploads").exists()


def test_a_bucket_without_its_extra_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.setattr(sys, "meta_path", [])

    with pytest.raises(SettingError, match="^UPLOAD_URL must be a folder unless the extra “bucket” is installed"):
        load_settings({"INSTANCE_PATH": str(tmp_path), "UPLOAD_URL": "s3://files/x"})


@pytest.mark.parametrize("name", ["SECRET_KEY", "PUBLIC_URL", "MAIL_FROM", "STAFF_MAIL"])
def test_missing_in_production(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({"INSTANCE_PATH": str(tmp_path)} | {k: v for k, v in PRODUCTION.items() if k != name})

    assert str(refused.value) == f"{name} is required in production"


def test_short_key_in_production(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({"INSTANCE_PATH": str(tmp_path)} | PRODUCTION | {"SECRET_KEY": "short"})

    assert str(refused.value) == "SECRET_KEY must have at least 32 characters in production"


def test_blank_is_unset(tmp_path: Path) -> None:
    settings = load_settings({"INSTANCE_PATH": str(tmp_path), "PORT": " ", "SMTP_URL": "", "PUBLIC_URL": ""})

    assert (settings.port, settings.smtp_url, settings.public_url) == (8000, None, "http://127.0.0.1:8000")


def test_key_of_development_is_made_once(tmp_path: Path) -> None:
    keys = {load_settings({"INSTANCE_PATH": str(tmp_path)}).secret_key for _ in range(2)}

    assert len(keys) == 1
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "directory", "staff", "list"],
        ["-m", "flask", "--app", "wsgi", "serve"],
        ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "wsgi:app"],
    ],
)
def test_programs_end_with_one_line(command: list[str], tmp_path: Path) -> None:
    environment = os.environ | {"INSTANCE_PATH": str(tmp_path), "TRUSTED_PROXIES": "many"}

    ended = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "TRUSTED_PROXIES must be a whole number from 0 to 10\n")
