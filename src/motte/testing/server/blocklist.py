"""Whom an account blocks.

<iq type="get" xmlns="blocklist"/>    → <list dhash="…"><item jid="B@lid"/></list>
<iq type="set" xmlns="blocklist"><item action="block" jid="B@lid" pn_jid="B@s.whatsapp.net"/></iq>    → the same list
<iq type="set" xmlns="blocklist"><item action="unblock" jid="B@lid"/></iq>

To the account's other devices, from its own number:
<notification type="account_sync"><blocklist action="modify" dhash="…" prev_dhash="…"><item jid="B@lid" action="block"/>

People are named by LID; a PN is refused. Who is blocked: their messages go nowhere, they see no presence, no about
text and no picture, and cannot add the account to groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.privacy import list_hash, tell_others
from motte.testing.server.reader import Refused, attr, child, jid, optional_jid


def _blocklist(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    return (_list(device.account),)


def _list(account: Account) -> Node:
    blocked = sorted(account.profile.blocked, key=lambda person: person.lid)
    items = tuple(Node("item", {"jid": str(person.lid)}) for person in blocked)
    return Node("list", {"dhash": list_hash(blocked)}, items)


def _block(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    item = child(iq, "item")
    user, pn, action = jid(item, "jid"), optional_jid(item, "pn_jid"), attr(item, "action")
    person = hub.directory.account(user)
    if not user.is_lid or action not in ("block", "unblock"):
        raise Refused(400, "people are blocked by LID")
    if person is None or (pn is not None and hub.directory.account(pn) is not person):
        raise Refused(404, "there is nobody to block")
    blocked = device.account.profile.blocked
    before, was = list_hash(blocked), person in blocked
    if action == "block":
        blocked.add(person)
    else:
        blocked.discard(person)
    if was != (person in blocked):
        changed = Node("item", {"jid": str(person.lid), "action": action})
        attrs = {"action": "modify", "dhash": list_hash(blocked), "prev_dhash": before}
        tell_others(hub, device, Node("blocklist", attrs, (changed,)))
    return (_list(device.account),)


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("blocklist", ""): _blocklist, ("blocklist", "item"): _block}
