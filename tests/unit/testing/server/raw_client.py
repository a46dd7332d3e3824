"""The smallest client there is: a WebSocket, a Noise handshake, nodes. No stanza module of motte is in it."""

from __future__ import annotations

import base64
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.crypto import adv
from motte.core.crypto.curve import KeyPair
from motte.core.noise.certificate import ServerCertificate
from motte.core.noise.client import ClientHandshake, Pattern
from motte.core.noise.framing import FrameDecoder, frame, intro
from motte.core.noise.transport import Transport
from motte.core.signal.keys import SignedPreKey, generate_prekeys, generate_signed_prekey
from motte.model.jid import Jid
from motte.proto.client_payload_pb2 import ClientPayload
from motte.proto.device_props_pb2 import DeviceProps
from motte.testing import LocalServer

SERVER = "s.whatsapp.net"


class ServerClosed(Exception):
    """The WebSocket closed while a stanza was awaited; `code` is its close code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


@dataclass
class Keys:
    """What a device keeps between connections."""

    name: str
    noise: KeyPair = field(default_factory=lambda: KeyPair.generate(os.urandom))
    identity: KeyPair = field(default_factory=lambda: KeyPair.generate(os.urandom))
    secret: bytes = field(default_factory=lambda: os.urandom(32))
    signed: SignedPreKey = field(init=False)
    jid: Jid | None = None
    certificate: ServerCertificate | None = None
    props: DeviceProps | None = None

    def __post_init__(self) -> None:
        self.signed = generate_signed_prekey(self.identity, 1, os.urandom)

    def payload(self) -> bytes:
        if self.jid is not None:
            return ClientPayload(username=int(self.jid.user), device=self.jid.device, passive=True).SerializeToString()
        pairing = ClientPayload.DevicePairingRegistrationData(
            eRegid=(77).to_bytes(4, "big"),
            eKeytype=b"\x05",
            eIdent=self.identity.public,
            eSkeyId=(1).to_bytes(3, "big"),
            eSkeyVal=self.signed.pair.public,
            eSkeySig=self.signed.signature,
            deviceProps=(self.props or DeviceProps()).SerializeToString(),
        )
        return ClientPayload(pushName=self.name, devicePairingData=pairing).SerializeToString()

    def qr(self, ref: str, prefix: str = "") -> str:
        keys = (self.noise.public, self.identity.public, self.secret)
        return prefix + ",".join([ref, *(base64.b64encode(key).decode() for key in keys)])


class RawClient:
    """A connection after its handshake."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse, transport: Transport, pattern: Pattern) -> None:
        self._websocket = websocket
        self._transport = transport
        self._frames = FrameDecoder()
        self._ready: list[Node] = []
        self._last_id = 0
        self.pattern = pattern

    async def send(self, node: Node) -> None:
        await self._websocket.send_bytes(frame(self._transport.seal(encode(node))))

    async def next(self) -> Node:
        while not self._ready:
            message = await self._websocket.receive(timeout=5)
            if message.type is not aiohttp.WSMsgType.BINARY:
                raise ServerClosed(self._websocket.close_code)
            self._ready += [decode(self._transport.open(one)) for one in self._frames.feed(message.data)]
        return self._ready.pop(0)

    async def until(self, tag: str, fits: Callable[[Node], bool] = lambda node: True) -> Node:
        """The next stanza with this tag that fits; others are passed over."""
        while not ((node := await self.next()).tag == tag and fits(node)):
            pass
        return node

    async def iq(self, xmlns: str, *children: Node, kind: str = "get", to: str = SERVER, keep: bool = False) -> Node:
        """The answer to an IQ. Stanzas that come meanwhile are passed over, or kept for `next`."""
        self._last_id += 1
        wanted = f"t-{self._last_id}"
        await self.send(Node("iq", {"id": wanted, "to": to, "type": kind, "xmlns": xmlns}, children or None))
        passed: list[Node] = []
        while (node := await self.next()).attrs.get("id") != wanted or node.tag != "iq":
            passed.append(node)
        self._ready[:0] = passed if keep else []
        return node

    async def close(self) -> None:
        """Go away."""
        await self._websocket.close()

    async def closed(self) -> int | None:
        """Read until the server closes; the close code."""
        try:
            while True:
                await self.next()
        except ServerClosed as end:
            return end.code

    async def upload(self, keys: Keys, count: int = 10, first: int = 1) -> Node:
        prekeys = generate_prekeys(first, count, os.urandom)
        listed = tuple(_key("key", key.id, key.pair.public) for key in prekeys)
        skey = _key("skey", keys.signed.id, keys.signed.pair.public, Node("signature", {}, keys.signed.signature))
        head = (
            Node("registration", {}, (77).to_bytes(4, "big")),
            Node("type", {}, b"\x05"),
            Node("identity", {}, keys.identity.public),
        )
        return await self.iq("encrypt", *head, Node("list", {}, listed), skey, kind="set")

    async def active(self) -> None:
        await self.iq("passive", Node("active"), kind="set")


