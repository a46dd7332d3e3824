"""What a phone does with stanzas: it reads texts, sends receipts, answers retries, greets new companions.

It is a device like any other (an `Outlet` with a mailbox, acks included), only that its wire is a function call.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub
from motte.testing.server.peer import Peer, bundle_of_retry
from motte.testing.server.reader import Refused, as_jid, attr, number, optional_jid

T = TypeVar("T")
log = logging.getLogger("motte.server")

MAX_KEPT: Final = 1000
"""Received texts, and sent messages kept for retries."""
MAX_RETRIES: Final = 5
_APP_STATE_KEY_ID: Final = bytes.fromhex("000000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedText:
    """A text that a phone decrypted: who sent it, and in which chat."""

    id: str
    chat: Jid
    sender: Jid
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    chat: Jid
    message: Message
    peer: bool


class PhoneMail:
    """The mail of one phone."""

    def __init__(self, hub: Hub, device: Device, peer: Peer) -> None:
        self._hub = hub
        self._device = device
        self._peer = peer
        self._sent: OrderedDict[str, _Sent] = OrderedDict()
        self._failed: OrderedDict[str, int] = OrderedDict()
        self._waiting: list[tuple[Callable[[ReceivedText], bool], asyncio.Future[ReceivedText]]] = []
        self._app_state_key = hub.rng(32)
        self.received: deque[ReceivedText] = deque(maxlen=MAX_KEPT)

    # ---- an outlet: what the server gives to this device ----

    def send(self, node: Node) -> None:
        """Take a stanza."""
        self._hub.post(lambda: self._take(node))

    def end(self) -> None:
        """A phone does not go away."""

    def forget_session(self, device: Device) -> None:
        """Lose the session with a device, as a phone does that was restored."""
        self._peer.forget(device)

    # ---- texts ----

    def send_text(self, to: str | Jid, text: str) -> str:
        """Send a text; gives the message's id."""
        chat = self._chat(to)
        return self.send_message(chat, Message(conversation=text))

    def send_message(self, chat: Jid, message: Message) -> str:
        """Send any Message to a person and the own companions, encrypted as it is; gives its id."""
        message_id = self._new_id(_Sent(chat=chat, message=message, peer=False))
        account = self._hub.directory.account(chat)
        targets = [*(account.devices.values() if account else ()), *self._device.account.companions]
        copies = tuple(
            Node("to", {"jid": str(target.jid(like=chat))}, (self._enc(target, chat, message),))
            for target in dict.fromkeys(targets)
            if target is not self._device
        )
        attrs = {"id": message_id, "to": str(chat), "type": "text"}
        self._hub.receive(self._device, Node("message", attrs, (Node("participants", {}, copies),)))
        return message_id

    async def wait_for_text(self, wanted: Callable[[ReceivedText], bool] | str) -> ReceivedText:
        """The first received text that equals `wanted` or fulfils it, now or later."""
        fits = wanted if callable(wanted) else lambda received: received.text == wanted
        for received in self.received:
            if fits(received):
                return received
        future: asyncio.Future[ReceivedText] = asyncio.get_running_loop().create_future()
        self._waiting.append((fits, future))
        return await future

    def greet(self, companion: Device) -> None:
        """Share the app state key, then a history that is empty but for the own push name."""
        for message in (self._key_share(), *self._history()):
            self._send_peer(companion, message)

    # ---- in ----

    def _take(self, node: Node) -> None:
        if node.tag == "message":
            self._read(node)
        elif node.tag == "receipt" and node.attrs.get("type") == "retry":
            self._resend(node)
            self._ack(node)
        elif node.tag in ("receipt", "notification", "call"):
            self._ack(node)

    def _read(self, node: Node) -> None:
        sender = self._hub.directory.device(as_jid(attr(node, "from")))
        if sender is None:
            self._ack(node)
            return
        try:
            contents = [Message.FromString(self._peer.decrypt(sender, enc)) for enc in node.all("enc")]
        except (RemoteProtocolError, DecodeError) as error:
            log.info("%s cannot decrypt message %s: %s", self._device.pn, attr(node, "id"), error)
            self._ask_again(node)
            self._ack(node, error="500")
            return
        for content in contents:
            self._keep(node, sender, content)
        self._failed.pop(attr(node, "id"), None)
        self._confirm(node, sender)

    def _keep(self, node: Node, sender: Device, content: Message) -> None:
        if content.HasField("deviceSentMessage"):
            content = content.deviceSentMessage.message
        text = content.conversation or content.extendedTextMessage.text
        if not text:
            return
        jid = as_jid(attr(node, "from"))
        chat = optional_jid(node, "recipient") or jid.user_jid
        received = ReceivedText(id=attr(node, "id"), chat=chat, sender=jid, text=text)
        self.received.append(received)
        for waiting in [waiting for waiting in self._waiting if waiting[0](received)]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(received)

    def _confirm(self, node: Node, sender: Device) -> None:
        attrs = {"id": attr(node, "id"), "to": attr(node, "from")}
        if node.attrs.get("category") == "peer":
            attrs["type"] = "peer_msg"
        elif sender.account is self._device.account:
            attrs |= {"type": "sender", "recipient": node.attrs.get("recipient", attrs["to"])}
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
        attrs = {"id": message_id, "to": attr(node, "from"), "type": "retry"}
        if "recipient" in node.attrs:
            attrs["recipient"] = node.attrs["recipient"]
        self._hub.receive(self._device, Node("receipt", attrs, (Node("retry", retry), *self._peer.retry_keys())))

    def _resend(self, receipt: Node) -> None:
        """A device could not decrypt: start anew with it and send the message to it alone."""
        sent, target = self._sent.get(attr(receipt, "id")), self._hub.directory.device(as_jid(attr(receipt, "from")))
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

    # ---- out ----

    def _chat(self, to: str | Jid) -> Jid:
        if isinstance(to, Jid):
            return to.user_jid
        return as_jid(to).user_jid if "@" in to else self._hub.account(to).lid

    def _send_peer(self, companion: Device, message: Message) -> None:
        sent = _Sent(chat=self._device.account.lid, message=message, peer=True)
        self._send_one(companion, self._new_id(sent), sent, None)

    def _send_one(self, target: Device, message_id: str, sent: _Sent, count: int | None) -> None:
        attrs = {"id": message_id, "to": str(target.jid(like=sent.chat)), "type": "text"}
        if sent.peer:
            enc = self._peer.encrypt(target, sent.message.SerializeToString(), count=count)
            attrs["category"] = "peer"
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

    def _new_id(self, sent: _Sent) -> str:
        message_id = "3A" + self._hub.rng(9).hex().upper()
        _remember(self._sent, message_id, sent)
        return message_id

    # ---- what a new companion gets ----

    def _key_share(self) -> Message:
        share = Message.AppStateSyncKeyShare()
        key = share.keys.add()
        key.keyId.keyId = _APP_STATE_KEY_ID
        key.keyData.keyData = self._app_state_key
        key.keyData.fingerprint.rawId = 1
        key.keyData.timestamp = self._hub.now * 1000
        kind = Message.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
        return Message(protocolMessage=Message.ProtocolMessage(type=kind, appStateSyncKeyShare=share))

    def _history(self) -> list[Message]:
        account: Account = self._device.account
        names = HistorySync(syncType=HistorySync.INITIAL_BOOTSTRAP, chunkOrder=1, progress=0)
        names.pushnames.add(id=str(account.pn), pushname=account.profile.push_name)
        names.phoneNumberToLidMappings.add(pnJid=str(account.pn), lidJid=str(account.lid))
        recent = HistorySync(syncType=HistorySync.RECENT, chunkOrder=1, progress=100)
        return [_history_notice(names, Message.INITIAL_BOOTSTRAP), _history_notice(recent, Message.RECENT)]


def _history_notice(history: HistorySync, kind: Message.HistorySyncType.ValueType) -> Message:
    notice = Message.HistorySyncNotification(
        syncType=kind,
        chunkOrder=history.chunkOrder,
        progress=history.progress,
        initialHistBootstrapInlinePayload=zlib.compress(history.SerializeToString()),
    )
    protocol = Message.ProtocolMessage.HISTORY_SYNC_NOTIFICATION
    return Message(protocolMessage=Message.ProtocolMessage(type=protocol, historySyncNotification=notice))


def _remember(table: OrderedDict[str, T], key: str, value: T) -> None:
    table[key] = value
    while len(table) > MAX_KEPT:
        table.popitem(last=False)
