"""Groups are made, shown and set.

<iq type="set" to="@g.us" xmlns="w:g2"><create subject="Chess" key="…"><participant jid="B@lid"/></create> → <group/>
<iq type="get" to="1203…01@g.us" xmlns="w:g2"><query request="interactive"/></iq>                            → <group/>
<iq type="get" to="@g.us" xmlns="w:g2"><query><group jid="1203…01@g.us"/>…</query></iq>
    → <groups><group/>… <group id="1203…02" error="403"/></groups>
<iq type="get" to="@g.us" xmlns="w:g2"><participating><participants/><description/></participating></iq>
    → <groups><group/>…</groups>
<iq type="set" to="1203…01@g.us" xmlns="w:g2"><subject>Chess</subject></iq>
    <description id="…" prev="…"><body>…</body></description>, <description delete="true" prev="…"/>
    <locked/> <unlocked/> <announcement/> <not_announcement/>
    <ephemeral expiration="86400"/> <not_ephemeral/>
    <member_add_mode>admin_add</member_add_mode>
    <membership_approval_mode><group_join state="on"/></membership_approval_mode>

A change that changes nothing is accepted and told to nobody. Who is no member gets 403, a group that does not exist
404, a description that follows another than the present one 409.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.groups import MAX_DESCRIPTION, MAX_SUBJECT, Description, Group, Subject
from motte.testing.server.groups_invites import invitation
from motte.testing.server.groups_members import add_all, welcome
from motte.testing.server.groups_nodes import approval_node, description_node, group_node, named, tell
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, attr, child, data, jid, number

_ADD_MODES: Final = frozenset({"admin_add", "all_member_add"})
_TIMERS: Final = frozenset({0, 86_400, 604_800, 7_776_000})


def _create(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    create, creator = child(iq, "create"), device.account
    subject = _checked(attr(create, "subject"), MAX_SUBJECT)
    people = [jid(node, "jid").user_jid for node in create.all("participant")]
    timer, mode = create.child("ephemeral"), create.child("membership_approval_mode")
    seconds = _timer(timer) if timer else 0
    approval = mode is not None and attr(child(mode, "group_join"), "state") == "on"
    group = hub.groups.create(subject, creator, mode=hub.settings.group_mode, now=hub.now, rng=hub.rng)
    group.locked, group.announcement = create.child("locked") is not None, create.child("announcement") is not None
    group.ephemeral, group.approval = seconds, approval
    others = [who for who in people if hub.directory.account(who) is not creator]
    _, answers = add_all(hub, group, creator, others)
    welcome(hub, group, creator, list(group.members), key=create.attrs.get("key", ""))
    refused = tuple(node for node in answers if "error" in node.attrs)
    return (group_node(group, None, *refused),)


def _query(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    if many := list(child(iq, "query").all("group")):
        return (Node("groups", {}, tuple(_shown(hub, device.account, jid(one, "jid")) for one in many)),)
    group = hub.groups.require(jid(iq, "to"))
    asked = child(iq, "query").child("add_request")
    if asked is not None:
        invitation(hub, group, device.account, asked)
        return (group_node(group, group.admins),)
    group.require_member(device.account)
    return (group_node(group),)


def _shown(hub: Hub, account: Account, asked: Jid) -> Node:
    """One of many groups that somebody asks for."""
    group = hub.groups.get(asked)
    if group is not None and account in group.members:
        return group_node(group)
    return Node("group", {"id": asked.user, "error": "404" if group is None else "403"})


def _participating(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    asked = child(iq, "participating")
    listed = None if asked.child("participants") else ()
    described = asked.child("description") is not None
    mine = hub.groups.of(device.account)
    return (Node("groups", {}, tuple(group_node(group, listed, described=described) for group in mine)),)


def _subject(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = _editable(hub, device, iq)
    text = _checked(data(iq, "subject").decode("utf-8", "replace"), MAX_SUBJECT)
    group.subject = Subject(text=text, by=account, at=hub.now)
    attrs = {"subject": text, "s_t": str(hub.now), **named(group, "s_o", account)}
    tell(hub, group, account, Node("subject", attrs))
    return ()


def _description(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = _editable(hub, device, iq)
    asked = child(iq, "description")
    current = group.description.id if group.description else None
    gone = asked.attrs.get("delete") == "true"
    if gone and group.description is None:
        return ()
    if asked.attrs.get("prev") != current:
        raise Refused(409, "the description was changed meanwhile")
    if gone:
        group.description = None
        change = Node("description", {"delete": "true", "id": asked.attrs.get("id", "")})
    else:
        text = _checked(data(asked, "body").decode("utf-8", "replace"), MAX_DESCRIPTION)
        group.description = Description(id=attr(asked, "id"), text=text, by=account, at=hub.now)
        change = description_node(group, group.description)
    tell(hub, group, account, change)
    return ()


def _ephemeral(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = _editable(hub, device, iq)
    timer = iq.child("ephemeral")
    seconds = _timer(timer) if timer else 0
    if seconds != group.ephemeral:
        group.ephemeral = seconds
        change = Node("ephemeral", {"expiration": str(seconds)}) if seconds else Node("not_ephemeral")
        tell(hub, group, account, change)
    return ()


def _flag(name: str, tag: str, value: bool) -> IqHandler:
    """The handler that sets one of a group's yes-or-no settings."""

    def handler(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
        group, account = _governed(hub, device, iq)
        if getattr(group, name) != value:
            setattr(group, name, value)
            group.version += 1
            tell(hub, group, account, Node(tag, {"v_id": str(group.version)}))
        return ()

    return handler


def _member_add_mode(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = _governed(hub, device, iq)
    mode = data(iq, "member_add_mode").decode("ascii", "replace")
    if mode not in _ADD_MODES:
        raise Refused(400, "there is no such mode of adding members")
    if mode != group.member_add_mode:
        group.member_add_mode = mode
        tell(hub, group, account, Node("member_add_mode", {}, mode.encode()))
    return ()


def _approval(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, account = _governed(hub, device, iq)
    state = attr(child(child(iq, "membership_approval_mode"), "group_join"), "state")
    if state not in ("on", "off"):
        raise Refused(400, "an approval mode is on or off")
    if group.approval != (state == "on"):
        group.approval = state == "on"
        tell(hub, group, account, approval_node(group))
    return ()


def _editable(hub: Hub, device: Device, iq: Node) -> tuple[Group, Account]:
    group = hub.groups.require(jid(iq, "to"))
    group.require_editor(device.account)
    return group, device.account


def _governed(hub: Hub, device: Device, iq: Node) -> tuple[Group, Account]:
    group = hub.groups.require(jid(iq, "to"))
    group.require_admin(device.account)
    return group, device.account


def _timer(node: Node) -> int:
    seconds = number(node, "expiration")
    if seconds not in _TIMERS:
        raise Refused(400, "a timer is 24 hours, 7 or 90 days")
    return seconds


def _checked(text: str, limit: int) -> str:
    if not text.strip() or len(text) > limit:
        raise Refused(406, f"a text of 1 to {limit} characters is needed")
    return text


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("w:g2", "create"): _create,
    ("w:g2", "query"): _query,
    ("w:g2", "participating"): _participating,
    ("w:g2", "subject"): _subject,
    ("w:g2", "description"): _description,
    ("w:g2", "ephemeral"): _ephemeral,
    ("w:g2", "not_ephemeral"): _ephemeral,
    ("w:g2", "locked"): _flag("locked", "locked", True),
    ("w:g2", "unlocked"): _flag("locked", "unlocked", False),
    ("w:g2", "announcement"): _flag("announcement", "announcement", True),
    ("w:g2", "not_announcement"): _flag("announcement", "not_announcement", False),
    ("w:g2", "member_add_mode"): _member_add_mode,
    ("w:g2", "membership_approval_mode"): _approval,
}
