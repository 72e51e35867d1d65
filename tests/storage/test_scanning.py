"""A real clamd with a signature of our own."""

from collections.abc import Iterator

import pytest

from directory.storage import Finding, Scanner, Verdict, make_scanner
from tests.clamd import MARK, SIGNATURE, run_clamd
from tests.uploads import pdf


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a clamd for the tests of this file."""
    with run_clamd(tmp_path_factory.mktemp("clamd")) as url:
        yield url


def test_verdicts(clamd: str) -> None:
    scanner = Scanner(clamd)

    assert scanner.scan(pdf()) == Finding(Verdict.CLEAN)
    assert scanner.scan(pdf(words=MARK)) == Finding(Verdict.INFECTED, f"{SIGNATURE}.UNOFFICIAL")
    assert scanner.scan(pdf(10 * 1024 * 1024)) == Finding(Verdict.CLEAN)


def test_what_clamd_will_not_scan_has_no_verdict(clamd: str) -> None:
    assert Scanner(clamd).scan(b"x" * (26 * 1024 * 1024)).verdict is Verdict.NOT_REACHED


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:9", "unix:/no/such/socket"])
def test_nobody_there_is_no_verdict(url: str) -> None:
    assert Scanner(url).scan(b"x").verdict is Verdict.NOT_REACHED


def test_no_setting_is_no_scanner() -> None:
    assert make_scanner(None) is None
