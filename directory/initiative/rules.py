"""What the data of each subject must fulfil before it becomes an edition."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from directory.errors import Invalid
from directory.i18n.locales import LOCALES, SOURCE
from directory.initiative.models import (
    ADDRESS_MAX,
    CONSENT_MAX,
    LABEL_MAX,
    LINK_MAX,
    MAIL_MAX,
    NAME_MAX,
    NOTE_MAX,
    SLUG_MAX,
    TEXT_MAX,
    VERSION_MAX,
)
from directory.initiative.reading import Data
from directory.initiative.vocab import PAGES, TAXONOMIES, TIMES, Subject

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
EARLIEST, AHEAD = date(1900, 1, 1), timedelta(days=366)
"""days on which an initiative can have been announced: from the one on, and so far ahead"""
VERSION = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")


def check(subject: Subject, data: Data, *, old: Data, groups: Collection[str], today: date) -> None:
    """Hold new data of a subject against its rules. Raises Invalid, whose field is one of the form of that subject.

    old: what counts until now. groups: slugs of the groups that categories may name. today: in UTC.
    """
    if subject in TAXONOMIES:
        _check_taxonomy(subject, data, old=old, groups=groups)
    elif subject in PAGES:
        _require_texts("texts", data["texts"], TEXT_MAX, needs_source=bool(data["texts"]))
        if data["replaces"] and not data["texts"]:
            raise Invalid("replaces", "nothing")
    else:
        _CHECKS[subject](data, old, today)


def require_note(note: str) -> str:
    """Return why something is changed, trimmed. Raises Invalid where nothing is said, or too much."""
    text = note.strip()
    if not 0 < len(text) <= NOTE_MAX:
        raise Invalid("note", "length")
    return text


def _check_taxonomy(subject: Subject, data: Data, *, old: Data, groups: Collection[str]) -> None:
    terms: list[Mapping[str, Any]] = data["terms"]
    by_slug = {term["slug"]: term for term in terms}
    for slug, number in Counter(term["slug"] for term in terms).items():
        if not SLUG.fullmatch(slug) or len(slug) > SLUG_MAX:
            raise Invalid("slug", "form")
        if number > 1:
            raise Invalid("slug", "taken")
    if gone := [term["slug"] for term in old["terms"] if term["slug"] not in by_slug]:
        raise Invalid("slug", f"removed {gone[0]}")
    for term in terms:
        _require_texts("labels", term["labels"], LABEL_MAX)
        _check_successor(term, by_slug)
        if subject is Subject.CATEGORIES and term.get("group") not in groups:
            raise Invalid("group", "unknown")


def _check_successor(term: Mapping[str, Any], by_slug: Mapping[str, Mapping[str, Any]]) -> None:
    """A successor is in force itself, so that there are neither chains nor circles of retired terms."""
    successor = term.get("successor")
    if successor is None:
        return
    if successor == term["slug"]:
        raise Invalid("successor", "itself")
    if successor not in by_slug:
        raise Invalid("successor", "unknown")
    if by_slug[successor].get("successor"):
        raise Invalid("successor", f"retired {term['slug']}")


def _check_initiative(data: Data, _old: Data, today: date) -> None:
    _require_texts("names", data["names"], NAME_MAX)
    _require_texts("announced_at", data["announced_at"], NAME_MAX)
    if not EARLIEST <= _require_day("announced_on", data["announced_on"]) <= today + AHEAD:
        raise Invalid("announced_on", "far")
    _require_texts("operator_names", data["operator"]["names"], NAME_MAX, needs_source=bool(data["operator"]["names"]))
    source = data["source"]
    if not source["title"] or len(source["title"]) > NAME_MAX:
        raise Invalid("source_title", "length")
    if not source["address"].startswith(("https://", "http://")) or len(source["address"]) > LINK_MAX:
        raise Invalid("source_address", "form")
    if len(data["operator"]["address"]) > ADDRESS_MAX:
        raise Invalid("operator_address", "length")
    if len(data["operator"]["mail"]) > MAIL_MAX:
        raise Invalid("operator_mail", "length")


def _check_statement(data: Data, old: Data, today: date) -> None:
    _check_versions(data, old, today)
    for one in data["versions"]:
        _require_texts("texts", one["texts"], TEXT_MAX)


def _check_consents(data: Data, old: Data, today: date) -> None:
    _check_versions(data, old, today)
    kinds = old["versions"][0]["texts"].keys()
    for one in data["versions"]:
        if one["texts"].keys() != kinds:
            raise Invalid("version", "form")
        for kind, texts in one["texts"].items():
            _require_texts(f"texts_{kind}", texts, CONSENT_MAX)


def _check_versions(data: Data, old: Data, today: date) -> None:
    """What was in force once stays as it was; what comes later begins later."""
    versions: list[Mapping[str, Any]] = data["versions"]
    names = [one["version"] for one in versions]
    by_name = {one["version"]: one for one in versions}
    if len(by_name) < len(names):
        raise Invalid("version", "taken")
    for one in old["versions"]:
        if _require_day("published_on", one["published_on"]) <= today and by_name.get(one["version"]) != one:
            raise Invalid("version", "in_use")
    days = [_require_day("published_on", one["published_on"]) for one in versions]
    if days != sorted(days) or len(set(days)) < len(days):
        raise Invalid("published_on", "order")
    known = {one["version"] for one in old["versions"]}
    for one, day in zip(versions, days, strict=True):
        if not VERSION.fullmatch(one["version"]) or len(one["version"]) > VERSION_MAX:
            raise Invalid("version", "form")
        if one["version"] not in known and day < today:
            raise Invalid("published_on", "past")


def _check_times(data: Data, _old: Data, _today: date) -> None:
    if data.keys() != TIMES.keys():
        raise Invalid("promised", "unknown")
    for name, (fewest, most) in TIMES.items():
        if not isinstance(data[name], int) or not fewest <= data[name] <= most:
            raise Invalid(name, "bounds")
    if not data["first_reminder"] < data["second_reminder"]:
        raise Invalid("second_reminder", "order")
    if not data["second_reminder"] < data["end"]:
        raise Invalid("end", "order")
    if data["documents_kept"] < data["appeal"]:
        raise Invalid("documents_kept", "before_appeal")


def _require_texts(field: str, texts: Mapping[str, str], most: int, *, needs_source: bool = True) -> None:
    if needs_source and not texts.get(SOURCE):
        raise Invalid(field, "source_missing")
    if not texts.keys() <= LOCALES.keys():
        raise Invalid(field, "language")
    if any(not text or len(text) > most for text in texts.values()):
        raise Invalid(field, "length")


def _require_day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field, "form") from error


_CHECKS: Mapping[Subject, Callable[[Data, Data, date], None]] = {
    Subject.INITIATIVE: _check_initiative,
    Subject.STATEMENT: _check_statement,
    Subject.CONSENTS: _check_consents,
    Subject.TIMES: _check_times,
}
