"""`Pair`: real Baileys (Ann) and motte (Bob) on one local server, who talk by phone number or by LID.

async with paired() as pair:
    got = await pair.from_ann("lid", {"text": "hi"})         # MessageReceived
    got = await pair.from_bob("pn", Text(text="hello"))      # the JSON of Baileys' messages.upsert
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from motte import Jid, events
from motte.model.content import Content
from motte.model.key import MessageKey
from motte.testing import LocalServer
from tests.interop.motte_peer import MottePeer
from tests.interop.peer import BaileysPeer, Json


@dataclass(frozen=True)
class Pair:
    """Two people who have not met. `ann` and `bob` are their clients; `addressing` is `pn` or `lid`."""

    server: LocalServer
    ann: BaileysPeer
    bob: MottePeer

    def jid(self, name: str, addressing: str) -> Jid:
        """The user JID of `Ann` or `Bob`."""
        account = self.server.account(name)
        return account.lid if addressing == "lid" else account.pn

    async def from_ann(self, addressing: str, content: Mapping[str, Any], **extra: object) -> events.MessageReceived:
        """What Bob gets of what Ann sends."""
        key = await self.ann.send(str(self.jid("Bob", addressing)), content, **extra)
        return await self.received(addressing, key["id"])

    async def received(self, addressing: str, message_id: str) -> events.MessageReceived:
        """The message that Bob gets from Ann."""
        got = await self.bob.event(events.MessageReceived, lambda event: event.message.key.id == message_id)
        assert got.chat == got.message.key.sender == self.jid("Ann", addressing)
        return got

    async def from_bob(self, addressing: str, content: Content | str) -> Json:
        """What Ann gets of what Bob sends, as Baileys gives it."""
        sent = await self.bob.client.messages.send(self.jid("Ann", addressing), content)
        got = await self.upserted(sent.key.id)
        assert got["key"]["remoteJid"] == str(self.jid("Bob", addressing))
        assert not got["key"]["fromMe"]
        return got

    async def upserted(self, message_id: str) -> Json:
        """The message that Baileys gives to Ann."""
        upsert = await self.ann.event("messages.upsert", lambda data: data["messages"][0]["key"]["id"] == message_id)
        found: Json = upsert["messages"][0]
        return found

    def key_of(self, got: Json, addressing: str) -> MessageKey:
        """Bob's key of a message that he sent and Ann got."""
        return MessageKey(
            chat=self.jid("Ann", addressing), id=got["key"]["id"], sender=self.jid("Bob", addressing), from_me=True
        )


@asynccontextmanager
async def paired(*, files: bool = False) -> AsyncIterator[Pair]:
    """Both linked and online. `files`: with a certificate, as media hosts are reached by https alone."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LocalServer() if files else LocalServer(tls_port=None))
        ca = server.ca_file if files else None
        ann = await stack.enter_async_context(BaileysPeer(server.ws_url, name="Ann", ca=ca))
        await ann.pair(server.scan_qr)
        bob = await stack.enter_async_context(MottePeer(server, "Bob", ca=ca))
        yield Pair(server, ann, bob)


def within(expected: object, found: object) -> bool:
    """Whether JSON has everything that is expected of it; it may have more."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return all(key in found and within(value, found[key]) for key, value in expected.items())
    return expected == found
