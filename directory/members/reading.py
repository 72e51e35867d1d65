"""Reading plain JSON values strictly: each function returns a clean value or raises Flawed with field and flaw."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import idna

from directory.errors import Invalid
from directory.i18n.locales import plain_tag
from directory.members.flaws import Flaw, Flawed
from directory.web.forms import clean_text

LIST_MAX = 300
TAG_MAX = 35
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOST = re.compile(r"[^\s/?#@:.]+(\.[^\s/?#@:.]+)+(:\d{1,5})?([/?#]\S*)?")
_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")

Code = TypeVar("Code", bound=StrEnum)
T = TypeVar("T")
is_language = lru_cache(maxsize=1000)(plain_tag)


def read_object(value: Any, field: str, *, keys: Collection[str], needed: Collection[str] = ()) -> Mapping[str, Any]:
    """Return a JSON object that has no keys but these, and all that are needed."""
    if not isinstance(value, dict):
        raise Flawed(field, Flaw.NOT_OBJECT)
    for key in value:
        if key not in keys:
            raise Flawed(field, Flaw.UNKNOWN_KEY, key=key)
    for key in needed:
        if value.get(key) is None:
            raise Flawed(f"{field}.{key}" if field != "line" else key, Flaw.MISSING)
    return value


def read_text(value: Any, field: str, *, most: int, lines: bool = False) -> str:
    """Return a text of 1 to `most` characters in NFC. lines: several lines may stand in it."""
    if not isinstance(value, str):
        raise Flawed(field, Flaw.NOT_TEXT)
    plain = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if clean_text(value) != plain:
        raise Flawed(field, Flaw.BAD_CHARACTER)
    text = plain if lines else " ".join(plain.split())
    if not text:
        raise Flawed(field, Flaw.EMPTY)
    if len(text) > most:
        raise Flawed(field, Flaw.LONG, most=most)
    return text


def read_optional(value: Any, field: str, *, most: int) -> str | None:
    """Return one line of text, or None for null."""
    return None if value is None else read_text(value, field, most=most)


def read_tag(value: Any, field: str) -> str:
    """Return a language tag that CLDR knows, in its usual spelling."""
    if not isinstance(value, str) or len(value) > TAG_MAX or not value.isascii() or not is_language(value):
        raise Flawed(field, Flaw.NOT_TAG, value=value)
    return value


def read_tagged(value: Any, field: str, *, most: int, lines: bool = False) -> dict[str, str]:
    """Return {tag: text} in the order given; null is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Flawed(field, Flaw.NOT_TAGGED)
    return {read_tag(tag, field): read_text(text, f"{field}.{tag}", most=most, lines=lines) for tag, text in value.items()}


def read_list(value: Any, field: str, read: Callable[[Any, str], T], *, most: int = LIST_MAX) -> tuple[T, ...]:
    """Return each entry of a list, read by `read(value, field)`; null is empty."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Flawed(field, Flaw.NOT_LIST)
    if len(value) > most:
        raise Flawed(field, Flaw.MANY, most=most)
    return tuple(read(entry, f"{field}[{number}]") for number, entry in enumerate(value, 1))


def read_codes(value: Any, field: str, known: Callable[[str], bool] | Collection[str]) -> tuple[str, ...]:
    """Return a list of codes that are known, each named once."""
    is_known = known if callable(known) else known.__contains__

    def read(entry: Any, _place: str) -> str:
        if not isinstance(entry, str) or not is_known(entry):
            raise Flawed(field, Flaw.UNKNOWN, value=entry)
        return entry

    codes = read_list(value, field, read)
    if len(set(codes)) != len(codes):
        raise Flawed(field, Flaw.TWICE)
    return codes


def read_choice(value: Any, field: str, choices: type[Code]) -> Code:
    """Return one of a closed list."""
    try:
        return choices(value)
    except (ValueError, TypeError) as error:
        raise Flawed(field, Flaw.NOT_ONE_OF, value=value, choices=", ".join(choices)) from error


def read_optional_choice(value: Any, field: str, choices: type[Code]) -> Code | None:
    """Return one of a closed list, or None for null."""
    return None if value is None else read_choice(value, field, choices)


def read_day(value: Any, field: str) -> date | None:
    """Return a date written as 2026-05-06, or None for null."""
    if value is None:
        return None
    if not isinstance(value, str) or not _DAY.fullmatch(value) or not value.isascii():
        raise Flawed(field, Flaw.NOT_DAY)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Flawed(field, Flaw.NOT_DAY) from error


def read_year(value: Any, field: str, *, low: int, high: int) -> int | None:
    """Return a year within bounds, or None for null."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Flawed(field, Flaw.NOT_YEAR, low=low, high=high)
    return value


def read_address(value: Any, field: str, *, most: int) -> str:
    """Return an address that starts with http:// or https://."""
    text = read_text(value, field, most=most)
    try:
        parts: Sequence[str | None] = (urlsplit(text).scheme, urlsplit(text).hostname)
    except ValueError:
        parts = (None, None)
    if parts[0] not in {"http", "https"} or not parts[1] or " " in text:
        raise Flawed(field, Flaw.NOT_ADDRESS)
    return text


def read_website(value: Any, field: str, *, most: int) -> str | None:
    """Return a web address as its owner writes it, with or without https://, or None for null."""
    if value is None:
        return None
    text = read_text(value, field, most=most)
    if "://" in text:
        return read_address(text, field, most=most)
    if not _HOST.fullmatch(text):
        raise Flawed(field, Flaw.NOT_WEBSITE)
    return text


def is_website(text: str) -> bool:
    """Say whether a text is a web address, with or without https://, whose host is a name that can exist, in any script."""
    address = text if "://" in text else f"https://{text}"
    try:
        read_website(address, "website", most=len(address))
        parts = urlsplit(address)
        host = (parts.hostname or "").strip(".")
        idna.encode(host, uts46=True)
    except (Invalid, ValueError):  # IDNAError is a ValueError
        return False
    return parts.username is None and "." in host


def read_mail(value: Any, field: str, *, most: int) -> str | None:
    """Return a mail address, or None for null."""
    text = read_optional(value, field, most=most)
    if text is not None and not _MAIL.fullmatch(text):
        raise Flawed(field, Flaw.NOT_MAIL)
    return text


def read_mixed(value: Any, field: str, *, most: int) -> str | list[str] | None:
    """Return a text, a list of texts, or None for null."""
    if value is None or isinstance(value, str):
        return read_optional(value, field, most=most)
    return list(read_list(value, field, lambda entry, place: read_text(entry, place, most=most)))
