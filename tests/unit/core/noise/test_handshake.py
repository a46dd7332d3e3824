"""Client against server, and either against a peer that misbehaves."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import shake_128

import pytest

from motte.core.crypto.curve import KeyPair
from motte.core.noise.certificate import ServerCertificate, issue_chain
from motte.core.noise.client import ClientHandshake, ClientResult, Pattern
from motte.core.noise.messages import ClientFinish, ClientHello, ServerHello
from motte.core.noise.server import ServerHandshake
from motte.errors import HandshakeError, LocalProtocolError, RemoteProtocolError
from motte.proto.handshake_pb2 import HandshakeMessage

NOW = 1_800_000_000.0
YEAR = 366 * 86_400


def seeded(seed: str) -> Callable[[int], bytes]:
    count = 0

    def rng(size: int) -> bytes:
        nonlocal count
        count += 1
        return shake_128(f"{seed} {count}".encode()).digest(size)

    return rng


def pair(seed: str) -> KeyPair:
    return KeyPair.generate(seeded(seed))


ROOT, STATIC, SERVER, NEW_SERVER = pair("root"), pair("client"), pair("server"), pair("new server")
LOW_ORDER = bytes(32)


def client(
    certificate: ServerCertificate | None = None, *, now: float = NOW, root: bytes = ROOT.public
) -> ClientHandshake:
    return ClientHandshake(
        static=STATIC, payload=b"payload", trusted_root=root, now=now, rng=seeded("ephemeral"), certificate=certificate
    )


def server(static: KeyPair = SERVER, *, now: float = NOW) -> ServerHandshake:
    chain = issue_chain(ROOT, static.public, now=now, rng=seeded("chain"))
    return ServerHandshake(static=static, chain=chain, rng=seeded("server ephemeral"))


def connect(ours: ClientHandshake, theirs: ServerHandshake) -> ClientResult:
    """The whole exchange, with a message each way at its end."""
    step = theirs.receive_hello(ours.hello())
    result = ours.finish(step.reply)
    assert (result.reply is None) == (step.result is not None)
    end = step.result or theirs.receive_finish(result.reply or b"")
    assert (end.client_static, end.payload, end.pattern) == (STATIC.public, b"payload", result.pattern)
    assert end.transport.open(result.transport.seal(b"ping")) == b"ping"
    assert result.transport.open(end.transport.seal(b"pong")) == b"pong"
    return result


def stored() -> ServerCertificate:
    return connect(client(), server()).certificate


def test_first_connection_then_resumption_then_a_server_with_a_new_key() -> None:
    first = connect(client(), server())
    assert first.pattern is Pattern.XX
    second = connect(client(first.certificate), server())
    assert (second.pattern, second.certificate) == (Pattern.IK, first.certificate)
    third = connect(client(second.certificate), server(NEW_SERVER))
    assert (third.pattern, third.certificate.static) == (Pattern.XX_FALLBACK, NEW_SERVER.public)
    fourth = connect(client(third.certificate), server(NEW_SERVER))
    assert fourth.pattern is Pattern.IK


def test_a_stored_certificate_is_not_used_after_its_time_or_under_another_root() -> None:
    certificate = stored()
    assert connect(client(certificate, now=NOW + YEAR), server(now=NOW + YEAR)).pattern is Pattern.XX
    other = client(certificate, root=pair("another root").public)
    assert ClientHello.parse(other.hello()).static is None


def test_the_payload_is_never_readable_on_the_wire() -> None:
    certificate = stored()
    assert b"payload" not in client(certificate).hello()
    ours = client()
    reply = ours.finish(server().receive_hello(ours.hello()).reply).reply
    assert reply is not None
    assert b"payload" not in reply
    assert STATIC.public not in reply


def test_a_foreign_server_is_refused_in_every_pattern() -> None:
    foreign_root = pair("foreign root")
    chain = issue_chain(foreign_root, NEW_SERVER.public, now=NOW, rng=seeded("foreign"))
    for certificate in (None, stored()):
        ours = client(certificate)
        theirs = ServerHandshake(static=NEW_SERVER, chain=chain, rng=seeded("x"))
        with pytest.raises(HandshakeError) as caught:
            ours.finish(theirs.receive_hello(ours.hello()).reply)
        assert caught.value.check == "intermediate.signature"


def test_a_server_that_uses_a_key_which_nobody_vouched_for() -> None:
    chain = issue_chain(ROOT, SERVER.public, now=NOW, rng=seeded("chain"))
    ours = client()
    theirs = ServerHandshake(static=NEW_SERVER, chain=chain, rng=seeded("x"))
    with pytest.raises(HandshakeError) as caught:
        ours.finish(theirs.receive_hello(ours.hello()).reply)
    assert caught.value.check == "leaf.key"


def _hello(ephemeral: bytes, static: bytes | None, payload: bytes | None) -> bytes:
    hello = HandshakeMessage.ServerHello(ephemeral=ephemeral, static=static, payload=payload)
    return HandshakeMessage(serverHello=hello).SerializeToString()


KEY = pair("some key").public


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (b"", "server-hello"),
        (b"\xff", "server-hello"),
        (HandshakeMessage(clientHello=HandshakeMessage.ClientHello(ephemeral=KEY)).SerializeToString(), "server-hello"),
        (_hello(b"", bytes(48), bytes(100)), "server-hello"),
        (_hello(KEY[:31], bytes(48), bytes(100)), "server-hello"),
        (_hello(KEY, None, bytes(100)), "server-hello"),
        (_hello(KEY, b"", bytes(100)), "server-hello"),
        (_hello(KEY, bytes(47), bytes(100)), "server-hello"),
        (_hello(LOW_ORDER, bytes(48), bytes(100)), "server-ephemeral"),
        (_hello(KEY, bytes(48), bytes(100)), "server-static"),
        (_hello(KEY, bytes(48), None), "server-static"),
    ],
)
def test_an_answer_to_xx_that_is_refused(answer: bytes, check: str) -> None:
    ours = client()
    ours.hello()
    with pytest.raises(HandshakeError) as caught:
        ours.finish(answer)
    assert caught.value.check == check


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (_hello(KEY, None, bytes(100)), "server-payload"),
        (_hello(KEY, None, b""), "server-payload"),
        (_hello(KEY, None, None), "server-payload"),
        (_hello(LOW_ORDER, None, bytes(100)), "server-ephemeral"),
        (_hello(KEY, bytes(48), bytes(100)), "server-static"),
    ],
)
def test_an_answer_to_ik_that_is_refused(answer: bytes, check: str) -> None:
    ours = client(stored())
    ours.hello()
    with pytest.raises(HandshakeError) as caught:
        ours.finish(answer)
    assert caught.value.check == check


def test_every_changed_byte_of_the_servers_answer_is_noticed() -> None:
    for certificate, static in ((None, SERVER), (stored(), SERVER), (stored(), NEW_SERVER)):
        ours = client(certificate)
        reply = server(static).receive_hello(ours.hello()).reply
        for index in range(len(reply)):
            ours = client(certificate)
            ours.hello()
            with pytest.raises(RemoteProtocolError):
                ours.finish(reply[:index] + bytes((reply[index] ^ 0x55,)) + reply[index + 1 :])


def test_every_changed_byte_of_the_clients_finish_is_noticed() -> None:
    ours, theirs = client(), server()
    finish = ours.finish(theirs.receive_hello(ours.hello()).reply).reply
    assert finish is not None
    for index in range(len(finish)):
        theirs = server()
        theirs.receive_hello(client().hello())
        with pytest.raises(HandshakeError):
            theirs.receive_finish(finish[:index] + bytes((finish[index] ^ 0x55,)) + finish[index + 1 :])


def test_an_answer_to_another_hello() -> None:
    """A server's answer, replayed at a client with another ephemeral key."""
    first = client()
    reply = server().receive_hello(first.hello()).reply
    second = ClientHandshake(static=STATIC, payload=b"p", trusted_root=ROOT.public, now=NOW, rng=seeded("other"))
    second.hello()
    with pytest.raises(HandshakeError) as caught:
        second.finish(reply)
    assert caught.value.check == "server-static"


