"""Languages: the only package that imports flask_babel; it hands on what others need.

A page translates a hundred texts. flask_babel names the active locale anew for each, which takes longer than finding the
text, so the catalogue is found here, by the locale itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import flask_babel
from flask import g
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from directory.i18n.locales import LOCALES, SOURCE

__all__ = [
    "force_locale",
    "gettext",
    "lazy_gettext",
    "lazy_pgettext",
    "ngettext",
    "page_callables",
    "pgettext",
    "template_callables",
]


def gettext(message: str, **variables: Any) -> str:
    """Translate a sentence; `%(name)s` in it takes the variable of that name."""
    text = _here(None, message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, n: int, **variables: Any) -> str:
    """Translate a counted sentence; `%(num)s` is the number."""
    text: str = _catalogues.current().ungettext(singular, plural, n)
    return text % {"num": n, **variables}


def pgettext(context: str, message: str, **variables: Any) -> str:
    """Translate a word that means different things in different places."""
    text = _here(context, message)
    return text % variables if variables else text


def lazy_gettext(message: str, **variables: Any) -> Any:
    """Translate a sentence when it is shown; it is a text only then."""
    return LazyString(gettext, message, **variables)


def lazy_pgettext(context: str, message: str, **variables: Any) -> Any:
    """Translate a word when it is shown."""
    return LazyString(pgettext, context, message, **variables)


def template_callables() -> dict[str, Callable[..., str]]:
    """Return gettext, ngettext and pgettext as Jinja wants them: placeholders are left to it."""
    return {
        "gettext": lambda text: str(_catalogues.current().ugettext(text)),
        "ngettext": lambda one, many, n: str(_catalogues.current().ungettext(one, many, n)),
        "pgettext": lambda context, text: str(_catalogues.current().upgettext(context, text)),
    }


def page_callables() -> dict[str, Callable[..., Markup]]:
    """Return what takes the place of Jinja's own `_`, gettext and pgettext in templates of pages, which escape.

    They do the same without going through three calls of Jinja's, and a text without gaps is brought into its form once.
    """

    def gettext(text: str, /, **variables: Any) -> Markup:
        return _in_page(None, text, variables)

    def pgettext(context: str, text: str, /, **variables: Any) -> Markup:
        return _in_page(context, text, variables)

    return {"_": gettext, "gettext": gettext, "pgettext": pgettext}


def _here(context: str | None, text: str) -> str:
    """Translate a text into the active locale."""
    name = _catalogues.name()
    return _text(name, context, text) if name else _translated(_catalogues.current(), context, text)


def _in_page(context: str | None, text: str, variables: dict[str, Any]) -> Markup:
    name = _catalogues.name() or _NAMES[SOURCE]
    return _pattern(name, context, text) % variables if variables else _whole(name, context, text)


@lru_cache(maxsize=8192)
def _whole(name: str, context: str | None, text: str) -> Markup:
    return _pattern(name, context, text) % {}


def _pattern(name: str, context: str | None, text: str) -> Markup:
    return Markup(_text(name, context, text))  # noqa: S704 (texts of ours, written for pages)


@lru_cache(maxsize=8192)
def _text(name: str, context: str | None, text: str) -> str:
    """Translate a text. name: of the locale, as Babel has it."""
    return _translated(_catalogues.named(name), context, text)


def _translated(catalogue: Any, context: str | None, text: str) -> str:
    return str(catalogue.ugettext(text) if context is None else catalogue.upgettext(context, text))


@contextmanager
def force_locale(babel_name: str) -> Iterator[None]:
    """Let everything inside speak another locale. babel_name: as SiteLocale.babel has it."""
    token = _forced.set(babel_name)
    try:
        with flask_babel.force_locale(babel_name):
            yield
    finally:
        _forced.reset(token)


_forced: ContextVar[str | None] = ContextVar("forced_locale", default=None)


_NAMES = {tag: locale.babel for tag, locale in LOCALES.items()}


class _Catalogues:
    """Finds the catalogue of the active locale: the forced one, else that of the request."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def name(self) -> str | None:
        """Return Babel's name of the active locale; None where nothing was asked for in a language."""
        forced = _forced.get()
        if forced is not None:
            return forced
        try:
            return _NAMES[g.locale]
        except (AttributeError, RuntimeError):  # the latter: there is no application
            return None

    def current(self) -> Any:
        """Return the catalogue of the active locale."""
        name = self.name()
        return self.named(name) if name else flask_babel.get_translations()

    def named(self, name: str) -> Any:
        """Return the catalogue of a locale by Babel's name."""
        known = self._known.get(name)
        if known is None:
            with flask_babel.force_locale(name):
                known = self._known[name] = flask_babel.get_translations()
        return known


_catalogues = _Catalogues()
