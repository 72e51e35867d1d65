"""What one worker counted, the others know, by Redis; without it each still counts for itself."""

import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from flask import Flask
from redis.exceptions import ConnectionError as NotReachable

from directory.app import create_app
from directory.config import Settings
from directory.db import db
from directory.web.limits import limiter
from tests.conftest import give_up, let_through
from tests.factories import add_member
from tests.page import Visitor

ADDRESS = "/en/members/alpha/enquiry"
SENT = {"name": "Ana", "email": "ana@cocoa.example", "words": "Which papers do we need for cocoa?"}
REDIS_URL = os.environ.get("TEST_REDIS_URL")
NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def worker(settings: Settings) -> Iterator[Callable[[str], Flask]]:
    """Give a way to start the application as one more worker would."""
    workers = []

    def start(redis_url: str) -> Flask:
        application = create_app(dataclasses.replace(settings, testing=False, redis_url=redis_url))
        application.config["FORM_TIMES_CHECKED"] = False
        let_through(application)
        workers.append(application)
        return application

    yield start
    with suppress(NotReachable):
        limiter.reset()
    limiter.enabled = False
    limiter._storage_dead = False  # what it learned of a Redis that was not there counts for the next application, too
    for application in workers:
        give_up(application)


@pytest.mark.skipif(not REDIS_URL, reason="Redis is not installed")
def test_workers_count_together(worker: Callable[[str], Flask]) -> None:
    first = worker(REDIS_URL)
    limiter.reset()
    with first.app_context():
        add_member(db.session(), slug="alpha")

    by_first = [Visitor(first).post(ADDRESS, SENT).status for _ in range(20)]
    by_second = Visitor(worker(REDIS_URL)).post(ADDRESS, SENT).status

    assert (by_first, by_second) == ([303] * 20, 429)


def test_without_redis_each_worker_still_counts(worker: Callable[[str], Flask]) -> None:
    alone = worker(NOBODY_THERE)
    with alone.app_context():
        add_member(db.session(), slug="alpha")

    statuses = [Visitor(alone).post(ADDRESS, SENT).status for _ in range(21)]

    assert statuses == [303] * 20 + [429]
