"""`motte send`: one message to one chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from motte.cli import eventjson, options, outgoing, render
from motte.cli.linked import linked_client, own, while_connected
from motte.cli.options import Target
from motte.cli.outgoing import Kind, Typed
from motte.cli.running import run
from motte.cli.transfer import Transfer
from motte.client.client import Client
from motte.client.features.messages import SentMessage, address
from motte.events.message import MessageReceived
from motte.model.jid import STATUS_JID, Jid
from motte.model.message import Content, Message, Origin, Text
from motte.model.status import StatusPost
from motte.proto.e2e_pb2 import Message as RawMessage

STATUS: Final = ("status", str(STATUS_JID))
_WHAT: Final = "What to send instead of a text, and what it refers to"


class Wait(StrEnum):
    """What to wait for after the server's ack."""

    DELIVERED = "delivered"
    READ = "read"


def _location(text: str) -> Place:
    try:
        latitude, longitude = (float(number) for number in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no place; write LAT,LONG in degrees, like 52.52,13.405") from None
    # Written so that it refuses what is not a number, too.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise typer.BadParameter(
            "a latitude is at most 90 degrees and a longitude at most 180, north and east positive"
        )
    return Place((latitude, longitude))


class Place(tuple[float, float]):
    """Latitude and longitude."""


def send(
    to: Annotated[
        str,
        typer.Argument(
            metavar="TO", help="A phone number with country code, or a JID; for a group its JID; or status."
        ),
    ],
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text; - reads it from standard input.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="PATH", exists=True, dir_okay=False, readable=True, rich_help_panel=_WHAT, help="A file."),
    ] = None,
    caption: Annotated[
        str | None, typer.Option(metavar="TEXT", rich_help_panel=_WHAT, help="Words below the file.")
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(rich_help_panel=_WHAT, help="As what to send the file; guessed from its content.")
    ] = None,
    location: Annotated[
        Place | None,
        typer.Option(
            metavar="LAT,LONG", parser=_location, rich_help_panel=_WHAT, help="A place, north and east positive."
        ),
    ] = None,
    poll: Annotated[str | None, typer.Option(metavar="QUESTION", rich_help_panel=_WHAT, help="A poll.")] = None,
    option: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", rich_help_panel=_WHAT, help="An option of the poll; repeat it.")
    ] = None,
    select: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", rich_help_panel=_WHAT, help="How many options one may choose; without it any number."
        ),
    ] = None,
    react: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="ID EMOJI", rich_help_panel=_WHAT, help="A reaction to a message; an empty emoji takes it back."
        ),
    ] = None,
    reply_to: Annotated[
        str | None, typer.Option(metavar="ID", rich_help_panel=_WHAT, help="The message that this answers.")
    ] = None,
    quote: Annotated[
        str | None, typer.Option(metavar="TEXT", rich_help_panel=_WHAT, help="What that message said, to be quoted.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="WHO", rich_help_panel=_WHAT, help="Who wrote it: a number, a JID, or me; needed in groups."
        ),
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar="WHO",
            rich_help_panel=_WHAT,
            help="Who sees what is posted to status; repeat it. Without it, whom the account's privacy names.",
        ),
    ] = None,
    wait: Annotated[Wait | None, typer.Option(help="Wait until the message was delivered or read.")] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long each step may take, for files without progress.")
    ] = 30.0,
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
    """Send a text, a file, a place, a poll or a reaction; returns when the server has taken it, or when it was read.

    To status, the status list, it posts: `motte send status "At the sea" --for +15550100002`.
    The ids of messages are in what `motte send` and `motte listen --json` print. Messages that arrive meanwhile wait
    for the next `motte listen`.
    """
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)
    typed = Typed(
        text=text,
        file=file,
        caption=caption,
        kind=kind,
        location=location,
        poll=poll,
        options=tuple(option or ()),
        select=select,
        react=react,
        reply_to=reply_to,
        quote=quote,
        by=by,
        status=to in STATUS,
        audience=tuple(audience or ()),
    )

    async def work() -> None:
        chat = STATUS_JID if typed.status else address(to)
        await _send(target, chat, outgoing.checked(typed), wait, timeout, as_json)

    run(work(), verbose=verbose, debug=debug)


async def _send(target: Target, chat: Jid, typed: Typed, wait: Wait | None, timeout: float, as_json: bool) -> None:
    async with linked_client(target, target.config()) as client:
        # Before it connects: who is meant, and what is in a file.
        content = outgoing.content(typed, chat, own(client))
        late = f"no connection came about within {timeout:g} s; try again, or allow more --timeout"
        await while_connected(client, client.connect(), timeout=timeout, late=late)
        with Transfer(typed.file.name if typed.file else "", quiet=as_json or typed.file is None) as transfer:
            work = _sending(client, chat, content, typed, transfer)
            late = f"the server did not confirm the message within {timeout:g} s; whether it took it is unknown"
            sent = await while_connected(client, work, timeout=timeout, late=late, transfer=transfer)
        _tell("sent", sent, as_json)
        if wait is not None:
            await _wait(client, sent, wait, timeout, as_json)


def _sending(
    client: Client, chat: Jid, content: Content | StatusPost, typed: Typed, transfer: Transfer
) -> Awaitable[SentMessage]:
    if typed.reply_to is None or isinstance(content, StatusPost):
        return client.messages.send(chat, content, progress=transfer)
    key = outgoing.named(typed.reply_to, typed.by, chat, own(client))
    # The message itself is not kept: what it said is what the user says it did.
    said = Message(key=key, content=Text(text=typed.quote or ""), timestamp=0, origin=Origin.LIVE)
    event = MessageReceived(message=said, raw=RawMessage(conversation=typed.quote or ""))
    return client.messages.reply(event, content, progress=transfer)


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
