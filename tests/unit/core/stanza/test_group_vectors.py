"""Requests about groups are what Baileys sends, and a group says what Baileys reads in it."""

from __future__ import annotations

from typing import Any

import pytest

from motte.core.stanza.groups import invites, members, metadata, settings
from motte.core.stanza.iq import Iq
from motte.model.group import MemberAddMode
from tests.unit.core.stanza.wire import GROUP, PEER_LID, node_of, plain, vectors

VECTORS = vectors("groups")
OURS: dict[str, Iq[Any]] = {
    "get": metadata.GetGroup(GROUP),
    "all": metadata.GetGroups(),
    "create": members.CreateGroup("Chess", (PEER_LID,), "ID"),
    "leave": members.LeaveGroup(GROUP),
    "add": members.ChangeParticipants(GROUP, "add", (PEER_LID,)),
    "remove": members.ChangeParticipants(GROUP, "remove", (PEER_LID,)),
    "promote": members.ChangeParticipants(GROUP, "promote", (PEER_LID,)),
    "demote": members.ChangeParticipants(GROUP, "demote", (PEER_LID,)),
    "subject": settings.subject(GROUP, "Go"),
    "announcement": settings.switch(GROUP, "announcement", True),
    "not_announcement": settings.switch(GROUP, "announcement", False),
    "locked": settings.switch(GROUP, "locked", True),
    "unlocked": settings.switch(GROUP, "locked", False),
    "timer": settings.timer(GROUP, 86_400),
    "no_timer": settings.timer(GROUP, 0),
    "member_add_mode": settings.member_add_mode(GROUP, MemberAddMode.ADMINS),
    "approval_mode": settings.approval_mode(GROUP, True),
    "invite_code": invites.GetInviteCode(GROUP),
    "reset_invite_code": invites.ResetInviteCode(GROUP),
    "preview": invites.GetInvitedGroup("CODE"),
    "join": invites.JoinByCode("CODE"),
    "accept": invites.AcceptInvitation(GROUP, "CODE", 1_700_000_000, PEER_LID),
    "revoke": invites.RevokeInvitations(GROUP, (PEER_LID,)),
    "join_requests": invites.GetJoinRequests(GROUP),
    "approve": invites.DecideJoinRequests(GROUP, "approve", (PEER_LID,)),
    "reject": invites.DecideJoinRequests(GROUP, "reject", (PEER_LID,)),
}


@pytest.mark.parametrize("name", VECTORS["requests"])
def test_requests_are_those_of_baileys(name: str) -> None:
    assert plain(OURS[name].build("ID")) == plain(node_of(VECTORS["requests"][name]))


def test_a_group_says_what_baileys_reads() -> None:
    theirs = VECTORS["group"]["metadata"]
    group = metadata.GetGroup(GROUP).parse(node_of(VECTORS["group"]["node"]))
    assert group.description is not None
    assert group.member_add_mode is not None
    assert {
        "id": str(group.jid),
        "addressingMode": group.addressing.value,
        "subject": group.subject,
        "subjectOwner": str(group.subject_author),
        "subjectTime": group.subject_set_at,
        "size": group.size,
        "creation": group.created_at,
        "owner": str(group.creator),
        "desc": group.description.text,
        "descId": group.description.id,
        "descOwner": str(group.description.author),
        "descTime": group.description.set_at,
        "linkedParent": str(group.community),
        "restrict": group.is_locked,
        "announce": group.is_announcement,
        "isCommunity": group.is_community,
        "isCommunityAnnounce": group.is_default_subgroup,
        "joinApprovalMode": group.needs_approval,
        "memberAddMode": group.member_add_mode is MemberAddMode.EVERYBODY,
        "ephemeralDuration": group.timer,
        "participants": [
            {"id": str(one.jid), "phoneNumber": str(one.pn), "admin": one.role.value if one.is_admin else None}
            for one in group.participants
        ],
    } == theirs
