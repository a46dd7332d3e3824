"""Three real Baileys in one group of the local server, addressed by LID and by phone number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.e2e.wiretap import Wiretap, received, sent
from tests.interop.peer import BaileysPeer, PeerError

pytestmark = pytest.mark.asyncio(loop_scope="module")

DELIVERED, READ = 3, 4
NAMES = ("Ann", "Bob", "Cid")


@dataclass(frozen=True)
class Club:
    """Three people who have not met, and what the server sees of them."""

    server: LocalServer
    peers: dict[str, BaileysPeer]
    tap: Wiretap
    mode: str

    def jid(self, name: str) -> str:
        """Somebody in the addressing of the groups here."""
        account = self.server.account(name)
        return str(account.lid if self.mode == "lid" else account.pn)

    def other(self, name: str) -> str:
        """Somebody in the other addressing."""
        account = self.server.account(name)
        return str(account.pn if self.mode == "lid" else account.lid)

    async def create(self, subject: str, *others: str) -> str:
        """Ann makes a group; gives its JID once the others have heard of it."""
        made = await self.peers["Ann"].call("groupCreate", subject, [self.jid(name) for name in others])
        for name in others:
            assert (await self.upsert(name, subject))["id"] == made["id"]
        return str(made["id"])

    async def upsert(self, name: str, subject: str) -> Any:
        """The group with this subject that somebody hears of."""
        groups = await self.peers[name].event("groups.upsert", lambda found: found[0]["subject"] == subject)
        return groups[0]

    async def metadata(self, group: str, name: str = "Ann") -> Any:
        return await self.peers[name].call("groupMetadata", group)

    async def change(self, group: str, action: str, *names: str, by: str = "Ann") -> list[str]:
        """The statuses that an action on members ends with."""
        people = [self.jid(name) for name in names]
        return [one["status"] for one in await self.peers[by].call("groupParticipantsUpdate", group, people, action)]

    async def say(self, group: str, text: str, by: str, *to: str) -> Any:
        """Somebody writes; gives the key once the others have read it."""
        key = await self.peers[by].send_text(group, text)
        for name in to:
            got = await self.peers[name].text(text)
            assert got["key"]["remoteJid"] == group
            assert got["key"]["participant"] == self.jid(by)
            assert got["key"]["participantAlt"] == self.other(by)
            assert got["pushName"] == by
        return key

    async def stub(self, name: str, group: str) -> str:
        """The next change of a group that somebody is shown, by its number in `messageStubType`."""
        got = await self.peers[name].message(lambda m: m["key"]["remoteJid"] == group and m.get("messageStubType"))
        return str(got["messageStubType"])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["lid", "pn"])
async def club(request: pytest.FixtureRequest) -> AsyncIterator[Club]:
    settings = Settings(group_mode=request.param)
    async with LocalServer(tls_port=None, settings=settings) as server, AsyncExitStack() as stack:
        tap = Wiretap(server)
        peers = {name: await stack.enter_async_context(BaileysPeer(server.ws_url, name=name)) for name in NAMES}
        for peer in peers.values():
            await peer.pair(server.scan_qr)
        yield Club(server, peers, tap, request.param)


def roles(metadata: Any) -> dict[str, str | None]:
    return {one["id"]: one["admin"] for one in metadata["participants"]}


async def test_metadata(club: Club) -> None:
    group = await club.create("Metadata", "Bob", "Cid")
    shown = await club.metadata(group, "Bob")
    assert (shown["subject"], shown["size"], shown["addressingMode"]) == ("Metadata", 3, club.mode)
    assert (shown["owner"], shown["subjectOwner"]) == (club.jid("Ann"), club.jid("Ann"))
    assert roles(shown) == {club.jid("Ann"): "superadmin", club.jid("Bob"): None, club.jid("Cid"): None}
    other = "phoneNumber" if club.mode == "lid" else "lid"
    assert {one["id"]: one[other] for one in shown["participants"]}[club.jid("Cid")] == club.other("Cid")
    assert group in await club.peers["Cid"].call("groupFetchAllParticipating")


async def test_everybody_reads_everybody(club: Club) -> None:
    group = await club.create("Talk", "Bob", "Cid")
    for turn in range(3):
        for by in NAMES:
            await club.say(group, f"{by} {turn}", by, *(name for name in NAMES if name != by))


async def test_receipts_come_from_each_member(club: Club) -> None:
    group = await club.create("Receipts", "Bob", "Cid")
    key = await club.say(group, "who reads this?", "Ann", "Bob", "Cid")
    got = {"remoteJid": group, "id": key["id"], "participant": club.jid("Ann"), "fromMe": False}
    for name in ("Bob", "Cid"):
        await club.peers[name].read(got)

    ann = club.peers["Ann"]

    def read() -> bool:
        """Baileys tells of receipts one by one, or, while it still buffers, within the message itself."""
        updates = [update for batch in ann.seen("message-receipt.update") for update in batch]
        receipts = [update["receipt"] for update in updates if update["key"]["id"] == key["id"]]
        messages = [message for upsert in ann.seen("messages.upsert") for message in upsert["messages"]]
        receipts += [one for message in messages if message["key"]["id"] == key["id"] for one in message["userReceipt"]]
        return {club.jid("Bob"), club.jid("Cid")} <= {one["userJid"] for one in receipts if one.get("readTimestamp")}

    await ann.until(read)


async def test_an_added_member_reads_what_comes_next(club: Club) -> None:
    group = await club.create("Adding", "Bob")
    await club.say(group, "without Cid", "Ann", "Bob")
    assert await club.change(group, "add", "Cid") == ["200"]
    assert (await club.upsert("Cid", "Adding"))["id"] == group
    for by in NAMES:
        await club.say(group, f"with Cid, {by}", by, *(name for name in NAMES if name != by))
    assert not [message for batch in club.peers["Cid"].seen("messages.upsert") for message in batch["messages"]
                if message["text"] == "without Cid"]  # fmt: skip
    assert len((await club.metadata(group))["participants"]) == 3


async def test_a_removed_member_reads_no_more(club: Club) -> None:
    group = await club.create("Removing", "Bob", "Cid")
    await club.say(group, "all of us", "Ann", "Bob", "Cid")
    assert await club.change(group, "remove", "Cid") == ["200"]
    await club.peers["Cid"].event("group-participants.update", lambda update: update["action"] == "remove")
    key = await club.say(group, "two of us", "Ann", "Bob")
    cid = club.server.account("Cid").pn.with_device(1)
    assert not club.tap.all(
        lambda seen: seen.incoming and seen.device == cid and seen.node.attrs.get("id") == key["id"]
    )
    with pytest.raises(PeerError, match="forbidden"):
        await club.metadata(group, "Cid")


async def test_promoting_and_demoting(club: Club) -> None:
    group = await club.create("Roles", "Bob", "Cid")
    assert await club.change(group, "promote", "Bob") == ["200"]
    assert roles(await club.metadata(group))[club.jid("Bob")] == "admin"
    assert await club.change(group, "demote", "Bob") == ["200"]
    assert roles(await club.metadata(group))[club.jid("Bob")] is None
    with pytest.raises(PeerError, match="forbidden"):
        await club.change(group, "promote", "Cid", by="Bob")


async def test_settings(club: Club) -> None:
    group = await club.create("Settings", "Bob")
    ann = club.peers["Ann"]
    shown_as = [await club.stub("Bob", group)]
    # One at a time: while Baileys holds events back, it shows two changes of the description as one.
    for method, value in [
        ("groupUpdateSubject", "Settings, renamed"),
        ("groupUpdateDescription", "about us"),
        ("groupUpdateDescription", "more about us"),
        ("groupSettingUpdate", "announcement"),
    ]:
        await ann.call(method, group, value)
        shown_as.append(await club.stub("Bob", group))
    assert shown_as[1:] == ["21", "24", "24", "26"]  # after the making: subject, description twice, announcement
    await ann.call("groupSettingUpdate", group, "locked")
    await ann.call("groupToggleEphemeral", group, 604800)
    await ann.call("groupMemberAddMode", group, "admin_add")
    await ann.call("groupJoinApprovalMode", group, "on")
    shown = await club.metadata(group, "Bob")
    assert (shown["subject"], shown["desc"], shown["descOwner"]) == (
        "Settings, renamed",
        "more about us",
        club.jid("Ann"),
    )
    assert (shown["announce"], shown["restrict"], shown["ephemeralDuration"]) == (True, True, 604800)
    assert (shown["memberAddMode"], shown["joinApprovalMode"]) == (False, True)
    assert await club.stub("Bob", group) == "25"  # locked
    await club.stub("Bob", group)


async def test_only_admins_write_to_an_announcement_group(club: Club) -> None:
    group = await club.create("Announcements", "Bob")
    await club.peers["Ann"].call("groupSettingUpdate", group, "announcement")
    await club.say(group, "hear, hear", "Ann", "Bob")
    key = await club.peers["Bob"].send_text(group, "may I?")
    bob = club.server.account("Bob").pn.with_device(1)
    await club.tap.first(received(bob, "ack", id=key["id"], error="403"))


async def test_the_invite_link(club: Club) -> None:
    group = await club.create("Link")
    ann, bob = club.peers["Ann"], club.peers["Bob"]
    code = await ann.call("groupInviteCode", group)
    info = await bob.call("groupGetInviteInfo", code)
    assert (info["id"], info["subject"], info["size"]) == (group, "Link", 1)
    assert await bob.call("groupAcceptInvite", code) == group
    await club.say(group, "in by the link", "Bob", "Ann")
    fresh = await ann.call("groupRevokeInvite", group)
    with pytest.raises(PeerError, match="gone"):
        await club.peers["Cid"].call("groupAcceptInvite", code)
    assert await club.peers["Cid"].call("groupAcceptInvite", fresh) == group


async def test_an_invitation_for_one(club: Club) -> None:
    group = await club.create("Invitation")
    ann, bob = club.peers["Ann"], club.peers["Bob"]
    privacy = club.server.account("Bob").profile.privacy
    privacy["groupadd"] = "none"
    try:
        (answer,) = await ann.call("groupParticipantsUpdate", group, [club.jid("Bob")], "add")
    finally:
        privacy.clear()
    request = answer["content"]["content"][0]
    invite = {
        "groupJid": group,
        "inviteCode": request["attrs"]["code"],
        "inviteExpiration": int(request["attrs"]["expiration"]),
    }
    assert answer["status"] == "403"
    assert await bob.call("groupAcceptInviteV4", club.jid("Ann"), invite) == group
    await club.say(group, "in by invitation", "Bob", "Ann")


async def test_admins_let_people_in(club: Club) -> None:
    group = await club.create("Approval")
    ann, bob, cid = (club.peers[name] for name in NAMES)
    await ann.call("groupJoinApprovalMode", group, "on")
    code = await ann.call("groupInviteCode", group)
    for peer in (bob, cid):
        assert await peer.call("groupAcceptInvite", code) is None
    requests = await ann.call("groupRequestParticipantsList", group)
    assert {one["jid"]: one["request_method"] for one in requests} == dict.fromkeys(
        (club.jid("Bob"), club.jid("Cid")), "InviteLink"
    )
    approved = await ann.call("groupRequestParticipantsUpdate", group, [club.jid("Bob")], "approve")
    rejected = await ann.call("groupRequestParticipantsUpdate", group, [club.jid("Cid")], "reject")
    assert [one["status"] for one in (*approved, *rejected)] == ["200", "200"]
    assert (await club.upsert("Bob", "Approval"))["id"] == group
    assert set(roles(await club.metadata(group))) == {club.jid("Ann"), club.jid("Bob")}


async def test_leaving(club: Club) -> None:
    group = await club.create("Leaving", "Bob", "Cid")
    await club.peers["Cid"].call("groupLeave", group)
    left = await club.peers["Ann"].event("group-participants.update", lambda update: update["id"] == group)
    assert left["action"] == "remove"
    await club.say(group, "Cid has gone", "Ann", "Bob")


async def test_who_was_away_reads_it_later(club: Club) -> None:
    group = await club.create("Away", "Bob", "Cid")
    cid = club.peers["Cid"]
    await cid.close()
    await cid.closed()
    texts = [f"{by} {turn}" for turn in range(4) for by in ("Ann", "Bob")]
    for text in texts:
        await club.peers[text[:3]].send_text(group, f"away, {text}")
    await club.peers["Ann"].call("groupUpdateSubject", group, "Away, renamed")
    await cid.reconnect()
    await cid.open()
    for text in texts:
        got = await cid.text(f"away, {text}")
        assert got["key"]["remoteJid"] == group


async def test_a_lost_sender_key_is_asked_for_again(club: Club) -> None:
    group = await club.create("Retry", "Bob", "Cid")
    await club.say(group, "first", "Ann", "Bob", "Cid")
    bob = club.peers["Bob"]
    assert await bob.call("forgetKeys", "sender-key", group)
    key = await club.peers["Ann"].send_text(group, "second")
    assert (await bob.text("second"))["key"]["participant"] == club.jid("Ann")
    await club.peers["Cid"].text("second")
    device = club.server.account("Bob").pn.with_device(1)
    retries = club.tap.all(sent(device, "receipt", id=key["id"], type="retry"))
    assert [(node.attrs["to"], node.attrs["participant"].partition(":")[0]) for node in retries] == [
        (group, club.jid("Ann").partition("@")[0])
    ]
    await club.say(group, "third", "Ann", "Bob", "Cid")


async def test_reactions_and_revokes_reach_the_group(club: Club) -> None:
    group = await club.create("Acts", "Bob", "Cid")
    key = await club.say(group, "react to this", "Ann", "Bob", "Cid")
    seen = {"remoteJid": group, "id": key["id"], "participant": club.jid("Ann"), "fromMe": False}
    await club.peers["Bob"].send(group, {"react": {"text": "👍", "key": seen}})
    for name in ("Ann", "Cid"):
        got = await club.peers[name].message(lambda m: "reactionMessage" in (m.get("message") or {}))
        assert got["message"]["reactionMessage"]["text"] == "👍"
    await club.peers["Ann"].send(group, {"delete": key})

    def is_revoke(message: Any) -> bool:
        protocol = (message.get("message") or {}).get("protocolMessage") or {}
        return bool((protocol.get("key") or {}).get("id") == key["id"])

    await club.peers["Cid"].message(is_revoke)


async def test_a_status_reaches_its_audience(club: Club) -> None:
    audience = [club.jid("Bob")]
    await club.peers["Ann"].send(
        "status@broadcast", {"text": f"my day by {club.mode}"}, statusJidList=audience, broadcast=True
    )
    got = await club.peers["Bob"].text(f"my day by {club.mode}")
    assert got["key"]["remoteJid"] == "status@broadcast"
    cid = club.server.account("Cid").pn.with_device(1)
    assert not club.tap.all(
        lambda seen: seen.incoming and seen.device == cid and seen.node.attrs.get("id") == got["key"]["id"]
    )
