"""The answers of an application as the case page shows them: each text in its language, a colleague's translation beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from markupsafe import Markup

from directory.applications.answers import Row, Section
from directory.i18n.formats import language_name, list_text
from directory.review.translations import Shown
from directory.web.patterns import Fill, Patterns, as_markup, join_markup, language_of

_PATTERNS = Patterns("review/_answers.html")
_EMPTY = Markup()


def write_answers(
    sections: Sequence[Section], own: Sequence[Section], translated: Mapping[str, Shown], *, tag: str, locale: str
) -> Markup:
    """Write sections of answers.

    own: the same sections as the applicant reads them, where that is in another language. translated: by the place of a
    text; tag: of the applicant, also for texts that say no language.
    """
    fill = _PATTERNS.here()

    def rows(section: Section, theirs: Section | None) -> Markup:
        beside = theirs.rows if theirs else (None,) * len(section.rows)
        found = (_row(fill, row, other, translated, tag, locale) for row, other in zip(section.rows, beside, strict=True))
        return as_markup("\n".join(found))

    pairs = zip(sections, own or (None,) * len(sections), strict=True)
    return as_markup("\n".join(fill("section", title=section.title, rows=rows(section, theirs)) for section, theirs in pairs))


def _row(fill: Fill, row: Row, theirs: Row | None, translated: Mapping[str, Shown], tag: str, locale: str) -> Markup:
    if row.place:
        own = row.tag or tag
        beside, named = _translation(translated.get(row.place)), language_name(own, locale)
        language = language_of(own)
        return fill("own_words", label=row.label, named=named, language=language, text=row.values[0], translation=beside)
    if row.link:
        words = fill("link", address=row.link, text=row.values[0])
    else:
        words = join_markup(fill("words", text=text) for text in row.values)
    if theirs is not None and theirs.values != row.values:
        words += fill("as_they_read_it", language=language_of(tag), text=list_text(theirs.values, tag))
    if row.tag:
        return fill("row_in_language", label=row.label, language=language_of(row.tag), words=words)
    return fill("row", label=row.label, words=words)


def _translation(shown: Shown | None) -> Markup:
    if shown is None:
        return _EMPTY
    template: Any = current_app.jinja_env.get_template("review/_translation.html").module
    return as_markup(template.translation(shown))