def test_a_malformed_hello_at_the_server() -> None:
    low_order = ClientHello(ephemeral=LOW_ORDER).serialize()
    short = ClientHello(ephemeral=KEY[:31]).serialize()
    odd_static = ClientHello(ephemeral=KEY, static=b"x", payload=b"y").serialize()
    finish = ClientFinish(static=bytes(48), payload=b"").serialize()
    cases = {b"": "client-hello", b"\xff": "client-hello", short: "client-hello", odd_static: "client-hello"}
    for hello, check in {**cases, finish: "client-hello", low_order: "client-ephemeral"}.items():
        with pytest.raises(HandshakeError) as caught:
            server().receive_hello(hello)
        assert caught.value.check == check


def test_a_malformed_finish_at_the_server() -> None:
    cases = {
        b"": "client-finish",
        b"\xff": "client-finish",
        ClientFinish(static=b"", payload=b"").serialize(): "client-finish",
        ClientFinish(static=bytes(48), payload=bytes(20)).serialize(): "client-static",
    }
    for finish, check in cases.items():
        theirs = server()
        theirs.receive_hello(client().hello())
        with pytest.raises(HandshakeError) as caught:
            theirs.receive_finish(finish)
        assert caught.value.check == check


def test_ik_without_its_payload_is_answered_with_a_fallback() -> None:
    hello = ClientHello(ephemeral=KEY, static=bytes(48)).serialize()
    step = server().receive_hello(hello)
    assert step.result is None
    assert ServerHello.parse(step.reply).static is not None


def test_a_finish_before_its_hello_is_our_own_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        server().receive_finish(b"")


def test_a_root_key_of_the_wrong_size_is_the_users_mistake() -> None:
    with pytest.raises(LocalProtocolError, match="31 bytes"):
        client(root=ROOT.public[:31])
