"""What is fuzzed: functions that take any bytes and raise only when the code has a defect.

A target feeds its bytes to one entrance for data from outside and swallows the one error that is allowed there,
`RemoteProtocolError`. To add a target, write the function and name it in `TARGETS`; its seeds go into
`corpus/<name>/`, one file each.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.crypto.curve import KeyPair
from motte.core.noise.certificate import FOREVER, ServerCertificate, issue_chain, verify_chain
from motte.core.noise.client import ClientHandshake
from motte.core.noise.framing import FrameDecoder, IntroDecoder
from motte.core.noise.server import ServerHandshake
from motte.errors import RemoteProtocolError
from tests.fuzz import appstate_targets, history_targets, media_targets, upper_targets
from tests.fuzz.seeded import NOW, seeded

ROOT, CLIENT, SERVER = (KeyPair.generate(seeded(name)) for name in ("root", "client", "server"))
CHAIN = issue_chain(ROOT, SERVER.public, now=NOW, rng=seeded("intermediate"))
STORED = ServerCertificate(static=SERVER.public, root=ROOT.public, not_before=0, not_after=FOREVER)


def client(certificate: ServerCertificate | None) -> ClientHandshake:
    """A client with fixed keys."""
    return ClientHandshake(
        static=CLIENT,
        payload=b"payload",
        trusted_root=ROOT.public,
        now=NOW,
        rng=seeded("ephemeral"),
        certificate=certificate,
    )


def fuzz_decode(data: bytes) -> None:
    """Frames. What can be read can be written and means the same when read again."""
    with suppress(RemoteProtocolError):
        node = decode(data)
        again = decode(encode(node))
        if decode(encode(again)) != again:
            raise AssertionError("a node changes when it is written and read again")


def fuzz_inflate(data: bytes) -> None:
    """The content of compressed frames, which random bytes would not get to."""
    fuzz_decode(b"\x02" + zlib.compress(data))


def fuzz_frames(data: bytes) -> None:
    """The byte stream, cut at a place that its first byte names."""
    decoder = FrameDecoder(limit=1 << 16)
    cut = data[0] if data else 0
    with suppress(RemoteProtocolError):
        decoder.feed(data[1:cut])
        decoder.feed(data[cut:])


def fuzz_intro(data: bytes) -> None:
    """The first bytes of a client."""
    decoder = IntroDecoder()
    with suppress(RemoteProtocolError):
        for index in range(len(data)):
            if decoder.feed(data[index : index + 1]) is not None:
                break


def fuzz_handshake(data: bytes) -> None:
    """The server's hello, at a client that waits for XX and at one that waits for IK."""
    for certificate in (None, STORED):
        ours = client(certificate)
        ours.hello()
        with suppress(RemoteProtocolError):
            ours.finish(data)


def fuzz_server_handshake(data: bytes) -> None:
    """The client's hello; and its finish, after a good hello."""
    with suppress(RemoteProtocolError):
        ServerHandshake(static=SERVER, chain=CHAIN, rng=seeded("x")).receive_hello(data)
    theirs = ServerHandshake(static=SERVER, chain=CHAIN, rng=seeded("x"))
    theirs.receive_hello(client(None).hello())
    with suppress(RemoteProtocolError):
        theirs.receive_finish(data)


def fuzz_certificate(data: bytes) -> None:
    """A certificate chain, already decrypted."""
    with suppress(RemoteProtocolError):
        verify_chain(data, static=SERVER.public, root=ROOT.public, now=NOW)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": fuzz_decode,
    "inflate": fuzz_inflate,
    "frames": fuzz_frames,
    "intro": fuzz_intro,
    "handshake": fuzz_handshake,
    "server_handshake": fuzz_server_handshake,
    "certificate": fuzz_certificate,
    **appstate_targets.TARGETS,
    **history_targets.TARGETS,
    **media_targets.TARGETS,
    **upper_targets.TARGETS,
}
