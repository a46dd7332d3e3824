"""Stanzas of groups: requests as they are written, answers and notifications as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from motte.core.binary.node import Node
from motte.core.stanza import notification
from motte.core.stanza.groups import invites, members, metadata, settings
from motte.core.stanza.groups.changes import GroupNotification
from motte.core.stanza.iq import Iq
from motte.errors import Forbidden, RemoteProtocolError
from motte.model import group_change as changes
from motte.model.group import GroupRole, Invitation, JoinResult, MemberAddMode, Participant
from motte.model.jid import Jid
from motte.model.message import Addressing
from tests.unit.core.stanza.wire import GROUP, PEER, PEER_LID, plain, reader, xml

ALICE = Jid.parse("100000000000001@lid")
ALICE_PN = Jid.parse("15550100001@s.whatsapp.net")
MEMBERS = (
    xml("participant", jid=str(ALICE), phone_number=str(ALICE_PN), type="superadmin"),
    xml("participant", jid=str(PEER_LID), phone_number=str(PEER)),
)


def whole(*more: Node, **attrs: str) -> Node:
    """A `<group>` of two people."""
    common = {"id": GROUP.user, "subject": "Chess", "addressing_mode": "lid", "creation": "1700000000"}
    return xml("group", *MEMBERS, *more, **{**common, **attrs})


def answer(*body: Node) -> Node:
    return xml("iq", *body, id="1", type="result", from_=str(GROUP))


REQUESTS: list[tuple[Iq[Any], str, str, Node]] = [
    (metadata.GetGroup(GROUP), str(GROUP), "get", xml("query", request="interactive")),
    (metadata.GetGroups(), "@g.us", "get", xml("participating", xml("participants"), xml("description"))),
    (
        members.CreateGroup("Chess", (PEER,), "KEY"),
        "@g.us",
        "set",
        xml("create", xml("participant", jid=str(PEER)), subject="Chess", key="KEY"),
    ),
    (members.LeaveGroup(GROUP), "@g.us", "set", xml("leave", xml("group", id=str(GROUP)))),
    (
        members.ChangeParticipants(GROUP, "promote", (PEER,)),
        str(GROUP),
        "set",
        xml("promote", xml("participant", jid=str(PEER))),
    ),
    (settings.subject(GROUP, "Go"), str(GROUP), "set", xml("subject", "Go")),
    (
        settings.description(GROUP, "on Mondays", version="NEW", previous="OLD"),
        str(GROUP),
        "set",
        xml("description", xml("body", "on Mondays"), id="NEW", prev="OLD"),
    ),
    (
        settings.description(GROUP, None, version="NEW", previous="OLD"),
        str(GROUP),
        "set",
        xml("description", delete="true", prev="OLD"),
    ),
    (settings.switch(GROUP, "announcement", True), str(GROUP), "set", xml("announcement")),
    (settings.switch(GROUP, "announcement", False), str(GROUP), "set", xml("not_announcement")),
    (settings.switch(GROUP, "locked", True), str(GROUP), "set", xml("locked")),
    (settings.switch(GROUP, "locked", False), str(GROUP), "set", xml("unlocked")),
    (settings.timer(GROUP, 86_400), str(GROUP), "set", xml("ephemeral", expiration="86400")),
    (settings.timer(GROUP, 0), str(GROUP), "set", xml("not_ephemeral")),
    (settings.member_add_mode(GROUP, MemberAddMode.ADMINS), str(GROUP), "set", xml("member_add_mode", "admin_add")),
    (
        settings.approval_mode(GROUP, True),
        str(GROUP),
        "set",
        xml("membership_approval_mode", xml("group_join", state="on")),
    ),
    (invites.GetInviteCode(GROUP), str(GROUP), "get", xml("invite")),
    (invites.ResetInviteCode(GROUP), str(GROUP), "set", xml("invite")),
    (invites.GetInvitedGroup("CODE"), "@g.us", "get", xml("invite", code="CODE")),
    (invites.JoinByCode("CODE"), "@g.us", "set", xml("invite", code="CODE")),
    (
        invites.AcceptInvitation(GROUP, "CODE", 1_700_000_000, ALICE),
        str(GROUP),
        "set",
        xml("accept", code="CODE", expiration="1700000000", admin=str(ALICE)),
    ),
    (
        invites.GetInvitingGroup(GROUP, "CODE", 1_700_000_000, ALICE),
        str(GROUP),
        "get",
        xml("query", xml("add_request", code="CODE", expiration="1700000000", admin=str(ALICE))),
    ),
    (
        invites.CancelJoinRequest(GROUP, PEER),
        str(GROUP),
        "set",
        xml("cancel_membership_requests", xml("participant", jid=str(PEER))),
    ),
    (
        invites.RevokeInvitations(GROUP, (PEER,)),
        str(GROUP),
        "set",
        xml("revoke", xml("participant", jid=str(PEER))),
    ),
    (invites.GetJoinRequests(GROUP), str(GROUP), "get", xml("membership_approval_requests")),
    (
        invites.DecideJoinRequests(GROUP, "reject", (PEER,)),
        str(GROUP),
        "set",
        xml("membership_requests_action", xml("reject", xml("participant", jid=str(PEER)))),
    ),
]


@pytest.mark.parametrize(("request_", "to", "kind", "body"), REQUESTS)
def test_requests(request_: Iq[Any], to: str, kind: str, body: Node) -> None:
    node = request_.build("7")
    assert dict(node.attrs) == {"id": "7", "xmlns": "w:g2", "type": kind, "to": to}
    assert [plain(child) for child in node.children] == [plain(body)]


def test_a_group() -> None:
    extra = (
        xml("description", xml("body", "on Mondays"), id="D1", participant=str(ALICE), t="1700000001"),
        xml("announcement"),
        xml("locked"),
        xml("ephemeral", expiration="86400"),
        xml("member_add_mode", "admin_add"),
        xml("membership_approval_mode", xml("group_join", state="on")),
        xml("linked_parent", jid="120363000000000009@g.us"),
        xml("default_sub_group"),
    )
    group = metadata.GetGroup(GROUP).parse(answer(whole(*extra, s_o=str(ALICE), s_t="5", creator=str(ALICE))))
    assert (group.jid, group.subject, group.addressing, group.size) == (GROUP, "Chess", Addressing.LID, 2)
    assert group.participants == (
        Participant(jid=ALICE, pn=ALICE_PN, lid=ALICE, role=GroupRole.SUPERADMIN),
        Participant(jid=PEER_LID, pn=PEER, lid=PEER_LID),
    )
    assert [one.jid for one in group.admins] == [ALICE]
    assert group.description is not None
    assert (group.description.text, group.description.author, group.description.set_at) == (
        "on Mondays",
        ALICE,
        1_700_000_001,
    )
    assert (group.is_announcement, group.is_locked, group.timer, group.needs_approval) == (True, True, 86_400, True)
    assert group.member_add_mode is MemberAddMode.ADMINS
    assert (group.community, group.is_default_subgroup, group.is_community) == (
        Jid.parse("120363000000000009@g.us"),
        True,
        False,
    )
    assert (group.creator, group.created_at, group.subject_author, group.subject_set_at) == (
        ALICE,
        1_700_000_000,
        ALICE,
        5,
    )
    assert group.find(PEER) == group.find(PEER_LID.with_device(3)) == group.participants[1]


def test_an_old_group_names_people_by_number() -> None:
    node = xml("group", xml("participant", jid=str(PEER), lid=str(PEER_LID)), id=str(GROUP), size="7")
    group = metadata.read_group(reader(node))
    assert (group.jid, group.addressing, group.size) == (GROUP, Addressing.PN, 7)
    assert group.participants == (Participant(jid=PEER, pn=PEER, lid=PEER_LID),)
    assert (group.subject, group.timer, group.member_add_mode, group.description) == ("", 0, None, None)


@pytest.mark.parametrize(
    "node",
    [
        xml("group", subject="without an id"),
        whole(xml("participant", jid="nonsense at all")),
        whole(size="many"),
        whole(xml("ephemeral", expiration="-1")),
    ],
)
def test_a_malformed_group(node: Node) -> None:
    with pytest.raises(RemoteProtocolError):
        metadata.read_group(reader(node))


def test_all_groups() -> None:
    assert [group.jid for group in metadata.GetGroups().parse(answer(xml("groups", whole(), whole(id="12"))))] == [
        GROUP,
        Jid("12", "g.us"),
    ]
    assert metadata.GetGroups().parse(answer()) == ()


def test_who_could_not_be_added() -> None:
    refused = xml(
        "participant", xml("add_request", code="CODE", expiration="1700000000"), jid="100000000000003@lid", error="403"
    )
    created = members.CreateGroup("Chess", (), "KEY").parse(answer(whole(refused)))
    assert [one.jid for one in created.group.participants] == [ALICE, PEER_LID]
    assert [result.ok for result in created.results] == [True, True, False]
    assert created.results[2].code == 403
    assert created.results[2].invitation == Invitation(code="CODE", expires_at=1_700_000_000)


def test_a_result_for_each() -> None:
    node = xml("remove", MEMBERS[1], xml("participant", jid=str(ALICE), error="405"))
    done, refused = members.ChangeParticipants(GROUP, "remove", (PEER_LID, ALICE)).parse(answer(node))
    assert (done.ok, done.code, done.participant.pn) == (True, 200, PEER)
    assert (refused.ok, refused.code, refused.participant.jid) == (False, 405, ALICE)


def test_leaving() -> None:
    leave = members.LeaveGroup(GROUP)
    leave.parse(answer(xml("leave", xml("group", id=str(GROUP)))))
    leave.parse(answer())
    with pytest.raises(Forbidden):
        leave.parse(answer(xml("leave", xml("group", id=str(GROUP), error="403"))))


def test_where_a_code_leads() -> None:
    assert invites.GetInviteCode(GROUP).parse(answer(xml("invite", code="CODE"))) == "CODE"
    join = invites.JoinByCode("CODE")
    assert join.parse(answer(xml("group", jid=str(GROUP)))) == JoinResult(group=GROUP)
    pending = answer(xml("membership_approval_request", jid=str(GROUP)))
    assert join.parse(pending) == JoinResult(group=GROUP, pending=True)
    with pytest.raises(RemoteProtocolError):
        join.parse(answer())


def test_who_asks() -> None:
    request = xml(
        "membership_approval_request",
        jid=str(PEER_LID),
        phone_number=str(PEER),
        request_time="1700000000",
        request_method="NonAdminAdd",
        requestor=str(ALICE),
    )
    (found,) = invites.GetJoinRequests(GROUP).parse(answer(xml("membership_approval_requests", request)))
    assert (found.participant.pn, found.method, found.requested_at, found.requestor) == (
        PEER,
        "NonAdminAdd",
        1_700_000_000,
        ALICE,
    )
    assert invites.GetJoinRequests(GROUP).parse(answer()) == ()


BOB = Participant(jid=PEER_LID, pn=PEER, lid=PEER_LID)
COMMUNITY = Jid.parse("120363000000000009@g.us")
NEWS: list[tuple[Node, changes.GroupChange]] = [
    (xml("add", MEMBERS[1], reason="invite"), changes.ParticipantsAdded((BOB,), "invite")),
    (xml("remove", MEMBERS[1]), changes.ParticipantsRemoved((BOB,))),
    (xml("leave", MEMBERS[1]), changes.ParticipantsRemoved((BOB,))),
    (xml("promote", MEMBERS[1]), changes.ParticipantsPromoted((BOB,))),
    (xml("demote", MEMBERS[1]), changes.ParticipantsDemoted((BOB,))),
    (xml("modify", MEMBERS[1]), changes.ParticipantNumberChanged(ALICE, PEER_LID)),
    (xml("subject", subject="Go", s_t="9", s_o=str(ALICE)), changes.SubjectChanged("Go", ALICE, 9)),
    (xml("description", id="D", delete="true"), changes.DescriptionChanged(None)),
    (xml("announcement"), changes.AnnouncementChanged(True)),
    (xml("not_announcement"), changes.AnnouncementChanged(False)),
    (xml("locked"), changes.LockChanged(True)),
    (xml("unlocked"), changes.LockChanged(False)),
    (xml("ephemeral", expiration="86400"), changes.TimerChanged(86_400)),
    (xml("not_ephemeral"), changes.TimerChanged(0)),
    (xml("member_add_mode", "admin_add"), changes.MemberAddModeChanged(MemberAddMode.ADMINS)),
    (xml("member_add_mode", "by lot"), changes.MemberAddModeChanged(None)),
    (xml("membership_approval_mode", xml("group_join", state="on")), changes.ApprovalModeChanged(True)),
    (xml("membership_approval_mode", xml("group_join", state="off")), changes.ApprovalModeChanged(False)),
    (xml("invite", code="CODE"), changes.InviteLinkChanged("CODE")),
    (xml("revoked_membership_requests", MEMBERS[1]), changes.JoinRequestsRevoked((BOB,))),
    (xml("delete"), changes.Deleted()),
    (xml("growth_locked", type="invite", expiration="9"), changes.GrowthLockChanged(True, "invite", 9)),
    (xml("growth_unlocked"), changes.GrowthLockChanged(False)),
    (xml("suspended"), changes.SuspensionChanged(True)),
    (xml("unsuspended"), changes.SuspensionChanged(False)),
    (
        xml("link", xml("group", jid=str(COMMUNITY), subject="All"), link_type="parent_group"),
        changes.LinkChanged(True, "parent_group", COMMUNITY, "All"),
    ),
    (
        xml("unlink", xml("group", jid=str(COMMUNITY)), unlink_type="sub_group", unlink_reason="unlink_group"),
        changes.LinkChanged(False, "sub_group", COMMUNITY, None, "unlink_group"),
    ),
    (xml("link"), changes.LinkChanged(True, "", None)),
    (xml("something_new"), changes.OtherChange("something_new")),
]


def told(*parts: Node) -> GroupNotification:
    """A notification of Alice's doing."""
    read = notification.read(
        reader(
            xml(
                "notification",
                *parts,
                id="1",
                type="w:gp2",
                from_=str(GROUP),
                t="1700000000",
                participant=str(ALICE),
                participant_pn=str(ALICE_PN),
            )
        )
    )
    assert isinstance(read, GroupNotification)
    return read


