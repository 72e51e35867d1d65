"""What can be wrong with a line of a file has a sentence with the same values."""

import re

import pytest

from directory.members.flaw_texts import FLAW_TEXTS
from directory.members.flaws import Flaw

PLACES = re.compile(r"%\((\w+)\)")


@pytest.mark.parametrize("flaw", list(Flaw))
def test_each_flaw_has_a_sentence_that_names_its_values(flaw: Flaw) -> None:
    text, why = str(FLAW_TEXTS[flaw]), {"why"}  # why: words of Python's reader of JSON, which are English

    assert set(PLACES.findall(text)) == set(PLACES.findall(flaw)) - why
    assert text.endswith(".")
