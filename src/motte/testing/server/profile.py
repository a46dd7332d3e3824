"""What an account shows and prefers: about text, privacy, blocklist, disappearing mode.

<iq type="set" xmlns="status"><status>…</status></iq>
<iq type="get" xmlns="privacy"><privacy/></iq>   → <privacy><category name="last" value="all"/>…</privacy>
<iq type="set" xmlns="privacy"><privacy><category name="last" value="contacts"/></privacy></iq>
<iq type="get" xmlns="blocklist"/>               → <list><item jid="…@lid"/></list>
<iq type="set" xmlns="blocklist"><item jid="…" action="block"/></iq>
<iq type="set" xmlns="disappearing_mode"><disappearing_mode duration="86400"/></iq>
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, attr, child, data, jid, number

DEFAULT_PRIVACY: Final = {
    "readreceipts": "all",
    "profile": "all",
    "status": "all",
    "online": "all",
    "last": "all",
    "groupadd": "all",
    "calladd": "all",
    "messages": "all",
}
MAX_ABOUT: Final = 139


def _set_about(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    about = data(iq, "status").decode("utf-8", "replace")
    if len(about) > MAX_ABOUT:
        raise Refused(406, f"an about text is longer than {MAX_ABOUT} characters")
    profile = device.account.profile
    profile.about, profile.about_set_at = about, hub.now
    for contact in device.account.contacts:
        for other in contact.companions:
            hub.notify(other, "status", Node("set", {}, about.encode()), sender=str(device.account.pn))
    return ()


def _privacy(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    chosen = device.account.profile.privacy
    if iq.attrs.get("type") == "set":
        for category in child(iq, "privacy").all("category"):
            if attr(category, "name") not in DEFAULT_PRIVACY:
                raise Refused(400, "there is no such privacy category")
            chosen[attr(category, "name")] = attr(category, "value")
    values = {**DEFAULT_PRIVACY, **chosen}
    return (Node("privacy", {}, tuple(Node("category", {"name": n, "value": v}) for n, v in values.items())),)


def _blocklist(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    blocked = sorted(device.account.profile.blocked, key=lambda account: account.lid)
    return (Node("list", {}, tuple(Node("item", {"jid": str(account.lid)}) for account in blocked)),)


def _block(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    item = child(iq, "item")
    account: Account | None = hub.directory.account(jid(item, "jid"))
    if account is None:
        raise Refused(404, "there is nobody to block")
    blocked = device.account.profile.blocked
    if attr(item, "action") == "block":
        blocked.add(account)
    else:
        blocked.discard(account)
    return _blocklist(hub, device, iq)


def _disappearing(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    profile = device.account.profile
    profile.disappearing = number(child(iq, "disappearing_mode"), "duration")
    profile.disappearing_set_at = hub.now
    return ()


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("status", "status"): _set_about,
    ("privacy", "privacy"): _privacy,
    ("blocklist", ""): _blocklist,
    ("blocklist", "item"): _block,
    ("disappearing_mode", "disappearing_mode"): _disappearing,
}
