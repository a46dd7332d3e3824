"""What the server sees: every stanza from and for a device, kept for assertions and awaited without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing import LocalServer
from motte.testing.server.accounts import Device
from tests.e2e.conftest import PATIENCE


@dataclass(frozen=True, slots=True)
class Seen:
    """A stanza `incoming` for the device with this PN, or from it."""

    incoming: bool
    device: Jid
    node: Node


Check = Callable[[Seen], bool]


class Wiretap:
    """Records from the moment it is made."""

    def __init__(self, server: LocalServer) -> None:
        self.seen: list[Seen] = []
        self._waiting: list[tuple[Check, asyncio.Future[Seen]]] = []
        server.watch(self._take)

    def _take(self, incoming: bool, device: Device, node: Node) -> None:
        seen = Seen(incoming, device.pn, node)
        self.seen.append(seen)
        for check, future in self._waiting:
            if not future.done() and check(seen):
                future.set_result(seen)

    def all(self, check: Check) -> list[Node]:
        """The stanzas so far that fit, in order."""
        return [seen.node for seen in self.seen if check(seen)]

    async def first(self, check: Check) -> Node:
        """The first stanza that fits, seen already or still to come."""
        return await self.nth(1, check)

    async def nth(self, number: int, check: Check) -> Node:
        """The stanza that is number `number` (from 1) of those that fit, seen already or still to come."""
        while len(found := self.all(check)) < number:
            future: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
            self._waiting.append((check, future))
            await asyncio.wait_for(future, PATIENCE)
        return found[number - 1]

    async def greeted(self, device: Jid) -> None:
        """Return when this device, linked while this taps, has received what its phone sends to a new companion."""
        await self.nth(2, sent(device, "receipt", type="hist_sync"))


def sent(device: Jid | None, tag: str, **attrs: str | None) -> Check:
    """Stanzas that this device (None: any) sends, with these attributes; None means that one is absent.

    A trailing underscore is dropped (`from_`).
    """
    return _checked(False, device, tag, attrs)


def received(device: Jid | None, tag: str, **attrs: str | None) -> Check:
    """Stanzas for this device, likewise."""
    return _checked(True, device, tag, attrs)


def _checked(incoming: bool, device: Jid | None, tag: str, attrs: dict[str, str | None]) -> Check:
    wanted = {name.rstrip("_"): value for name, value in attrs.items()}

    def check(seen: Seen) -> bool:
        return (
            seen.incoming == incoming
            and seen.node.tag == tag
            and device in (None, seen.device)
            and all(seen.node.attrs.get(name) == value for name, value in wanted.items())
        )

    return check
