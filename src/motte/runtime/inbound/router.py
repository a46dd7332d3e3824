"""From stanzas to the parts that handle them: one at a time, in the order in which they came.

Nothing here waits for the network: what has to ask the server does so in a task of its own. So one slow question holds
up no message, and an answer never waits behind the stanza that asked for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from motte.core.binary.node import Node
from motte.core.stanza import dispatch
from motte.core.stanza.ack import IncomingAck, Nack, ack
from motte.core.stanza.call import IncomingCall
from motte.core.stanza.dispatch import Malformed, Stanza, UnknownRequest, UnknownStanza
from motte.core.stanza.header import Header
from motte.core.stanza.keepalive import ServerPing
from motte.core.stanza.login import Success
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.notification import Notification
from motte.core.stanza.pairing import PairDevice, PairSuccess
from motte.core.stanza.receipt import IncomingReceipt
from motte.core.stanza.retry import IncomingRetry
from motte.errors import Disconnected, MotteError, StoreError
from motte.events.call import CallReceived
from motte.events.presence import ChatStateChanged, PresenceChanged
from motte.events.receipt import ReceiptReceived
from motte.model.presence import ChatState, Presence
from motte.model.receipt import ReceiptKind
from motte.runtime.chats import ChatBook
from motte.runtime.context import Context
from motte.runtime.inbound.messages import Messages
from motte.runtime.inbound.notifications import Notifications
from motte.runtime.outbound.resend import Resender
from motte.runtime.pairing import Pairing
from motte.runtime.tracking import Tracker
from motte.runtime.upkeep import Upkeep

log = logging.getLogger("motte.inbound")


HIGH_WATER: Final = 1024
"""Stanzas waiting to be handled at which reading from the network stops …"""
LOW_WATER: Final = 128
"""… and at which it goes on."""


class Router:
    """Queues stanzas and hands each to its handler."""

    def __init__(
        self,
        context: Context,
        *,
        messages: Messages,
        notifications: Notifications,
        resender: Resender,
        pairing: Pairing,
        upkeep: Upkeep,
        tracker: Tracker,
        chats: ChatBook,
        hold: Callable[[bool], None],
    ) -> None:
        self._context = context
        self._messages, self._notifications, self._resender = messages, notifications, resender
        self._pairing, self._upkeep, self._tracker = pairing, upkeep, tracker
        self._chats, self._hold, self._held = chats, hold, False
        self._queue: deque[Node | Success] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, item: Node | Success) -> None:
        """Queue a stanza, or the login, which comes before all that follows it."""
        self._queue.append(item)
        self._idle.clear()
        self._wake.set()
        if len(self._queue) >= HIGH_WATER and not self._held:
            self._held = True
            self._hold(True)

    async def drained(self) -> None:
        """Return when everything queued so far is handled."""
        await self._idle.wait()

    async def run(self) -> None:
        """Handle stanzas for ever."""
        while True:
            while self._queue:
                await self._handle(self._queue.popleft())
                if self._held and len(self._queue) <= LOW_WATER:
                    self._held = False
                    self._hold(False)
            self._idle.set()
            self._wake.clear()
            await self._wake.wait()

    async def _handle(self, item: Node | Success) -> None:
        """Handle one; whatever goes wrong with it, the next one is handled."""
        what = "success" if isinstance(item, Success) else item.tag
        try:
            if isinstance(item, Success):
                await self._upkeep.welcomed(item)
            else:
                await self._dispatch(dispatch.read(item, self._context.account.maybe_me))
        except Disconnected:
            log.debug("the connection ended before a <%s> was answered; the server sends it again", what)
        except StoreError as error:
            # Not acknowledged, so nothing is lost: the server sends it again after the next login.
            log.error("a <%s> could not be stored and stays unacknowledged: %s", what, error)
        except MotteError as error:
            log.warning("a <%s> failed: %s", what, error)
        except Exception:
            log.exception("a <%s> failed", what)

    async def _dispatch(self, stanza: Stanza) -> None:
        match stanza:
            case IncomingMessage():
                await self._messages.handle(stanza)
            case IncomingReceipt():
                await self._receipt(stanza)
            case IncomingRetry():
                self._context.tasks.start(self._resend(stanza), "resend")
            case IncomingCall():
                self._call(stanza)
            case PairDevice():
                self._pairing.offered(stanza)
            case PairSuccess():
                await self._pairing.succeeded(stanza)
            case ChatState():
                self._context.bus.publish(ChatStateChanged(state=stanza))
            case Presence():
                self._context.bus.publish(PresenceChanged(presence=stanza))
            case Malformed():
                self._malformed(stanza)
            case IncomingAck() | UnknownStanza() | UnknownRequest() | ServerPing() | Success():
                log.debug("nobody waits for %s", stanza)
            case _ if isinstance(stanza, Notification):
                await self._notification(stanza)
            case _:
                await self._upkeep.informed(stanza)

    async def _notification(self, notification: Notification) -> None:
        """Notifications are acked whatever becomes of them."""
        try:
            await self._notifications.handle(notification)
        finally:
            self._ack(notification.header)

    async def _resend(self, retry: IncomingRetry) -> None:
        """Acked when answered: if the answer is lost with the connection, the server brings the question again."""
        await self._resender.answer(retry)
        self._ack(retry.header)

    async def _receipt(self, stanza: IncomingReceipt) -> None:
        for receipt in stanza.receipts:
            self._tracker.note(receipt)
            if receipt.by_me and receipt.kind in (ReceiptKind.READ, ReceiptKind.READ_SELF):
                await self._chats.was_read(receipt.chat)
            self._context.bus.publish(ReceiptReceived(receipt=receipt))
        self._ack(stanza.header)

    def _call(self, call: IncomingCall) -> None:
        self._ack(call.header)
        event = CallReceived(
            call_id=call.call_id,
            caller=call.creator,
            signal=call.signal.value,
            is_video=call.is_video,
            is_group=call.is_group,
            reason=call.reason,
            timestamp=call.header.t,
        )
        self._context.bus.publish(event)

    def _malformed(self, stanza: Malformed) -> None:
        log.warning("a <%s> is malformed: %s", stanza.tag, stanza.error)
        if stanza.header is None:
            return
        if stanza.tag == "notification":
            self._notifications.broken(stanza, stanza.header)
        # Before the login only notifications come that ask for an ack.
        if stanza.tag == "notification" or self._context.account.maybe_me is not None:
            self._ack(stanza.header, Nack.PARSING_ERROR if stanza.tag == "message" else None)

    def _ack(self, header: Header, error: Nack | None = None) -> None:
        me = self._context.account.maybe_me
        self._context.wire.send(ack(header, me, error))
