"""`motte server`: run the local server until it is told to stop.

When it is ready it prints one line of JSON on stdout and nothing else; logs go to stderr:

    {"ws": "ws://127.0.0.1:…/ws/chat", "wss": …, "http": …, "https": …, "root_key": "<hex>", "ca": "<path>"}
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from motte.cli import options
from motte.cli.exits import CliError, Exit
from motte.cli.running import run

if TYPE_CHECKING:
    from motte.testing.server.app import LocalServer

_MAX_PORT: Final = 65_535


def server(
    port: Annotated[
        int,
        typer.Option(
            min=-1, max=_MAX_PORT, metavar="PORT", help="Port of ws and http; 0 picks a free one, -1 leaves them out."
        ),
    ] = 0,
    tls_port: Annotated[
        int, typer.Option(min=-1, max=_MAX_PORT, metavar="PORT", help="Port of wss and https, likewise.")
    ] = 0,
    root_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the root key (hex) to this file.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", metavar="", help="Log every stanza's outline.")] = False,
    debug: options.Debug = False,
) -> None:
    """Run the local server: phones, accounts and message routing on 127.0.0.1, for any client of this protocol.

    Ready, it prints one line of JSON: the URLs, the root key, the TLS certificate. SIGTERM and Ctrl-C stop it.
    """
    # A server's log is its only sign of life, so it starts one level louder than the other commands.
    level = 2 if verbose else 1
    run(_run(_port(port), _port(tls_port), root_key), verbose=level, debug=debug, stopped=Exit.OK)


def _port(number: int) -> int | None:
    return None if number < 0 else number


async def _run(port: int | None, tls_port: int | None, root_key: Path | None) -> None:
    # Late: aiohttp's server adds 200 ms to the start of every other command.
    from motte.testing.server.app import LocalServer
    from motte.testing.server.settings import Settings

    async with AsyncExitStack() as opened:
        try:
            settings = Settings.from_environment()
            running = await opened.enter_async_context(LocalServer(port=port, tls_port=tls_port, settings=settings))
        except ValueError as error:
            raise CliError(f"the server cannot start: {error}", Exit.USAGE) from None
        except OSError as error:
            raise CliError(f"the server cannot start: {error.strerror or error}; choose other ports") from error
        _announce(running, root_key)
        await asyncio.get_running_loop().create_future()


def _announce(running: LocalServer, root_key: Path | None) -> None:
    if root_key is not None:
        root_key.write_text(running.root_key.hex() + "\n")
    print(json.dumps(running.describe()), flush=True)
