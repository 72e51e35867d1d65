"""Files for spreadsheets."""

BOM = "\ufeff"
"""by which spreadsheets know the encoding of a CSV file"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula; none is an empty cell."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int | float) else text
