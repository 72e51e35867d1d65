"""Numbers of registers and of telephones: what is right, what may be, what cannot be."""

import pytest

from directory.members.phones import parse_phone, phone_text
from directory.members.reading import is_website
from directory.members.registers import Verdict, check_number
from directory.members.vocab import SCHEME_LABELS, WRONG_NUMBER

GOOD, PLAUSIBLE, DOUBTFUL, WRONG = Verdict.GOOD, Verdict.PLAUSIBLE, Verdict.DOUBTFUL, Verdict.WRONG


@pytest.mark.parametrize(
    ("scheme", "value", "verdict"),
    [
        ("CN-USCC", "91110000600037341L", GOOD),
        ("CN-USCC", "9111 0000 6000 3734-1l", GOOD),
        ("CN-USCC", "91110000600037341M", WRONG),
        ("CN-USCC", "9111000060003734", WRONG),
        ("CN-USCC", "9111000060003734IL", WRONG),
        ("LEI", "213800KUD8LAJWSQ9D15", GOOD),
        ("LEI", "213800KUD8LAJWSQ9D16", WRONG),
        ("LEI", "1", WRONG),
        ("VAT", "DE 136 695 976", GOOD),
        ("VAT", "DE136695978", WRONG),
        ("VAT", "GB 980 7806 84", GOOD),
        ("VAT", "?", WRONG),
        ("VAT", "XX123456", PLAUSIBLE),
        ("RS-PIB", "101134702", GOOD),
        ("RS-PIB", "101134703", WRONG),
        ("RS-MB", "07012345", PLAUSIBLE),
        ("RS-MB", "7012345", WRONG),
        ("AR-CUIT", "20-05536168-2", GOOD),
        ("AR-CUIT", "20-05536168-3", WRONG),
        ("SG-UEN", "T01FC6132D", GOOD),
        ("SG-UEN", "T01FC6132X", WRONG),
        ("KR-BRN", "116-82-00276", GOOD),
        ("KR-BRN", "116-82", WRONG),
        ("ES-NIF", "B-58378431", GOOD),
        ("ES-NIF", "B64717839", WRONG),
        ("DE-HR", "Aachen HRA 11223", GOOD),
        ("DE-HR", "Amtsgericht Stuttgart, HRB 12345", GOOD),
        ("DE-HR", "HRB 44863, Hamburg", GOOD),
        ("DE-HR", "Nirgendwo HRB 1", DOUBTFUL),
        ("DE-HR", "HRB 12345", WRONG),
        ("DE-VR", "Amtsgericht Stuttgart VR 1234", PLAUSIBLE),
        ("DE-VR", "VR 1234", WRONG),
        ("GB-COH", "SC123456", PLAUSIBLE),
        ("GB-COH", "01234567", PLAUSIBLE),
        ("GB-COH", "12345", WRONG),
        ("HK-CR", "1234567", PLAUSIBLE),
        ("HK-CR", "123", WRONG),
        ("other", "anything", None),
        ("JP-CN", "anything", None),
    ],
)
def test_number_is_judged_by_its_register(scheme: str, value: str, verdict: Verdict | None) -> None:
    assert check_number(scheme, value) is verdict


def test_vat_number_without_a_country_is_judged_by_the_seat() -> None:
    assert check_number("VAT", "101134702", country="RS") is GOOD
    assert check_number("VAT", "101134703", country="RS") is WRONG
    assert check_number("VAT", "101134703", country="HK") is PLAUSIBLE


def test_each_register_has_words_for_a_wrong_number() -> None:
    assert set(WRONG_NUMBER) == set(SCHEME_LABELS) - {"other"}
    for scheme in WRONG_NUMBER:
        assert check_number(scheme, "\u0000?") is WRONG


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("+381 11 123 4567", None, "+381111234567"),
        ("011/123-4567", "RS", "+381111234567"),
        ("０１０ 1234 5678", "CN", "+861012345678"),
        ("+86 10 6552 9988", None, "+861065529988"),
        ("+49 30 123456 ext. 12", None, "+4930123456;ext=12"),
        ("011 123 4567", None, None),
        ("+999 123", None, None),
        ("", None, None),
    ],
)
def test_phone_is_read_in_the_plan_of_its_country(typed: str, country: str | None, kept: str | None) -> None:
    assert parse_phone(typed, country) == kept


def test_phone_is_shown_as_people_read_it() -> None:
    assert phone_text("+861065529988") == "+86 10 6552 9988"
    assert phone_text("+4930123456;ext=12").startswith("+49 30 123456 ext")
    assert phone_text("ask for Ana") == "ask for Ana"
    assert parse_phone(phone_text("+4930123456;ext=12")) == "+4930123456;ext=12"


@pytest.mark.parametrize(
    "text", ["www.proba.example", "https://proba.example/a?b=c", "привреда.срб", "商会.中国", "münchen.example:8080"]
)
def test_website_may_be_in_any_script(text: str) -> None:
    assert is_website(text)


@pytest.mark.parametrize(
    "text", ["", "nodots", "https://u:p@a.example", "a b.example", "ftp://a.example", "-.example", "a..example"]
)
def test_what_is_no_website_is_refused(text: str) -> None:
    assert not is_website(text)
