"""Small pieces of HTML that a page repeats many times: rendered once per locale with gaps, then only filled.

A template marks a gap by `{{ gap.name }}`. What goes in is given as a keyword: text is escaped, Markup stays.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from flask import current_app
from markupsafe import Markup, escape

from directory.i18n.locales import direction
from directory.web.locale import current

Fill: TypeAlias = Callable[..., Markup]
"""Takes the name of a block and what goes into its gaps."""
_EDGE = "\x1f"
_SAFE = (Markup, int)


class Patterns:
    """The blocks of one template as patterns, made when first wanted in a locale."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._made: dict[str, Fill] = {}

    def here(self) -> Fill:
        """Return what fills the patterns of the locale that this request is in."""
        tag = current().tag
        made = self._made.get(tag)
        if made is None:
            made = self._made[tag] = _filler(self._make())
        return made

    def _make(self) -> dict[str, str]:
        return {name: as_format(html) for name, html in render_blocks(self._template, {"gap": Gaps()}).items()}


class Gaps:
    """Gives a mark for any name."""

    def __getattr__(self, name: str) -> Markup:
        """Return the mark of a gap."""
        return Markup(f"{_EDGE}{name}{_EDGE}")  # noqa: S704 (a name in a template of ours)


def render_blocks(template: str, values: dict[str, Any]) -> dict[str, Markup]:
    """Render each block of a template by itself, all with the same values."""
    found = current_app.jinja_env.get_template(template)
    context = found.new_context(values)
    return {name: as_markup("".join(block(context)).strip()) for name, block in found.blocks.items()}


def join_markup(pieces: Iterable[str]) -> Markup:
    """Put pieces of HTML together that were escaped where they were made."""
    return as_markup("".join(pieces))


def as_markup(text: str) -> Markup:
    """Say of a text that it is HTML already, without Markup's own search for what it may be made of."""
    return str.__new__(Markup, text)


@lru_cache(maxsize=1024)
def language_of(tag: str) -> Markup:
    """Return the attributes that say which language a text is in."""
    return Markup('lang="{}" dir="{}"').format(tag, direction(tag))


def _filler(patterns: dict[str, str]) -> Fill:
    def fill(block: str, **values: Any) -> Markup:
        return fill_format(patterns[block], values)

    return fill


def fill_format(pattern: str, values: dict[str, Any]) -> Markup:
    """Fill the gaps of what `as_format` made; text is escaped, Markup and numbers stay. values: is changed."""
    for name, value in values.items():
        if value.__class__ not in _SAFE:
            values[name] = escape(value)
    return as_markup(pattern % values)


def as_format(text: str) -> str:
    """Make a format for `%` of HTML in which Gaps left their marks."""
    parts = text.split(_EDGE)
    return "".join(f"%({part})s" if place % 2 else part.replace("%", "%%") for place, part in enumerate(parts))
