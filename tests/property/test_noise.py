"""For all bytes: a handshake ends in a result or a RemoteProtocolError, and frames survive any cut."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import shake_128

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motte.core.crypto.curve import KeyPair
from motte.core.noise.certificate import FOREVER, ServerCertificate, issue_chain, verify_chain
from motte.core.noise.client import ClientHandshake
from motte.core.noise.framing import FrameDecoder, IntroDecoder, frame, intro
from motte.core.noise.server import ServerHandshake
from motte.core.noise.transport import Transport
from motte.errors import HandshakeError, RemoteProtocolError
from motte.proto.handshake_pb2 import HandshakeMessage

NOW = 1_800_000_000.0


def seeded(seed: str) -> Callable[[int], bytes]:
    return lambda size: shake_128(seed.encode()).digest(size)


def pair(seed: str) -> KeyPair:
    return KeyPair.generate(seeded(seed))


ROOT, STATIC, SERVER = pair("root"), pair("client"), pair("server")
CHAIN = issue_chain(ROOT, SERVER.public, now=NOW, rng=seeded("intermediate"))
STORED = ServerCertificate(static=SERVER.public, root=ROOT.public, not_before=0, not_after=FOREVER)


def client(certificate: ServerCertificate | None) -> ClientHandshake:
    return ClientHandshake(
        static=STATIC, payload=b"p", trusted_root=ROOT.public, now=NOW, rng=seeded("e"), certificate=certificate
    )


PART = st.one_of(
    st.none(), st.binary(max_size=100), st.binary(min_size=32, max_size=32), st.binary(min_size=48, max_size=48)
)
MESSAGES = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda e, s, p: HandshakeMessage(
            serverHello=HandshakeMessage.ServerHello(ephemeral=e, static=s, payload=p)
        ).SerializeToString(),
        PART,
        PART,
        PART,
    ),
    st.builds(
        lambda e, s, p: HandshakeMessage(
            clientHello=HandshakeMessage.ClientHello(ephemeral=e, static=s, payload=p)
        ).SerializeToString(),
        PART,
        PART,
        PART,
    ),
    st.builds(
        lambda s, p: HandshakeMessage(
            clientFinish=HandshakeMessage.ClientFinish(static=s, payload=p)
        ).SerializeToString(),
        PART,
        PART,
    ),
)


@given(MESSAGES, st.sampled_from([None, STORED]))
@settings(deadline=None)
def test_a_server_hello_of_garbage(message: bytes, certificate: ServerCertificate | None) -> None:
    ours = client(certificate)
    ours.hello()
    with pytest.raises(HandshakeError):
        ours.finish(message)


@given(MESSAGES, MESSAGES)
@settings(deadline=None)
def test_a_client_of_garbage(hello: bytes, finish: bytes) -> None:
    theirs = ServerHandshake(static=SERVER, chain=CHAIN, rng=seeded("x"))
    try:
        step = theirs.receive_hello(hello)
    except HandshakeError:
        return
    assert step.result is None
    with pytest.raises(HandshakeError):
        theirs.receive_finish(finish)


@given(st.integers(0, len(CHAIN) - 1), st.integers(1, 255))
@settings(deadline=None)
def test_a_chain_with_one_byte_changed(index: int, change: int) -> None:
    changed = CHAIN[:index] + bytes((CHAIN[index] ^ change,)) + CHAIN[index + 1 :]
    with pytest.raises(HandshakeError):
        verify_chain(changed, static=SERVER.public, root=ROOT.public, now=NOW)


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_a_chain_of_garbage(chain: bytes) -> None:
    with pytest.raises(HandshakeError):
        verify_chain(chain, static=SERVER.public, root=ROOT.public, now=NOW)


@given(st.binary(max_size=40), st.lists(st.binary(max_size=300), max_size=8), st.data())
@settings(deadline=None)
def test_a_stream_survives_any_cut(routing: bytes, payloads: list[bytes], data: st.DataObject) -> None:
    stream = intro(routing) + b"".join(map(frame, payloads))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    head, frames = IntroDecoder(), FrameDecoder()
    read: list[bytes] = []
    started = False
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        piece: bytes | None = stream[start:end]
        if not started:
            piece = head.feed(piece or b"")
            started = piece is not None
        if piece is not None:
            read += frames.feed(piece)
    assert head.routing_info == routing
    assert read == payloads


@given(st.lists(st.binary(max_size=50), max_size=6), st.binary(max_size=20))
@settings(deadline=None)
def test_garbage_after_good_frames_is_refused_and_changes_nothing(messages: list[bytes], garbage: bytes) -> None:
    left, right = Transport(b"\1" * 32, b"\2" * 32), Transport(b"\2" * 32, b"\1" * 32)
    for message in messages:
        assert right.open(left.seal(message)) == message
    with pytest.raises(RemoteProtocolError):
        right.open(garbage)
    assert right.open(left.seal(b"next")) == b"next"
