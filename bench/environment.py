"""The surroundings in which the project's commands and servers run."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
UNSET = ("REDIS_URL", "SMTP_URL", "PUBLIC_URL", "SECRET_KEY", "DATABASE_URL", "GUNICORN_CMD_ARGS", "TRUSTED_PROXIES")
"""Set to nothing, so that neither the caller's surroundings nor a .env file change what is measured."""


def environment(instance: Path, database_url: str | None) -> dict[str, str]:
    """Return the variables for one instance. database_url: None for the SQLite file inside the instance."""
    variables = {**os.environ, **dict.fromkeys(UNSET, ""), "APP_ENV": "development", "WEB_CONCURRENCY": "2"}
    variables["PYTHONFAULTHANDLER"] = "1"  # a crash then tells in the log where it was
    variables["INSTANCE_PATH"] = str(instance)
    if database_url is not None:
        variables["DATABASE_URL"] = database_url
    return variables
