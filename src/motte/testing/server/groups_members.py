"""Members come, go and get roles.

<iq type="set" to="1203…01@g.us" xmlns="w:g2"><add|remove|promote|demote><participant jid="C@lid"/></add></iq>
    → <add><participant jid="C@lid" phone_number="…"/>                            done
           <participant jid="D@lid" error="403"><add_request code="…" expiration="…"/></participant></add>
<iq type="set" to="@g.us" xmlns="w:g2"><leave><group id="1203…01@g.us"/></leave></iq>  → <leave><group id="…"/></leave>

| action  | error | why                                                                       |
|---------|-------|---------------------------------------------------------------------------|
| add     | 401   | they blocked who adds them                                                |
| add     | 403   | their privacy forbids it; `<add_request>` invites them instead            |
| add     | 404   | there is no such account                                                  |
| add     | 408   | they left less than `Settings.rejoin_seconds` ago                         |
| add     | 409   | they are members                                                          |
| add     | 419   | the group is full                                                         |
| remove  | 404   | they are no members                                                       |
| remove, demote | 405 | the superadmin cannot be removed or demoted                          |
| promote, demote | 404 | they are no members                                                  |

Who is added is told with `<create><group/></create>`, the others with `<add>`; who is removed hears `<remove>` last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.groups import ADMIN, MAX_MEMBERS, MEMBER, SUPERADMIN, AddRequest, Group, JoinRequest, new_code
from motte.testing.server.groups_nodes import group_node, member_node, participants, person, tell
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.privacy import shows
from motte.testing.server.reader import Refused, child, jid

INVITATION_SECONDS: Final = 3 * 24 * 3600


def welcome(
    hub: Hub, group: Group, actor: Account, joined: Iterable[Account], *, reason: str = "", key: str = ""
) -> None:
    """Tell members of new ones; these get the group itself. `key` goes to the creator's devices."""
    new = list(joined)
    added = Node(
        "add", {"v_id": str(group.version), **({"reason": reason} if reason else {})}, participants(group, new)
    )
    old = [account for account in group.members if account not in new]
    whole = group_node(group)
    attrs = {"reason": reason} if reason else {}
    for account in new:
        mine = {"type": "new", "key": key} if key and account is actor else {}
        tell(hub, group, actor, Node("create", {**attrs, **mine}, (whole,)), to=[account])
    if new and old:
        tell(hub, group, actor, added, to=old)


def admit(hub: Hub, group: Group, actor: Account, account: Account) -> None:
    """Make somebody a member, or raise `Refused` with the error of the table."""
    left = group.left_at.get(account)
    if account in group.members:
        raise Refused(409, "is a member")
    if actor in account.profile.blocked:
        raise Refused(401, "has blocked who adds them")
    if left is not None and hub.clock() - left < hub.settings.rejoin_seconds:
        raise Refused(408, "left not long ago")
    if not shows(account, "groupadd", actor):
        raise Refused(403, "wants to be asked")
    if len(group.members) >= MAX_MEMBERS:
        raise Refused(419, "the group is full")
    group.join(account)


def add_all(hub: Hub, group: Group, actor: Account, asked: Iterable[Jid]) -> tuple[list[Account], tuple[Node, ...]]:
    """Add people; gives who was added, and the `<participant>` of each with its error when it has one."""
    added: list[Account] = []
    answers: list[Node] = []
    for who in asked:
        account = hub.directory.account(who)
        if account is None:
            answers.append(Node("participant", {"jid": str(who), "error": "404"}))
            continue
        try:
            admit(hub, group, actor, account)
        except Refused as reason:
            answers.append(_refused(hub, group, actor, account, reason.code))
        else:
            added.append(account)
            answers.append(member_node(group, account))
    return added, tuple(answers)


def _refused(hub: Hub, group: Group, actor: Account, account: Account, code: int) -> Node:
    attrs = {**person(group, account), "error": str(code)}
    if code != 403:
        return Node("participant", attrs)
    invitation = AddRequest(code=new_code(hub.rng)[:16], by=actor, expires=hub.now + INVITATION_SECONDS)
    group.invited[account] = invitation
    request = {"code": invitation.code, "expiration": str(invitation.expires)}
    return Node("participant", attrs, (Node("add_request", request),))


def asked_for(action: Node) -> list[Jid]:
    """The people that an action is about; `Refused(400)` when it names nobody."""
    people = [jid(node, "jid").user_jid for node in action.all("participant")]
    if not people:
        raise Refused(400, f"<{action.tag}> names no participant")
    return people


