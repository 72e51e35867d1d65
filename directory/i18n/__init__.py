"""Languages: the only package that imports flask_babel; it hands on what others need."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale, get_locale, get_translations, lazy_gettext, lazy_pgettext

if TYPE_CHECKING:
    # flask_babel has no types. Lazy texts stay Any: they are texts only once they are shown.
    def gettext(message: str, **variables: Any) -> str:
        """Translate a sentence; `%(name)s` in it takes the variable of that name."""

    def ngettext(singular: str, plural: str, n: int, **variables: Any) -> str:
        """Translate a counted sentence; `%(num)s` is the number."""

    def pgettext(context: str, message: str, **variables: Any) -> str:
        """Translate a word that means different things in different places."""

else:
    from flask_babel import gettext, ngettext, pgettext

__all__ = [
    "force_locale",
    "gettext",
    "lazy_gettext",
    "lazy_pgettext",
    "ngettext",
    "pgettext",
    "plain_ngettext",
    "template_callables",
]


class _Catalogues:
    """The catalogue of the active locale, found again without asking flask_babel to name the locale each time.

    Pages translate a hundred texts; naming the locale costs more than finding the text.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}

    def current(self) -> Any:
        """Return the catalogue of the active locale."""
        locale = get_locale()
        known = self._known.get(id(locale))
        if known is None or known[0] is not locale:
            known = self._known[id(locale)] = (locale, get_translations())
            if len(self._known) > _LOCALES_KNOWN_MAX:
                self._known.clear()
        return known[1]


_LOCALES_KNOWN_MAX = 200
_catalogues = _Catalogues()


def template_callables() -> dict[str, Callable[..., str]]:
    """Return gettext, ngettext, pgettext and npgettext as Jinja wants them: without variables."""
    return {
        "gettext": lambda text: str(_catalogues.current().ugettext(text)),
        "ngettext": lambda one, many, n: str(_catalogues.current().ungettext(one, many, n)),
        "pgettext": lambda context, text: str(_catalogues.current().upgettext(context, text)),
        "npgettext": lambda context, one, many, n: str(_catalogues.current().unpgettext(context, one, many, n)),
    }


def plain_ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a counted message and leave its placeholders to the caller: what Jinja's `trans` expects."""
    return str(get_translations().ungettext(singular, plural, n))
