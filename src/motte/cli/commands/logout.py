"""`motte logout`: unlink this device."""

from __future__ import annotations

from typing import Annotated

import typer

from motte.cli import options, render
from motte.cli.exits import Exit, failure
from motte.cli.linked import linked_client, while_connected
from motte.cli.options import Target
from motte.cli.running import run
from motte.client.client import Client
from motte.errors import Disconnected


def logout(
    local: Annotated[
        bool, typer.Option("--local", metavar="", help="Only forget it here; the phone goes on listing it.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long it may take.")] = 30.0,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    url: options.Url = options.DEFAULT_URL,
    root_key: options.Root = options.DEFAULT_ROOT,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Unlink this device from its account and forget everything about it."""
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)
    run(_logout(target, local, timeout), verbose=verbose, debug=debug)


async def _logout(target: Target, local: bool, timeout: float) -> None:
    async with linked_client(target, target.config()) as client:
        if local:
            await client.forget()
            render.out.print("Forgotten here. Remove the device on the phone, too: Linked devices.")
            return
        try:
            await _tell_server(client, timeout)
        except Disconnected as error:
            if failure(error).code is not Exit.LOGGED_OUT:
                raise
            await client.forget()
            render.out.print("The phone had unlinked this device already; it is forgotten here, too.")
        else:
            render.out.print("Logged out. `motte login` links a phone again.")


async def _tell_server(client: Client, timeout: float) -> None:
    late = f"the server could not be told within {timeout:g} s; try again, or forget it here only with --local"
    await while_connected(client, client.connect(), timeout=timeout, late=late)
    await client.logout()
