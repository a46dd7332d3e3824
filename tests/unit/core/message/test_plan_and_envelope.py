import pytest

from motte.core.binary.node import Node
from motte.core.message import plan
from motte.core.message.envelope import Envelope, Sealed
from motte.core.message.kinds import Edit, Labels
from motte.core.stanza.build import element
from motte.model.device import Device, DeviceList
from motte.model.jid import STATUS_JID, Jid
from motte.model.message import Addressing
from tests.unit.core.stanza.wire import GROUP, ME, PEER, PEER_LID, plain

OWN = ME.pn.user_jid
OWN_LID = Jid("100000000000001", "lid")
PHONE = Device(id=0)


def listed(user: Jid, *devices: int | Device) -> DeviceList:
    made = (one if isinstance(one, Device) else Device(id=one, key_index=1) for one in devices)
    return DeviceList(user=user, devices=tuple(made))


def test_polls_are_labelled_for_the_server() -> None:
    labels = Labels(type="poll", meta=(("polltype", "creation"),))
    node = Envelope(id="A", chat=PEER, labels=labels, device_identity=b"").direct([])
    assert node.child("meta") == Node("meta", {"polltype": "creation"})
    assert Envelope(id="A", chat=PEER, labels=Labels(type="text"), device_identity=b"").direct([]).child("meta") is None


def test_all_devices_but_this_one() -> None:
    made = plan.direct(ME, PEER, [listed(PEER, PHONE, 4), listed(OWN, PHONE, 3, 5)])
    assert made.others == (PEER, PEER.with_device(4))
    assert made.own == (OWN, OWN.with_device(5))
    assert made.devices == made.others + made.own


def test_this_device_is_left_out_by_lid_too() -> None:
    made = plan.direct(ME, PEER_LID, [listed(PEER_LID, PHONE), listed(OWN_LID, PHONE, 3, 5)])
    assert made.own == (OWN_LID, OWN_LID.with_device(5))
    in_group = plan.group(ME, [listed(PEER_LID, PHONE), listed(OWN_LID, PHONE, 3, 5)])
    assert in_group.own == (OWN_LID, OWN_LID.with_device(5))


def test_a_message_to_oneself() -> None:
    made = plan.direct(ME, OWN, [listed(OWN, PHONE, 3, 5)])
    assert (made.others, made.own) == ((), (OWN, OWN.with_device(5)))


def test_who_has_no_list_has_a_phone() -> None:
    made = plan.direct(ME, PEER, [])
    assert (made.others, made.own) == ((PEER,), (OWN,))


def test_hosted_devices_are_in_direct_chats_only() -> None:
    hosted = Device(id=99, key_index=1, is_hosted=True)
    lists = [listed(PEER, PHONE, hosted), listed(OWN, PHONE)]
    assert plan.direct(ME, PEER, lists).others == (PEER, Jid("15550100002", "hosted", 99))
    assert plan.group(ME, lists).others == (PEER,)


def test_who_lacks_the_sender_key() -> None:
    made = plan.group(ME, [listed(PEER_LID, PHONE, 4), listed(PEER_LID, PHONE)])
    assert plan.without_key(made, {PEER_LID}) == (PEER_LID.with_device(4),)


TEXT = Labels(type="text")


def envelope(chat: Jid = PEER, labels: Labels = TEXT) -> Envelope:
    return Envelope(id="3EB0A", chat=chat, labels=labels, device_identity=b"adv")


def sealed(device: Jid = PEER, kind: str = "msg") -> Sealed:
    return Sealed(device=device, kind=kind, body=b"cipher")  # type: ignore[arg-type]


def test_a_direct_message() -> None:
    node = envelope().direct([sealed(), sealed(OWN)], [element("extra")])
    enc = ("enc", {"v": "2", "type": "msg"}, b"cipher")
    assert plain(node) == (
        "message",
        {"id": "3EB0A", "to": str(PEER), "type": "text"},
        [
            ("participants", {}, [("to", {"jid": str(PEER)}, [enc]), ("to", {"jid": str(OWN)}, [enc])]),
            ("extra", {}, None),
        ],
    )


