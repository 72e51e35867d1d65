"""Files for spreadsheets."""

BOM = "\ufeff"
"""by which spreadsheets know the encoding of a CSV file"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula; none is an empty cell."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) and not isinstance(value, int | float) else text


def plain(text: str) -> str:
    """Read a cell back that `cell` wrote."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text
