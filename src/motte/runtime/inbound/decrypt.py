"""Opening a message: every `<enc>` of the stanza in order, each with the session that it belongs to.

    pkmsg   opens a session with a prekey of ours; a companion must prove that its account vouches for it
    msg     the session with the sender
    skmsg   the sender's key for the group

What one `<enc>` brings may be needed by the next (a sender key before the group's ciphertext), so each sees the batch
of those before it. The caller holds the lock of the sender's address, and commits.
"""

from __future__ import annotations

import logging

from motte.core.message.parse import Parsed, decode, parse
from motte.core.signal import group_cipher, session
from motte.core.signal.address import Address
from motte.core.signal.wire import PreKeySignalMessage
from motte.core.stanza.message import MSG, PKMSG, SKMSG, Enc, IncomingMessage
from motte.errors import InvalidMessage, NoSession, RemoteProtocolError
from motte.model.jid import Jid
from motte.runtime.context import Context
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.step import Step

log = logging.getLogger("motte.inbound")


class Decryptor:
    """Decrypts the messages of one account."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context, self._sessions = context, sessions

    async def open(self, incoming: IncomingMessage, sender: Address, step: Step) -> list[Parsed]:
        """What the ciphertexts say, in order; the sessions' next states are in `step`.

        A ciphertext that fails is made up for by one that has content; without any content the first failure is
        raised.

        Raises:
            RemoteProtocolError: nothing usable could be decrypted (`SignalError` and its kinds say why).
        """
        opened: list[Parsed] = []
        failure: RemoteProtocolError | None = None
        for enc in incoming.encs:
            try:
                plaintext = await self._decrypt(enc, incoming, sender, step)
                parsed = parse(decode(plaintext), key=incoming.key, me=self._context.account.me)
                await self._keep_sender_key(parsed, enc, incoming, sender, step)
            except RemoteProtocolError as error:
                failure = failure or error
            else:
                opened.append(parsed)
        if failure is not None and not any(parsed.says_something for parsed in opened):
            raise failure
        if failure is not None:
            log.info("a part of %s could not be decrypted: %s", incoming.id, failure)
        return opened

    async def _decrypt(self, enc: Enc, incoming: IncomingMessage, sender: Address, step: Step) -> bytes:
        if enc.kind == PKMSG:
            return await self._prekey_message(enc, incoming, sender, step)
        if enc.kind == MSG:
            return await self._message(enc, sender, step)
        if enc.kind == SKMSG:
            return await self._group_message(enc, incoming.source.chat, sender, step)
        raise InvalidMessage(f"ciphertexts of the kind {enc.kind[:20]!r} are not known")

    async def _prekey_message(self, enc: Enc, incoming: IncomingMessage, sender: Address, step: Step) -> bytes:
        context, message = self._context, PreKeySignalMessage.parse(enc.data)
        record = await context.addresses.adopt(sender, step.batch)
        prekey = None
        if message.prekey_id is not None:
            prekey = await context.store.prekeys.get(message.prekey_id, step.batch)
        result = session.decrypt_prekey(
            record,
            message,
            own=context.account.own,
            signed_prekey=context.account.credentials.find_signed_prekey(message.signed_prekey_id),
            prekey=prekey,
            rng=context.rng,
            now=context.clock.now(),
        )
        await self._sessions.check_owner(sender, result.identity, incoming.device_identity, step)
        context.store.sessions.put(step.batch, sender, result.record)
        if result.prekey_id is not None:
            context.store.prekeys.delete(step.batch, result.prekey_id)
        await self._sessions.trust(sender, result.identity, step)
        return result.plaintext

    async def _message(self, enc: Enc, sender: Address, step: Step) -> bytes:
        context = self._context
        record = await context.addresses.adopt(sender, step.batch)
        if record is None:
            raise NoSession(f"there is no session with {sender}")
        result = session.decrypt(record, enc.data, own=context.account.own, rng=context.rng, now=context.clock.now())
        context.store.sessions.put(step.batch, sender, result.record)
        return result.plaintext

    async def _group_message(self, enc: Enc, group: Jid, sender: Address, step: Step) -> bytes:
        keys = self._context.store.sender_keys
        record = await keys.get(group, sender, step.batch)
        if record is None:
            raise NoSession(f"there is no sender key of {sender} for {group}")
        record, plaintext = group_cipher.decrypt(record, enc.data)
        keys.put(step.batch, group, sender, record)
        return plaintext

    async def _keep_sender_key(
        self, parsed: Parsed, enc: Enc, incoming: IncomingMessage, sender: Address, step: Step
    ) -> None:
        """Take a sender key that came over the pairwise session; it is for the chat that the stanza names."""
        if parsed.distribution is None or enc.kind not in (PKMSG, MSG):
            return
        keys, group = self._context.store.sender_keys, incoming.source.chat
        if group.is_user:
            return
        record = await keys.get(group, sender, step.batch)
        keys.put(step.batch, group, sender, group_cipher.process(record, parsed.distribution.data))
