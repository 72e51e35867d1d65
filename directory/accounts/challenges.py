"""Challenges for passkeys and what answers them: plain values, apart from the library that checks them, which takes 11 MB."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

from directory.accounts.rules import CHALLENGE_TIME

NOT_GENUINE = "not_genuine"
DEFAULT_PORTS = {"http": 80, "https": 443}


class Obstacle(StrEnum):
    """Why browsers make no passkeys for a site: its address is a number, or not encrypted."""

    NUMBER = "number"
    INSECURE = "insecure"


@dataclass(frozen=True)
class Party:
    """The site, as browsers know it. id: name of its host. origin: scheme, host and port, as a browser writes them."""

    id: str
    origin: str


@dataclass(frozen=True)
class Challenge:
    """What a key is to sign, once. text: 256 random bits in base64url. made_at: aware UTC time."""

    party: Party
    text: str
    made_at: datetime


@dataclass(frozen=True)
class Answer:
    """What a browser sent. challenge: None where none was made for it. text: its credential as JSON. network: where it is."""

    challenge: Challenge | None
    text: str
    network: str | None


@dataclass(frozen=True)
class KeptKey:
    """A key as it is kept. public_key: a COSE key in CBOR. transports: WebAuthn's words."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Use:
    """A genuine answer: which key signed, its count, and whom it says it belongs to, if it says so."""

    id: bytes
    sign_count: int
    person: bytes | None


def find_party(public_url: str) -> Party | Obstacle:
    """Return the site behind its public address, or why browsers make no passkeys for it."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode()
    if _is_number(host):
        return Obstacle.NUMBER
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        return Obstacle.INSECURE
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return Party(id=host, origin=f"{parts.scheme}://{host}{port}")


def new_challenge(party: Party, *, now: datetime) -> Challenge:
    """Make a challenge. now: aware UTC time."""
    return Challenge(party=party, text=secrets.token_urlsafe(32), made_at=now)


def is_over(challenge: Challenge, *, now: datetime) -> bool:
    """Say whether a challenge is answered too late."""
    return challenge.made_at + CHALLENGE_TIME <= now


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
