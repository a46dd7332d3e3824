import pytest

from motte.core.binary.node import Node
from motte.core.stanza.devices import DeviceChange, DevicesChanged, OwnDevicesChanged, read_devices
from motte.core.stanza.dispatch import Malformed, read
from motte.core.stanza.notification import UnknownNotification
from motte.core.stanza.usync import Context, DisappearingMode, Protocol, StatusText, Usync, UsyncUser, batches
from motte.errors import NotAuthorized, RateLimited, RemoteProtocolError
from motte.model.device import Device
from motte.model.jid import Jid
from tests.unit.core.stanza.wire import ME, PEER, PEER_LID, node_of, plain, reader, vectors, xml

VECTORS = vectors("usync")
QUERIES = {
    "devices": Usync(
        sid="ID",
        protocols=(Protocol.DEVICES, Protocol.LID),
        jids=(PEER, Jid.parse("100000000000003@lid")),
        context=Context.MESSAGE,
    ),
    "contact": Usync(sid="ID", protocols=(Protocol.CONTACT,), numbers=("15550100002",)),
    "lid": Usync(sid="ID", protocols=(Protocol.LID,), jids=(PEER,), context=Context.BACKGROUND),
    "status": Usync(sid="ID", protocols=(Protocol.STATUS, Protocol.DISAPPEARING_MODE), jids=(PEER,)),
}


def without_empty_content(written: object) -> object:
    """Baileys writes an empty list of children where nothing would do."""
    if isinstance(written, dict):
        return {name: None if value == [] else without_empty_content(value) for name, value in written.items()}
    return [without_empty_content(part) for part in written] if isinstance(written, list) else written


@pytest.mark.parametrize("name", QUERIES)
def test_queries_are_those_of_baileys(name: str) -> None:
    [written] = VECTORS["queries"][name]
    assert plain(QUERIES[name].build("ID")) == plain(node_of(without_empty_content(written)))


def test_the_result_is_what_baileys_reads() -> None:
    result = QUERIES["devices"].parse(node_of(VECTORS["result"]))
    read_lids = {str(user.jid): str(user.lid) for user in result.users if user.lid}
    assert read_lids == VECTORS["lids"]
    devices = [jid for user in result.users if user.devices for jid in user.devices.jids]
    assert [str(jid) for jid in devices if not ME.is_this_device(jid)] == VECTORS["devices"]


def test_key_index_list_is_kept_for_verification() -> None:
    user = QUERIES["devices"].parse(node_of(VECTORS["result"])).users[0]
    assert user.devices is not None
    assert (user.devices.key_index_list, user.devices.timestamp, user.devices.hash) == (
        b"signed list",
        1700000000,
        "2:abcdefgh",
    )


def answer(*users: Node, result: tuple[Node, ...] = ()) -> Node:
    return xml("iq", xml("usync", xml("result", *result), xml("list", *users)), type="result")


def test_all_protocols_of_one_user() -> None:
    user = xml(
        "user",
        xml("contact", "+15550100002", type="in"),
        xml("status", "Hi", t="5"),
        xml("disappearing_mode", duration="86400", t="6"),
        xml("username", "ada"),
        xml("picture", id="1"),
        jid=str(PEER),
    )
    assert QUERIES["status"].parse(answer(user)).users == (
        UsyncUser(
            jid=PEER,
            contact=True,
            number="+15550100002",
            status=StatusText("Hi", 5),
            disappearing_mode=DisappearingMode(86400, 6),
            username="ada",
        ),
    )


def test_a_number_that_is_not_on_whatsapp() -> None:
    [user] = QUERIES["contact"].parse(answer(xml("user", xml("contact", "+15550100009", type="out")))).users
    assert (user.jid, user.contact, user.number) == (None, False, "+15550100009")


def test_errors_stay_with_the_user_and_protocol_that_they_concern() -> None:
    refused = xml("user", xml("status", xml("error", code="401")), xml("lid", val="7@lid"), jid=str(PEER))
    broken = xml("user", xml("devices"), xml("lid", val="x"), jid=str(PEER_LID))
    result = QUERIES["status"].parse(
        answer(refused, broken, result=(xml("contact", xml("error", code="429", backoff="60")), xml("lid")))
    )
    first, second = result.users
    assert isinstance(first.errors["status"], NotAuthorized)
    assert first.lid == Jid("7", "lid")
    assert isinstance(second.errors["devices"], RemoteProtocolError)
    assert isinstance(second.errors["lid"], RemoteProtocolError)
    assert list(result.errors) == ["contact"]
    assert isinstance(result.errors["contact"], RateLimited)


