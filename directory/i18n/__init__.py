"""Languages: the only package that imports flask_babel; it hands on what others need."""

from typing import TYPE_CHECKING, Any

from flask_babel import force_locale, get_translations, lazy_gettext, lazy_pgettext

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

__all__ = ["force_locale", "gettext", "lazy_gettext", "lazy_pgettext", "ngettext", "pgettext", "plain_ngettext"]


def plain_ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a counted message and leave its placeholders to the caller: what Jinja's `trans` expects."""
    return str(get_translations().ungettext(singular, plural, n))
