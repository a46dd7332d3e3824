from __future__ import annotations

import pytest

from motte.core.noise import transport as module
from motte.core.noise.transport import Transport
from motte.errors import LocalProtocolError, RemoteProtocolError

ONE, TWO = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def ends() -> tuple[Transport, Transport]:
    return Transport(ONE, TWO), Transport(TWO, ONE)


def test_both_directions(ends: tuple[Transport, Transport]) -> None:
    left, right = ends
    for index in range(300):
        assert right.open(left.seal(b"%d" % index)) == b"%d" % index
        assert left.open(right.seal(b"")) == b""


def test_equal_plaintexts_look_different(ends: tuple[Transport, Transport]) -> None:
    left, right = ends
    assert len({left.seal(b"same"), left.seal(b"same"), right.seal(b"same"), right.seal(b"same")}) == 4


def test_a_repeated_a_lost_and_a_changed_frame(ends: tuple[Transport, Transport]) -> None:
    left, right = ends
    first, second = left.seal(b"1"), left.seal(b"2")
    with pytest.raises(RemoteProtocolError, match="does not authenticate"):
        right.open(second)
    assert right.open(first) == b"1"
    with pytest.raises(RemoteProtocolError, match="does not authenticate"):
        right.open(first)
    for index in range(len(second)):
        with pytest.raises(RemoteProtocolError, match="does not authenticate"):
            right.open(second[:index] + bytes((second[index] ^ 1,)) + second[index + 1 :])
    assert right.open(second) == b"2"


@pytest.mark.parametrize("size", range(16))
def test_a_frame_without_room_for_its_tag(ends: tuple[Transport, Transport], size: int) -> None:
    with pytest.raises(RemoteProtocolError, match="shorter than"):
        ends[0].open(bytes(size))


def test_the_counter_ends(ends: tuple[Transport, Transport], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NONCE", 2)
    left, right = ends
    for _ in range(2):
        right.open(left.seal(b""))
    with pytest.raises(LocalProtocolError, match="counter"):
        left.seal(b"")
    with pytest.raises(RemoteProtocolError, match="counter"):
        right.open(bytes(16))
