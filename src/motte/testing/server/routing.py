"""Messages: one stanza in, one stanza out to each device that it is encrypted for, one ack back.

In, from a device of A:

    <message id="3EB0…" to="B@lid" type="text">
        <participants><to jid="B@lid"><enc v="2" type="pkmsg">…</enc></to>
                      <to jid="A:1@lid"><enc v="2" type="msg">…</enc></to></participants>
        <device-identity>…</device-identity></message>
    <message id="3EB0…" to="B:2@lid" type="text" device_fanout="false"><enc v="2" count="1">…</enc></message>

Out, to B's device and to A's other device:

    <message id="3EB0…" from="A:3@lid" sender_pn="A@s.whatsapp.net" notify="Ann" t="…" type="text"><enc/>…</message>
    <message id="3EB0…" from="A:3@lid" recipient="B@lid" peer_recipient_pn="B@s.whatsapp.net" …><enc/>…</message>

Back: `<ack class="message" id="3EB0…" from="B@lid" t="…" [error="…"] [phash="2:…"]/>`.

Whom a stranger may not write to: `trust`. Groups and the status list: `groups_mail`. The sender's device list is its
own affair: a device that does not exist is passed over, one that it forgot gets nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from motte.core.binary.node import Node
from motte.model.jid import BROADCAST, GROUP, LID, PN, Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.devices import learn_contact, participant_hash
from motte.testing.server.groups_mail import right_hash, to_group, to_status
from motte.testing.server.hub import Hub, StanzaHandler
from motte.testing.server.reader import Refused, as_jid, attr, jid, optional_jid
from motte.testing.server.trust import NO_TOKEN, give_when_due, lets_in

log = logging.getLogger("motte.server")

_NOT_PASSED_ON: Final = frozenset({"id", "to", "from", "t", "phash", "device_fanout", "participant", "recipient"})
_FAN_OUT: Final = frozenset({"participants", "enc"})

Route: TypeAlias = Callable[[Hub, Device, Node, Jid], "int | None"]
"""Delivers a message to one kind of chat; gives an error code for the ack, or None."""


def _message(hub: Hub, sender: Device, message: Node) -> None:
    chat = jid(message, "to")
    fault = hub.plan.next_ack(sender.account)
    error = fault.error if fault and fault.error else _route(hub, sender, message, chat)
    if fault is None or fault.error:
        hub.deliver(sender, _ack(hub, sender, message, chat, error))


def _route(hub: Hub, sender: Device, message: Node, chat: Jid) -> int | None:
    route = ROUTES.get(chat.server)
    if route is None:
        log.warning("messages to %s are not implemented", chat.server)
        return 501
    try:
        return route(hub, sender, message, chat)
    except Refused as reason:
        log.warning("message %s of %s refused: %s", message.attrs.get("id"), sender.pn, reason)
        return reason.code


def _ack(hub: Hub, sender: Device, message: Node, chat: Jid, error: int | None) -> Node:
    attrs = {"class": "message", "id": attr(message, "id"), "from": attr(message, "to"), "t": str(hub.now)}
    if "participant" in message.attrs:
        attrs["participant"] = message.attrs["participant"]
    if error is not None:
        attrs["error"] = str(error)
    elif "phash" in message.attrs and (right := _right_hash(hub, sender, chat, message.attrs["phash"])):
        attrs["phash"] = right
    return Node("ack", attrs)


def _right_hash(hub: Hub, sender: Device, chat: Jid, given: str) -> str | None:
    """The hash of the devices that a message to this chat should reach, unless it is the given one."""
    if group := hub.groups.get(chat):
        return right_hash(sender, group, given)
    account = hub.directory.account(chat)
    ours = participant_hash(_expected(sender, account, chat)) if account else given
    return None if ours == given else ours


def _expected(sender: Device, account: Account, chat: Jid) -> Iterator[Jid]:
    """The devices that a message to this chat should reach."""
    devices = {*account.devices.values(), *sender.account.devices.values()} - {sender}
    return (device.jid(like=chat) for device in devices)


def _direct(hub: Hub, sender: Device, message: Node, chat: Jid) -> int | None:
    """A message to one person: per device when it has `<participants>`, else to the one device that it names."""
    account = hub.directory.account(chat)
    if account is None:
        return None  # the server takes messages for numbers that it does not know, and says nothing
    if sender.account in account.profile.blocked:
        return None
    # A message to one device is a repetition: the one before it had the token.
    if message.child("participants") and not lets_in(hub, account, sender.account, message):
        return NO_TOKEN
    for target, encrypted in _copies(hub, message, chat):
        if target is sender or target.account not in (account, sender.account):
            log.info("message %s of %s is not for %s", attr(message, "id"), sender.pn, target.pn)
            continue
        hub.deliver(target, _copy(hub, sender, target, message, chat, encrypted))
    if message.attrs.get("category") != "peer":
        learn_contact(sender.account, account)
        if not sender.number:
            give_when_due(hub, sender.account, account)
    return None


def _copies(hub: Hub, message: Node, chat: Jid) -> Iterator[tuple[Device, tuple[Node, ...]]]:
    """Each device with what is encrypted for it; devices that do not exist are passed over."""
    participants = message.child("participants")
    if participants is None:
        direct = (hub.directory.device(optional_jid(message, "participant") or chat), tuple(message.all("enc")))
        found = [direct]
    else:
        found = [(hub.directory.device(jid(to, "jid")), tuple(to.all("enc"))) for to in participants.all("to")]
    return ((device, encrypted) for device, encrypted in found if device is not None and encrypted)


def _copy(hub: Hub, sender: Device, target: Device, message: Node, chat: Jid, encrypted: tuple[Node, ...]) -> Node:
    attrs = {name: value for name, value in message.attrs.items() if name not in _NOT_PASSED_ON}
    attrs |= {"id": attr(message, "id"), "from": str(sender.jid(like=chat)), "t": str(hub.now)}
    attrs["notify"] = sender.account.profile.push_name
    attrs |= _alternates(hub, sender, target, message, chat)
    rest = tuple(node for node in message.children if node.tag not in _FAN_OUT)
    return Node("message", attrs, (*encrypted, *rest))


def _alternates(hub: Hub, sender: Device, target: Device, message: Node, chat: Jid) -> dict[str, str]:
    """Who else the parties are: the sender's other address, or the chat and its other address for own devices."""
    other = "pn" if chat.is_lid else "lid"
    if target.account is not sender.account:
        return {f"sender_{other}": str(sender.account.pn if chat.is_lid else sender.account.lid)}
    if message.attrs.get("category") == "peer":
        return {}
    recipient = as_jid(message.attrs.get("recipient", str(chat.user_jid)))
    account = hub.directory.account(recipient)
    alternate = {f"peer_recipient_{other}": str(account.pn if chat.is_lid else account.lid)} if account else {}
    return {"recipient": str(recipient), **alternate}


ROUTES: Final[Mapping[str, Route]] = {PN: _direct, LID: _direct, GROUP: to_group, BROADCAST: to_status}
STANZAS: Final[Mapping[str, StanzaHandler]] = {"message": _message}
