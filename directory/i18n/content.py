"""Texts that organisations wrote, each in its own language: choosing the one to show and saying which it is."""

from collections.abc import Mapping
from typing import NamedTuple

from directory.i18n.locales import SOURCE, direction

_RELATIVES = {"zh-Hans": ("zh-Hant",), "zh-Hant": ("zh-Hans",), "sr-Latn": ("sr-Cyrl",), "sr-Cyrl": ("sr-Latn",)}


class Shown(NamedTuple):
    """A text with the language it is in. `is_fallback` when that is not the language asked for."""

    text: str
    tag: str
    is_fallback: bool

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return direction(self.tag)


def choose(texts: Mapping[str, str], locale: str, *, first: str | None = None) -> Shown | None:
    """Choose the text to show to a reader of `locale`; None where there is no text at all.

    texts: {tag: text} in the order their owner gave. The order tried: the locale itself, the other script of the
    same language, `first` (the owner's own language, for names), English, whatever comes first.
    """
    text = texts.get(locale)
    if text:
        return Shown(text, locale, is_fallback=False)
    order = (*_RELATIVES.get(locale, ()), *((first,) if first else ()), SOURCE, *texts)
    for tag in order:
        text = texts.get(tag)
        if text:
            return Shown(text, tag, is_fallback=True)
    return None
