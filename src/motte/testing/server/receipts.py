"""Receipts and acks: what a device says about what it got.

    <receipt id="3EB0…" to="A@lid" [type="read"] [t="…"]><list><item id="…"/></list></receipt>
        → to every device of A: <receipt id="3EB0…" from="B:2@lid" type="read" t="…">…</receipt>
        → back: <ack class="receipt" id="3EB0…" from="A@lid" type="read"/>
    <receipt id="3EB0…" to="A:3@lid" type="retry"><retry/><registration/><keys/></receipt>
        → to that device alone
    <ack id="…" class="message" to="A:3@lid"/>
        → nothing; the stanza leaves the mailbox

| type                                        | goes to                                                         |
|---------------------------------------------|-----------------------------------------------------------------|
| none, inactive, read, played                | all devices of the account in `to`; `read` as `read-self` home too |
| sender, read-self, played-self              | the own account's other devices                                 |
| peer_msg, hist_sync, server-error           | the own phone                                                   |
| retry, enc_rekey_retry                      | the one device in `to` (or `participant`)                       |

A receipt of a message, except `retry`, also takes it out of the mailbox.

In groups and for status updates `to` is the chat and `participant` the device whose message it is about; what comes out
is from the chat, with the receipt's own author as `participant`:

    <receipt id="3EB0…" to="1203…01@g.us" participant="A:3@lid"/>
        → to every device of A: <receipt id="3EB0…" from="1203…01@g.us" participant="B:2@lid" participant_pn="…" t="…"/>
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Device
from motte.testing.server.groups_mail import author
from motte.testing.server.hub import Hub, StanzaHandler
from motte.testing.server.reader import attr, optional_jid

_HOME: Final = frozenset({"sender", "read-self", "played-self"})
_TO_PHONE: Final = frozenset({"peer_msg", "hist_sync", "server-error"})
_TO_ONE: Final = frozenset({"retry", "enc_rekey_retry"})
_ECHOED_HOME: Final = {"read": "read-self", "played": "played-self"}


def _receipt(hub: Hub, sender: Device, receipt: Node) -> None:
    kind = receipt.attrs.get("type", "")
    if kind not in _TO_ONE:
        for message_id in _message_ids(receipt):
            sender.mailbox.acknowledge("message", message_id, receipt.attrs.get("to"))
    hub.deliver(sender, _ack(receipt))
    chat = optional_jid(receipt, "to") or sender.pn
    for device in _receivers(hub, sender, receipt, kind, chat):
        if device is not sender:
            hub.deliver(device, _forwarded(hub, sender, receipt, chat))
    if kind in _ECHOED_HOME:
        _echo_home(hub, sender, receipt, chat)


def _message_ids(receipt: Node) -> list[str]:
    listed = receipt.child("list")
    return [attr(receipt, "id"), *(attr(item, "id") for item in (listed.all("item") if listed else ()))]


def _ack(receipt: Node) -> Node:
    attrs = {"class": "receipt", "id": attr(receipt, "id")}
    attrs |= {name: receipt.attrs[name] for name in ("type", "participant", "recipient") if name in receipt.attrs}
    return Node("ack", attrs | {"from": receipt.attrs.get("to", "s.whatsapp.net")})


def _receivers(hub: Hub, sender: Device, receipt: Node, kind: str, chat: Jid) -> Iterable[Device]:
    if kind in _HOME:
        return sender.account.devices.values()
    if kind in _TO_PHONE:
        return (sender.account.devices[0],)
    if kind in _TO_ONE:
        target = hub.directory.device(optional_jid(receipt, "participant") or chat)
        return () if target is None else (target,)
    about = optional_jid(receipt, "participant") if _is_shared(chat) else chat
    account = hub.directory.account(about) if about else None
    return () if account is None else account.devices.values()


def _forwarded(hub: Hub, sender: Device, receipt: Node, chat: Jid) -> Node:
    attrs = {name: value for name, value in receipt.attrs.items() if name not in ("to", "from", "participant")}
    attrs |= {**_origin(hub, sender, receipt, chat), "t": receipt.attrs.get("t", str(hub.now))}
    return Node("receipt", attrs, receipt.content)


def _origin(hub: Hub, sender: Device, receipt: Node, chat: Jid) -> dict[str, str]:
    """Who a receipt is from: the device, or the chat with the device as its participant."""
    if not _is_shared(chat):
        return {"from": str(sender.jid(like=chat))}
    group = hub.groups.get(chat)
    about = optional_jid(receipt, "participant") or sender.lid
    return {"from": str(chat), **author(sender, group.like if group else about)}


def _is_shared(chat: Jid) -> bool:
    return chat.is_group or chat.is_broadcast


def _echo_home(hub: Hub, sender: Device, receipt: Node, chat: Jid) -> None:
    """What one device has read, the account's others mark as read too."""
    attrs = {
        "id": attr(receipt, "id"),
        **_origin(hub, sender, receipt, chat),
        "recipient": receipt.attrs.get("participant", str(chat.user_jid)),
        "type": _ECHOED_HOME[receipt.attrs["type"]],
        "t": receipt.attrs.get("t", str(hub.now)),
    }
    for device in sender.account.devices.values():
        if device is not sender:
            hub.deliver(device, Node("receipt", attrs, receipt.content))


def _acked(hub: Hub, sender: Device, ack: Node) -> None:
    sender.mailbox.acknowledge(attr(ack, "class"), attr(ack, "id"), ack.attrs.get("to"))


STANZAS: Final[Mapping[str, StanzaHandler]] = {"receipt": _receipt, "ack": _acked}
