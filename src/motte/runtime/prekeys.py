"""Keeping the server supplied with our prekeys, and the signed prekey fresh.

    at login   none on the server: upload 812. Few: upload more. Then compare digests, and rotate the signed prekey
               when it is a week old; replaced ones decrypt late messages for another month.
    pushed     the server says that few are left: upload more.

Ids only ever go up, and a prekey is stored before the server hears of it, so an upload that is repeated after a crash
offers the same keys again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final

from motte.core.signal.keys import bundle_digest, generate_prekeys, generate_signed_prekey, next_id
from motte.core.stanza.prekeys import CountPreKeys, GetKeyDigest, KeyDigest, RotateSignedPreKey, UploadPreKeys
from motte.runtime.context import Context

log = logging.getLogger("motte.prekeys")

INITIAL: Final = 812
"""How many the first upload has, as WhatsApp Web's."""
MORE: Final = 5
"""How many a top-up has, and how few left on the server call for one."""
ROTATE_AFTER: Final = 7 * 86_400.0
KEEP_REPLACED: Final = 30 * 86_400.0
"""Seconds that a replaced signed prekey still decrypts; the server delivers no older messages."""


class PreKeys:
    """Uploads, checks and rotates; one at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._busy = asyncio.Lock()

    async def maintain(self) -> None:
        """What is due after a login."""
        async with self._busy:
            await self._top_up(await self._context.wire.request(CountPreKeys()))
            digest = await self._context.wire.request(GetKeyDigest())
            if not await self._agrees(digest):
                log.warning("the server's copy of our keys is not ours; uploading them again")
                await self._upload(INITIAL)
            await self._rotate()

    async def top_up(self, left: int) -> None:
        """The server has `left` prekeys of ours."""
        async with self._busy:
            await self._top_up(left)

    async def _top_up(self, left: int) -> None:
        waiting = await self._context.store.prekeys.not_uploaded()
        if left == 0:
            await self._upload(INITIAL)
        elif left <= MORE or waiting:
            await self._upload(MORE)

    async def _upload(self, count: int) -> None:
        """Upload `count` prekeys; those that an interrupted upload left behind go first."""
        context, credentials = self._context, self._context.account.credentials
        prekeys = (await context.store.prekeys.not_uploaded())[:INITIAL]
        missing = count - len(prekeys)
        if missing > 0:
            fresh = generate_prekeys(credentials.next_prekey_id, missing, context.rng)
            batch = context.store.batch()
            context.store.prekeys.put_many(batch, fresh)
            credentials = replace(credentials, next_prekey_id=next_id(fresh[-1].id))
            await context.account.save(credentials, batch)
            prekeys += fresh
        request = UploadPreKeys(
            registration_id=credentials.registration_id,
            identity=credentials.identity.public,
            signed_prekey=credentials.signed_prekey,
            prekeys=tuple(prekeys),
        )
        await context.wire.request(request)
        batch = context.store.batch()
        context.store.prekeys.put_many(batch, prekeys, uploaded=True)
        await context.store.commit(batch)
        log.info("uploaded %d prekeys", len(prekeys))

    async def _agrees(self, digest: KeyDigest | None) -> bool:
        """Whether the server holds what we hold: same registration, identity, signed prekey, and known prekeys."""
        credentials = self._context.account.credentials
        if digest is None or digest.registration_id != credentials.registration_id:
            return False
        keys = [await self._context.store.prekeys.get(number) for number in digest.prekey_ids]
        # One that a message has just used up may still be listed; without it the hash cannot be compared.
        known = [key.pair.public for key in keys if key is not None]
        if len(known) < len(keys):
            return True
        return digest.hash == bundle_digest(credentials.identity.public, credentials.signed_prekey, known)

    async def _rotate(self) -> None:
        account, now = self._context.account, self._context.clock.now()
        current = account.credentials.signed_prekeys[0]
        if now - current.created < ROTATE_AFTER:
            return
        key = generate_signed_prekey(account.credentials.identity, next_id(current.key.id), self._context.rng)
        # Kept first: from the moment the server has it, messages may name it.
        await account.save(account.credentials.rotated(key, now=now, keep=KEEP_REPLACED))
        await self._context.wire.request(RotateSignedPreKey(key))
        log.info("rotated the signed prekey to %d", key.id)
