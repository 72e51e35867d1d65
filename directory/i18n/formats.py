"""Dates, numbers, names of countries and languages, and the order of names, as each locale has them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from directory.i18n.collation import sort_key
from directory.i18n.locales import LOCALES

KILOBYTE = 1024
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
_MONTHS_OF = {
    "sr-Latn": "januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra".split(),
    "sr-Cyrl": "јануара фебруара марта априла маја јуна јула августа септембра октобра новембра децембра".split(),
}
"""Months as they stand in a date, where CLDR has only their names."""
COUNTRIES: tuple[str, ...] = tuple(
    sorted(
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    )
)
"""ISO 3166-1 alpha-2 codes (and XK, which CLDR names)."""

LANGUAGES: tuple[str, ...] = (
    "ar", "bg", "bn", "bs", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "kk", "ko", "lt", "lv", "mk", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr-Cyrl",
    "sr-Latn", "sv", "sw", "th", "tr", "uk", "ur", "uz", "vi", "yue", "zh-Hans", "zh-Hant",
)  # fmt: skip
"""Languages that an organisation can say it works in; an entry may carry others that CLDR knows."""


@cache
def cldr(tag: str) -> Locale:
    """Return the CLDR data for one of the site's locales."""
    return LOCALES[tag].cldr


@cache
def country_name(code: str, tag: str) -> str:
    """Name a country or region in the language `tag`; an unknown code names itself."""
    return str(cldr(tag).territories.get(code, code))


@cache
def language_name(language: str, tag: str) -> str:
    """Name a language in the language `tag`; an unknown one names itself."""
    try:
        name = Locale.parse(language, sep="-", resolve_likely_subtags=False).get_display_name(cldr(tag))
    except (ValueError, UnknownLocaleError):
        return language
    return str(name) if name else language


def city_name(city: str, country: str | None, tag: str) -> str:
    """Name a city in the language `tag` where CLDR knows it, as the place that a time zone is called by; else as it is."""
    return _known_cities(country or "", tag).get(city, city)


@cache
def _known_cities(country: str, tag: str) -> dict[str, str]:
    """Return {English name: name in the language `tag`} of the cities of a country that CLDR knows."""
    known = cldr(tag).time_zones
    zones = get_global("territory_zones").get(country, ())
    named = ((zone.rpartition("/")[2].replace("_", " "), known.get(zone, {}).get("city")) for zone in zones)
    return {city: str(name) for city, name in named if name}


def date_text(value: date | datetime, tag: str, *, style: str = "long") -> str:
    """Write a date as the locale does. style: short, medium, long or full."""
    return _day_text(value.date() if isinstance(value, datetime) else value, style, tag)


@lru_cache(maxsize=4096)
def _day_text(day: date, style: str, tag: str) -> str:
    if style == "long" and tag in _MONTHS_OF:
        return f"{day.day}. {_MONTHS_OF[tag][day.month - 1]} {day.year}."
    return str(format_date(day, style, locale=cldr(tag)))


def month_text(value: date, tag: str) -> str:
    """Write a month and its year in short."""
    return str(format_skeleton("yMMM", value, locale=cldr(tag)))


def time_text(value: datetime, tag: str) -> str:
    """Write an instant with date, time and its zone (UTC), since readers sit in many."""
    moment = value.astimezone(UTC)
    hour, day = _hour_text(moment.hour, moment.minute, tag), _day_text(moment.date(), "medium", tag)
    return f"{_time_pattern(tag).format(hour, day)} UTC"


@lru_cache(maxsize=4096)
def _hour_text(hour: int, minute: int, tag: str) -> str:
    return str(format_time(time(hour, minute), "short", locale=cldr(tag)))


@cache
def _time_pattern(tag: str) -> str:
    """Return how the locale puts a time ({0}) and a day ({1}) together."""
    return str(get_datetime_format("medium", locale=cldr(tag))).replace("'", "")


def number_text(value: int | float, tag: str) -> str:
    """Write a number with the locale's own separators and digits."""
    if isinstance(value, int) and value >= 0:
        plain_below, separator = _grouping(tag)
        if value < plain_below:
            return str(value)
        if separator is not None:
            return f"{value:,}".replace(",", separator)
    return str(format_decimal(value, locale=cldr(tag)))


def size_text(size: int, tag: str) -> str:
    """Write the size of a file in kilobytes, from a megabyte on in megabytes. size: bytes."""
    kilobytes = max(1, round(size / KILOBYTE))
    if kilobytes < KILOBYTE:
        return str(format_unit(kilobytes, "digital-kilobyte", length="short", locale=cldr(tag)))
    return str(format_unit(round(size / KILOBYTE**2, 1), "digital-megabyte", length="short", locale=cldr(tag)))


@cache
def _grouping(tag: str) -> tuple[int, str | None]:
    """Return (number below which whole numbers are written plainly, what parts thousands), as Babel does it, but for good.

    Pages show hundreds of counts. A locale with other digits or groups has (0, None).
    """
    probe = str(format_decimal(1234567, locale=cldr(tag)))
    separator = probe[1:].partition("234")[0]
    if not separator or probe != f"1{separator}234{separator}567":
        return 0, None
    return (1000 if str(format_decimal(1000, locale=cldr(tag))) != "1000" else 10_000), separator


def list_text(items: Iterable[str], tag: str) -> str:
    """Join words into a list as the locale does (`a, b and c`)."""
    return _list_text(tuple(items), tag)


@lru_cache(maxsize=4096)
def _list_text(items: tuple[str, ...], tag: str) -> str:
    return str(format_list(items, locale=cldr(tag)))


@cache
def countries_by_name(tag: str) -> tuple[tuple[str, str], ...]:
    """All countries as (code, name) in the order of their names."""
    return tuple(sorted(((c, country_name(c, tag)) for c in COUNTRIES), key=lambda pair: sort_key(pair[1], tag)))


@cache
def languages_by_name(tag: str) -> tuple[tuple[str, str], ...]:
    """Languages of work as (tag, name) in the order of their names."""
    return tuple(sorted(((c, language_name(c, tag)) for c in LANGUAGES), key=lambda pair: sort_key(pair[1], tag)))
