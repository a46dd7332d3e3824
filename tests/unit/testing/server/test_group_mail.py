"""Messages and receipts of groups and of the status list: who gets what, under whose name, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing import LocalServer
from motte.testing.server.accounts import Account
from motte.testing.server.devices import participant_hash
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import Keys, RawClient, linked, logged_in

STATUS = "status@broadcast"


@dataclass
class Talk:
    """A group of Ann (two devices), Bob and Cid; Dan is no member. The first device of each is connected, Ann's too."""

    server: LocalServer
    ann: RawClient
    ann2: RawClient
    bob: RawClient
    cid: RawClient
    dan: RawClient
    bob_keys: Keys
    group: Jid

    def account(self, name: str) -> Account:
        return self.server.account(name)

    def jid(self, name: str, device: int = 0) -> Jid:
        """A device in the group's addressing."""
        like = self.server.group(self.group).like
        return self.account(name).jid(like=like).with_device(device)

    def alternate(self, name: str) -> dict[str, str]:
        """The attribute that tells somebody's other address."""
        account = self.account(name)
        lid = self.server.group(self.group).mode == "lid"
        return {"participant_pn": str(account.pn)} if lid else {"participant_lid": str(account.lid)}


@pytest.fixture(params=["lid", "pn"])
async def talk(request: pytest.FixtureRequest) -> AsyncIterator[Talk]:
    settings = Settings(greet=False, closing_seconds=0.02, group_mode=request.param)
    async with LocalServer(tls_port=None, settings=settings) as server, AsyncExitStack() as stack:
        keys = [await linked(server, name) for name in ("Ann", "Ann", "Bob", "Cid", "Dan")]
        clients = [await stack.enter_async_context(logged_in(server, one)) for one in keys]
        group = server.phone("Ann").groups.create("Talk", ["Bob", "Cid"])
        for client in clients[:4]:
            await client.until("notification", lambda node: node.attrs["type"] == "w:gp2")
        ann, ann2, bob, cid, dan = clients
        yield Talk(server, ann, ann2, bob, cid, dan, keys[2], group)


def skmsg(content: bytes = b"for all") -> Node:
    return Node("enc", {"v": "2", "type": "skmsg"}, content)


def pkmsg(content: bytes) -> Node:
    return Node("enc", {"v": "2", "type": "pkmsg"}, content)


def message(to: object, *copies: tuple[Jid, bytes], message_id: str = "M1", **attrs: str) -> Node:
    listed = tuple(Node("to", {"jid": str(jid)}, (pkmsg(content),)) for jid, content in copies)
    participants = (Node("participants", {}, listed),) if listed else ()
    content = (*participants, skmsg(), Node("device-identity", {}, b"me"))
    return Node("message", {"id": message_id, "to": str(to), "type": "text", **attrs}, content)


def is_chat(node: Node) -> bool:
    return "@g.us" in node.attrs["from"] or node.attrs["from"] == STATUS


async def test_every_device_but_the_sending_one_gets_the_message(talk: Talk) -> None:
    await talk.ann.send(message(talk.group, (talk.jid("Bob", 1), b"key"), edit="1"))
    got = await talk.bob.until("message", is_chat)
    assert got.content == (pkmsg(b"key"), skmsg(), Node("device-identity", {}, b"me"))
    assert {name: value for name, value in got.attrs.items() if name not in ("t", "addressing_mode")} == {
        "id": "M1",
        "from": str(talk.group),
        "participant": str(talk.jid("Ann", 1)),
        **talk.alternate("Ann"),
        "notify": "Ann",
        "type": "text",
        "edit": "1",
    }
    assert got.attrs["addressing_mode"] == talk.server.group(talk.group).mode
    for client in (talk.cid, talk.ann2):
        assert (await client.until("message", is_chat)).children[0] == skmsg()
    ack = await talk.ann.until("ack")
    assert (ack.attrs["from"], ack.attrs["class"]) == (str(talk.group), "message")
    assert "error" not in ack.attrs


async def test_the_phones_of_members_get_it_too(talk: Talk) -> None:
    await talk.ann.send(message(talk.group))
    retry = await talk.ann.until("receipt")
    assert retry.attrs["type"] == "retry"  # a phone has no sender key and says so


