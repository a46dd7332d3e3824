"""`motte listen`: show what arrives, until it is stopped.

A message counts as handled once its line is written and, if asked for, its sender was told that it was read. Whatever
is not shown (beyond `--limit`, or because the reader of the output went away) stays in the database for the next time.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from motte.cli import eventjson, keeping, mediafile, options, render
from motte.cli.exits import Exit, failure, over
from motte.cli.linked import keep, linked_client
from motte.cli.options import Target
from motte.cli.running import run
from motte.errors import Disconnected as NoConnection
from motte.errors import MotteError
from motte.events import Connected, Disconnected, Event, MessageReceived, MessageUndecryptable
from motte.model.content import Media
from motte.model.content.media import RemoteFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to show and what to do with it."""

    as_json: bool
    mark_read: bool
    limit: int | None
    everything: bool
    save_media: Path | None = None
    archive: str | None = None


def listen(
    as_json: options.AsJson = False,
    mark_read: Annotated[
        bool, typer.Option("--mark-read", metavar="", help="Tell senders that their messages were read.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after N messages.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", metavar="", help="All events: receipts, presence, connection, …")
    ] = False,
    save_media: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Download files of messages into this folder; made if missing."
        ),
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep everything in this archive; look into it with `motte archive`."),
    ] = None,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    url: options.Url = options.DEFAULT_URL,
    root_key: options.Root = options.DEFAULT_ROOT,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Show messages as they arrive, and those that waited; reconnects by itself and runs until Ctrl-C.

    With --json, each line is an object with "event", for messages also "id", "chat", "sender", "from_me", "push_name",
    "timestamp", "origin", "text" and "media", from which `motte media get` downloads the file.
    """
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)
    choice = Choice(
        as_json=as_json,
        mark_read=mark_read,
        limit=limit,
        everything=everything,
        save_media=save_media,
        archive=archive,
    )
    stopped = Exit.OK if limit is None else Exit.INTERRUPTED
    run(_listen(target, choice), verbose=verbose, debug=debug, stopped=stopped)


async def _listen(target: Target, choice: Choice) -> None:
    listener = Listener(choice)
    if choice.save_media is not None:
        choice.save_media.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        archive = None
        if choice.archive is not None:
            archive = await stack.enter_async_context(keeping.archive(choice.archive, made=True))
        client = await stack.enter_async_context(
            linked_client(target, target.config(patient=True), {Event: listener.hear})
        )
        if archive is not None:
            archive.attach(client)
        ending = asyncio.ensure_future(client.run())
        await asyncio.wait((ending, listener.enough), return_when=asyncio.FIRST_COMPLETED)
        if listener.enough.done():
            ending.cancel()
            listener.enough.result()
        else:
            raise over(ending.result())


class Listener:
    """Writes events. `enough` is done when the limit is reached, or fails when nothing can be written any more."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._left = choice.limit
        self._busy = 0
        self._connected = asyncio.Event()
        self.enough: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hear(self, event: Event) -> None:
        """Handle one event."""
        self._notice(event)
        if isinstance(event, MessageReceived):
            await self._message(event)
        elif self._choice.everything or isinstance(event, MessageUndecryptable):
            self._write(event)

    def _notice(self, event: Event) -> None:
        """What concerns the connection goes to stderr."""
        match event:
            case Connected():
                self._connected.set()
                render.err.print(f"Connected as {render.person(event.jid)}. Ctrl-C stops.", style="dim")
            case Disconnected():
                self._connected.clear()
                if event.delay is not None:
                    render.err.print(f"Disconnected: {event.text}. Next try in {event.delay:.1f} s.", style="yellow")

    async def _message(self, event: MessageReceived) -> None:
        if self.enough.done() or self._left == 0 or not self._write(event):
            await keep(event)
        if self._left is not None:
            self._left -= 1
        self._busy += 1
        try:
            if self._choice.save_media is not None:
                await self._save(event, self._choice.save_media)
            if self._choice.mark_read and not event.message.key.from_me:
                await self._mark_read(event)
        finally:
            self._busy -= 1
        # The last one shown need not be the last one whose file has come.
        if self._left == 0 and not self._busy and not self.enough.done():
            self.enough.set_result(None)

    async def _save(self, event: MessageReceived, folder: Path) -> None:
        """Download the message's file, if it has one; a failure is told and stops nothing."""
        content, key = event.message.content, event.message.key
        if not isinstance(content, Media) or not isinstance(content.file, RemoteFile):
            return
        await self._connected.wait()
        path, value = folder / mediafile.name(content, content.file, key), {"id": key.id, "chat": str(key.chat)}
        try:
            await event.download(to=path)
        except (MotteError, OSError) as error:
            sentence = failure(error).sentence
            self._tell({"event": "media_failed", **value, "reason": sentence}, f"  its file did not come: {sentence}")
        else:
            self._tell({"event": "media_saved", **value, "path": str(path)}, f"  its file is {path}")

    async def _mark_read(self, event: MessageReceived) -> None:
        # Messages of an earlier run come before the connection stands.
        await self._connected.wait()
        with contextlib.suppress(NoConnection):
            await event.mark_read()

    def _write(self, event: Event) -> bool:
        """Whether it could be written."""
        return self._tell(eventjson.as_json(event), _line(event))

    def _tell(self, value: eventjson.Json, line: Text | str) -> bool:
        try:
            if self._choice.as_json:
                print(eventjson.dumps(value), flush=True)
            else:
                render.out.print(line)
        except OSError as error:
            if not self.enough.done():
                self.enough.set_exception(error)
            return False
        return True


def _line(event: Event) -> Text:
    match event:
        case MessageReceived():
            return render.message_line(event)
        case MessageUndecryptable():
            return render.undecryptable_line(event)
        case _:
            return Text(eventjson.line(event), style="dim")