@pytest.mark.parametrize(("node", "change"), NEWS)
def test_news(node: Node, change: changes.GroupChange) -> None:
    read = told(node)
    assert read.changes == (change,)
    assert (read.group, read.by, read.by_alt) == (GROUP, ALICE, ALICE_PN)


def test_every_part_counts() -> None:
    assert told(*(node for node, _ in NEWS)).changes == tuple(change for _, change in NEWS)


def test_a_new_group() -> None:
    (change,) = told(xml("create", whole(), reason="invite")).changes
    assert isinstance(change, changes.Created)
    assert (change.group.jid, change.reason) == (GROUP, "invite")


def test_somebody_asks_to_be_let_in() -> None:
    user = xml("requested_user", jid=str(PEER_LID), phone_number=str(PEER))
    (change,) = told(xml("created_membership_requests", user, request_method="InviteLink")).changes
    assert isinstance(change, changes.JoinRequested)
    (request,) = change.requests
    assert (request.participant, request.method, request.requested_at) == (BOB, "InviteLink", 1_700_000_000)


@pytest.mark.parametrize("change", [change for _, change in NEWS], ids=lambda change: type(change).__name__)
def test_the_same_news_twice_changes_nothing_more(change: changes.GroupChange) -> None:
    once = changes.applied(change, metadata.read_group(reader(whole())))
    if once is not None:
        assert changes.applied(change, once) == once


