"""Passkeys of an account: added, named, removed, proved and used. A challenge is answered once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from directory.accounts import letters
from directory.accounts.challenges import NOT_GENUINE, Answer, Challenge, KeptKey, is_over
from directory.accounts.credentials import digest
from directory.accounts.models import PASSKEYS_MAX, Account, Passkey, SpentChallenge
from directory.accounts.queries import has_credential, list_passkeys, lock_account
from directory.accounts.rules import CHALLENGE_TIME, is_behind
from directory.audit import Actor, record
from directory.db import take_turn
from directory.errors import Conflict, NotAllowed
from directory.mail import Letter, queue

TOO_MANY = "too_many"
KNOWN = "known"
LAST_FACTOR = "last_factor"


@dataclass(frozen=True)
class Proof:
    """A passkey that was proved to be at hand, and the count it gave."""

    passkey: Passkey
    sign_count: int


def add_passkey(session: Session, account: Account, answer: Answer, *, name: str, by: Actor, now: datetime) -> Passkey:
    """Add the passkey that a browser made, and tell the person by letter.

    name: 1 to PASSKEY_NAME_MAX characters, the person's own word for it. now: aware UTC time.
    Raises NotAllowed(TOO_MANY), NotAllowed(NOT_GENUINE), and NotAllowed(KNOWN) where some account has this key. The
    caller commits in these cases too, so that the challenge stays spent.
    """
    from directory.accounts.webauthn import read_new_key  # noqa: PLC0415 (it takes 11 MB, and hardly any process is asked for a passkey)

    lock_account(session, account)
    if len(list_passkeys(session, account)) >= PASSKEYS_MAX:
        raise NotAllowed(TOO_MANY)
    if not _spend(session, answer.challenge, now=now):
        raise NotAllowed(NOT_GENUINE)
    key = read_new_key(answer)
    if has_credential(session, key.id):
        raise NotAllowed(KNOWN)
    passkey = Passkey(
        account_id=account.id,
        credential_id=key.id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        name=name,
        transports=list(key.transports),
        created_at=now,
    )
    session.add(passkey)
    session.flush()
    record(session, "account.add_passkey", by=by, subject=_subject(account), changes={"passkey": (None, name)}, now=now)
    _tell(session, account, letters.passkey_added(account, name=name), now=now)
    return passkey


def rename_passkey(session: Session, account: Account, passkey: Passkey, *, name: str, by: Actor, now: datetime) -> None:
    """Give one of the account's passkeys another name. name: 1 to PASSKEY_NAME_MAX characters."""
    if name == passkey.name:
        return
    changes = {"passkey": (passkey.name, name)}
    passkey.name = name
    record(session, "account.rename_passkey", by=by, subject=_subject(account), changes=changes, now=now)


def remove_passkey(session: Session, account: Account, passkey: Passkey, *, by: Actor, now: datetime) -> None:
    """Remove one of the account's passkeys, and tell the person by letter.

    Raises NotAllowed(LAST_FACTOR) where no second factor would be left, Conflict where it was removed meanwhile.
    """
    lock_account(session, account)
    kept = list_passkeys(session, account)
    if passkey not in kept:
        raise Conflict
    if account.totp_secret is None and len(kept) == 1:
        raise NotAllowed(LAST_FACTOR)
    name = passkey.name
    session.delete(passkey)
    record(session, "account.remove_passkey", by=by, subject=_subject(account), changes={"passkey": (name, None)}, now=now)
    _tell(session, account, letters.passkey_removed(account, name=name), now=now)


def drop_passkeys(session: Session, account: Account) -> list[str]:
    """Remove all passkeys of an account whose sign-in ends, and return their names; the caller records it."""
    names = [passkey.name for passkey in list_passkeys(session, account)]
    session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    return names


def prove(session: Session, account: Account, answer: Answer, *, now: datetime) -> Proof | None:
    """Return which of the account's passkeys answered, None where none did. The caller holds the lock of the account.

    A key whose count did not grow is refused, recorded and told by letter: somebody may have a copy of it.
    """
    from directory.accounts.webauthn import read_use  # noqa: PLC0415 (it takes 11 MB, and hardly any process is asked for a passkey)

    if not _spend(session, answer.challenge, now=now):
        return None
    passkeys = {passkey.credential_id: passkey for passkey in list_passkeys(session, account)}
    try:
        use = read_use(answer, [kept_key(passkey) for passkey in passkeys.values()])
    except NotAllowed:
        return None
    passkey = passkeys[use.id]
    if use.person not in (None, person_of(account)):
        return None
    if is_behind(passkey.sign_count, use.sign_count):
        changes = {"passkey": (None, passkey.name), "sign_count": (passkey.sign_count, use.sign_count)}
        by = Actor("staff", account.public_id)
        record(session, "account.refuse_passkey", by=by, subject=_subject(account), changes=changes, now=now)
        _tell(session, account, letters.passkey_refused(account, name=passkey.name), now=now)
        return None
    return Proof(passkey, use.sign_count)


def note_use(proof: Proof, *, network: str | None, now: datetime) -> Passkey:
    """Note when and from which network a proved passkey was used, and its count; return it."""
    passkey = proof.passkey
    passkey.sign_count = proof.sign_count
    passkey.last_used_at = now
    passkey.last_used_network = network
    return passkey


def kept_key(passkey: Passkey) -> KeptKey:
    """Return a passkey as those who check it want it."""
    return KeptKey(passkey.credential_id, passkey.public_key, passkey.sign_count, tuple(passkey.transports))


def person_of(account: Account) -> bytes:
    """Return what a device keeps of whose passkey it is: no name, no address."""
    return account.public_id.encode()


def _spend(session: Session, challenge: Challenge | None, *, now: datetime) -> bool:
    """Use a challenge up; say whether it was made lately and not answered before. Two come one after the other."""
    take_turn(session)
    session.execute(delete(SpentChallenge).where(SpentChallenge.spent_at < now - 2 * CHALLENGE_TIME))
    if challenge is None or is_over(challenge, now=now):
        return False
    key = digest(challenge.text)
    if session.get(SpentChallenge, key) is not None:
        return False
    session.add(SpentChallenge(digest=key, spent_at=now))
    session.flush()
    return True


def _tell(session: Session, account: Account, letter: Letter, *, now: datetime) -> None:
    queue(session, letter, to=account.email, now=now, about=_subject(account))


def _subject(account: Account) -> tuple[str, str]:
    return ("account", account.public_id)
