"""A session with every device before something is encrypted for it: bundles fetched together, in one request."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from motte.core.crypto.adv import verify_identity
from motte.core.signal import identity as trust
from motte.core.signal import session
from motte.core.signal.address import Address
from motte.core.signal.bundle import PreKeyBundle
from motte.core.stanza.prekeys import FetchBundles
from motte.errors import MotteError, PairingError, SignalError, UntrustedIdentity
from motte.events.account import IdentityChanged
from motte.model.jid import Jid
from motte.runtime.context import Context
from motte.runtime.step import Step

log = logging.getLogger("motte.sessions")


class Sessions:
    """Opens sessions from bundles."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def ensure(self, devices: Sequence[Jid], *, refresh: bool = False) -> dict[Jid, Address]:
        """The addresses of those devices that there is a session with now; the others are logged.

        `refresh` replaces the sessions that there are.

        Raises:
            Disconnected, RequestTimeout, ServerError: bundles were needed and the server did not answer.
        """
        addresses = await self._context.addresses.of_many(devices)
        missing = devices if refresh else await self._without_session(addresses)
        if missing and not refresh and await self._context.addresses.adopt_many(addresses[one] for one in missing):
            missing = await self._without_session(addresses)
        if missing:
            addresses = await self._open(addresses, missing, refresh=refresh)
        return addresses

    async def _without_session(self, addresses: Mapping[Jid, Address]) -> list[Jid]:
        records = await self._context.store.sessions.get_many(addresses.values())
        usable = {address for address, record in records.items() if record.current is not None}
        return [device for device, address in addresses.items() if address not in usable]

    async def _open(
        self, addresses: dict[Jid, Address], missing: Sequence[Jid], *, refresh: bool
    ) -> dict[Jid, Address]:
        wanted = tuple(addresses[device].jid for device in missing)
        fetched = await self._context.wire.request(FetchBundles(wanted, refresh=refresh))
        failed = set()
        async with self._context.locks.hold(addresses[device] for device in missing):
            step = Step(self._context.store, self._context.bus)
            opened_meanwhile = {} if refresh else await self._context.store.sessions.get_many(addresses.values())
            # Phones first: their identity is what their companions must be vouched for by.
            pairs = sorted(zip(missing, wanted, strict=True), key=lambda pair: pair[0].device != 0)
            for device, asked in pairs:
                record = opened_meanwhile.get(addresses[device])
                if record is not None and record.current is not None:
                    continue
                bundle = fetched.get(asked)
                try:
                    await self._start(addresses[device], bundle, step)
                except MotteError as error:
                    log.warning("no session with %s: %s", device, error)
                    failed.add(device)
            await step.commit()
        step.announce()
        return {device: address for device, address in addresses.items() if device not in failed}

    async def _start(self, address: Address, bundle: PreKeyBundle | MotteError | None, step: Step) -> None:
        if bundle is None:
            raise SignalError("the server gave no keys")
        if isinstance(bundle, MotteError):
            raise bundle
        await self.open(address, bundle, step)

    async def open(self, address: Address, bundle: PreKeyBundle, step: Step) -> None:
        """Put a new session with the owner of `bundle` into `step`. Hold the lock of `address`.

        Raises:
            InvalidSignature: the signed prekey is not the identity's.
            UntrustedIdentity: nobody vouches for the companion whose bundle it is.
        """
        context = self._context
        await self.check_owner(address, bundle.identity, bundle.device_identity, step)
        record = await context.store.sessions.get(address, step.batch)
        record = session.start(record, bundle, own=context.account.own, rng=context.rng, now=context.clock.now())
        context.store.sessions.put(step.batch, address, record)
        await self.trust(address, bundle.identity, step)

    async def check_owner(self, address: Address, identity: bytes, vouched: bytes | None, step: Step) -> None:
        """A companion that shows a new identity must bring its account's signature over it (`vouched`).

        A phone's identity is trusted on first use, but for our own phone's: it was proved at pairing.

        Raises:
            UntrustedIdentity: it brings none, or one that does not verify; or another identity than our own phone's.
        """
        identities, own = self._context.store.identities, self._context.account
        ours = own.account_key if own.me.owns(address.jid) else None
        if address.device == 0:
            if ours is not None and identity != ours:
                raise UntrustedIdentity(
                    "this is not the own phone that linked this device; if it was set up anew, link again"
                )
            return
        if await identities.get(address, step.batch) == identity:
            return
        account = ours or await identities.get(Address(address.user, 0), step.batch)
        try:
            signed = verify_identity(vouched or b"", identity, account, hosted=address.jid.is_hosted)
        except PairingError as error:
            raise UntrustedIdentity(f"the account of {address} does not vouch for this device: {error}") from error
        if account is None:
            # The first device of this person that we meet: its account's key is the phone's identity, for all others.
            identities.put(step.batch, Address(address.user, 0), signed.account_key)

    async def trust(self, address: Address, identity: bytes, step: Step) -> None:
        """Remember a device's identity key; tell when it is another one than before."""
        known = await self._context.store.identities.get(address, step.batch)
        if known == identity:
            return
        self._context.store.identities.put(step.batch, address, identity)
        if trust.changed(known, identity):
            log.info("the identity key of %s changed", address)
            step.tell(IdentityChanged(device=address.jid))
