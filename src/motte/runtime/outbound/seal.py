"""Encrypting one message for many devices, and keeping what that changes."""

from __future__ import annotations

from collections.abc import Mapping

from motte.core.message.envelope import Sealed
from motte.core.signal import session
from motte.core.signal.address import Address
from motte.errors import SignalError
from motte.model.jid import Jid
from motte.runtime.context import Context
from motte.runtime.step import Step


async def seal(
    context: Context, plaintexts: Mapping[Jid, bytes], addresses: Mapping[Jid, Address], step: Step
) -> list[Sealed]:
    """The ciphertext for each device; the sessions' next states go into `step`. Hold the locks of the addresses.

    A device whose session is gone in the meantime is left out.
    """
    records = await context.store.sessions.get_many((addresses[device] for device in plaintexts), step.batch)
    own = context.account.own
    sealed = []
    for device, plaintext in plaintexts.items():
        record = records.get(addresses[device])
        if record is None:
            continue
        try:
            encrypted = session.encrypt(record, plaintext, own=own)
        except SignalError:
            continue
        context.store.sessions.put(step.batch, addresses[device], encrypted.record)
        sealed.append(Sealed(device=device, kind=encrypted.kind, body=encrypted.body))
    return sealed
