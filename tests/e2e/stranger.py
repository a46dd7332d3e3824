"""Somebody who encrypts what no honest client would send, and puts it into any stanza."""

from __future__ import annotations

import os

from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.message.padding import pad
from motte.core.signal import session
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.record import SessionRecord
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.testing import LocalServer
from motte.testing.server.accounts import Device


class Stranger:
    """A Signal peer with a session to one device. `jid` is who it says it is.

    Args:
        identity: its identity key; a fresh one by default.
    """

    def __init__(self, server: LocalServer, target: Jid, jid: Jid, identity: KeyPair | None = None) -> None:
        self._server, self._target, self.jid = server, target, jid
        self.own = OwnIdentity(pair=identity or KeyPair.generate(os.urandom), registration_id=4711)
        self._record: SessionRecord | None = None
        self._count = 0

    def enc(self, message: Message | bytes) -> Node:
        """`<enc>` of a Message, or of bytes that stand for one."""
        if self._record is None:
            self._record = session.start(None, self._bundle(), own=self.own, rng=os.urandom, now=0.0)
        plain = message if isinstance(message, bytes) else message.SerializeToString()
        sealed = session.encrypt(self._record, pad(plain, os.urandom), own=self.own)
        self._record = sealed.record
        return Node("enc", {"v": "2", "type": sealed.kind}, sealed.body)

    def stanza(self, *children: Node, **attrs: str) -> Node:
        """A `<message>` with these children, from this stranger unless `from_` says otherwise."""
        self._count += 1
        head = {"id": f"STRANGE{self._count}", "from": str(self.jid), "t": "1700000000", "type": "text"}
        return Node("message", head | {name.rstrip("_"): value for name, value in attrs.items()}, children)

    def send(self, *children: Node, **attrs: str) -> str:
        """Deliver such a stanza; gives its id."""
        node = self.stanza(*children, **attrs)
        self._server.deliver(self._target, node)
        return node.attrs["id"]

    def _bundle(self) -> PreKeyBundle:
        shelf = _device(self._server, self._target).shelf
        number, value = shelf.take() or (None, None)
        return PreKeyBundle(
            registration_id=shelf.registration_id,
            identity=shelf.identity,
            signed_prekey_id=shelf.signed.number,
            signed_prekey=shelf.signed.value,
            signature=shelf.signed.signature,
            prekey_id=number,
            prekey=value,
        )


def _device(server: LocalServer, jid: Jid) -> Device:
    return server.account(jid.user).devices[jid.device]


def text(words: str) -> Message:
    """A plain text."""
    return Message(conversation=words)
