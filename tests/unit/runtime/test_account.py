"""The credentials at hand."""

from __future__ import annotations

import asyncio

import pytest

from motte.errors import NotLoggedIn, StoreError
from motte.runtime.account import AccountState
from motte.store.batch import Batch
from motte.store.memory import MemoryBackend
from motte.store.store import Store
from motte.testing.clock import ManualClock
from motte.testing.rng import SeededRng


class Slow(MemoryBackend):
    """Its commits wait for a gate, and may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False
        self._order = asyncio.Lock()

    async def commit(self, batch: Batch) -> None:
        async with self._order:
            await self.gate.wait()
            if self.broken:
                raise StoreError("the disk is full")
            await super().commit(batch)


async def loaded(backend: MemoryBackend) -> AccountState:
    state = AccountState(await Store.open(backend), clock=ManualClock(), rng=SeededRng(1))
    await state.load()
    return state


async def test_fresh_credentials_are_made_once() -> None:
    backend = MemoryBackend()
    store = await Store.open(backend)
    states = [AccountState(store, clock=ManualClock(), rng=SeededRng(seed)) for seed in (1, 2)]
    for state in states:
        await state.load()
    assert states[0].credentials == states[1].credentials
    assert states[0].maybe_me is None
    for ask in ("me", "link", "account_key"):
        with pytest.raises(NotLoggedIn, match="scan the QR code first"):
            getattr(states[0], ask)


async def test_changes_side_by_side_are_all_kept() -> None:
    backend = Slow()
    state = await loaded(backend)
    backend.gate.clear()
    changes = asyncio.gather(state.change(routing_info=b"edge"), state.change(props_hash="abc"))
    await asyncio.sleep(0)
    backend.gate.set()
    await changes
    kept = await state._store.account.get()
    assert kept == state.credentials
    assert (state.credentials.routing_info, state.credentials.props_hash) == (b"edge", "abc")


async def test_what_could_not_be_stored_does_not_count() -> None:
    backend = Slow()
    state = await loaded(backend)
    before = state.credentials
    backend.broken = True
    with pytest.raises(StoreError):
        await state.change(props_hash="abc")
    assert state.credentials is before