def test_a_user_whose_jid_is_broken_breaks_the_answer() -> None:
    with pytest.raises(RemoteProtocolError, match="iq/usync/list/user@jid"):
        QUERIES["lid"].parse(answer(xml("user", jid="x")))


def test_batches() -> None:
    jids = [Jid(str(number), "lid") for number in range(5)]
    assert list(batches(jids, 2)) == [tuple(jids[:2]), tuple(jids[2:4]), tuple(jids[4:])]


def device_list(*devices: Node) -> Node:
    return xml("devices", xml("device-list", *devices))


def test_a_hosted_device_does_not_make_the_later_ones_hosted() -> None:
    listed = read_devices(
        reader(
            device_list(
                xml("device", id="0"),
                Node("device", {"id": "99", "key-index": "1", "is_hosted": "true"}),
                Node("device", {"id": "5", "key-index": "2"}),
            )
        ),
        PEER,
    )
    assert [str(jid) for jid in listed.jids] == [str(PEER), "15550100002:99@hosted", "15550100002:5@s.whatsapp.net"]


def test_a_linked_device_without_key_index_is_left_out() -> None:
    listed = read_devices(
        reader(
            device_list(xml("device", id="0"), xml("device", id="4"), Node("device", {"id": "6", "key-index": "0"}))
        ),
        PEER,
    )
    assert listed.devices == (Device(id=0),)


@pytest.mark.parametrize(
    ("devices", "path"),
    [
        (xml("devices"), "devices"),
        (device_list(xml("device")), "devices/device-list/device@id"),
        (device_list(xml("device", id="70000")), "devices/device-list/device@id"),
        (device_list(*(xml("device", id="0") for _ in range(1025))), "devices/device-list"),
    ],
)
def test_malformed_device_lists(devices: Node, path: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        read_devices(reader(devices), PEER)
    assert caught.value.path == path


def notification(*body: Node, **attrs: str) -> Node:
    return xml("notification", *body, id="1", from_=str(PEER), type="devices", **attrs)


def test_devices_added_and_removed() -> None:
    body = xml(
        "add",
        Node("device", {"jid": "15550100002:4@s.whatsapp.net", "lid": "100000000000002:4@lid", "key-index": "3"}),
        xml("key-index-list", b"signed", ts="5"),
        device_hash="2:abc",
    )
    value = read(notification(body, lid=str(PEER_LID)), ME)
    assert isinstance(value, DevicesChanged)
    assert (value.change, value.user, value.user_lid) == (DeviceChange.ADD, PEER, PEER_LID)
    assert (value.devices, value.lids) == ((PEER.with_device(4),), (PEER_LID.with_device(4),))
    assert (value.hash, value.key_index_list) == ("2:abc", b"signed")
    removed = read(notification(xml("remove", xml("device", jid="15550100002:4@s.whatsapp.net"))), ME)
    assert isinstance(removed, DevicesChanged)
    assert removed.change is DeviceChange.REMOVE


def test_a_list_that_is_to_be_dropped() -> None:
    value = read(notification(xml("update", hash="abc")), ME)
    assert isinstance(value, DevicesChanged)
    assert (value.change, value.devices) == (DeviceChange.UPDATE, ())
    assert isinstance(read(notification(xml("else")), ME), UnknownNotification)


def test_a_changed_device_without_a_jid() -> None:
    value = read(notification(xml("add", xml("device"))), ME)
    assert isinstance(value, Malformed)
    assert value.error.path == "notification/add/device@jid"


def test_own_devices_changed() -> None:
    body = xml("devices", xml("device", jid="15550100001:4@s.whatsapp.net"), dhash="2:x")
    value = read(xml("notification", body, id="1", from_=str(ME.pn.user_jid), type="account_sync"), ME)
    assert isinstance(value, OwnDevicesChanged)
    assert (value.devices, value.hash) == ((Jid.parse("15550100001:4@s.whatsapp.net"),), "2:x")
