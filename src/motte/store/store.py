"""The store of one account: typed views over one backend, and the one way to change anything.

async with await Store.open("bot.db") as store:
    batch = store.batch()
    store.sessions.put(batch, address, record)
    store.prekeys.delete(batch, 7)
    await store.commit(batch)       # both or neither
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

from motte.errors import LocalProtocolError
from motte.store.backend import TABLES, Backend, Lease, Leasing
from motte.store.batch import Batch
from motte.store.location import open_backend
from motte.store.repo.account import Account
from motte.store.repo.appstate import AppState
from motte.store.repo.chats import Chats
from motte.store.repo.contacts import Contacts
from motte.store.repo.devices import Devices
from motte.store.repo.entries import Entries
from motte.store.repo.history import History
from motte.store.repo.identities import Identities
from motte.store.repo.inbox import Inbox
from motte.store.repo.lids import Lids
from motte.store.repo.prekeys import PreKeys
from motte.store.repo.received import ReceivedMessages
from motte.store.repo.secrets import Secrets
from motte.store.repo.sender_keys import SenderKeys
from motte.store.repo.sent import Sent
from motte.store.repo.sessions import Sessions
from motte.store.repo.timers import Timers
from motte.store.repo.tokens import Tokens
from motte.store.repo.votes import Votes
from motte.store.table import Space

DEFAULT_ACCOUNT: Final = "default"
MAX_ACCOUNT_NAME: Final = 64


class Store:
    """All that one account keeps. Made by `Store.open`; the attributes are the views."""

    def __init__(self, backend: Backend, account: str, lease: Lease | None, *, owned: bool) -> None:
        self.name = account
        self.backend = backend
        self._lease = lease
        self._owned = owned
        self._space = space = Space(backend, account)
        self.account = Account(space)
        self.appstate = AppState(space)
        self.chats = Chats(space)
        self.contacts = Contacts(space)
        self.devices = Devices(space)
        self.entries = Entries(space)
        self.history = History(space)
        self.identities = Identities(space)
        self.inbox = Inbox(space)
        self.lids = Lids(space)
        self.prekeys = PreKeys(space)
        self.received = ReceivedMessages(space)
        self.secrets = Secrets(space)
        self.sender_keys = SenderKeys(space)
        self.sent = Sent(space)
        self.sessions = Sessions(space)
        self.timers = Timers(space)
        self.tokens = Tokens(space)
        self.votes = Votes(space)

    @classmethod
    async def open(cls, where: Backend | str | Path | None, account: str = DEFAULT_ACCOUNT) -> Store:
        """The store of `account` in a file, in memory (`None`), or in a backend, which then stays the caller's.

        Raises:
            StoreInUse: another client has this account open.
            StoreError: the database cannot be used (`StoreTooNew`, `StoreCorrupt`, not a database, …).
            LocalProtocolError: the account's name is empty, too long, or holds a slash or a control character.
        """
        _check_name(account)
        owned = where is None or isinstance(where, str | Path)
        backend = open_backend(where) if where is None or isinstance(where, str | Path) else where
        try:
            # The first call opens the file: one that cannot be used is found now, before a lock file lies beside it.
            await backend.get_many("account", ())
            lease = backend.lease(account) if isinstance(backend, Leasing) else None
        except BaseException:
            if owned:
                await backend.close()
            raise
        return cls(backend, account, lease, owned=owned)

    def batch(self) -> Batch:
        """An empty batch."""
        return Batch()

    async def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing; only then do reads without the batch see it.

        Raises:
            StoreError: nothing was written. The batch can be committed again.
            LocalProtocolError: it was committed already.
        """
        batch.seal()
        try:
            await self.backend.commit(batch)
        except BaseException:
            batch.failed()
            raise
        batch.kept()

    async def rows(self) -> dict[str, dict[str, bytes]]:
        """Everything about this account as the backend holds it: table → key → bytes, for tables that have any."""
        cut = len(self._space.prefix)
        found = {table: await self.backend.scan(table, self._space.prefix) for table in TABLES}
        return {table: {key[cut:]: value for key, value in rows} for table, rows in found.items() if rows}

    async def replace(self, rows: Mapping[str, Mapping[str, bytes]]) -> None:
        """Make `rows`, which came from `rows()` here or elsewhere, all there is about this account, in one transaction.

        Raises:
            StoreError: nothing was changed.
        """
        batch = Batch()
        for table, held in (await self.rows()).items():
            for key in held:
                batch.delete(table, self._space.prefix + key)
        for table, wanted in rows.items():
            for key, value in wanted.items():
                batch.put(table, self._space.prefix + key, value)
        await self.commit(batch)
        self._space.forget()

    async def damaged(self) -> dict[str, list[str]]:
        """The keys of this account's rows that cannot be read, by table, for tables that have any."""
        return await self._space.damaged()

    async def wipe(self) -> None:
        """Forget everything about this account, in one transaction."""
        await self.replace({})

    async def close(self) -> None:
        """Let others have the account, and close the backend if `open` made it. Closing twice is fine."""
        if self._owned:
            await self.backend.close()
        if self._lease is not None:
            self._lease.release()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def accounts(backend: Backend) -> list[str]:
    """The names of the accounts that a backend holds."""
    return sorted(key.partition("/")[0] for key, _ in await backend.scan("account", ""))


def _check_name(account: str) -> None:
    if not account or len(account) > MAX_ACCOUNT_NAME or "/" in account or not account.isprintable():
        raise LocalProtocolError(
            f"{account[:80]!r} is not an account name; use up to {MAX_ACCOUNT_NAME} letters without a slash"
        )
