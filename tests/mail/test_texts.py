"""Texts with placeholders: what is refused, and how they are filled in."""

import pytest

from directory.mail.texts import Problem, fill, problems

ALLOWED = ("reference", "message", "status_url")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Your reference: {reference}. {status_url}", []),
        ("{status_url} {reference.__class__}", [(Problem.MALFORMED, "{reference.__class__}")]),
        ("{status_url} {reference!r:>99}", [(Problem.MALFORMED, "{reference!r:>99}")]),
        ("{status_url} {{ reference }}", [(Problem.MALFORMED, "{{")]),
        ("{status_url} {% for x in y %}", [(Problem.MALFORMED, "{%")]),
        ("{status_url} {reference", [(Problem.MALFORMED, "{reference")]),
        ("{status_url} ｛reference｝", [(Problem.MALFORMED, "｛reference｝")]),
        ("{status_url} {password} {password}", [(Problem.UNKNOWN, "password")]),
        ("{reference}", [(Problem.MISSING, "status_url")]),
        ("{secret} } {reference}", [(Problem.UNKNOWN, "secret"), (Problem.MALFORMED, "}"), (Problem.MISSING, "status_url")]),
        ("%(reference)s ${reference} {status_url}", []),
    ],
)
def test_problems_of_placeholders(text: str, found: list[tuple[Problem, str]]) -> None:
    assert list(problems(text, allowed=ALLOWED, needed=("status_url",))) == found


@pytest.mark.parametrize(
    ("message", "letter"),
    [
        ("Welcome.\n\n\n\nYours", "Good day.\n\nWelcome.\n\n\n\nYours\n\nHere: https://x.example/"),
        ("", "Good day.\n\nHere: https://x.example/"),
    ],
)
def test_block_that_is_blank_leaves_no_gap(message: str, letter: str) -> None:
    text = "Good day.\n\n{message}\n\nHere: {status_url}"

    assert fill(text, {"message": message, "status_url": "https://x.example/"}) == letter


def test_values_are_not_read_for_placeholders() -> None:
    assert fill("{message} {reference}", {"message": "{reference} {x}", "reference": "A-1"}) == "{reference} {x} A-1"
