"""Rules of accounts that hold below the pages, where two may come at once."""

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy.orm import Session

from directory.accounts import credentials, services
from directory.accounts.models import Account, LinkPurpose, Role
from directory.accounts.rules import wait_after
from directory.audit import SYSTEM
from directory.errors import Invalid, NotAllowed
from tests.accounts.test_pages import PASSWORD, REASON, hashed


@pytest.fixture
def account(session: Session, now: datetime) -> Account:
    """Give an account that can sign in."""
    added, _ = services.add_account(session, " Clerk@Staff.example", [Role.REVIEWER], by=SYSTEM, now=now)
    added.password_hash = hashed()
    added.totp_secret = credentials.new_totp_secret()
    return added


def code_at(secret: str | None, now: datetime) -> str:
    return pyotp.TOTP(secret or "").at(now)


def test_link_used_in_two_tabs_works_in_the_first(account: Account, session: Session, now: datetime) -> None:
    key = services.make_link(session, account, LinkPurpose.RESET, now=now)
    services.use_link(session, key, password="the first password", code=code_at(account.totp_secret, now), now=now)

    with pytest.raises(NotAllowed):
        later = now + timedelta(minutes=1)
        services.use_link(session, key, password="the second password", code=code_at(account.totp_secret, later), now=later)

    assert credentials.is_password(account.password_hash, "the first password")


def test_using_one_link_ends_the_others(account: Account, session: Session, now: datetime) -> None:
    first, second = (services.make_link(session, account, LinkPurpose.RESET, now=now) for _ in range(2))
    services.use_link(session, first, password="the first password", code=code_at(account.totp_secret, now), now=now)
    later = now + timedelta(minutes=1)

    with pytest.raises(NotAllowed):
        services.use_link(session, second, password="the second password", code=code_at(account.totp_secret, later), now=later)


def test_link_of_a_closed_account_does_not_open(account: Account, session: Session, now: datetime) -> None:
    key = services.make_link(session, account, LinkPurpose.RESET, now=now)
    services.disable_account(session, account, by=SYSTEM, now=now)

    with pytest.raises(NotAllowed):
        services.use_link(session, key, password="the first password", code=code_at(account.totp_secret, now), now=now)


def test_closed_account_is_refused_and_nothing_is_counted(account: Account, session: Session, now: datetime) -> None:
    services.disable_account(session, account, by=SYSTEM, now=now)

    with pytest.raises(NotAllowed):
        services.check_sign_in(session, account.email, PASSWORD, code_at(account.totp_secret, now), now=now)

    assert account.failed_sign_ins == 0


def test_attempt_while_waiting_is_not_looked_at(account: Account, session: Session, now: datetime) -> None:
    account.failed_sign_ins, account.retry_after = 5, now + timedelta(seconds=1)

    with pytest.raises(NotAllowed):
        services.check_sign_in(session, account.email, "wrong wrong wrong", "000000", now=now)

    assert (account.failed_sign_ins, account.retry_after) == (5, now + timedelta(seconds=1))


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [int(wait_after(n).total_seconds()) for n in (0, 1, 2, 3, 4, 5, 8, 9, 10, 10_000)] == [
        0,
        0,
        0,
        15,
        30,
        60,
        480,
        900,
        900,
        900,
    ]


@pytest.mark.parametrize("password", ["x" * 11, "x" * 201, "clerk@staff.example", " CLERK@staff.example"])
def test_weak_password_is_refused(password: str, account: Account, session: Session, now: datetime) -> None:
    key = services.make_link(session, account, LinkPurpose.RESET, now=now)

    with pytest.raises(Invalid):
        services.use_link(session, key, password=password, code=code_at(account.totp_secret, now), now=now)

    assert credentials.is_password(account.password_hash, PASSWORD)


@pytest.mark.parametrize(("seconds", "works"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_code_of_a_clock_half_a_minute_off_works(*, seconds: int, works: bool, now: datetime) -> None:
    secret = credentials.new_totp_secret()

    step = credentials.find_step(secret, code_at(secret, now + timedelta(seconds=seconds)), now=now)

    assert (step is not None) == works


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12 34\x00"])
def test_malformed_code_is_no_code(code: str, now: datetime) -> None:
    assert credentials.find_step(credentials.new_totp_secret(), code, now=now) is None


def test_same_password_in_another_unicode_form_fits() -> None:
    assert credentials.is_password(credentials.hash_password("pässword pässword"), "pa\u0308ssword pa\u0308ssword")


def test_account_without_password_fits_no_password() -> None:
    assert not credentials.is_password(None, "")


def test_roles_cannot_be_none(account: Account, session: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        services.set_roles(session, account, [], by=SYSTEM, reason=REASON, now=now)


def test_last_administrator_is_renewed_by_the_command_line_only(account: Account, session: Session, now: datetime) -> None:
    services.set_roles(session, account, [Role.ADMINISTRATOR], by=SYSTEM, reason=REASON, now=now)

    with pytest.raises(NotAllowed, match=services.LAST_ADMINISTRATOR):
        services.renew_account(session, account, by=SYSTEM, reason=REASON, now=now)
    services.reset_account(session, account, by=SYSTEM, now=now)

    assert account.password_hash is None
