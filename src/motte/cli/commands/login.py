"""`motte login`: link this device to a phone, by QR code or by a code to type."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Protocol

import typer

from motte.cli import eventjson, options, qr, render
from motte.cli.exits import CliError, over
from motte.cli.fakephone import FakePhone
from motte.cli.linked import any_client
from motte.cli.options import Target
from motte.cli.running import run
from motte.client.client import Client
from motte.errors import Disconnected as NoConnection
from motte.events import (
    Connected,
    Disconnected,
    Event,
    OfflineDone,
    Paired,
    PairingCode,
    PasskeyChallenge,
    QrCode,
    Settled,
)
from motte.model.disconnect import ROWS, Cause, NextAction
from motte.model.jid import Jid

SYNC_SECONDS: Final = 30.0
"""How long the first sync may take before the command ends without it."""
CONNECT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the user wants to link: by code when there is a `phone`, by QR code otherwise."""

    phone: Jid | None
    png: Path | None
    name: str | None
    as_json: bool
    fake_phone: FakePhone | None


def login(
    code: Annotated[
        str | None, typer.Option(metavar="PHONE", help="Link by a code to type into the phone with this number.")
    ] = None,
    qr_png: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Also write each QR code to this file.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="PUSHNAME", help="The name that others see.")] = None,
    fake_phone: Annotated[
        bool,
        typer.Option("--fake-phone", metavar="", help="A phone of `motte server` scans the QR code or types the code."),
    ] = False,
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
    """Link this device to a phone: scan the QR code with WhatsApp → Linked devices → Link a device."""
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)

    async def work() -> None:
        wish = Wish(
            phone=None if code is None else Jid.phone(code),
            png=qr_png,
            name=name,
            as_json=as_json,
            fake_phone=FakePhone(url, ca_file) if fake_phone else None,
        )
        await _login(target, wish)

    run(work(), verbose=verbose, debug=debug)


async def _login(target: Target, wish: Wish) -> None:
    screen: Screen = JsonLines() if wish.as_json else Terminal(wish)
    async with any_client(target, target.config(push_name=wish.name)) as client:
        if client.me is not None and await _still_linked(client):
            screen.linked(client, target, "Already linked")
            return
        if await _linked(client, wish, screen):
            screen.linked(client, target, "Linked")
        else:
            screen.linked(client, target, "Linked, though the first sync is not complete yet,")


async def _still_linked(client: Client) -> bool:
    """Whether the server still accepts an account that was linked before; if not, it is forgotten."""
    try:
        await client.connect(timeout=CONNECT_SECONDS)
    except NoConnection as error:
        if error.cause is None or ROWS[Cause(error.cause)].action is not NextAction.RELINK:
            raise
        render.err.print("The phone has unlinked this device. Linking it anew.")
        await client.forget()
        return False
    return True


async def _linked(client: Client, wish: Wish, screen: Screen) -> bool:
    """Link, and wait for the first sync; False when that takes too long."""
    heard: asyncio.Queue[Event] = asyncio.Queue()
    client.add_handler(Event, heard.put_nowait)
    client.start()
    missing = {Settled, OfflineDone}
    refs: set[str] = set()
    try:
        async with asyncio.timeout(None) as limit:
            while missing:
                event = await heard.get()
                missing.discard(type(event))
                if isinstance(event, Connected):
                    limit.reschedule(asyncio.get_running_loop().time() + SYNC_SECONDS)
                ref = _ref(event)
                await _step(client, event, wish, screen, is_new=ref not in refs)
                refs.add(ref)
    except TimeoutError:
        return False
    return True


def _ref(event: Event) -> str:
    """The ref of a QR code, which may be shown again with another secret; empty for other events."""
    return event.text.rpartition("#")[2].partition(",")[0] if isinstance(event, QrCode) else ""


async def _step(client: Client, event: Event, wish: Wish, screen: Screen, *, is_new: bool) -> None:
    match event:
        case QrCode(index=0) if wish.phone is not None and is_new:
            await client.pairing.request_code(wish.phone)
        case QrCode() if wish.phone is None:
            if wish.png is not None:
                _save(event.text, wish.png)
            screen.show(event)
            if wish.fake_phone is not None and event.index == 0:
                await wish.fake_phone.scan(event.text)
        case PairingCode():
            screen.show(event)
            if wish.fake_phone is not None and wish.phone is not None:
                await wish.fake_phone.type_code(wish.phone.user, event.code)
        case Paired() | Connected():
            screen.show(event)
        case PasskeyChallenge():
            screen.show(event)
            client.pairing.decline_passkey()
            raise CliError(
                "The account is protected by a passkey, which a terminal cannot answer. Link it in a program instead:"
                " see PasskeyChallenge in the guide on linking a phone."
            )
        case Disconnected(delay=None):
            raise over(event.info)


def _save(text: str, path: Path) -> None:
    try:
        qr.save(text, path)
    except OSError as error:
        raise CliError(f"cannot write the QR code to {path}: {error.strerror or error}") from error


class Screen(Protocol):
    """Where the progress shows."""

    def show(self, event: Event) -> None:
        """A step of the linking."""
        ...

    def linked(self, client: Client, target: Target, how: str) -> None:
        """The end of it."""
        ...


class Terminal:
    """For people."""

    def __init__(self, wish: Wish) -> None:
        self._board = qr.Board(render.out)
        self._png = wish.png

    def show(self, event: Event) -> None:
        """Draw a code, or say how far it is."""
        match event:
            case QrCode():
                good = f"Code {event.index + 1} of {event.total}, good for {event.expires_in:.0f} s."
                where = f" Also in {self._png}." if self._png else ""
                self._board.show(event.text, f"{good} On the phone: Linked devices → Link a device.{where}")
            case PairingCode():
                render.out.print("On the phone: Linked devices → Link a device → Link with phone number instead.")
                render.out.print(f"\n    {event.code}\n\nThe code is good for {event.expires_in:.0f} s.")
            case Paired():
                self._board.clear()
                render.out.print("The phone has linked this device. Finishing …")

    def linked(self, client: Client, target: Target, how: str) -> None:
        """Who this is now, and what to do next."""
        assert client.me is not None
        render.out.print(
            f"{how} as {render.identity(client.me)}. The session is in {target.db}; keep that file to yourself."
        )
        render.out.print("`motte listen` shows what arrives, `motte send NUMBER TEXT` writes.")


class JsonLines:
    """For programs."""

    def show(self, event: Event) -> None:
        """The event as a line."""
        print(eventjson.line(event), flush=True)

    def linked(self, client: Client, target: Target, how: str) -> None:
        """One line with the addresses."""
        assert client.me is not None
        me = client.me
        value = {"event": "linked", "jid": str(me.pn), "lid": str(me.lid) if me.lid else None, "db": str(target.db)}
        print(eventjson.dumps(value), flush=True)
