from typing import Any

import pytest

from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.stanza import receipt, retry
from motte.core.stanza.ack import IncomingAck, Nack, ack, hint
from motte.core.stanza.dispatch import Malformed, Stanza, read
from motte.core.stanza.header import Header
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.receipt import IncomingReceipt
from motte.core.stanza.retry import IncomingRetry, RetryKeys, RetryReason
from motte.model.jid import Jid
from motte.model.message import MessageKey
from motte.model.receipt import Receipt, ReceiptKind
from tests.unit.core.stanza.wire import GROUP, ME, PEER, PEER_LID, node_of, plain, reader, vectors, xml

VECTORS = vectors("stanzas")
ANSWERS = VECTORS["answers"]
NOW = VECTORS["now"]


def answered(name: str) -> tuple[Stanza, list[Any]]:
    """What Baileys received, as we read it, and what it answered."""
    value = read(node_of(ANSWERS[name]["received"]), ME)
    return value, [plain(node_of(sent)) for sent in ANSWERS[name]["sent"]]


def key(message_id: str, chat: Jid = PEER, sender: Jid = PEER, from_me: bool = False) -> MessageKey:
    return MessageKey(chat=chat, id=message_id, sender=sender, from_me=from_me)


# --- acks ---


@pytest.mark.parametrize("case", VECTORS["acks"])
def test_acks_are_those_of_baileys(case: dict[str, Any]) -> None:
    header = Header.read(reader(node_of(case["received"])))
    _, attrs, _ = plain(ack(header, ME, case["error"]))
    expected = case["ack"]["attrs"]
    expected["to"] = (
        expected["to"].replace("s.whatsapp.net", "@s.whatsapp.net") if "@" not in expected["to"] else expected["to"]
    )
    assert attrs == expected


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("newsletter", None),
        ("msmsg", Nack.MISSING_MESSAGE_SECRET),
        ("no_sender", 500),
        ("receipt", None),
        ("notification", None),
        ("call", None),
    ],
)
def test_stanzas_are_acked_as_by_baileys(name: str, error: int | None) -> None:
    value, sent = answered(name)
    header = value.header  # type: ignore[union-attr]
    assert header is not None
    assert [plain(ack(header, ME, error))] == sent


def test_acks_of_our_messages() -> None:
    good = read(Node("ack", {"class": "message", "id": "3EB0A", "from": str(PEER), "t": "5", "phash": "2:x"}), ME)
    assert good == IncomingAck(kind="message", id="3EB0A", source=PEER, t=5, phash="2:x")
    bad = read(Node("ack", {"class": "message", "id": "3EB0A", "error": "463"}), ME)
    assert isinstance(bad, IncomingAck)
    assert bad.error == 463
    assert "restricted" in hint(463)
    assert hint(12345)
    assert isinstance(read(Node("ack", {"class": "message"}), ME), Malformed)
    assert isinstance(read(Node("ack", {"class": "message", "id": "1", "error": "x"}), ME), Malformed)


# --- receipts of ours ---


@pytest.mark.parametrize(
    ("name", "active"),
    [
        ("delivered", True),
        ("delivered_offline_user", False),
        ("delivered_group", True),
        ("own_device_lid", True),
        ("peer", True),
    ],
)
def test_delivery_receipts_are_those_of_baileys(name: str, active: bool) -> None:
    value, sent = answered(name)
    assert isinstance(value, IncomingMessage)
    assert [plain(receipt.delivery(value, active=active))] == sent


def test_a_sender_receipt_goes_to_the_device_that_sent() -> None:
    """Baileys leaves `to` out when the chat is addressed by PN; nobody would get such a receipt."""
    enc = Node("enc", {"type": "msg", "v": "2"}, b"x")
    message = xml("message", enc, id="A", t="1", from_="15550100001:4@s.whatsapp.net", recipient=str(PEER))
    value = read(message, ME)
    assert isinstance(value, IncomingMessage)
    assert plain(receipt.delivery(value, active=False))[1] == {
        "id": "A",
        "to": "15550100001:4@s.whatsapp.net",
        "recipient": str(PEER),
        "type": "sender",
    }
    assert plain(receipt.history(value))[1] == {"id": "A", "to": str(PEER), "type": "hist_sync"}


def test_read_receipts_are_those_of_baileys() -> None:
    keys = [key("A1"), key("A2"), key("A3"), key("mine", from_me=True), key("A1")]
    [node] = receipt.mark(ReceiptKind.READ, keys, NOW)
    assert plain(node) == plain(node_of(VECTORS["outgoing"]["read"][0]))
    [node] = receipt.mark(ReceiptKind.READ_SELF, [key("A1", GROUP, PEER_LID)], NOW)
    assert plain(node) == plain(node_of(VECTORS["outgoing"]["read_group"][0]))


