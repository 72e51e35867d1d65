"""Telephone numbers: kept as E.164, shown in the international form."""

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    parse,
)


def parse_phone(text: str, country: str | None = None) -> str | None:
    """Return a number as E.164, with its extension if it has one; None for what cannot be a number.

    country: ISO 3166-1 alpha-2 of whoever has it, for numbers without a country code.
    """
    try:
        number = parse(text, country)
    except NumberParseException:
        return None
    if not is_possible_number(number):
        return None
    extension = f";ext={number.extension}" if number.extension else ""
    return format_number(number, PhoneNumberFormat.E164) + extension


def phone_text(kept: str) -> str:
    """Return a number as people read it; one that was kept before numbers were checked, as it is."""
    try:
        return format_number(parse(kept), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return kept
