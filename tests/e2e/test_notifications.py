"""Whatever the server tells by itself is acked, and told to the program as the event that fits."""

from __future__ import annotations

import json

import pytest

from motte import Client, Jid, errors, events
from motte.core.binary.node import Node
from motte.model.me import Me
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.wiretap import Wiretap, sent

BEN = Jid.parse("15550100009@s.whatsapp.net")
BEN_LID = Jid.parse("100000000000009@lid")
NEW = Jid.parse("15550100010@s.whatsapp.net")


def me(client: Client) -> Me:
    assert client.me is not None
    return client.me


def notification(kind: str, *body: Node, sender: str = str(BEN)) -> Node:
    return Node("notification", {"id": "N1", "from": sender, "type": kind, "t": "1700000000"}, body)


def mex(key: str, value: object) -> Node:
    update = Node("update", {"op_name": "Any"}, json.dumps({"data": {key: value}}).encode())
    return notification("mex", update, sender="s.whatsapp.net")


@pytest.mark.parametrize(
    ("node", "event"),
    [
        (
            notification("contacts", Node("update", {"jid": str(BEN_LID)})),
            events.ContactChanged(user=BEN_LID, timestamp=1_700_000_000),
        ),
        (notification("contacts", Node("sync", {"after": "5"})), events.ContactSyncRequested(after=5)),
        (
            notification("disappearing_mode", Node("disappearing_mode", {"duration": "60", "t": "5"})),
            events.ContactTimerChanged(user=BEN, duration=60, set_at=5),
        ),
        (
            notification("business", Node("verified_name", {"jid": str(BEN), "name": "Shop"})),
            events.BusinessChanged(part="verified_name", user=BEN, name="Shop", timestamp=1_700_000_000),
        ),
        (
            notification("business", Node("remove", {"jid": str(BEN)})),
            events.BusinessChanged(part="remove", user=BEN, timestamp=1_700_000_000),
        ),
        (
            notification("picture", Node("set", {"id": "77"})),
            events.PictureChanged(owner=BEN, picture_id="77", timestamp=1_700_000_000),
        ),
        (
            notification("account_sync", Node("picture"), sender="15550100001@s.whatsapp.net"),
            events.OwnProfileChanged(part="picture"),
        ),
        (
            mex("xwa2_notify_account_reachout_timelock", {"is_active": True, "time_enforcement_ends": "9"}),
            events.ReachoutLimited(active=True, until=9, kind="DEFAULT"),
        ),
        (
            mex("xwa2_notify_new_chat_messages_capping_info_update", {"used_quota": 1, "total_quota": 2}),
            events.MessageCapping(used=1, total=2, until=None, status=""),
        ),
        (
            mex("xwa2_notify_username_on_change", {"lid": str(BEN_LID), "username": "ben"}),
            events.UsernameChanged(user=BEN_LID, username="ben"),
        ),
        (
            mex("xwa2_notify_lid_change", {"old": str(BEN_LID), "new": "7@lid"}),
            events.ContactLidChanged(old=BEN_LID, new=Jid.parse("7@lid")),
        ),
        (mex("xwa2_other", [1]), events.MexUpdated(operation="Any", data={"xwa2_other": [1]})),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, events.Event) else "",
)
async def test_what_is_told(server: LocalServer, linked: Linked, node: Node, event: events.Event) -> None:
    alice = await linked("alice")
    tap, told = Wiretap(server), alice.expect(type(event))
    server.deliver(me(alice).pn, node)
    assert await soon(told) == event
    await tap.first(sent(me(alice).pn, "ack", class_="notification", id="N1", type=node.attrs["type"]))


@pytest.mark.parametrize("kind", ["hosted", "psa", "server", "newsletter", "pay", "waffle", "registration"])
async def test_notices_that_ask_for_nothing(server: LocalServer, linked: Linked, kind: str) -> None:
    alice = await linked("alice")
    tap, told = Wiretap(server), alice.expect(events.NoticeReceived)
    server.deliver(me(alice).pn, notification(kind, Node("inner", {}, b"data"), sender="s.whatsapp.net"))
    notice = await soon(told)
    assert (notice.type, notice.source, notice.timestamp) == (kind, Jid.parse("s.whatsapp.net"), 1_700_000_000)
    assert "<inner>(4 bytes)</inner>" in notice.outline
    await tap.first(sent(me(alice).pn, "ack", class_="notification", id="N1", type=kind))


async def test_a_malformed_notification_is_acked_and_told(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap, told = Wiretap(server), alice.expect(events.UnknownNotification)
    server.deliver(me(alice).pn, notification("contacts", Node("modify", {"old": "nobody"})))
    event = await soon(told)
    assert (event.type, event.source) == ("contacts", BEN)
    assert event.problem == "notification/modify@old: not a JID"
    assert '<modify old="nobody"/>' in event.outline
    await tap.first(sent(me(alice).pn, "ack", class_="notification", id="N1", type="contacts"))


async def test_a_new_number_is_learnt(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    told = alice.expect(events.ContactNumberChanged)
    attrs = {"old": str(BEN), "new": str(NEW), "old_lid": str(BEN_LID), "new_lid": "100000000000010@lid"}
    server.deliver(me(alice).pn, notification("contacts", Node("modify", attrs)))
    event = await soon(told)
    assert (event.old, event.new, event.old_lid) == (BEN, NEW, BEN_LID)
    person = await soon(alice.contacts.get(NEW))
    assert person.lid == event.new_lid


async def test_several_changes_of_the_account_are_all_acted_on(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    blocked, privacy = alice.expect(events.BlocklistChanged), alice.expect(events.PrivacyChanged)
    parts = (
        Node("blocklist", {"action": "modify"}, (Node("item", {"jid": str(BEN_LID), "action": "block"}),)),
        Node("privacy", {}, (Node("category", {"name": "last", "value": "none"}),)),
    )
    server.deliver(me(alice).pn, notification("account_sync", *parts, sender=str(me(alice).pn.user_jid)))
    assert (await soon(blocked)).blocked == (BEN_LID,)
    assert dict((await soon(privacy)).values) == {"last": "none"}


async def test_a_linked_device_answers_no_passkey(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap = Wiretap(server)
    options = Node("passkey_request_options", {}, b'{"challenge": "AAAA"}')
    server.deliver(me(alice).pn, notification("passkey_prologue_request", options, sender="s.whatsapp.net"))
    await tap.first(sent(me(alice).pn, "ack", class_="notification", type="passkey_prologue_request"))
    with pytest.raises(errors.LocalProtocolError):
        alice.pairing.decline_passkey()
