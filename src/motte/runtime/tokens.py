"""Privacy tokens over time: taken in, shown, given, given up.

    a person gives us one     it is kept, by the person's LID where it is known; an older one does not replace a newer
    we write to a person      their token goes along, else one that we make; with the first message of a week they get
                              one of ours, afterwards
    the phone shares a salt   we can make tokens of it for people who gave us none
    the server refuses (463)  we give the person a token at once, so that they can answer; the message is not repeated:
                              that would count as another attempt to reach out
    a person has a new phone  what we gave them went with the old one: they get it again
    each start                what is too old is forgotten

Nothing here ever makes a message fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from motte.core.binary.node import Node
from motte.core.message import trust
from motte.core.stanza.props import Switch
from motte.core.stanza.tokens import GivenToken, IssueToken, TokensGiven, client_made, trusted
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.runtime.context import Context
from motte.runtime.locks import KeyedLocks
from motte.store.repo.tokens import Trust

REFUSED: Final = 463
"""The ack's error for a message that lacks a token."""


class TrustedContacts:
    """The tokens of the account."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turns: KeyedLocks[Jid] = KeyedLocks()
        self._issuing: set[Jid] = set()

    async def shown_to(self, user: Jid, *, dated: bool = False) -> Node | None:
        """The `<tctoken>` for something that goes to a person or asks about them; None when there is no good one.

        With `dated` it says when it was given. Never for ourselves: the server does not answer such requests.
        """
        if not self._concerns(user):
            return None
        store, key = self._context.store, await self._key(user)
        kept = await store.tokens.get(key)
        if not kept.token and (pn := await store.lids.pn_of(key)):
            kept = await store.tokens.get(pn)  # given before we knew the LID
        if not kept.token or not trust.is_good(kept.given_at, self._context.clock.now()):
            return None
        return trusted(kept.token, kept.given_at if dated else None)

    async def with_message(self, user: Jid) -> Node | None:
        """What goes along with a message: `<tctoken>`, else `<cstoken>`, else nothing."""
        account = self._context.account
        shown = await self.shown_to(user) if account.is_on(Switch.TOKEN_IN_MESSAGES) else None
        if shown is not None or not self._concerns(user) or not account.is_on(Switch.CLIENT_TOKENS):
            return shown
        salt, lid = await self._context.store.appstate.get_salt(), await self._key(user)
        return client_made(trust.client_made(salt, lid)) if salt and lid.is_lid else None

    async def for_picture(self, user: Jid) -> Node | None:
        """What goes along with a request for a person's picture."""
        return await self.shown_to(user, dated=True) if self._context.account.is_on(Switch.TOKEN_FOR_PICTURES) else None

    async def remembered(self, contacts: Mapping[Jid, Trust]) -> None:
        """History tells what was between people and this account; what is newer here stays."""
        store = self._context.store
        keys = {user: await self._key(user) for user in contacts if self._concerns(user)}
        async with self._turns.hold(keys.values()):
            batch = store.batch()
            for user, key in keys.items():
                kept, told = await store.tokens.get(key, batch), contacts[user]
                newest = told if told.token and told.given_at > kept.given_at else kept
                issued_at = max(kept.issued_at, told.issued_at)
                merged = Trust(token=newest.token, given_at=newest.given_at, issued_at=issued_at)
                if merged != kept:
                    store.tokens.put(batch, key, merged)
            await store.commit(batch)

    async def given(self, notification: TokensGiven) -> None:
        """A person gives us tokens."""
        if self._concerns(notification.user):
            await self._keep(await self._key(notification.user), notification.tokens)

    async def sent(self, chat: Jid, message: Message) -> None:
        """A message to a person was accepted: they get a token when it is time for one."""
        if message.HasField("protocolMessage") or not self._concerns(chat):
            return
        key = await self._key(chat)
        kept = await self._context.store.tokens.get(key)
        if trust.is_due(kept.issued_at or None, self._context.clock.now()):
            self._issue(key, int(self._context.clock.now()))

    async def refused(self, chat: Jid) -> None:
        """A message to a person was refused for want of a token."""
        if self._concerns(chat):
            self._issue(await self._key(chat), int(self._context.clock.now()))

    async def renewed(self, user: Jid) -> None:
        """A person set WhatsApp up anew: they get again what we gave them, as of then."""
        if not self._concerns(user):
            return
        key = await self._key(user)
        issued_at = (await self._context.store.tokens.get(key)).issued_at
        if issued_at and trust.is_good(issued_at, self._context.clock.now()):
            self._issue(key, issued_at)

    async def prune(self) -> int:
        """Forget what is too old; for how many people something was."""
        users = await self._context.store.tokens.all()
        async with self._turns.hold(users):
            return await self._prune()

    async def _prune(self) -> int:
        store, now = self._context.store, self._context.clock.now()
        batch, pruned = store.batch(), 0
        for user, kept in (await store.tokens.all()).items():
            left = kept
            if not trust.is_good(kept.given_at, now):
                left = replace(left, token=b"", given_at=0)
            if not trust.is_good(kept.issued_at, now):
                left = replace(left, issued_at=0)
            if left == kept:
                continue
            pruned += 1
            if left == Trust():
                store.tokens.delete(batch, user)
            else:
                store.tokens.put(batch, user, left)
        if pruned:
            await store.commit(batch)
        return pruned

    def _concerns(self, user: Jid) -> bool:
        return trust.is_person(user) and not self._context.account.me.owns(user)

    async def _key(self, user: Jid) -> Jid:
        """Under which JID a person's tokens are kept."""
        return (await self._context.store.lids.lid_of(user) or user).user_jid

    def _issue(self, key: Jid, at: int) -> None:
        """Give a token in the background; a person who is being given one gets no second."""
        if key not in self._issuing:
            self._issuing.add(key)
            self._context.tasks.start(self._give(key, at), "privacy-token")

    async def _give(self, key: Jid, at: int) -> None:
        context = self._context
        try:
            to_lid = context.account.is_on(Switch.TOKEN_TO_LID)
            user = key if to_lid else await context.store.lids.pn_of(key) or key
            returned = await context.wire.request(IssueToken(user, at))
            await self._keep(key, returned, issued_at=at)
        finally:
            self._issuing.discard(key)

    async def _keep(self, key: Jid, tokens: tuple[GivenToken, ...], issued_at: int = 0) -> None:
        store = self._context.store
        async with self._turns.hold([key]):
            batch = store.batch()
            before = kept = await store.tokens.get(key, batch)
            for one in tokens:
                if one.given_at >= kept.given_at:
                    kept = replace(kept, token=one.token, given_at=one.given_at)
            kept = replace(kept, issued_at=issued_at or kept.issued_at)
            if kept != before:
                store.tokens.put(batch, key, kept)
                await store.commit(batch)
