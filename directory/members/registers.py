"""Numbers of public registers: whether one can be what its register's numbers look like, check digits included.

What python-stdnum knows is asked there; three registers without check digits are judged by their form alone.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from stdnum import get_cc_module, lei
from stdnum.ar import cuit
from stdnum.cn import uscc
from stdnum.de import handelsregisternummer
from stdnum.es import nif
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidComponent, ValidationError
from stdnum.kr import brn
from stdnum.rs import pib
from stdnum.sg import uen

LEI_LENGTH = 20
USCC = re.compile("[0-9A-HJ-NPQRTUWXY]{18}")
VAT_ANYWHERE = re.compile("[A-Z]{2}[0-9A-Z]{4,18}|[0-9A-Z]{5,20}")
FORMS = {
    "RS-MB": re.compile("[0-9]{8}"),
    "GB-COH": re.compile("[0-9]{7,8}|[A-Z][A-Z0-9][0-9]{6}"),
    "HK-CR": re.compile("[0-9]{7,8}"),
    "DE-VR": re.compile(r".*[^\W\d_].*\bVR\b.*[0-9].*|VR\b.*[0-9].*[^\W\d_].*", re.IGNORECASE),
}
_COURT = re.compile(r"\b(amtsgericht|ag|registergericht)\b\.?", re.IGNORECASE)


class Verdict(StrEnum):
    """What can be told of a number without asking its register."""

    GOOD = "good"
    """form and check digits are right"""
    PLAUSIBLE = "plausible"
    """the form is right, and there are no check digits"""
    DOUBTFUL = "doubtful"
    """form and check digits are right, but it names an authority or a court that we do not know"""
    WRONG = "wrong"
    """it cannot be such a number"""


class Rule(StrEnum):
    """What a number of a register is judged by."""

    DIGITS = "digits"
    """form and check digits, as python-stdnum has them"""
    FORM = "form"
    """the form alone, as it is written here"""
    NONE = "none"
    """nothing is known of this register's numbers"""


def rule_of(scheme: str) -> Rule:
    """Say what `check_number` judges a number of this register by."""
    if scheme in FORMS:
        return Rule.FORM
    return Rule.DIGITS if scheme == "VAT" or scheme in _JUDGES else Rule.NONE


def check_number(scheme: str, value: str, *, country: str | None = None) -> Verdict | None:
    """Judge a number of a register; None for a register that we know nothing of.

    scheme: key of vocab.SCHEME_LABELS, or any other. country: where the organisation sits (ISO 3166-1 alpha-2), for
    VAT numbers without a country of their own.
    """
    if scheme in FORMS:
        text = value.strip() if scheme == "DE-VR" else _compact(value)
        return Verdict.PLAUSIBLE if FORMS[scheme].fullmatch(text) else Verdict.WRONG
    if scheme == "VAT":
        return _vat(_compact(value), country)
    judge = _JUDGES.get(scheme)
    return judge(value) if judge else None


def _by(module: Any) -> Callable[[str], Verdict]:
    """Judge by a module of stdnum."""

    def judge(value: str) -> Verdict:
        try:
            module.validate(value)
        except InvalidComponent:
            return Verdict.DOUBTFUL
        except ValidationError:
            return Verdict.WRONG
        return Verdict.GOOD

    return judge


def _lei(value: str) -> Verdict:
    return _by(lei)(value) if len(_compact(value)) == LEI_LENGTH else Verdict.WRONG


def _uscc(value: str) -> Verdict:
    """Judge a Chinese code; some authorities write letters where stdnum expects digits, which is no mistake of the applicant."""
    number = _compact(value)
    if not USCC.fullmatch(number) or uscc.calc_check_digit(number[:-1]) != number[-1]:
        return Verdict.WRONG
    return Verdict.GOOD if uscc.is_valid(number) else Verdict.DOUBTFUL


def _german_register(value: str) -> Verdict:
    return _by(handelsregisternummer)(" ".join(_COURT.sub(" ", value).split()))


def _vat(number: str, country: str | None) -> Verdict:
    """Judge a VAT number by the country it names, else by the seat; where nobody knows that country's, by its form."""
    if not VAT_ANYWHERE.fullmatch(number):
        return Verdict.WRONG
    try:
        eu_vat.validate(number)
    except InvalidComponent:
        pass  # it names no member of the European Union
    except ValidationError:
        return Verdict.WRONG
    else:
        return Verdict.GOOD
    for code, rest in ((number[:2], number[2:]), (country or "", number)):
        module = get_cc_module(code, "vat") if code.isalpha() else None
        if module is not None:
            return Verdict.GOOD if module.is_valid(number) or module.is_valid(rest) else Verdict.WRONG
    return Verdict.PLAUSIBLE


def _compact(value: str) -> str:
    return re.sub(r"[\s./-]", "", value).upper()


_JUDGES: Mapping[str, Callable[[str], Verdict]] = {
    "AR-CUIT": _by(cuit),
    "CN-USCC": _uscc,
    "DE-HR": _german_register,
    "ES-NIF": _by(nif),
    "KR-BRN": _by(brn),
    "LEI": _lei,
    "RS-PIB": _by(pib),
    "SG-UEN": _by(uen),
}