def _add(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, actor = hub.groups.require(jid(iq, "to")), device.account
    group.require_member(actor)
    if group.member_add_mode == "admin_add":
        group.require_admin(actor)
    people = asked_for(child(iq, "add"))
    if group.approval and not group.members[actor]:
        return (Node("add", {}, _propose(hub, group, actor, people)),)
    added, answers = add_all(hub, group, actor, people)
    welcome(hub, group, actor, added)
    return (Node("add", {}, answers),)


def _propose(hub: Hub, group: Group, actor: Account, people: Iterable[Jid]) -> tuple[Node, ...]:
    """A member who is no admin adds people to a group with approval: admins are asked."""
    found = {who: hub.directory.account(who) for who in people}
    new = [account for account in found.values() if account and account not in group.members]
    for account in new:
        group.requests[account] = JoinRequest(method="NonAdminAdd", by=actor, at=hub.now)
    requested = Node("created_membership_requests", {"request_method": "NonAdminAdd"}, _users(group, new))
    if new:
        tell(hub, group, actor, requested, to=group.admins)
    return tuple(_proposed(group, who, account) for who, account in found.items())


def _users(group: Group, accounts: Iterable[Account]) -> tuple[Node, ...]:
    return participants(group, accounts, tag="requested_user")


def _proposed(group: Group, who: Jid, account: Account | None) -> Node:
    if account is None:
        return Node("participant", {"jid": str(who), "error": "404"})
    if account in group.members:
        return Node("participant", {**person(group, account), "error": "409"})
    return Node("participant", {**person(group, account), "error": "202"})


def _remove(group: Group, account: Account) -> bool:
    if group.members[account] == SUPERADMIN:
        raise Refused(405, "the superadmin cannot be removed")
    group.part(account)
    return True


def _promote(group: Group, account: Account) -> bool:
    if group.members[account]:
        return False
    group.members[account] = ADMIN
    return True


def _demote(group: Group, account: Account) -> bool:
    if group.members[account] == SUPERADMIN:
        raise Refused(405, "the superadmin cannot be demoted")
    changed, group.members[account] = bool(group.members[account]), MEMBER
    return changed


_CHANGES: Final[Mapping[str, Callable[[Group, Account], bool]]] = {
    "remove": _remove,
    "promote": _promote,
    "demote": _demote,
}
"""What an action does to one member; whether anything changed."""


def _change(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    group, actor = hub.groups.require(jid(iq, "to")), device.account
    group.require_member(actor)
    group.require_admin(actor)
    action = next(node for node in iq.children if node.tag in _CHANGES)
    changed: list[Account] = []
    answers: list[Node] = []
    before = list(group.members)
    for who in asked_for(action):
        account = hub.directory.account(who)
        if account is None or account not in group.members:
            answers.append(Node("participant", {"jid": str(who), "error": "404"}))
            continue
        try:
            if _CHANGES[action.tag](group, account):
                changed.append(account)
            answers.append(Node("participant", person(group, account)))
        except Refused as reason:
            answers.append(Node("participant", {**person(group, account), "error": str(reason.code)}))
    if changed:
        group.version += 1
        change = Node(action.tag, {"v_id": str(group.version)}, participants(group, changed))
        tell(hub, group, actor, change, to=before)
    return (Node(action.tag, {}, tuple(answers)),)


def _leave(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    named = child(iq, "leave").all("group")
    return (Node("leave", {}, tuple(_left(hub, device.account, jid(node, "id")) for node in named)),)


def _left(hub: Hub, account: Account, which: Jid) -> Node:
    group = hub.groups.get(which)
    if group is None or account not in group.members:
        return Node("group", {"id": str(which), "error": "404" if group is None else "403"})
    before = list(group.members)
    heir = group.part(account)
    group.left_at[account] = hub.now
    tell(hub, group, account, Node("remove", {"v_id": str(group.version)}, participants(group, [account])), to=before)
    if heir is not None:
        tell(hub, group, account, Node("promote", {"v_id": str(group.version)}, participants(group, [heir])))
    return Node("group", {"id": str(which)})


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("w:g2", "add"): _add,
    ("w:g2", "remove"): _change,
    ("w:g2", "promote"): _change,
    ("w:g2", "demote"): _change,
    ("w:g2", "leave"): _leave,
}
