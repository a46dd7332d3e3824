"""`motte server`: run the local server until it is told to stop.

When it is ready it prints one line of JSON on stdout and nothing else; logs go to stderr:

    {"ws": "ws://127.0.0.1:…/ws/chat", "wss": …, "http": …, "https": …, "root_key": "<hex>", "ca": "<path>"}
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from motte.testing.server.app import LocalServer
from motte.testing.server.settings import Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
CANNOT_START = 1


def server(
    port: Annotated[int, typer.Option(help="Port of ws and http; 0 picks a free one, -1 leaves them out.")] = 0,
    tls_port: Annotated[int, typer.Option(help="Port of wss and https, likewise.")] = 0,
    root_key: Annotated[Path | None, typer.Option(help="Also write the root key (hex) to this file.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every stanza's outline.")] = False,
) -> None:
    """Run the local server: phones, accounts and message routing on 127.0.0.1, for any client of this protocol."""
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        settings = Settings.from_environment()
        asyncio.run(_run(_port(port), _port(tls_port), settings, root_key))
    except (OSError, ValueError) as error:
        typer.echo(f"The server cannot start: {error}.", err=True)
        raise typer.Exit(CANNOT_START) from None


def _port(number: int) -> int | None:
    return None if number < 0 else number


async def _run(port: int | None, tls_port: int | None, settings: Settings, root_key: Path | None) -> None:
    stop = asyncio.Event()
    for wanted in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
    async with LocalServer(port=port, tls_port=tls_port, settings=settings) as running:
        _announce(running, root_key)
        await stop.wait()


def _announce(running: LocalServer, root_key: Path | None) -> None:
    if root_key is not None:
        root_key.write_text(running.root_key.hex() + "\n")
    print(json.dumps(running.describe()), flush=True)
