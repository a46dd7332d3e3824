"""The seeds of the targets above the codec."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.crypto.adv import DeviceIdentity, KeyIndexList, issue_identity, sign_key_indexes
from motte.core.message import compose
from motte.model.content import Text
from motte.proto.e2e_pb2 import Message
from tests.fuzz import upper_targets as upper
from tests.fuzz.seeded import NOW, seeded

CONTENT = Path(__file__).parents[1] / "vectors" / "content.json"
PEER = "15550100002:4@s.whatsapp.net"


def stanzas() -> Iterator[Node]:
    """One of each kind that the server sends by itself."""
    head = {"id": "3EB0AA", "from": PEER, "t": "1700000000"}
    enc = Node("enc", {"v": "2", "type": "pkmsg"}, b"\x33body")
    yield Node("message", {**head, "type": "text", "notify": "Ada", "sender_lid": "100000000000002@lid"}, (enc,))
    yield Node("message", {**head, "from": "1@newsletter", "server_id": "5"}, (Node("plaintext", {}, b"\x0a\x01x"),))
    yield Node("receipt", {**head, "type": "read"}, (Node("list", {}, (Node("item", {"id": "3EB0BB"}),)),))
    retry = (Node("retry", {"count": "1", "id": "3EB0AA", "t": "1", "v": "1"}), Node("registration", {}, bytes(4)))
    yield Node("receipt", {**head, "type": "retry"}, retry)
    device = Node("device", {"jid": PEER, "key-index": "3"})
    yield Node("notification", {**head, "type": "devices"}, (Node("add", {"device_hash": "2:x"}, (device,)),))
    yield Node("notification", {**head, "type": "encrypt"}, (Node("count", {"value": "3"}),))
    yield Node(
        "notification", {**head, "type": "account_sync"}, (Node("blocklist", {}, (Node("item", {"jid": PEER}),)),)
    )
    yield Node("call", head, (Node("offer", {"call-id": "C", "call-creator": PEER}, (Node("audio"),)),))
    yield Node("presence", {"from": PEER, "type": "unavailable", "last": "1700000000"})
    yield Node("chatstate", {"from": PEER}, (Node("composing", {"media": "audio"}),))
    yield Node("ack", {"class": "message", "id": "3EB0", "from": PEER, "error": "479"})
    yield Node("ib", {}, (Node("offline_preview", {"count": "3"}),))
    yield Node("success", {"t": "1700000000", "lid": "100000000000001:3@lid"})
    yield Node(
        "iq",
        {"id": "1", "type": "set", "from": "s.whatsapp.net"},
        (Node("pair-device", {}, (Node("ref", {}, b"2@x"),)),),
    )


def seeds() -> Iterator[tuple[str, bytes]]:
    """Target and input."""
    for node in stanzas():
        yield "stanza", encode(node)
    said = Text(text="hello", mentions=(upper.ME.pn,))
    text = compose.message(said, chat=upper.ME.pn, now=0.0, rng=seeded("m"))
    yield "message", text.SerializeToString()
    for case in json.loads(CONTENT.read_text())["cases"]:
        yield "message", bytes.fromhex(case["message"])
    yield "message", compose.device_sent(text, upper.ME.pn).SerializeToString()
    yield "message", compose.distribution(upper.ME.pn, upper.DISTRIBUTION).SerializeToString()
    yield "message", Message(viewOnceMessage=Message.FutureProofMessage(message=text)).SerializeToString()
    share = Message.ProtocolMessage(type=Message.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE)
    share.appStateSyncKeyShare.SetInParent()
    yield "message", Message(protocolMessage=share).SerializeToString()
    yield "message", bytes.fromhex("620418061200")  # a type that is not written as a number
    yield "prekey_message", upper.FIRST.body
    yield "signal_message", upper.THIRD.body
    yield "group", upper.DISTRIBUTION
    yield "group", upper.GROUP_MESSAGE
    identity = DeviceIdentity(raw_id=1, timestamp=int(NOW), key_index=1)
    yield "account", issue_identity(upper.BOB.pair, upper.ALICE.pair.public, bytes(32), identity, rng=seeded("i"))
    indexes = KeyIndexList(raw_id=1, timestamp=int(NOW), current_index=1, valid_indexes=frozenset({0, 1}))
    yield "account", sign_key_indexes(upper.ALICE.pair, indexes, rng=seeded("k"))
    yield "record", upper.BOBS.serialize()
    yield "record", upper.ALICES.serialize()
