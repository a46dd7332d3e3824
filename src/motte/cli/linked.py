"""A client as the commands use it: open while they run, and no message lost that they do not show.

What arrives while a command runs that shows no messages stays in the database for the next `motte listen`: its handler
never finishes, and only a handled message is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Final, TypeAlias, TypeVar

from motte.cli.exits import CliError, Exit, over
from motte.cli.options import Target
from motte.cli.transfer import Transfer
from motte.client.client import Client
from motte.client.ports import Handler
from motte.errors import RequestTimeout
from motte.events.base import Event
from motte.events.message import MessageReceived
from motte.model.me import Me
from motte.runtime.config import Config

T = TypeVar("T")
Handlers: TypeAlias = Mapping[type[Event], Handler]


async def keep(event: MessageReceived) -> None:
    """A handler that never finishes, so that the message stays where it is."""
    await asyncio.get_running_loop().create_future()


KEEP: Final[Handlers] = {MessageReceived: keep}


@asynccontextmanager
async def linked_client(target: Target, config: Config, handlers: Handlers = KEEP) -> AsyncIterator[Client]:
    """The client of an account that is linked already; not connected yet.

    Raises:
        CliError: there is no database, or no linked account in it.
        StoreError: the database cannot be used.
    """
    if not target.db.exists():
        raise CliError(
            f"there is no database {target.db}; run `motte login` first, or name another one with --db", Exit.NOT_LINKED
        )
    async with any_client(target, config, handlers) as client:
        if client.me is None:
            raise CliError(
                f"no phone is linked to the account {target.account!r} of {target.db}; run `motte login` first",
                Exit.NOT_LINKED,
            )
        yield client


@asynccontextmanager
async def any_client(target: Target, config: Config, handlers: Handlers = KEEP) -> AsyncIterator[Client]:
    """The client of an account, linked or not; its database is made if it is missing."""
    client = Client(target.db, account=target.account, config=config)
    # Before it opens: that is when messages are handed out which an earlier run left unhandled.
    for kind, handler in handlers.items():
        client.add_handler(kind, handler)
    async with client:
        yield client


def own(client: Client) -> Me:
    """Who a linked client is."""
    assert client.me is not None
    return client.me


async def while_connected(
    client: Client, work: Awaitable[T], *, timeout: float, late: str, transfer: Transfer | None = None
) -> T:
    """The result of `work`, unless the connection ends for good before.

    Raises:
        Disconnected: it did.
        RequestTimeout: neither within `timeout` seconds since the start, or since the last bytes of `transfer` moved;
            `late` is its text.
    """
    working, ending = asyncio.ensure_future(work), asyncio.ensure_future(client.run())
    try:
        left = timeout
        while left > 0:
            done, _ = await asyncio.wait((working, ending), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            left = 0.0 if done or transfer is None else timeout - transfer.idle()
        if working.done():
            return working.result()
        if ending.done():
            raise over(ending.result())
        raise RequestTimeout(late)
    finally:
        working.cancel()
        ending.cancel()