def test_receipts_are_grouped_by_chat_and_sender() -> None:
    keys = [key("1", GROUP, PEER), key("2"), key("3", GROUP, PEER_LID), key("4", GROUP, PEER)]
    nodes = receipt.mark(ReceiptKind.PLAYED, keys, NOW)
    assert [(n.attrs["to"], n.attrs.get("participant"), n.attrs["id"], len(n.children)) for n in nodes] == [
        (str(GROUP), str(PEER), "1", 1),
        (str(PEER), None, "2", 0),
        (str(GROUP), str(PEER_LID), "3", 0),
    ]


def test_only_a_users_deeds_are_marked() -> None:
    with pytest.raises(ValueError, match="delivered"):
        receipt.mark(ReceiptKind.DELIVERED, [key("1")], NOW)


def test_asking_for_media_again() -> None:
    node = receipt.server_error(key("A", GROUP, PEER_LID), ME, b"cipher", b"iv")
    assert plain(node) == (
        "receipt",
        {"id": "A", "to": str(ME.pn.user_jid), "type": "server-error"},
        [
            ("encrypt", {}, [("enc_p", {}, b"cipher"), ("enc_iv", {}, b"iv")]),
            ("rmr", {"jid": str(GROUP), "from_me": "false", "participant": str(PEER_LID)}, None),
        ],
    )


# --- receipts of others ---


def incoming(*body: Node, **attrs: str) -> tuple[Receipt, ...]:
    node = xml("receipt", *body, **{"id": "A", "t": "5", "from_": str(PEER.with_device(4))} | attrs)
    value = read(node, ME)
    assert isinstance(value, IncomingReceipt), value
    return value.receipts


@pytest.mark.parametrize("kind", [kind for kind in ReceiptKind if kind not in (ReceiptKind.RETRY, ReceiptKind.OTHER)])
def test_every_kind(kind: ReceiptKind) -> None:
    [value] = incoming(type=kind) if kind is not ReceiptKind.DELIVERED else incoming()
    assert value == Receipt(kind=kind, chat=PEER, sender=PEER.with_device(4), ids=("A",), timestamp=5)


def test_an_unknown_kind() -> None:
    [value] = incoming(type="listened")
    assert value.kind is ReceiptKind.OTHER


def test_many_messages() -> None:
    [value] = incoming(xml("list", xml("item", id="B"), xml("item", id="C"), xml("item", id="A")), type="read")
    assert value.ids == ("A", "B", "C")


def test_read_elsewhere() -> None:
    [value] = incoming(from_="15550100001@s.whatsapp.net", recipient=str(PEER), type="read")
    assert (value.chat, value.by_me) == (PEER, True)
    [value] = incoming(from_="100000000000001:4@lid", recipient=str(PEER_LID), type="read-self")
    assert (value.chat, value.by_me) == (PEER_LID, True)


def test_a_strangers_recipient_does_not_move_the_receipt() -> None:
    [value] = incoming(recipient="15550100003@s.whatsapp.net")
    assert (value.chat, value.by_me) == (PEER, False)


def test_in_groups() -> None:
    [value] = incoming(from_=str(GROUP), participant="100000000000002:4@lid", type="read")
    assert (value.chat, value.sender) == (GROUP, PEER_LID.with_device(4))
    listed = xml("participants", xml("user", jid=str(PEER_LID), t="7"), xml("user", jid="100000000000001@lid"), key="B")
    first, second = incoming(listed, from_=str(GROUP), type="read")
    assert (first.ids, first.sender, first.timestamp, first.by_me) == (("B",), PEER_LID, 7, False)
    assert (second.timestamp, second.by_me) == (5, True)


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (xml("receipt", from_=str(PEER)), "receipt@id"),
        (xml("receipt", id="A"), "receipt@from"),
        (xml("receipt", xml("list", xml("item")), id="A", from_=str(PEER)), "receipt/list/item@id"),
        (xml("receipt", id="A", from_=str(PEER), t="x"), "receipt@t"),
        (xml("receipt", xml("participants", xml("user")), id="A", from_=str(GROUP)), "receipt/participants/user@jid"),
        (xml("receipt", id="A", from_=str(PEER), type="retry"), "receipt"),
    ],
)
def test_malformed_receipts(node: Node, path: str) -> None:
    value = read(node, ME)
    assert isinstance(value, Malformed)
    assert value.error.path == path


# --- retries ---


