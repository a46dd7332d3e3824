"""Pictures of accounts and groups.

<iq type="set" xmlns="w:profile:picture" [target="1203…01@g.us"]><picture type="image">jpeg</picture></iq>
    → <picture id="…"/>; without a <picture> it is removed
<iq type="get" xmlns="w:profile:picture" target="B@lid">
    <picture type="preview|image" query="url" [id="…"]>[<tctoken/>]</picture></iq>
    → <picture id="…" type="preview" url="…" direct_path="…"/>, nothing when it is the one with this id,
      or error 404; 401 without the token that B wants
<notification type="picture" from="B@s.whatsapp.net" id t><set jid="…" id="…" author="…"/> or <delete jid author/>
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.devices import acquainted
from motte.testing.server.groups import Group
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.privacy import shows
from motte.testing.server.reader import Refused, child, optional_jid
from motte.testing.server.trust import admits

MAX_PICTURE: Final = 1 << 20
Owner: TypeAlias = Account | Group


def _picture(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    target = optional_jid(iq, "target")
    owner = _owner(hub, target) if target else device.account
    return _get(hub, device, iq, owner) if iq.attrs.get("type") == "get" else _set(hub, device, iq, owner)


def _owner(hub: Hub, target: Jid) -> Owner:
    owner = hub.groups.get(target) or hub.directory.account(target)
    if owner is None:
        raise Refused(404, f"there is no {target}")
    return owner


def _get(hub: Hub, device: Device, iq: Node, owner: Owner) -> tuple[Node, ...]:
    asked = child(iq, "picture")
    if isinstance(owner, Account) and not (
        shows(owner, "profile", device.account) and admits(hub, owner, device.account, asked)
    ):
        raise Refused(401, "this account does not show its picture to everybody")
    if isinstance(owner, Group):
        owner.require_member(device.account)
    known = hub.pictures.get(owner)
    if known is None:
        raise Refused(404, "there is no picture")
    number, blob = known
    if asked.attrs.get("id") == number:
        return ()
    kind = asked.attrs.get("type", "image")
    attrs = {"id": number, "type": kind, "url": hub.media.url(blob), "direct_path": blob.path}
    return (Node("picture", attrs),)


def _set(hub: Hub, device: Device, iq: Node, owner: Owner) -> tuple[Node, ...]:
    if isinstance(owner, Group):
        owner.require_editor(device.account)
    elif owner is not device.account:
        raise Refused(403, "the picture is somebody else's")
    new = iq.child("picture")
    if new is None:
        hub.pictures.pop(owner, None)
        _tell(hub, device, owner, None)
        return ()
    if not 0 < len(new.data) <= MAX_PICTURE:
        raise Refused(406, "a picture is empty or too large")
    before = hub.pictures.get(owner)
    number = str(max(hub.now, int(before[0]) + 1 if before else 0))
    hub.pictures[owner] = number, hub.media.put(new.data)
    _tell(hub, device, owner, number)
    return (Node("picture", {"id": number}),)


def _tell(hub: Hub, author: Device, owner: Owner, number: str | None) -> None:
    """Tell everybody whom it concerns, the own devices included."""
    if isinstance(owner, Group):
        jid, people, by = owner.jid, list(owner.members), owner.jid_of(author.account)
    else:
        jid, people, by = owner.pn, [owner, *acquainted(hub, owner)], owner.pn
    attrs = {"jid": str(jid), "author": str(by)}
    what = Node("delete", attrs) if number is None else Node("set", {**attrs, "id": number})
    for device in (one for account in people for one in account.companions):
        hub.notify(device, "picture", what, sender=str(jid))


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("w:profile:picture", "picture"): _picture,
    ("w:profile:picture", ""): _picture,
}
