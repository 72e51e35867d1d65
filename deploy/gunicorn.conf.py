"""Gunicorn as the directory wants it; options on its command line (--bind …) come before what stands here."""

import ctypes
import gc
import sys
from contextlib import suppress
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


M_ARENA_MAX = -8
"""glibc's number for the most heaps that threads spread over"""


def when_ready(_server: object) -> None:
    """Let the garbage collector leave alone what was loaded before the workers were forked, so that it stays shared.

    Looking through it again and again took a third of the time of a page. And let a worker's threads take memory from one heap,
    where the C library can be told so: what one of them gives back, the others then use; spread over four it took 25 MB more.
    """
    gc.collect()
    gc.freeze()
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def post_worker_init(worker: Any) -> None:
    """Open the search index before the first request, and look for garbage after some pages instead of many times in one."""
    gc.set_threshold(20_000, 20, 20)
    worker.wsgi.extensions["search"].ready()
