"""What an organisation can be told by: its names, website and registration numbers, each brought into one spelling.

Two names meet in any script, case and spelling of marks, and whatever company form stands beside them. Names that are
nearly equal meet by their halves: of two texts that differ in one letter, one half is the same.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import idna
from anyascii import anyascii
from rapidfuzz.distance import Levenshtein

from directory.members.vocab import MarkKind
from directory.search.letters import WEAK_ENDS, WEAK_WORDS
from directory.search.text import asked_forms, is_unspaced, pieces

MARK_MAX = 200
HALF_MAX = MARK_MAX // 2
NEAR_LEAST = 8
"""letters; shorter names that differ in one are mostly two"""
NUMBER_LEAST = 4
SHARED_HOSTS = frozenset(
    """
    blogspot.com facebook.com github.io instagram.com linkedin.com mp.weixin.qq.com qq.com t.me twitter.com vk.com weibo.com
    weixin.qq.com wixsite.com wordpress.com x.com youtube.com
    """.split()
)
"""Houses of everybody: that two organisations have a page there says nothing about them."""
_WEAK = (
    WEAK_WORDS
    | frozenset("as company eood ead group holding holdings mb oo sasu scrl the зао оао ооо пао شركه ذمم 公司 集团 주 유".split())
    | {*WEAK_ENDS}
)
_JOINING = frozenset("de s sp y z".split())
"""words that belong to a company form where one follows, as in `S. de R.L. de C.V.`"""
_WEAK_ENDS = tuple(sorted((*WEAK_ENDS, "股份公司", "集团", "公司", "合资会社", "株式會社"), key=len, reverse=True))


@dataclass(frozen=True)
class Mark:
    """One thing that an organisation can be told by. value: in the one spelling."""

    kind: MarkKind
    value: str


def marks_of(*, names: Iterable[str | None], website: str | None, numbers: Iterable[str | None]) -> frozenset[Mark]:
    """Return all marks of an organisation; what is too common or too short to tell it by is left out."""
    found = {Mark(MarkKind.NAME, form) for name in names if name for form in name_forms(name)}
    host = website_domain(website)
    if host and host not in SHARED_HOSTS:
        found.add(Mark(MarkKind.WEBSITE, host[:MARK_MAX]))
    folded = (fold_number(number) for number in numbers)
    return frozenset(found | {Mark(MarkKind.REGISTRATION, n[:MARK_MAX]) for n in folded if len(n) >= NUMBER_LEAST})


def mark_rows(marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """Return the columns that are kept of each mark."""
    return [
        {"kind": mark.kind, "value": mark.value, **mark_ends(mark.kind, mark.value)}
        for mark in sorted(marks, key=lambda m: (m.kind, m.value))
    ]


def name_forms(name: str) -> tuple[str, ...]:
    """Return a name in one spelling, in Latin letters without company form; a second one where ü may be ue or u."""
    words = [word for piece in pieces(name) if (word := _without_weak_ends(piece))]
    telling = _telling(words) or words
    usual, other = ("".join(asked_forms(word)[end] for word in telling if asked_forms(word)) for end in (0, -1))
    folded = (_latin(form)[:MARK_MAX] for form in (usual, other))
    return tuple(dict.fromkeys(form for form in folded if form))


def fold_number(value: str | None) -> str:
    """Bring a registration number into one spelling."""
    return "".join(c for c in unicodedata.normalize("NFKC", value or "").upper() if c.isalnum())


def website_domain(address: str | None) -> str:
    """Return the host of a website without its www, as the domain name system spells it, or nothing."""
    text = (address or "").strip()
    if not text:
        return ""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    host = host.lower().rstrip(".").removeprefix("www.")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host


def is_near(one: str, other: str) -> bool:
    """Say whether two folded names differ in one letter at most: a slip, not another name. A number is never a slip."""
    if min(len(one), len(other)) < NEAR_LEAST or _digits(one) != _digits(other):
        return False
    return Levenshtein.distance(one, other, score_cutoff=1) <= 1


def halves(value: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the beginnings and the ends by one of which each name that is near this one is found.

    The program before this one keeps them without digits: what it writes while both run is found, too.
    """
    length = len(value)
    if length < NEAR_LEAST:
        return frozenset(), frozenset()
    sizes = {(length - 1) // 2, length // 2, (length + 1) // 2}
    heads = {_head(value, size) for size in sizes} | {value[:size] for size in sizes}
    tails = {_tail(value, size) for size in sizes} | {value[-size:] for size in sizes}
    return frozenset(heads), frozenset(tails)


def mark_ends(kind: str, value: str) -> dict[str, str | None]:
    """Return the halves that are kept of a mark, if it is a name; each with the name's digits, since these are never a slip."""
    half = len(value) // 2
    is_name = kind == MarkKind.NAME and len(value) >= NEAR_LEAST - 1
    return {"head": _head(value, half), "tail": _tail(value, half)} if is_name else {"head": None, "tail": None}


def _head(value: str, size: int) -> str:
    return f"{_digits(value)}{value[:size]}"[:HALF_MAX]


def _tail(value: str, size: int) -> str:
    return f"{value[-size:]}{_digits(value)}"[-HALF_MAX:]


def _telling(words: list[str]) -> list[str]:
    """Leave out company forms, and at the end the small words between their parts."""
    left = list(words)
    while left and (left[-1] in _WEAK or (left[-1] in _JOINING and len(left) < len(words))):
        left.pop()
    return [word for word in left if word not in _WEAK]


def _without_weak_ends(piece: str) -> str:
    """Take company forms off a run of a script without spaces, as long as something is left."""
    if not is_unspaced(piece[0]):
        return piece
    for end in _WEAK_ENDS:
        shorter = piece.removesuffix(end) if piece.endswith(end) else piece.removeprefix(end)
        if shorter and shorter != piece:
            return _without_weak_ends(shorter)
    return piece


def _latin(form: str) -> str:
    text = form if form.isascii() else anyascii(form).casefold()
    return text if text.isalnum() else "".join(c for c in text if c.isalnum())


def _digits(text: str) -> str:
    return "" if text.isalpha() else "".join(c for c in text if c.isdigit())
