"""Languages: the only package that imports flask_babel; it hands on what others need.

A page translates a hundred texts. flask_babel names the active locale anew for each, which takes longer than finding the
text, so the catalogue is found here, by the locale itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import flask_babel
from flask import g
from flask_babel.speaklater import LazyString

from directory.i18n.locales import LOCALES

__all__ = ["force_locale", "gettext", "lazy_gettext", "lazy_pgettext", "ngettext", "pgettext", "template_callables"]


def gettext(message: str, **variables: Any) -> str:
    """Translate a sentence; `%(name)s` in it takes the variable of that name."""
    text: str = _catalogues.current().ugettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, n: int, **variables: Any) -> str:
    """Translate a counted sentence; `%(num)s` is the number."""
    text: str = _catalogues.current().ungettext(singular, plural, n)
    return text % {"num": n, **variables}


def pgettext(context: str, message: str, **variables: Any) -> str:
    """Translate a word that means different things in different places."""
    text: str = _catalogues.current().upgettext(context, message)
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

    def current(self) -> Any:
        """Return the catalogue of the active locale."""
        name = _forced.get()
        if name is None:
            try:
                name = _NAMES[g.locale]
            except (AttributeError, RuntimeError):  # nothing was asked for in a language, or there is no application
                return flask_babel.get_translations()
        known = self._known.get(name)
        if known is None:
            with flask_babel.force_locale(name):
                known = self._known[name] = flask_babel.get_translations()
        return known


_catalogues = _Catalogues()