def test_what_news_makes_of_a_group() -> None:
    group = metadata.read_group(reader(whole()))
    carol = Participant(jid=Jid.parse("100000000000003@lid"))
    more = changes.applied(changes.ParticipantsAdded((carol,)), group)
    assert more is not None
    assert (more.size, more.find(carol.jid)) == (3, carol)
    # Whoever goes may be named by the other address.
    fewer = changes.applied(changes.ParticipantsRemoved((Participant(jid=PEER),)), more)
    assert fewer is not None
    assert [one.jid for one in fewer.participants] == [ALICE, carol.jid]
    raised = changes.applied(changes.ParticipantsPromoted((carol,)), fewer)
    assert raised is not None
    assert [one.role for one in raised.participants] == [GroupRole.SUPERADMIN, GroupRole.ADMIN]
    assert changes.applied(changes.OtherChange("something"), group) is None


def test_many_groups_at_once() -> None:
    other, third = Jid.parse("120363000000000002@g.us"), Jid.parse("120363000000000003@g.us")
    request = metadata.GetSomeGroups((GROUP, other, third))
    asked = xml("query", *(xml("group", jid=str(one)) for one in request.groups))
    assert (str(request.to), request.kind, request.build("1").children) == ("@g.us", "get", (asked,))
    whole = xml("group", xml("participant", jid=str(ALICE)), id=GROUP.user, subject="Go", addressing_mode="lid")
    refused = xml("group", id=other.user, error="403")
    large = xml("group", id=third.user, size="9000", truncated="true")
    groups, alone = request.parse(xml("iq", xml("groups", whole, refused, large), type="result"))
    assert [(one.jid, one.subject, one.size) for one in groups] == [(GROUP, "Go", 1)]
    assert alone == (third,)