@pytest.mark.parametrize("wrong", ["outsider", "removed", "not there"])
async def test_who_is_no_member_cannot_write(talk: Talk, wrong: str) -> None:
    if wrong == "removed":
        talk.server.phone("Ann").groups.add(talk.group, "Dan")
        talk.server.phone("Ann").groups.remove(talk.group, "Dan")
    to = "120363999@g.us" if wrong == "not there" else talk.group
    await talk.dan.send(message(to))
    assert (await talk.dan.until("ack")).attrs["error"] == ("404" if wrong == "not there" else "403")
    assert not talk.server.account("Bob").devices[0].mailbox


async def test_only_admins_write_announcements(talk: Talk) -> None:
    talk.server.phone("Ann").groups.set(talk.group, "announcement")
    await talk.bob.send(message(talk.group))
    assert (await talk.bob.until("ack")).attrs["error"] == "403"
    await talk.ann.send(message(talk.group, message_id="M2"))
    assert "error" not in (await talk.ann.until("ack")).attrs


async def test_the_wrong_addressing_is_stale(talk: Talk) -> None:
    other = "pn" if talk.server.group(talk.group).mode == "lid" else "lid"
    await talk.ann.send(message(talk.group, addressing_mode=other))
    assert (await talk.ann.until("ack")).attrs["error"] == "421"


async def test_a_stale_device_list_shows_in_the_ack(talk: Talk) -> None:
    members = [("Ann", 0), ("Ann", 2), ("Bob", 0), ("Bob", 1), ("Cid", 0), ("Cid", 1)]
    right = participant_hash(talk.jid(*one) for one in members)
    with_sender = participant_hash(talk.jid(*one) for one in (*members, ("Ann", 1)))
    for phash, answer in ((right, None), (with_sender, None), ("2:wrong", right)):
        await talk.ann.send(message(talk.group, phash=phash))
        assert (await talk.ann.until("ack")).attrs.get("phash") == answer


async def test_a_resend_goes_to_one_device(talk: Talk) -> None:
    attrs = {"id": "M1", "to": str(talk.group), "participant": str(talk.jid("Bob", 1)), "type": "text"}
    await talk.ann.send(Node("message", attrs, (pkmsg(b"again"),)))
    got = await talk.bob.until("message", is_chat)
    assert got.content == (pkmsg(b"again"),)
    assert got.attrs["participant"] == str(talk.jid("Ann", 1))
    await talk.ann.until("ack")
    for name in ("Bob", "Cid"):
        assert not talk.account(name).devices[0].mailbox
    assert not len(talk.account("Cid").devices[1].mailbox) - 1  # the news of the group alone


@pytest.mark.parametrize("kind", ["", "inactive", "read", "played"])
async def test_receipts_reach_every_device_of_the_author(talk: Talk, kind: str) -> None:
    attrs = {"id": "M1", "to": str(talk.group), "participant": str(talk.jid("Ann", 1))}
    attrs |= {"type": kind} if kind else {}
    await talk.bob.send(Node("receipt", attrs, (Node("list", {}, (Node("item", {"id": "M2"}),)),)))
    for client in (talk.ann, talk.ann2):
        got = await client.until("receipt")
        assert got.attrs["from"] == str(talk.group)
        assert got.attrs["participant"] == str(talk.jid("Bob", 1))
        assert got.attrs.items() >= talk.alternate("Bob").items()
        assert got.attrs.get("type", "") == kind
    ack = await talk.bob.until("ack")
    assert (ack.attrs["class"], ack.attrs["from"]) == ("receipt", str(talk.group))


async def test_reading_is_told_to_the_own_other_devices(talk: Talk) -> None:
    attrs = {"id": "M1", "to": str(talk.group), "participant": str(talk.jid("Bob", 1)), "type": "read"}
    await talk.ann.send(Node("receipt", attrs))
    got = await talk.ann2.until("receipt")
    assert got.attrs["type"] == "read-self"
    assert (got.attrs["from"], got.attrs["participant"]) == (str(talk.group), str(talk.jid("Ann", 1)))
    assert got.attrs["recipient"] == str(talk.jid("Bob", 1))


async def test_a_retry_goes_to_the_device_that_wrote(talk: Talk) -> None:
    keys = (Node("retry", {"count": "1"}), Node("registration", {}, bytes(4)))
    attrs = {"id": "M1", "to": str(talk.group), "participant": str(talk.jid("Ann", 2)), "type": "retry"}
    await talk.bob.send(Node("receipt", attrs, keys))
    got = await talk.ann2.until("receipt")
    assert (got.attrs["from"], got.attrs["participant"]) == (str(talk.group), str(talk.jid("Bob", 1)))
    assert got.content == keys
    await talk.bob.send(Node("receipt", {**attrs, "participant": str(talk.jid("Ann", 1)), "id": "after"}))
    assert (await talk.ann.until("receipt")).attrs["id"] == "after"


