"""What differs between two texts, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\{\w+\}|[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|\s+|.", re.DOTALL)
"""a placeholder, a character of a script without spaces, a word, white space, or any other sign"""


@dataclass(frozen=True)
class Piece:
    """A run of words. old: taken away with this step; new: put in with it; neither: the same before and after."""

    text: str
    is_old: bool = False
    is_new: bool = False


def pieces(old: str, new: str) -> list[Piece]:
    """Cut two texts into what stayed, what went and what came, in the order of reading."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    found = []
    for deed, i, j, k, n in SequenceMatcher(None, before, after).get_opcodes():  # with autojunk: without it, minutes
        if deed == "equal":
            found.append(Piece("".join(before[i:j])))
            continue
        if i != j:
            found.append(Piece("".join(before[i:j]), is_old=True))
        if k != n:
            found.append(Piece("".join(after[k:n]), is_new=True))
    return found