def _key(tag: str, number: int, value: bytes, *more: Node) -> Node:
    return Node(tag, {}, (Node("id", {}, number.to_bytes(3, "big")), Node("value", {}, value), *more))


@asynccontextmanager
async def connected(
    server: LocalServer, keys: Keys, *, url: str | None = None, tls: ssl.SSLContext | None = None, routing: bytes = b""
) -> AsyncIterator[RawClient]:
    """A connection with these keys: registers when they have no JID, logs in when they have."""
    handshake = ClientHandshake(
        static=keys.noise,
        payload=keys.payload(),
        trusted_root=server.root_key,
        now=time.time(),
        rng=os.urandom,
        certificate=keys.certificate,
    )
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url or server.ws_url, ssl=tls if tls is not None else True) as websocket,
    ):
        await websocket.send_bytes(intro(routing) + frame(handshake.hello()))
        message = await websocket.receive(timeout=5)
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise ServerClosed(websocket.close_code)
        hello, *more = FrameDecoder().feed(message.data)
        done = handshake.finish(hello)
        keys.certificate = done.certificate
        if done.reply is not None:
            await websocket.send_bytes(frame(done.reply))
        client = RawClient(websocket, done.transport, done.pattern)
        client._ready = [decode(done.transport.open(one)) for one in more]
        yield client


async def refs(client: RawClient) -> list[str]:
    """Take the pair-device IQ and acknowledge it."""
    iq = await client.until("iq", lambda node: node.child("pair-device") is not None)
    await client.send(Node("iq", {"id": iq.attrs["id"], "to": SERVER, "type": "result"}))
    pair_device = iq.child("pair-device")
    assert pair_device is not None
    return [ref.data.decode() for ref in pair_device.all("ref")]


async def countersign(client: RawClient, keys: Keys) -> Node:
    """Take the pair-success, check it, send the device signature; the stream error that follows."""
    iq = await client.until("iq", lambda node: node.child("pair-success") is not None)
    success = iq.child("pair-success")
    assert success is not None
    identity, device = success.child("device-identity"), success.child("device")
    assert identity is not None and device is not None
    signed = adv.open_identity(identity.data, keys.secret, keys.identity.public)
    answer = adv.countersign(signed, keys.identity, rng=os.urandom)
    inner = Node("device-identity", {"key-index": str(signed.identity.key_index)}, answer.serialize(account_key=False))
    sign = Node("pair-device-sign", {}, (inner,))
    await client.send(Node("iq", {"id": iq.attrs["id"], "to": SERVER, "type": "result"}, (sign,)))
    keys.jid = Jid.parse(device.attrs["jid"])
    return await client.until("stream:error")


async def linked(server: LocalServer, name: str, props: DeviceProps | None = None) -> Keys:
    """The keys of a device that has just been linked to the account of this name."""
    keys = Keys(name, props=props)
    async with connected(server, keys) as client:
        server.scan_qr(keys.qr((await refs(client))[0]))
        assert (await countersign(client, keys)).attrs["code"] == "515"
    return keys


@asynccontextmanager
async def logged_in(server: LocalServer, keys: Keys, *, ready: bool = True) -> AsyncIterator[RawClient]:
    """A connection of a linked device that has had its `<success>` (and is active, with prekeys, when `ready`)."""
    async with connected(server, keys) as client:
        await client.until("success")
        if ready:
            await client.upload(keys)
            await client.active()
        yield client