async def test_group_messages_wait_for_the_absent(talk: Talk) -> None:
    await talk.bob.close()
    for number in range(3):
        await talk.ann.send(message(talk.group, message_id=f"M{number}"))
        await talk.ann.until("ack")
    async with logged_in(talk.server, talk.bob_keys, ready=False) as again:
        await again.send(Node("ib", {}, (Node("offline_batch", {"count": "100"}),)))
        seen = [await again.until("message", is_chat) for _ in range(3)]
        assert [node.attrs["id"] for node in seen] == ["M0", "M1", "M2"]
        assert {node.attrs["offline"] for node in seen} == {"0"}
        about = {"to": str(talk.group), "participant": seen[0].attrs["participant"]}
        await again.send(Node("receipt", {"id": "M0", **about}, (Node("list", {}, (Node("item", {"id": "M1"}),)),)))
        await again.until("ack")
    left = {parcel.key[1] for parcel in talk.account("Bob").devices[1].mailbox._waiting}
    assert "M2" in left
    assert not left & {"M0", "M1"}


async def test_typing_is_told_to_the_others(talk: Talk) -> None:
    await talk.ann.send(Node("chatstate", {"to": str(talk.group)}, (Node("composing"),)))
    await talk.dan.send(Node("chatstate", {"to": str(talk.group)}, (Node("composing"),)))
    await talk.bob.send(Node("chatstate", {"to": str(talk.group)}, (Node("paused"),)))
    got = await talk.cid.until("chatstate")
    assert got.attrs == {"from": str(talk.group), "participant": str(talk.jid("Ann"))}
    assert (await talk.cid.until("chatstate")).attrs["participant"] == str(talk.jid("Bob"))
    assert (await talk.ann.until("chatstate")).attrs["participant"] == str(talk.jid("Bob"))


async def test_members_hear_of_new_devices(talk: Talk) -> None:
    await linked(talk.server, "Cid")
    got = await talk.bob.until("notification", lambda node: node.attrs["type"] == "devices")
    assert got.attrs["from"] == str(talk.account("Cid").pn)


async def test_a_status_goes_to_whom_it_names(talk: Talk) -> None:
    bare = Node("to", {"jid": str(talk.jid("Cid", 1))})
    keyed = Node("to", {"jid": str(talk.jid("Bob", 1))}, (pkmsg(b"key"),))
    attrs = {"id": "S1", "to": STATUS, "type": "text"}
    await talk.ann.send(Node("message", attrs, (Node("participants", {}, (keyed, bare)), skmsg())))
    got = await talk.bob.until("message", is_chat)
    assert got.content == (pkmsg(b"key"), skmsg())
    assert (got.attrs["from"], got.attrs["participant"]) == (STATUS, str(talk.jid("Ann", 1)))
    for client in (talk.cid, talk.ann2):
        assert (await client.until("message", is_chat)).content == (skmsg(),)
    assert "error" not in (await talk.ann.until("ack")).attrs
    assert not talk.account("Dan").devices[1].mailbox

    about = {"id": "S1", "to": STATUS, "participant": str(talk.jid("Ann", 1)), "type": "read"}
    await talk.bob.send(Node("receipt", about))
    seen = await talk.ann.until("receipt", lambda node: node.attrs["type"] == "read")  # its own phone asks again
    assert (seen.attrs["from"], seen.attrs["participant"]) == (STATUS, str(talk.jid("Bob", 1)))


async def test_a_status_without_names_goes_to_contacts_that_did_not_block(talk: Talk) -> None:
    for name in ("Bob", "Dan"):
        talk.account("Ann").contacts.add(talk.account(name))
    talk.account("Dan").profile.blocked.add(talk.account("Ann"))
    await talk.ann.send(Node("message", {"id": "S1", "to": STATUS, "type": "text"}, (skmsg(),)))
    assert (await talk.bob.until("message", is_chat)).attrs["from"] == STATUS
    assert not talk.account("Dan").devices[1].mailbox
    assert len(talk.account("Cid").devices[1].mailbox) == 1  # the news of the group alone
