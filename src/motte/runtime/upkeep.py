"""What follows a login, beside messages: go active, supply prekeys, be seen, settle what the server reports."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from motte.core.stanza import information
from motte.core.stanza.dirty import Clean
from motte.core.stanza.information import Dirty, EdgeRouting, Information, OfflineDone, OfflinePreview
from motte.core.stanza.login import SetActivity, Success
from motte.core.stanza.props import GetProps
from motte.errors import Disconnected, MotteError
from motte.events import account as events
from motte.events.connection import Connected, Settled
from motte.model.presence import Availability
from motte.runtime.appstate.appstate import AppState
from motte.runtime.context import Context
from motte.runtime.history.history import History
from motte.runtime.prekeys import PreKeys
from motte.runtime.presence import PresenceState
from motte.runtime.tokens import TrustedContacts

log = logging.getLogger("motte.upkeep")

APP_STATE: Final = frozenset({"account_sync", "syncd_app_state"})
"""What the server calls dirty when collections of app state may have changed."""


class Upkeep:
    """Everything that a logged-in client owes the server."""

    def __init__(
        self,
        context: Context,
        *,
        appstate: AppState,
        history: History,
        prekeys: PreKeys,
        presence: PresenceState,
        trusted: TrustedContacts,
        on_open: Callable[[], bool],
    ) -> None:
        self._context, self._prekeys, self._presence, self._on_open = context, prekeys, presence, on_open
        self._appstate, self._history, self._trusted = appstate, history, trusted

    async def welcomed(self, success: Success) -> None:
        """The login was accepted: learn our LID, open up; the rest is done in the background."""
        account, link = self._context.account, self._context.account.link
        if success.lid is not None and success.lid != link.lid:
            lid = success.lid.with_device(link.jid.device)
            await account.change(link=replace(link, lid=lid))
            await self._context.addresses.learn([(link.jid, lid)])
        if not self._on_open():
            return
        self._presence.reset()
        me = account.me
        self._context.bus.publish(Connected(jid=me.pn, lid=me.lid))
        self._history.resume()
        self._context.tasks.start(self._settle(), "settle")

    async def _settle(self) -> None:
        """Go active and do what is due. A step that fails is logged and leaves the others alone."""
        await asyncio.gather(
            self._step("activity", self._activate()),
            self._step("prekeys", self._prekeys.maintain()),
            self._step("properties", self._props()),
            self._step("privacy tokens", self._trusted.prune()),
            self._step("app state", self._appstate.welcomed()),
        )
        self._context.wire.send(information.unified_session(self._context.clock.now()))
        if self._context.config.mark_online:
            self._presence.announce(Availability.AVAILABLE)
        self._context.bus.publish(Settled())

    async def informed(self, info: Information) -> None:
        """Act on an `<ib>`."""
        context = self._context
        match info:
            case OfflinePreview():
                context.wire.send(information.offline_batch())
            case OfflineDone(count=count):
                context.bus.publish(events.OfflineDone(count=count))
            case EdgeRouting(routing_info=routing):
                await context.account.change(routing_info=routing)
            case Dirty(type=kind, timestamp=timestamp):
                context.tasks.start(self._clean(Clean(kind, timestamp)), "clean")
            case _:
                log.debug("information of an unknown kind: %s", info)

    async def _activate(self) -> None:
        await self._context.wire.request(SetActivity())

    async def _clean(self, request: Clean) -> None:
        """Fetch what changed while we were away, then say so."""
        if request.type in APP_STATE:
            await self._appstate.welcomed()
        await self._context.wire.request(request)

    async def _props(self) -> None:
        account = self._context.account
        props = await self._context.wire.request(GetProps(account.credentials.props_hash or None))
        known = {**account.credentials.props, **props.used} if props.delta or not props.values else props.used
        if (known, props.hash) != (account.credentials.props, account.credentials.props_hash):
            await account.change(props=known, props_hash=props.hash or "")

    @staticmethod
    async def _step(name: str, work: Awaitable[object]) -> None:
        try:
            await work
        except Disconnected:
            raise
        except MotteError as error:
            log.warning("after the login, %s failed: %s", name, error)
