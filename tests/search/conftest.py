"""A small world to search in, and one engine of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from directory.search.embedded import EmbeddedEngine
from tests.search.library import Library


@pytest.fixture
def library(app: Flask) -> Library:
    return Library(app)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "host").mkdir()
    return tmp_path / "host" / "index"


@pytest.fixture
def engine(library: Library, folder: Path) -> Iterator[EmbeddedEngine]:
    made = library.engine(folder)
    yield made
    made.close()
