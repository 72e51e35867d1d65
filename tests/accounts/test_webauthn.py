"""What browsers send is read strictly, whatever it is."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.accounts.challenges import NOT_GENUINE, Answer, KeptKey, Obstacle, Party, find_party, new_challenge
from directory.accounts.rules import is_behind
from directory.accounts.webauthn import options_to_add, options_to_use, read_new_key, read_use
from directory.errors import NotAllowed
from tests.accounts.authenticator import SITE, Authenticator, decode, encode

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CHALLENGE = new_challenge(Party("localhost", SITE), now=NOW)
KEY = Authenticator()
MADE = KEY.make(options_to_add(CHALLENGE, person=b"someone", name="clerk@staff.example", kept=[]))
USED = KEY.use(options_to_use(CHALLENGE))
PARTS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")


def answer(text: str) -> Answer:
    return Answer(CHALLENGE, text, None)


def kept() -> KeptKey:
    return read_new_key(answer(MADE))


@pytest.mark.parametrize(
    ("public_url", "found"),
    [
        ("https://directory.example", Party("directory.example", "https://directory.example")),
        ("https://Directory.Example:443/base", Party("directory.example", "https://directory.example")),
        ("https://directory.example:8443", Party("directory.example", "https://directory.example:8443")),
        ("https://bücher.example", Party("xn--bcher-kva.example", "https://xn--bcher-kva.example")),
        ("https://straße.example", Party("xn--strae-oqa.example", "https://xn--strae-oqa.example")),
        ("http://localhost:8000", Party("localhost", "http://localhost:8000")),
        ("http://desk.localhost", Party("desk.localhost", "http://desk.localhost")),
        ("http://directory.example", Obstacle.INSECURE),
        ("http://127.0.0.1:8000", Obstacle.NUMBER),
        ("https://192.0.2.1", Obstacle.NUMBER),
        ("https://[2001:db8::1]", Obstacle.NUMBER),
    ],
)
def test_site_is_known_by_its_public_address(public_url: str, found: object) -> None:
    assert find_party(public_url) == found


@pytest.mark.parametrize(
    ("before", "given", "behind"), [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)]
)
def test_count_has_to_grow_where_there_is_one(before: int, given: int, behind: bool) -> None:
    assert is_behind(before, given) is behind


def test_no_two_challenges_are_alike() -> None:
    texts = {new_challenge(CHALLENGE.party, now=NOW).text for _ in range(100)}

    assert (len(texts), {len(decode(text)) for text in texts}) == (100, {32})


def test_genuine_answers_are_read() -> None:
    used = read_use(answer(USED), [kept()])

    assert (used.id, used.sign_count, used.person) == (KEY.id, 1, b"someone")


def test_one_answer_is_not_taken_for_the_other() -> None:
    with pytest.raises(NotAllowed, match=NOT_GENUINE):
        read_use(answer(MADE), [kept()])
    with pytest.raises(NotAllowed, match=NOT_GENUINE):
        read_new_key(answer(USED))


def test_answer_that_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(NotAllowed, match=NOT_GENUINE):
        read_use(answer(USED + " " * 20_000), [kept()])


@given(st.sampled_from(PARTS), st.integers(0, 400), st.integers(0, 255), st.booleans())
def test_whatever_is_altered_in_an_answer_raises_the_one_error(part: str, place: int, byte: int, cut: bool) -> None:
    for text, read in ((MADE, read_new_key), (USED, lambda given: read_use(given, [kept()]))):
        data = json.loads(text)
        old = decode(data["response"].get(part, ""))
        new = old[:place] if cut else old[:place] + bytes([byte]) + old[place + 1 :]
        data["response"][part] = encode(new)

        try:
            read(answer(json.dumps(data)))
        except NotAllowed:
            continue
        is_unsigned = part not in json.loads(text)["response"] or part in {"attestationObject", "userHandle"}
        assert new == old or is_unsigned or json.loads(new) == json.loads(old)  # white space says nothing


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: (
            st.lists(one) | st.dictionaries(st.sampled_from(["id", "rawId", "response", "type", *PARTS, "transports"]), one)
        ),
    )
)
def test_any_json_raises_the_one_error(value: object) -> None:
    for read in (read_new_key, lambda given: read_use(given, [kept()])):
        with pytest.raises(NotAllowed, match=NOT_GENUINE):
            read(answer(json.dumps(value)))
