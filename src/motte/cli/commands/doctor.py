"""`motte doctor`: check a session and say what is wrong, without showing a secret."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from motte.cli import eventjson, options, render
from motte.cli.exits import CliError, Exit, failure
from motte.cli.linked import linked_client, while_connected
from motte.cli.options import Target
from motte.cli.running import run
from motte.doctor import Finding, Level, examine, worst
from motte.errors import MotteError, StoreError
from motte.store.sqlite import SqliteBackend
from motte.store.store import Store

_STYLES: Final = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "bold red"}


def doctor(
    online: Annotated[bool, typer.Option("--online", metavar="", help="Also log in, and out again at once.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long the login may take.")] = 30.0,
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
    """Check a session: database, keys, link, addresses, sessions, app state, clock. Ends with 1 if something is broken.

    Shows no key and no message. Without --online nothing is written, and a client may use the account meanwhile.
    """
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)

    async def work() -> None:
        findings = await _examine(target)
        if online and worst(findings) is not Level.BAD:
            findings.append(await _login(target, timeout))
        _show(findings, target, as_json)
        if worst(findings) is Level.BAD:
            raise typer.Exit(Exit.FAILURE)

    run(work(), verbose=verbose, debug=debug)


async def _examine(target: Target) -> list[Finding]:
    if not target.db.exists():
        raise CliError(f"there is no database {target.db}; name one with --db", Exit.STORE)
    backend = SqliteBackend(target.db)
    try:
        # No lease: nothing is written.
        found = await examine(Store(backend, target.account, None, owned=False), now=time.time())
    except StoreError as error:
        advice = "restore a copy, or link the device again with a new file"
        return [Finding(check="database", level=Level.BAD, text=str(error), advice=advice)]
    finally:
        await backend.close()
    return [_file(target.db), *found]


def _file(db: Path) -> Finding:
    if db.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        text, advice = f"others on this machine may open {db}, and it holds private keys", f"chmod 600 {db}"
        return Finding(check="database", level=Level.WARN, text=text, advice=advice)
    return Finding(check="database", level=Level.OK, text=f"{db} is whole, and for its owner only")


async def _login(target: Target, timeout: float) -> Finding:
    late = f"no login within {timeout:g} s"
    try:
        async with linked_client(target, target.config()) as client:
            await while_connected(client, client.connect(), timeout=timeout, late=late)
    except MotteError as error:
        return Finding(check="login", level=Level.BAD, text=failure(error).sentence)
    return Finding(check="login", level=Level.OK, text="the server takes this device")


def _show(findings: list[Finding], target: Target, as_json: bool) -> None:
    if as_json:
        for one in findings:
            value = {
                "check": one.check,
                "level": one.level.name.lower(),
                "text": one.text,
                "advice": one.advice or None,
            }
            print(eventjson.dumps(value))
        return
    table = Table(title=f"{target.db}, account {target.account}", title_justify="left")
    for column in ("what", "how", "", "what to do"):
        table.add_column(column)
    for one in findings:
        level = Text(one.level.name.lower(), style=_STYLES[one.level])
        table.add_row(one.check, level, render.plain(one.text), render.plain(one.advice))
    render.out.print(table)
