"""`motte archive FILE …`: look into an archive that `motte listen --archive FILE` keeps."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from rich.text import Text

from motte.cli import eventjson, keeping, options, render
from motte.cli.running import run
from motte.model.jid import Jid

if TYPE_CHECKING:
    from motte.archive import Archive, ArchivedChat, ArchivedMessage

app = typer.Typer(no_args_is_help=True, help="Look into an archive of chats and messages.")

Limit: TypeAlias = Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")]
Whose: TypeAlias = Annotated[
    str | None, typer.Option("--of", metavar="NUMBER", help="Whose archive, when it holds several accounts.")
]


@dataclass(frozen=True, slots=True)
class _Where:
    place: str


@app.callback()
def archive(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A SQLite file, or postgresql://user@host/database.")],
) -> None:
    """Look into an archive. `motte listen --archive FILE` keeps one."""
    context.obj = _Where(file)


@app.command()
def chats(context: typer.Context, limit: Limit = 50, of: Whose = None, as_json: options.AsJson = False) -> None:
    """The chats, the pinned ones first, then those in which something was said last."""

    async def work(opened: Archive) -> None:
        for chat in await opened.chats(limit=limit, account=of):
            _print(_chat_json(chat), _chat_line(chat), as_json)

    _run(context, work)


@app.command()
def messages(
    context: typer.Context,
    chat: Annotated[str, typer.Argument(metavar="CHAT", help="A phone number, or a JID.")],
    limit: Limit = 50,
    of: Whose = None,
    as_json: options.AsJson = False,
) -> None:
    """The newest messages of a chat, in the order of time."""

    async def work(opened: Archive) -> None:
        for message in reversed(await opened.messages(chat, limit=limit, account=of)):
            _print(_message_json(message), _message_line(message), as_json)

    _run(context, work)


@app.command()
def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for, in whatever case.")],
    chat: Annotated[str | None, typer.Option(metavar="CHAT", help="Only in this chat.")] = None,
    limit: Limit = 50,
    of: Whose = None,
    as_json: options.AsJson = False,
) -> None:
    """Messages that contain a text, the newest first."""

    async def work(opened: Archive) -> None:
        for message in await opened.search(text, chat=chat, limit=limit, account=of):
            _print(_message_json(message), _message_line(message), as_json)

    _run(context, work)


def _run(context: typer.Context, work: Callable[[Archive], Coroutine[Any, Any, None]]) -> None:
    where: _Where = context.find_object(_Where) or _Where("archive.db")

    async def within() -> None:
        async with keeping.archive(where.place, made=False) as opened:
            await work(opened)

    run(within())


def _print(value: eventjson.Json, line: Text, as_json: bool) -> None:
    if as_json:
        print(eventjson.dumps(value))
    else:
        render.out.print(line)


def _chat_json(chat: ArchivedChat) -> eventjson.Json:
    return {
        "chat": str(chat.jid),
        "lid": str(chat.lid) if chat.lid else None,
        "name": chat.name,
        "unread": chat.unread,
        "archived": chat.archived,
        "active_at": chat.active_at,
    }


def _chat_line(chat: ArchivedChat) -> Text:
    line = Text(render.time(chat.active_at) + "  ", style="dim")
    line.append(render.person(chat.jid), style="bold cyan")
    if chat.name:
        line.append(f" ({render.plain(chat.name)})")
    if chat.unread:
        line.append(f"  {chat.unread} unread", style="yellow")
    return line


def _message_json(message: ArchivedMessage) -> eventjson.Json:
    key = message.key
    return {
        "id": key.id,
        "chat": str(key.chat),
        "sender": str(key.sender),
        "from_me": key.from_me,
        "timestamp": message.timestamp,
        "text": message.text,
        "kind": eventjson.kind(message.content) if message.content is not None else None,
        "revoked": message.revoked,
        "edited_at": message.edited_at,
    }


def _message_line(message: ArchivedMessage) -> Text:
    key = message.key
    line = Text(render.time(message.timestamp) + "  ", style="dim")
    line.append("me" if key.from_me else _name(key.sender, message.push_name), style="bold cyan")
    if key.from_me or key.chat != key.sender:
        line.append(f" → {key.chat}", style="dim")
    line.append("  ")
    if message.content is None:
        return line.append("deleted", style="italic dim")
    return render.say(line, message.content)


def _name(jid: Jid, push_name: str | None) -> str:
    return render.person(jid) + (f" ({render.plain(push_name)})" if push_name else "")
