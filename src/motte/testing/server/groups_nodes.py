"""What the server writes about groups: the `<group>` itself, its participants, and who is told of a change.

    <group id="1203…01" creation="…" creator="A@lid" creator_pn="A@s.whatsapp.net" subject="Chess" s_t="…" s_o="A@lid"
           s_o_pn="A@s.whatsapp.net" addressing_mode="lid" size="2" p_v_id="1" a_v_id="1">
        <participant jid="A@lid" phone_number="A@s.whatsapp.net" type="superadmin"/><participant jid="B@lid" …/>
        <description id="…" participant="A@lid" participant_pn="…" t="…"><body>…</body></description>
        <locked/> <announcement/> <ephemeral expiration="86400"/> <member_add_mode>admin_add</member_add_mode>
        <membership_approval_mode><group_join state="on"/></membership_approval_mode></group>

    <notification type="w:gp2" from="1203…01@g.us" participant="A@lid" participant_pn="A@s.whatsapp.net" notify="Ann"
                  addressing_mode="lid" id="…" t="…"><add><participant jid="C@lid" phone_number="…"/></add>…

A group in PN mode names people by number, with `lid` instead of `phone_number` and `…_lid` instead of `…_pn`.
"""

from __future__ import annotations

from collections.abc import Iterable

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account
from motte.testing.server.groups import Description, Group
from motte.testing.server.hub import Hub


def named(group: Group, name: str, account: Account) -> dict[str, str]:
    """The attribute `name` with an account's JID, and its other address as `name_pn` or `name_lid`."""
    suffix, other = ("pn", account.pn) if group.mode == "lid" else ("lid", account.lid)
    return {name: str(group.jid_of(account)), f"{name}_{suffix}": str(other)}


def person(group: Group, account: Account) -> dict[str, str]:
    """How a `<participant>` names an account: `jid`, and `phone_number` or `lid`."""
    if group.mode == "lid":
        return {"jid": str(account.lid), "phone_number": str(account.pn)}
    return {"jid": str(account.pn), "lid": str(account.lid)}


def participants(group: Group, accounts: Iterable[Account], *, tag: str = "participant") -> tuple[Node, ...]:
    """Accounts as children of a notification."""
    return tuple(Node(tag, person(group, account)) for account in accounts)


def group_node(group: Group, members: Iterable[Account] | None = None, *more: Node, described: bool = True) -> Node:
    """The whole group; `members` (all by default) are listed, `more` nodes are added."""
    listed = [member_node(group, account) for account in (group.members if members is None else members)]
    about = (description_node(group, group.description),) if group.description and described else ()
    attrs = {"id": group.jid.user, "creation": str(group.created_at), **named(group, "creator", group.creator)}
    attrs |= {"subject": group.subject.text, "s_t": str(group.subject.at), **named(group, "s_o", group.subject.by)}
    attrs |= {"addressing_mode": group.mode, "size": str(len(group.members))}
    attrs |= {"p_v_id": str(group.version), "a_v_id": str(group.version)}
    return Node("group", attrs, (*listed, *more, *about, *settings(group)))


def member_node(group: Group, account: Account) -> Node:
    """One member with its role."""
    role = group.members.get(account)
    return Node("participant", {**person(group, account), **({"type": role} if role else {})})


def description_node(group: Group, description: Description) -> Node:
    """The description with its author."""
    attrs = {"id": description.id, "t": str(description.at), **named(group, "participant", description.by)}
    return Node("description", attrs, (Node("body", {}, description.text.encode()),))


def settings(group: Group) -> list[Node]:
    """The settings that are not as in a new group; the mode of adding always."""
    found = [Node("member_add_mode", {}, group.member_add_mode.encode())]
    found += [Node("locked")] if group.locked else []
    found += [Node("announcement")] if group.announcement else []
    found += [Node("default_sub_group")] if group.default_subgroup else []
    found += [Node("ephemeral", {"expiration": str(group.ephemeral)})] if group.ephemeral else []
    found += [approval_node(group)] if group.approval else []
    return found


def approval_node(group: Group) -> Node:
    """Whether admins must let people in."""
    return Node("membership_approval_mode", {}, (Node("group_join", {"state": "on" if group.approval else "off"}),))


def tell(hub: Hub, group: Group, actor: Account, change: Node, to: Iterable[Account] | None = None) -> None:
    """Notify the companions of members (or of `to`) of what `actor` did; the device that did it hears it, too."""
    attrs = {**named(group, "participant", actor), "notify": actor.profile.push_name, "addressing_mode": group.mode}
    for account in list(group.members if to is None else to):
        for device in account.companions:
            hub.notify(device, "w:gp2", change, sender=str(group.jid), **attrs)
