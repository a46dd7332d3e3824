"""Ways into a group between motte and real Baileys, each as the one who lets in and as the one who comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from motte import GroupInvite, Jid, errors, events
from motte.model import group_change as changes
from tests.interop.pairs import Pair, paired
from tests.interop.peer import PeerError

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as found:
        yield found


async def founded_by_ann(pair: Pair, subject: str) -> Jid:
    created = await pair.ann.call("groupCreate", subject, [])
    return Jid.parse(created["id"])


async def founded_by_bob(pair: Pair, subject: str) -> Jid:
    return (await pair.bob.client.groups.create(subject)).group.jid


async def test_baileys_approves_and_turns_down(pair: Pair) -> None:
    group, bob = await founded_by_ann(pair, "Approval"), pair.jid("Bob", "lid")
    await pair.ann.call("groupJoinApprovalMode", str(group), "on")
    code = await pair.ann.call("groupInviteCode", str(group))
    for decision in ("reject", "approve"):
        assert (await pair.bob.client.groups.join(code)).pending
        (asking,) = await pair.ann.call("groupRequestParticipantsList", str(group))
        assert asking["jid"] == str(bob)
        (decided,) = await pair.ann.call("groupRequestParticipantsUpdate", str(group), [str(bob)], decision)
        assert decided["status"] == "200"
    await pair.bob.event(events.GroupChanged, lambda event: event.group == group)
    assert (await pair.bob.client.groups.get(group, fresh=True)).find(bob)


async def test_motte_approves_and_turns_down(pair: Pair) -> None:
    groups, group = pair.bob.client.groups, await founded_by_bob(pair, "Approval")
    await groups.set_approval(group, True)
    code = (await groups.invite_link(group)).rpartition("/")[2]
    for decide in (groups.reject, groups.approve):
        assert await pair.ann.call("groupAcceptInvite", code) is None
        asked = await pair.bob.event(
            events.GroupChanged,
            lambda event: event.group == group and isinstance(event.change, changes.JoinRequested),
        )
        assert isinstance(asked.change, changes.JoinRequested)
        (request,) = asked.change.requests
        assert request.participant.is_one(pair.jid("Ann", "lid"))
        (listed,) = await groups.join_requests(group)
        (result,) = await decide(group, listed.participant.jid)
        assert result.ok
    seen = await pair.ann.call("groupMetadata", str(group))
    assert str(pair.jid("Ann", "lid")) in [one["id"] for one in seen["participants"]]


async def test_baileys_invites_motte_personally(pair: Pair) -> None:
    group, bob, ann = await founded_by_ann(pair, "Invitation"), pair.jid("Bob", "lid"), pair.jid("Ann", "lid")
    privacy = pair.server.account("Bob").profile.privacy
    privacy["groupadd"] = "none"
    try:
        (answer,) = await pair.ann.call("groupParticipantsUpdate", str(group), [str(bob)], "add")
    finally:
        privacy.clear()
    asked = answer["content"]["content"][0]["attrs"]
    invite = GroupInvite(group=group, code=asked["code"], expires_at=int(asked["expiration"]), name="Invitation")
    old = GroupInvite(group=group, code=invite.code, expires_at=1, name="Invitation")
    with pytest.raises(errors.Gone):
        await pair.bob.client.groups.accept(old, ann)
    assert (await pair.bob.client.groups.preview_invitation(invite, ann)).subject == "Invitation"
    assert (await pair.bob.client.groups.accept(invite, ann)).group == group


async def test_motte_invites_baileys_personally(pair: Pair) -> None:
    groups, group, ann = pair.bob.client.groups, await founded_by_bob(pair, "Invitation"), pair.jid("Ann", "lid")
    privacy = pair.server.account("Ann").profile.privacy
    privacy["groupadd"] = "none"
    try:
        (first,) = await groups.add(group, ann)
        await groups.revoke_invitations(group, ann)
        (second,) = await groups.add(group, ann)
    finally:
        privacy.clear()
    assert first.invitation is not None and second.invitation is not None
    by = str(pair.jid("Bob", "lid"))
    taken_back, good = (
        {"groupJid": str(group), "inviteCode": one.code, "inviteExpiration": one.expires_at}
        for one in (first.invitation, second.invitation)
    )
    with pytest.raises(PeerError):
        await pair.ann.call("groupAcceptInviteV4", by, taken_back)
    assert await pair.ann.call("groupAcceptInviteV4", by, good) == str(group)


async def test_a_link_that_either_reset(pair: Pair) -> None:
    groups, group = pair.bob.client.groups, await founded_by_bob(pair, "Link")
    old = (await groups.invite_link(group)).rpartition("/")[2]
    assert (await pair.ann.call("groupGetInviteInfo", old))["subject"] == "Link"
    await groups.reset_invite_link(group)
    with pytest.raises(PeerError, match="gone"):
        await pair.ann.call("groupGetInviteInfo", old)
    theirs = await founded_by_ann(pair, "Their link")
    code = await pair.ann.call("groupInviteCode", str(theirs))
    fresh = await pair.ann.call("groupRevokeInvite", str(theirs))
    with pytest.raises(errors.Gone):
        await groups.preview(code)
    assert (await groups.join(fresh)).group == theirs
