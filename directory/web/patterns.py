"""Small pieces of HTML that a page repeats many times: rendered once per locale with gaps, then only filled.

What stands in a gap is given as a keyword: text is escaped, Markup stays. A template marks a gap by `{{ gap.name }}`.
"""

from typing import Any

from flask import current_app
from jinja2 import Template
from markupsafe import Markup, escape

from directory.web.locale import current

_EDGE = "\x1f"


class Patterns:
    """The blocks of one template as patterns, made when first wanted in a locale."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._made: dict[tuple[str, str], str] = {}

    def fill(self, block: str, **values: Any) -> Markup:
        """Return a block with its gaps filled, in the locale of this request."""
        tag = current().tag
        pattern = self._made.get((block, tag))
        if pattern is None:
            pattern = self._made[block, tag] = _make(current_app.jinja_env.get_template(self._template), block)
        return Markup(pattern % {name: escape(value) for name, value in values.items()})  # noqa: S704 (all parts are escaped)


class _Gaps:
    """Gives a mark for any name."""

    def __getattr__(self, name: str) -> Markup:
        """Return the mark of a gap."""
        return Markup(f"{_EDGE}{name}{_EDGE}")  # noqa: S704 (a name in a template of ours)


def _make(template: Template, block: str) -> str:
    context = template.new_context({"gap": _Gaps()})
    parts = "".join(template.blocks[block](context)).split(_EDGE)
    return "".join(f"%({part})s" if place % 2 else part.replace("%", "%%") for place, part in enumerate(parts)).strip()
