"""`motte inspect`: what is in a database, and what is in a frame. Shows counts and public facts, never a key."""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from motte.cli import eventjson, options, render
from motte.cli.exits import CliError, Exit
from motte.cli.running import run
from motte.core.binary.decoder import decode
from motte.core.binary.node import Node
from motte.errors import RemoteProtocolError
from motte.store.repo.account import Credentials
from motte.store.sqlite import SqliteBackend
from motte.store.store import Store, accounts

app = typer.Typer(invoke_without_command=True)

_COUNTS: Final = {
    "prekeys": "one-time prekeys",
    "sessions": "Signal sessions",
    "identities": "known identities",
    "sender_keys": "sender keys",
    "devices": "device lists",
    "lids": "phone number ↔ LID entries",
    "sent": "sent messages kept for retries",
    "inbox": "messages not yet shown",
    "contacts": "people known by name",
    "chats": "chats",
    "entries": "labels, quick replies, settings and what is set for chats",
    "appstate": "app-state keys, collections and their records",
    "history": "chunks of history not yet taken in",
}
"""Tables worth counting, and what their rows are."""
_STDIN: Final = "-"


@app.callback()
def inspect(
    context: typer.Context,
    as_json: options.AsJson = False,
    db: options.Db = options.DEFAULT_DB,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Show the accounts of a database: which phone each is linked to and how many rows of what it holds. No secrets.

    Works while another command uses the database.
    """
    if context.invoked_subcommand is None:
        run(_inspect(db, as_json), verbose=verbose, debug=debug)


async def _inspect(db: Path, as_json: bool) -> None:
    backend = _existing(db)
    try:
        # No lease: nothing is written, so a client may have the account open meanwhile.
        found = [await _described(Store(backend, name, None, owned=False)) for name in await accounts(backend)]
    finally:
        await backend.close()
    if as_json:
        for value in found:
            print(eventjson.dumps(value))
    elif not found:
        render.out.print(f"{db} holds no account yet; `motte login` makes one.")
    else:
        _print(db, found)


def _existing(db: Path) -> SqliteBackend:
    if not db.exists():
        raise CliError(f"there is no database {db}; name one with --db", Exit.STORE)
    return SqliteBackend(db)


async def _described(store: Store) -> dict[str, Any]:
    credentials = await store.account.get()
    assert credentials is not None  # an account is listed by its credentials
    prefix = f"{store.name}/"
    counts = {table: len(await store.backend.scan(table, prefix)) for table in _COUNTS}
    counts["prekeys_not_uploaded"] = len(await store.prekeys.not_uploaded())
    return {"account": store.name, **_link(credentials), **_keys(credentials), "counts": counts}


def _link(credentials: Credentials) -> dict[str, Any]:
    link = credentials.link
    if link is None:
        return {"linked": False}
    return {
        "linked": True,
        "jid": str(link.jid),
        "lid": str(link.lid) if link.lid else None,
        "platform": link.platform or None,
        "push_name": link.push_name or None,
        "linked_at": int(link.linked_at),
    }


def _keys(credentials: Credentials) -> dict[str, Any]:
    current = credentials.signed_prekeys[0]
    return {
        "created": int(credentials.created),
        "registration_id": credentials.registration_id,
        "signed_prekey": current.key.id,
        "signed_prekey_created": int(current.created),
        "server_certificate": bool(credentials.server_certificate),
    }


def _print(db: Path, found: Sequence[dict[str, Any]]) -> None:
    for value in found:
        table = Table(title=f"{db}, account {value['account']}", title_justify="left", show_header=False)
        table.add_column(style="bold")
        table.add_column()
        for name, text in _rows(value):
            table.add_row(name, text)
        render.out.print(table)


def _rows(value: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [("linked", _linked(value))]
    if value["linked"]:
        rows += [("LID", value["lid"] or "none yet"), ("push name", render.plain(value["push_name"] or "none yet"))]
        rows += [("phone", value["platform"] or "unknown"), ("since", _time(value["linked_at"]))]
    rows += [("signed prekey", f"{value['signed_prekey']}, made {_time(value['signed_prekey_created'])}")]
    rows += [("quick reconnect", "yes" if value["server_certificate"] else "no, the next handshake is a full one")]
    rows += [(label, str(value["counts"][name])) for name, label in _COUNTS.items()]
    if value["counts"]["prekeys_not_uploaded"]:
        rows.append(("prekeys not at the server", str(value["counts"]["prekeys_not_uploaded"])))
    return rows


def _linked(value: dict[str, Any]) -> str:
    return value["jid"] if value["linked"] else "no; run `motte login`"


def _time(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp).strftime("%Y-%m-%d %H:%M")


@app.command()
def node(
    frame: Annotated[str, typer.Argument(metavar="HEX", help="Hex or base64; - reads it from standard input.")],
    debug: options.Debug = False,
) -> None:
    """Decode a binary node: the bytes inside a Noise frame, flag byte first, as hex or base64."""

    async def work() -> None:
        data = _bytes(sys.stdin.read() if frame == _STDIN else frame)
        try:
            decoded = decode(data)
        except RemoteProtocolError as error:
            raise CliError(f"these {len(data)} bytes are no node: {error}") from error
        for line in _xml(decoded, 0):
            render.out.print(line)

    run(work(), debug=debug)


def _bytes(text: str) -> bytes:
    text = "".join(text.split()).removeprefix("0x")
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CliError("this is neither hex nor base64", Exit.USAGE) from None


def _xml(node: Node, depth: int) -> list[str]:
    """The lines of a node as XML; bytes that are no text as hex."""
    indent = "  " * depth
    attrs = "".join(f' {name}="{render.plain(value)}"' for name, value in node.attrs.items())
    if not node.content:
        return [f"{indent}<{node.tag}{attrs}/>"]
    if node.children:
        inner = [line for child in node.children for line in _xml(child, depth + 1)]
        return [f"{indent}<{node.tag}{attrs}>", *inner, f"{indent}</{node.tag}>"]
    return [f"{indent}<{node.tag}{attrs}>{_data(node.data)}</{node.tag}>"]


def _data(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"<!-- {len(data)} bytes --> {data.hex()}"
    return text if text.isprintable() else f"<!-- {len(data)} bytes --> {data.hex()}"
