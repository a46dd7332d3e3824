"""The story: two accounts are linked, talk, lose the connection, and miss nothing.

Everything is the real thing: WebSockets over TLS, Noise, Signal, SQLite. The server and the two phones are motte's own
local server; the clients are the same `Client` that a bot uses, told where the server is and which keys it has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from motte.cli import render
from motte.cli.demo.cable import Cable
from motte.cli.demo.stage import Stage, expected
from motte.cli.qr import Board
from motte.client.client import Client
from motte.core.session.payload import ClientInfo
from motte.events import Connected, Disconnected, MessageReceived, OfflineDone, QrCode, Settled
from motte.model.message import Origin
from motte.runtime.config import Config

if TYPE_CHECKING:
    from motte.testing.server.app import LocalServer

ANN: Final = "Ann"
BEN: Final = "Ben"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One side: a linked client, and the cable that it is connected with."""

    name: str
    client: Client
    cable: Cable

    @property
    def number(self) -> str:
        """The phone number, digits only."""
        assert self.client.me is not None
        return self.client.me.pn.user


@asynccontextmanager
async def linked(stage: Stage, server: LocalServer, folder: Path, name: str) -> AsyncIterator[Actor]:
    """An actor with a database of its own, linked by the QR code that it shows to its phone."""
    # Late: picows costs 30 ms at the start of every other command.
    from motte.transport.websocket import WebSocketDialer

    cable = Cable(WebSocketDialer(tls=server.ssl_context()))
    config = Config(
        url=server.wss_url,
        root_key=server.root_key,
        device=ClientInfo(push_name=name),
        version_url="",
        dialer=cable,
    )
    async with Client(folder / f"{name.lower()}.db", config=config) as client:
        proved = "QR code, Noise, signatures of phone and device, restart after pairing, login, prekeys uploaded"
        async with stage.step(f"{name} links a device", proved):
            await _link(stage, server, client, name)
        yield Actor(name=name, client=client, cable=cable)


async def _link(stage: Stage, server: LocalServer, client: Client, name: str) -> None:
    settled, synced, code = client.expect(Settled), client.expect(OfflineDone), client.expect(QrCode)
    client.start()
    shown = await code
    Board(stage.console).show(shown.text, f"   {name}'s phone scans this code.")
    server.scan_qr(shown.text)
    await settled
    await synced
    assert client.me is not None
    stage.say(f"{name} is {render.identity(client.me)}, also known as {client.me.lid}")


async def first_message(stage: Stage, ann: Actor, ben: Actor) -> None:
    """Ann writes, Ben's device has it, Ben reads it, Ann knows both."""
    proved = "X3DH with a one-time prekey, ack of the server, delivery and read receipts"
    async with stage.step("Ann writes to Ben", proved):
        text = "Hello Ben, this is end-to-end encrypted."
        arrived = ben.client.expect(MessageReceived, lambda event: event.text == text)
        sent = await ann.client.messages.send(ben.number, text)
        stage.say(f"Ann → Ben   {text}", style="cyan")
        stage.say("✓  the server has it")
        received = await arrived
        stage.say(f"Ben reads   {received.text}   (from {received.message.push_name})")
        await sent.delivered()
        stage.say("✓✓ delivered: a device of Ben has it")
        await received.mark_read()
        await sent.read()
        stage.say("✓✓ read: Ben has seen it", style="blue")


async def answer(stage: Stage, ann: Actor, ben: Actor) -> None:
    """Ben answers with a quotation: the ratchet turns."""
    async with stage.step("Ben answers", "the Double Ratchet turns: new keys in each direction; a quoted reply"):
        question, text = "Will you quote me?", "I will, and in the other direction."
        asked = ben.client.expect(MessageReceived, lambda event: event.text == question)
        await ann.client.messages.send(ben.number, question)
        stage.say(f"Ann → Ben   {question}", style="cyan")
        arrived = ann.client.expect(MessageReceived, lambda event: event.text == text)
        sent = await (await asked).reply(text)
        stage.say(f"Ben → Ann   {text}", style="magenta")
        received = await arrived
        quoted = getattr(received.message.content, "quoted", None)
        expected(
            quoted is not None and quoted.id == (await asked).message.key.id, "the answer does not quote the question"
        )
        stage.say("Ann sees the quotation of her own question")
        await received.mark_read()
        expected(sent.key.id == received.message.key.id, "the answer has another id on the other side")


async def missed_message(stage: Stage, server: LocalServer, ann: Actor, ben: Actor) -> None:
    """Ben's connection is cut; Ann writes meanwhile; Ben comes back by himself and misses nothing."""
    proved = "named disconnect, automatic reconnect with back-off, offline queue, the message came as `offline`"
    async with stage.step("Ben loses the connection", proved):
        lost, text = ben.client.expect(Disconnected), "You missed this, did you not?"
        ben.cable.pull()
        server.faults.drop(BEN)
        end = await lost
        delay = f"in {end.delay:.1f} s" if end.delay is not None else "never"
        stage.say(f"Ben's socket is cut. Disconnected: {end.code}, {end.cause}", style="yellow")
        stage.say(f"what follows by itself: {end.action}, {delay}", style="yellow")
        sent = await ann.client.messages.send(ben.number, text)
        stage.say(f"Ann → Ben   {text}", style="cyan")
        stage.say("✓  the server keeps it")
        arrived = ben.client.expect(MessageReceived, lambda event: event.text == text)
        back = ben.client.expect(Connected)
        ben.cable.plug()
        await back
        stage.say("Ben is back, by himself")
        received = await arrived
        expected(received.message.origin is Origin.OFFLINE, "the missed message did not come as an offline one")
        stage.say(f"Ben reads   {received.text}   ({received.message.origin})")
        await sent.delivered()
        stage.say("✓✓ delivered: late, but once")
