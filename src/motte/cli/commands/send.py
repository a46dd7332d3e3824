"""`motte send`: one text to one chat."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from typing import Annotated, Final

import typer

from motte.cli import eventjson, options, render
from motte.cli.exits import CliError, Exit
from motte.cli.linked import linked_client, while_connected
from motte.cli.options import Target
from motte.cli.running import run
from motte.client.client import Client
from motte.client.features.messages import SentMessage, address
from motte.model.jid import Jid

STDIN: Final = "-"


class Wait(StrEnum):
    """What to wait for after the server's ack."""

    DELIVERED = "delivered"
    READ = "read"


def send(
    to: Annotated[str, typer.Argument(metavar="TO", help="A phone number with country code, or a JID.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text; - reads it from standard input.")],
    wait: Annotated[Wait | None, typer.Option(help="Wait until the message was delivered or read.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long each step may take.")] = 30.0,
    as_json: options.AsJson = False,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    url: options.Url = options.DEFAULT_URL,
    root_key: options.Root = options.DEFAULT_ROOT,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Send a text and return when the server has taken it, or when it was delivered or read.

    Messages that arrive meanwhile wait for the next `motte listen`.
    """
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)

    async def work() -> None:
        await _send(target, address(to), sys.stdin.read() if text == STDIN else text, wait, timeout, as_json)

    run(work(), verbose=verbose, debug=debug)


async def _send(target: Target, chat: Jid, text: str, wait: Wait | None, timeout: float, as_json: bool) -> None:
    if not text.strip():
        raise CliError("there is no text to send", Exit.USAGE)
    async with linked_client(target, target.config()) as client:
        late = f"no connection came about within {timeout:g} s; try again, or allow more --timeout"
        await while_connected(client, client.connect(), timeout=timeout, late=late)
        late = f"the server did not confirm the message within {timeout:g} s; whether it took it is unknown"
        sent = await while_connected(client, client.messages.send(chat, text), timeout=timeout, late=late)
        _tell("sent", sent, as_json)
        if wait is not None:
            await _wait(client, sent, wait, timeout, as_json)


async def _wait(client: Client, sent: SentMessage, wait: Wait, timeout: float, as_json: bool) -> None:
    late = f"the message was sent, but it was not {wait} within {timeout:g} s"
    deadline = asyncio.get_running_loop().time() + timeout
    for stage, reached in ((Wait.DELIVERED, sent.delivered), (Wait.READ, sent.read)):
        left = max(deadline - asyncio.get_running_loop().time(), 0.0)
        await while_connected(client, reached(), timeout=left, late=late)
        _tell(stage.value, sent, as_json)
        if stage is wait:
            return


def _tell(stage: str, sent: SentMessage, as_json: bool) -> None:
    if as_json:
        value = {"event": stage, "id": sent.key.id, "chat": str(sent.key.chat), "timestamp": sent.timestamp}
        print(eventjson.dumps(value), flush=True)
    elif stage == "sent":
        render.out.print(f"sent to {render.person(sent.key.chat)} (id {sent.key.id})")
    else:
        render.out.print(stage)
