import pytest

from motte.core.binary.node import Node
from motte.core.stanza import information
from motte.core.stanza.dirty import Clean
from motte.core.stanza.login import SetActivity, Success
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid
from tests.unit.core.stanza.wire import node_of, plain, reader, vectors, xml

VECTORS = vectors("stanzas")


def test_success() -> None:
    success = Success.read(reader(xml("success", t="1700000000", lid="100000000000001:3@lid", props="27")))
    assert success == Success(t=1700000000, lid=Jid("100000000000001", "lid", 3), props=27)
    assert Success.read(reader(xml("success"))) == Success(t=None, lid=None)


def test_a_success_with_a_broken_lid() -> None:
    with pytest.raises(RemoteProtocolError, match="success@lid"):
        Success.read(reader(xml("success", lid="x")))


def test_activity() -> None:
    assert plain(SetActivity().build("1"))[2] == [("active", {}, None)]
    assert plain(SetActivity(active=False).build("1"))[2] == [("passive", {}, None)]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (
            xml("offline_preview", count="6", message="3", receipt="2", notification="1"),
            information.OfflinePreview(count=6, messages=3, receipts=2, notifications=1),
        ),
        (xml("offline", count="6"), information.OfflineDone(6)),
        (xml("offline"), information.OfflineDone(0)),
        (xml("edge_routing", xml("routing_info", b"\1\2")), information.EdgeRouting(b"\1\2")),
        (xml("dirty", type="account_sync", timestamp="5"), information.Dirty("account_sync", 5)),
        (xml("downgrade_webclient"), information.Downgrade()),
        (xml("safety"), information.UnknownInformation("safety")),
    ],
)
def test_bulletins(body: Node, value: object) -> None:
    assert information.read(reader(xml("ib", body))) == value


def test_an_empty_bulletin() -> None:
    assert information.read(reader(xml("ib"))) == information.UnknownInformation("")


@pytest.mark.parametrize(
    "body",
    [
        xml("edge_routing"),
        xml("edge_routing", xml("routing_info", b"x" * 2000)),
        xml("dirty"),
        xml("offline", count="-1"),
    ],
)
def test_malformed_bulletins(body: Node) -> None:
    with pytest.raises(RemoteProtocolError, match=f"ib/{body.tag}"):
        information.read(reader(xml("ib", body)))


def test_what_baileys_sends() -> None:
    outgoing = VECTORS["outgoing"]
    assert plain(information.offline_batch()) == plain(node_of(outgoing["offline_batch"][0]))
    assert plain(information.unified_session(VECTORS["now"])) == plain(node_of(outgoing["unified_session"][0]))
    assert plain(Clean("account_sync", 1700000001).build("ID")) == plain(node_of(outgoing["clean"][0]))
