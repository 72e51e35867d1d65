"""Cleaning of what people type."""

import pytest

from directory.web.forms import clean_text, one_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, None),
        ("  a  b ", "a  b"),
        ("a\x00b\x1f", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\u202eevil\u202c", "evil"),
        ("a\u2066b\u2069", "ab"),
        ("\ud800x", "x"),
        ("e\u0301", "é"),
        ("\ufeff上海", "上海"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_clean_text(typed: str | None, kept: str | None) -> None:
    assert clean_text(typed) == kept


@pytest.mark.parametrize(("typed", "kept"), [(None, None), (" a\n\tb  c ", "a b c"), ("全\u3000角", "全 角")])
def test_one_line(typed: str | None, kept: str | None) -> None:
    assert one_line(typed) == kept
