"""Messages that cannot be decrypted are asked of the own phone, too, when the sender does not send them again in time.

    failed     the sender gets a retry receipt; some seconds later, if that brought nothing:
    asked      PLACEHOLDER_MESSAGE_RESEND to the phone, once for each message
    answered   with the request's id and the message as the phone keeps it: told like any other, as recovered

Messages are handled one at a time, and the answer is itself one. So which of the two ways is first is decided by what
is stored of the message, and the other finds it done.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.message.parse import Parsed, parse
from motte.core.message.retry_policy import may_ask_phone
from motte.core.stanza.message import IncomingMessage
from motte.errors import MotteError, RemoteProtocolError
from motte.proto.web_message_pb2 import WebMessageInfo
from motte.runtime.context import Context
from motte.runtime.history.demand import Demands, Response
from motte.runtime.inbound.inbox import Delivery
from motte.runtime.step import Step
from motte.store.cache import Lru
from motte.store.repo.received import MessageState, Received, ReceivedId

log = logging.getLogger("motte.inbound")

REMEMBERED: Final = 512
"""Messages that the phone was asked for. The answer may take until the phone is online again."""


class Placeholders:
    """Asks the phone, and takes what it answers."""

    def __init__(self, context: Context, *, delivery: Delivery, demands: Demands) -> None:
        self._context, self._delivery, self._demands = context, delivery, demands
        self._known: Lru[bool] = Lru(REMEMBERED)
        self._asked: Lru[IncomingMessage | None] = Lru(REMEMBERED)

    def missing(self, incoming: IncomingMessage) -> None:
        """A message could not be decrypted: ask the phone in some seconds, unless that is done already."""
        clock, wait, name = self._context.clock, self._context.config.ask_phone_after, _name(incoming)
        if wait is None or self._known.get(name, False) or not _may_ask(incoming, clock.now()):
            return
        self._known.put(name, True)
        message = replace(incoming, encs=())  # what is of no use is not kept
        clock.call_at(clock.monotonic() + wait, partial(self._now, message))

    def _now(self, incoming: IncomingMessage) -> None:
        self._context.tasks.start(self._ask(incoming), "placeholder")

    async def _ask(self, incoming: IncomingMessage) -> None:
        fate = await self._context.store.received.get(_id(incoming))
        if fate is None or fate.state is MessageState.DONE:
            return
        request_id = self._demands.new_id()
        self._asked.put(request_id, incoming)
        try:
            await self._demands.ask_for(incoming.key, request_id)
        except MotteError:
            self._asked.drop(request_id)
            self._known.drop(_name(incoming))  # the next failure asks again
            raise

    async def answered(self, response: Response, step: Step) -> bool:
        """The phone, and nobody else, says something; False when it is no answer to what was asked here."""
        incoming = self._asked.get(response.stanzaId, None)
        if incoming is None:
            return False
        self._asked.drop(response.stanzaId)
        received = self._context.store.received
        fate = await received.get(_id(incoming), step.batch)
        if fate is None or fate.state is MessageState.DONE:
            return True
        parsed = self._read(response, incoming)
        if parsed is None:
            log.info("the phone has no %s either", incoming.id)
            return True
        await received.put(step.batch, _id(incoming), Received(state=MessageState.DONE, first_seen=fate.first_seen))
        await self._delivery.take(step, incoming, parsed, recovered=True)
        return True

    def _read(self, response: Response, incoming: IncomingMessage) -> Parsed | None:
        """What the phone kept of the message; None when it is another one, or nothing that says something."""
        for result in response.peerDataOperationResult:
            try:
                info = WebMessageInfo.FromString(result.placeholderMessageResendResponse.webMessageInfoBytes)
                if info.key.id != incoming.id or info.key.fromMe:
                    continue
                parsed = parse(info.message, key=incoming.key, me=self._context.account.me)
            except (DecodeError, RemoteProtocolError):
                continue
            if parsed.says_something and parsed.forged is None:
                return parsed
        return None


def _id(incoming: IncomingMessage) -> ReceivedId:
    return ReceivedId(chat=incoming.source.chat, sender=incoming.source.sender, id=incoming.id)


def _name(incoming: IncomingMessage) -> str:
    return f"{incoming.source.chat}|{incoming.source.sender}|{incoming.id}"


def _may_ask(incoming: IncomingMessage, now: float) -> bool:
    source = incoming.source
    return may_ask_phone(from_me=source.from_me, status=source.chat.is_status, age=now - incoming.timestamp)
