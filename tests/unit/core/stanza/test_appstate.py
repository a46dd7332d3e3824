"""Collections on the wire: asked for, handed in, answered one by one."""

from __future__ import annotations

import pytest

from motte.core.binary.node import Node
from motte.core.stanza.appstate import MAX_PATCHES, CollectionRequest, SyncCollections
from motte.errors import Conflict, InternalServerError, RemoteProtocolError, UnknownServerError
from motte.proto.app_state_pb2 import ExternalBlobReference

ASK = SyncCollections(
    (
        CollectionRequest(name="regular_low", version=12),
        CollectionRequest(name="regular", version=0, snapshot=True),
        CollectionRequest(name="regular_high", version=7, patch=b"a patch"),
    )
)


def result(*collections: Node) -> Node:
    return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, (Node("sync", {}, collections),))


def test_one_request_for_many_collections() -> None:
    node = ASK.build("1")
    assert node.attrs == {"id": "1", "xmlns": "w:sync:app:state", "type": "set", "to": "@s.whatsapp.net"}
    (sync,) = node.children
    assert sync.children == (
        Node("collection", {"name": "regular_low", "version": "12", "return_snapshot": "false"}),
        Node("collection", {"name": "regular", "version": "0", "return_snapshot": "true"}),
        Node(
            "collection",
            {"name": "regular_high", "version": "7", "return_snapshot": "false"},
            (Node("patch", {}, b"a patch"),),
        ),
    )
    assert "a patch" not in repr(ASK)


def test_each_collection_has_its_own_answer() -> None:
    blob = ExternalBlobReference(directPath="/v/x", mediaKey=b"k")
    patches = (Node("patch", {}, b"one"), Node("patch", {}, b"two"))
    answers = ASK.parse(
        result(
            Node(
                "collection",
                {"name": "regular_low", "version": "14", "has_more_patches": "true"},
                (Node("patches", {}, patches),),
            ),
            Node("collection", {"name": "regular"}, (Node("snapshot", {}, blob.SerializeToString()),)),
            Node(
                "collection",
                {"name": "regular_high", "type": "error"},
                (Node("error", {"code": "409", "text": "conflict"}), *patches),
            ),
            Node("collection", {"name": "nobody_asked"}),
        )
    )
    assert list(answers) == ["regular_low", "regular", "regular_high"]
    low, regular, high = answers.values()
    assert (low.patches, low.more, low.version, low.error, low.snapshot) == ((b"one", b"two"), True, 14, None, None)
    assert (regular.snapshot, regular.patches, regular.more) == (blob, (), False)
    assert isinstance(high.error, Conflict)
    assert high.patches == (b"one", b"two")


def test_errors_without_a_good_code() -> None:
    for attrs, kind in (({"code": "500"}, InternalServerError), ({"code": "x"}, UnknownServerError)):
        node = Node("collection", {"name": "regular", "type": "error"}, (Node("error", attrs),))
        assert isinstance(ASK.parse(result(node))["regular"].error, kind)
    bare = Node("collection", {"name": "regular", "type": "error"})
    assert isinstance(ASK.parse(result(bare))["regular"].error, UnknownServerError)


@pytest.mark.parametrize(
    "collection",
    [
        Node("collection", {}),
        Node("collection", {"name": "regular", "version": "x"}),
        Node("collection", {"name": "regular"}, (Node("snapshot", {}, b"\xff\xff"),)),
        Node("collection", {"name": "regular"}, (Node("patch", {}),)),
        Node("collection", {"name": "regular"}, (Node("patch", {}, b"p"),) * (MAX_PATCHES + 1)),
    ],
    ids=["no name", "version", "snapshot", "empty patch", "flood"],
)
def test_malformed_answers(collection: Node) -> None:
    with pytest.raises(RemoteProtocolError, match="collection"):
        ASK.parse(result(collection))


def test_no_answer_at_all() -> None:
    with pytest.raises(RemoteProtocolError, match="sync"):
        ASK.parse(Node("iq", {"id": "1", "type": "result"}))
