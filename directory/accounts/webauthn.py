"""What browsers and keys say of passkeys, asked and checked with the library fido2. Nothing here knows of accounts.

Imported where it is needed only: it takes 11 MB, and hardly any process is asked for a passkey.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorTransport,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from directory.accounts.challenges import NOT_GENUINE, Answer, Challenge, KeptKey, Party, Use
from directory.accounts.rules import CHALLENGE_TIME
from directory.errors import NotAllowed

ANSWER_MAX = 16_000
"""characters; what keys send is far shorter"""
ALGORITHMS = (-8, -7, -257)
"""Ed25519, ECDSA with P-256, RSA with SHA-256: COSE's numbers, the best first"""
MILLISECONDS = int(CHALLENGE_TIME.total_seconds()) * 1000
_VERIFIED = UserVerificationRequirement.REQUIRED
"""A key must know its owner, by a finger or a PIN: then it proves as much as password and code."""
_STUMBLES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RuntimeError)
_MALFORMED = (*_STUMBLES, struct.error, UnsupportedAlgorithm)
"""what fido2 raises where an answer is not genuine, or is no answer at all"""


def options_to_add(challenge: Challenge, *, person: bytes, name: str, kept: Sequence[KeptKey]) -> dict[str, Any]:
    """Return what a browser needs to make a passkey, as JSON values.

    person: says whose it is without naming them. name: what the device shows. kept: keys that must not be added again.
    """
    options, _state = _server(challenge.party).register_begin(
        PublicKeyCredentialUserEntity(id=person, name=name, display_name=name),
        credentials=_descriptors(kept),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_VERIFIED,
        challenge=websafe_decode(challenge.text),
    )
    return {**options.public_key, "timeout": MILLISECONDS}


def options_to_use(challenge: Challenge, *, kept: Sequence[KeptKey] = ()) -> dict[str, Any]:
    """Return what a browser needs to use a passkey, as JSON values. kept: only one of these will do; none: any that it finds."""
    options, _state = _server(challenge.party).authenticate_begin(
        _descriptors(kept) or None, user_verification=_VERIFIED, challenge=websafe_decode(challenge.text)
    )
    return {**options.public_key, "timeout": MILLISECONDS}


def read_new_key(answer: Answer) -> KeptKey:
    """Return the key that a browser made. Raises NotAllowed(NOT_GENUINE) for anything but an answer to the challenge."""
    challenge, data = _opened(answer)
    try:
        response = RegistrationResponse.from_dict(data)
        made = _server(challenge.party).register_complete(_state_of(challenge), response)
        key = made.credential_data
        if key is None or key.credential_id != response.raw_id or key.public_key.ALGORITHM not in ALGORITHMS:
            raise ValueError(NOT_GENUINE)
        _refuse_frames(response.response.client_data)
        known = {str(transport) for transport in AuthenticatorTransport}
        transports = tuple(sorted(known & {name for name in data["response"].get("transports", ()) if isinstance(name, str)}))
    except _MALFORMED as error:
        raise NotAllowed(NOT_GENUINE) from error
    return KeptKey(key.credential_id, cbor.encode(dict(key.public_key)), made.counter, transports)


def read_use(answer: Answer, kept: Sequence[KeptKey]) -> Use:
    """Return which of these keys signed the challenge. Raises NotAllowed(NOT_GENUINE) where none did."""
    challenge, data = _opened(answer)
    try:
        response = AuthenticationResponse.from_dict(data)
        _refuse_frames(response.response.client_data)
        keys = [_attested(key) for key in kept]
        used = _server(challenge.party).authenticate_complete(_state_of(challenge), keys, response)
    except _MALFORMED as error:
        raise NotAllowed(NOT_GENUINE) from error
    return Use(used.credential_id, response.response.authenticator_data.counter, response.response.user_handle)


def _opened(answer: Answer) -> tuple[Challenge, Mapping[str, Any]]:
    if answer.challenge is None or len(answer.text) > ANSWER_MAX:
        raise NotAllowed(NOT_GENUINE)
    try:
        data = json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        raise NotAllowed(NOT_GENUINE) from error
    if not isinstance(data, dict):
        raise NotAllowed(NOT_GENUINE)
    return answer.challenge, data


def _server(party: Party) -> Fido2Server:
    """Return the library's side of the site. It accepts this very origin; by itself it would take any subdomain's."""
    server = Fido2Server(
        PublicKeyCredentialRpEntity(name=party.id, id=party.id),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == party.origin,
    )
    kind = PublicKeyCredentialType.PUBLIC_KEY
    server.allowed_algorithms = [PublicKeyCredentialParameters(type=kind, alg=number) for number in ALGORITHMS]
    return server


def _state_of(challenge: Challenge) -> dict[str, Any]:
    """Return what the library would have kept since it made the options."""
    return {"challenge": challenge.text, "user_verification": _VERIFIED}


def _descriptors(kept: Sequence[KeptKey]) -> list[PublicKeyCredentialDescriptor]:
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [
        PublicKeyCredentialDescriptor(
            type=kind, id=key.id, transports=[AuthenticatorTransport(t) for t in key.transports] or None
        )
        for key in kept
    ]


def _attested(key: KeptKey) -> AttestedCredentialData:
    cose = cast("Mapping[int, Any]", cbor.decode(key.public_key))
    return AttestedCredentialData.create(Aaguid.NONE, key.id, CoseKey.parse(cose))


def _refuse_frames(data: CollectedClientData) -> None:
    """Refuse what a page of another site had asked for through a frame; ours stand in none."""
    if data.cross_origin:
        raise ValueError(NOT_GENUINE)
