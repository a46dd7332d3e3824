"""Phones in groups: they write, read, act, and heal what they cannot read; the same by HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from motte.core.binary.node import Node
from motte.core.crypto.aead import gcm_decrypt
from motte.core.crypto.kdf import hkdf, sha256
from motte.model.jid import STATUS_JID, Jid
from motte.proto.e2e_pb2 import Message
from motte.testing import LocalServer
from motte.testing.server.phone import Phone
from motte.testing.server.reader import Refused
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import linked, logged_in


@pytest.fixture(params=["lid", "pn"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[LocalServer]:
    settings = Settings(greet=False, closing_seconds=0.02, group_mode=request.param)
    async with LocalServer(tls_port=None, settings=settings) as running:
        yield running


@pytest.fixture
def phones(server: LocalServer) -> tuple[Phone, Phone, Phone]:
    return server.phone("Ann"), server.phone("Bob"), server.phone("Cid")


def texts(phone: Phone, chat: Jid) -> list[str]:
    return [got.text for got in phone.received if got.chat == chat]


def last(phone: Phone) -> Message:
    return phone.mail.messages[-1].message


async def test_phones_talk_in_a_group(server: LocalServer, phones: tuple[Phone, Phone, Phone]) -> None:
    ann, bob, cid = phones
    group = ann.groups.create("Chess", ["Bob", "Cid"])
    for number, phone in enumerate(phones * 2):
        await phone.send_text(group, f"move {number}")
    assert texts(ann, group) == [f"move {number}" for number in (1, 2, 4, 5)]
    assert texts(bob, group) == [f"move {number}" for number in (0, 2, 3, 5)]
    got = cid.received[0]
    assert got.sender == server.account("Ann").jid(like=server.group(group).like)
    for phone in phones:
        assert not phone.mail._failed


async def test_a_key_is_handed_out_once_and_anew_after_a_parting(
    server: LocalServer, phones: tuple[Phone, Phone, Phone]
) -> None:
    ann, bob, cid, dan = *phones, server.phone("Dan")
    handed: list[int] = []

    def watch(incoming: bool, device: object, node: Node) -> None:
        if not incoming and node.tag == "message":
            participants = node.child("participants")
            handed.append(len(participants.children) if participants else 0)

    group = ann.groups.create("Chess", ["Bob", "Cid"])
    server.watch(watch)
    for _ in range(2):
        await ann.send_text(group, "to all")
    ann.groups.remove(group, "Cid")
    await ann.send_text(group, "to Bob")
    ann.groups.add(group, "Dan")
    await ann.send_text(group, "to Bob and Dan")
    assert handed == [2, 0, 1, 1]
    assert texts(bob, group) == ["to all", "to all", "to Bob", "to Bob and Dan"]
    assert texts(cid, group) == ["to all", "to all"]
    assert texts(dan, group) == ["to Bob and Dan"]


async def test_a_lost_sender_key_is_healed(phones: tuple[Phone, Phone, Phone]) -> None:
    ann, bob, _ = phones
    group = ann.groups.create("Chess", ["Bob", "Cid"])
    await ann.send_text(group, "one")
    bob.mail.forget_sender_keys(group)
    for text in ("two", "three"):
        await ann.send_text(group, text)
    assert texts(bob, group) == ["one", "two", "three"]


async def test_a_group_from_the_phone_reaches_companions(server: LocalServer) -> None:
    keys = await linked(server, "Bob")
    async with logged_in(server, keys) as bob:
        group = server.phone("Ann").groups.create("Chess", [server.account("Bob").pn])
        told = await bob.until("notification", lambda node: node.attrs["type"] == "w:gp2")
        assert told.attrs["from"] == str(group)
        await server.phone("Ann").send_text(group, "hi")
        got = await bob.until("message")
        assert [enc.attrs["type"] for enc in got.all("enc")] == ["pkmsg", "skmsg"]


async def test_what_a_phone_does_to_a_group(server: LocalServer, phones: tuple[Phone, Phone, Phone]) -> None:
    ann, bob, cid = phones
    bob_jid, cid_jid = (str(server.account(name).lid) for name in ("Bob", "Cid"))
    group = ann.groups.create("Chess", settings=[Node("locked")])
    if server.group(group).mode == "pn":
        bob_jid, cid_jid = (str(server.account(name).pn) for name in ("Bob", "Cid"))
    assert ann.groups.add(group, "Bob", "Bob") == {bob_jid: 409}
    assert ann.groups.promote(group, "Bob") == {bob_jid: 200}
    bob.groups.set_subject(group, "Go")
    bob.groups.set_description(group, "stones")
    bob.groups.set_description(group, "more stones")
    bob.groups.set_timer(group, 86_400)
    bob.groups.set(group, "announcement")
    bob.groups.set_approval(group, True)
    kept = server.group(group)
    assert kept.description is not None
    assert (kept.subject.text, kept.description.text, kept.ephemeral) == ("Go", "more stones", 86_400)
    assert (kept.locked, kept.announcement, kept.approval) == (True, True, True)
    bob.groups.set_description(group, "")
    assert kept.description is None
    old = ann.groups.invite_code(group)
    code = ann.groups.invite_code(group, revoke=True)
    assert cid.groups.join(code) == group
    assert bob.groups.approve(group, "Cid") == {cid_jid: 200}
    assert ann.groups.demote(group, "Bob") == {bob_jid: 200}
    assert ann.groups.remove(group, "Bob") == {bob_jid: 200}
    cid.groups.leave(group)
    with pytest.raises(Refused, match="410"):
        bob.groups.join(old)
    with pytest.raises(Refused, match="403"):
        bob.groups.set_subject(group, "Shogi")
    assert [account.name for account in kept.members] == ["Ann"]


@pytest.mark.parametrize("in_group", [True, False])
async def test_reactions_edits_and_revokes(
    server: LocalServer, phones: tuple[Phone, Phone, Phone], in_group: bool
) -> None:
    ann, bob, _ = phones
    to = ann.groups.create("Chess", ["Bob"]) if in_group else server.account("Bob").lid
    message_id = await ann.send_text(to, "frist")
    bob.acts.react(message_id, "👍")
    reaction = last(ann).reactionMessage
    assert (reaction.text, reaction.key.id, reaction.key.fromMe) == ("👍", message_id, False)
    like = server.group(to).like if in_group else server.account("Ann").lid
    assert reaction.key.participant == (str(server.account("Ann").jid(like=like)) if in_group else "")
    ann.acts.edit(message_id, "first")
    edited = last(bob).editedMessage.message.protocolMessage
    assert (edited.key.id, edited.editedMessage.conversation) == (message_id, "first")
    ann.acts.revoke(message_id)
    revoked = last(bob).protocolMessage
    assert (revoked.key.id, revoked.type) == (message_id, Message.ProtocolMessage.REVOKE)
    with pytest.raises(Refused, match="404"):
        bob.acts.react("unheard of", "👍")


async def test_a_vote_opens_with_the_secret_of_its_poll(
    server: LocalServer, phones: tuple[Phone, Phone, Phone]
) -> None:
    ann, bob, _ = phones
    group = ann.groups.create("Chess", ["Bob"])
    poll_id = ann.acts.poll(group, "When?", ["Mon", "Tue"])
    assert last(bob).pollCreationMessageV3.name == "When?"
    bob.acts.vote(poll_id, "Tue")
    update = last(ann).pollUpdateMessage
    assert update.pollCreationMessageKey.id == poll_id
    like = server.group(group).like
    author, voter = (str(server.account(name).jid(like=like)) for name in ("Ann", "Bob"))
    secret = last(bob).messageContextInfo.messageSecret
    key = hkdf(secret, 32, info=f"{poll_id}{author}{voter}Poll Vote".encode())
    opened = gcm_decrypt(key, update.vote.encIv, update.vote.encPayload, f"{poll_id}\0{voter}".encode())
    assert list(Message.PollVoteMessage.FromString(opened).selectedOptions) == [sha256(b"Tue")]
    text_id = await ann.send_text(group, "no poll")
    with pytest.raises(Refused, match="406"):
        bob.acts.vote(text_id, "Tue")


async def test_a_status_from_the_phone(server: LocalServer, phones: tuple[Phone, Phone, Phone]) -> None:
    ann, bob, cid = phones
    ann.mail.send_message(STATUS_JID, Message(conversation="my day"), audience=[server.account("Bob")])
    assert texts(bob, STATUS_JID) == ["my day"]
    await ann.send_text("Cid", "do you know me?")
    await ann.send_text(STATUS_JID, "my evening")
    assert texts(cid, STATUS_JID) == ["my evening"]
    assert texts(bob, STATUS_JID) == ["my day"]


async def test_acts_by_http(server: LocalServer, phones: tuple[Phone, Phone, Phone]) -> None:
    async with aiohttp.ClientSession(base_url=f"{server.http_url}/admin/mock-phone/") as admin:

        async def act(name: str, status: int = 200, **body: object) -> dict[str, object]:
            async with admin.post(name, json={"phone": "Ann", **body}) as answer:
                assert answer.status == status, await answer.text()
                found: dict[str, object] = await answer.json()
                return found

        group = str((await act("create-group", subject="Chess", people=["Bob"]))["group"])
        said = (await act("send", to=group, text="hi"))["id"]
        await act("react", message=said, emoji="👍", phone="Bob")
        await act("edit", message=said, text="hello")
        poll = (await act("poll", to=group, question="When?", options=["Mon", "Tue"], choices=1))["id"]
        await act("vote", message=poll, options=["Mon"], phone="Bob")
        statuses = (await act("add", group=group, people=["Cid", "Bob"]))["statuses"]
        assert isinstance(statuses, dict)
        assert sorted(statuses.values()) == [200, 409]
        changes: dict[str, dict[str, Any]] = {
            "promote": {"people": ["Bob"]},
            "subject": {"subject": "Go"},
            "description": {"text": "stones"},
            "setting": {"setting": "announcement"},
            "timer": {"seconds": 86_400},
            "approval": {"on": True},
        }
        for name, body in changes.items():
            await act(name, group=group, **body)
        await act("revoke", message=said)
        code = (await act("invite-code", group=group, revoke=True))["code"]
        server.account("Dan")
        assert (await act("join", code=code, phone="Dan"))["group"] == group
        await act("approve", group=group, people=["Dan"])
        await act("leave", group=group)
        assert [account.name for account in server.group(group).members] == ["Bob", "Cid", "Dan"]
        await act("earthquake", 404)
        await act("subject", 403, group=group, subject="x")
        await act("subject", 400, group=group)
        await act("subject", 400, group=group, subject=7)
        await act("add", 400, group=group, people=[7])
        await act("send", 404, phone="Nobody", to=group, text="x")
        async with admin.get(f"{server.http_url}/admin/state") as answer:
            (shown,) = (await answer.json())["groups"]
        assert (shown["subject"], len(shown["members"])) == ("Go", 3)


async def test_a_namespace_can_be_refused(server: LocalServer, phones: tuple[Phone, Phone, Phone]) -> None:
    ann, bob, _ = phones
    server.faults.refuse_iq(429, "w:g2", "Ann")
    with pytest.raises(Refused, match="429"):
        ann.groups.create("Chess")
    server.faults.refuse_iq(429, "w:g2", "Ann")
    assert bob.groups.create("Go")
    server.faults.refuse_iq(503, "w:g2", times=2)
    for phone in (bob, ann, ann):
        with pytest.raises(Refused):
            phone.groups.create("Shogi")
    assert ann.groups.create("Shogi")