def test_the_identity_goes_along_when_a_session_opens() -> None:
    tags = [part.tag for part in envelope().direct([sealed(), sealed(OWN, "pkmsg")]).children]
    assert tags == ["participants", "device-identity"]


def test_labels_are_written() -> None:
    labels = Labels(type="media", media_type="image", edit=Edit.EDIT, hide_failure=True)
    node = envelope(labels=labels).direct([sealed()])
    assert (node.attrs["type"], node.attrs["edit"]) == ("media", "1")
    enc = node.children[0].children[0].children[0]
    assert dict(enc.attrs) == {"v": "2", "type": "msg", "mediatype": "image", "decrypt-fail": "hide"}


def test_what_a_menu_says_outside() -> None:
    labels = Labels(type="media", media_type="list", business=("list", (("v", "2"), ("type", "single_select"))))
    node = envelope(labels=labels).direct([sealed()])
    assert [part.tag for part in node.children] == ["participants", "biz"]
    [menu] = node.children[-1].children
    assert (menu.tag, dict(menu.attrs)) == ("list", {"v": "2", "type": "single_select"})


def test_a_group_message() -> None:
    made = envelope(GROUP)
    node = made.group(b"group cipher", [sealed(PEER_LID, "pkmsg")], phash="2:x", addressing=Addressing.LID)
    assert dict(node.attrs) == {
        "id": "3EB0A",
        "to": str(GROUP),
        "type": "text",
        "phash": "2:x",
        "addressing_mode": "lid",
    }
    assert [part.tag for part in node.children] == ["enc", "participants", "device-identity"]
    assert plain(node.children[0]) == ("enc", {"v": "2", "type": "skmsg"}, b"group cipher")
    known = made.group(b"group cipher", [], phash="2:x", addressing=Addressing.PN)
    assert [part.tag for part in known.children] == ["enc"]


@pytest.mark.parametrize(
    ("chat", "device", "own", "attrs"),
    [
        (PEER, PEER.with_device(4), False, {"to": "15550100002:4@s.whatsapp.net", "device_fanout": "false"}),
        (
            PEER,
            OWN.with_device(4),
            True,
            {"to": "15550100001:4@s.whatsapp.net", "recipient": str(PEER), "device_fanout": "false"},
        ),
        (GROUP, PEER_LID.with_device(4), False, {"to": str(GROUP), "participant": "100000000000002:4@lid"}),
    ],
)
def test_again_for_one_device(chat: Jid, device: Jid, own: bool, attrs: dict[str, str]) -> None:
    node = envelope(chat).resend(sealed(device), 2, to_own_device=own)
    assert plain(node) == (
        "message",
        {"id": "3EB0A", "type": "text"} | attrs,
        [("enc", {"v": "2", "type": "msg", "count": "2"}, b"cipher"), ("device-identity", {}, b"adv")],
    )


def test_a_peer_message() -> None:
    node = envelope(OWN).peer(sealed(OWN, "pkmsg"))
    assert dict(node.attrs) == {
        "id": "3EB0A",
        "to": str(OWN),
        "type": "text",
        "category": "peer",
        "push_priority": "high_force",
    }
    assert [part.tag for part in node.children] == ["enc", "device-identity", "meta"]


def test_nothing_secret_is_printed() -> None:
    assert "cipher" not in repr(sealed())
    assert "adv" not in repr(envelope())


def test_a_status_names_its_whole_audience() -> None:
    brought = Sealed(device=PEER, kind="msg", body=b"key")
    envelope = Envelope(id="A", chat=STATUS_JID, labels=Labels(type="text"), device_identity=b"")
    node = envelope.group(b"x", [brought], phash="2:", addressing=Addressing.LID, audience=[PEER_LID, PEER])
    participants = node.child("participants")
    assert participants is not None
    assert [(to.attrs["jid"], len(to.children)) for to in participants.children] == [(str(PEER), 1), (str(PEER_LID), 0)]
    assert envelope.group(b"x", [], phash="2:", addressing=Addressing.LID).child("participants") is None
