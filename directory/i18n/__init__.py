"""Languages: the only package that imports flask_babel; it hands on what others need.

A page translates a hundred texts. flask_babel names the active locale anew for each, which takes longer than finding the
text, so the catalogue is found here, by the locale itself.
"""

from collections.abc import Callable
from typing import Any

from flask_babel import force_locale, get_locale, get_translations
from flask_babel.speaklater import LazyString

__all__ = ["force_locale", "gettext", "lazy_gettext", "lazy_pgettext", "ngettext", "pgettext", "template_callables"]

_LOCALES_KNOWN_MAX = 200


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


class _Catalogues:
    """Finds the catalogue of the active locale."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}

    def current(self) -> Any:
        """Return the catalogue of the active locale."""
        locale = get_locale()
        known = self._known.get(id(locale))
        if known is None or known[0] is not locale:
            if len(self._known) > _LOCALES_KNOWN_MAX:
                self._known.clear()
            known = self._known[id(locale)] = (locale, get_translations())
        return known[1]


_catalogues = _Catalogues()
