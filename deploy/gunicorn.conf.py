"""Gunicorn as the directory wants it; options on its command line (--bind …) come before what stands here."""

import gc
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from directory.config import load_settings
from directory.errors import SettingError

try:
    settings = load_settings()
except SettingError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

bind = f"127.0.0.1:{settings.port}"
worker_class = "gthread"
workers = settings.workers
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
preload_app = True  # workers share what the master has loaded; a new version of the code needs a restart, not a reload
limit_request_line = 8190  # many facets make a long address
accesslog = None  # addresses of visitors are personal data; the proxy may log what its operator has told visitors of
errorlog = "-"
loglevel = "info" if settings.production else "warning"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (gunicorn's own heartbeat files)


def when_ready(_server: object) -> None:
    """Let the garbage collector leave alone what was loaded before the workers were forked, so that it stays shared.

    Looking through it again and again took a third of the time of a page.
    """
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Open the search index before the first request, and look for garbage after some pages instead of many times in one."""
    gc.set_threshold(20_000, 20, 20)
    worker.wsgi.extensions["search"].ready()
