"""What nearly every part of the engine needs, made once per client."""

from __future__ import annotations

from dataclasses import dataclass

from motte.core.crypto.rng import Rng
from motte.core.signal.address import Address
from motte.runtime.account import AccountState
from motte.runtime.addresses import Addresses
from motte.runtime.bus import Bus
from motte.runtime.clock import Clock
from motte.runtime.config import Config
from motte.runtime.locks import KeyedLocks
from motte.runtime.tasks import Tasks
from motte.runtime.wire import Wire
from motte.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The store, the connection, the clock and their like. `locks` guard sessions by address."""

    config: Config
    store: Store
    wire: Wire
    bus: Bus
    clock: Clock
    rng: Rng
    account: AccountState
    locks: KeyedLocks[Address]
    addresses: Addresses
    tasks: Tasks
