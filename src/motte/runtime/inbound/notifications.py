"""Notifications: act on what concerns keys, devices and pairing, tell the rest. Each is acked, whatever happens."""

from __future__ import annotations

from motte.core.stanza.blocklist import BlocklistChanged
from motte.core.stanza.devices import DeviceChange, DevicesChanged, OwnDevicesChanged
from motte.core.stanza.dispatch import Malformed
from motte.core.stanza.groups.changes import GroupNotification
from motte.core.stanza.header import Header
from motte.core.stanza.mediaretry import MediaRetried
from motte.core.stanza.notices.account import AccountChanges, PrivacyChanged
from motte.core.stanza.notices.people import NumberChanged
from motte.core.stanza.notification import CollectionsChanged, Notification
from motte.core.stanza.pairing import RegistrationRefresh
from motte.core.stanza.pairing_code import CodeRefresh, PrimaryHello
from motte.core.stanza.passkey import PasskeyAsked, PasskeyContinued
from motte.core.stanza.prekeys import IdentityChanged, PreKeysLow
from motte.core.stanza.tokens import TokensGiven
from motte.events import account as events
from motte.model.jid import Jid
from motte.runtime.appstate.appstate import AppState
from motte.runtime.blocklist import Blocked
from motte.runtime.context import Context
from motte.runtime.devices import Devices
from motte.runtime.groups import Groups
from motte.runtime.inbound.telling import event_of, event_of_broken
from motte.runtime.media.media import Media
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.pairing import Pairing
from motte.runtime.prekeys import PreKeys
from motte.runtime.privacy import Privacy
from motte.runtime.tokens import TrustedContacts


class Notifications:
    """Handles `<notification>` stanzas."""

    def __init__(
        self,
        context: Context,
        *,
        appstate: AppState,
        blocked: Blocked,
        devices: Devices,
        groups: Groups,
        media: Media,
        sessions: Sessions,
        prekeys: PreKeys,
        privacy: Privacy,
        pairing: Pairing,
        trusted: TrustedContacts,
    ) -> None:
        self._context, self._devices, self._sessions = context, devices, sessions
        self._appstate, self._blocked = appstate, blocked
        self._groups, self._media, self._prekeys, self._pairing = groups, media, prekeys, pairing
        self._trusted, self._privacy = trusted, privacy

    async def handle(self, notification: Notification) -> None:
        """Act on one."""
        match notification:
            case PreKeysLow(count=count):
                self._context.tasks.start(self._prekeys.top_up(count), "prekeys")
            case IdentityChanged(user=user):
                await self._renew(user)
            case DevicesChanged():
                await self._devices_changed(notification)
            case OwnDevicesChanged():
                me = self._context.account.me
                await self._devices.forget([jid for jid in (me.pn, me.lid) if jid is not None])
            case BlocklistChanged():
                await self._blocked.changed(notification)
            case PrivacyChanged(values=values):
                self._privacy.changed(values)
            case GroupNotification():
                await self._groups.changed(notification)
            case MediaRetried():
                self._media.answered(notification)
            case TokensGiven():
                await self._trusted.given(notification)
            case CollectionsChanged():
                self._appstate.changed(notification)
            case PrimaryHello():
                self._context.tasks.start(self._pairing.phone_answered(notification), "pairing-code")
            case CodeRefresh():
                self._context.tasks.start(self._pairing.refresh_code(notification), "pairing-code")
            case RegistrationRefresh():
                await self._pairing.renew_secret()
            case PasskeyAsked():
                self._context.tasks.start(self._pairing.passkey_asked(notification), "passkey")
            case PasskeyContinued():
                self._context.tasks.start(self._pairing.passkey_continued(notification), "passkey")
            case AccountChanges(changes=changes):
                for change in changes:
                    await self.handle(change)
            case NumberChanged():
                await self._learn(notification)
                self._context.bus.publish(event_of(notification))
            case _:
                self._context.bus.publish(event_of(notification))

    def broken(self, stanza: Malformed, header: Header) -> None:
        """One that breaks the protocol: told, so that nothing is lost."""
        self._context.bus.publish(event_of_broken(stanza, header))

    async def _devices_changed(self, change: DevicesChanged) -> None:
        await self._devices.changed(change)
        if change.change is DeviceChange.REMOVE:
            people = {change.user.user, change.user_lid.user if change.user_lid else change.user.user}
            removed = (*change.devices, *change.lids)
            await self._forget_sessions(tuple(device for device in removed if device.user in people))
        self._context.bus.publish(events.DevicesChanged(user=change.user))

    async def _forget_sessions(self, devices: tuple[Jid, ...]) -> None:
        context = self._context
        addresses = set((await context.addresses.of_many(devices)).values())
        async with context.locks.hold(addresses):
            batch = context.store.batch()
            for address in addresses:
                context.store.sessions.delete(batch, address)
                # A phone's identity stays known, or the next one would be taken for its first and not be told of.
                if address.device:
                    context.store.identities.delete(batch, address)
            await context.store.commit(batch)

    async def _renew(self, user: Jid) -> None:
        """A person set WhatsApp up anew: open a new session now; the old one still decrypts what is on its way.

        Now, and not with the next message to them: their new companions are vouched for by the new identity.
        """
        context = self._context
        if user.device or context.account.me.owns(user):
            return
        await self._trusted.renewed(user)
        others = await context.store.lids.others([user])
        await self._devices.forget([user, *others.values()])
        address = await context.addresses.of(user)
        async with context.locks.hold([address]):
            batch = context.store.batch()
            record = await context.store.sessions.get(address, batch)
            if record is not None:
                context.store.sessions.put(batch, address, record.archive_current())
                await context.store.commit(batch)
                context.tasks.start(self._sessions.ensure([address.jid], refresh=True), "identity")

    async def _learn(self, change: NumberChanged) -> None:
        """The numbers and LIDs of somebody who moved belong together, before and after."""
        if change.pairs:
            store = self._context.store
            batch = store.batch()
            await store.lids.learn(batch, change.pairs)
            await store.commit(batch)
