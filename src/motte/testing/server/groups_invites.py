"""Ways into a group: its invite link, an invitation to one person (v4), the approval of admins.

<iq type="get" to="1203…01@g.us" xmlns="w:g2"><invite/></iq>          → <invite code="…"/>      admins, else 401
<iq type="set" to="1203…01@g.us" xmlns="w:g2"><invite/></iq>          → <invite code="…"/>      the old one is revoked
<iq type="get" to="@g.us" xmlns="w:g2"><invite code="…"/></iq>        → <group/> with its admins only
<iq type="set" to="@g.us" xmlns="w:g2"><invite code="…"/></iq>        → <group jid="1203…01@g.us"/>
    with approval                                             → <membership_approval_request jid="1203…01@g.us"/>
<iq type="get" to="1203…01@g.us" xmlns="w:g2"><query><add_request code="…" expiration="…" admin="A@lid"/></query></iq>
<iq type="set" to="1203…01@g.us" xmlns="w:g2"><accept code="…" expiration="…" admin="A@lid"/></iq>
<iq type="set" to="1203…01@g.us" xmlns="w:g2"><revoke><participant jid="D@lid"/></revoke></iq>
<iq type="get" to="1203…01@g.us" xmlns="w:g2"><membership_approval_requests/></iq>
    → <membership_approval_requests><membership_approval_request jid="…" phone_number="…" request_time="…"
          request_method="InviteLink" requestor="…"/></membership_approval_requests>
<iq type="set" to="1203…01@g.us" xmlns="w:g2"><membership_requests_action><approve|reject><participant jid="…"/>…
<iq type="set" to="1203…01@g.us" xmlns="w:g2"><cancel_membership_requests><participant jid="…"/>…

A code that was revoked or has expired: 410; a wrong one: 406; who is a member already: 409.
Admins hear <created_membership_requests request_method="…"><requested_user jid="…"/></created_membership_requests>,
<revoked_membership_requests><participant jid="…"/></revoked_membership_requests> and <invite code="…"/>.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account, Device
from motte.testing.server.groups import AddRequest, Group, JoinRequest, new_code
from motte.testing.server.groups_members import asked_for, welcome
from motte.testing.server.groups_nodes import group_node, participants, person, tell
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, attr, child, jid, number

INVITE: Final = "invite"


# ---- the link ----


def _invite(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    asked, setting = child(iq, "invite"), iq.attrs.get("type") == "set"
    if "code" in asked.attrs:
        group = hub.groups.with_code(asked.attrs["code"])
        return _join(hub, group, device.account) if setting else (group_node(group, group.admins),)
    group = hub.groups.require(jid(iq, "to"))
    group.require_member(device.account)
    if device.account not in group.admins:
        raise Refused(401, "only admins see the invite link")
    if setting:
        group.old_codes.add(group.code)
        group.code = new_code(hub.rng)
        tell(hub, group, device.account, Node("invite", {"code": group.code}), to=group.admins)
    return (Node("invite", {"code": group.code}),)


def _join(hub: Hub, group: Group, account: Account) -> tuple[Node, ...]:
    if account in group.members:
        raise Refused(409, "is a member already")
    if not group.approval:
        group.join(account)
        welcome(hub, group, account, [account], reason=INVITE)
        return (Node("group", {"jid": str(group.jid)}),)
    group.requests[account] = JoinRequest(method="InviteLink", by=account, at=hub.now)
    users = participants(group, [account], tag="requested_user")
    created = Node("created_membership_requests", {"request_method": "InviteLink"}, users)
    tell(hub, group, account, created, to=group.admins)
    return (Node("membership_approval_request", {"jid": str(group.jid)}),)


# ---- invitations to one person ----


def invitation(hub: Hub, group: Group, account: Account, asked: Node) -> AddRequest:
    """The invitation of `account` that the attributes of `asked` name; `Refused(406)`, or `Refused(410)` when over."""
    found, by = group.invited.get(account), hub.directory.account(jid(asked, "admin"))
    if found is None or (found.code, found.by) != (attr(asked, "code"), by):
        raise Refused(406, "there is no such invitation")
    if number(asked, "expiration") != found.expires or hub.clock() >= found.expires:
        raise Refused(410, "the invitation has expired")
    return found


def _accept(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = hub.groups.require(jid(iq, "to")), device.account
    if account in group.members:
        raise Refused(409, "is a member already")
    found = invitation(hub, group, account, child(iq, "accept"))
    group.join(account)
    welcome(hub, group, found.by, [account], reason=INVITE)
    return (Node("group", {"jid": str(group.jid)}),)


def _revoke(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, revoke = _governed(hub, device, iq), child(iq, "revoke")
    answers = []
    for who in asked_for(revoke):
        account = hub.directory.account(who)
        gone = group.invited.pop(account, None) if account else None
        answers.append(Node("participant", {"jid": str(who), **({} if gone else {"error": "404"})}))
    return (Node("revoke", {}, tuple(answers)),)


# ---- approval ----


def _requests(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group = _governed(hub, device, iq)
    listed = tuple(_request(group, account, request) for account, request in group.requests.items())
    return (Node("membership_approval_requests", {}, listed),)


def _request(group: Group, account: Account, request: JoinRequest) -> Node:
    attrs = {**person(group, account), "request_time": str(request.at), "request_method": request.method}
    by = {} if request.by is account else {"requestor": str(group.jid_of(request.by))}
    return Node("membership_approval_request", attrs | by)


def _decide(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, answers = _governed(hub, device, iq), []
    for action in child(iq, "membership_requests_action").children:
        if action.tag not in ("approve", "reject"):
            raise Refused(400, "requests are approved or rejected")
        settled, listed = _settle(hub, group, action)
        if action.tag == "approve":
            welcome(hub, group, device.account, settled)
        elif settled:
            _tell_revoked(hub, group, device.account, settled)
        answers.append(Node(action.tag, {}, listed))
    return (Node("membership_requests_action", {}, tuple(answers)),)


def _settle(hub: Hub, group: Group, action: Node) -> tuple[list[Account], tuple[Node, ...]]:
    """Take requests off the list and let in who was approved."""
    settled: list[Account] = []
    listed: list[Node] = []
    for who in asked_for(action):
        account = hub.directory.account(who)
        if account is None or group.requests.pop(account, None) is None:
            listed.append(Node("participant", {"jid": str(who), "error": "404"}))
            continue
        if action.tag == "approve":
            group.join(account)
        settled.append(account)
        listed.append(Node("participant", person(group, account)))
    return settled, tuple(listed)


def _cancel(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = hub.groups.require(jid(iq, "to")), device.account
    if group.requests.pop(account, None) is None:
        raise Refused(404, "there is no request to cancel")
    _tell_revoked(hub, group, account, [account])
    return (Node("cancel_membership_requests", {}, participants(group, [account])),)


def _tell_revoked(hub: Hub, group: Group, actor: Account, gone: list[Account]) -> None:
    tell(hub, group, actor, Node("revoked_membership_requests", {}, participants(group, gone)), to=group.admins)


def _governed(hub: Hub, device: Device, iq: Node) -> Group:
    group = hub.groups.require(jid(iq, "to"))
    group.require_admin(device.account)
    return group


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("w:g2", "invite"): _invite,
    ("w:g2", "accept"): _accept,
    ("w:g2", "revoke"): _revoke,
    ("w:g2", "membership_approval_requests"): _requests,
    ("w:g2", "membership_requests_action"): _decide,
    ("w:g2", "cancel_membership_requests"): _cancel,
}
