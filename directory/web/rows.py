"""Rows inside a form, which people add and remove by buttons, without script."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wtforms import FieldList, Form, FormField

from directory.web.forms import Translations

DIGITS_MAX = 4


class RowForm(Form):
    """One row; its errors are in our words."""

    class Meta:
        """Our catalogue."""

        def get_translations(self, _form: Any) -> Translations:
            """Use the site's locale, never WTForms' own catalogues."""
            return Translations()


class RowsField(FieldList):  # type: ignore[type-arg]  # generic in its stubs only
    """Rows of one kind. most: how many there may be; one more is read, so that too many are noticed."""

    def __init__(self, row: type[RowForm], *, most: int, least: int = 0, label: Any = None, **kwargs: Any) -> None:
        self.most = most
        super().__init__(FormField(row), label, min_entries=least, max_entries=most + 1, **kwargs)

    def remove(self, place: int) -> None:
        """Take out one row; a place without a row is left alone."""
        if 0 <= place < len(self.entries):
            del self.entries[place]

    def values(self, *, not_counted: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Return the rows that hold something. not_counted: fields that are filled in before anybody types."""
        rows = [answered(entry.data) for entry in self.entries]
        return [row for row in rows if row.keys() - not_counted]

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        """Read row numbers from names of fields; what is no number is left out, however it was made up."""
        for name in formdata:
            number = name.removeprefix(f"{prefix}-").split("-", 1)[0] if name.startswith(f"{prefix}-") else ""
            if number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX:
                yield int(number)


def answered(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was answered: no empty texts, lists or boxes, and nothing twice in a list."""
    kept = {key: value for key, value in data.items() if value not in (None, "", [], False)}
    return {key: list(dict.fromkeys(value)) if isinstance(value, list) else value for key, value in kept.items()}
