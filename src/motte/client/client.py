"""The client: one account, its connection and its events.

    async with Client("bot.db") as client:
        @client.on(MessageReceived)
        async def answer(event): ...
        await client.run()

`async with` opens the store; `start` connects in the background, `connect` also waits for the login, `run` stays until
the connection is over for good.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from motte.client.conversation import Conversation
from motte.client.features.blocklist import Blocklist
from motte.client.features.business import Business
from motte.client.features.chats import Chats
from motte.client.features.contacts import Contacts
from motte.client.features.groups import Groups
from motte.client.features.history import History
from motte.client.features.labels import Labels
from motte.client.features.media import Media
from motte.client.features.messages import Messages, SentMessage
from motte.client.features.pairing import Pairing
from motte.client.features.pictures import Pictures
from motte.client.features.presence import Presence
from motte.client.features.privacy import Privacy
from motte.client.features.profile import Profile
from motte.client.features.quick_replies import QuickReplies
from motte.client.features.settings import Settings
from motte.client.features.state import State
from motte.client.features.status import Status
from motte.client.ports import ErrorHandler, Handler
from motte.client.router import Router
from motte.errors import LocalProtocolError, RequestTimeout
from motte.events.base import Event
from motte.events.message import MessageReceived
from motte.model.content import Media as MediaContent
from motte.model.disconnect import Cause, DisconnectInfo
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.message import Content, MessageKey
from motte.model.progress import Progress
from motte.runtime.bus import Bus, Subscription
from motte.runtime.config import Config
from motte.runtime.engine import Engine
from motte.runtime.media.portrait import portrait
from motte.store.backend import Backend
from motte.store.store import DEFAULT_ACCOUNT, Store

E = TypeVar("E", bound=Event)
H = TypeVar("H", bound=Handler)


class Client:
    """A linked device of one WhatsApp account.

    Args:
        where: a SQLite file (made if missing), None for memory, or a backend of your own.
        account: which account of the file; several clients may share one.
        config: everything else; the defaults are for WhatsApp's own servers.

    Attributes:
        messages: send, reply, mark as read.
        presence: be online, type, watch others.
        pairing: link by code.
        contacts: look people up.
        blocklist: whom the account blocks.
        privacy: who may see and do what.
        business: what businesses show; bots.
        groups: make, change and leave groups; whom they consist of.
        media: upload and download files.
        status: post to the status list.
        profile: the own name, picture and about text.
        chats: the list of chats; mute, pin, archive, star, delete.
        history: older messages, asked of the phone.
        labels: labels, and what wears them.
        quick_replies: canned answers.
        settings: what the account's devices have in common.
    """

    messages: Messages
    presence: Presence
    pairing: Pairing
    contacts: Contacts
    blocklist: Blocklist
    privacy: Privacy
    business: Business
    groups: Groups
    media: Media
    status: Status
    profile: Profile
    chats: Chats
    history: History
    labels: Labels
    quick_replies: QuickReplies
    settings: Settings

    def __init__(
        self,
        where: str | Path | Backend | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        config: Config | None = None,
    ) -> None:
        self._where, self._account, self.config = where, account, config or Config()
        self._store: Store | None = None
        self._engine: Engine | None = None
        self._bus = Bus()  # ours, so that handlers outlive a forgotten account and a closed store

    # --- life ----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Client:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the store and get ready; connects nowhere.

        Raises:
            StoreInUse: another client has this account open.
            StoreError: the file cannot be used; the message says why.
        """
        if self._store is not None:
            raise LocalProtocolError("this client is open already")
        self._store = await Store.open(self._where, self._account)
        try:
            await self._start_engine()
        except BaseException:
            await self._store.close()
            self._store = None
            raise

    async def _start_engine(self) -> None:
        assert self._store is not None
        engine = Engine(self._store, self.config, self._bus)
        await engine.open(actions=self)
        self._engine = engine
        parts, config = engine.parts, self.config
        self.messages = Messages(
            sending=parts.outbox,
            tracking=parts.tracker,
            acting=parts.addons,
            audiences=parts.audience,
            chats=parts.chats,
            groups=parts.groups,
            privacy=parts.privacy,
            preparing=parts.preparer,
            wire=engine,
            clock=config.clock,
            rng=config.rng,
        )
        pictures = Pictures(wire=engine, account=parts.account, trusted=parts.trusted, portrait=portrait)
        state, entries = State(syncing=parts.appstate, clock=config.clock), self._store.entries
        self.status = Status(messages=self.messages, audiences=parts.audience, state=state)
        self.chats = Chats(state=state, chats=parts.chats, entries=entries, clock=config.clock)
        self.history = History(parts.demands)
        self.labels = Labels(state=state, entries=entries)
        self.quick_replies = QuickReplies(state=state, entries=entries, clock=config.clock)
        self.settings = Settings(state=state, entries=entries)
        self.profile = Profile(wire=engine, account=parts.account, people=parts.people, pictures=pictures, state=state)
        self.groups = Groups(
            wire=engine, account=parts.account, known=parts.groups, ids=parts.outbox, pictures=pictures
        )
        self.media = Media(parts.media)
        self.presence = Presence(
            announcing=parts.presence, wire=engine, account=parts.account, trusted=parts.trusted, rng=config.rng
        )
        self.pairing = Pairing(parts.pairing)
        self.contacts = Contacts(
            wire=engine,
            people=parts.people,
            devices=parts.devices,
            mappings=self._store.lids,
            pictures=pictures,
            state=state,
        )
        self.blocklist = Blocklist(blocking=parts.blocked, people=parts.people)
        self.privacy = Privacy(rules=parts.privacy, wire=engine)
        self.business = Business(wire=engine)

    def start(self) -> None:
        """Connect in the background and stay connected."""
        self._opened().start()

    async def connect(self, *, timeout: float | None = None) -> None:
        """Connect and return when logged in; while no account is linked that means when somebody has scanned.

        Raises:
            Disconnected: that will not happen; the message says why.
            RequestTimeout: it has not happened within `timeout` seconds; the client goes on trying.
        """
        self.start()
        await self._opened().opened(timeout=timeout)

    async def run(self) -> DisconnectInfo:
        """Connect and stay until the connection is over for good; gives how it ended."""
        self.start()
        return await self._opened().finished()

    async def disconnect(self) -> None:
        """Close the connection; `start` or `connect` opens another one."""
        await self._opened().stop()

    async def close(self) -> None:
        """Close everything. Handlers get `Config.close_grace` seconds to finish."""
        engine, store = self._engine, self._store
        self._engine = self._store = None
        try:
            if engine is not None:
                await engine.close()
        finally:
            if store is not None:
                await store.close()

    async def logout(self) -> None:
        """Unlink this device from the account and forget everything about it.

        Raises:
            NotLoggedIn: no account is linked.
            Disconnected: there is no connection to tell the server on; `forget` forgets without telling.
        """
        engine = self._opened()
        await engine.parts.pairing.unlink()
        await engine.stop(Cause.LOGGED_OUT_LOCALLY)
        await self.forget()

    async def forget(self) -> None:
        """Forget the account without telling the server, for instance after it unlinked this device."""
        engine, store = self._opened(), self._store
        assert store is not None
        await engine.close()
        await store.wipe()
        await self._start_engine()

    # --- state ---------------------------------------------------------------------------------------------------

    @property
    def me(self) -> Me | None:
        """The account's two addresses with this device's number; None while no account is linked."""
        return self._opened().parts.account.maybe_me

    @property
    def is_connected(self) -> bool:
        """Whether there is an open, logged-in connection right now."""
        return self._engine is not None and self._engine.is_open

    # --- events --------------------------------------------------------------------------------------------------

    def on(self, kind: type[E], check: Callable[[E], bool] | None = None) -> Callable[[H], H]:
        """A decorator: call the function with every event of class `kind`, its subclasses included.

        With a `check`, which is a filter (`F.text.startswith("/")`) or any other function, only those that it accepts.
        Events of one chat come in order, one after the other; different chats side by side. What a handler raises goes
        to the log and to `on_error`. A handler may await whatever the client offers.
        """

        def register(handler: H) -> H:
            self.add_handler(kind, handler, check)
            return handler

        return register

    def add_handler(self, kind: type[E], handler: Handler, check: Callable[[E], bool] | None = None) -> Subscription:
        """Like `on`; gives the subscription, to cancel it. It lasts until then, over `close` and `open`."""
        return self._bus.subscribe(kind, handler if check is None else _checked(handler, check))

    def include(self, router: Router) -> Subscription:
        """Let a router handle events too; gives the subscription, to cancel it. It lasts like one of `add_handler`."""

        async def route(event: Event) -> None:
            await router.handle(event)

        route.__qualname__ = router.name  # for the log
        return self._bus.subscribe(Event, route)

    def on_error(self, handler: ErrorHandler) -> ErrorHandler:
        """A decorator: call the function with the event and the exception when a handler fails."""
        self._bus.on_error = handler
        return handler

    def expect(self, kind: type[E], check: Callable[[E], bool] | None = None) -> asyncio.Future[E]:
        """A future of the first event of class `kind` that comes from now on and that `check` accepts.

        It raises `Disconnected` if the client is closed first.
        """
        return self._bus.expect(kind, check)

    async def wait_for(
        self, kind: type[E], check: Callable[[E], bool] | None = None, *, timeout: float | None = None
    ) -> E:
        """The first event of class `kind` that comes from now on and that `check`, a filter perhaps, accepts.

        Raises:
            RequestTimeout: none came within `timeout` seconds.
            Disconnected: the client was closed first.
        """
        try:
            return await asyncio.wait_for(self.expect(kind, check), timeout)
        except TimeoutError:
            raise RequestTimeout(f"no {kind.__name__} came in time") from None

    def conversation(self, chat: Jid | str, *, timeout: float | None = None, sender: Jid | None = None) -> Conversation:
        """A conversation in a chat, to be used in `async with`: ask and wait for the answer.

        Args:
            chat: a JID, its text, or a phone number with country code.
            timeout: seconds to wait for each message.
            sender: whose messages count, in a group.
        """
        self._opened()
        assert self._store is not None
        return Conversation(self, self._store.lids, chat, timeout=timeout, sender=sender)

    # --- what received messages can do ---------------------------------------------------------------------------

    async def reply(self, event: MessageReceived, content: Content | str) -> SentMessage:
        """Short for `client.messages.reply`."""
        return await self.messages.reply(event, content)

    async def download(self, event: MessageReceived, to: str | Path | None, progress: Progress | None) -> bytes | Path:
        """Short for `client.media.download`."""
        content = event.message.content
        if not isinstance(content, MediaContent):
            raise LocalProtocolError(f"{type(content).__name__} has no file")
        key = event.message.key
        if to is None:
            return await self.media.download(content, key=key, progress=progress)
        return await self.media.download(content, to=to, key=key, progress=progress)

    async def mark_read(self, key: MessageKey) -> None:
        """Short for `client.messages.mark_read`."""
        await self.messages.mark_read(key)

    def _opened(self) -> Engine:
        if self._engine is None:
            raise LocalProtocolError("the client is not open; use it in `async with Client(…) as client:`")
        return self._engine


def _checked(handler: Handler, check: Callable[[E], bool]) -> Handler:
    """The handler, for those events alone that `check` accepts; for the log it keeps its name."""

    @functools.wraps(handler)
    def checked(event: E) -> Awaitable[None] | None:
        return handler(event) if check(event) else None

    return checked