def own_keys(prekey: PreKey) -> RetryKeys:
    written = VECTORS["keys"]
    skey = written["signed_prekey"]
    signed = SignedPreKey(
        skey["id"], KeyPair(bytes.fromhex(skey["public"]), bytes(32)), bytes.fromhex(skey["signature"])
    )
    return RetryKeys(
        identity=bytes.fromhex(written["identity"]),
        prekey=prekey,
        signed_prekey=signed,
        device_identity=bytes.fromhex(written["device_identity"]),
    )


def test_the_first_retry_receipt_is_that_of_baileys() -> None:
    value, sent = answered("retry_first")
    assert isinstance(value, IncomingMessage)
    asked = retry.request(value.header, count=1, registration_id=VECTORS["keys"]["registration_id"])
    assert [plain(asked), plain(ack(value.header, ME, Nack.UNHANDLED_ERROR))] == sent


def test_the_second_has_keys() -> None:
    value, sent = answered("retry_with_keys")
    assert isinstance(value, IncomingMessage)
    written = next(node for node in ANSWERS["retry_with_keys"]["sent"] if node["tag"] == "receipt")
    parsed = node_of(written).child("keys")
    assert parsed is not None
    one_time = parsed.child("key")
    assert one_time is not None
    number, public = (part.data for part in one_time.children)
    keys = own_keys(PreKey(int.from_bytes(number, "big"), KeyPair(public, bytes(32))))
    asked = retry.request(value.header, count=2, registration_id=VECTORS["keys"]["registration_id"], keys=keys)
    assert plain(asked) in sent


def test_a_duplicate_is_refused_as_by_baileys() -> None:
    value, sent = answered("duplicate")
    assert isinstance(value, IncomingMessage)
    assert [plain(ack(value.header, ME, Nack.PARSING_ERROR))] == sent


def test_a_retry_receipt_of_a_group_message_says_whose() -> None:
    header = Header(tag="message", id="A", source=GROUP, participant=PEER_LID.with_device(4), t=5)
    node = retry.request(header, count=1, registration_id=1, reason=RetryReason.NO_SESSION)
    assert (node.attrs["to"], node.attrs["participant"]) == (str(GROUP), "100000000000002:4@lid")
    assert node.children[0].attrs["error"] == "1"


def peer_asks(*more: Node, registration: bytes = b"\0\0\0\7", **attrs: str) -> Stanza:
    body = [xml("retry", count="2", id="A", t="5", v="1", error="7"), *more]
    if registration:
        body.append(xml("registration", registration))
    base = {"id": "A", "type": "retry", "from_": "15550100002:4@s.whatsapp.net"}
    return read(xml("receipt", *body, **base | attrs), ME)


def keys_node(identity: bytes = b"i" * 32) -> Node:
    signed = xml("skey", xml("id", b"\0\0\7"), xml("value", b"s" * 32), xml("signature", b"g" * 64))
    return xml("keys", xml("type", b"\5"), xml("identity", identity), signed, xml("device-identity", b"adv"))


def test_a_peer_asks_without_keys() -> None:
    value = peer_asks()
    assert isinstance(value, IncomingRetry)
    assert (value.chat, value.requester, value.by_me) == (PEER, PEER.with_device(4), False)
    assert (value.ids, value.count, value.reason, value.registration_id) == (("A",), 2, 7, 7)
    assert value.bundle is None


def test_a_peer_asks_with_keys() -> None:
    value = peer_asks(keys_node())
    assert isinstance(value, IncomingRetry)
    assert value.bundle == PreKeyBundle(
        registration_id=7,
        identity=b"i" * 32,
        signed_prekey_id=7,
        signed_prekey=b"s" * 32,
        signature=b"g" * 64,
        device=4,
        device_identity=b"adv",
    )


def test_an_own_device_asks_for_what_went_to_somebody() -> None:
    value = peer_asks(from_="15550100001:4@s.whatsapp.net", recipient=str(PEER))
    assert isinstance(value, IncomingRetry)
    assert (value.chat, value.requester, value.by_me) == (PEER, ME.pn.with_device(4), True)


def test_a_member_of_a_group_asks() -> None:
    value = peer_asks(from_=str(GROUP), participant="100000000000002:4@lid")
    assert isinstance(value, IncomingRetry)
    assert (value.chat, value.requester) == (GROUP, PEER_LID.with_device(4))


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (peer_asks(keys_node(b"i")), "receipt/keys/identity"),
        (peer_asks(keys_node(), registration=b""), "receipt"),
        (peer_asks(registration=b"\1"), "receipt/registration"),
    ],
)
def test_malformed_retries(value: Stanza, path: str) -> None:
    assert isinstance(value, Malformed)
    assert value.error.path == path
