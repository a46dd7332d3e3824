"""Ways into a group among real clients: invitations, links, requests; and looking at several groups at once."""

from __future__ import annotations

import pytest

from motte import GroupInvite, Jid, errors, events
from motte.model import group_change as changes
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me
from tests.e2e.test_groups import grouped, of, say, trio
from tests.e2e.wiretap import Wiretap, sent


async def test_a_personal_invitation(server: LocalServer, linked: Linked) -> None:
    """Carol's privacy forbids adding her: she gets an invitation as a message, and comes by it."""
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob)).jid
    server.account("carol").profile.privacy["groupadd"] = "none"
    (result,) = await soon(alice.groups.add(group, lid(carol)))
    assert result.code == 403
    assert result.invitation is not None
    invite = GroupInvite(
        group=group, code=result.invitation.code, expires_at=result.invitation.expires_at, name="Chess"
    )
    got = carol.expect(events.MessageReceived)
    await soon(alice.messages.send(lid(carol), invite))
    event = await soon(got)
    assert isinstance(event.message.content, GroupInvite)
    shown = await soon(carol.groups.preview_invitation(event.message.content, lid(alice)))
    assert (shown.jid, shown.subject, shown.size) == (group, "Chess", 2)
    came = bob.expect(events.GroupChanged, of(changes.ParticipantsAdded))
    assert (await soon(carol.groups.accept(event.message.content, lid(alice)))).group == group
    await soon(came)
    await say(bob, group, "welcome", alice, carol)


async def test_an_invitation_that_expired_and_one_that_was_taken_back(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob)).jid
    server.account("carol").profile.privacy["groupadd"] = "none"
    (result,) = await soon(alice.groups.add(group, lid(carol)))
    assert result.invitation is not None
    code, expires = result.invitation.code, result.invitation.expires_at
    old = GroupInvite(group=group, code=code, expires_at=expires - 1, name="Chess")
    for look in (carol.groups.accept, carol.groups.preview_invitation):
        with pytest.raises(errors.Gone):
            await soon(look(old, lid(alice)))
    (taken,) = await soon(alice.groups.revoke_invitations(group, lid(carol)))
    assert taken.ok
    with pytest.raises(errors.NotAcceptable):
        await soon(carol.groups.accept(GroupInvite(group=group, code=code, expires_at=expires, name=""), lid(alice)))


async def test_a_link_that_was_reset(linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob)).jid
    old = await soon(alice.groups.invite_link(group))
    told = alice.expect(events.GroupChanged, of(changes.InviteLinkChanged))
    await soon(alice.groups.reset_invite_link(group))
    await soon(told)
    for follow in (carol.groups.preview, carol.groups.join):
        with pytest.raises(errors.Gone):
            await soon(follow(old))


async def test_asking_to_be_let_in_and_taking_it_back(linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob)).jid
    await soon(alice.groups.set_approval(group, True))
    link = await soon(alice.groups.invite_link(group))
    assert (await soon(carol.groups.join(link))).pending
    revoked = alice.expect(events.GroupChanged, of(changes.JoinRequestsRevoked))
    await soon(carol.groups.cancel_join_request(group))
    await soon(revoked)
    with pytest.raises(errors.ItemNotFound):
        await soon(carol.groups.cancel_join_request(group))
    assert (await soon(carol.groups.join(link))).pending
    (refused,) = await soon(alice.groups.reject(group, lid(carol)))
    assert refused.ok
    assert await soon(alice.groups.join_requests(group)) == ()
    (late,) = await soon(alice.groups.approve(group, lid(carol)))
    assert (late.ok, late.code) == (False, 404)


async def test_several_groups_in_one_request(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    mine = [(await grouped(alice, bob)).jid for _ in range(3)]
    theirs = (await soon(bob.groups.create("Theirs"))).group.jid
    none = Jid.parse("120363999999999999@g.us")
    tap = Wiretap(server)
    found = await soon(bob.groups.some([*mine, theirs, none]))
    assert set(found) == {*mine, theirs}
    assert await soon(alice.groups.some([*mine, theirs, none], fresh=True)) == {one: found[one] for one in mine}
    asked = [len(one.children[0].children) for one in tap.all(sent(me(alice).pn, "iq", xmlns="w:g2", type="get"))]
    assert asked == [5]
