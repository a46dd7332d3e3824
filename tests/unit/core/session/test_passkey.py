"""Challenges and assertions: what is read, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motte.core.session.passkey import MAX_TIMEOUT, parse_assertion, parse_challenge
from motte.errors import LocalProtocolError, PasskeyUnsupported
from motte.testing import Authenticator

OPTIONS: dict[str, Any] = {
    "challenge": "-_8",
    "timeout": 600_000,
    "rpId": "whatsapp.com",
    "allowCredentials": [{"id": "AAE", "type": "public-key"}],
    "userVerification": "required",
    "extensions": {"uvm": True},
}


def challenge(**changes: Any) -> bytes:
    return json.dumps({**OPTIONS, **changes}).encode()


def test_a_challenge() -> None:
    read = parse_challenge(challenge())
    assert json.loads(read.options) == OPTIONS
    assert (read.challenge, read.rp_id, read.timeout) == (b"\xfb\xff", "whatsapp.com", 600.0)
    assert (read.allow_credentials, read.user_verification) == ((b"\0\1",), "required")
    assert "fb" not in repr(read)


def test_what_a_challenge_may_leave_out() -> None:
    read = parse_challenge(b'{"challenge": "AAAA"}')
    assert (read.rp_id, read.allow_credentials, read.user_verification, read.timeout) == (None, (), "preferred", 600.0)
    assert parse_challenge(challenge(timeout=10**9)).timeout == MAX_TIMEOUT
    assert parse_challenge(challenge(challenge="-_8=")).challenge == b"\xfb\xff"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        *(
            challenge(**{name: value})
            for name, value in [
                ("challenge", ""),
                ("challenge", 7),
                ("challenge", "é"),
                ("rpId", 7),
                ("allowCredentials", {}),
                ("allowCredentials", {"id": "AAE"}),
                ("allowCredentials", [{}]),
                ("allowCredentials", [{"id": "AAE"}] * 300),
                ("userVerification", "maybe"),
                ("userVerification", []),
                ("timeout", -1),
                ("timeout", True),
                ("timeout", "soon"),
            ]
            if value != {}
        ),
    ],
)
def test_a_challenge_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(PasskeyUnsupported):
        parse_challenge(data)


def test_an_assertion_is_reduced_to_what_the_server_takes() -> None:
    given_back = Authenticator().answer(json.dumps(OPTIONS))
    read = parse_assertion(given_back)
    sent = json.loads(read.json)
    assert list(sent) == ["id", "rawId", "type", "response"]
    assert list(sent["response"]) == ["clientDataJSON", "authenticatorData", "signature", "userHandle"]
    assert sent["response"] == given_back["response"]
    assert len(read.credential_id) == 16
    assert parse_assertion(json.dumps(given_back)) == read


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(
                    [*OPTIONS, "id", "rawId", "response", "signature", "clientDataJSON", "authenticatorData"]
                ),
                inner,
                max_size=5,
            )
            | st.lists(inner, max_size=2)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(data: Any) -> None:
    text = json.dumps(data)
    for parse in (lambda: parse_challenge(text.encode()), lambda: parse_assertion(text)):
        try:
            parse()
        except (PasskeyUnsupported, LocalProtocolError) as error:
            assert str(error)
