"""Short ways to look into a client and to talk, for the end-to-end tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from motte import Client, events
from motte.core.signal.address import Address
from motte.model.jid import Jid
from motte.model.me import Me
from motte.store.store import Store
from tests.e2e.conftest import soon


def me(client: Client) -> Me:
    """Who the client is."""
    assert client.me is not None
    return client.me


def lid(client: Client) -> Jid:
    """The LID of the client's account, with this device."""
    found = me(client).lid
    assert found is not None
    return found


def store_of(client: Client) -> Store:
    """What the client keeps."""
    assert client._store is not None
    return client._store


def texts_of(client: Client) -> list[str | None]:
    """A list that fills with the texts that the client's user sees."""
    seen: list[str | None] = []

    def note(event: events.MessageReceived) -> None:
        seen.append(event.text)

    client.add_handler(events.MessageReceived, note)
    return seen


async def collect(client: Client, count: int, doing: Awaitable[object]) -> list[str | None]:
    """The first `count` texts that the client's user sees after `doing` has begun, in order."""
    seen: list[str | None] = []
    full: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def note(event: events.MessageReceived) -> None:
        seen.append(event.text)
        if len(seen) == count:
            full.set_result(None)

    client.add_handler(events.MessageReceived, note)
    await soon(doing)
    await soon(full)
    return seen


def undecryptable_of(client: Client) -> list[events.MessageUndecryptable]:
    """A list that fills with what the client could not decrypt."""
    seen: list[events.MessageUndecryptable] = []
    client.add_handler(events.MessageUndecryptable, seen.append)
    return seen


async def tell(sender: Client, receiver: Client, text: str, *, to: Jid | None = None) -> events.MessageReceived:
    """Send a text, wait until the receiver's user has it, and until the sender knows that."""
    got = receiver.expect(events.MessageReceived, saying(text))
    sent = await soon(sender.messages.send(to or lid(receiver), text))
    event = await soon(got)
    await soon(sent.delivered())
    return event


def saying(text: str) -> Callable[[events.MessageReceived], bool]:
    """Accepts messages with this text."""
    return lambda event: event.text == text


async def settled(client: Client) -> None:
    """Return when the client has handled what it got so far and its background work is done."""
    assert client._engine is not None
    parts = client._engine.parts
    await soon(parts.router.drained())
    await soon(parts.tasks.idle())
    await soon(parts.router.drained())


async def drop_session(client: Client, peer: Jid) -> None:
    """Lose the session with a device, as a damaged store does."""
    store = store_of(client)
    batch = store.batch()
    store.sessions.delete(batch, Address.of(peer))
    await store.commit(batch)


async def session_addresses(client: Client, *people: Jid) -> set[str]:
    """The Signal addresses under which there are sessions with these people."""
    found = [await store_of(client).sessions.of_user(Address.of(person).user) for person in people]
    return {str(address) for records in found for address in records}
