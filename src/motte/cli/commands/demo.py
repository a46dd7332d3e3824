"""`motte demo`: the whole of it once, with nothing but this machine."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motte.cli import options, render
from motte.cli.demo import attach, story
from motte.cli.demo.stage import Stage
from motte.cli.exits import Exit
from motte.cli.running import run
from motte.events import MessageReceived

if TYPE_CHECKING:
    from motte.testing.server.app import LocalServer


def demo(
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", metavar="", help="Leave the server running and print how to attach Baileys or a second motte."
        ),
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of ws and http; 0 picks a free one.")] = 0,
    tls_port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of wss and https, likewise.")] = 0,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Link two accounts to a local server and let them talk: no phone, no internet, half a minute at most."""
    # Ctrl-C is how --keep is meant to end.
    stopped = Exit.OK if keep else Exit.INTERRUPTED
    run(_demo(keep, port, tls_port), verbose=verbose, debug=debug, stopped=stopped)


async def _demo(keep: bool, port: int, tls_port: int) -> None:
    from motte.testing.server.app import LocalServer  # late: aiohttp's server costs every other command 200 ms

    stage = Stage(render.out)
    async with AsyncExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="motte-demo-")))
        proved = "WSS and HTTPS on 127.0.0.1, a Noise certificate chain of its own"
        async with stage.step("The local server starts", proved):
            server = await opened.enter_async_context(LocalServer(port=port, tls_port=tls_port))
            stage.say(f"{server.wss_url}, root key {server.root_key.hex()[:16]}…")
        ann = await opened.enter_async_context(story.linked(stage, server, folder, story.ANN))
        ben = await opened.enter_async_context(story.linked(stage, server, folder, story.BEN))
        await story.first_message(stage, ann, ben)
        await story.answer(stage, ann, ben)
        await story.missed_message(stage, server, ann, ben)
        stage.summary()
        if keep:
            await _stay(server, ann)


async def _stay(server: LocalServer, ann: story.Actor) -> None:
    """Ann answers whoever writes, until Ctrl-C."""
    say = render.out.print
    say("\nThe server goes on running, and Ann answers whoever writes to her. Ctrl-C ends it.", style="bold")
    say("\nAnother motte, in another terminal:\n", style="bold")
    say(attach.motte(server, ann.number))
    say("\nBaileys (needs Node.js):\n", style="bold")
    say(attach.baileys(server, ann.number) + "\n")

    async def answer(event: MessageReceived) -> None:
        if not event.message.key.from_me:
            say(render.message_line(event))
            await event.mark_read()
            await event.reply(f"Ann read: {event.text}")

    ann.client.add_handler(MessageReceived, answer)
    await asyncio.get_running_loop().create_future()
