"""The parts of an engine, made and joined in one place."""

from __future__ import annotations

from typing import Protocol

from motte.core.signal.address import Address
from motte.events.message import Actions
from motte.runtime.account import AccountState
from motte.runtime.addons import AddOns
from motte.runtime.addresses import Addresses
from motte.runtime.appstate.appstate import AppState
from motte.runtime.appstate.effects import ActionEffects
from motte.runtime.audience import Audience
from motte.runtime.blocklist import Blocked
from motte.runtime.bus import Bus
from motte.runtime.chats import ChatBook
from motte.runtime.config import Config
from motte.runtime.context import Context
from motte.runtime.devices import Devices
from motte.runtime.groups import Groups
from motte.runtime.history.demand import Demands
from motte.runtime.history.history import History
from motte.runtime.history.intake import Intake
from motte.runtime.inbound.decrypt import Decryptor
from motte.runtime.inbound.inbox import Delivery
from motte.runtime.inbound.messages import Messages
from motte.runtime.inbound.notifications import Notifications
from motte.runtime.inbound.placeholders import Placeholders
from motte.runtime.inbound.protocol import ProtocolMessages
from motte.runtime.inbound.retry import RetryRequests
from motte.runtime.inbound.router import Router
from motte.runtime.linking import Ending
from motte.runtime.locks import KeyedLocks
from motte.runtime.media.media import Media
from motte.runtime.media.prepare import Preparer
from motte.runtime.media.previews import Previews
from motte.runtime.outbound.groups import GroupOutbox
from motte.runtime.outbound.messages import Outbox
from motte.runtime.outbound.pacing import Pacer
from motte.runtime.outbound.peers import PeerMessages
from motte.runtime.outbound.resend import Resender
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.pairing import Pairing
from motte.runtime.people import People
from motte.runtime.prekeys import PreKeys
from motte.runtime.presence import PresenceState
from motte.runtime.privacy import Privacy
from motte.runtime.tasks import Tasks
from motte.runtime.tokens import TrustedContacts
from motte.runtime.tracking import Tracker
from motte.runtime.upkeep import Upkeep
from motte.runtime.wire import Wire
from motte.store.store import Store


class Host(Wire, Ending, Protocol):
    """The engine, as its parts see it."""

    def logged_in(self) -> bool:
        """The server accepted the login; False when that connection is over already."""
        ...

    def hold(self, paused: bool) -> None:
        """Read no more from the network, or go on."""
        ...


class Parts:
    """Everything that lives as long as the client; see the modules of each."""

    def __init__(self, store: Store, config: Config, host: Host, bus: Bus) -> None:
        self.store, self._config, self._host = store, config, host
        self.bus, self.tasks, self.tracker = bus, Tasks(), Tracker()
        self.account = AccountState(store, clock=config.clock, rng=config.rng)
        locks: KeyedLocks[Address] = KeyedLocks()
        self.addresses = Addresses(store, locks, self.account)
        self.context = Context(
            config=config,
            store=store,
            wire=host,
            bus=self.bus,
            clock=config.clock,
            rng=config.rng,
            account=self.account,
            locks=locks,
            addresses=self.addresses,
            tasks=self.tasks,
        )

    async def load(self, actions: Actions | None = None) -> None:
        """Read the account and make the parts that need to know it."""
        await self.account.load()
        context = self.context
        self.groups = Groups(context)
        self.chats = ChatBook(context)
        self.addons = AddOns(context, self.groups, self.chats)
        self.devices = Devices(context)
        self.people = People(context, self.devices)
        self.blocked, self.privacy = Blocked(context, self.people), Privacy(context, self.people)
        self.sessions = Sessions(context)
        self.prekeys = PreKeys(context)
        self.presence = PresenceState(context)
        self.pairing = Pairing(context, self._host)
        self.media = Media(context)
        self.trusted = TrustedContacts(context)
        self.peers = PeerMessages(context, self.sessions)
        self.appstate = AppState(
            context, effects=ActionEffects(context, self.chats), media=self.media, peers=self.peers
        )
        intake = Intake(context, addons=self.addons, chats=self.chats, trusted=self.trusted)
        self.demands = Demands(context, media=self.media, intake=intake, peers=self.peers, actions=actions)
        self.history = History(context, media=self.media, intake=intake, demands=self.demands, actions=actions)
        self.previews = Previews(context.config, self.media)
        self.preparer = Preparer(self.media, self.previews)
        self.resender = Resender(context, self.sessions)
        self.audience = Audience(context, self.devices)
        groups = GroupOutbox(
            context,
            addons=self.addons,
            audience=self.audience,
            groups=self.groups,
            devices=self.devices,
            sessions=self.sessions,
            resender=self.resender,
        )
        self.pacer = Pacer(context.config.pacing, clock=context.clock, rng=context.rng)
        self.outbox = Outbox(
            context,
            pacer=self.pacer,
            addons=self.addons,
            devices=self.devices,
            sessions=self.sessions,
            groups=groups,
            trusted=self.trusted,
        )
        self.delivery = Delivery(context, self.addons, actions)
        self.router = self._router(context)
        await self.delivery.load()
        await self.history.load()

    def _router(self, context: Context) -> Router:
        placeholders = Placeholders(context, delivery=self.delivery, demands=self.demands)
        messages = Messages(
            context,
            decryptor=Decryptor(context, self.sessions),
            delivery=self.delivery,
            placeholders=placeholders,
            protocol=ProtocolMessages(
                context, appstate=self.appstate, demands=self.demands, history=self.history, placeholders=placeholders
            ),
            retries=RetryRequests(context),
            presence=self.presence,
        )
        upkeep = Upkeep(
            context,
            appstate=self.appstate,
            history=self.history,
            prekeys=self.prekeys,
            presence=self.presence,
            trusted=self.trusted,
            on_open=self._host.logged_in,
        )
        return Router(
            context,
            messages=messages,
            notifications=Notifications(
                context,
                appstate=self.appstate,
                blocked=self.blocked,
                devices=self.devices,
                groups=self.groups,
                media=self.media,
                sessions=self.sessions,
                prekeys=self.prekeys,
                privacy=self.privacy,
                pairing=self.pairing,
                trusted=self.trusted,
            ),
            resender=self.resender,
            pairing=self.pairing,
            upkeep=upkeep,
            tracker=self.tracker,
            chats=self.chats,
            hold=self._host.hold,
        )
