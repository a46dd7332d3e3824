"""Padding, ids and the participant hash, against what Baileys makes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motte.core.message.ids import message_id
from motte.core.message.padding import MAX_PADDING, pad, unpad
from motte.core.message.phash import phash
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid

VECTORS = Path(__file__).parents[3] / "vectors"
FORMAT = json.loads((VECTORS / "message_format.json").read_text())
HASHES = json.loads((VECTORS / "phash.json").read_text())["lists"]


@pytest.mark.parametrize("case", FORMAT["padding"])
def test_padding_is_that_of_baileys(case: dict[str, str]) -> None:
    padded = pad(bytes.fromhex(case["data"]), lambda count: bytes.fromhex(case["random"])[:count])
    assert padded.hex() == case["padded"]
    assert unpad(padded).hex() == case["data"]


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=1))
def test_padding_comes_off_again(data: bytes, random: bytes) -> None:
    padded = pad(data, lambda count: random[:count])
    assert 1 <= len(padded) - len(data) <= MAX_PADDING
    assert unpad(padded) == data


@pytest.mark.parametrize("data", [b"", b"\0", b"a\0", b"\2", b"a\3\3", b"\2\1\2", b"\xff"])
def test_what_is_not_padded(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        unpad(data)


def test_ids_are_those_of_baileys() -> None:
    case: dict[str, Any] = FORMAT["id"]
    made = message_id(Jid.parse(case["owner"]), case["now"] + 0.9, lambda count: bytes.fromhex(case["random"])[:count])
    assert made == case["id"]
    assert len(made) == 22


@given(st.text("0123456789", min_size=1, max_size=40), st.binary(min_size=16, max_size=16))
def test_ids_of_any_owner_look_alike(user: str, random: bytes) -> None:
    made = message_id(Jid(user, "lid"), 1700000000, lambda count: random[:count])
    assert made.startswith("3EB0")
    assert len(made) == 22


def short(text: str) -> Jid:
    """A JID from the long form in which it is hashed."""
    user, rest = text.split(".0:", 1)
    return Jid.parse(f"{user}:{rest}")


@pytest.mark.parametrize("case", HASHES)
def test_hashes_begin_as_those_of_baileys(case: dict[str, Any]) -> None:
    made = phash(short(device) for device in case["devices"])
    assert made.startswith(case["start"])
    assert len(made) == len("2:") + 8
    assert made == phash(short(device) for device in reversed(case["devices"]))
