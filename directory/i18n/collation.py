"""The order of names: a stored key for each locale, made by ICU, which knows pinyin, strokes, ñ and both Serbian scripts."""

from functools import cache, lru_cache

import icu

from directory.i18n.locales import LOCALES

KEY_VERSION = f"icu {icu.ICU_VERSION}"
"""Keys of another version must not be compared with ours."""


@lru_cache(maxsize=65536)
def sort_key(name: str, tag: str) -> bytes:
    """Return bytes whose plain order is the order of names in the locale `tag`, one of LOCALES.

    Names in the locale's own script come first, then those in others, in the order that CLDR gives scripts. A key ends
    with a zero byte and holds no other, so that joined keys sort by the first, then by the second.
    """
    key: bytes = _collator(tag).getSortKey(name.encode("utf-8", "replace").decode())
    return key


@cache
def _collator(tag: str) -> icu.Collator:
    return icu.Collator.createInstance(icu.Locale.forLanguageTag(LOCALES[tag].tag))
