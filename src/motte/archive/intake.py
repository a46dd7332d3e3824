"""From a client to the archive: its events, and what they leave out.

An event counts as handled when it is in the database. So a message that comes while the disk is full, or just before a
crash, is handed out again, and it does no harm that it may then come twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from motte.archive.recorder import RECORDED, Entry
from motte.archive.writer import Writer
from motte.errors import MotteError
from motte.events.appstate import AppStateChanged
from motte.events.base import Event
from motte.events.connection import Connected
from motte.events.message import MessageReceived, MessageSent
from motte.events.receipt import ReceiptReceived
from motte.model.group import Group
from motte.model.jid import Jid
from motte.model.me import Me

log = logging.getLogger("motte.archive")

REMEMBERED: Final = 20_000
"""People whose other address is not asked for again."""


class Subscribed(Protocol):
    """A handler that is on a client."""

    def cancel(self) -> None:
        """Take it off."""


class Contacts(Protocol):
    """`client.contacts`, as far as it is needed here."""

    async def lid_of(self, user: Jid | str) -> Jid | None:
        """The LID of a phone number."""

    async def pn_of(self, user: Jid | str) -> Jid | None:
        """The phone number of a LID."""


class Groups(Protocol):
    """`client.groups`, as far as it is needed here."""

    async def get(self, group: Jid | str, *, fresh: bool = False) -> Group:
        """A group."""


class Source(Protocol):
    """A client, as far as it is needed here."""

    contacts: Any
    groups: Any

    @property
    def me(self) -> Me | None:
        """Who it is."""

    def add_handler(
        self, kind: type[Any], handler: Callable[[Any], Any], check: Callable[[Any], bool] | None = None
    ) -> Subscribed:
        """Call `handler` with events."""


class Intake:
    """Hands what happens to one client to the writer, until it is cancelled."""

    def __init__(self, client: Source, writer: Writer[Entry], *, clock: Callable[[], float] = time.time) -> None:
        self._client, self._writer, self._clock = client, writer, clock
        self._paired: set[Jid] = set()
        self._groups: set[Jid] = set()
        wanted = (*RECORDED, Connected)
        self._subscription = client.add_handler(Event, self._take, lambda event: isinstance(event, wanted))

    def cancel(self) -> None:
        """Take no more. What was taken is still written."""
        self._subscription.cancel()

    async def _take(self, event: Event) -> None:
        me = self._client.me
        if me is None:
            return
        if isinstance(event, Connected):
            # What changed meanwhile was told by events; but how it was before is known to the server alone.
            await self._all_groups(me)
            return
        for group in _groups_of(event):
            await self._group(me, group)
        await self._put(me, event, [pair for jid in _people_of(event) if (pair := await self._pair(jid)) is not None])

    async def _put(self, me: Me, what: Event | Group, pairs: list[tuple[Jid, Jid]]) -> None:
        await self._writer.put(Entry(me=me, what=what, now=int(self._clock()), pairs=tuple(pairs)))

    async def _all_groups(self, me: Me) -> None:
        try:
            groups = await self._client.groups.all()
        except MotteError as error:
            log.info("the groups cannot be had now: %s", error)
            return
        for group in groups:
            self._groups.add(group.jid)
            await self._put(me, group, [])

    async def _group(self, me: Me, jid: Jid) -> None:
        """Ask for a group that the archive has not been told of."""
        if jid in self._groups:
            return
        self._groups.add(jid)
        try:
            group = await self._client.groups.get(jid)
        except MotteError as error:
            log.info("the group %s cannot be had now: %s", jid, error)
            return
        await self._put(me, group, [])

    async def _pair(self, jid: Jid) -> tuple[Jid, Jid] | None:
        """Both addresses of a person, when they are known and the archive has not been told."""
        jid = jid.user_jid
        if not jid.is_user or jid in self._paired:
            return None
        pn, lid = await self._client.contacts.pn_of(jid), await self._client.contacts.lid_of(jid)
        if pn is None or lid is None:
            return None
        if len(self._paired) > REMEMBERED:
            self._paired.clear()
        self._paired |= {pn.user_jid, lid.user_jid}
        return pn.user_jid, lid.user_jid


def _people_of(event: Event) -> Iterator[Jid]:
    match event:
        case MessageReceived() | MessageSent():
            yield event.message.key.chat
            yield event.message.key.sender
            target = getattr(event.message.content, "target", None)
            if target is not None:
                yield target.sender
        case ReceiptReceived(receipt=receipt):
            yield receipt.chat
            yield receipt.sender
        case AppStateChanged(chat=chat) if chat is not None:
            yield chat


def _groups_of(event: Event) -> Iterator[Jid]:
    if isinstance(event, MessageReceived | MessageSent) and event.message.key.chat.is_group:
        yield event.message.key.chat
