"""What follows from changes of the account's state: events, and what the client itself keeps of them.

    chats       mutes, pins and the like, with the newest messages (`runtime.chats`)
    people      names of the address book; which LID is whose phone number
    kept        labels, quick replies, settings: as they are, to be asked for
    the rest    events alone

All of it is in the batch that brings the collection to its next version.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from motte.core.appstate import actions
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
        await self._names([action for action, _ in told], step.batch)
        self._addresses([action for action, _ in told], step)

    async def _keep(self, action: Action, timestamp: int, step: Step) -> None:
        match action:
            case PushName(name=name) if name:
                account, tasks = self._context.account, self._context.tasks
                step.then(lambda: tasks.start(account.name(name), "push-name"))
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

    def _addresses(self, told: list[Action], step: Step) -> None:
        """Which LID is whose: learnt after the commit, as it moves sessions, for which there are locks."""
        pairs = [pair for action in told if (pair := _pair(action)) is not None]
        if pairs:
            learn, tasks = self._context.addresses.learn, self._context.tasks
            step.then(lambda: tasks.start(learn(pairs), "lid-mappings"))


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
