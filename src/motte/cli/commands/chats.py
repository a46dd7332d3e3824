"""`motte chats`: the list of chats, and what is set for each on all devices of the account.

With `--json`, `list` prints chats (`motte.model.chat.Chat`) one a line; what sets something prints the chat and what
was set.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Final, TypeAlias

import typer
from rich.table import Table

from motte import errors
from motte.cli import eventjson, render
from motte.cli.exits import CliError
from motte.cli.online import Online, online
from motte.client.features.chats import Chats
from motte.client.features.messages import address
from motte.model.chat import Chat
from motte.model.jid import Jid

app = typer.Typer(no_args_is_help=True, help="Chats: mute, pin, archive, mark as read; the list of them.")


def _chat(text: str) -> Jid:
    try:
        return address(text)
    except errors.InvalidJid as error:
        raise typer.BadParameter(str(error)) from None


ChatJid: TypeAlias = Annotated[
    Jid, typer.Argument(metavar="CHAT", parser=_chat, help="A phone number with country code, or a JID.")
]


@app.command("list")
@online
async def list_(
    here: Online,
    archived: Annotated[bool, typer.Option("--archived", help="The archived ones instead of the others.")] = False,
) -> None:
    """Show the chats that this device knows of: the pinned ones first, then the newest."""
    await here.ask(here.client.chats.refresh())
    chats = [chat for chat in await here.client.chats.all() if chat.archived is archived]
    if here.as_json:
        for chat in chats:
            print(eventjson.dumps(eventjson.fields(chat)))
    elif not chats:
        render.out.print("No chats are known yet.")
    else:
        render.out.print(_listing(chats))


def _listing(chats: list[Chat]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("chat", no_wrap=True)
    table.add_column("unread", justify="right")
    table.add_column("set")
    for chat in chats:
        marks = {
            "pinned": chat.pinned_at is not None,
            "muted": chat.muted_until is not None,
            "locked": chat.locked,
            "marked unread": chat.marked_unread,
        }
        table.add_row(
            str(chat.jid), str(chat.unread or ""), ", ".join(mark for mark, is_set in marks.items() if is_set)
        )
    return table


@app.command()
@online
async def mute(
    here: Online,
    chat: ChatJid,
    hours: Annotated[float | None, typer.Option(min=0.01, help="For how long; for ever when not given.")] = None,
) -> None:
    """No notifications from a chat."""
    until = None if hours is None else timedelta(hours=hours)
    await _set(here, chat, here.client.chats.mute(chat, until=until), "muted")


async def _set(here: Online, chat: Jid, change: Awaitable[None], done: str) -> None:
    try:
        await here.ask(change)
    except errors.LocalProtocolError as error:
        raise CliError(f"{error}; open WhatsApp on the phone and try again") from error
    here.tell({"chat": str(chat), "set": done}, f"{chat} is {done}")


_CHANGES: Final[dict[str, tuple[Callable[[Chats, Jid], Awaitable[None]], str, str]]] = {
    "unmute": (Chats.unmute, "not muted", "Notifications from a chat again."),
    "pin": (Chats.pin, "pinned", "Keep a chat on top of the list."),
    "unpin": (Chats.unpin, "not pinned", "Put a chat back among the others."),
    "archive": (Chats.archive, "archived", "Take a chat out of the list."),
    "unarchive": (Chats.unarchive, "not archived", "Put a chat back into the list."),
    "read": (Chats.mark_read, "read", "Nothing is unread on the own devices; senders are not told."),
    "unread": (Chats.mark_unread, "unread", "Make a chat look unread on the own devices."),
}


def _command(change: Callable[[Chats, Jid], Awaitable[None]], done: str, about: str) -> Callable[..., None]:
    async def work(here: Online, chat: ChatJid) -> None:
        await _set(here, chat, change(here.client.chats, chat), done)

    work.__doc__ = about
    return online(work)


for _name, _change in _CHANGES.items():
    app.command(_name)(_command(*_change))
