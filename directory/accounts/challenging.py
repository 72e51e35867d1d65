"""Challenges for passkeys: made for one browser and one purpose, and kept in its signed cookie until they are answered."""

from datetime import UTC, datetime
from enum import StrEnum

from flask import abort, current_app, request, session

from directory.accounts.challenges import Answer, Challenge, Obstacle, Party, find_party, new_challenge
from directory.config import Settings
from directory.web.network import network_of


class Purpose(StrEnum):
    """What a challenge is for: none is accepted for another."""

    ADD = "add"
    CONFIRM = "confirm"
    SIGN_IN = "sign-in"


def find_site() -> Party | Obstacle:
    """Return this site as browsers know it by PUBLIC_URL, or why they make no passkeys for it."""
    settings: Settings = current_app.extensions["settings"]
    return find_party(settings.public_url)


def offers_passkeys() -> bool:
    """Say whether browsers can make and use passkeys here."""
    return isinstance(find_site(), Party)


def make_challenge(purpose: Purpose) -> Challenge:
    """Make a challenge for this browser, in place of an older one for the same purpose; 404 where passkeys are not offered."""
    party = find_site()
    if not isinstance(party, Party):
        abort(404)
    challenge = new_challenge(party, now=datetime.now(UTC))
    session[_key(purpose)] = (challenge.text, challenge.made_at.timestamp())
    return challenge


def take_answer(purpose: Purpose, text: str) -> Answer:
    """Return what this browser answered, with the challenge that was made for it, which it then has no longer."""
    party, kept = find_site(), session.pop(_key(purpose), None)
    challenge = None
    if isinstance(party, Party) and kept:
        challenge = Challenge(party, text=kept[0], made_at=datetime.fromtimestamp(kept[1], UTC))
    return Answer(challenge, text, network_of(request.remote_addr))


def _key(purpose: Purpose) -> str:
    return f"passkey-{purpose}"
