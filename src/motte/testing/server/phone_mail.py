"""What a phone does with stanzas: it reads texts, sends receipts, answers retries.

It is a device like any other (an `Outlet` with a mailbox, acks included), only that its wire is a function call.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub
from motte.testing.server.peer import Peer, bundle_of_retry, padded, unpadded
from motte.testing.server.phone_keys import SenderKeys
from motte.testing.server.phone_media import reupload
from motte.testing.server.phone_requests import answer
from motte.testing.server.reader import Refused, as_jid, attr, number, optional_jid

T = TypeVar("T")
log = logging.getLogger("motte.server")

MAX_KEPT: Final = 1000
"""Received texts, and sent messages kept for retries."""
MAX_RETRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedText:
    """A text that a phone decrypted: who sent it, and in which chat."""

    id: str
    chat: Jid
    sender: Jid
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """Any message that a phone decrypted, as it was inside; `sender` is a device."""

    id: str
    chat: Jid
    sender: Jid
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that a phone sent and can send again; `peer`: to the own companions, about the account."""

    chat: Jid
    message: Message
    peer: bool


class PhoneMail:
    """The mail of one phone."""

    def __init__(self, hub: Hub, device: Device, peer: Peer) -> None:
        self._hub = hub
        self._device = device
        self._peer = peer
        self._keys = SenderKeys(hub.rng)
        self.sent: OrderedDict[str, Sent] = OrderedDict()
        self._failed: OrderedDict[str, int] = OrderedDict()
        self._waiting: list[tuple[Callable[[ReceivedText], bool], asyncio.Future[ReceivedText]]] = []
        self.received: deque[ReceivedText] = deque(maxlen=MAX_KEPT)
        self.messages: deque[ReceivedMessage] = deque(maxlen=MAX_KEPT)

    # ---- an outlet: what the server gives to this device ----

    def send(self, node: Node) -> None:
        """Take a stanza."""
        self._hub.post(lambda: self._take(node))

    def end(self) -> None:
        """A phone does not go away."""

    def forget_session(self, device: Device) -> None:
        """Lose the session with a device, as a phone does that was restored."""
        self._peer.forget(device)

    def forget_sender_keys(self, chat: Jid) -> None:
        """Lose the sender keys of a group, likewise."""
        self._keys.forget(chat)

    # ---- texts ----

    def send_text(self, to: str | Jid, text: str) -> str:
        """Send a text; gives the message's id."""
        return self.send_message(self.chat(to), Message(conversation=text))

    def send_message(
        self, chat: Jid, message: Message, *, kind: str = "text", edit: str = "", audience: Iterable[Account] = ()
    ) -> str:
        """Send any Message to a chat, encrypted as it is; gives its id.

        `kind` and `edit` are the stanza's attributes; `audience` is who sees a status, by default the contacts.
        """
        message_id = self._new_id(Sent(chat=chat, message=message, peer=False))
        attrs = {"id": message_id, "to": str(chat), "type": kind, **({"edit": edit} if edit else {})}
        if chat.is_group or chat.is_broadcast:
            content = self._for_many(chat, message, self._readers(chat, audience))
        else:
            content = (self._for_one(chat, message),)
        self._hub.receive(self._device, Node("message", attrs, content))
        return message_id

    def _for_one(self, chat: Jid, message: Message) -> Node:
        """A copy for each device of a person and of the own account."""
        account = self._hub.directory.account(chat)
        targets = [*(account.devices.values() if account else ()), *self._device.account.companions]
        copies = tuple(
            Node("to", {"jid": str(target.jid(like=chat))}, (self._enc(target, chat, message),))
            for target in dict.fromkeys(targets)
            if target is not self._device
        )
        return Node("participants", {}, copies)

    def _for_many(self, chat: Jid, message: Message, readers: list[Device]) -> tuple[Node, ...]:
        """One copy for everybody, and the sender key for who lacks it."""
        like = self._hub.addressing(chat)
        distribution, lacking = self._keys.hand_out(chat, readers)
        handed = _distributed(chat, distribution).SerializeToString()
        copies = tuple(
            Node("to", {"jid": str(device.jid(like=like))}, (self._peer.encrypt(device, handed),)) for device in lacking
        )
        participants = (Node("participants", {}, copies),) if copies else ()
        body = self._keys.seal(chat, padded(message.SerializeToString(), self._hub.rng))
        return (*participants, Node("enc", {"v": "2", "type": "skmsg"}, body))

    def _readers(self, chat: Jid, audience: Iterable[Account]) -> list[Device]:
        own = self._device.account
        group = self._hub.groups.get(chat)
        accounts = list(group.members) if group else [*(audience or own.contacts), own]
        return [device for account in accounts for device in account.devices.values() if device is not self._device]

    async def wait_for_text(self, wanted: Callable[[ReceivedText], bool] | str) -> ReceivedText:
        """The first received text that equals `wanted` or fulfils it, now or later."""
        fits = wanted if callable(wanted) else lambda received: received.text == wanted
        for received in self.received:
            if fits(received):
                return received
        future: asyncio.Future[ReceivedText] = asyncio.get_running_loop().create_future()
        self._waiting.append((fits, future))
        return await future

    # ---- in ----

    def _take(self, node: Node) -> None:
        if node.tag == "message":
            self._read(node)
        elif node.tag == "receipt" and node.attrs.get("type") == "retry":
            self._resend(node)
            self._ack(node)
        elif node.tag == "receipt" and node.attrs.get("type") == "server-error":
            self._ack(node)
            reupload(self._hub, self._device, node, self._message(attr(node, "id")))
        elif node.tag in ("receipt", "notification", "call"):
            self._ack(node)

    def _read(self, node: Node) -> None:
        sender = self._hub.directory.device(_author(node))
        if sender is None:
            self._ack(node)
            return
        try:
            contents = [self._opened(node, sender, enc) for enc in node.all("enc")]
        except (RemoteProtocolError, DecodeError, Refused) as error:
            log.info("%s cannot decrypt message %s: %s", self._device.pn, attr(node, "id"), error)
            self._ask_again(node)
            self._ack(node, error="500")
            return
        for content in contents:
            self._keep(node, sender, content)
        self._failed.pop(attr(node, "id"), None)
        self._confirm(node, sender)

    def _opened(self, node: Node, sender: Device, enc: Node) -> Message:
        """What is inside an `<enc>`; a sender key that comes with it is kept at once, for the next to need."""
        chat = as_jid(attr(node, "from"))
        if enc.attrs.get("type") == "skmsg":
            return Message.FromString(unpadded(self._keys.open(chat, sender, enc.data)))
        content = Message.FromString(self._peer.decrypt(sender, enc))
        if content.HasField("senderKeyDistributionMessage"):
            handed = content.senderKeyDistributionMessage
            self._keys.learn(as_jid(handed.groupId or str(chat)), sender, handed.axolotlSenderKeyDistributionMessage)
        return content

    def _keep(self, node: Node, sender: Device, content: Message) -> None:
        if content.HasField("deviceSentMessage"):
            outer, content = content, content.deviceSentMessage.message
            if not content.HasField("messageContextInfo"):
                content.messageContextInfo.CopyFrom(outer.messageContextInfo)
        content.ClearField("senderKeyDistributionMessage")
        if not content.ListFields():
            return
        jid, message_id = _author(node), attr(node, "id")
        if content.HasField("protocolMessage") and sender.account is self._device.account:
            answer(sender.account.phone, sender, message_id, content.protocolMessage)
        chat = optional_jid(node, "recipient") or as_jid(attr(node, "from")).user_jid
        self.messages.append(ReceivedMessage(id=message_id, chat=chat, sender=jid, message=content))
        text = content.conversation or content.extendedTextMessage.text
        if not text:
            return
        received = ReceivedText(id=message_id, chat=chat, sender=jid, text=text)
        self.received.append(received)
        for waiting in [waiting for waiting in self._waiting if waiting[0](received)]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(received)

    def _confirm(self, node: Node, sender: Device) -> None:
        attrs = {"id": attr(node, "id"), "to": attr(node, "from"), **_about(node)}
        if node.attrs.get("category") == "peer":
            attrs["type"] = "peer_msg"
        elif sender.account is self._device.account:
            attrs |= {"type": "sender"}
            attrs |= {} if "participant" in attrs else {"recipient": node.attrs.get("recipient", attrs["to"])}
        self._hub.receive(self._device, Node("receipt", attrs))

    def _ack(self, node: Node, **extra: str) -> None:
        attrs = {"id": attr(node, "id"), "class": node.tag, "to": attr(node, "from"), **extra}
        self._hub.receive(self._device, Node("ack", attrs))

    def _ask_again(self, node: Node) -> None:
        message_id = attr(node, "id")
        count = self._failed.get(message_id, 0) + 1
        _remember(self._failed, message_id, count)
        if count > MAX_RETRIES:
            return
        retry = {"v": "1", "count": str(count), "id": message_id, "t": attr(node, "t"), "error": "0"}
        attrs = {"id": message_id, "to": attr(node, "from"), "type": "retry", **_about(node)}
        if "recipient" in node.attrs:
            attrs["recipient"] = node.attrs["recipient"]
        self._hub.receive(self._device, Node("receipt", attrs, (Node("retry", retry), *self._peer.retry_keys())))

    def _resend(self, receipt: Node) -> None:
        """A device could not decrypt: start anew with it and send the message to it alone."""
        sent, target = self.sent.get(attr(receipt, "id")), self._hub.directory.device(_author(receipt))
        retry = receipt.child("retry")
        count = number(retry, "count", "1") if retry else 1
        if sent is None or target is None or count > MAX_RETRIES:
            return
        try:
            self._peer.restart(target, bundle_of_retry(receipt))
        except (RemoteProtocolError, Refused) as error:
            log.warning("a retry receipt carries bad keys: %s", error)
            return
        self._send_one(target, attr(receipt, "id"), sent, count)

    def _message(self, message_id: str) -> Message | None:
        """A message that came or went lately."""
        received = (one.message for one in reversed(self.messages) if one.id == message_id)
        sent = self.sent.get(message_id)
        return next(received, sent.message if sent else None)

    # ---- out ----

    def chat(self, to: str | Jid) -> Jid:
        """The chat that a JID, or the name or number of a person, means."""
        if isinstance(to, Jid):
            return to.user_jid
        return as_jid(to).user_jid if "@" in to else self._hub.account(to).lid

    def send_peer(self, companion: Device, message: Message) -> str:
        """Tell one of the own companions something about the account; gives the message's id."""
        sent = Sent(chat=self._device.account.lid, message=message, peer=True)
        message_id = self._new_id(sent)
        self._send_one(companion, message_id, sent, None)
        return message_id

    def _send_one(self, target: Device, message_id: str, sent: Sent, count: int | None) -> None:
        attrs = {"id": message_id, "to": str(target.jid(like=sent.chat)), "type": "text"}
        if sent.peer:
            enc = self._peer.encrypt(target, sent.message.SerializeToString(), count=count)
            attrs["category"] = "peer"
        elif sent.chat.is_group or sent.chat.is_broadcast:
            like = self._hub.addressing(sent.chat)
            attrs |= {"to": str(sent.chat), "participant": str(target.jid(like=like))}
            again = _distributed(sent.chat, self._keys.distribution(sent.chat))
            again.MergeFrom(sent.message)
            enc = self._peer.encrypt(target, again.SerializeToString(), count=count)
        else:
            enc = self._enc(target, sent.chat, sent.message, count)
            attrs["device_fanout"] = "false"
            if target.account is self._device.account:
                attrs["recipient"] = str(sent.chat)
        self._hub.receive(self._device, Node("message", attrs, (enc,)))

    def _enc(self, target: Device, chat: Jid, message: Message, count: int | None = None) -> Node:
        if target.account is self._device.account:
            message = Message(deviceSentMessage=Message.DeviceSentMessage(destinationJid=str(chat), message=message))
        return self._peer.encrypt(target, message.SerializeToString(), count=count)

    def _new_id(self, sent: Sent) -> str:
        message_id = "3A" + self._hub.rng(9).hex().upper()
        _remember(self.sent, message_id, sent)
        return message_id


def _author(node: Node) -> Jid:
    """The device that a stanza is from: its participant in a group, else its sender."""
    return as_jid(node.attrs.get("participant", attr(node, "from")))


def _about(node: Node) -> dict[str, str]:
    return {name: node.attrs[name] for name in ("participant",) if name in node.attrs}


def _distributed(chat: Jid, distribution: bytes) -> Message:
    handed = Message.SenderKeyDistributionMessage(groupId=str(chat), axolotlSenderKeyDistributionMessage=distribution)
    return Message(senderKeyDistributionMessage=handed)


def _remember(table: OrderedDict[str, T], key: str, value: T) -> None:
    table[key] = value
    while len(table) > MAX_KEPT:
        table.popitem(last=False)
