"""The app-state keys: kept as the phone shares them, asked for when one is missing, given to own devices that ask.

Only messages of the own account get here (`core.message.protocol`): whoever could hand out a key would write the
account's state.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import islice
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.appstate.keys import MAX_KEY_ID, MutationKeys
from motte.errors import RemoteProtocolError, StoreCorrupt
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.runtime.context import Context
from motte.runtime.outbound.peers import PeerMessages
from motte.runtime.step import Step

log = logging.getLogger("motte.appstate")

ASK_AGAIN: Final = 86_400.0
"""Seconds before the phone is asked again for a key that it has not shared."""
MAX_ASKED: Final = 1_000
"""Keys of one request or share that are looked at."""
_Data = Message.AppStateSyncKeyData


class Keyring:
    """The keys of the account."""

    def __init__(self, context: Context, peers: PeerMessages) -> None:
        self._context, self._peers = context, peers
        self._derived: dict[bytes, MutationKeys] = {}
        self._asked: dict[bytes, float] = {}
        self._lost: set[bytes] = set()

    async def of(self, key_ids: Iterable[bytes]) -> dict[bytes, MutationKeys]:
        """Those of these keys that we have."""
        found = {}
        for key_id in key_ids:
            if key_id not in self._derived:
                stored = await self._context.store.appstate.get_key(key_id)
                if stored is None:
                    continue
                self._derived[key_id] = _derive(key_id, stored)
            found[key_id] = self._derived[key_id]
        return found

    async def all(self) -> list[MutationKeys]:
        """All keys, the newest first: that is the one to write with."""
        stored = await self._context.store.appstate.keys()
        newest_first = sorted(stored, key=lambda key_id: (_parse(stored[key_id]).timestamp, key_id), reverse=True)
        keys = await self.of(newest_first)
        return [keys[key_id] for key_id in newest_first]

    async def any(self) -> bool:
        """Whether a phone has shared any key."""
        return bool(await self._context.store.appstate.key_ids())

    def is_lost(self, key_ids: Iterable[bytes]) -> bool:
        """Whether the phone has said that it does not have one of these either."""
        return not self._lost.isdisjoint(key_ids)

    def take(self, share: Message.AppStateSyncKeyShare, sender: Jid, step: Step) -> int:
        """Keep the keys that an own device shares; gives how many. A key without data is one that it does not have."""
        gained = 0
        for key in share.keys[:MAX_ASKED]:
            key_id = key.keyId.keyId
            if not 0 < len(key_id) <= MAX_KEY_ID:
                log.warning("%s shares an app-state key with a malformed id", sender)
            elif key.keyData.keyData:
                self._context.store.appstate.put_key(step.batch, key_id, key.keyData.SerializeToString())
                self._derived.pop(key_id, None)
                self._lost.discard(key_id)
                gained += 1
            elif sender.device == 0:
                log.warning("the phone does not have the app-state key %s", key_id.hex())
                self._lost.add(key_id)
        return gained

    async def ask(self, key_ids: Iterable[bytes]) -> None:
        """Ask the phone for keys, for each at most once a day. Raises like `PeerMessages.send`."""
        now = self._context.clock.now()
        due = (key_id for key_id in sorted(key_ids) if now - self._asked.get(key_id, -ASK_AGAIN) >= ASK_AGAIN)
        wanted = list(islice(due, MAX_ASKED))  # more are asked for when these have come
        if not wanted:
            return
        request = Message()
        request.protocolMessage.type = Message.ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST
        for key_id in wanted:
            request.protocolMessage.appStateSyncKeyRequest.keyIds.add(keyId=key_id)
        await self._peers.send(request)
        self._asked.update(dict.fromkeys(wanted, now))
        log.info("asked the phone for %d app-state keys", len(wanted))

    async def answer(self, request: Message.AppStateSyncKeyRequest, device: Jid) -> None:
        """Share with an own device what it asks for; what we do not have goes without data. Raises like `ask`."""
        share = Message()
        share.protocolMessage.type = Message.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
        keys = share.protocolMessage.appStateSyncKeyShare.keys
        for asked in request.keyIds[:MAX_ASKED]:
            key = keys.add()
            key.keyId.keyId = asked.keyId
            stored = await self._context.store.appstate.get_key(asked.keyId)
            if stored is not None:
                key.keyData.MergeFromString(stored)
        if keys:
            await self._peers.send(share, to=device)


def _parse(stored: bytes) -> _Data:
    try:
        return _Data.FromString(stored)
    except DecodeError as error:
        raise StoreCorrupt("a stored app-state key cannot be read") from error


def _derive(key_id: bytes, stored: bytes) -> MutationKeys:
    try:
        return MutationKeys.derive(key_id, _parse(stored).keyData)
    except RemoteProtocolError as error:
        raise StoreCorrupt("a stored app-state key has no data") from error
