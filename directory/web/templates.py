"""What every template may call."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from jinja2 import Template
from jinja2.filters import do_truncate
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from directory.config import Settings
from directory.i18n import formats, page_callables, pgettext, template_callables
from directory.i18n import gettext as _
from directory.i18n.content import choose
from directory.i18n.locales import LOCALES, SOURCE, direction
from directory.web import locale as web_locale
from directory.web.forms import BaseForm, flat_messages
from directory.web.fragments import keep
from directory.web.page_cache import is_anonymous_visit
from directory.web.pager import pager
from directory.web.wording import error_page, reason_text

EMPTY_FORM = "directory.empty_form"
"""where the environment of a request keeps the form of no fields"""
MARKS = 8
PARTICLE_MAX = 3
"""Words in lower case up to this length (of, and, für, za) do not count in a mark."""
BOOTSTRAP = "vendor/bootstrap-5.3.9"
INDEXED = frozenset(
    {
        "pages.home",
        "pages.initiative",
        "pages.about",
        "pages.privacy",
        "pages.accessibility",
        "members.list_members",
        "members.list_services",
        "members.profile",
        "applications.start",
    }
)
"""Pages that search engines may keep: they name their other languages."""
_WORD = re.compile(r"[^\W_]+")
_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")
HEADING_FIRST = 2
"""level of the highest heading in a text that stands on a page: the page has its own first one"""


class PlainTemplate(Template):
    """A template that knows the environment's globals and no others.

    So whoever imports it has no further ones that it would have to be made anew for; looking for them in each import takes
    longer than the rest of the import.
    """

    def _get_default_module(self, _ctx: Context | None = None) -> Any:
        return super()._get_default_module()


def init_templates(app: Flask) -> None:
    """Give templates the locale's formats, the choice of texts, links between languages and static addresses."""
    app.jinja_env.template_class = PlainTemplate
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(**template_callables(), newstyle=True)  # type: ignore[attr-defined]  # Babel's extension
    app.jinja_env.globals.update(page_callables())
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_context)
    app.add_template_filter(markdown)
    app.add_template_filter(initials)
    app.add_template_filter(labels_of)
    app.add_template_filter(mark)
    app.add_template_filter(messages)
    app.jinja_env.globals.update(
        main_menu=main_menu,
        desk_menu=desk_menu,
        footer_menu=footer_menu,
        bootstrap_css=bootstrap_css,
        is_indexed=is_indexed,
        pager=pager,
        error_page=error_page,
        reason_text=reason_text,
        empty_form=_empty_form,
        static=static,
        behind_locale=web_locale.behind_locale,
        absolute=absolute,
        keep=keep,
        choose=_choose,
        country_name=lambda code: formats.country_name(code, _tag()),
        city_name=lambda city, country: formats.city_name(city, country, _tag()),
        language_name=lambda tag: formats.language_name(tag, _tag()),
        date_text=_date_text,
        time_text=lambda value: formats.time_text(value, _tag()),
        number_text=lambda value: formats.number_text(value, _tag()),
        size_text=lambda value: formats.size_text(value, _tag()),
        list_text=lambda items: formats.list_text(items, _tag()),
        direction=direction,
    )


def absolute(path: str) -> str:
    """Make an absolute address of a path on this site, as the world sees it."""
    settings: Settings = current_app.extensions["settings"]
    return settings.public_url + path


def markdown(text: str) -> Markup:
    """Render Markdown to HTML; raw HTML in it stays text, and no heading stands above those of the page."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{max(HEADING_FIRST, int(token.tag[1:]))}"
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 (made by a renderer that escapes raw HTML)


def static(name: str) -> str:
    """Address of a static file that changes with its content, so that it may be kept for a year."""
    return url_for("static", filename=name, v=_digest(Path(current_app.static_folder or "") / name))


def bootstrap_css(direction: str) -> str:
    """Name the framework's style sheet for a direction of writing."""
    return f"{BOOTSTRAP}/bootstrap{'.rtl' if direction == 'rtl' else ''}.min.css"


@cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def initials(name: str) -> str:
    """Make a mark of a name: first letters of its first two words that are no particles; one character of Han, kana, hangul."""
    words: list[str] = _WORD.findall(name)
    if not words:
        return "·"
    if words[0][0] > "\u2e80":
        return words[0][0]
    weighty = [word for word in words if len(word) > PARTICLE_MAX or not word[0].islower()] or words
    return "".join(word[0] for word in weighty[:2]).upper()


def labels_of(codes: Iterable[Any], labels: Mapping[Any, Any]) -> list[str]:
    """Name each of some codes in the reader's language."""
    return [str(labels[code]) for code in codes]


def shorten(text: str, most: int) -> str:
    """Cut a text after a whole word where it is much longer than `most` characters."""
    return do_truncate(current_app.jinja_env, text, most)


def mark(name: str) -> int:
    """Choose one of the marks' colours for a name, always the same."""
    return hashlib.sha256(name.encode(errors="replace")).digest()[0] % MARKS


def main_menu() -> list[tuple[str, str]]:
    """(endpoint, label) of the public menu."""
    return [
        ("members.list_members", _("Members")),
        ("members.list_services", pgettext("menu", "Services")),
        ("pages.initiative", pgettext("menu", "Initiative")),
        ("applications.start", pgettext("menu", "Join")),
    ]


def footer_menu() -> list[tuple[str, str]]:
    """(endpoint, label) of what stands at the foot of public pages."""
    return [
        ("pages.about", _("About and contact")),
        ("pages.privacy", _("Privacy")),
        ("pages.accessibility", _("Accessibility")),
        ("accounts.sign_in", _("Staff sign-in")),
    ]


def desk_menu() -> list[tuple[str, str]]:
    """(endpoint, label) of the desk's menu, as far as the signed-in roles reach."""
    roles = {str(role) for role in current_user.account.roles} if current_user.is_authenticated else set()
    reads = roles & {"reviewer", "approver", "coordinator", "auditor"}
    menu = [("review.queue", _("Applications"), reads), ("members_desk.list_members", _("Members"), reads)]
    menu.append(("figures.show", pgettext("menu of the desk", "Figures"), roles))
    menu.append(("review.outbox", pgettext("menu of the desk", "Letters"), roles & {"administrator", "coordinator", "auditor"}))
    menu.append(("review.list_texts", pgettext("menu of the desk", "Texts"), roles & {"administrator", "auditor"}))
    menu.append(("review.audit", pgettext("menu of the desk", "Audit"), roles & {"administrator", "auditor"}))
    menu.append(("settings.overview", pgettext("menu of the desk", "Settings"), roles & {"administrator", "auditor"}))
    menu.append(("accounts.list_accounts", pgettext("menu of the desk", "Accounts"), roles & {"administrator", "auditor"}))
    return [(endpoint, label) for endpoint, label, allowed in menu if allowed]


def is_indexed() -> bool:
    """Say whether search engines may keep this page."""
    return request.endpoint in INDEXED and "locale" in g.get("address_values", {})


def messages(field: Any) -> list[str]:
    """Give all messages of a form's field."""
    return [str(message) for message in flat_messages(field.errors)]


def _empty_form() -> BaseForm:
    """A form of no fields, for the mark of forms that only have a button; one does for all of a page's."""
    form: BaseForm | None = request.environ.get(EMPTY_FORM)
    if form is None:
        request.environ[EMPTY_FORM] = form = BaseForm()
    return form


def _tag() -> str:
    return str(getattr(g, "locale", SOURCE))


def _choose(texts: dict[str, str], first: str | None = None) -> Any:
    return choose(texts, _tag(), first=first)


def _date_text(value: date | datetime, style: str = "long") -> str:
    return formats.date_text(value, _tag(), style=style).replace(" ", "\u00a0")


def _signed_in() -> Any:
    """The signed-in account, if any; none, rather than a second error, while the database does not answer."""
    if is_anonymous_visit():
        return None
    try:
        return current_user.account if current_user and current_user.is_authenticated else None
    except SQLAlchemyError:
        current_app.logger.warning("nobody counts as signed in while the database does not answer")
        return None


def _context() -> dict[str, Any]:
    return {
        "locale": web_locale.current(),
        "offered_locales": [LOCALES[tag] for tag in web_locale.offered()],
        "signed_in": _signed_in(),
    }
