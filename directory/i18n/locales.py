"""The locales of the site: their tags, directions and fallbacks, and how a visitor's wish finds one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError


@dataclass(frozen=True)
class SiteLocale:
    """A language the site can speak.

    tag: BCP 47, as it stands in addresses and in `lang`. babel: name of its catalogue folder and of its CLDR data.
    own_name: what its speakers call it. fallback: the tag tried next while this one is not offered.
    """

    tag: str
    babel: str
    own_name: str
    direction: str = "ltr"
    fallback: str = "en"

    @property
    def cldr(self) -> Locale:
        """The CLDR data of this locale; English is British, as its words are."""
        return Locale.parse("en_GB" if self.babel == "en" else self.babel)


LOCALES: dict[str, SiteLocale] = {
    locale.tag: locale
    for locale in (
        SiteLocale("en", "en", "English"),
        SiteLocale("zh-Hans", "zh_Hans", "简体中文"),
        SiteLocale("zh-Hant", "zh_Hant", "繁體中文", fallback="zh-Hans"),
        SiteLocale("es", "es", "Español"),
        SiteLocale("de", "de", "Deutsch"),
        SiteLocale("sr-Latn", "sr_Latn", "Srpski (latinica)"),
        SiteLocale("sr-Cyrl", "sr_Cyrl", "Српски (ћирилица)"),
        SiteLocale("ar", "ar", "العربية", direction="rtl"),
        SiteLocale("fr", "fr", "Français"),
        SiteLocale("ko", "ko", "한국어"),
        SiteLocale("ja", "ja", "日本語"),
        SiteLocale("pt", "pt", "Português"),
        SiteLocale("ru", "ru", "Русский"),
    )
}
SOURCE = "en"
TAG_MAX = 100
_REGION_SCRIPTS = {"zh": {"TW": "Hant", "HK": "Hant", "MO": "Hant"}, "sr": {"ME": "Latn"}}
_DEFAULT_SCRIPTS = {"zh": "Hans", "sr": "Cyrl"}
RTL_SCRIPTS = {"Arab", "Hebr", "Thaa", "Syrc", "Nkoo"}


@lru_cache(maxsize=1024)
def match_tag(text: str) -> str | None:
    """Find the site's tag for a language tag in any spelling (`zh-tw`, `sr`, `en_GB`), offered or not; None if there is none."""
    parts = text[:TAG_MAX].replace("_", "-").split("-")
    language = parts[0].lower()
    script = next((p.title() for p in parts[1:] if len(p) == 4 and p.isalpha()), None)
    region = next((p.upper() for p in parts[1:] if len(p) == 2 and p.isalpha()), None)
    if not language.isalpha() or any(not (p.isalnum() and p.isascii() and len(p) <= 8) for p in parts):
        return None
    if language in _DEFAULT_SCRIPTS:
        script = script or _REGION_SCRIPTS[language].get(region or "", _DEFAULT_SCRIPTS[language])
        return f"{language}-{script}" if f"{language}-{script}" in LOCALES else None
    return language if language in LOCALES else None


def offered_instead(tag: str, offered: Iterable[str]) -> str:
    """Return `tag` if it is offered, else the first of its fallback order that is."""
    available = set(offered)
    while tag not in available and tag != SOURCE:
        tag = LOCALES[tag].fallback
    return tag


def negotiate(accepted: Iterable[str], offered: Iterable[str]) -> str:
    """Pick the site's locale for a visitor who accepts these language tags, best first.

    A language that is known but not offered gives way to its own relative only (zh-Hant to zh-Hans), so that a
    visitor's second language comes before English.
    """
    available = set(offered)
    for text in accepted:
        tag = match_tag(text)
        if tag is None:
            continue
        instead = offered_instead(tag, available)
        if instead == tag or instead != SOURCE:
            return instead
    return SOURCE


SITE_LANGUAGES = frozenset(tag.split("-", 1)[0] for tag in LOCALES)


@lru_cache(maxsize=1024)
def site_language(tag: str) -> str:
    """Return the language of a tag, whatever its script and region: `zh` of `zh-Hans`; empty: the site is not in it."""
    found = tag.split("-", 1)[0].lower()
    return found if found in SITE_LANGUAGES else ""


@lru_cache(maxsize=1024)
def direction(tag: str) -> str:
    """Return `rtl` or `ltr` for a text in the language `tag`, whether the site speaks it or not."""
    if tag in LOCALES:
        return LOCALES[tag].direction
    try:
        return str(Locale.parse(tag, sep="-").text_direction)
    except (ValueError, UnknownLocaleError):
        return "ltr"


def usual_spelling(tag: str) -> str:
    """Write a language tag as it is usually written: `ZH-hans` as `zh-Hans`, `PT-br` as `pt-BR`."""
    first, *rest = tag.split("-")
    return "-".join((first.lower(), *(p.title() if len(p) == 4 else p.upper() if len(p) == 2 else p.lower() for p in rest)))


@lru_cache(maxsize=1024)
def plain_tag(tag: str) -> bool:
    """Say whether `tag` is a language tag that CLDR knows, in its usual spelling."""
    try:
        locale = Locale.parse(tag, sep="-", resolve_likely_subtags=False)
    except (ValueError, UnknownLocaleError):
        return False
    return str(locale).replace("_", "-") == tag
