import pytest

from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.stanza.dispatch import read
from motte.core.stanza.notification import UnknownNotification
from motte.core.stanza.prekeys import (
    CountPreKeys,
    FetchBundles,
    GetKeyDigest,
    IdentityChanged,
    KeyDigest,
    PreKeysLow,
    RotateSignedPreKey,
    UploadPreKeys,
    prekey_node,
    signed_prekey_node,
)
from motte.errors import ItemNotFound, RemoteProtocolError
from motte.model.jid import Jid
from tests.unit.core.stanza.wire import ME, PEER, node_of, plain, vectors, xml

VECTORS = vectors("prekey_nodes")
STANZAS = vectors("stanzas")
DEVICE = Jid.parse("100000000000002:4@lid")


def prekey(number: int, public: str) -> PreKey:
    return PreKey(number, KeyPair(bytes.fromhex(public), bytes(32)))


def signed() -> SignedPreKey:
    key = VECTORS["signed_prekey"]
    return SignedPreKey(key["id"], KeyPair(bytes.fromhex(key["public"]), bytes(32)), bytes.fromhex(key["signature"]))


def test_the_upload_is_that_of_baileys() -> None:
    keys = tuple(prekey(int(number), key["public"]) for number, key in VECTORS["prekeys"].items())
    upload = UploadPreKeys(
        registration_id=VECTORS["registration_id"],
        identity=bytes.fromhex(VECTORS["identity"]),
        signed_prekey=signed(),
        prekeys=keys,
    )
    tag, attrs, content = plain(upload.build("1"))
    expected = plain(node_of(VECTORS["upload"]))
    assert (tag, attrs, content) == (expected[0], expected[1] | {"id": "1"}, expected[2])


def test_single_key_nodes_are_those_of_baileys() -> None:
    key = prekey(0xABCDEF, VECTORS["prekeys"]["3"]["public"])
    assert plain(prekey_node(key)) == plain(node_of(VECTORS["key"]))
    assert plain(signed_prekey_node(signed())) == plain(node_of(VECTORS["skey"]))


def test_small_requests_are_those_of_baileys() -> None:
    outgoing = STANZAS["outgoing"]
    assert plain(CountPreKeys().build("ID")) == plain(node_of(outgoing["count"][0]))
    assert plain(GetKeyDigest().build("ID")) == plain(node_of(outgoing["digest"][0]))
    fetch = FetchBundles((DEVICE,), refresh=True)
    assert plain(fetch.build("ID")) == plain(node_of(outgoing["fetch_bundles"][0]))


def test_rotation_and_plain_fetch() -> None:
    assert plain(RotateSignedPreKey(signed()).build("1"))[2] == [("rotate", {}, [plain(signed_prekey_node(signed()))])]
    assert plain(FetchBundles((DEVICE,)).build("1"))[2] == [("key", {}, [("user", {"jid": str(DEVICE)}, None)])]


def keys_node(tag: str = "user", *more: Node, drop: str = "", size: int = 32, type_: bytes = b"\5") -> Node:
    parts = [
        xml("registration", b"\0\0\x12\x34"),
        xml("type", type_),
        xml("identity", b"i" * size),
        xml("skey", xml("id", b"\0\0\7"), xml("value", b"s" * 32), xml("signature", b"g" * 64)),
    ]
    return xml(tag, *(part for part in parts if part.tag != drop), *more, jid=str(DEVICE))


ONE_TIME = xml("key", xml("id", b"\0\1\0"), xml("value", b"o" * 32))


def fetched(user: Node) -> object:
    answer = xml("iq", xml("list", user), type="result")
    return FetchBundles((DEVICE,)).parse(answer)[DEVICE]


def test_bundles() -> None:
    assert fetched(keys_node("user", ONE_TIME)) == PreKeyBundle(
        registration_id=0x1234,
        identity=b"i" * 32,
        signed_prekey_id=7,
        signed_prekey=b"s" * 32,
        signature=b"g" * 64,
        prekey_id=256,
        prekey=b"o" * 32,
        device=4,
    )
    without = fetched(keys_node())
    assert isinstance(without, PreKeyBundle)
    assert (without.prekey_id, without.prekey) == (None, None)


def test_one_devices_error_leaves_the_others() -> None:
    other = Jid.parse("100000000000002@lid")
    answer = xml(
        "iq",
        xml("list", xml("user", xml("error", code="404", text="item-not-found"), jid=str(other)), keys_node()),
        type="result",
    )
    result = FetchBundles((other, DEVICE)).parse(answer)
    assert isinstance(result[other], ItemNotFound)
    assert isinstance(result[DEVICE], PreKeyBundle)


@pytest.mark.parametrize(
    ("user", "path"),
    [
        (keys_node(drop="registration"), "iq/list/user"),
        (keys_node(drop="identity"), "iq/list/user"),
        (keys_node(drop="skey"), "iq/list/user"),
        (keys_node(size=31), "iq/list/user/identity"),
        (keys_node(size=33), "iq/list/user/identity"),
        (keys_node(type_=b"\6"), "iq/list/user/type"),
        (keys_node("user", xml("key", xml("id", b"\1"), xml("value", b"o" * 32))), "iq/list/user/key/id"),
        (keys_node("user", xml("key", xml("id", b"\0\0\1"), xml("value", b"o"))), "iq/list/user/key/value"),
    ],
)
def test_malformed_bundles(user: Node, path: str) -> None:
    malformed = fetched(user)
    assert isinstance(malformed, RemoteProtocolError)
    assert malformed.path == path


def test_a_key_with_its_type_byte_is_the_same_key() -> None:
    user = keys_node(drop="identity")
    user = Node(user.tag, user.attrs, (*user.children, xml("identity", b"\5" + b"i" * 32)))
    bundle = fetched(user)
    assert isinstance(bundle, PreKeyBundle)
    assert bundle.identity == b"i" * 32


def test_the_digest() -> None:
    digest = xml(
        "digest",
        xml("registration", b"\0\0\0\5"),
        xml("list", xml("id", b"\0\0\1"), xml("id", b"\0\0\2")),
        xml("hash", b"h" * 20),
    )
    assert GetKeyDigest().parse(xml("iq", digest, type="result")) == KeyDigest(
        registration_id=5, prekey_ids=(1, 2), hash=b"h" * 20
    )
    assert GetKeyDigest().parse(xml("iq", type="result")) is None
    with pytest.raises(RemoteProtocolError, match="iq/digest"):
        GetKeyDigest().parse(xml("iq", xml("digest", xml("hash", b"h")), type="result"))


def test_notifications() -> None:
    low = read(xml("notification", xml("count", value="3"), id="1", from_="@s.whatsapp.net", type="encrypt"), ME)
    assert isinstance(low, PreKeysLow)
    assert low.count == 3
    changed = read(xml("notification", xml("identity"), id="2", from_=str(PEER), type="encrypt"), ME)
    assert isinstance(changed, IdentityChanged)
    assert changed.user == PEER
    other = read(xml("notification", xml("digest"), id="3", from_=str(PEER), type="encrypt"), ME)
    assert isinstance(other, UnknownNotification)
