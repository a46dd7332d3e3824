"""The server's end of a connection, for tests of the client's machine: Noise and codec, no behaviour of its own."""

from __future__ import annotations

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.noise.certificate import issue_chain
from motte.core.noise.client import ClientHandshake
from motte.core.noise.framing import FrameDecoder, IntroDecoder, frame
from motte.core.noise.server import ServerHandshake
from motte.core.noise.transport import Transport
from motte.core.session.connection import Connection, HandshakeDone, Output
from motte.core.session.timers import Timing
from motte.testing.rng import SeededRng

DATE = 1_700_000_000.0
ROOT = KeyPair.generate(SeededRng("root"))
STATIC = KeyPair.generate(SeededRng("static"))
PAYLOAD = b"the client payload"


class Peer:
    """Reads what the client sends, writes what the test wants."""

    def __init__(self, *, root: KeyPair = ROOT) -> None:
        rng = SeededRng("server")
        chain = issue_chain(root, STATIC.public, now=DATE, rng=rng)
        self._handshake = ServerHandshake(static=STATIC, chain=chain, rng=rng)
        self._intro: IntroDecoder | None = IntroDecoder()
        self._frames = FrameDecoder()
        self._channel: Transport | None = None
        self.routing_info = b""
        self.payload = b""

    def hello(self, data: bytes) -> bytes:
        """The framed server hello to the client's first bytes."""
        intro = IntroDecoder()
        rest = intro.feed(data)
        assert rest is not None
        self.routing_info = intro.routing_info
        (client_hello,) = self._frames.feed(rest)
        step = self._handshake.receive_hello(client_hello)
        if step.result is not None:
            self.payload, self._channel = step.result.payload, step.result.transport
        return frame(step.reply)

    def read(self, data: bytes) -> list[Node]:
        """The stanzas among the client's bytes."""
        nodes = []
        for payload in self._frames.feed(data):
            if self._channel is None:
                result = self._handshake.receive_finish(payload)
                self.payload, self._channel = result.payload, result.transport
            else:
                nodes.append(decode(self._channel.open(payload)))
        return nodes

    def write(self, *nodes: Node) -> bytes:
        """The bytes that carry these stanzas."""
        return b"".join(self.write_raw(encode(node)) for node in nodes)

    def write_raw(self, plaintext: bytes) -> bytes:
        """The bytes that carry something that may not be a stanza."""
        assert self._channel is not None
        return frame(self._channel.seal(plaintext))


def client(*, timing: Timing | None = None, routing_info: bytes = b"", date: float = DATE) -> Connection:
    """A client's machine that trusts the peer's root."""
    handshake = ClientHandshake(
        static=KeyPair.generate(SeededRng("client")),
        payload=PAYLOAD,
        trusted_root=ROOT.public,
        now=date,
        rng=SeededRng("ephemeral"),
    )
    return Connection(handshake, rng=SeededRng("ids"), routing_info=routing_info, timing=timing)


def shaken(now: float = 0.0, timing: Timing | None = None) -> tuple[Connection, Peer]:
    """Both ends right after the handshake."""
    connection, peer = client(timing=timing), Peer()
    connection.connected(now)
    (done,) = connection.receive(peer.hello(connection.data_to_send()), now)
    assert isinstance(done, HandshakeDone)
    assert peer.read(connection.data_to_send()) == []
    return connection, peer


def opened(now: float = 0.0, timing: Timing | None = None) -> tuple[Connection, Peer]:
    """Both ends right after the login."""
    connection, peer = shaken(now, timing)
    connection.receive(peer.write(SUCCESS), now)
    return connection, peer


def only(outputs: list[Output]) -> Output:
    """The one output."""
    (output,) = outputs
    return output


SUCCESS = Node("success", {"t": "1700000000", "lid": "100000000000001:3@lid", "props": "27", "location": "frc"})
