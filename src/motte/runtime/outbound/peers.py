"""Messages between the account's own devices that no chat shows: requests to the phone, keys for another device."""

from __future__ import annotations

from motte.core.message import compose, ids
from motte.core.message.envelope import Envelope
from motte.core.message.kinds import labels
from motte.core.stanza.ack import hint
from motte.errors import NoSession, SendRejected
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.runtime.context import Context
from motte.runtime.outbound.seal import seal
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.step import Step


class PeerMessages:
    """Sends them, each to one device."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context, self._sessions = context, sessions

    def new_id(self) -> str:
        """An id for a message, for those who must know it before an answer can come."""
        context = self._context
        return ids.message_id(context.account.me.pn, context.clock.now(), context.rng)

    async def send(self, message: Message, *, to: Jid | None = None, message_id: str = "") -> str:
        """Send to an own device, the phone unless `to` is another; gives the id, which an answer names.

        Returns when the server has acked it. The id is a new one unless `message_id` is given.

        Raises:
            NoSession: the device gave no keys.
            SendRejected: the server refused it.
            NotLoggedIn, Disconnected, RequestTimeout, ServerError: as with any message.
        """
        context = self._context
        me = context.account.me
        device = to or me.pn.user_jid
        addresses = await self._sessions.ensure([device])
        if device not in addresses:
            raise NoSession(f"{device} gave no keys to encrypt for")
        message_id = message_id or self.new_id()
        async with context.locks.hold(addresses.values()):
            step = Step(context.store, context.bus)
            sealed = await seal(context, {device: compose.encode(message, context.rng)}, addresses, step)
            if not sealed:
                raise NoSession(f"the session with {device} has ended")
            await step.commit()
        identity = context.account.link.identity
        envelope = Envelope(id=message_id, chat=device, labels=labels(message), device_identity=identity)
        answer = await context.wire.acked(envelope.peer(sealed[0]), timeout=context.config.send_timeout)
        if answer.error is not None:
            raise SendRejected(answer.error, hint(answer.error), message_id=message_id)
        return message_id
