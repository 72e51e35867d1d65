"""Names of applicants: finding an application by name, and telling whether two organisations may be the same."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from anyascii import anyascii
from sqlalchemy import ColumnElement, String, cast, func, or_

from directory.applications.answers import part
from directory.applications.models import Application
from directory.applications.vocab import Step
from directory.review.domains import website_domain

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SUFFIXES = frozenset(
    {
        "ab", "ag", "as", "bv", "co", "company", "corp", "corporation", "doo", "eg", "ev", "gmbh", "group", "inc", "kg",
        "limited", "llc", "ltd", "nv", "oy", "plc", "sa", "sarl", "se", "spa", "srl", "the",
    }
)  # fmt: skip
"""Words of legal form, which two spellings of one name often differ in."""
_HAN_SUFFIXES = ("股份有限公司", "有限责任公司", "有限公司", "集团")


def matches_name(q: str) -> ColumnElement[bool]:
    """Return the condition that an application's official or other names contain `q`, in any case.

    Other names stand in a list inside JSON, which is searched as it is written there.
    """
    name = Application.answers[Step.ORGANISATION]["name"].as_string()
    others = [cast(Application.answers[step]["names"].as_json(), String) for step in (Step.NAMES, Step.ORGANISATION)]
    spellings = {q, q.lower(), q.upper(), q.title()}
    in_json = {json.dumps(text)[1:-1] for text in spellings} | spellings
    return or_(
        func.lower(name).contains(q.lower(), autoescape=True),
        *(name.contains(text, autoescape=True) for text in sorted(spellings)),
        *(rows.contains(text, autoescape=True) for rows in others for text in sorted(in_json)),
    )


def names_of(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the official name and all others that were given."""
    own = part(answers, Step.ORGANISATION)
    others = (row.get("name") for row in part(answers, Step.NAMES).get("names") or [])
    return tuple(str(name) for name in (own.get("name"), *others) if name)


def website_of(answers: Mapping[str, Any]) -> str:
    """Return the host of the website that was given, without www, or nothing."""
    return website_domain(part(answers, Step.ORGANISATION).get("website"))


def registrations_of(answers: Mapping[str, Any]) -> frozenset[str]:
    """Return the registration numbers that were given, in one spelling."""
    rows = part(answers, Step.SEAT).get("registrations") or []
    return frozenset(filter(None, (fold_number(row.get("value")) for row in rows)))


def fold_name(name: str) -> str:
    """Bring a name into one spelling: Latin letters, no case, accents, marks or words of legal form."""
    text = unicodedata.normalize("NFKC", name).casefold()
    for suffix in _HAN_SUFFIXES:
        text = text.removesuffix(suffix)
    text = re.sub(
        r"\b(?:[a-z]\.){2,}", lambda found: found[0].replace(".", ""), anyascii(text.replace("d.o.o", "doo")).casefold()
    )
    words = [word for word in _NOT_WORD.split(text) if word and word not in _SUFFIXES]
    return "".join(words)


def fold_names(names: Iterable[str]) -> frozenset[str]:
    """Fold several names; those of which nothing is left are dropped."""
    return frozenset(filter(None, map(fold_name, names)))


def fold_number(value: str | None) -> str:
    """Bring a registration number into one spelling."""
    return "".join(c for c in unicodedata.normalize("NFKC", value or "").upper() if c.isalnum())
