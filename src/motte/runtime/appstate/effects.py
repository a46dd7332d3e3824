"""What follows from changes of the account's state: events, and what the client itself keeps of them.

    chats       mutes, pins and the like, with the newest messages (`runtime.chats`)
    people      names of the address book; which LID is whose phone number
    kept        labels, quick replies, settings: as they are, to be asked for
    the rest    events alone

All of it is in the batch that brings the collection to its next version, but for two things that have batches of their
own: whose LID is which, since sessions move with that, and the own name. They are kept before. After a crash in between
the collection's step comes once more, and to keep them twice harms nothing; kept after it, they would be lost for good.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from motte.core.appstate import actions
from motte.core.appstate.collections import Collection
from motte.events.appstate import AppStateChanged
from motte.model.appstate import (
    Action,
    Agent,
    BroadcastList,
    Capabilities,
    ChannelRecommendations,
    ChatLockSettings,
    ContactEntry,
    ContactRemoved,
    DisableLinkPreviews,
    Favorites,
    LabelEdit,
    LabelOrder,
    LidContact,
    Locale,
    NotificationActivity,
    PnForLid,
    PrimaryFeatures,
    PushName,
    QuickReply,
    RelayAllCalls,
    Removed,
    StatusMute,
    StatusPrivacy,
    TimeFormat,
    TokenSalt,
    UnarchiveChats,
)
from motte.model.jid import Jid
from motte.runtime.appstate.changes import Changes
from motte.runtime.chats import ChatBook
from motte.runtime.context import Context
from motte.runtime.step import Step
from motte.store.batch import Batch
from motte.store.repo.contacts import ContactNames

KEPT: Final = (
    Agent,
    BroadcastList,
    Capabilities,
    ChannelRecommendations,
    ChatLockSettings,
    DisableLinkPreviews,
    Favorites,
    LabelEdit,
    LabelOrder,
    Locale,
    NotificationActivity,
    PrimaryFeatures,
    QuickReply,
    RelayAllCalls,
    StatusMute,
    StatusPrivacy,
    TimeFormat,
    UnarchiveChats,
)
"""Actions whose latest entry can be asked for."""


class ActionEffects:
    """Acts on actions."""

    def __init__(self, context: Context, chats: ChatBook) -> None:
        self._context, self._store, self._chats = context, context.store, chats

    async def apply(self, changes: Changes, step: Step) -> None:
        """Put what follows from the changes into `step`."""
        if changes.whole:
            await self._forget(changes, step.batch)
        told = [(actions.read(mutation), mutation.value.timestamp // 1000) for mutation in changes.mutations]
        await self._ahead([action for action, _ in told])
        for action, timestamp in told:
            await self._keep(action, timestamp, step)
            step.tell(
                AppStateChanged(
                    action=action,
                    collection=changes.collection,
                    timestamp=timestamp,
                    initial=changes.initial,
                    own=changes.own,
                )
            )
        if changes.whole and changes.collection is Collection.CRITICAL_UNBLOCK_LOW:
            await self._unsave([action for action, _ in told], step.batch)
        await self._names([action for action, _ in told], step.batch)

    async def _ahead(self, told: list[Action]) -> None:
        """What has to be kept by itself; no session's lock is held here."""
        pairs = [pair for action in told if (pair := _pair(action)) is not None]
        if pairs:
            await self._context.addresses.learn(pairs)
        names = [action.name for action in told if isinstance(action, PushName) and action.name]
        if names:
            await self._context.account.name(names[-1])

    async def _keep(self, action: Action, timestamp: int, step: Step) -> None:
        match action:
            case TokenSalt(salt=salt):
                self._store.appstate.put_salt(step.batch, salt)
            case Removed(index=index):
                self._store.entries.delete(step.batch, index)
                if index == ("nct_salt_sync",):
                    self._store.appstate.put_salt(step.batch, None)
            case _ if isinstance(action, KEPT):
                self._store.entries.put(step.batch, action, timestamp=timestamp)
            case _:
                await self._chats.set(action, timestamp, step.batch)

    async def _forget(self, changes: Changes, batch: Batch) -> None:
        """A collection comes whole: entries of it that are not among what comes were removed in the meantime."""
        coming = {mutation.index for mutation in changes.mutations}
        for row in actions.ROWS:
            if row.collection is changes.collection:
                for entry in await self._store.entries.all(row.name):
                    index = row.index_of(entry.action)
                    if index not in coming:
                        self._store.entries.delete(batch, index)

    async def _unsave(self, told: list[Action], batch: Batch) -> None:
        """The address book comes whole: who is saved and not in it was taken out in the meantime."""
        coming = {action.user.user_jid for action in told if isinstance(action, ContactEntry | LidContact)}
        contacts = self._store.contacts
        gone = [user for user in await contacts.saved() if user not in coming]
        for user, names in (await contacts.get_many(gone, batch)).items():
            contacts.put(batch, user, replace(names, saved_name="", first_name=""))

    async def _names(self, told: list[Action], batch: Batch) -> None:
        """The names of the address book, all read together: there may be thousands."""
        people = {
            action.user: action for action in told if isinstance(action, ContactEntry | ContactRemoved | LidContact)
        }
        if not people:
            return
        contacts = self._store.contacts
        known = await contacts.get_many(people, batch)
        for user, action in people.items():
            names = known.get(user, ContactNames())
            changed = replace(
                names,
                saved_name="" if isinstance(action, ContactRemoved) else action.name,
                first_name="" if isinstance(action, ContactRemoved) else action.first_name,
                username=names.username if isinstance(action, ContactRemoved) else action.username or names.username,
            )
            if changed != names:
                contacts.put(batch, user, changed)


def _pair(action: Action) -> tuple[Jid, Jid] | None:
    match action:
        case PnForLid(lid=lid, pn=Jid() as pn):
            pass
        case ContactEntry(user=user, lid=Jid() as lid) if user.is_pn:
            pn = user
        case ContactEntry(user=lid, pn=Jid() as pn):
            pass
        case _:
            return None
    return (pn.user_jid, lid.user_jid) if pn.is_pn and lid.is_lid and pn.user and lid.user else None
