# ruff: noqa: ASYNC240  (a test may look at its small files while nothing else runs)
"""One client per account, many accounts per file."""

import asyncio
from pathlib import Path

import pytest

from motte.core.signal.address import Address
from motte.errors import LocalProtocolError, StoreInUse
from motte.model.jid import Jid
from motte.store.memory import MemoryBackend
from motte.store.repo.account import Credentials
from motte.store.repo.contacts import ContactNames
from motte.store.repo.tokens import Trust
from motte.store.store import Store, accounts
from motte.testing.rng import SeededRng

PHONE = Address("15550100001", 0)
ALICE = Jid.parse("15550100001@s.whatsapp.net")


async def test_an_account_is_opened_once(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    first = await Store.open(path)
    with pytest.raises(StoreInUse, match="open in another client") as caught:
        await Store.open(path)
    assert str(path) in str(caught.value)
    # The refused one must not have taken anything from the first.
    assert await first.account.get() is None
    other = await Store.open(path, "sales")
    await first.close()
    await first.close()
    again = await Store.open(path)
    await again.close()
    await other.close()


async def test_an_account_in_memory_is_opened_once() -> None:
    backend = MemoryBackend()
    first = await Store.open(backend)
    with pytest.raises(StoreInUse):
        await Store.open(backend)
    await first.close()
    await (await Store.open(backend)).close()


async def test_accounts_in_one_file_do_not_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    names = ["default", "sales", "sale", "büro 2", "sales.eu"]
    stores = [await Store.open(path, name) for name in names]
    for number, store in enumerate(stores):
        batch = store.batch()
        store.account.put(batch, Credentials.fresh(now=number, rng=SeededRng(number)))
        store.contacts.put(batch, ALICE, ContactNames(push_name=store.name))
        await store.commit(batch)
    assert await accounts(stores[0].backend) == sorted(names)
    await stores[2].wipe()
    assert await stores[2].account.get() is None
    for store in stores:
        await store.close()
    for number, name in enumerate(names):
        async with await Store.open(path, name) as store:
            kept = await store.account.get()
            assert (kept.created if kept else None) == (None if name == "sale" else number)
            found = await store.contacts.get(ALICE)
            assert found == (None if name == "sale" else ContactNames(push_name=name))


@pytest.mark.parametrize("name", ["", "a/b", "a\nb", "a\x00", "x" * 65])
async def test_names_that_accounts_cannot_have(name: str, tmp_path: Path) -> None:
    with pytest.raises(LocalProtocolError, match="account name"):
        await Store.open(tmp_path / "bot.db", name)
    assert list(tmp_path.iterdir()) == []


async def test_a_wiped_account_is_empty_and_usable(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "bot.db") as store:
        batch = store.batch()
        store.account.put(batch, Credentials.fresh(now=1, rng=SeededRng(1)))
        store.identities.put(batch, PHONE, b"k" * 32)
        await store.commit(batch)
        await store.wipe()
        assert await store.account.get() is None
        assert await store.identities.get(PHONE) is None
        assert await accounts(store.backend) == []
        batch = store.batch()
        store.identities.put(batch, PHONE, b"n" * 32)
        await store.commit(batch)
        assert await store.identities.get(PHONE) == b"n" * 32


async def test_many_clients_write_to_one_file_at_once(tmp_path: Path) -> None:
    path, clients, rounds = tmp_path / "bot.db", 30, 20

    async def client(number: int) -> None:
        async with await Store.open(path, f"account {number}") as store:
            for turn in range(rounds):
                batch = store.batch()
                store.contacts.put(batch, ALICE, ContactNames(push_name=f"{number} {turn}"))
                store.tokens.put(batch, Jid(f"1555010{turn:04d}", "s.whatsapp.net"), Trust(token=bytes((number, turn))))
                await store.commit(batch)
                await asyncio.sleep(0)

    await asyncio.gather(*map(client, range(clients)))
    for number in range(clients):
        async with await Store.open(path, f"account {number}") as store:
            assert await store.contacts.get(ALICE) == ContactNames(push_name=f"{number} {rounds - 1}")
            assert len(await store.tokens.table.scan()) == rounds
