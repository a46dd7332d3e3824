"""Who we are, at hand without asking the database: the credentials, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from motte.core.crypto.rng import Rng
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import PreKey, generate_prekeys, next_id
from motte.core.stanza.props import Switch
from motte.errors import NotLoggedIn
from motte.model.me import Me
from motte.proto.adv_pb2 import ADVSignedDeviceIdentity
from motte.runtime.clock import Clock
from motte.store.batch import Batch
from motte.store.repo.account import Credentials, Link
from motte.store.store import Store


class AccountState:
    """The current credentials of one account. `load` first."""

    def __init__(self, store: Store, *, clock: Clock, rng: Rng) -> None:
        self._store, self._clock, self._rng = store, clock, rng
        self._credentials: Credentials | None = None
        self._me: Me | None = None

    async def load(self) -> None:
        """Read the credentials, or make and store fresh ones at the first start."""
        credentials = await self._store.account.get()
        if credentials is None:
            await self.save(Credentials.fresh(now=self._clock.now(), rng=self._rng))
        else:
            self._take(credentials)

    @property
    def credentials(self) -> Credentials:
        """The keys and counters of this device."""
        assert self._credentials is not None  # load() comes before everything else
        return self._credentials

    @property
    def own(self) -> OwnIdentity:
        """This device as its Signal peers see it."""
        credentials = self.credentials
        return OwnIdentity(pair=credentials.identity, registration_id=credentials.registration_id)

    @property
    def maybe_me(self) -> Me | None:
        """The account's addresses, or None while no phone has linked this device."""
        return self._me

    @property
    def me(self) -> Me:
        """The account's addresses.

        Raises:
            NotLoggedIn: no phone has linked this device.
        """
        if self._me is None:
            raise NotLoggedIn("no account is linked yet; scan the QR code first")
        return self._me

    @property
    def link(self) -> Link:
        """The linked account.

        Raises:
            NotLoggedIn: no phone has linked this device.
        """
        link = self.credentials.link
        if link is None:
            raise NotLoggedIn("no account is linked yet; scan the QR code first")
        return link

    def is_on(self, switch: Switch) -> bool:
        """Whether the server has turned this on."""
        return switch.is_on(self.credentials.props)

    @property
    def account_key(self) -> bytes:
        """The identity key of our own phone (32 bytes), which signed this device's link.

        Raises:
            NotLoggedIn: no phone has linked this device.
        """
        return ADVSignedDeviceIdentity.FromString(self.link.identity).accountSignatureKey

    async def change(self, **changes: Any) -> None:
        """Store changed credentials."""
        await self.save(replace(self.credentials, **changes))

    async def save(self, credentials: Credentials, batch: Batch | None = None) -> None:
        """Store these credentials, together with what else is in `batch`; if that fails, nothing has changed."""
        batch, before = batch or self._store.batch(), self._credentials
        self._store.account.put(batch, credentials)
        # They count at once, so that whoever changes something during the commit starts from them.
        self._take(credentials)
        try:
            await self._store.commit(batch)
        except BaseException:
            if self._credentials is credentials:
                self._take(before)
            raise

    async def name(self, push_name: str) -> None:
        """The account's name is this, says another own device."""
        link = self.link
        if link.push_name != push_name:
            await self.change(link=replace(link, push_name=push_name))

    async def new_prekey(self) -> PreKey:
        """A one-time prekey that is stored and never uploaded: for a retry receipt, where one peer alone gets it."""
        (prekey,) = generate_prekeys(self.credentials.next_prekey_id, 1, self._rng)
        batch = self._store.batch()
        self._store.prekeys.put_many(batch, [prekey], uploaded=True)
        await self.save(replace(self.credentials, next_prekey_id=next_id(prekey.id)), batch)
        return prekey

    def _take(self, credentials: Credentials | None) -> None:
        self._credentials = credentials
        link = credentials.link if credentials else None
        self._me = Me(pn=link.jid, lid=link.lid) if link else None
