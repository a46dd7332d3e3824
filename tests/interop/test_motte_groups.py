"""Groups in which some are on motte and some on real Baileys, addressed by LID and by phone number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from motte import Jid, events
from motte.errors import Forbidden
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.e2e.wiretap import Wiretap, sent
from tests.interop.baileys_member import BaileysMember
from tests.interop.member import Heard, Member
from tests.interop.motte_member import MotteMember
from tests.interop.motte_peer import MottePeer
from tests.interop.peer import BaileysPeer, PeerError

pytestmark = pytest.mark.asyncio(loop_scope="module")

ON_BAILEYS, ON_MOTTE = ("Ann", "Bob"), ("Mia", "Max")


@dataclass(frozen=True)
class Club:
    """Four people, two on either client, and what the server sees of them."""

    server: LocalServer
    tap: Wiretap
    mode: str
    members: dict[str, Member]

    def cast(self, *names: str) -> list[Member]:
        """Those who play in a test."""
        return [self.members[name] for name in names]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["lid", "pn"])
async def club(request: pytest.FixtureRequest) -> AsyncIterator[Club]:
    mode, settings = request.param, Settings(group_mode=request.param)
    async with LocalServer(tls_port=None, settings=settings) as server, AsyncExitStack() as stack:
        tap, members = Wiretap(server), dict[str, Member]()
        for name in ON_BAILEYS:
            peer = await stack.enter_async_context(BaileysPeer(server.ws_url, name=name))
            await peer.pair(server.scan_qr)
            members[name] = BaileysMember(server, name, mode, peer)
        for name in ON_MOTTE:
            motte = await stack.enter_async_context(MottePeer(server, name))
            members[name] = MotteMember(server, name, mode, motte)
        yield Club(server, tap, mode, members)


mixed = pytest.mark.parametrize(
    "names",
    [("Ann", "Mia", "Bob"), ("Mia", "Ann", "Bob"), ("Ann", "Mia", "Max"), ("Mia", "Ann", "Max")],
    ids=lambda names: "-".join(names),
)
"""The founder and the others: each kind of client founds, and is the odd one out."""
pairs = pytest.mark.parametrize("names", [("Ann", "Mia"), ("Mia", "Ann")], ids=lambda names: "-".join(names))
"""One of each kind, either way round."""


async def found(subject: str, founder: Member, *others: Member) -> str:
    """A group that all have heard of."""
    group = await founder.create(subject, others)
    for other in others:
        await other.comes(group)
    return group


async def tell(group: str, text: str, by: Member, *to: Member) -> list[Heard]:
    """Somebody writes, and these read it."""
    message_id = await by.say(group, text)
    got = [await one.hears(group, text, by) for one in to]
    assert {one.id for one in got} == {message_id}
    return got


async def talk(group: str, what: str, *members: Member) -> None:
    """Everybody writes once, and all others read it."""
    for by in members:
        await tell(group, f"{what}, {by.name}", by, *(one for one in members if one is not by))


@mixed
async def test_everybody_reads_everybody(club: Club, names: tuple[str, ...]) -> None:
    members = club.cast(*names)
    group = await found("Talk", *members)
    for turn in range(3):
        await talk(group, f"turn {turn}", *members)


@mixed
async def test_replies_quote(club: Club, names: tuple[str, ...]) -> None:
    asking, answering, third = club.cast(*names)
    group = await found("Quotes", asking, answering, third)
    [asked, _] = await tell(group, "a question", asking, answering, third)
    await answering.say(group, "an answer", asked)
    for one in (asking, third):
        got = await one.hears(group, "an answer", answering)
        assert got.quoted == (asked.id, asking.jid, "a question")


@mixed
async def test_receipts_of_each_member(club: Club, names: tuple[str, ...]) -> None:
    by, *others = club.cast(*names)
    group = await found("Receipts", by, *others)
    got = await tell(group, "who reads this?", by, *others)
    for one, heard in zip(others, got, strict=True):
        await by.knows(group, heard.id, one, read=False)
        await one.read(group, heard, by)
        await by.knows(group, heard.id, one, read=True)


@mixed
async def test_all_see_the_same_group(club: Club, names: tuple[str, ...]) -> None:
    founder, *others = club.cast(*names)
    group = await found("Same", founder, *others)
    await founder.adjust(group, "description", "about us")
    pictures = [await one.picture(group) for one in (founder, *others)]
    assert pictures[0] == pictures[1] == pictures[2]
    picture = pictures[0]
    assert (picture.subject, picture.description, picture.addressing, picture.size) == (
        "Same",
        "about us",
        club.mode,
        3,
    )
    assert picture.creator == picture.subject_author == picture.described_by == founder.jid
    assert picture.roles == {founder.jid: "superadmin"} | {one.jid: "member" for one in others}
    assert picture.others == {one.jid: one.other for one in (founder, *others)}
    for one in (founder, *others):
        assert group in await one.groups()


@mixed
async def test_who_is_added_reads_what_comes_next(club: Club, names: tuple[str, ...]) -> None:
    founder, second, late = club.cast(*names)
    group = await found("Adding", founder, second)
    await talk(group, "before", founder, second)
    assert await founder.change(group, "add", late) == [200]
    await late.comes(group)
    await second.told(group, "add", {late.jid}, founder)
    await talk(group, "after", founder, second, late)
    assert late.heard(group) == []
    assert (await late.picture(group)) == (await founder.picture(group)) == (await second.picture(group))


@mixed
async def test_who_is_removed_reads_no_more(club: Club, names: tuple[str, ...]) -> None:
    founder, gone, left = club.cast(*names)
    group = await found("Removing", founder, gone, left)
    await talk(group, "all of us", founder, gone, left)
    assert await founder.change(group, "remove", gone) == [200]
    for one in (gone, left):
        await one.told(group, "remove", {gone.jid}, founder)
    before = len(club.tap.seen)
    await talk(group, "two of us", founder, left)
    messages = [one for one in club.tap.seen[before:] if not one.incoming and one.node.attrs.get("to") == group]
    for by in (founder, left):
        [message] = [one.node for one in messages if one.node.tag == "message" and one.device.user_jid == by.account.pn]
        participants = message.child("participants")
        handed = {str(Jid.parse(to.attrs["jid"]).user_jid) for to in (participants.all("to") if participants else ())}
        assert gone.jid not in handed
        # Baileys goes on under the key that the one who has gone knows; motte makes a new one.
        assert bool(handed) is isinstance(by, MotteMember)
    assert gone.heard(group) == []
    with pytest.raises((Forbidden, PeerError)):
        await gone.picture(group)


@pairs
async def test_who_was_removed_and_comes_back_reads_again(club: Club, names: tuple[str, ...]) -> None:
    founder, guest = club.cast(*names)
    group = await found("Returning", founder, guest)
    await talk(group, "first", founder, guest)
    await founder.change(group, "remove", guest)
    await guest.told(group, "remove", {guest.jid}, founder)
    assert await founder.change(group, "add", guest) == [200]
    await guest.comes(group)
    await talk(group, "again", founder, guest)


@mixed
async def test_promoting_and_demoting(club: Club, names: tuple[str, ...]) -> None:
    founder, deputy, third = club.cast(*names)
    group = await found("Roles", founder, deputy, third)
    for action, role in (("promote", "admin"), ("demote", "member")):
        assert await founder.change(group, action, deputy) == [200]
        for one in (deputy, third):
            await one.told(group, action, {deputy.jid}, founder)
        for one in (founder, deputy, third):
            assert (await one.picture(group)).roles[deputy.jid] == role
    with pytest.raises((Forbidden, PeerError)):
        await deputy.change(group, "promote", third)


@pairs
async def test_settings(club: Club, names: tuple[str, ...]) -> None:
    founder, other = club.cast(*names)
    group = await found("Settings", founder, other)
    settings: list[tuple[str, object]] = [
        ("subject", "Settings, renamed"),
        ("description", "about us"),
        ("description", "more about us"),
        ("announcement", True),
        ("announcement", False),
        ("locked", True),
        ("timer", 604800),
        ("approval", True),
        ("all_add", False),
        ("all_add", True),
    ]
    for kind, value in settings:
        await founder.adjust(group, kind, value)
        await other.told(group, kind, value, founder)
    shown = await other.picture(group)
    assert shown == await founder.picture(group)
    assert (shown.subject, shown.description) == ("Settings, renamed", "more about us")
    assert (shown.announcement, shown.locked, shown.timer, shown.approval, shown.all_add) == (
        False,
        True,
        604800,
        True,
        True,
    )
    await talk(group, "these disappear", founder, other)


@pairs
async def test_an_admin_of_the_other_kind_changes_things(club: Club, names: tuple[str, ...]) -> None:
    founder, deputy = club.cast(*names)
    group = await found("Deputy", founder, deputy)
    await founder.adjust(group, "locked", True)
    await deputy.told(group, "locked", True, founder)
    await founder.change(group, "promote", deputy)
    await deputy.adjust(group, "description", "by the deputy")
    for one in (founder, deputy):  # it is told of its own change, too
        await one.told(group, "description", "by the deputy", deputy)
    await founder.adjust(group, "description", "by the founder")  # over a version that somebody else wrote
    await deputy.told(group, "description", "by the founder", founder)


@pairs
async def test_the_invite_code(club: Club, names: tuple[str, ...]) -> None:
    founder, guest = club.cast(*names)
    group = await found("Link", founder)
    assert await guest.join(await founder.invite_code(group)) == group
    await founder.told(group, "add", {guest.jid}, guest)
    await talk(group, "in by the link", guest, founder)


@mixed
async def test_leaving(club: Club, names: tuple[str, ...]) -> None:
    founder, leaver, left = club.cast(*names)
    group = await found("Leaving", founder, leaver, left)
    await talk(group, "all of us", founder, leaver, left)
    await leaver.leave(group)
    for one in (founder, left):
        await one.told(group, "remove", {leaver.jid}, leaver)
    await talk(group, "without you", founder, left)
    assert leaver.heard(group) == []
    assert group not in await leaver.groups()


@pairs
async def test_who_was_away_reads_it_later(club: Club, names: tuple[str, ...]) -> None:
    """The first that comes is the first contact in this group, so that the keys wait, too."""
    founder, away = club.cast(*names)
    third = club.members["Bob"]
    group = await found("Away", founder, away, third)
    await away.goes_offline()
    texts = [(f"away, {by.name} {turn}", by) for turn in range(3) for by in (founder, third)]
    said = [(await by.say(group, text), by) for text, by in texts]
    await founder.adjust(group, "subject", "Away, renamed")
    await away.comes_back()
    for text, by in texts:
        await away.hears(group, text, by)
    for message_id, by in said:
        await by.knows(group, message_id, away, read=False)
    await away.told(group, "subject", "Away, renamed", founder)
    await talk(group, "all here", founder, away, third)


@mixed
async def test_lost_sender_keys_are_asked_for(club: Club, names: tuple[str, ...]) -> None:
    by, loser, third = club.cast(*names)
    group = await found("Lost keys", by, loser, third)
    await talk(group, "before", by, loser, third)
    await loser.forget_keys(group)
    [got, _] = await tell(group, "while the key is gone", by, loser, third)
    retries = club.tap.all(sent(None, "receipt", id=got.id, type="retry"))
    assert [(one.attrs["to"], one.attrs["participant"].partition(":")[0]) for one in retries] == [
        (group, by.jid.partition("@")[0])
    ]
    await talk(group, "after", by, loser, third)  # the loser's own key is a new one


@pairs
async def test_lost_sessions_and_keys_are_made_anew(club: Club, names: tuple[str, ...]) -> None:
    by, loser = club.cast(*names)
    group = await found("Lost sessions", by, loser)
    await talk(group, "before", by, loser)
    await loser.forget_keys(group)
    await loser.forget_sessions(by)
    await talk(group, "after", by, loser)
    await talk(group, "and on", by, loser)


@pairs
async def test_a_sender_who_lost_its_sessions(club: Club, names: tuple[str, ...]) -> None:
    """Its new key comes in sessions that are new, too."""
    by, other = club.cast(*names)
    group = await found("Lost by the sender", by, other)
    await talk(group, "before", by, other)
    await by.forget_keys(group)
    await by.forget_sessions(other)
    await talk(group, "after", by, other)


@pytest.mark.parametrize("founder", ["Ann", "Mia"])
async def test_motte_goes_on_from_its_file(club: Club, founder: str, tmp_path: Path) -> None:
    name = f"Keeper for {founder}"
    by, third = club.cast(founder, "Bob")
    async with MottePeer(club.server, name, tmp_path / "keeper.db") as peer:
        keeper = MotteMember(club.server, name, club.mode, peer)
        group = await found("Kept", by, keeper, third)
        await talk(group, "first run", by, keeper, third)
    missed = await by.say(group, "between two runs")
    async with MottePeer(club.server, name, tmp_path / "keeper.db") as peer:
        keeper = MotteMember(club.server, name, club.mode, peer)
        assert (await keeper.hears(group, "between two runs", by)).id == missed
        seen = len(club.tap.seen)
        await talk(group, "second run", keeper, by, third)
        [message] = [
            one.node
            for one in club.tap.seen[seen:]
            if not one.incoming and one.node.tag == "message" and one.device.user_jid == keeper.account.pn
        ]
        assert message.child("participants") is None  # everybody still has its key
        assert not peer.seen(events.MessageUndecryptable)


@pairs
async def test_all_devices_of_a_member(club: Club, names: tuple[str, ...]) -> None:
    """A second device is linked while the group talks: it reads what comes next, and who writes there is the member."""
    by, doubled = club.cast(*names)
    name = f"Double of {doubled.name}"
    async with AsyncExitStack() as stack:
        first = await linked_on(club, stack, name, type(doubled))
        group = await found("Devices", by, first)
        await talk(group, "one device each", by, first)
        for kind in (BaileysMember, MotteMember):
            device = await linked_on(club, stack, name, kind)
            await tell(group, f"for a new {kind.__name__}", by, first, device)
            await tell(group, f"from a new {kind.__name__}", device, by)


async def linked_on(club: Club, stack: AsyncExitStack, name: str, kind: type[Member]) -> Member:
    """One more device of an account, on this kind of client."""
    if kind is MotteMember:
        return MotteMember(club.server, name, club.mode, await stack.enter_async_context(MottePeer(club.server, name)))
    peer = await stack.enter_async_context(BaileysPeer(club.server.ws_url, name=name))
    await peer.pair(club.server.scan_qr)
    return BaileysMember(club.server, name, club.mode, peer)
